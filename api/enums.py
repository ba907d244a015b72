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
    BillOutcome = Enum
    CaptureState = Enum
    ClaimKind = Enum
    Comparison = Enum
    Confidence = Enum
    CoverageState = Enum
    DeltaKind = Enum
    DocumentKind = Enum
    EventKind = Enum
    ExemptionLevel = Enum
    ExposureLevel = Enum
    FindingState = Enum
    Decision = Enum
    InstrumentKind = Enum
    Modality = Enum
    PowerKind = Enum
    QuantityRole = Enum
    RequirementKind = Enum
    SegmentKind = Enum
    SetRelation = Enum
    Significance = Enum
    SourceKind = Enum
    TermGroup = Enum
    Unit = Enum
else:
    Actor = _enum("actor", "Actor")
    ArchiveLabel = _enum("archive-label", "ArchiveLabel")
    BillOutcome = _enum("bill-outcome", "BillOutcome")
    CaptureState = _enum("capture-state", "CaptureState")
    ClaimKind = _enum("claim-kind", "ClaimKind")
    Comparison = _enum("comparison", "Comparison")
    Confidence = _enum("confidence", "Confidence")
    CoverageState = _enum("coverage-state", "CoverageState")
    DeltaKind = _enum("delta-kind", "DeltaKind")
    DocumentKind = _enum("document-kind", "DocumentKind")
    EventKind = _enum("event-kind", "EventKind")
    ExemptionLevel = _enum("exemption-level", "ExemptionLevel")
    ExposureLevel = _enum("exposure-level", "ExposureLevel")
    FindingState = _enum("finding-state", "FindingState")
    Decision = _enum("decision", "Decision")
    InstrumentKind = _enum("instrument-kind", "InstrumentKind")
    Modality = _enum("modality", "Modality")
    PowerKind = _enum("power-kind", "PowerKind")
    QuantityRole = _enum("quantity-role", "QuantityRole")
    RequirementKind = _enum("requirement-kind", "RequirementKind")
    SegmentKind = _enum("segment-kind", "SegmentKind")
    SetRelation = _enum("set-relation", "SetRelation")
    Significance = _enum("significance", "Significance")
    SourceKind = _enum("source-kind", "SourceKind")
    TermGroup = _enum("term-group", "TermGroup")
    Unit = _enum("unit", "Unit")
