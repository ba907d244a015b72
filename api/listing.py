"""What lists share: the view of a request, and pages of a class.

A field decorated with `paged` says which entities it lists, in which order: a `Listing` of
entities that pass tests, or `Chosen` from an index. The four Relay arguments and the connection
around the entities are added here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Optional

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from clausegraph.api.cursors import Place
from clausegraph.api.errors import StoreError
from clausegraph.api.facets import faceted
from clausegraph.api.filters import Direction, Nulls, Test, ordering, select
from clausegraph.api.nodes import Node, View, make
from clausegraph.api.paging import Connection, Page, Places, connect, cut

_ARGUMENTS = {
    "first": (int, "Page size, at most 500; default 50."),
    "after": (str, "The page starts after this cursor."),
    "last": (int, "Page size, counted from the end."),
    "before": (str, "The page ends before this cursor."),
}


@dataclass(frozen=True)
class Listing:
    """Which entities of a class a field lists: those that pass all tests, in this order."""

    view: View
    tests: Iterable[Test] = ()
    order: list[Any] | None = None


@dataclass(frozen=True)
class Paged:
    """Places in order, how a place becomes a node, and what its connection holds besides."""

    view: View
    places: Places
    make: Callable[[Place], Any] | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def node(self, place: Place) -> Any:
        """The node at a place, by its IRI unless told otherwise; every one is paid for."""
        if self.make is None:
            return at(self.view, place[-1])
        self.view.budget.spend()
        return self.make(place)

    def nodes(self, places: Sequence[Place]) -> list[Any]:
        """The nodes at some places; what stands at IRIs is read in one go. Raises `StoreError`."""
        if self.make is None:
            self.view.reader.entities([place[-1] for place in places])  # which keeps them
        return [self.node(place) for place in places]


class RelayPages(FieldExtension):
    """Adds the Relay arguments to a field and makes what it lists a connection."""

    def __init__(self, kind: str, default: str, connection: type[Connection[Any]]) -> None:
        """List entities of a class, ordered by a key where the client names none."""
        self.kind = kind
        self.default = default
        self.connection = connection

    def apply(self, field: StrawberryField) -> None:
        """Add the four arguments."""
        field.arguments = [*field.arguments, *map(_argument, _ARGUMENTS)]

    def resolve(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **given: Any
    ) -> Connection[Any]:
        """Cut the page out of what the field lists."""
        page = Page(**{name: given.pop(name, None) for name in _ARGUMENTS})
        listing = next_(source, info, **given)
        if isinstance(listing, Paged):
            return cut(listing.places, page, listing.nodes, self.connection, **listing.more)
        found = select(
            listing.view.reader.of_type(self.kind), listing.tests, listing.view.budget.check
        )
        last = Nulls.LAST
        keys = [(k.by.value, k.direction, getattr(k, "nulls", last)) for k in listing.order or ()]
        order = ordering(keys or [(self.default, Direction.ASC, last)])
        return connect(found, order, page, lambda entity: make(listing.view, entity))


def _argument(name: str) -> StrawberryArgument:
    kind, description = _ARGUMENTS[name]
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(Optional[kind]),  # noqa: UP045  # a runtime value
        default=None,
        description=description,
    )


def paged(cls: type, description: str, by: str = "label") -> Callable[[Any], Any]:
    """Decorate a method that gives a `Listing` or a `Paged` of what `cls` shows.

    `by` is the key that orders a `Listing` where the client does not. `cls` may be a connection
    of its own kind.
    """
    own = issubclass(cls, Connection)
    plain = cls if own else Connection[cls]  # type: ignore[valid-type]  # given at run time
    connection = faceted(cls.__name__.removesuffix("Connection"), plain)
    made = Connection if connection is plain and not own else connection
    field: Callable[[Any], Any] = strawberry.field(
        graphql_type=connection,
        description=description,
        extensions=[RelayPages(cls.__name__, by, made)],
    )
    return field


def at(view: View, iri: str) -> Node:
    """The view of a node that an index names. Raises `StoreError` where the store lacks it."""
    entity = view.reader.entity(iri)
    if entity is None:
        raise StoreError(
            f"the index of this release names {iri}, which the release does not have",
            hint="Run `clausegraph publish`.",
            value=iri,
        )
    return make(view, entity)


def view_of(info: strawberry.Info, as_of: date | None = None) -> View:
    """The view that a request looks through, on the day asked for."""
    view: View = info.context["view"]
    return view.on(as_of)
