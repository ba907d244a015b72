"""Relay connections over ordered things, a page at a time.

A cursor says where its edge stood, not how many came before it; so a page after it is right in a
later release too, whatever was added or taken away in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Generic, Protocol, TypeVar

import strawberry

from clausegraph.api.cursors import Place, bad, encode, where
from clausegraph.api.reader import Entity
from clausegraph.ontology.errors import ClausegraphError

T = TypeVar("T")
MAX_PAGE = 500
DEFAULT_PAGE = 50


class PageSizeError(ClausegraphError):
    """A page size is negative, too large, or given in both directions."""

    code = "bad-page-size"


class Places(Protocol):
    """An ordered list of places that can be read from any place on, in both directions."""

    @property
    def types(self) -> tuple[type, ...]:
        """The types of the values of a place; a value may be null only where it is `object`."""

    def read(
        self, after: Place | None, before: Place | None, limit: int, backwards: bool
    ) -> list[Place]:
        """Up to `limit` places between two others (neither included), from the near end on."""

    def count(self) -> int:
        """How many places there are."""


@strawberry.type(description="Where a page stands in its list (Relay cursor connections).")
class PageInfo:
    """Relay page information; what lies around the page is looked up where it is asked for."""

    following: strawberry.Private[Callable[[], bool]]
    preceding: strawberry.Private[Callable[[], bool]]
    start_cursor: str | None
    end_cursor: str | None

    @strawberry.field
    def has_next_page(self) -> bool:
        """Whether anything follows."""
        return self.following()

    @strawberry.field
    def has_previous_page(self) -> bool:
        """Whether anything precedes."""
        return self.preceding()


@strawberry.type(description="An entry of a page, with the cursor that names its place.")
class Edge(Generic[T]):
    """Relay edge; its cursor is written where it is asked for."""

    node: T
    place: strawberry.Private[Place]

    @strawberry.field
    def cursor(self) -> str:
        """Opaque name of the place."""
        return encode(self.place)


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """Relay connection; `total_count` costs nothing unless it is asked for."""

    edges: list[Edge[T]]
    page_info: PageInfo
    places: strawberry.Private[Places]

    @strawberry.field(description="The nodes of the edges, for those who need no cursors.")
    def nodes(self) -> list[T]:
        """Nodes without edges."""
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many entries the whole list has.")
    def total_count(self) -> int:
        """Length of the list before paging."""
        return self.places.count()


@dataclass(frozen=True)
class Order:
    """Sort keys: each a function of an entity and whether it descends; the IRI breaks ties.

    Nulls come last in both directions.
    """

    keys: tuple[tuple[Callable[[Entity], Any], bool], ...] = ()

    def place(self, entity: Entity) -> Place:
        """The entity's place in this order, in values that JSON can hold."""
        return (*(_plain(key(entity)) for key, _ in self.keys), entity.iri)

    def compare(self, one: Place, other: Place) -> int:
        """Compare two places: negative where `one` comes first."""
        for mine, yours, (_, descending) in zip(one, other, self.keys, strict=False):
            if mine == yours:
                continue
            if mine is None or yours is None:
                return 1 if mine is None else -1
            return (-1 if mine < yours else 1) * (-1 if descending else 1)
        return int(one[-1] > other[-1]) - int(one[-1] < other[-1])


class Listed:
    """Places in memory, in their order (`Places`)."""

    def __init__(self, places: Sequence[Place], order: Order) -> None:
        """Sort the places."""
        self.order = order
        self.sorted = sorted(places, key=cmp_to_key(order.compare))

    @property
    def types(self) -> tuple[type, ...]:
        """Any value may stand for a key; the IRI is a text."""
        return (*(object for _ in self.order.keys), str)

    def read(
        self, after: Place | None, before: Place | None, limit: int, backwards: bool
    ) -> list[Place]:
        """Up to `limit` places between two others. Raises `TypeError` where they do not compare."""
        compare = self.order.compare
        start = 0 if after is None else sum(compare(each, after) <= 0 for each in self.sorted)
        end = sum(before is None or compare(each, before) < 0 for each in self.sorted)
        found = self.sorted[start:end]
        return found[::-1][:limit] if backwards else found[:limit]

    def count(self) -> int:
        """Length of the list."""
        return len(self.sorted)


