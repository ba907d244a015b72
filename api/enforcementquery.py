"""Root fields that ask for enforcement, and for what others claim of documents."""

from __future__ import annotations

import strawberry

from clausegraph.api.enforcementtypes import Claim, EnforcementAction, Enforcer, Power
from clausegraph.api.filters import Ids, among
from clausegraph.api.lawfilters import ActionFilter, PowerFilter
from clausegraph.api.laworders import ActionOrder, PowerOrder
from clausegraph.api.listing import Listing, paged, view_of
from clausegraph.api.nodes import AsOf


@strawberry.type
class EnforcementQuery:
    """Questions about enforcement and claims."""

    @paged(Enforcer, "Bodies that enforce or make rules.")
    def enforcers(
        self,
        info: strawberry.Info,
        jurisdiction: Ids = None,
        as_of: AsOf = None,
    ) -> Listing:
        """Enforcers by name."""
        view = view_of(info, as_of)
        tests = among(view.reader, "jurisdiction", "jurisdiction", jurisdiction)
        return Listing(view, tests)

    @paged(Power, "Who may do what under which instrument on the day.")
    def powers(
        self,
        info: strawberry.Info,
        filter: PowerFilter | None = None,
        order_by: list[PowerOrder] | None = None,
        as_of: AsOf = None,
    ) -> Listing:
        """Powers."""
        view = view_of(info, as_of)
        tests = (filter or PowerFilter()).tests(view)
        return Listing(view, tests, order_by)

    @paged(EnforcementAction, "Public actions against named respondents.", by="announcedOn")
    def enforcement_actions(
        self,
        info: strawberry.Info,
        filter: ActionFilter | None = None,
        order_by: list[ActionOrder] | None = None,
        as_of: AsOf = None,
    ) -> Listing:
        """Enforcement actions."""
        view = view_of(info, as_of)
        tests = filter.tests(view) if filter else ()
        return Listing(view, tests, order_by)

    @paged(Claim, "Statements of others about documents, to be checked.", by="order")
    def claims(
        self,
        info: strawberry.Info,
        document: Ids = None,
        as_of: AsOf = None,
    ) -> Listing:
        """Claims in the order of their page."""
        view = view_of(info, as_of)
        tests = among(view.reader, "about", "document", document)
        return Listing(view, tests)
