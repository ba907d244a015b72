"""What the root fields share: the view of a request, pages of a class, orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

import strawberry

from clausegraph.api.filters import Direction, Test, ordering, select
from clausegraph.api.nodes import View, make
from clausegraph.api.paging import Connection, Order, Page, connect

First = Annotated[
    int | None, strawberry.argument(description="Page size, at most 500; default 50.")
]
After = Annotated[str | None, strawberry.argument(description="The page starts after this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="Page size, counted from the end.")]
Before = Annotated[str | None, strawberry.argument(description="The page ends before this cursor.")]


def view_of(info: strawberry.Info, as_of: date | None = None) -> View:
    """The view that a request looks through, on the day asked for."""
    view: View = info.context["view"]
    return view.on(as_of)


def listed(
    view: View, kind: str, tests: Iterable[Test], order: Order, page: tuple[Any, ...]
) -> Connection[Any]:
    """A page of the entities of a class that pass all tests."""
    found = select(view.reader.of_type(kind), tests)
    return connect(found, order, Page(*page), lambda entity: make(view, entity))


def order_of(keys: list[Any] | None, default: str) -> Order:
    """The order that a client asked for, else the default key ascending."""
    pairs = [(key.by.value, key.direction) for key in keys or ()]
    return ordering(pairs or [(default, Direction.ASC)])
