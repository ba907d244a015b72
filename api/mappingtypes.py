"""GraphQL type of the links from provisions to requirements."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from clausegraph.api.enums import MappingRelation, Population, ReviewState, SpeechAct
from clausegraph.api.methodtypes import Judgement, Rule
from clausegraph.api.nodes import Dated, about, choice, edge, edges, shows, value, values
from clausegraph.api.opiniontypes import Opinion, opinions
from clausegraph.api.provisiontypes import Provision, Quote

if TYPE_CHECKING:
    from clausegraph.api.lawtypes import Requirement, RequirementVersion
    from clausegraph.api.policytypes import Document

Laws = "clausegraph.api.lawtypes"
Policies = "clausegraph.api.policytypes"


@shows("Mapping")
@strawberry.type(description=about("Mapping"))
class Mapping(Judgement, Dated):
    """A typed link from a provision to a requirement."""

    document: Annotated[Document, strawberry.lazy(Policies)] = edge("document")
    provision: Provision = edge("provision")
    requirement: Annotated[Requirement, strawberry.lazy(Laws)] = edge("requirement")
    requirement_version: Annotated[RequirementVersion, strawberry.lazy(Laws)] = edge(
        "requirementVersion"
    )
    relation: MappingRelation = choice("mappingRelation", MappingRelation)
    speech_act: SpeechAct = choice("speechAct", SpeechAct)
    quote: Quote = edge("evidence", "The words on which it rests, on the side of the document.")
    rules: list[Rule] = edges("rule")
    matched_words: list[str] = values("matchedWords")
    expected_precision: Decimal | None = value("expectedPrecision")
    evidence_sha256: str = value("evidenceSha256")
    review_state: ReviewState = choice("reviewState", ReviewState)

    @strawberry.field(description=about("population"))
    def population(self) -> list[Population]:
        """The people that the passage names."""
        return [Population(iri) for iri in self.entity.all("population")]

    @strawberry.field(description="What people hold of it, on these very words, oldest first.")
    def opinions(self) -> list[Opinion]:
        """Opinions on this document, requirement and passage."""
        return opinions(self, "Mapping")

    @strawberry.field(
        description="What people held of passages of the same document as links to the same "
        "requirement, oldest first."
    )
    def other_opinions(self) -> list[Opinion]:
        """Opinions on other words."""
        return opinions(self, "Mapping", same=False)
