"""Relay connections over ordered entities, with cursors that hold the sort keys of an edge.

A cursor says where its edge stood, not how many came before it; so a page after it is right in a
later release too, whatever was added or taken away in between.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Generic, TypeVar

import orjson
import strawberry

from clausegraph.api.reader import Entity
from clausegraph.ontology.errors import ClausegraphError

T = TypeVar("T")
MAX_PAGE = 500
DEFAULT_PAGE = 50


class CursorError(ClausegraphError):
    """A cursor is not one that this API gave for this order."""

    code = "bad-cursor"


class PageSizeError(ClausegraphError):
    """A page size is negative, too large, or given in both directions."""

    code = "bad-page-size"


@strawberry.type(description="Where a page stands in its list (Relay cursor connections).")
class PageInfo:
    """Relay page information."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="An entry of a page, with the cursor that names its place.")
class Edge(Generic[T]):
    """Relay edge."""

    node: T
    cursor: str


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """Relay connection; `total_count` costs nothing unless it is asked for."""

    edges: list[Edge[T]]
    page_info: PageInfo
    count: strawberry.Private[int]

    @strawberry.field(description="The nodes of the edges, for those who need no cursors.")
    def nodes(self) -> list[T]:
        """Nodes without edges."""
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many entries the whole list has.")
    def total_count(self) -> int:
        """Length of the list before paging."""
        return self.count


@dataclass(frozen=True)
class Order:
    """Sort keys: each a function of an entity and whether it descends; the IRI breaks ties.

    Nulls come last in both directions.
    """

    keys: tuple[tuple[Callable[[Entity], Any], bool], ...] = ()

    def place(self, entity: Entity) -> list[Any]:
        """The entity's place in this order, in values that JSON can hold."""
        return [*(_plain(key(entity)) for key, _ in self.keys), entity.iri]

    def compare(self, one: Sequence[Any], other: Sequence[Any]) -> int:
        """Compare two places: negative where `one` comes first."""
        for mine, yours, (_, descending) in zip(one, other, self.keys, strict=False):
            if mine == yours:
                continue
            if mine is None or yours is None:
                return 1 if mine is None else -1
            return (-1 if mine < yours else 1) * (-1 if descending else 1)
        return int(one[-1] > other[-1]) - int(one[-1] < other[-1])


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
    _check(page)
    placed: list[tuple[list[Any], Entity]] = [(order.place(each), each) for each in entities]
    compare = cmp_to_key(order.compare)
    places = sorted(placed, key=lambda pair: compare(pair[0]))
    start, end = 0, len(places)
    if page.after is not None:
        start = _past(page.after, order, places, 0)
    if page.before is not None:
        end = _past(page.before, order, places, -1)
    low, high = _cut(start, max(start, end), page)
    edges = [Edge(node=make(entity), cursor=encode(place)) for place, entity in places[low:high]]
    info = PageInfo(
        has_next_page=high < len(places),
        has_previous_page=low > 0,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info, count=len(places))


def _past(cursor: str, order: Order, places: Sequence[tuple[list[Any], Entity]], upto: int) -> int:
    """How many places come before a cursor's place (`upto` -1), or up to it (0)."""
    where = decode(cursor, order)
    try:
        return sum(order.compare(place, where) <= upto for place, _ in places)
    except TypeError as error:  # the cursor of another order: its keys do not compare
        raise _bad(cursor) from error


def _cut(start: int, end: int, page: Page) -> tuple[int, int]:
    if page.last is not None:
        return max(start, end - page.last), end
    size = DEFAULT_PAGE if page.first is None else page.first
    return start, min(end, start + size)


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


def encode(place: Sequence[Any]) -> str:
    """A place as an opaque cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(list(place))).decode().rstrip("=")


def decode(cursor: str, order: Order) -> list[Any]:
    """The place that a cursor names. Raises `CursorError`."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise _bad(cursor) from error
    if not isinstance(place, list) or len(place) != len(order.keys) + 1:
        raise _bad(cursor)
    if not isinstance(place[-1], str):
        raise _bad(cursor)
    return place


def _bad(cursor: str) -> CursorError:
    cursor = cursor if len(cursor) <= 80 else f"{cursor[:77]}..."
    return CursorError(
        f"{cursor!r} is not a cursor of this list",
        hint="Use a cursor that this query gave, with the same orderBy.",
        value=cursor,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value
