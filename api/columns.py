"""Columns of the index's tables as arrays, and their values as bitmaps of row numbers.

SQLite finds rows; it does not count a hundred thousand of them in a millisecond. So for tables that
are filtered, ordered and counted at scale the index also holds, as blobs: for each column the
number of every row's value (its code: 1 and up in the order of the values, 0 for null), a row that
has each code, and where there are few codes, a roaring bitmap of the rows of each. They are written
when a release is published, and read when they are first asked for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from clausegraph.api import bitmaps

Array = NDArray[Any]
FEW = 1_000
"""A column with at most so many values has a bitmap for each."""
NEVER = 2**31 - 1
TABLES = """
CREATE TABLE lane (owner TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (owner, name));
CREATE TABLE bits (owner TEXT NOT NULL, name TEXT NOT NULL, code INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (owner, name, code));
"""
_OF_DOCUMENT = "(SELECT {} FROM document WHERE document.id = document)"
_KIND, _PLATFORM = _OF_DOCUMENT.format("kind"), _OF_DOCUMENT.format("platform")


@dataclass(frozen=True)
class Table:
    """What is kept of a table: columns of values by name, columns of row numbers, intervals.

    `orders` are the orders whose permutation is kept, as (column, descending).
    """

    values: Mapping[str, str]
    numbers: Mapping[str, str]
    days: bool = False
    orders: Sequence[tuple[tuple[str, bool], ...]] = ()


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_PLACED = (("placed", True),)
HISTORIES = {
    "platform": Table(_same("label", "invented"), {}),
    "document": Table(_same("label", "kind", "type"), _same("platform")),
    "provision": Table(
        _same("home", "start", "seen", "kind") | {"documentKind": _KIND},
        _same("document") | {"platform": _PLATFORM},
        orders=((("home", False), ("start", False)), (("seen", False),), (("seen", True),)),
    ),
    "presence": Table({}, _same("provision", "heading"), days=True),
    "change": Table(
        _same("placed", "size", "significance", "accident", "silent", "bridges")
        | {"documentKind": _KIND},
        _same("document") | {"platform": _PLATFORM},
        orders=(_PLACED,),
    ),
}
JUDGEMENTS = {
    "finding": Table(
        _same("home", "requirement", "since", "state", "reason", "tension", "review")
        | {"documentKind": _KIND},
        _same("document") | {"platform": _PLATFORM},
        days=True,
        orders=((("home", False), ("requirement", False), ("since", False)),),
    ),
    "mapping": Table(
        _same("requirement", "relation", "review") | {"documentKind": _KIND},
        _same("document", "provision") | {"platform": _PLATFORM},
        days=True,
    ),
}
KEPT = HISTORIES | JUDGEMENTS


def fill(db: sqlite3.Connection, tables: Mapping[str, Table]) -> None:
    """Write the columns of some tables anew."""
    for owner, table in tables.items():
        for name in ("lane", "bits"):
            db.execute(f"DELETE FROM {name} WHERE owner = ?", (owner,))
        _Filler(db, owner).fill(table)


class _Filler:
    """Writes the columns of one table."""

    def __init__(self, db: sqlite3.Connection, owner: str) -> None:
        self.db, self.owner = db, owner
        ids = self._ints("id")
        self.ids = ids
        self.length = int(ids[-1]) + 1 if len(ids) else 1
        self.codes: dict[str, Array] = {}

    def fill(self, table: Table) -> None:
        """Write everything."""
        self._bits("rows", 0, bitmaps.listed(self.ids))
        self._ties()
        for name, sql in table.values.items():
            self._values(name, sql)
        for name, sql in table.numbers.items():
            self._lane(name, self._spread(self._ints(f"coalesce({sql}, 0)")))
        if table.days:
            for name, sql in (("from", "since"), ("to", "until")):
                self._lane(name, self._spread(np.fromiter(self._days(sql), np.int32)))
        for order in table.orders:
            self._lane(order_name(order), self._order(order))

    def _ints(self, sql: str) -> Array:
        found = self.db.execute(f"SELECT {sql} FROM {self.owner} ORDER BY id")
        return np.fromiter(chain.from_iterable(found), np.int64)

    def _days(self, column: str) -> Iterator[int]:
        """Days as numbers; where there is no interval, it ends before it begins."""
        none = NEVER if column == "since" else 0
        known: dict[Any, int] = {None: none, "~": NEVER}
        for (text,) in self.db.execute(f"SELECT {column} FROM {self.owner} ORDER BY id"):
            if text not in known:
                known[text] = date.fromisoformat(text).toordinal()
            yield known[text]

    def _ties(self) -> None:
        """The order of IRIs, where it is not that of the numbers."""
        rows = self.db.execute(f"SELECT id FROM {self.owner} ORDER BY iri")
        order = np.fromiter(chain.from_iterable(rows), np.int64)
        codes = self._spread(np.zeros(0, np.int64)) if not len(order) else None
        if codes is None and not np.array_equal(order, self.ids):
            codes = np.zeros(self.length, np.int64)
            codes[order] = np.arange(1, len(order) + 1)
            self._lane("iri", codes)
        self.codes["iri"] = np.arange(self.length) if codes is None else codes

    def _values(self, name: str, sql: str) -> None:
        texts = [v for (v,) in self.db.execute(f"SELECT {sql} FROM {self.owner} ORDER BY id")]
        known = sorted(set(texts) - {None})
        numbers = {None: 0} | {value: at for at, value in enumerate(known, 1)}
        codes = self._spread(np.fromiter(map(numbers.__getitem__, texts), np.int64))
        one = np.zeros(len(known) + 1, np.int64)
        one[codes[self.ids]] = self.ids
        self.codes[name] = codes
        self._lane(name, codes)
        self._lane(f"{name} one", one)
        if len(known) <= FEW:
            for code, ids in groups(codes[self.ids], self.ids, len(known)):
                self._bits(name, code, bitmaps.listed(ids))

    def _order(self, order: tuple[tuple[str, bool], ...]) -> Array:
        """The numbers of rows in an order; IRIs break ties."""
        return sort([(self.codes[name], way) for name, way in order], self.codes["iri"], self.ids)

    def _spread(self, values: Array) -> Array:
        """Values by the number of their row; 0 where there is none."""
        found = np.zeros(self.length, np.int64)
        found[self.ids] = values
        return found

    def _lane(self, name: str, values: Array) -> None:
        top = int(values.max()) if len(values) else 0
        packed = values.astype(np.uint8 if top < 256 else np.uint16 if top < 65536 else np.int32)
        row = self.owner, name, packed.dtype.str, packed.tobytes()
        self.db.execute("INSERT INTO lane VALUES (?, ?, ?, ?)", row)

    def _bits(self, name: str, code: int, found: BitMap) -> None:
        found.run_optimize()
        row = self.owner, name, code, found.serialize()
        self.db.execute("INSERT INTO bits VALUES (?, ?, ?, ?)", row)


def sort(keys: Sequence[tuple[Array, bool]], ties: Array, ids: Array) -> Array:
    """Row numbers in the order of some columns of codes, then of `ties`."""
    columns = [ties[ids]]
    columns += [-codes[ids].astype(np.int64) if way else codes[ids] for codes, way in keys[::-1]]
    return np.asarray(ids[np.lexsort(columns)])


def order_name(order: Iterable[tuple[str, bool]]) -> str:
    """What the permutation of an order is called."""
    return "order " + ", ".join(f"{name} desc" if way else name for name, way in order)


def groups(codes: Array, ids: Array, top: int) -> Iterator[tuple[int, Array]]:
    """The rows of each code, in the order in which they are given."""
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(top + 2))
    for code in range(top + 1):
        if ends[code] < ends[code + 1]:
            yield code, ids[order[ends[code] : ends[code + 1]]]
