"""Root field that asks which platforms lack what the law asks for."""

from __future__ import annotations

from typing import Annotated, cast

import strawberry

from clausegraph.api.denominators import Scope, denominators, state_counts, states
from clausegraph.api.dutyscope import OfRequirements, in_force
from clausegraph.api.enums import FindingState
from clausegraph.api.filters import Ids
from clausegraph.api.findingpages import about
from clausegraph.api.findingscope import PlatformIds, PortfolioIds
from clausegraph.api.gaptypes import Cells, GapConnection
from clausegraph.api.lawtypes import Requirement
from clausegraph.api.listing import Paged, at, paged, view_of
from clausegraph.api.nodes import AsOf, View
from clausegraph.api.policyfilters import platforms
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Chosen, Clause, among, fetch
from clausegraph.api.reader import known_as
from clausegraph.ontology.iris import ID, concept

SILENT = (FindingState(concept("finding-state", "not-stated")),)


@strawberry.input(description="Which requirements; all that documents are held against where null.")
class RequirementScope(OfRequirements):
    """The requirements of a question."""


def judged(view: View, wanted: set[str] | None, ids: Ids) -> set[str]:
    """The requirements that the release holds documents against, and those named by full id."""
    rows = fetch(view, Clause("SELECT DISTINCT requirement FROM finding"))
    found = {ID + iri for (iri,) in rows}
    if wanted is None:
        return found
    return wanted & (found | {known_as("requirement", each) for each in ids or ()})


@strawberry.type
class GapQuery:
    """Questions about what is lacking."""

    @paged(
        GapConnection,
        "What platforms do not say that requirements ask for on the day, by platform and "
        "requirement. A pair of which nothing is known is not examined, which `states` can ask for; "
        "it is never taken for not stated.",
    )
    def gaps(
        self,
        info: strawberry.Info,
        states: Annotated[
            list[FindingState],
            strawberry.argument(description="The states to list; the others are counted only."),
        ] = list(SILENT),  # noqa: B006  # GraphQL's default value, never changed
        requirements: RequirementScope | None = None,
        portfolio: PortfolioIds = None,
        platform: PlatformIds = None,
        as_of: AsOf = None,
    ) -> Paged:
        """Gaps."""
        view = view_of(info, as_of)
        asked = requirements or RequirementScope()
        reads = in_force(view, judged(view, asked.requirements(view), asked.requirement))
        own = tuple(platforms(view, platform, portfolio, "platform.id"))
        return gaps(Cells(view, own, reads), states)


def gaps(cells: Cells, wanted: list[FindingState]) -> Paged:
    """The cells in some states, with the numbers of all."""
    view, whole = cells.view, cells.choice()
    scope = Scope((), frozenset(map(short, cells.reads)))
    more = about(view) | {
        "counting": lambda: state_counts(Chosen(view, whole).counts("state").items()),
        "scope": lambda: denominators(view, scope, cells.platforms),
        "requirements": [cast(Requirement, at(view, iri)) for iri in sorted(cells.reads)],
    }
    found = Chosen(view, whole.with_(among("state", states(wanted))))
    return Paged(view, found, cells.gap, more)
