"""The examples that the endpoint serves are tested questions, and answer as the tests say."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, parse
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.settings import Settings
from clausegraph.api.sparql_examples import Example, examples

QUESTIONS = Path(__file__).parent / "questions"
SHIPPED = Path(__file__).parents[1] / "api" / "examples"
SH = "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"


@pytest.fixture(scope="module")
def server(demonstration: Path) -> Iterator[TestClient]:
    """A server of the demonstration release."""
    with TestClient(create_app(Settings(data=demonstration))) as client:
        yield client


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*")), ids=lambda path: path.stem)
def test_example_is_the_tested_question(path: Path) -> None:
    """What is shipped is the question's file, to the byte."""
    assert path.read_bytes() == (QUESTIONS / path.name).read_bytes()


def test_there_are_examples() -> None:
    """The package holds them all."""
    assert len(examples()) == len(list(SHIPPED.glob("*.rq"))) >= 12


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_example_gives_its_rows(example: Example, server: TestClient) -> None:
    """The endpoint answers with the rows that are committed."""
    answer = server.get("/sparql", params={"query": example.query, "format": "csv"})
    expected = (QUESTIONS / f"{example.name}.csv").read_text()

    assert answer.status_code == 200, answer.text
    assert list(csv.reader(io.StringIO(answer.text))) == list(csv.reader(io.StringIO(expected)))


@pytest.mark.parametrize("form", ["turtle", "jsonld", "nt", "xml"])
def test_examples_are_shacl_executables(client: TestClient, form: str) -> None:
    """Each form says comment, query and prefixes of each example."""
    answer = client.get("/sparql/examples", params={"format": form})
    media_type = answer.headers["content-type"].partition(";")[0]
    store = Store()
    store.extend(parse(answer.content, RdfFormat.from_media_type(media_type)))
    rows = store.query(
        f"{SH} SELECT ?question ?query {{ ?e a sh:SPARQLExecutable ; rdfs:comment ?question ;"
        " sh:select ?query ; sh:prefixes/sh:declare ?p . ?p sh:prefix 'cg' ; sh:namespace ?n }"
    )
    found = {(row["question"].value, row["query"].value) for row in rows}  # type: ignore[union-attr]

    assert found == {(each.question, each.query) for each in examples()}


def test_a_browser_gets_a_list(client: TestClient) -> None:
    """HTML by Accept, with each query in a form that runs it; 406 for what is not there."""
    page = client.get("/sparql/examples", headers={"accept": "text/html"})

    assert page.headers["content-type"].startswith("text/html")
    assert page.text.count("<form") == len(examples())
    assert client.get("/sparql/examples", headers={"accept": "image/png"}).status_code == 406
    held = {"accept": "text/html", "if-none-match": page.headers["etag"]}
    assert client.get("/sparql/examples", headers=held).status_code == 304


def test_the_description_leads_to_them(client: TestClient) -> None:
    """The service description names examples and the data set's description, which are there."""
    text = client.get("/sparql", params={"format": "nt"}).text

    for path in ("/sparql/examples", "/.well-known/void"):
        assert f"<http://testserver{path}>" in text
        assert client.get(path, follow_redirects=True).status_code == 200
