"""GraphQL types of what documents say of requirements, and how near they come where they do not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from clausegraph.api.enums import (
    FindingReason,
    FindingState,
    Polarity,
    ReviewState,
    TensionKind,
    TextScope,
)
from clausegraph.api.methodtypes import Judgement, Rule
from clausegraph.api.nodes import (
    Dated,
    Node,
    about,
    choice,
    edge,
    edges,
    make,
    node_at,
    shows,
    value,
)
from clausegraph.api.opiniontypes import Opinion, opinions
from clausegraph.api.provisiontypes import Quote
from clausegraph.api.versiontypes import Version

if TYPE_CHECKING:
    from clausegraph.api.lawtypes import Requirement, RequirementVersion
    from clausegraph.api.policytypes import Document

Laws = "clausegraph.api.lawtypes"
Policies = "clausegraph.api.policytypes"


@shows("NearPassage")
@strawberry.type(description=about("NearPassage"))
class NearPassage(Node):
    """A passage that comes near."""

    quote: Quote = edge("quote")
    similarity: Decimal = value("similarity")
    order: int = value("order", "Its place among the nearest, from 1.")


@strawberry.type(description="What was read before something was said to be there or not.")
class Searched:
    """The scope of a search."""

    version: Version = strawberry.field(description=about("searchedVersion"))
    passages: int = strawberry.field(description=about("passagesSearched"))
    characters: int = strawberry.field(description=about("charactersSearched"))


def quotes(key: str) -> Any:
    """A field that holds the quotes that a property leads to, in the order of their texts."""

    def resolve(self: Node) -> Any:
        found = self.view.reader.entities(self.entity.all(key))
        found.sort(key=lambda each: (each.one("version"), each.one("start")))
        return [make(self.view, each) for each in found]

    return strawberry.field(resolver=resolve, description=about(key))


def nearest(self: Node) -> list[NearPassage]:
    """The near passages of a node, the nearest first."""
    found = self.view.reader.entities(self.entity.all("nearest"))
    found.sort(key=lambda each: (each.one("order"), each.iri))
    return [cast(NearPassage, make(self.view, each)) for each in found]


@shows("Finding")
@strawberry.type(description=about("Finding"))
class Finding(Judgement, Dated):
    """What a document says about one requirement."""

    document: Annotated[Document, strawberry.lazy(Policies)] = edge("document")
    requirement: Annotated[Requirement, strawberry.lazy(Laws)] = edge("requirement")
    requirement_version: Annotated[RequirementVersion, strawberry.lazy(Laws)] = edge(
        "requirementVersion"
    )
    state: FindingState = choice("findingState", FindingState)
    otherwise: FindingState | None = choice("otherwiseState", FindingState)
    scope: TextScope | None = choice("textScope", TextScope)
    polarity: Polarity | None = choice("polarity", Polarity)
    reason: FindingReason | None = choice("findingReason", FindingReason)
    tension: TensionKind | None = choice("tensionKind", TensionKind)
    evidence: list[Quote] = quotes("evidence")
    counter_evidence: list[Quote] = quotes("counterEvidence")
    against: list[Annotated[RequirementVersion, strawberry.lazy(Laws)]] = edges("against")
    rules: list[Rule] = edges("rule")
    expected_precision: Decimal | None = value("expectedPrecision")
    evidence_sha256: str = value("evidenceSha256")
    review_state: ReviewState = choice("reviewState", ReviewState)
    first_version: Version = edge("firstVersion")
    last_version: Version | None = edge("lastVersion")
    valid_from: date = value("validFrom", "First day on which it holds.")
    valid_until: date | None = value(
        "validUntil", "Last day on which it holds; null where neither text nor law is to change."
    )

    @strawberry.field(description=about("linked"))
    def linked(self) -> bool:
        """Whether the document leaves it to another page."""
        return self.entity.one("linked") is True

    @strawberry.field(description="What was read before it was said.")
    def searched(self) -> Searched:
        """The scope."""
        return searched(self)

    @strawberry.field(description="The passages that come nearest, where none was found.")
    def nearest(self) -> list[NearPassage]:
        """Near passages in their order."""
        return nearest(self)

    @strawberry.field(description="What people hold of it, on these very words, oldest first.")
    def opinions(self) -> list[Opinion]:
        """Opinions on this document, requirement and evidence."""
        return opinions(self, "Finding")

    @strawberry.field(
        description="What people held of the same document and requirement on other words, oldest "
        "first."
    )
    def earlier_opinions(self) -> list[Opinion]:
        """Opinions that are out of date for this finding."""
        return opinions(self, "Finding", same=False)


def searched(self: Node) -> Searched:
    """What was read for a finding."""
    return Searched(
        version=cast(Version, node_at(self.view, self.entity.one("searchedVersion"))),
        passages=self.entity.one("passagesSearched"),
        characters=self.entity.one("charactersSearched"),
    )