@dataclass(frozen=True)
class Sequential:
    """Places of things that stand in a fixed sequence: their numbers from 0 (`Places`)."""

    length: int

    @property
    def types(self) -> tuple[type, ...]:
        """A number alone."""
        return (int,)

    def read(
        self, after: Place | None, before: Place | None, limit: int, backwards: bool
    ) -> list[Place]:
        """Up to `limit` numbers between two others."""
        start = 0 if after is None else max(0, after[0] + 1)
        found = range(start, self.length if before is None else min(before[0], self.length))
        return [(number,) for number in (found[::-1] if backwards else found)[:limit]]

    def count(self) -> int:
        """Length of the sequence."""
        return self.length


@dataclass(frozen=True)
class Page:
    """The four Relay arguments."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


def connect(
    entities: Sequence[Entity], order: Order, page: Page, make: Callable[[Entity], T]
) -> Connection[T]:
    """Sort entities, cut the page out and make its nodes.

    Raises `CursorError` and `PageSizeError`.
    """
    known = {entity.iri: entity for entity in entities}
    places = Listed([order.place(entity) for entity in entities], order)
    return cut(places, page, lambda found: [make(known[place[-1]]) for place in found])


def cut(
    places: Places,
    page: Page,
    make: Callable[[Sequence[Place]], Sequence[T]],
    kind: type[Connection[T]] = Connection,
    **more: Any,
) -> Connection[T]:
    """Read a page and make its nodes; `more` is what a connection of some kind holds besides.

    `make` is given all places of the page, so that it can read what stands there in one go, and
    gives a node for each. Raises `CursorError` and `PageSizeError`.
    """
    _check(page)
    after, before = (where(cursor, places.types) for cursor in (page.after, page.before))
    backwards = page.last is not None
    size = page.last if page.last is not None else page.first
    size = DEFAULT_PAGE if size is None else size
    try:
        found = places.read(after, before, size + 1, backwards)
    except TypeError as error:  # the cursor of another order: its keys do not compare
        raise bad(page.after or page.before or "") from error
    shown = found[:size]
    edges = [Edge(node=n, place=place) for n, place in zip(make(shown), shown, strict=True)]
    edges = edges[::-1] if backwards else edges
    info = PageInfo(
        **_around(places, found, size, (after, before), backwards),
        start_cursor=encode(edges[0].place) if edges else None,
        end_cursor=encode(edges[-1].place) if edges else None,
    )
    return kind(edges=edges, page_info=info, places=places, **more)


def _around(
    places: Places,
    found: Sequence[Place],
    size: int,
    bounds: tuple[Place | None, Place | None],
    backwards: bool,
) -> dict[str, Callable[[], bool]]:
    """Whether something follows the page and precedes it.

    In the direction of reading, one place more than the page was read; on the other side, and
    beyond a bound, it is looked up.
    """
    after, before = bounds
    near, far = (before, after) if backwards else (after, before)
    start = found[0] if found else far
    end = found[size - 1] if 0 < size <= len(found) else found[-1] if found else near

    def beyond() -> bool:
        return len(found) > size or (far is not None and _any(places, end, not backwards))

    def behind() -> bool:
        return near is not None and _any(places, start, backwards)

    return {
        "following": behind if backwards else beyond,
        "preceding": beyond if backwards else behind,
    }


def _any(places: Places, place: Place | None, after: bool) -> bool:
    """Whether anything comes after a place, or before it."""
    if after:
        return bool(places.read(place, None, 1, False))
    return bool(places.read(None, place, 1, True))


def _check(page: Page) -> None:
    if page.first is not None and page.last is not None:
        raise PageSizeError(
            "`first` and `last` exclude each other", hint="Give one of them.", value=page.first
        )
    for name in ("first", "last"):
        size = getattr(page, name)
        if size is not None and not 0 <= size <= MAX_PAGE:
            raise PageSizeError(
                f"`{name}` must be from 0 to {MAX_PAGE}, not {size}",
                hint="Ask for smaller pages and follow `pageInfo.endCursor`.",
                value=size,
            )


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value
