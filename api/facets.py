"""Facets: how many entries of a list have which value, counted with the filters of the page.

A connection whose entries are rows of the index has a field `facets`. Nothing is counted unless it
is asked for.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, cast

import numpy as np
import strawberry
from pyroaring import BitMap

from clausegraph.api import bitmaps, enums
from clausegraph.api.clauses import Clause, standing
from clausegraph.api.columns import Array, groups
from clausegraph.api.nodes import View
from clausegraph.api.paging import Connection, PageSizeError
from clausegraph.api.policyselect import Chosen, fetch, sets_of
from clausegraph.api.reader import slug
from clausegraph.ontology.iris import ID, concept

MOST = 1_000
"""How many values of a facet may be asked for."""
Counts = list[tuple[Any, int]]
_SPARSE = 4_096  # in so few rows values are counted one by one


@strawberry.type(description="A value and how many entries of the list have it.")
class FacetValue:
    """A value of a facet."""

    value: str = strawberry.field(description="As a filter takes it: an id, or a member's name.")
    label: str = strawberry.field(description="Name for people.")
    count: int = strawberry.field(description="How many entries of the whole list have it.")


@strawberry.type(description="How many entries of a list have which value of one kind.")
class Facet:
    """A facet with its most frequent values."""

    key: str = strawberry.field(description="What was asked for.")
    values: list[FacetValue] = strawberry.field(
        description="The most frequent values; those of equal number in the order of the values."
    )
    distinct: int = strawberry.field(description="How many values there are in all.")


@dataclass(frozen=True)
class Counted:
    """How a facet is counted and named: its column, and its concepts or the table it points to."""

    column: str
    scheme: str = ""
    enum: Any = None
    table: str = ""


DOCUMENT_KIND = Counted("documentKind", "document-kind", enums.DocumentKind)
PLATFORM, DOCUMENT = Counted("platform", table="platform"), Counted("document", table="document")
REQUIREMENT = Counted("requirement", table="requirement")
COUNTED: dict[str, dict[str, Counted]] = {
    "Provision": {
        "KIND": Counted("kind", "segment-kind", enums.SegmentKind),
        "DOCUMENT_KIND": DOCUMENT_KIND,
        "PLATFORM": PLATFORM,
        "DOCUMENT": DOCUMENT,
        "REQUIREMENT": Counted("mapping", table="requirement"),
    },
    "Change": {
        "SIGNIFICANCE": Counted("significance", "significance", enums.Significance),
        "DOCUMENT_KIND": DOCUMENT_KIND,
        "PLATFORM": PLATFORM,
        "DOCUMENT": DOCUMENT,
    },
    "Document": {
        "KIND": Counted("kind", "document-kind", enums.DocumentKind),
        "PLATFORM": PLATFORM,
    },
    "Finding": {
        "STATE": Counted("state", "finding-state", enums.FindingState),
        "REVIEW": Counted("review", "review-state", enums.ReviewState),
        "REQUIREMENT": REQUIREMENT,
        "DOCUMENT_KIND": DOCUMENT_KIND,
        "PLATFORM": PLATFORM,
    },
    "Mapping": {
        "RELATION": Counted("relation", "mapping-relation", enums.MappingRelation),
        "REVIEW": Counted("review", "review-state", enums.ReviewState),
        "REQUIREMENT": REQUIREMENT,
        "DOCUMENT_KIND": DOCUMENT_KIND,
        "PLATFORM": PLATFORM,
    },
}


@functools.cache
def _enum(kind: str) -> Any:
    members = {name: name.lower() for name in COUNTED[kind]}
    made = Enum(f"{kind}Facet", members)  # type: ignore[misc]  # members are data
    return strawberry.enum(made, description="What entries of the list can be counted by.")


@functools.cache
def faceted(kind: str, connection: type[Connection[Any]]) -> type[Connection[Any]]:
    """The connection of a kind of nodes with its field `facets`, where there is something to count."""
    if kind not in COUNTED:
        return connection

    def facets(self: Any, by: Any, first: int = 10, but_own: bool = False) -> list[Facet]:
        if not 0 <= first <= MOST:
            raise PageSizeError(
                f"`first` must be from 0 to {MOST}, not {first}",
                hint="Ask for fewer values.",
                value=first,
            )
        made = {}
        for key in dict.fromkeys(by):
            made[key] = count(self.places, kind, key.name, first, but_own)
            self.places.view.budget.spend(len(made[key].values))
        return list(made.values())

    own = (
        "Count a facet as if its own filter were not set, so that other choices show their number."
    )
    facets.__annotations__ |= {
        "by": list[_enum(kind)],  # type: ignore[misc]
        "first": Annotated[int, strawberry.argument(description="How many values of each.")],
        "but_own": Annotated[bool, strawberry.argument(description=own)],
        "return": list[Facet],
    }
    field = strawberry.field(
        resolver=facets, description="How many entries of the whole list have which value."
    )
    name = f"{kind}Connection"
    made = types.new_class(name, (connection,), exec_body=lambda body: body.update(facets=field))
    made.__module__ = __name__
    described = strawberry.type(made, name=name, description="A page of a list, with its facets.")
    return cast(type[Connection[Any]], described)


def count(places: Any, kind: str, key: str, first: int, but_own: bool) -> Facet:
    """Count one facet of a list."""
    assert isinstance(places, Chosen), "lists with facets are chosen from the index"
    counted = COUNTED[kind][key]
    facet = "requirement" if counted.table == "requirement" else counted.column
    rows = places.rows(facet if but_own else "")
    some, distinct = tally(places.view, places.choice.table, counted.column, rows, first)
    named = _names(places.view, counted)(some)
    values = [
        FacetValue(value=v, label=n, count=c) for (v, n), (_, c) in zip(named, some, strict=True)
    ]
    return Facet(key=key, values=values, distinct=distinct)


def tally(view: View, owner: str, column: str, rows: BitMap, first: int) -> tuple[Counts, int]:
    """The most frequent values of a column in a set of rows, and how many values there are.

    Values are as the table has them; of columns of row numbers they are these.
    """
    sets = sets_of(view)
    if column == "mapping":
        return _named(view, "mapping", "requirement", _through_mappings(view, rows), first)
    bits = {} if len(rows) < _SPARSE else sets.bits(owner, column)
    if bits:
        counts = np.zeros(max(bits) + 1, np.int64)
        for code, found in bits.items():
            counts[code] = found.intersection_cardinality(rows)
    else:
        counts = np.bincount(sets.sure(owner, column)[bitmaps.to_ids(rows)])
    counts[:1] = 0  # null is no value
    return _named(view, owner, column, counts, first)


def _named(view: View, owner: str, column: str, counts: Array, first: int) -> tuple[Counts, int]:
    """The values of the highest counts; codes follow each other as values do."""
    sets, there = sets_of(view), np.flatnonzero(counts)
    order = there[np.argsort(-counts[there], kind="stable")][:first]
    codes = [int(code) for code in order]
    plain = sets.lane(owner, f"{column} one") is None
    values = codes if plain else sets.values(owner, column, codes)
    return [(v, int(counts[c])) for v, c in zip(values, codes, strict=True)], len(there)


def _through_mappings(view: View, rows: BitMap) -> Array:
    """How many provisions have a mapping of the day to which requirement, by its code."""
    sets, day = sets_of(view), view.day.isoformat()
    top = len(sets.sure("mapping", "requirement one")) - 1

    def mapped() -> dict[int, BitMap]:
        ids = bitmaps.to_ids(sets.of("mapping", [standing(day)]))
        owners, codes = (sets.sure("mapping", key)[ids] for key in ("provision", "requirement"))
        order = np.argsort(owners, kind="stable")
        found = groups(codes[order], owners[order], top)
        return {code: bitmaps.listed(some) for code, some in found}

    counts = np.zeros(top + 1, np.int64)
    for code, some in sets.held.day("mapped", day, mapped).items():
        counts[code] = some.intersection_cardinality(rows)
    return counts


def _names(view: View, counted: Counted) -> Callable[[Counts], list[tuple[str, str]]]:
    """How values become ids and labels."""
    if counted.enum is not None:
        return lambda found: [_concept(view, counted, value) for value, _ in found]
    if counted.table == "requirement":
        return lambda found: [(ID + iri, _label(view, ID + iri)) for iri, _ in found]
    return lambda found: _rows(view, counted.table, [number for number, _ in found])


def _concept(view: View, counted: Counted, value: str) -> tuple[str, str]:
    iri = concept(counted.scheme, value)
    return str(counted.enum(iri).name), _label(view, iri)


def _label(view: View, iri: str) -> str:
    entity = view.reader.entity(iri)
    return str((entity and entity.one("label")) or slug(iri))


def _rows(view: View, table: str, numbers: list[int]) -> list[tuple[str, str]]:
    marks = ", ".join(map(str, numbers)) or "0"
    sql = f"SELECT id, iri, label FROM {table} WHERE id IN ({marks})"
    known = {at: (ID + iri, label) for at, iri, label in fetch(view, Clause(sql))}
    return [known[number] for number in numbers]
