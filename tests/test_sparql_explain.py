"""`explain` tells what a query means and costs, and whose words those are."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

QUERY = "SELECT ?law { ?law a cg:Instrument OPTIONAL { ?law cg:none ?x } } ORDER BY ?law"


def test_as_json_and_as_text(client: TestClient) -> None:
    """Algebra, prefixes, dataset, limits and a measured run, equal in both forms."""
    params = {"query": QUERY, "explain": "true"}
    found = client.get("/sparql", params=params).json()
    text = client.get("/sparql", params=params | {"format": "text"}).text
    rows = client.get("/sparql", params={"query": QUERY}).json()["results"]["bindings"]

    assert "LeftJoin" in found["algebra"]
    assert "OrderBy" in found["algebra"]
    assert list(found["prefixes"]) == ["cg"]
    assert found["form"] == "SELECT"
    assert found["dataset"] == "the union of all graphs"
    assert (found["run"]["rows"], found["run"]["complete"]) == (len(rows), True)
    assert "not the plan of the engine" in found["about"]
    assert found["algebra"] in text
    assert f"run: {len(rows)} rows in" in text


def test_accept_asks_for_it(client: TestClient) -> None:
    """The media type of explanations asks for one, too."""
    accept = {"accept": "application/vnd.clausegraph.explain+json"}
    answer = client.get("/sparql", params={"query": "ASK {}"}, headers=accept)

    assert answer.json()["form"] == "ASK"
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("query", "explain", "status", "code"),
    [
        ("SELECT * {", "true", 400, "query-syntax"),
        ("CLEAR ALL", "true", 403, "update-refused"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> {} }", "true", 403, "service-refused"),
        ("ASK {}", "perhaps", 400, "bad-parameter"),
    ],
)
def test_refusals_are_those_of_the_query(
    client: TestClient, query: str, explain: str, status: int, code: str
) -> None:
    """What would not be answered is not explained."""
    answer = client.get("/sparql", params={"query": query, "explain": explain})

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_named_graphs_are_told(client: TestClient) -> None:
    """The graphs that the protocol names are the dataset."""
    params = {"query": "ASK {}", "explain": "true", "default-graph-uri": "http://x/g"}

    assert client.get("/sparql", params=params).json()["dataset"] == {
        "default": ["http://x/g"],
        "named": [],
    }
