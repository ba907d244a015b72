"""What was loaded of each document: its captures, and the digest of its graph.

A SQLite file beside the writer's store, changed only by whoever holds the writer's lock. A graph is
noted as ``open`` before it is written and as done after, so that after a crash it is known which
graphs may hold something else than the ledger says; loading again mends them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import orjson

from clausegraph.api.errors import StoreError
from clausegraph.loaders.capture import Capture
from clausegraph.loaders.policies import Identity
from clausegraph.loaders.unit import SHARED, Node

_TABLES = """
CREATE TABLE IF NOT EXISTS document (
    graph TEXT PRIMARY KEY, identity TEXT NOT NULL, open INTEGER NOT NULL,
    sha256 TEXT, triples INTEGER, valid TEXT, methods TEXT, skipped TEXT);
CREATE TABLE IF NOT EXISTS capture (
    graph TEXT NOT NULL, place INTEGER NOT NULL, facts TEXT NOT NULL, PRIMARY KEY (graph, place));
CREATE TABLE IF NOT EXISTS declared (
    owner TEXT NOT NULL, iri TEXT NOT NULL, node TEXT NOT NULL, PRIMARY KEY (owner, iri));
CREATE TABLE IF NOT EXISTS judged (
    history TEXT PRIMARY KEY, graph TEXT NOT NULL, inputs TEXT NOT NULL, sha256 TEXT, triples INTEGER,
    traces TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Known:
    """A document in the ledger; `sha256` is None while its graph may hold something else.

    `valid` is the fingerprint of the shapes that its graph was last held to, `skipped` the commits
    that hold no text.
    """

    identity: Identity
    sha256: str | None
    triples: int
    valid: str
    methods: str
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """What was judged of a document: from which inputs, and what its graph of findings holds.

    `sha256` is None while that graph may hold something else. `traces` has for each topic the digest
    of its rules and that of what they detect, joined by a blank.
    """

    history: str
    graph: str
    inputs: str
    sha256: str | None
    triples: int
    traces: Mapping[str, str]


class Ledger:
    """The ledger of a data directory."""

    def __init__(self, data: Path) -> None:
        """Open it, or make an empty one. Every method raises `StoreError` where it is damaged."""
        self._path = data / "ledger.sqlite"
        with self._sound():
            self._db = sqlite3.connect(self._path, isolation_level=None)
            try:
                self._db.executescript(_TABLES)
            except BaseException:
                self._db.close()
                raise

    def __enter__(self) -> Self:
        """Lend itself for a ``with``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Raise `StoreError` where SQLite cannot use the file."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"the ledger {self._path} cannot be used: {error}",
                hint="What is published is kept apart from it: remove this file, and load law and "
                "documents again.",
                value=str(self._path),
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._sound():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                with suppress(sqlite3.DatabaseError):  # what went wrong first is what to tell
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, query: str, *given: str) -> list[tuple[Any, ...]]:
        with self._sound():
            return self._db.execute(query, given).fetchall()

    def documents(self) -> dict[str, Known]:
        """Every document by its graph."""
        rows = self._rows(
            "SELECT graph, identity, CASE WHEN open THEN NULL ELSE sha256 END, "
            "COALESCE(triples, 0), COALESCE(valid, ''), COALESCE(methods, ''), "
            "COALESCE(skipped, '[]') FROM document ORDER BY graph"
        )
        return {
            graph: Known(
                Identity(**orjson.loads(identity)),
                sha256,
                triples,
                valid,
                methods,
                tuple(orjson.loads(skipped)),
            )
            for graph, identity, sha256, triples, valid, methods, skipped in rows
        }

    def captures(self, graph: str) -> list[dict[str, Any]]:
        """What is known of a document's captures, in order; texts are in the store."""
        rows = self._rows("SELECT facts FROM capture WHERE graph = ? ORDER BY place", graph)
        return [orjson.loads(facts) for (facts,) in rows]

    def open(self, identities: Iterable[Identity]) -> None:
        """Note that the graphs of some documents are about to be written."""
        with self._transaction() as db:
            for identity in identities:
                facts = orjson.dumps(asdict(identity)).decode()
                db.execute(
                    "INSERT INTO document (graph, identity, open) VALUES (?, ?, 1) "
                    "ON CONFLICT (graph) DO UPDATE SET open = 1, identity = excluded.identity",
                    (identity.graph, facts),
                )
                _declare(db, identity.graph, identity.nodes())

    def done(self, known: Known, captures: Iterable[Mapping[str, Any]] | None = None) -> None:
        """Note what a document's graph holds now; `captures` None leaves them as they were."""
        name = known.identity.graph
        skipped = orjson.dumps(known.skipped).decode()
        with self._transaction() as db:
            db.execute(
                "UPDATE document SET open = 0, sha256 = ?, triples = ?, valid = ?, methods = ?, "
                "skipped = ? WHERE graph = ?",
                (known.sha256, known.triples, known.valid, known.methods, skipped, name),
            )
            if captures is not None:
                db.execute("DELETE FROM capture WHERE graph = ?", (name,))
                rows = enumerate(orjson.dumps(each).decode() for each in captures)
                db.executemany(
                    "INSERT INTO capture VALUES (?, ?, ?)",
                    [(name, place, facts) for place, facts in rows],
                )

    def judged(self) -> dict[str, Judged]:
        """What was judged, by the graph of the document's history."""
        rows = self._rows(
            "SELECT history, graph, inputs, sha256, COALESCE(triples, 0), traces FROM judged"
        )
        return {
            history: Judged(history, graph, inputs, sha256, triples, orjson.loads(traces))
            for history, graph, inputs, sha256, triples, traces in rows
        }

    def judge(self, judged: Iterable[Judged]) -> None:
        """Note what was judged of some documents; without a digest: what is about to be written."""
        with self._transaction() as db:
            rows = [
                (
                    each.history,
                    each.graph,
                    each.inputs,
                    each.sha256,
                    each.triples,
                    orjson.dumps(each.traces).decode(),
                )
                for each in judged
            ]
            db.executemany("INSERT OR REPLACE INTO judged VALUES (?, ?, ?, ?, ?, ?)", rows)

    def unjudge(self, history: str) -> None:
        """Forget what was judged of a document."""
        with self._transaction() as db:
            db.execute("DELETE FROM judged WHERE history = ?", (history,))

    def forget(self, graph: str) -> None:
        """Drop a document."""
        with self._transaction() as db:
            for table, key in (("document", "graph"), ("capture", "graph"), ("declared", "owner")):
                db.execute(f"DELETE FROM {table} WHERE {key} = ?", (graph,))

    def declare(self, owner: str, nodes: Iterable[Node]) -> None:
        """Note which providers, platforms and documents a source speaks of."""
        with self._transaction() as db:
            _declare(db, owner, nodes)

    def declared(self) -> list[Node]:
        """Every provider, platform and document once, with all that is said of it.

        Where two sources differ, the first in the order of their names is right; law comes first.
        """
        merged: dict[str, Node] = {}
        rows = self._rows("SELECT node FROM declared ORDER BY owner, iri")
        for node in (orjson.loads(text) for (text,) in rows):
            merged[node["id"]] = node | merged.get(node["id"], {})
        return list(merged.values())

    def names(self, kind: str) -> dict[str, str]:
        """The names of platforms (or providers) by their ids."""
        return {
            node["id"].rpartition("/")[2]: node["label"]
            for node in self.declared()
            if node["type"] == kind
        }


def _declare(db: sqlite3.Connection, owner: str, nodes: Iterable[Node]) -> None:
    db.execute("DELETE FROM declared WHERE owner = ?", (owner,))
    rows = [
        (owner, node["id"], orjson.dumps(node).decode()) for node in nodes if node["type"] in SHARED
    ]
    db.executemany("INSERT INTO declared VALUES (?, ?, ?)", rows)


def facts_of(capture: Capture, text_sha256: str) -> dict[str, Any]:
    """What the ledger keeps of a capture: all but its text."""
    facts = {
        key: value for key, value in asdict(capture).items() if key not in ("text", "snapshot")
    }
    return facts | {"text_sha256": text_sha256}


def capture_of(facts: Mapping[str, Any], text: str) -> Capture:
    """A capture from what the ledger keeps and its text."""
    given = {key: value for key, value in facts.items() if key != "text_sha256"}
    snapshots = tuple(given.pop("snapshots"))
    recorded = datetime.fromisoformat(given.pop("recorded"))
    return Capture(
        **given,
        recorded=recorded,
        snapshots=snapshots,
        snapshot=snapshots[0] if snapshots else None,
        text=text,
    )
