"""The generator of synthetic platforms: the same every time, and readable as the loaders' own work."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks.synthetic import MAPPINGS, REWORDED, STANDING, VERSIONS, platform
from benchmarks.syntheticcopies import NUMBERS, index
from benchmarks.syntheticlines import lines
from benchmarks.syntheticrelease import release
from clausegraph.api.examine import FINDINGS
from clausegraph.api.policyindex import NAME, connect, usable
from clausegraph.api.releases import Releases
from tests.small_histories import Asker, reader_of

PLATFORMS = 3


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a few platforms; nobody may change it."""
    found = tmp_path_factory.mktemp("synthetic") / "data"
    release(found, PLATFORMS)
    return found


def test_a_platform_is_the_same_every_time() -> None:
    """Number and seed decide, nothing else does."""
    assert list(lines(platform(7))) == list(lines(platform(7)))
    assert list(lines(platform(7))) != list(lines(platform(8)))
    assert list(lines(platform(7, 1))) != list(lines(platform(7, 2)))


def test_the_index_holds_what_was_made(data: Path) -> None:
    """Every platform has its document, versions, provisions and changes; one comes with the law."""
    asked = Asker(reader_of(data))
    held = asked("{ holdings { documents versions provisions changes } }")["holdings"]
    several = STANDING + REWORDED * (VERSIONS - 1)

    assert several == 45
    assert held["versions"] == PLATFORMS * VERSIONS
    assert held["provisions"] == PLATFORMS * several
    assert held["changes"] == PLATFORMS * (VERSIONS - 1)
    assert asked("{ mappings { totalCount } }")["mappings"]["totalCount"] <= PLATFORMS * MAPPINGS
    assert any(name.startswith(FINDINGS) for name in Releases(data).current().graphs)


def test_quotes_are_what_texts_say(data: Path) -> None:
    """A quote is at its place in the text of its version."""
    made = platform(1)

    assert all(
        made.texts[each.first][each.start : each.start + len(each.text)] == each.text
        for each in made.provisions
    )
    query = """query($id: ID!) { document(id: $id) { currentVersion { id } provisions(first: 50,
        asOf: "2026-01-01") { totalCount nodes { presence { quote { exact start } } } } } }"""
    found = Asker(reader_of(data))(query, id=made.path)["document"]
    quotes = {(n["presence"]["quote"]["start"], n["presence"]["quote"]["exact"])
              for n in found["provisions"]["nodes"]}  # fmt: skip
    assert quotes == {(each.start, each.text) for each in made.standing(VERSIONS - 1)}


def rows(file: Path) -> dict[str, list[Any]]:
    """The rows of an index, without the digests of the graphs that it was made from."""
    tables = [*NUMBERS, "lane", "bits"]
    with closing(connect(file)) as db:
        return {name: sorted(map(repr, db.execute(f"SELECT * FROM {name}"))) for name in tables}


@pytest.mark.parametrize("helpers", [0, 1])
def test_graphs_made_again_give_the_same_index(data: Path, tmp_path: Path, helpers: int) -> None:
    """A store that keeps a part has the index of all, whatever the order of what is read."""
    release(tmp_path / "lean", PLATFORMS, part="lean", helpers=helpers)
    whole, lean = (Releases(each).current() for each in (data, tmp_path / "lean"))

    assert rows(lean.path / NAME) == rows(whole.path / NAME)
    held = [sum(own[1] for name, own in each.graphs.items() if "/s0" in name)
            for each in (whole, lean)]  # fmt: skip
    assert 0 < held[1] < held[0] / 3
    asked = Asker(reader_of(tmp_path / "lean"))
    assert len(asked("{ provisions(first: 50) { nodes { id } } }")["provisions"]["nodes"]) == 50


def test_copies_are_as_what_they_are_copied_from(data: Path, tmp_path: Path) -> None:
    """Every platform is there so many times, and its rows belong to each other as before."""
    source = Releases(data).current().path / NAME
    index(tmp_path, source, 4)
    sql = """SELECT {} FROM provision JOIN document ON document.id = provision.document
        AND document.iri = home JOIN platform ON platform.id = document.platform
        JOIN presence ON presence.provision = provision.id JOIN heading ON heading.id = presence.heading
        JOIN mapping ON mapping.provision = provision.id AND mapping.document = document.id
        JOIN version ON version.id = provision.first AND version.document = document.id
        JOIN search ON search.rowid = provision.id"""
    before, after = (_asked(file, sql) for file in (source, tmp_path / NAME))

    assert usable(tmp_path)
    assert after["count(*)"] == 4 * before["count(*)"] > 0
    assert after["count(DISTINCT provision.iri)"] == 4 * before["count(DISTINCT provision.iri)"]
    assert after["count(DISTINCT provision.words)"] == before["count(DISTINCT provision.words)"]


def _asked(file: Path, sql: str) -> dict[str, int]:
    names = "count(*)", "count(DISTINCT provision.iri)", "count(DISTINCT provision.words)"
    with closing(sqlite3.connect(file)) as db:
        found = db.execute(sql.format(", ".join(names))).fetchone()
    return dict(zip(names, found, strict=True))
