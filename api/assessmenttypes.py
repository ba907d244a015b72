"""GraphQL types of what follows from a document's findings: assessments and their statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from clausegraph.api.enums import (
    Assignee,
    EvidenceKind,
    ExposureLevel,
    ProfileCondition,
    StatementPart,
)
from clausegraph.api.findingtypes import Finding
from clausegraph.api.methodtypes import Judgement
from clausegraph.api.nodes import (
    Dated,
    Node,
    View,
    about,
    choice,
    edge,
    edges,
    make,
    shows,
    text,
    value,
)
from clausegraph.api.opiniontypes import of_document
from clausegraph.api.reader import Entity
from clausegraph.api.versiontypes import Version

if TYPE_CHECKING:
    from clausegraph.api.policytypes import Document

Policies = "clausegraph.api.policytypes"
_PARTS = {member.value: at for at, member in enumerate(StatementPart)}


@shows("Statement")
@strawberry.type(description=about("Statement"))
class Statement(Judgement):
    """A sentence with what it rests on."""

    assessment: Annotated[Assessment, strawberry.lazy("clausegraph.api.assessmenttypes")] = edge(
        "assessment"
    )
    part: StatementPart = choice("part", StatementPart)
    order: int = value("order", "Its place within the part.")
    sentence: str = text("sentence")
    anchors: list[Node] = edges("anchor", "What it rests on; there is always something.")
    template: str = value("template")
    condition: ProfileCondition | None = choice("condition", ProfileCondition)
    assignee: Assignee | None = choice("assignee", Assignee)
    evidence_kind: EvidenceKind | None = choice("evidenceKind", EvidenceKind)


@shows("Assessment")
@strawberry.type(description=about("Assessment"))
class Assessment(Judgement, Dated):
    """What follows from the findings of a run of days."""

    document: Annotated[Document, strawberry.lazy(Policies)] = edge("document")
    level: ExposureLevel = choice("exposureLevel", ExposureLevel)
    points: int = value("points", "The sum from which the level follows.")
    inputs: list[Finding] = edges("input", "The findings that went into the level.")
    first_version: Version = edge("firstVersion")
    last_version: Version | None = edge("lastVersion")

    @strawberry.field(description="Its sentences, by part and in their order there.")
    def statements(
        self,
        part: list[StatementPart] | None = None,
        condition: list[ProfileCondition] | None = None,
    ) -> list[Statement]:
        """The statements; those under other conditions than the named ones are left out."""
        found = self.view.reader.back(self.entity.iri, "assessment", "Statement")
        parts = None if part is None else {each.value for each in part}
        given = None if condition is None else {None, *(each.value for each in condition)}
        found = [
            each
            for each in found
            if (parts is None or each.one("part") in parts)
            and (given is None or each.one("condition") in given)
        ]
        found.sort(key=lambda each: (_PARTS.get(each.one("part"), 0), each.one("order"), each.iri))
        return [cast(Statement, make(self.view, each)) for each in found]


def assessments(view: View, document: str) -> list[Entity]:
    """The assessments of a document, oldest first."""
    found = of_document(view.reader, "Assessment", document)
    return sorted(found, key=lambda each: (each.one("validFrom"), each.iri))


def assessment(view: View, document: str) -> Assessment | None:
    """The assessment of a document that holds on the view's day."""
    found = next((each for each in assessments(view, document) if each.holds_on(view.day)), None)
    return None if found is None else cast(Assessment, make(view, found))


def during(view: View, version: Entity) -> list[Assessment]:
    """The assessments that hold on days of a version, oldest first."""
    start, end = version.one("validFrom"), version.one("validUntil")
    if start is None:
        return []
    return [
        cast(Assessment, make(view, each))
        for each in assessments(view, version.one("document"))
        if (end is None or each.one("validFrom") <= end)
        and (each.one("validUntil") is None or each.one("validUntil") >= start)
    ]
