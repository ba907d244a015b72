"""The index beside a release: whole, shared where nothing changed, read a page at a time."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import QuerySolutions, Store

from clausegraph.api.cursors import Place, encode
from clausegraph.api.errors import StoreError
from clausegraph.api.histories import load_archive
from clausegraph.api.nodes import Budget, TooCostlyError, View
from clausegraph.api.paging import Page, cut
from clausegraph.api.policyindex import NAME, build, usable
from clausegraph.api.policyrows import next_moment
from clausegraph.api.policyselect import Choice, Chosen, Clause, Key, PolicyIndex, fetch
from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.textquery import SEAM, parted, whole
from clausegraph.ontology.iris import NS
from tests.archives import record
from tests.small_histories import (
    PRIVACY_PATH,
    TODAY,
    Asker,
    at,
    privacy,
    reader_of,
    small_archive,
)

HOLDINGS = "{ holdings { platforms documents versions wholeVersions provisions changes } }"


@pytest.fixture(scope="module")
def small(histories: Path) -> Path:
    """A data directory with the small histories; nobody may change it."""
    return histories / "data"


@pytest.fixture(scope="module")
def view(small: Path) -> View:
    """A view of the small histories."""
    return View(reader_of(small), TODAY, Budget(10**9, time.monotonic() + 600))


def index_of(data: Path) -> Path:
    """The index of the release that is served."""
    return Releases(data).current().path / NAME


def copy(data: Path, target: Path) -> Path:
    """A copy of a data directory that a test may change."""
    shutil.copytree(data, target)
    return target


def count(reader: Reader, pattern: str) -> int:
    """How many rows a pattern has in SPARQL."""
    query = f"PREFIX cg: <{NS}> SELECT DISTINCT ?x {{ {pattern} }}"
    rows = reader.store.query(query, use_default_graph_as_union=True)
    assert isinstance(rows, QuerySolutions)
    return len(list(rows))


def test_the_index_holds_what_the_store_holds(view: View) -> None:
    """Its numbers are those that SPARQL counts."""
    found = Asker(view.reader)(HOLDINGS)["holdings"]
    kinds = ("Platform", "Document", "Version", "Provision", "Change")
    counted = [count(view.reader, f"?x a cg:{kind}") for kind in kinds]
    rows = {
        kind: Chosen(view, Choice(kind.lower())).count()
        for kind in ("Presence", "Delta", "Version")
    }

    assert [
        found[name] for name in ("platforms", "documents", "versions", "provisions", "changes")
    ] == counted
    assert found["wholeVersions"] == count(view.reader, "?x a cg:Version ; cg:validFrom ?day")
    assert rows == {kind: count(view.reader, f"?x a cg:{kind}") for kind in rows}
    assert Chosen(view, Choice("term")).count() == count(view.reader, "?x a cg:ChangedTerm")


def test_policies_that_did_not_change_share_an_index(sources: Path, tmp_path: Path) -> None:
    """A release with other law and the same policies has the same file; other policies another."""
    data, law = tmp_path / "data", tmp_path / "law"
    shutil.copytree(sources, law)
    load(data, law)
    clone = small_archive(tmp_path / "clone")
    load_archive(data, clone)
    first = publish(data)
    path = law / "xx-north" / "npa.yaml"
    path.write_text(path.read_text().replace("until: 2023-05-31", "until: 2023-05-30"))
    load(data, law)
    second = publish(data)
    record(clone, PRIVACY_PATH, privacy(60), when=at("2024-06-01"))
    load_archive(data, clone)
    third = publish(data)
    files = [(release.path / NAME).stat() for release in (first, second, third)]

    assert len({first.id, second.id, third.id}) == 3
    assert files[0].st_ino == files[1].st_ino != files[2].st_ino
    assert files[0].st_nlink == 2


def test_a_disk_without_links_gets_a_copy(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a file cannot have two names, the other release's is copied."""
    release = Releases(copy(small, tmp_path / "data")).current()
    target = release.path.parent / "another"
    target.mkdir()
    monkeypatch.setattr("clausegraph.api.policyindex.os.link", _refuse)
    build(Store(), target, release.graphs)

    assert (target / NAME).read_bytes() == (release.path / NAME).read_bytes()


def _refuse(*_: object) -> None:
    raise OSError("no links on this disk")


def test_a_damaged_index_is_not_shared(small: Path, tmp_path: Path) -> None:
    """What cannot be read to its end is built anew, even where it says of itself that it fits."""
    release = Releases(copy(small, tmp_path / "data")).current()
    _damage(release.path / NAME)
    target = release.path.parent / "another"
    target.mkdir()
    build(release.open(), target, release.graphs)

    assert not usable(release.path)
    assert usable(target)


