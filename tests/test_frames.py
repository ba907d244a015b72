"""Results as data frames: typed columns, local and remote alike, within the limits."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from clausegraph.api import frame, sparql_answers
from clausegraph.api.frames import FrameError
from clausegraph.api.releases import Releases
from clausegraph.api.sparql_frames import ARROW, PARQUET
from clausegraph.api.sparql_pool import Job, QueryPool
from clausegraph.ontology.errors import ClausegraphError
from tests.processes import server
from tests.sparql_app import make_release, numbered

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
from pyarrow import ipc, parquet

TYPED = """SELECT * { VALUES (?i ?d ?f ?b ?day ?mixed ?iri ?gap ?huge) {
  (1 1.5 1e0 true "2026-01-02"^^xsd:date 1 <http://x/a> 1 1)
  (2 2.25 2e0 false "2026-01-03"^^xsd:date "one" <http://x/b> UNDEF 99999999999999999999) } }"""
LAWS = "SELECT ?law (STRLEN(STR(?law)) AS ?length) { ?law a cg:Instrument } ORDER BY ?law"


@pytest.fixture(scope="module")
def url(data: Path) -> Iterator[str]:
    """The endpoint of a real server of the invented law."""
    with server(data) as found:
        yield f"{found}/sparql"


def ask(url: str, query: str, media_type: str) -> httpx.Response:
    """Ask for a media type."""
    return httpx.get(url, params={"query": query}, headers={"accept": media_type}, timeout=60)


def columns(answer: httpx.Response) -> Any:
    """The table of an answer."""
    media_type = answer.headers["content-type"]
    if media_type == PARQUET:
        return parquet.read_table(io.BytesIO(answer.content))
    assert media_type == ARROW
    return ipc.open_stream(answer.content).read_all()


@pytest.mark.parametrize("media_type", [ARROW, PARQUET])
def test_columns_have_types(url: str, media_type: str) -> None:
    """A uniform column is typed, a mixed one or one out of range is text, a gap is null."""
    table = columns(ask(url, TYPED, media_type))

    types = {field.name: str(field.type) for field in table.schema}
    assert types.pop("d").startswith("decimal")
    assert types == {
        "i": "int64",
        "f": "double",
        "b": "bool",
        "day": "date32[day]",
        "mixed": "string",
        "iri": "string",
        "gap": "int64",
        "huge": "string",
    }
    assert table.to_pylist()[1] == {
        "i": 2,
        "d": Decimal("2.25"),
        "f": 2.0,
        "b": False,
        "day": date(2026, 1, 3),
        "mixed": "one",
        "iri": "http://x/b",
        "gap": None,
        "huge": "99999999999999999999",
    }


def test_no_rows_keep_their_columns(url: str) -> None:
    """An empty answer is a table of no rows."""
    table = columns(ask(url, "SELECT ?a ?b { FILTER(false) }", ARROW))

    assert (table.num_rows, table.column_names) == (0, ["a", "b"])


def test_only_rows_have_columns(url: str) -> None:
    """ASK and CONSTRUCT are not offered as tables."""
    for query in ("ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }"):
        assert ask(url, query, ARROW).status_code == 406


def test_without_the_package_it_is_refused(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    """An installation without pyarrow says so, and what to install."""
    from starlette.testclient import TestClient

    from clausegraph.api.app import create_app
    from clausegraph.api.settings import Settings

    monkeypatch.setattr(sparql_answers, "find_spec", lambda name: None)
    with TestClient(create_app(Settings(data=data))) as client:
        answer = client.get("/sparql", params={"query": LAWS, "format": "parquet"})

    assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")
    assert "clausegraph[frames]" in answer.json()["hint"]


@pytest.mark.parametrize("media_type", [ARROW, PARQUET])
def test_row_limit_holds(tmp_path: Path, media_type: str) -> None:
    """As many rows as the limit are given, one more is refused; and so with bytes."""
    release = make_release(tmp_path, "r1", numbered(60))

    async def main() -> list[str]:
        found = []
        for rows, size in ((50, 1 << 20), (49, 1 << 20), (50, 100)):
            pool = QueryPool(workers=1, max_rows=rows, max_bytes=size)
            try:
                query = "SELECT * { ?s ?p ?o } LIMIT 50"
                await pool.run(Job(release.store_path, query, media_type))
                found.append("whole")
            except ClausegraphError as error:
                found.append(error.code)
            finally:
                await pool.close()
        return found

    assert asyncio.run(main()) == ["whole", "answer-too-large", "answer-too-large"]


def test_local_and_remote_frames_are_equal(url: str, data: Path) -> None:
    """Three engines over a release and over a server give the same rows."""
    release = Releases(data).current()
    rows = frame(LAWS, release, engine="arrow").to_pylist()
    assert rows

    assert frame(LAWS, url, engine="arrow").to_pylist() == rows
    pytest.importorskip("polars", reason="polars is not installed")
    assert frame(LAWS, url, engine="polars").to_dicts() == rows
    pytest.importorskip("pandas", reason="pandas is not installed")
    assert frame(LAWS, release).to_dict("records") == rows


def test_a_refusal_keeps_its_words(url: str) -> None:
    """What the server refuses is an error with the server's detail."""
    with pytest.raises(FrameError, match="can be written"):
        frame("CLEAR ALL", url)
    with pytest.raises(FrameError, match="only a SELECT"):
        frame("ASK {}")
