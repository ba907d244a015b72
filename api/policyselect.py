"""Read the index of policies of a release: choose things by filters, in an order, a page at a time.

A page is read from its cursor on, so the last one costs what the first one costs. The index says
which; what they are comes from the store (`clausegraph.api.reader`).
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pyroaring import BitMap

from clausegraph.api.clauses import Clause, Key, among
from clausegraph.api.columns import KEPT
from clausegraph.api.cursors import Place
from clausegraph.api.errors import StoreError
from clausegraph.api.nodes import Budget, View
from clausegraph.api.policyindex import LAYOUT, NAME, connect
from clausegraph.api.reader import Reader
from clausegraph.api.remember import per_reader
from clausegraph.api.setpages import Order, Ordered
from clausegraph.api.sets import Held, Sets
from clausegraph.ontology.iris import ID

log = logging.getLogger("clausegraph.policyselect")
_MOST = 1_000  # rows of a statement that are kept
_KEPT = 100_000  # rows of all statements that are kept (about 20 MB)
__all__ = ["Choice", "Chosen", "Clause", "Key", "PolicyIndex", "among", "fetch", "policy_index"]
_STEPS = 20_000  # instructions of SQLite (about a millisecond) between two looks at the clock


_NONE = Clause("")


@dataclass(frozen=True)
class Choice:
    """Which things of a table, in which order; their IRIs break ties.

    `source` is what the table is made from, where it is not one of the index's own.
    """

    table: str
    clauses: tuple[Clause, ...] = ()
    order: tuple[Key, ...] = ()
    source: Clause = _NONE

    def with_(self, *clauses: Clause) -> Choice:
        """The same with more conditions."""
        return replace(self, clauses=self.clauses + clauses)

    def sql(self, columns: str, more: Sequence[Clause] = (), end: str = "") -> Clause:
        """The statement that reads some columns of what is chosen."""
        clauses = (*self.clauses, *more)
        where = " AND ".join(f"({clause.sql})" for clause in clauses) or "TRUE"
        args = (*self.source.args, *(arg for clause in clauses for arg in clause.args))
        text = f"{self.source.sql} SELECT {columns} FROM {self.table} WHERE {where} {end}"
        return Clause(text, args)


class _Own(threading.local):
    """The connection of a thread, closed when the thread or the index goes."""

    db: sqlite3.Connection | None = None

    def __del__(self) -> None:
        """Close it: what is left to the collector is warned of."""
        if self.db is not None:
            self.db.close()


class PolicyIndex:
    """The index of one release, open for reading, a connection a thread."""

    def __init__(self, folder: Path) -> None:
        """Take the release's directory; the file is opened when it is first asked."""
        self.file = folder / NAME
        self._own = _Own()
        self.held = Held()

    def rows(self, statement: Clause, budget: Budget) -> list[tuple[Any, ...]]:
        """Every row of a statement.

        Raises `StoreError` where the index is missing or damaged, `TooCostlyError` where the
        request's time is over.
        """
        try:
            db = self._connection()
            db.set_progress_handler(budget.over, _STEPS)
            return db.execute(statement.sql, statement.args).fetchall()
        except (sqlite3.DatabaseError, OSError) as error:
            budget.check()  # an interrupted statement is an error of this class, too
            raise self._damaged(str(error)) from error

    def _connection(self) -> sqlite3.Connection:
        if self._own.db is None:
            if not self.file.exists():
                raise self._damaged("there is no such file")
            found = connect(self.file)
            layout = found.execute("SELECT value FROM meta WHERE name = 'layout'").fetchone()
            if layout != (LAYOUT,):
                raise self._damaged("it was made by another version of the software")
            self._own.db = found
        return self._own.db

    def _damaged(self, why: str) -> StoreError:
        log.error("%s cannot be read: %s", self.file, why)
        return StoreError(  # where it lies is nobody's business
            "the index of policies of this release cannot be read",
            hint="Run `clausegraph publish`; what the release says of the law is not affected.",
            value=self.file.name,
        )


@per_reader
def policy_index(reader: Reader) -> PolicyIndex:
    """The index of a reader's release."""
    return PolicyIndex(reader.release.path)


class _Rows:
    """What statements found before: those that were used last, up to so many rows of all."""

    def __init__(self) -> None:
        self.kept: OrderedDict[Clause, list[tuple[Any, ...]]] = OrderedDict()
        self.rows = 0
        self.changing = threading.Lock()

    def get(self, statement: Clause) -> list[tuple[Any, ...]] | None:
        with self.changing:
            found = self.kept.get(statement)
            if found is not None:
                self.kept.move_to_end(statement)
            return found

    def put(self, statement: Clause, found: list[tuple[Any, ...]]) -> None:
        if len(found) > _MOST or not statement.short:
            return
        with self.changing:
            if statement not in self.kept:
                self.kept[statement] = found
                self.rows += len(found) + 1
            while self.rows > _KEPT:
                self.rows -= len(self.kept.popitem(last=False)[1]) + 1


@per_reader
def _rows(reader: Reader) -> _Rows:
    return _Rows()


def forget(reader: Reader) -> None:
    """Drop what statements found before, to measure what they take."""
    _rows(reader).kept.clear()
    _rows(reader).rows = 0


