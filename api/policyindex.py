"""Build the index of policies that lies beside a release's store, and tell whether one is usable.

``index.sqlite`` holds what the store cannot answer quickly: orders, facets, who stands on which day,
full text. It is built once, when a release is published, and never changed; a release whose
policies are those of another one shares that one's file. `clausegraph.api.policyselect` reads it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from clausegraph.api import columns, findingindex
from clausegraph.api.errors import StoreError
from clausegraph.api.platformrows import platform_rows
from clausegraph.api.policyrows import HISTORIES, DocumentRows, Names, Rows
from clausegraph.api.source import Triples
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import graph

__all__ = ["HISTORIES", "LAYOUT", "NAME", "build", "connect", "usable"]
NAME = "index.sqlite"
LAYOUT = "4"
"""Goes up with every change of the tables; an index of another layout is not read."""
_SOURCES = (HISTORIES, graph("platforms"))

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE platform (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, label TEXT NOT NULL,
    folded TEXT NOT NULL, invented INTEGER NOT NULL);
CREATE TABLE document (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, label TEXT NOT NULL,
    folded TEXT NOT NULL, platform INTEGER NOT NULL, kind TEXT NOT NULL, type TEXT NOT NULL);
CREATE TABLE version (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, document INTEGER NOT NULL,
    ordinal INTEGER NOT NULL, captured TEXT NOT NULL, state TEXT NOT NULL, whole INTEGER NOT NULL,
    since TEXT, until TEXT);
CREATE TABLE heading (id INTEGER PRIMARY KEY, path TEXT NOT NULL, folded TEXT NOT NULL,
    words TEXT NOT NULL);
CREATE TABLE provision (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, document INTEGER NOT NULL,
    home TEXT NOT NULL, kind TEXT NOT NULL, words TEXT NOT NULL, heading INTEGER NOT NULL,
    start INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, seen TEXT NOT NULL);
CREATE TABLE presence (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, document INTEGER NOT NULL,
    provision INTEGER NOT NULL, heading INTEGER NOT NULL, whole INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, since TEXT, until TEXT);
CREATE TABLE change (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, document INTEGER NOT NULL,
    observed TEXT NOT NULL, placed TEXT NOT NULL, significance TEXT NOT NULL, accident TEXT,
    silent INTEGER, bridges INTEGER NOT NULL, size INTEGER NOT NULL);
CREATE TABLE delta (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, change INTEGER NOT NULL,
    place INTEGER NOT NULL, kind TEXT NOT NULL, before INTEGER, after INTEGER,
    heading_before INTEGER, heading_after INTEGER);
CREATE TABLE term (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, change INTEGER NOT NULL,
    place INTEGER NOT NULL, delta INTEGER, sort TEXT NOT NULL, before TEXT, after TEXT);
CREATE VIEW passage AS SELECT provision.id AS id, heading.words AS heading, provision.words AS words
    FROM provision JOIN heading ON heading.id = provision.heading;
CREATE VIRTUAL TABLE search USING fts5(heading, words, content='passage', content_rowid='id',
    tokenize='porter unicode61 remove_diacritics 2');
"""
INDEXES = """
INSERT INTO search(search) VALUES ('rebuild');
CREATE UNIQUE INDEX platform_iri ON platform (iri);
CREATE UNIQUE INDEX document_iri ON document (iri);
CREATE INDEX document_platform ON document (platform);
CREATE INDEX version_document ON version (document, ordinal, iri);
CREATE UNIQUE INDEX provision_iri ON provision (iri);
CREATE INDEX provision_place ON provision (home, start, iri);
CREATE INDEX provision_document ON provision (document);
CREATE INDEX provision_seen ON provision (seen, iri);
CREATE INDEX presence_provision ON presence (provision, first);
CREATE UNIQUE INDEX change_iri ON change (iri);
CREATE INDEX change_placed ON change (placed DESC, iri);
CREATE INDEX change_document ON change (document, placed DESC, iri);
CREATE INDEX delta_change ON delta (change, place);
CREATE INDEX delta_before ON delta (before);
CREATE INDEX delta_after ON delta (after);
CREATE INDEX term_change ON term (change, place);
CREATE INDEX term_delta ON term (delta);
INSERT INTO meta SELECT 'platforms', count(*) FROM platform;
INSERT INTO meta SELECT 'documents', count(*) FROM document;
INSERT INTO meta SELECT 'versions', count(*) FROM version;
INSERT INTO meta SELECT 'wholeVersions', count(*) FROM version WHERE whole;
INSERT INTO meta SELECT 'provisions', count(*) FROM provision;
INSERT INTO meta SELECT 'changes', count(*) FROM change;
ANALYZE;
"""


