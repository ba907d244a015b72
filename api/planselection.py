"""Selections of a compiled plan: columns that are read and completed for a level of objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, is_non_null_type

from clausegraph.api import pieces
from clausegraph.api import planreads as reads
from clausegraph.api.plancomplete import Complete, Distinct, RuntimeTypes
from clausegraph.api.planreads import Read, Run, Times


@dataclass(frozen=True)
class Column:
    """A field of a selection: its key in the answer, how it is read and completed."""

    key: str
    read: Read
    complete: Complete
    part: pieces.Part | None = None
    """The same as a field of a piece, where it can be one."""


@dataclass
class Selection:
    """The fields asked of objects of one type."""

    kind: str
    columns: list[Column]
    still: pieces.Still | None = None

    def run(self, run: Run, parents: Sequence[Any], times: Times) -> list[dict[str, Any]]:
        """The answer's objects, in the order of the parents; each field once for all of them."""
        if not self.columns:  # fragments on other types alone
            return [{} for _ in parents]
        keys = [column.key for column in self.columns]
        values = []
        for column in self.columns:
            run.budget.check()
            values.append(column.complete(run, column.read(run, parents, times), times))
        return [dict(zip(keys, row, strict=True)) for row in zip(*values, strict=True)]


def value_column(
    key: str, spec: tuple[Any, ...], definition: GraphQLField, complete: Complete
) -> Column:
    """A field that holds values of the object itself."""
    read = reads.of(*spec)
    how: pieces.How = "text" if spec[0] == "paid" else "leaf"
    sign = f"{key}:{spec}:{definition.type}"
    return Column(key, read, complete, pieces.Part(key, how, read, complete, None, True, sign))


def edge_column(
    key: str,
    spec: tuple[Any, ...],
    definition: GraphQLField,
    complete: Complete,
    below: Selection | None,
) -> Column:
    """A field that holds what properties of the object name."""
    if below is None or below.still is None:
        return Column(key, reads.of(*spec), complete)
    how, still = spec[0], below.still
    nullable = not is_non_null_type(definition.type)
    if how == "edge":
        read, complete = reads.one(spec[1]), pieces.edge(still, nullable, False)
    else:
        read, complete = reads.every(spec[1]), pieces.edges(still, False)
    sign = f"{key}:{spec}:{definition.type}:{still.sign}"
    part = pieces.Part(key, how, read, complete, still, nullable, sign)
    return Column(key, read, complete, part)


def completing(
    types: RuntimeTypes, selection: Callable[[GraphQLObjectType], Selection]
) -> Complete:
    """Complete objects: each distinct one once, those of each type together."""

    def complete(run: Run, values: list[Any], times: Times) -> list[Any]:
        distinct = Distinct(run, values, times)
        objects, often = distinct.objects, distinct.times
        kinds = types.of(objects)
        if len(kinds) == 1:
            (kind,) = kinds
            return distinct.spread(selection(kind).run(run, objects, often))
        rows: list[Any] = [None] * len(objects)
        for kind, places in kinds.items():
            some = [objects[place] for place in places]
            made = selection(kind).run(run, some, often and [often[n] for n in places])
            for place, row in zip(places, made, strict=True):
                rows[place] = row
        return distinct.spread(rows)

    return complete
