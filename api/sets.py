"""Choose rows of the index as sets of their numbers: filter, count, and cut pages out of an order.

Every condition (`clausegraph.api.clauses`) becomes a bitmap of row numbers: from the columns kept
beside the tables where it says how, by SQL otherwise. Bitmaps and columns belong to a release,
which never changes; those used last are kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date
from functools import reduce
from itertools import chain
from typing import Any, Literal

import numpy as np
from pyroaring import BitMap

from clausegraph.api import bitmaps
from clausegraph.api.bitmaps import Array
from clausegraph.api.clauses import (
    STANDS,
    Clause,
    Combined,
    Has,
    Member,
    Some,
    Within,
    joined,
)
from clausegraph.api.columns import FEW, KEPT, NEVER
from clausegraph.api.policyrows import OPEN

_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")
KEPT_SETS = 256
"""How many sets of rows a release keeps; each takes at most a bit a row."""
KEPT_DAYS = 4
"""Of how many days a release keeps what is made for a day; about two bytes a mapping each."""
KEPT_ORDERS = 32
"""How many orders of whole tables it keeps, of those that clients make up; each takes 4 or 8 bytes
a row."""
Fetch = Callable[[Clause], list[tuple[Any, ...]]]


class Held:
    """What is in memory of a release's columns and sets."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.known: dict[Any, Any] = {}
        self.sets: OrderedDict[Any, Any] = OrderedDict()
        self.orders: OrderedDict[Any, Any] = OrderedDict()
        self.days: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """What is kept under a key for good; two threads may both make it, equal."""
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def day(self, name: str, day: str, make: Callable[[], Any]) -> Any:
        """What is kept of a day, for the last `KEPT_DAYS` days that were asked about."""
        with self.lock:
            if (name, day) in self.days:
                self.days.move_to_end((name, day))
                return self.days[name, day]
        found = make()
        with self.lock:
            self.days[name, day] = found
            while len(self.days) > KEPT_DAYS:
                self.days.popitem(last=False)
        return found

    def set(self, key: Any, make: Callable[[], BitMap]) -> BitMap:
        """A set, kept until so many others were asked for since."""
        found: BitMap = self._last(self.sets, KEPT_SETS, key, make)
        return found

    def order(self, key: Any, make: Callable[[], Array]) -> Array:
        """An order of a table's rows, kept until so many others were asked for since."""
        found: Array = self._last(self.orders, KEPT_ORDERS, key, make)
        return found

    def _last(
        self, kept: OrderedDict[Any, Any], most: int, key: Any, make: Callable[[], Any]
    ) -> Any:
        with self.lock:
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
        found = make()
        with self.lock:
            kept[key] = found
            while len(kept) > most:
                kept.popitem(last=False)
        return found


