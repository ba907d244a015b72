"""A release of many synthetic platforms as copies of a smaller one, for scales that take hours.

    python -m benchmarks.syntheticcopies DATA SMALL TIMES [lean | bare]

SMALL is the data directory of a release (`benchmarks.syntheticrelease`) of 1,000 or 10,000 platforms.
Every copy has the same words under other IRIs: sets, orders, facets and posting lists are as long as
those of platforms made one by one, and words as frequent. Rows of the index are copied as rows, and
what is made of all rows (full text, B-trees, columns, bitmaps) is made by the project's own builder
of them all. The
store keeps a part.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import orjson
from pyoxigraph import RdfFormat

from benchmarks.synthetic import FOUND, HISTORIES, SEED
from benchmarks.syntheticrelease import Seconds, blocks, helping
from clausegraph.api import columns, findingindex, policyindex
from clausegraph.api.publish import load
from clausegraph.api.releases import Releases
from clausegraph.api.store import writing

NUMBERS: dict[str, dict[str, str]] = {
    "platform": {},
    "document": {"platform": "platform"},
    "version": {"document": "document"},
    "heading": {},
    "provision": {
        "document": "document", "heading": "heading", "first": "version", "last": "version",
    },
    "presence": {"document": "document", "provision": "provision", "heading": "heading"},
    "change": {"document": "document"},
    "delta": {
        "change": "change", "before": "provision", "after": "provision",
        "heading_before": "heading", "heading_after": "heading",
    },
    "term": {"change": "change", "delta": "delta"},
    "finding": {"document": "document"},
    "mapping": {"document": "document", "provision": "provision"},
}  # fmt: skip
"""The tables, and of which table a column holds the number of a row."""
_NAMED = ("iri", "home", "graph")


def release(data: Path, small: Path, times: int, part: str = "lean", helpers: int = 0) -> Seconds:
    """Publish the law and the copies of a release's platforms."""
    spent = Seconds()
    spent("law", lambda: load(data))
    source = Releases(small).current().path / policyindex.NAME
    platforms, names = _names(source, times)
    graphs: dict[str, tuple[str, int]] = {}
    with writing(data) as writer, helping(helpers) as pool:
        for block, own in blocks(platforms, SEED, part=part, pool=pool):
            for new in names:
                some = block.replace(names[0].encode(), new.encode())
                spent("load", lambda: writer.store.bulk_load(some, format=RdfFormat.N_QUADS))  # noqa: B023
                graphs |= {name.replace(names[0], new): told for name, told in own.items()}
        spent("optimize", writer.store.optimize)
        graphs |= writer.digests(but=(f"{HISTORIES}/", f"{FOUND}/"))
        Releases(data).publish(
            writer.store, graphs, lambda path: spent("index", lambda: index(path, source, times))
        )
    spent.keep(data, part)
    return spent


def _names(source: Path, times: int) -> tuple[int, list[str]]:
    """How many platforms there are, and how their names begin, where IRIs go on, in each copy."""
    with closing(policyindex.connect(source)) as db:
        sql = "SELECT count(*) FROM platform WHERE iri LIKE 'platform/s0%'"
        platforms = int(db.execute(sql).fetchone()[0])
    signs = 6 - len(str(platforms - 1))
    return platforms, [f"/s{number:0{signs}d}" for number in range(times)]


def index(path: Path, source: Path, times: int) -> None:
    """Write the index of the copies of the platforms of another."""
    with closing(sqlite3.connect(path / policyindex.NAME, isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        db.executescript("PRAGMA cache_size = -65536; PRAGMA analysis_limit = 1000;")
        db.execute("ATTACH ? AS small", (str(source),))
        db.executescript(policyindex.TABLES + columns.TABLES + findingindex.TABLES)
        top = {name: _top(db, name) for name in NUMBERS}
        names = _names(source, times)[1]
        db.execute("BEGIN")
        for number, new in enumerate(names):
            given = {name: at * number for name, at in top.items()}
            for table in (*NUMBERS, "judged"):
                db.execute(_copy(db, table, names[0], new, given))
        sql = (
            "INSERT INTO meta SELECT * FROM small.meta WHERE name IN ('layout', 'source', 'judged')"
        )
        db.execute(sql)
        db.executescript("DETACH small; BEGIN;" + policyindex.INDEXES)
        for statement in findingindex.INDEXES:
            db.execute(statement)
        columns.fill(db, columns.KEPT)
        db.execute("COMMIT")
        db.executescript(findingindex.COUNTS)


def _top(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT coalesce(max(id), 0) FROM small.{table}").fetchone()[0])


def _copy(db: sqlite3.Connection, table: str, old: str, new: str, more: dict[str, int]) -> str:
    """The statement that copies a table's rows for the platforms of a copy, with higher numbers.

    What is not a platform's own (documents that the law speaks of) is there in the first alone.
    """
    own = NUMBERS.get(table, {"document": "document"}) | {"id": table}
    parts = []
    for _, name, *_ in db.execute(f"PRAGMA small.table_info({table})"):
        if name in _NAMED:
            parts.append(f"replace({name}, '{old}', '{new}')")
        else:
            parts.append(f"{name} + {more[own[name]]}" if name in own else name)
    shared = old != new and table in ("platform", "document")
    where = f" WHERE iri LIKE '%{old}%'" if shared else ""
    return f"INSERT INTO main.{table} SELECT {', '.join(parts)} FROM small.{table}{where}"


def main(words: Sequence[str]) -> None:
    """Make a release of copies and print what was spent."""
    part = words[3] if len(words) > 3 else "lean"
    spent = release(Path(words[0]), Path(words[1]), int(words[2]), part, helpers=1)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(orjson.dumps(spent.told() | {"MB at most": round(most)}).decode())


if __name__ == "__main__":
    main(sys.argv[1:])
