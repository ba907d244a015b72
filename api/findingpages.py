"""Pages of findings with what they are a part of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry

from clausegraph.api.denominators import Scope, StateCounts, denominators, state_counts
from clausegraph.api.findingfilters import OfFindings
from clausegraph.api.findingorders import PLACE, FindingOrder
from clausegraph.api.findingscope import Answer, Denominators, notice_of
from clausegraph.api.findingtypes import Finding
from clausegraph.api.listing import Paged
from clausegraph.api.nodes import View, node_at
from clausegraph.api.paging import Connection
from clausegraph.api.policyfilters import order_of
from clausegraph.api.policyselect import Choice, Chosen, Clause
from clausegraph.loaders import methods


@strawberry.type(description="A page of findings, with what they are a part of.")
class FindingConnection(Connection[Finding], Answer):
    """Findings with their denominators."""

    counting: strawberry.Private[Callable[[], StateCounts]]
    scope: strawberry.Private[Callable[[], Denominators]]

    @strawberry.field(description="How many findings of the list have which state.")
    def counts(self) -> StateCounts:
        """Numbers by state."""
        return self.counting()

    @strawberry.field(  # type: ignore[misc]  # looked up where it is asked for
        description="Of how many platforms the list could speak on the day, or where the filter has "
        "`ever`, on any day: those that were not captured or examined then have no finding in it."
    )
    def denominators(self) -> Denominators:
        """Numbers of platforms."""
        return self.scope()


def findings(
    view: View,
    of: tuple[Clause, ...],
    filter: OfFindings,
    scope: Scope,
    order_by: list[FindingOrder] | None = None,
) -> Paged:
    """The findings that meet conditions and a filter, about what is in scope."""
    clauses = (*of, *filter.own(view))
    chosen = Chosen(view, Choice("finding", clauses, order_of(order_by, PLACE)))
    more = about(view) | {
        "counting": lambda: state_counts(chosen.counts("state").items()),
        "scope": lambda: denominators(view, scope, ever=filter.ever),
    }
    return Paged(view, chosen, more=more)


def about(view: View) -> dict[str, Any]:
    """What every answer carries, but for its denominators."""
    method = node_at(view, methods.method("reading"))
    return {"as_of": view.day, "method": method, "notice": notice_of(view)}
