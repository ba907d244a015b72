"""Conditions on the rows of the index: as SQL, and where it is known how, as sets of numbers.

A condition is always SQL, which says what it means. `how` says the same as operations on sets of
row numbers (`clausegraph.api.sets`), which answer for any number of rows in a few milliseconds; a
condition without it is asked of SQLite once and its rows are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Union

STANDS = "? BETWEEN since AND until"
"""That a row holds on a day (its one argument); wherever this text stands, sets know it."""


@dataclass(frozen=True)
class Has:
    """A column has one of some values."""

    column: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Within:
    """A column's value lies between two others, both included; None is no bound."""

    column: str
    low: Any
    high: Any


@dataclass(frozen=True)
class Member:
    """A column holds the number of a row of another table that meets conditions."""

    column: str
    table: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Some:
    """A row of another table, whose `column` holds the number of this one, meets conditions."""

    table: str
    column: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Combined:
    """Conditions joined: `all` of them, `any` of them, or `none`."""

    word: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Holds:
    """Words stand in a passage; an expression of `clausegraph.api.textquery`."""

    expression: str


How = Union[Has, Within, Member, Some, Combined, Holds, None]  # noqa: UP007  # evaluated at run time


LONGEST = 20_000
"""Characters of the longest statement, with its values, of which anything is kept."""


@dataclass(frozen=True)
class Clause:
    """A condition in SQL with its arguments.

    `narrow`: it leaves so few rows that SQLite's own indexes find them at once. `facet`: the facet
    whose values it chooses from, so that this can be counted without it.
    """

    sql: str
    args: tuple[Any, ...] = ()
    how: How = None
    narrow: bool = False
    facet: str = ""

    @property
    def short(self) -> bool:
        """Whether it is so short that what it finds may be kept under it."""
        texts = (each for each in self.args if isinstance(each, str))
        return len(self.sql) + sum(map(len, texts)) <= LONGEST

    def known(self) -> bool:
        """Whether sets answer it without SQL."""
        inner = getattr(self.how, "clauses", ())
        if isinstance(self.how, Combined):
            return all(each.known() for each in inner)
        return self.how is not None or self.sql in (STANDS, "TRUE")


@dataclass(frozen=True)
class Key:
    """A sort key: an expression that is never null, the type of its values, its direction."""

    sql: str
    type: type = str
    descending: bool = False


def nullable(key: Key, first: bool = False) -> tuple[Key, ...]:
    """A key whose expression may be null as two that are not; nulls last unless `first`."""
    empty = "''" if key.type is str else "0"
    return (
        Key(f"(({key.sql}) IS NULL)", int, first),
        replace(key, sql=f"coalesce({key.sql}, {empty})"),
    )


def among(column: str, values: Iterator[Any] | Sequence[Any] | set[Any]) -> Clause:
    """That a column has one of some values."""
    args = tuple(sorted(values))
    marks = ", ".join("?" * len(args))
    return Clause(f"{column} IN ({marks})", args, Has(column, args))


def standing(day: str) -> Clause:
    """That a row holds on a day."""
    return Clause(STANDS, (day,))


def within(column: str, low: Any = None, high: Any = None) -> list[Clause]:
    """That a column's value lies between two others, both included; no condition without any."""
    bounds = [(sign, at) for sign, at in ((">=", low), ("<=", high)) if at is not None]
    if not bounds:
        return []
    text = " AND ".join(f"{column} {sign} ?" for sign, _ in bounds)
    return [Clause(text, tuple(at for _, at in bounds), Within(column, low, high))]


def about(facet: str, clauses: Iterable[Clause]) -> list[Clause]:
    """Conditions that choose from the values of a facet."""
    return [replace(clause, facet=facet) for clause in clauses]


def member(column: str, table: str, clauses: Sequence[Clause]) -> Clause:
    """That a column holds the number of a row of another table that meets conditions."""
    inner = joined(clauses)
    text = f"{column} IN (SELECT id FROM {table} WHERE {inner.sql})"
    return Clause(text, inner.args, Member(column, table, tuple(clauses)))


def some(owner: str, table: str, column: str, clauses: Sequence[Clause]) -> Clause:
    """That a row of another table that belongs to this row meets conditions."""
    inner = joined(clauses)
    text = f"EXISTS (SELECT 1 FROM {table} WHERE {table}.{column} = {owner}.id AND {inner.sql})"
    return Clause(text, inner.args, Some(table, column, tuple(clauses)))


def all_of(clauses: Sequence[Clause]) -> Clause:
    """That all of some conditions are met."""
    inner = joined(clauses)
    return Clause(inner.sql, inner.args, Combined("all", tuple(clauses)))


def any_of(clauses: Sequence[Clause]) -> Clause:
    """That one of some conditions is met; none is where there is no condition."""
    inner = joined(clauses, "OR")
    return Clause(inner.sql, inner.args, Combined("any", tuple(clauses)))


def none_of(clauses: Sequence[Clause]) -> Clause:
    """That some conditions are not all met; what has no value to compare does not meet one."""
    inner = joined(clauses)
    how = Combined("none", tuple(clauses))
    return Clause(f"({inner.sql}) IS NOT TRUE", inner.args, how)


def joined(clauses: Sequence[Clause], word: str = "AND") -> Clause:
    """The SQL of conditions that are all met (or, with OR, of which one is)."""
    if not clauses:
        return Clause("TRUE" if word == "AND" else "FALSE")
    text = f" {word} ".join(f"({clause.sql})" for clause in clauses)
    return Clause(f"({text})", tuple(arg for clause in clauses for arg in clause.args))
