"""The closed lists of the ontology as GraphQL enums.

They are made from the schemes: members, values and documentation stand in ``ontology/schemes.ttl``
only. A member's value is the concept's IRI, so an enum argument is the term it filters by.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from clausegraph.ontology.terms import vocabulary


def _enum(scheme: str, name: str) -> type[Enum]:
    """Make a GraphQL enum of a scheme, documented by its definitions."""
    found = vocabulary().schemes[scheme]
    members = {
        slug.replace("-", "_").upper(): strawberry.enum_value(
            concept.iri, description=concept.definition
        )
        for slug, concept in found.concepts.items()
    }
    made = Enum(name, members, module=__name__)  # type: ignore[misc]  # members are data
    return strawberry.enum(made, description=found.definition)


if TYPE_CHECKING:  # a type checker sees enums, whose members are data
    Actor = Enum
    ArchiveLabel = Enum
    Assignee = Enum
    BillOutcome = Enum
    CaptureState = Enum
    ClaimKind = Enum
    ClaimOutcome = Enum
    Comparison = Enum
    Confidence = Enum
    CoverageState = Enum
    Decision = Enum
    DeltaKind = Enum
    DocumentKind = Enum
    EventKind = Enum
    EvidenceKind = Enum
    ExemptionLevel = Enum
    ExposureLevel = Enum
    FindingReason = Enum
    FindingState = Enum
    InstrumentKind = Enum
    MappingRelation = Enum
    Modality = Enum
    Polarity = Enum
    Population = Enum
    PowerKind = Enum
    ProfileCondition = Enum
    QuantityRole = Enum
    RequirementKind = Enum
    ReviewState = Enum
    RulePlace = Enum
    SegmentKind = Enum
    SetRelation = Enum
    Significance = Enum
    SourceKind = Enum
    SpeechAct = Enum
    StatementPart = Enum
    TensionKind = Enum
    TermGroup = Enum
    TextScope = Enum
    Unit = Enum
else:
    Actor = _enum("actor", "Actor")
    ArchiveLabel = _enum("archive-label", "ArchiveLabel")
    Assignee = _enum("assignee", "Assignee")
    BillOutcome = _enum("bill-outcome", "BillOutcome")
    CaptureState = _enum("capture-state", "CaptureState")
    ClaimKind = _enum("claim-kind", "ClaimKind")
    ClaimOutcome = _enum("claim-outcome", "ClaimOutcome")
    Comparison = _enum("comparison", "Comparison")
    Confidence = _enum("confidence", "Confidence")
    CoverageState = _enum("coverage-state", "CoverageState")
    Decision = _enum("decision", "Decision")
    DeltaKind = _enum("delta-kind", "DeltaKind")
    DocumentKind = _enum("document-kind", "DocumentKind")
    EventKind = _enum("event-kind", "EventKind")
    EvidenceKind = _enum("evidence-kind", "EvidenceKind")
    ExemptionLevel = _enum("exemption-level", "ExemptionLevel")
    ExposureLevel = _enum("exposure-level", "ExposureLevel")
    FindingReason = _enum("finding-reason", "FindingReason")
    FindingState = _enum("finding-state", "FindingState")
    InstrumentKind = _enum("instrument-kind", "InstrumentKind")
    MappingRelation = _enum("mapping-relation", "MappingRelation")
    Modality = _enum("modality", "Modality")
    Polarity = _enum("polarity", "Polarity")
    Population = _enum("population", "Population")
    PowerKind = _enum("power-kind", "PowerKind")
    ProfileCondition = _enum("profile-condition", "ProfileCondition")
    QuantityRole = _enum("quantity-role", "QuantityRole")
    RequirementKind = _enum("requirement-kind", "RequirementKind")
    ReviewState = _enum("review-state", "ReviewState")
    RulePlace = _enum("rule-place", "RulePlace")
    SegmentKind = _enum("segment-kind", "SegmentKind")
    SetRelation = _enum("set-relation", "SetRelation")
    Significance = _enum("significance", "Significance")
    SourceKind = _enum("source-kind", "SourceKind")
    SpeechAct = _enum("speech-act", "SpeechAct")
    StatementPart = _enum("statement-part", "StatementPart")
    TensionKind = _enum("tension-kind", "TensionKind")
    TermGroup = _enum("term-group", "TermGroup")
    TextScope = _enum("text-scope", "TextScope")
    Unit = _enum("unit", "Unit")