def build(store: Triples, path: Path, graphs: Mapping[str, tuple[str, int]] | None = None) -> None:
    """Put the index of a store's policies into a release's directory.

    `graphs` has the digest and size of each graph, as the release's manifest will: where another
    release beside `path` has an index of the same policies, it becomes this one's as well, or this
    one's begins as a copy of it where documents were judged anew since.
    Raises `StoreError` where the file cannot be written.
    """
    target, graphs = path / NAME, graphs or {}
    source, judged = _source(graphs, *_SOURCES), _source(graphs, findingindex.FINDINGS)
    digests = {iri: sha for iri, (sha, _) in graphs.items()}
    same = next((each for each in _beside(path) if source and _tells(each, source)), None)
    try:
        target.unlink(missing_ok=True)
        if same is None:
            _write(store, target, source)
        elif _meta(same)["judged"] == judged:
            return _share(same, target)
        else:
            shutil.copyfile(same, target)
        _judge(store, target, judged, digests)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"the index {target} cannot be written: {error}",
            hint="Make room on the disk and publish again.",
            value=str(target),
        ) from error


def usable(path: Path) -> bool:
    """Whether a release's directory has a whole index of this layout; reads all of it."""
    return _tells(path / NAME, None)


def _source(graphs: Mapping[str, tuple[str, int]], *starts: str) -> str:
    """One digest of all graphs whose names start so; empty where there are none."""
    lines = [f"{iri} {sha}" for iri, (sha, _) in sorted(graphs.items()) if iri.startswith(starts)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""


def _beside(path: Path) -> Iterator[Path]:
    """The indexes of the other releases."""
    found = sorted(path.parent.glob(f"*/{NAME}"))
    return (each for each in found if each.parent != path and each.parent.name[0] != ".")


def _tells(file: Path, source: str | None) -> bool:
    """Whether an index is whole and of this layout, and of this source where one is given."""
    try:
        meta = _meta(file)
        if meta["layout"] != LAYOUT or source not in (None, meta["source"]):
            return False
        with closing(connect(file)) as db:
            return bool(meta["judged"] is not None and _checked(db))
    except (sqlite3.Error, KeyError):
        return False


def _checked(db: sqlite3.Connection) -> bool:
    found = db.execute("PRAGMA quick_check").fetchone()
    return bool(found == ("ok",))


def _meta(file: Path) -> dict[str, Any]:
    """What an index tells of itself. Raises `sqlite3.Error`."""
    with closing(connect(file)) as db:
        return dict(db.execute("SELECT name, value FROM meta"))


def connect(file: Path) -> sqlite3.Connection:
    """Open an index to read; it never changes. Raises `sqlite3.Error`."""
    address = file.absolute().as_uri() + "?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)


def _share(same: Path, target: Path) -> None:
    """Give a file a second name; a copy where the disk knows no such names."""
    try:
        os.link(same, target)
    except OSError:
        shutil.copyfile(same, target)


def _write(store: Triples, target: Path, source: str) -> None:
    """Write the tables of histories, and those of judgements without a row."""
    with closing(_open(target)) as db:
        db.executescript("BEGIN;" + TABLES + columns.TABLES + findingindex.TABLES)
        for table, rows in _rows(store):
            marks = ", ".join("?" * len(rows[0]))
            db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        db.executemany("INSERT INTO meta VALUES (?, ?)", [("layout", LAYOUT), ("source", source)])
        db.executescript("BEGIN;" + INDEXES)
        columns.fill(db, columns.HISTORIES)
        db.execute("COMMIT")


def _judge(store: Triples, target: Path, judged: str, digests: Mapping[str, str]) -> None:
    """Bring the tables of judgements up to date."""
    with closing(_open(target)) as db:
        db.execute("BEGIN")
        findingindex.fill(db, store, digests)
        columns.fill(db, columns.JUDGEMENTS)
        db.execute("INSERT OR REPLACE INTO meta VALUES ('judged', ?)", (judged,))
        db.executescript("BEGIN;" + findingindex.COUNTS + "COMMIT;")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _open(target: Path) -> sqlite3.Connection:
    """Open an index to write; nobody reads it yet, so nothing is kept for a crash."""
    db = sqlite3.connect(target, isolation_level=None)
    db.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;"
        "PRAGMA analysis_limit = 1000;"  # of the largest tables a sample tells enough
    )
    return db


def _rows(store: Triples) -> Iterator[tuple[str, Rows]]:
    """The rows of all tables, one document in memory at a time."""
    names = Names()
    yield from _filled(platform_rows(store, names))
    for name in sorted(map(iri_of, store.named_graphs()), key=lambda name: f"{name}/"):
        if name.startswith(HISTORIES):
            yield from _filled(DocumentRows(store, NamedNode(name), names).tables())


def _filled(tables: Mapping[str, Rows]) -> Iterator[tuple[str, Rows]]:
    return ((table, rows) for table, rows in tables.items() if rows)
