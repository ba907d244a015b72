"""An id that nothing has is null, and the answer says which ids are like it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.processes import run
from tests.test_graphql import client_of

SLIP = {
    "path": ["requirement"],
    "message": "there is no requirement 'xx-north/act-7/deletio' in this release",
}


@pytest.fixture(scope="module")
def client(data: Path) -> TestClient:
    """A client of `/graphql` alone."""
    return client_of(data)


def told(client: TestClient, query: str, **variables: Any) -> list[dict[str, Any]]:
    """The hints of an answer that is no error."""
    answer = client.post("/graphql", json={"query": query, "variables": variables}).json()
    assert "errors" not in answer
    hints: list[dict[str, Any]] = answer["extensions"].get("hints", [])
    return hints


@pytest.mark.parametrize("by", ["literal", "variable"])
def test_a_slip_is_told(client: TestClient, by: str) -> None:
    """However the id is given, at the first time and when the answer is kept."""
    slip = "xx-north/act-7/deletio"
    query = "query($id: ID!) { requirement(id: $id) { label } }"
    if by == "literal":
        query = f'{{ requirement(id: "{slip}") {{ label }} }}'
    for _ in range(2):
        (hint,) = told(client, query, **({"id": slip} if by == "variable" else {}))
        assert hint["hint"].startswith("Did you mean ")
        assert hint.items() >= SLIP.items()


def test_each_field_has_its_own(client: TestClient) -> None:
    """By its alias; what is found, left out or no lookup has none."""
    query = """{ a: requirement(id: "nobody") { id } b: instrument(id: 7) { id }
        c: document(id: "x") @skip(if: true) { id } node(id: "x") { id }
        d: instrument(id: "xx-north/act-7") { id }
        requirements(first: 1) { nodes { a: id } } }"""
    found = told(client, query)

    assert [each["path"] for each in found] == [["a"], ["b"]]
    assert found[1]["message"] == "there is no instrument '7' in this release"
    assert told(client, '{ instrument(id: "xx-north/act-7") { id suspended: label } }') == []


def test_fragments_at_the_root_are_looked_into(client: TestClient) -> None:
    """As generated clients write them; fields that are merged have one hint."""
    query = """query { ...F ... on Query { a: instrument(id: "nobody") { id } } }
        fragment F on Query { a: instrument(id: "nobody") { label } b: platform(id: "x") { id } }"""
    assert sorted(each["path"] for each in told(client, query)) == [["a"], ["b"]]


def test_many_slips_are_told_in_part(client: TestClient) -> None:
    """Comparing names takes time."""
    fields = " ".join(f'a{n}: requirement(id: "none{n}") {{ id }}' for n in range(9))
    assert len(told(client, f"{{ {fields} }}")) == 5


def test_the_command_line_tells_it(data: Path) -> None:
    """Beside the answer, which is as it was."""
    query = 'query($id: ID! = "xx-north/act-7/deletio") { requirement(id: $id) { label } }'
    done = run("query", "--data", data, query)
    assert "Did you mean" in done.stderr
    assert "Did you mean" not in done.stdout
