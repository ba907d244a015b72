"""What is judged of documents, as tables of the index of policies.

Reviews and rules change judgements more often than histories change. So these tables know from
which graphs they were made, and in a copy of another release's index only the rows of documents
that were judged anew are replaced.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import NamedNode

from clausegraph.api.policyrows import OPEN, Facts, Rows, short, slug
from clausegraph.api.source import Triples
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import ID, graph

FINDINGS = graph("findings") + "/"
TABLES = """
CREATE TABLE judged (graph TEXT PRIMARY KEY, digest TEXT NOT NULL, document INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE finding (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, document INTEGER NOT NULL,
    home TEXT NOT NULL, requirement TEXT NOT NULL, reads TEXT NOT NULL, state TEXT NOT NULL,
    reason TEXT, tension TEXT, review TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL);
CREATE TABLE mapping (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, document INTEGER NOT NULL,
    requirement TEXT NOT NULL, provision INTEGER NOT NULL, relation TEXT NOT NULL,
    review TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL);
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS finding_place ON finding (home, requirement, since, iri)",
    "CREATE INDEX IF NOT EXISTS finding_document ON finding (document, since)",
    "CREATE INDEX IF NOT EXISTS finding_requirement ON finding (requirement, state)",
    "CREATE UNIQUE INDEX IF NOT EXISTS mapping_iri ON mapping (iri)",
    "CREATE INDEX IF NOT EXISTS mapping_provision ON mapping (provision)",
    "CREATE INDEX IF NOT EXISTS mapping_requirement ON mapping (requirement)",
    "CREATE INDEX IF NOT EXISTS mapping_document ON mapping (document)",
)
COUNTS = """
INSERT OR REPLACE INTO meta SELECT 'findings', count(*) FROM finding;
INSERT OR REPLACE INTO meta SELECT 'mappings', count(*) FROM mapping;
ANALYZE finding;
ANALYZE mapping;
"""


def fill(db: sqlite3.Connection, store: Triples, digests: Mapping[str, str]) -> None:
    """Bring the tables in line with a store; graphs whose digest is known and the same stay.

    Indexes are made when all rows are there, which is quicker than keeping them up row by row.
    """
    known = dict(db.execute("SELECT graph, digest FROM judged"))
    names = sorted(iri_of(name) for name in store.named_graphs())
    there = {name: digests.get(name, "") for name in names if name.startswith(FINDINGS)}
    for name in sorted({*known, *there}):
        if not known.get(name) or known[name] != there.get(name):
            if name in known:
                _clear(db, name)
            if name in there:
                _put(db, store, name, there[name])
    for statement in INDEXES:
        db.execute(statement)


def _clear(db: sqlite3.Connection, name: str) -> None:
    own = "(SELECT document FROM judged WHERE graph = ?)"
    for table in ("finding", "mapping"):
        db.execute(f"DELETE FROM {table} WHERE document = {own}", (name,))
    db.execute("DELETE FROM judged WHERE graph = ?", (name,))


def _put(db: sqlite3.Connection, store: Triples, name: str, digest: str) -> None:
    facts = Facts(store, NamedNode(name))
    home = name.removeprefix(FINDINGS)
    document = _one(db, "SELECT id FROM document WHERE iri = ?", f"document/{home}")
    rows = "SELECT iri, id FROM provision WHERE document = ?"
    provisions = {ID + iri: at for iri, at in db.execute(rows, (document,))}
    made = {
        "finding": _findings(facts, document, f"document/{home}"),
        "mapping": _mappings(facts, document, provisions),
    }
    db.execute("INSERT INTO judged VALUES (?, ?, ?)", (name, digest, document))
    for table, found in made.items():
        start = _one(db, f"SELECT coalesce(max(id), 0) FROM {table}")
        _insert(db, table, ((at, *row) for at, row in enumerate(found, start + 1)))


def _insert(db: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    found = list(rows)
    if found:
        marks = ", ".join("?" * len(found[0]))
        db.executemany(f"INSERT INTO {table} VALUES ({marks})", found)


def _one(db: sqlite3.Connection, sql: str, *args: str) -> int:
    return int(db.execute(sql, args).fetchone()[0])


def _findings(facts: Facts, document: int, home: str) -> Rows:
    return [
        (short(iri), document, home, short(facts["requirement"][iri]),
         short(facts["requirementVersion"][iri]), slug(state), _slug(facts, "findingReason", iri),
         _slug(facts, "tensionKind", iri), slug(facts["reviewState"][iri]), *_days(facts, iri))
        for iri, state in sorted(facts["findingState"].items())
    ]  # fmt: skip


def _mappings(facts: Facts, document: int, provisions: Mapping[str, int]) -> Rows:
    return [
        (short(iri), document, short(facts["requirement"][iri]),
         provisions[facts["provision"][iri]], slug(relation), slug(facts["reviewState"][iri]),
         *_days(facts, iri))
        for iri, relation in sorted(facts["mappingRelation"].items())
    ]  # fmt: skip


def _slug(facts: Facts, key: str, iri: str) -> str | None:
    found = facts[key].get(iri)
    return found and slug(found)


def _days(facts: Facts, iri: str) -> tuple[str, str]:
    return facts["validFrom"][iri], facts["validUntil"].get(iri, OPEN)
