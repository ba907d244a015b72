"""GraphQL type of what came of holding claims against documents and law."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from clausegraph.api.enums import ClaimOutcome
from clausegraph.api.findingtypes import NearPassage, nearest, quotes
from clausegraph.api.methodtypes import Judgement
from clausegraph.api.nodes import Node, about, choice, edge, edges, shows, text, value
from clausegraph.api.provisiontypes import Quote
from clausegraph.api.quotequery import QuoteStatus
from clausegraph.api.reader import slug
from clausegraph.api.versiontypes import Version

if TYPE_CHECKING:
    from clausegraph.api.enforcementtypes import Claim
    from clausegraph.api.lawtypes import RequirementVersion

Laws = "clausegraph.api.lawtypes"


@shows("ClaimCheck")
@strawberry.type(description=about("ClaimCheck"))
class ClaimCheck(Judgement):
    """What came of a claim."""

    claim: Annotated[Claim, strawberry.lazy("clausegraph.api.enforcementtypes")] = edge("claim")
    outcome: ClaimOutcome = choice("claimOutcome", ClaimOutcome)
    evidence: list[Quote] = quotes("evidence")
    anchors: list[Node] = edges("anchor", "What else it rests on.")
    requirement_versions: list[Annotated[RequirementVersion, strawberry.lazy(Laws)]] = edges(
        "requirementVersion", "The requirements that the claim speaks of, as they read on its day."
    )
    searched_versions: list[Version] = edges("searchedVersion", "The versions that were read.")
    passages_searched: int | None = value("passagesSearched")
    characters_searched: int | None = value("charactersSearched")
    sentence: str = text("sentence", "Why it came out so.")

    @strawberry.field(description=about("quoteStatus"))
    def quote_status(self) -> QuoteStatus | None:
        """The status of a claim that shows words as a quotation."""
        found = self.entity.one("quoteStatus")
        return None if found is None else QuoteStatus[slug(found).replace("-", "_").upper()]

    @strawberry.field(description="The passages that come nearest to what was claimed.")
    def nearest(self) -> list[NearPassage]:
        """Near passages in their order."""
        return nearest(self)