class Sets:
    """The rows of one release's index as sets, within a request."""

    def __init__(self, held: Held, fetch: Fetch) -> None:
        """Read through `fetch`, which raises where the request's time is over."""
        self.held, self.fetch = held, fetch

    def lane(self, owner: str, name: str) -> Array | None:
        """A column by row number; None where it is not kept."""
        return self.held.get((owner, name), lambda: self._lane(owner, name))  # type: ignore[no-any-return]

    def _lane(self, owner: str, name: str) -> Array | None:
        sql = "SELECT type, data FROM lane WHERE owner = ? AND name = ?"
        rows = self.fetch(Clause(sql, (owner, name)))
        return np.frombuffer(rows[0][1], rows[0][0]) if rows else None

    def sure(self, owner: str, name: str) -> Array:
        """A column that is kept."""
        found = self.lane(owner, name)
        assert found is not None, (owner, name)
        return found

    def bits(self, owner: str, name: str) -> dict[int, BitMap]:
        """The rows of each code of a column; empty where there are too many codes."""
        return self.held.get((owner, name, "bits"), lambda: self._bits(owner, name))  # type: ignore[no-any-return]

    def _bits(self, owner: str, name: str) -> dict[int, BitMap]:
        sql = "SELECT code, data FROM bits WHERE owner = ? AND name = ?"
        rows = self.fetch(Clause(sql, (owner, name)))
        return {code: BitMap.deserialize(data) for code, data in rows}

    def rows(self, owner: str) -> BitMap:
        """All rows of a table."""
        return self.bits(owner, "rows")[0]

    def length(self, owner: str) -> int:
        """One more than the highest row number."""
        found = self.rows(owner)
        return int(found.max()) + 1 if found else 1

    def values(self, owner: str, name: str, codes: Sequence[int]) -> list[Any]:
        """What codes of a column stand for."""
        one = self.sure(owner, f"{name} one")
        ids = [int(one[code]) for code in codes]
        marks = ", ".join(map(str, ids)) or "0"
        sql = f"SELECT id, {KEPT[owner].values[name]} FROM {owner} WHERE id IN ({marks})"
        known: dict[int, Any] = dict(self.fetch(Clause(sql)))
        return [known.get(each) for each in ids]

    def place(self, owner: str, name: str, value: Any) -> tuple[int, bool]:
        """The first code whose value is not less than one, and whether it is the same."""
        one = self.sure(owner, f"{name} one")
        low, high = 1, len(one)
        found = None
        while low < high:
            middle = (low + high) // 2
            if (there := self.values(owner, name, [middle])[0]) < value:
                low = middle + 1
            else:
                high, found = middle, there
        return low, found == value and low < len(one)

    def of(self, owner: str, clauses: Sequence[Clause]) -> BitMap:
        """The rows of a table that meet all conditions; nobody may change the set."""
        found = [self.one(owner, clause) for clause in clauses if clause.sql != "TRUE"]
        return reduce(BitMap.__and__, sorted(found, key=len)) if found else self.rows(owner)

    def one(self, owner: str, clause: Clause) -> BitMap:
        """The rows of a table that meet a condition."""
        if not clause.short:
            return self._one(owner, clause)
        key = owner, clause.sql, clause.args
        return self.held.set(key, lambda: self._one(owner, clause))

    def _one(self, owner: str, clause: Clause) -> BitMap:
        how = clause.how
        if clause.sql == STANDS and KEPT[owner].days:
            return self._standing(owner, date.fromisoformat(clause.args[0]).toordinal())
        if isinstance(how, Combined):
            return self._combined(owner, how)
        if isinstance(how, Some):
            return self._some(owner, how)
        if isinstance(how, Member):
            return self._member(owner, how)
        if isinstance(how, Has):
            found = self._has(owner, how.column.removeprefix(f"{owner}."), how.values)
        elif isinstance(how, Within):
            found = self._within(owner, how)
        else:
            found = None
        return self._asked(owner, clause) if found is None else found

    def _asked(self, owner: str, clause: Clause) -> BitMap:
        """The rows that SQLite finds."""
        rows = self.fetch(Clause(f"SELECT id FROM {owner} WHERE {clause.sql}", clause.args))
        ids = np.fromiter(chain.from_iterable(rows), np.uint32, len(rows))
        return bitmaps.of_ids(ids, self.length(owner))

    def _standing(self, owner: str, day: int) -> BitMap:
        start, end = self.sure(owner, "from"), self.sure(owner, "to")
        return bitmaps.of_mask((start <= day) & (day <= end) & (start > 0))

    def _combined(self, owner: str, how: Combined) -> BitMap:
        if how.word == "any":
            found = [self.one(owner, clause) for clause in how.clauses]
            return reduce(BitMap.__or__, found, BitMap())
        inner = self.of(owner, how.clauses)
        return inner if how.word == "all" else self.rows(owner) - inner

    def _some(self, owner: str, how: Some) -> BitMap:
        inner = bitmaps.to_ids(self.of(how.table, how.clauses))
        owners = self.lane(how.table, how.column)
        assert owners is not None, how
        found = bitmaps.of_ids(owners[inner], self.length(owner))
        found.discard(0)
        return found

    def _member(self, owner: str, how: Member) -> BitMap:
        if how.table in KEPT:
            inner = self.of(how.table, how.clauses)
            length = self.length(how.table)
        else:
            condition = joined(how.clauses)
            query = Clause(f"SELECT id FROM {how.table} WHERE {condition.sql}", condition.args)
            inner = BitMap(at for (at,) in self.fetch(query))
            length = max(int(self.sure(owner, how.column).max()), inner.max() if inner else 0) + 1
        if how.column == "id":
            return inner
        return self._numbers(owner, how.column, inner, length)

    def _numbers(self, owner: str, column: str, inner: BitMap, length: int) -> BitMap:
        """The rows whose column holds one of some numbers."""
        numbers = self.sure(owner, column)
        if not self._rising(owner, column):
            found = bitmaps.of_mask(bitmaps.to_mask(inner, length)[numbers])
        elif len(inner) <= FEW:
            found = _ranges(numbers, bitmaps.to_ids(inner))
        else:  # many times as fast as looking each number up
            sizes = self.held.get((owner, column, "sizes"), lambda: np.bincount(numbers))
            mask = bitmaps.to_mask(inner, length)[: len(sizes)]
            found = bitmaps.of_mask(np.repeat(mask, sizes))
        return found & self.rows(owner)

    def _rising(self, owner: str, column: str) -> bool:
        """Whether a column of numbers goes up with the numbers of its rows."""

        def look() -> bool:
            numbers = self.sure(owner, column)
            return bool(np.all(numbers[1:] >= numbers[:-1]))

        return bool(self.held.get((owner, column, "rising"), look))

    def _has(self, owner: str, column: str, values: Sequence[Any]) -> BitMap | None:
        kept = KEPT[owner]
        if column == "until" and kept.days and values == (OPEN,):
            return bitmaps.of_mask(self.sure(owner, "to") == NEVER)
        if column in kept.numbers:
            if not all(isinstance(value, int) for value in values):
                return None
            inner = BitMap(value for value in values if value > 0)
            length = max(self.length(column), max(values, default=0) + 1)
            return self._numbers(owner, column, inner, length)
        if column not in kept.values:
            return None
        found = [self._code(owner, column, value) for value in values]
        codes = [code for code in found if code]
        bits = self.bits(owner, column)
        if bits:
            return reduce(BitMap.__or__, (bits[code] for code in codes), BitMap())
        return bitmaps.of_mask(np.isin(self.sure(owner, column), codes))

    def _code(self, owner: str, name: str, value: Any) -> int:
        """The code of a value, 0 where no row has it."""
        one = self.sure(owner, f"{name} one")
        if len(one) - 1 > FEW:
            code, same = self.place(owner, name, value)
            return code if same else 0

        def read() -> dict[Any, int]:
            codes = range(1, len(one))
            return dict(zip(self.values(owner, name, codes), codes, strict=True))

        return int(self.held.get((owner, name, "codes"), read).get(value, 0))

    def _within(self, owner: str, how: Within) -> BitMap | None:
        if how.column not in KEPT[owner].values:
            return None
        codes = self.sure(owner, how.column)
        low, high = 1, len(self.sure(owner, f"{how.column} one"))
        if how.low is not None:
            low, _ = self.place(owner, how.column, how.low)
        if how.high is not None:
            high, same = self.place(owner, how.column, how.high)
            high += same
        return bitmaps.of_mask((codes >= low) & (codes < high))


def _ranges(numbers: Array, ids: Array) -> BitMap:
    """Where numbers that rise are one of a few."""
    known = ids[ids <= numbers[-1]].astype(numbers.dtype)  # of one type, or all are copied
    starts, ends = (np.searchsorted(numbers, known, side) for side in _SIDES)
    found = BitMap()
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        found.add_range(start, end)
    return found