def _damage(file: Path) -> None:
    """Overwrite a file but for its first page."""
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def test_an_index_that_cannot_be_written_is_told(small: Path, tmp_path: Path) -> None:
    """No room, or no directory, is an error of ours and not of the database."""
    with pytest.raises(StoreError, match="cannot be written"):
        build(Releases(small).current().open(), tmp_path / "nowhere")


@pytest.mark.parametrize("harm", ["missing", "empty", "nonsense", "damaged", "other layout"])
def test_without_an_index_the_law_still_answers(
    sources: Path, small: Path, tmp_path: Path, harm: str
) -> None:
    """What is asked of policies is an error with a hint; what is asked of the law is answered."""
    data = copy(small, tmp_path / "data")
    load(data, sources)
    publish(data)
    file = index_of(data)
    assert usable(file.parent)
    _harm(file, harm)
    asker = Asker(reader_of(data))
    error = asker.error("{ provisions(first: 500) { nodes { id } } }")

    assert isinstance(error, StoreError)
    assert "clausegraph publish" in str(error.hint)
    assert asker("{ instruments { totalCount } }")["instruments"]["totalCount"] > 0
    assert not usable(file.parent)


def _harm(file: Path, harm: str) -> None:
    content = file.read_bytes()
    file.unlink()  # it may be shared
    if harm == "empty":
        file.write_bytes(b"")
    elif harm == "nonsense":
        file.write_bytes(b"This is no database." * 400)
    elif harm == "damaged":
        file.write_bytes(content)
        _damage(file)
    elif harm == "other layout":
        file.write_bytes(content)
        with closing(sqlite3.connect(file)) as db, db:
            db.execute("UPDATE meta SET value = '0' WHERE name = 'layout'")


def test_a_release_without_policies(tmp_path: Path) -> None:
    """Nothing is indexed, and everything can be asked."""
    build(Store(), tmp_path)
    index, budget = PolicyIndex(tmp_path), Budget(10, time.monotonic() + 60)
    rows = index.rows(Clause("SELECT value FROM meta WHERE name LIKE '%s'"), budget)

    assert usable(tmp_path)
    assert rows == [(0,)] * 8


def test_a_release_of_law_alone(data: Path) -> None:
    """Documents that the law's sources speak of are there without versions."""
    asker = Asker(reader_of(data))
    found = asker(HOLDINGS)["holdings"]
    lists = asker("""{ changes { totalCount nodes { id } suppressed { count } }
        provisions { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } }
        searchProvisions(text: "data") { totalCount nodes { score } }
        changeStats(groupBy: [YEAR]) { totalCount nodes { total } }
        documents { totalCount nodes { currentVersion { id } history { id } version { id }
            versions { totalCount } provisions { totalCount } changes { totalCount } } } }""")

    assert found["documents"] == lists["documents"]["totalCount"] > 0
    assert [found[name] for name in ("versions", "wholeVersions", "provisions", "changes")] == [
        0
    ] * 4
    assert lists["changes"] == {"totalCount": 0, "nodes": [], "suppressed": []}
    assert lists["provisions"]["pageInfo"] == {
        "hasNextPage": False, "hasPreviousPage": False, "endCursor": None
    }  # fmt: skip
    assert lists["documents"]["nodes"][0] == {
        "currentVersion": None, "history": None, "version": None, "versions": {"totalCount": 0},
        "provisions": {"totalCount": 0}, "changes": {"totalCount": 0},
    }  # fmt: skip


ORDERS: dict[str, tuple[Key, ...]] = {
    "change": (
        Key("observed"),
        Key("size", int, True),
        Key("significance"),
        Key("observed", str, True),
    ),
    "provision": (Key("home"), Key("start", int), Key("seen", str, True), Key("kind")),
}


@pytest.mark.parametrize("table", sorted(ORDERS))
def test_pages_meet_in_every_order(view: View, table: str) -> None:
    """Whatever the keys and their directions, pages of all sizes make up the sorted list."""
    keys = ORDERS[table]
    for one, other, size in product(keys, keys, (1, 2, 3, 500)):
        chosen = Chosen(view, Choice(table, (), (one, other)))
        whole = expected(view, chosen)
        assert [place[-1] for place in forward(chosen, size)] == whole, (one, other, size)
        assert [place[-1] for place in backward(chosen, size)] == whole, (one, other, size)
        assert chosen.iris() == whole


