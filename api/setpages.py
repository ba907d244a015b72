"""Cut pages out of sets of rows in an order of kept columns; the last page costs what the first does.

An order is a list of columns with directions; IRIs break ties. Where many rows are chosen, the kept
order of the whole table is walked from the cursor on; where few are, their places in it are looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pyroaring import BitMap

from clausegraph.api import bitmaps
from clausegraph.api.bitmaps import Array
from clausegraph.api.clauses import Clause
from clausegraph.api.columns import KEPT, order_name, sort
from clausegraph.api.sets import Sets

_STEP, _STEPS = 1_024, 4  # rows of the whole order that are looked at, and how often
_STRIDE = 4_096  # rows that are looked at next, then twice as many, and so on
Order = tuple[tuple[str, bool], ...]


class Ordered:
    """A set of rows of a table in an order."""

    def __init__(self, sets: Sets, owner: str, order: Order, rows: BitMap) -> None:
        """Take an order whose columns are all kept."""
        self.sets, self.owner, self.order, self.rows = sets, owner, order, rows
        columns = [sets.sure(owner, name) for name, _ in order]
        self.columns = [(column, way) for column, (_, way) in zip(columns, order, strict=True)]
        self.tops = [2 * len(sets.sure(owner, f"{name} one")) + 1 for name, _ in order]

    def page(self, after: Any, before: Any, limit: int, backwards: bool) -> list[int]:
        """Row numbers between two places (key values, then a short IRI), from the near end on."""
        whole = self._whole()
        start = 0 if after is None else self._after(whole, self._rank(after))
        end = len(whole) if before is None else self._from(whole, self._rank(before))
        if limit * len(whole) < len(self.rows) * _STEP:
            found = self._walked(whole, start, end, limit, backwards)
            return self._scanned(whole, start, end, limit, backwards) if found is None else found
        return self._placed(whole, start, end, limit, backwards)

    def _ties(self) -> Array | None:
        return self.sets.lane(self.owner, "iri")

    def _ranks(self, ids: Array) -> list[Array]:
        """What places are compared by: twice the codes, so that there is room between them."""
        ties = self._ties()
        own = ids if ties is None else ties[ids]
        found = [self._sided(2 * column[ids].astype(np.int64), n, way)
                 for n, (column, way) in enumerate(self.columns)]  # fmt: skip
        return [*found, 2 * own.astype(np.int64)]

    def _sided(self, twice: Any, number: int, descending: bool) -> Any:
        return self.tops[number] - twice if descending else twice

    def _rank(self, place: Sequence[Any]) -> tuple[int, ...]:
        found = []
        for number, ((name, way), value) in enumerate(zip(self.order, place, strict=False)):
            code, same = self.sets.place(self.owner, name, value)
            found.append(int(self._sided(2 * code - (not same), number, way)))
        return (*found, self._tie(place[-1]))

    def _tie(self, iri: str) -> int:
        sql = f"SELECT id, iri FROM {self.owner} WHERE iri >= ? ORDER BY iri LIMIT 1"
        rows = self.sets.fetch(Clause(sql, (iri,)))
        if not rows:
            return 1 << 40
        ties = self._ties()
        own = int(rows[0][0] if ties is None else ties[rows[0][0]])
        return 2 * own - int(rows[0][1] != iri)

    def _walked(
        self, whole: Array, start: int, end: int, limit: int, backwards: bool
    ) -> list[int] | None:
        """Walk the whole table's order from the near end on; None where too few are met."""
        found: list[int] = []
        for _ in range(_STEPS):
            if start >= end or len(found) >= limit:
                return found[:limit]
            if backwards:
                part, end = whole[max(start, end - _STEP) : end][::-1], end - _STEP
            else:
                part, start = whole[start : min(end, start + _STEP)], start + _STEP
            found += [each for each in part.tolist() if each in self.rows]
        return found[:limit] if len(found) >= limit else None

    def _scanned(
        self, whole: Array, start: int, end: int, limit: int, backwards: bool
    ) -> list[int]:
        """Walk on in ever longer steps, where many rows are chosen and none stands near."""
        mask = bitmaps.to_mask(self.rows, self.sets.length(self.owner))
        found, step = list[int](), _STRIDE
        while start < end and len(found) < limit:
            if backwards:
                part, end = whole[max(start, end - step) : end][::-1], end - step
            else:
                part, start = whole[start : min(end, start + step)], start + step
            found += part[mask[part]][: limit - len(found)].tolist()
            step *= 2
        return found

    def _placed(self, whole: Array, start: int, end: int, limit: int, backwards: bool) -> list[int]:
        """Look up the places of all rows of the set, and take the first or last of them."""
        places = self._places(whole)[bitmaps.to_ids(self.rows)]
        places = places[(places >= start) & (places < end)]
        if len(places) > limit > 0:
            at = len(places) - limit if backwards else limit - 1
            places = np.partition(places, at)
            places = places[at:] if backwards else places[:limit]
        found = np.sort(places)
        return [int(whole[each]) for each in (found[::-1] if backwards else found)[:limit]]

    def _places(self, whole: Array) -> Array:
        """Where in the order of the whole table each row stands."""

        def make() -> Array:
            places = np.zeros(self.sets.length(self.owner), np.int32)
            places[whole] = np.arange(len(whole), dtype=np.int32)
            return places

        key = self.owner, order_name(self.order), "places"
        return self.sets.held.order(key, make)

    def _whole(self) -> Array:
        """All rows of the table in this order."""
        name = order_name(self.order)
        if self.order in KEPT[self.owner].orders:
            return self.sets.sure(self.owner, name)

        def make() -> Array:
            ids = bitmaps.to_ids(self.sets.rows(self.owner))
            ties = self._ties()
            ties = np.arange(self.sets.length(self.owner)) if ties is None else ties
            return sort(self.columns, ties, ids)

        return self.sets.held.order((self.owner, name), make)

    def _after(self, whole: Array, rank: tuple[int, ...]) -> int:
        """How many rows of the whole come no later than a rank."""
        return self._count(whole, lambda found: found <= rank)

    def _from(self, whole: Array, rank: tuple[int, ...]) -> int:
        """How many rows of the whole come before a rank."""
        return self._count(whole, lambda found: found < rank)

    def _count(self, whole: Array, early: Any) -> int:
        low, high = 0, len(whole)
        while low < high:
            middle = (low + high) // 2
            found = tuple(int(each[0]) for each in self._ranks(whole[middle : middle + 1]))
            low, high = (middle + 1, high) if early(found) else (low, middle)
        return low
