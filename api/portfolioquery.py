"""Root fields that ask for what people keep: portfolios and saved queries."""

from __future__ import annotations

import strawberry

from clausegraph.api.listing import Listing, paged, view_of
from clausegraph.api.nodes import typed
from clausegraph.api.portfoliotypes import Portfolio, SavedQuery


@strawberry.type
class PortfolioQuery:
    """Questions about portfolios and saved queries."""

    @strawberry.field(description="A portfolio by its id.")
    def portfolio(self, info: strawberry.Info, id: strawberry.ID) -> Portfolio | None:
        """One portfolio."""
        return typed(view_of(info), "portfolio", id, Portfolio)

    @paged(Portfolio, "Named lists of platforms, by name.")
    def portfolios(self, info: strawberry.Info) -> Listing:
        """Portfolios."""
        return Listing(view_of(info))

    @strawberry.field(description="A saved query by its id.")
    def saved_query(self, info: strawberry.Info, id: strawberry.ID) -> SavedQuery | None:
        """One saved query."""
        return typed(view_of(info), "saved-query", id, SavedQuery)

    @paged(SavedQuery, "Named choices of changes, by name.")
    def saved_queries(self, info: strawberry.Info) -> Listing:
        """Saved queries."""
        return Listing(view_of(info))
