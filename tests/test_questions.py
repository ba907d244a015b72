"""Competency questions: SPARQL with its exact rows, and GraphQL that gives the same answer.

A question is three files: ``<name>.rq`` (first line: the question), ``<name>.csv`` (the rows, in
the order of the query), and, where GraphQL can say it, ``<name>.graphql``, whose line ``# rows:``
is the JMESPath expression that reads the same rows out of the answer, in any order.
"""

from __future__ import annotations

import csv
import functools
import io
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jmespath
import orjson
import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions
from rdflib import Graph

from clausegraph.api.nodes import Budget, View
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.schema import build
from clausegraph.shapes.validator import to_rdflib

FOLDER = Path(__file__).parent / "questions"
QUESTIONS = sorted(FOLDER.glob("*.rq"))
GRAPHQL = sorted(FOLDER.glob("*.graphql"))
TODAY = date(2026, 11, 24)
schema = functools.cache(build)
"""It holds nothing of a release, and building it takes as long as some questions."""


@pytest.fixture(scope="module")
def law_reader(demonstration: Path) -> Reader:
    """A reader of what is published."""
    return Reader(Releases(demonstration).current())


def expected(path: Path) -> list[list[str]]:
    """The committed rows of a question, without the header."""
    return rows_of(path.with_suffix(".csv").read_text())


def rows_of(results: str) -> list[list[str]]:
    """Rows of SPARQL's CSV results, without the header."""
    return list(csv.reader(io.StringIO(results)))[1:]


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_sparql_gives_the_rows(path: Path, law_reader: Reader) -> None:
    """The store's own engine answers with exactly the committed rows, in order."""
    results = law_reader.store.query(path.read_text(), use_default_graph_as_union=True)
    assert isinstance(results, QuerySolutions)
    found = results.serialize(format=QueryResultsFormat.CSV)
    assert found is not None

    assert rows_of(found.decode()) == expected(path)


@pytest.fixture(scope="module")
def law_graph(demonstration: Path) -> Graph:
    """What is published in rdflib's own memory, where rdflib's own engine answers."""
    return to_rdflib(Releases(demonstration).current().open())


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_rdflib_agrees(path: Path, law_graph: Graph) -> None:
    """A second engine gives the same rows, so no answer rests on a quirk of the first."""
    results = law_graph.query(path.read_text())
    text = results.serialize(format="csv")
    assert text is not None

    assert rows_of(text.decode()) == expected(path)


def cells(row: Any) -> list[str]:
    """A row of a GraphQL answer as CSV would hold it."""
    return ["" if cell is None else _plain(cell) for cell in row]


def _plain(cell: Any) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def graphql_rows(path: Path, reader: Reader) -> Iterator[list[str]]:
    """Ask the GraphQL document and read the rows that its comment describes."""
    text = path.read_text()
    expression = next(
        line.partition("rows:")[2] for line in text.splitlines() if line.startswith("# rows:")
    )
    view = View(reader, TODAY, Budget(10**9, time.monotonic() + 60))
    result = schema().execute_sync(text, context_value={"view": view})
    assert result.errors is None
    data = orjson.loads(orjson.dumps(result.data, default=str))
    yield from map(cells, jmespath.search(expression, data))


@pytest.mark.parametrize("path", GRAPHQL, ids=lambda path: path.stem)
def test_graphql_gives_the_same(path: Path, law_reader: Reader) -> None:
    """Where both languages can say it, both answers are equal."""
    assert sorted(graphql_rows(path, law_reader)) == sorted(expected(path))


def test_there_are_enough_questions() -> None:
    """At least forty questions, thirty of them on another day than today."""
    other_days = [p for p in QUESTIONS if "^^xsd:date" in p.read_text().replace(str(TODAY), "")]

    assert len(QUESTIONS) >= 40
    assert len(other_days) >= 30
    assert len(GRAPHQL) >= 25
