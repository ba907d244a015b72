"""What the root fields share: the view of a request, and pages of a class.

A field decorated with `paged` says which entities it lists, in which order; the four Relay
arguments and the connection around the entities are added here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Optional

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from clausegraph.api.filters import Direction, Test, ordering, select
from clausegraph.api.nodes import Node, View, make
from clausegraph.api.paging import Connection, Page, connect

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


class _Paged(FieldExtension):
    """Adds the Relay arguments to a field and makes its listing a connection."""

    def __init__(self, kind: str, default: str) -> None:
        self.kind = kind
        self.default = default

    def apply(self, field: StrawberryField) -> None:
        """Add the four arguments."""
        field.arguments = [*field.arguments, *map(_argument, _ARGUMENTS)]

    def resolve(
        self, next_: Callable[..., Listing], source: Any, info: strawberry.Info, **given: Any
    ) -> Connection[Any]:
        """Cut the page out of what the field lists."""
        page = Page(**{name: given.pop(name, None) for name in _ARGUMENTS})
        listing = next_(source, info, **given)
        found = select(listing.view.reader.of_type(self.kind), listing.tests)
        keys = [(key.by.value, key.direction) for key in listing.order or ()]
        order = ordering(keys or [(self.default, Direction.ASC)])
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


def paged(cls: type[Node], description: str, by: str = "label") -> Callable[[Any], Any]:
    """Decorate a method that gives a `Listing` of the entities that `cls` shows.

    `by` is the key that orders the list where the client does not.
    """
    field: Callable[[Any], Any] = strawberry.field(
        graphql_type=Connection[cls],  # type: ignore[valid-type]  # a class given at run time
        description=description,
        extensions=[_Paged(cls.__name__, by)],
    )
    return field


def view_of(info: strawberry.Info, as_of: date | None = None) -> View:
    """The view that a request looks through, on the day asked for."""
    view: View = info.context["view"]
    return view.on(as_of)