def expected(view: View, chosen: Chosen) -> list[str]:
    """The IRIs in order, sorted in memory: by the last key first, as a stable sort allows."""
    columns = ", ".join(key.sql for key in chosen.choice.order)
    rows = fetch(view, Clause(f"SELECT {columns}, iri FROM {chosen.choice.table} ORDER BY iri"))
    for number, key in reversed(list(enumerate(chosen.choice.order))):
        rows.sort(key=lambda row: row[number], reverse=False)
        if key.descending:
            rows = _descending(rows, number)
    return ["https://w3id.org/clausegraph/id/" + row[-1] for row in rows]


def _descending(rows: list[Any], number: int) -> list[Any]:
    """Rows by a key from its highest value on, equal ones in the order in which they stand."""
    values = sorted({row[number] for row in rows}, reverse=True)
    return [row for value in values for row in rows if row[number] == value]


def forward(chosen: Chosen, size: int) -> list[Place]:
    """All places, page after page."""
    found: list[Place] = []
    after = None
    while True:
        page = cut(chosen, Page(first=size, after=after), lambda place: place)
        found += [edge.node for edge in page.edges]
        assert page.page_info.preceding() is (after is not None)
        if not page.page_info.following():
            return found
        after = page.page_info.end_cursor


def backward(chosen: Chosen, size: int) -> list[Place]:
    """All places, page before page."""
    found: list[Place] = []
    before = None
    while True:
        page = cut(chosen, Page(last=size, before=before), lambda place: place)
        found = [edge.node for edge in page.edges] + found
        assert page.page_info.following() is (before is not None)
        if not page.page_info.preceding():
            return found
        before = page.page_info.start_cursor


def test_a_page_between_two_cursors(view: View) -> None:
    """A page with both bounds knows what lies beyond each of them."""
    chosen = Chosen(view, Choice("change", (), (Key("observed"),)))
    cursors = [
        encode(edge.place) for edge in cut(chosen, Page(first=500), lambda place: place).edges
    ]
    pages = [
        Page(first=2, after=cursors[0], before=cursors[4]),
        Page(last=2, after=cursors[0], before=cursors[4]),
        Page(first=3, after=cursors[0], before=cursors[4]),
        Page(first=0),
        Page(first=0, after=cursors[-1]),
        Page(first=5, after=cursors[2], before=cursors[3]),
        Page(last=5, before=cursors[0]),
        Page(first=1, after=encode(("0000", "x"))),
        Page(last=1, before=encode(("9999", "x"))),
    ]
    found = []
    for page in pages:
        made = cut(chosen, page, lambda place: place)
        info = made.page_info
        found.append(
            ([cursors.index(encode(edge.place)) for edge in made.edges],
             info.preceding(), info.following())
        )  # fmt: skip

    assert len(cursors) == 7
    assert found == [
        ([1, 2], True, True), ([2, 3], True, True), ([1, 2, 3], True, True), ([], False, True),
        ([], True, False), ([], True, True), ([], False, True),
        ([0], False, True), ([6], True, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "after"),
    [
        ("2024-03-07T12:30:05.000000Z", "2024-03-07T12:30:05.000001Z"),
        ("2024-12-31T23:59:59.999999Z", "2025-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_the_moment_after_one(when: str, after: str) -> None:
    """Moments follow each other as their texts do; after the last there is none."""
    assert next_moment(when) == after


@pytest.mark.parametrize(
    "text", ["", "We keep it.", "\u5220\u9664 it\u3002", "\u0e02\u0e49\u0e2d", "\ud55c\uad6d"]
)
def test_what_is_parted_for_the_index_comes_back(text: str) -> None:
    """Characters of scripts without blanks stand apart, and nothing is lost."""
    packed = sum(sign in "\u5220\u9664\u0e02\u0e49\u0e2d" for sign in text)

    assert whole(parted(text)) == text
    assert parted(text).count(SEAM) == 2 * packed


def test_a_statement_ends_with_the_request(view: View) -> None:
    """A statement that takes longer than the request may is interrupted, and that is what is told."""
    hurried = View(view.reader, TODAY, Budget(10, time.monotonic() + 0.2))
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000000)"

    with pytest.raises(TooCostlyError, match="too long"):
        fetch(hurried, Clause(f"{endless} SELECT count(*) FROM n"))
    assert fetch(view, Clause("SELECT count(*) FROM change")) == [(7,)]


def test_threads_read_side_by_side(view: View, small: Path) -> None:
    """Every thread has a connection of its own, and none writes."""
    before = sorted(path.name for path in index_of(small).parent.iterdir())
    content = index_of(small).read_bytes()
    found: list[list[str]] = []
    chosen = Chosen(view, Choice("provision", (), (Key("seen"),)))
    threads = [threading.Thread(target=lambda: found.append(chosen.iris())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [chosen.iris()] * 8
    assert len(found[0]) > 20
    assert sorted(path.name for path in index_of(small).parent.iterdir()) == before
    assert index_of(small).read_bytes() == content
