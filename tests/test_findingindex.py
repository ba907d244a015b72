"""The tables of judgements in the index: whole, and brought up to date a document at a time."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import QuerySolutions, Store

from clausegraph.api.findingindex import fill
from clausegraph.api.policyindex import NAME, build
from clausegraph.api.portfolios import load_file
from clausegraph.api.publish import publish
from clausegraph.api.releases import Release, Releases
from clausegraph.api.review import Given, give
from clausegraph.ontology.iris import ID, NS
from tests.judged import shared

COLUMNS = {
    "finding": "iri, home, requirement, reads, state, reason, tension, review, since, until",
    "mapping": "iri, requirement, (SELECT iri FROM provision WHERE id = mapping.provision), "
    "relation, review, since, until",
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the invented documents; nobody may change it."""
    return shared(tmp_path_factory)


@pytest.fixture
def own(base: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(base, tmp_path / "data")


def rows(release: Release, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a statement on a release's index."""
    with closing(sqlite3.connect(release.path / NAME)) as db:
        return list(db.execute(sql))


def tables(release: Release) -> Iterator[list[tuple[Any, ...]]]:
    """What the tables say, whatever numbers the rows have."""
    for table, columns in COLUMNS.items():
        own = "(SELECT iri FROM document WHERE id = document)"
        yield rows(release, f"SELECT {own}, {columns} FROM {table} ORDER BY iri")


def opinion(data: Path) -> str:
    """Confirm a finding of the first platform, and publish."""
    sql = "SELECT iri FROM finding WHERE home LIKE '%alphabird%' AND state = 'stated' LIMIT 1"
    ((iri,),) = rows(Releases(data).current(), sql)
    given = Given(ID + iri, "Ada Reader", "confirm", "The words say it.")
    give(data, given, at=datetime(2024, 7, 1, tzinfo=UTC))
    return str(iri)


def test_the_tables_hold_what_the_store_holds(base: Path) -> None:
    """A row for each finding and mapping, with its state and days."""
    release = Releases(base).current()
    query = f"""PREFIX cg: <{NS}> SELECT ?x ?state ?from ?until {{ ?x a cg:Finding ;
        cg:findingState ?state ; cg:validFrom ?from OPTIONAL {{ ?x cg:validUntil ?until }} }}"""
    solutions = release.open().query(query, use_default_graph_as_union=True)
    assert isinstance(solutions, QuerySolutions)
    found = [
        ["" if term is None else str(getattr(term, "value", "")) for term in row]
        for row in solutions
    ]
    expected = sorted(
        (iri.removeprefix(ID), state.rpartition("/")[2], since, until or "~")
        for iri, state, since, until in found
    )

    assert rows(release, "SELECT iri, state, since, until FROM finding ORDER BY iri") == expected
    assert len(expected) > 200
    assert rows(release, "SELECT count(*) FROM mapping WHERE provision IS NULL") == [(0,)]


def test_an_opinion_replaces_the_rows_of_its_document(own: Path) -> None:
    """The others keep theirs, numbers included; the result is that of an index made anew."""
    others = "SELECT * FROM finding WHERE home NOT LIKE '%alphabird%' ORDER BY id"
    before = Releases(own).current()
    kept, histories = rows(before, others), rows(before, "SELECT * FROM presence")
    iri = opinion(own)
    after = Releases(own).current()
    found = list(tables(after))
    fresh = own / "fresh"
    fresh.mkdir()
    build(after.open(), fresh)

    assert after.id != before.id
    assert rows(after, f"SELECT review FROM finding WHERE iri = '{iri}'") == [("confirmed",)]
    assert rows(before, f"SELECT review FROM finding WHERE iri = '{iri}'") == [("pending",)]
    assert (rows(after, others), rows(after, "SELECT * FROM presence")) == (kept, histories)
    assert len(kept) > 50
    assert found == list(tables(replace(after, path=fresh)))


def test_rows_of_a_document_that_is_no_longer_judged_go(own: Path) -> None:
    """What no graph holds any more, no table holds; the rest is not touched."""
    release = Releases(own).current()
    store, left = release.open(), Store()
    for name in store.named_graphs():
        if "findings/alphabird" in str(name):
            left.extend(store.quads_for_pattern(None, None, None, name))
    digests = {name: sha for name, (sha, _) in release.graphs.items()}
    kept = rows(release, "SELECT * FROM finding WHERE home LIKE '%alphabird%' ORDER BY id")
    with closing(sqlite3.connect(release.path / NAME)) as db:
        fill(db, left, digests)
        found = list(db.execute("SELECT * FROM finding ORDER BY id"))

    assert found == kept
    assert len(kept) > 50


def test_the_same_judgements_share_a_file(own: Path) -> None:
    """A release in which nothing was judged anew has the same file; an opinion makes another."""
    first = Releases(own).current()
    path = own / "portfolios.yaml"
    path.write_text("portfolios:\n  - {id: birds, name: Birds, platforms: [alphabird]}\n")
    load_file(own, path)
    publish(own)
    second = Releases(own).current()
    opinion(own)
    third = Releases(own).current()
    files = [(each.path / NAME).stat().st_ino for each in (first, second, third)]

    assert len({first.id, second.id, third.id}) == 3
    assert files[0] == files[1] != files[2]