def sets_of(view: View) -> Sets:
    """The rows of the index of the view's release as sets."""
    return Sets(policy_index(view.reader).held, lambda statement: fetch(view, statement))


def fetch(view: View, statement: Clause) -> list[tuple[Any, ...]]:
    """Every row of a statement on the index of the view's release, which never changes."""
    kept = _rows(view.reader)
    found = kept.get(statement)
    if found is None:
        found = policy_index(view.reader).rows(statement, view.budget)
        kept.put(statement, found)
    return found


@dataclass(frozen=True)
class Chosen:
    """What a choice chooses in a release, in order: IRIs with sort keys (`paging.Places`)."""

    view: View
    choice: Choice

    @property
    def types(self) -> tuple[type, ...]:
        """The types of the values of a place."""
        return (*(key.type for key in self.choice.order), str)

    def read(
        self, after: Place | None, before: Place | None, limit: int, backwards: bool
    ) -> list[Place]:
        """Up to `limit` places between two others, from the near end on."""
        if (kept := self._kept_order()) is not None:
            return self._page(kept, after, before, limit, backwards)
        bounds = [
            _beyond(self.choice.order, place, forward)
            for place, forward in ((after, True), (before, False))
            if place is not None
        ]
        keys = self._keys()
        order = ", ".join(f"{k.sql}{' DESC' if k.descending != backwards else ''}" for k in keys)
        columns = ", ".join(key.sql for key in keys)
        end = f"ORDER BY {order} LIMIT {limit:d}"
        rows = fetch(self.view, self.choice.sql(columns, bounds, end))
        return [(*values, ID + iri) for *values, iri in rows]

    def _known(self) -> bool:
        """Whether sets answer for these conditions at once."""
        choice = self.choice
        own = choice.table in KEPT and not choice.source.sql
        return own and all(each.known() and not each.narrow for each in choice.clauses)

    def _kept_order(self) -> Order | None:
        """The order in columns that are kept; None where SQLite is to cut the page."""
        if not self._known():
            return None
        columns = KEPT[self.choice.table].values
        kept = all(key.sql in columns for key in self.choice.order)
        return tuple((k.sql, k.descending) for k in self.choice.order) if kept else None

    def rows(self, but: str = "") -> BitMap:
        """The numbers of the rows chosen, by all conditions save those on a facet."""
        clauses = [c for c in self.choice.clauses if not but or c.facet != but]
        return sets_of(self.view).of(self.choice.table, clauses)

    def _page(
        self, order: Order, after: Place | None, before: Place | None, limit: int, backwards: bool
    ) -> list[Place]:
        """A page cut out of sets."""
        table = self.choice.table
        sets = sets_of(self.view)
        low, high = (
            place and (*place[:-1], place[-1].removeprefix(ID)) for place in (after, before)
        )
        ids = Ordered(sets, table, order, self.rows()).page(low, high, limit, backwards)
        columns = ", ".join(key.sql for key in self._keys())
        marks = ", ".join(map(str, ids)) or "0"
        read = Clause(f"SELECT id, {columns} FROM {table} WHERE id IN ({marks})")
        known = {at: (*values, ID + iri) for at, *values, iri in fetch(self.view, read)}
        return [known[at] for at in ids]

    def _keys(self) -> tuple[Key, ...]:
        return (*self.choice.order, Key("iri"))

    def count(self) -> int:
        """How many things are chosen."""
        if self._known():
            return len(self.rows())
        return int(fetch(self.view, self.choice.sql("count(*)"))[0][0])

    def counts(self, column: str) -> Mapping[str, int]:
        """How many things are chosen of each value of a column."""
        return dict(
            fetch(self.view, self.choice.sql(f"{column}, count(*)", (), f"GROUP BY {column}"))
        )

    def iris(self, limit: int = -1) -> list[str]:
        """The IRIs of all things chosen, in order."""
        order = ", ".join(f"{k.sql}{' DESC' if k.descending else ''}" for k in self._keys())
        rows = fetch(self.view, self.choice.sql("iri", (), f"ORDER BY {order} LIMIT {limit:d}"))
        return [ID + iri for (iri,) in rows]


def _beyond(order: Sequence[Key], place: Place, forward: bool) -> Clause:
    """What comes after a place (or before it): keyset conditions, the last key the IRI."""
    keys = [*order, Key("iri")]
    values = [*place[:-1], str(place[-1]).removeprefix(ID)]
    first = _sign(keys[0], forward)
    within = "" if len(keys) == 1 else f"{keys[0].sql} {first}= ? AND "  # lets an index be used
    text, args = "", []
    for number, (key, value) in enumerate(zip(keys, values, strict=True)):
        last = number == len(keys) - 1
        text += f"{key.sql} {_sign(key, forward)} ?" + ("" if last else f" OR ({key.sql} = ? AND (")
        args += [value] if last else [value, value]
    text += "))" * (len(keys) - 1)
    return Clause(f"{within}({text})", (*([values[0]] if within else []), *args))


def _sign(key: Key, forward: bool) -> str:
    return ">" if forward != key.descending else "<"
