"""Root fields that ask for enforcement, and for what others claim of documents."""

from __future__ import annotations

from enum import Enum

import strawberry

from clausegraph.api.enforcementtypes import Claim, Document, EnforcementAction, Enforcer, Power
from clausegraph.api.filters import ActionFilter, Direction, Ids, PowerFilter, among
from clausegraph.api.listing import After, Before, First, Last, listed, order_of, view_of
from clausegraph.api.nodes import AsOf
from clausegraph.api.paging import Connection


@strawberry.enum(description="What enforcement actions can be ordered by.")
class ActionSort(Enum):
    """Keys of `enforcementActions`."""

    ANNOUNCED = "announcedOn"
    LABEL = "label"


@strawberry.input(description="One sort key of enforcement actions.")
class ActionOrder:
    """A key and its direction."""

    by: ActionSort
    direction: Direction = Direction.ASC


@strawberry.type
class EnforcementQuery:
    """Questions about enforcement and claims."""

    @strawberry.field(description="Bodies that enforce or make rules.")
    def enforcers(
        self,
        info: strawberry.Info,
        jurisdiction: Ids = None,
        as_of: AsOf = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Enforcer]:
        """Enforcers by name."""
        view = view_of(info, as_of)
        tests = among(view.reader, "jurisdiction", "jurisdiction", jurisdiction)
        page = (first, after, last, before)
        return listed(view, "Enforcer", tests, order_of(None, "label"), page)

    @strawberry.field(description="Who may do what under which instrument on the day.")
    def powers(
        self,
        info: strawberry.Info,
        filter: PowerFilter | None = None,
        as_of: AsOf = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Power]:
        """Powers."""
        view = view_of(info, as_of)
        tests = (filter or PowerFilter()).tests(view)
        page = (first, after, last, before)
        return listed(view, "Power", tests, order_of(None, "label"), page)

    @strawberry.field(description="Public actions against named respondents.")
    def enforcement_actions(
        self,
        info: strawberry.Info,
        filter: ActionFilter | None = None,
        order_by: list[ActionOrder] | None = None,
        as_of: AsOf = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[EnforcementAction]:
        """Enforcement actions."""
        view = view_of(info, as_of)
        tests = filter.tests(view) if filter else ()
        page = (first, after, last, before)
        return listed(view, "EnforcementAction", tests, order_of(order_by, "announcedOn"), page)

    @strawberry.field(description="Platforms' documents that something is said about.")
    def documents(
        self,
        info: strawberry.Info,
        as_of: AsOf = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Document]:
        """Documents by name."""
        page = (first, after, last, before)
        return listed(view_of(info, as_of), "Document", (), order_of(None, "label"), page)

    @strawberry.field(description="Statements of others about documents, to be checked.")
    def claims(
        self,
        info: strawberry.Info,
        document: Ids = None,
        as_of: AsOf = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Claim]:
        """Claims in the order of their page."""
        view = view_of(info, as_of)
        tests = among(view.reader, "about", "document", document)
        page = (first, after, last, before)
        return listed(view, "Claim", tests, order_of(None, "order"), page)
