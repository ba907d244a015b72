"""GraphQL types of what was captured: versions, their texts and the passages of these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from clausegraph.api.cursors import Place
from clausegraph.api.enums import ArchiveLabel, CaptureState, FindingState, SegmentKind
from clausegraph.api.filters import Direction, Ids
from clausegraph.api.findingfilters import FindingFilter
from clausegraph.api.findinglists import of_version
from clausegraph.api.listing import Paged, at, paged
from clausegraph.api.nodes import Node, View, about, choice, edge, node_at, shows, value, values
from clausegraph.api.paging import Sequential
from clausegraph.api.policyfilters import VersionFilter, sort_key
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Choice, Chosen, Clause, Key
from clausegraph.loaders.deltas import passages
from clausegraph.loaders.historytexts import SHORT, sha256_of
from clausegraph.loaders.presences import SEPARATOR
from clausegraph.loaders.segment import Segment
from clausegraph.ontology.iris import ID, concept

if TYPE_CHECKING:
    from clausegraph.api.assessmenttypes import Assessment
    from clausegraph.api.changetypes import Change
    from clausegraph.api.findingtypes import Finding
    from clausegraph.api.policytypes import Document
    from clausegraph.api.provisiontypes import Provision

Changes = "clausegraph.api.changetypes"
Policies = "clausegraph.api.policytypes"
Provisions = "clausegraph.api.provisiontypes"
ORDINAL = Key("ordinal", int)
_TEXTS = 16  # texts whose passages are kept: those that clients page through


@strawberry.type(
    description="A passage of a version's text, cut out by the document's own structure."
)
class Passage:
    """A passage; it has no id of its own, its provision has."""

    start: int = strawberry.field(description=about("start"))
    end: int = strawberry.field(description=about("end"))
    kind: SegmentKind = strawberry.field(description=about("segmentKind"))
    heading_path: str = strawberry.field(description=about("headingPath"))
    words: strawberry.Private[str]
    view: strawberry.Private[View]
    iri: strawberry.Private[str]

    @strawberry.field(description="The characters of the passage as captured.")
    def exact(self) -> str:
        """The characters; paid for by their length."""
        return self.view.budget.pay(self.words)

    @strawberry.field(
        description="What it is through all versions; null where the release was made by another "
        "version of the segmenter."
    )
    def provision(self) -> Annotated[Provision, strawberry.lazy(Provisions)] | None:
        """The provision of the same words."""
        return cast("Provision | None", node_at(self.view, self.iri))


@dataclass(frozen=True)
class _Part:
    """Where a passage stands, and the hash of its words."""

    segment: Segment
    key: str


@lru_cache(_TEXTS)
def _parts(content: str) -> tuple[_Part, ...]:
    """The passages of a text that have words."""
    found = (each for each in passages(content) if each.seen)
    return tuple(_Part(each.segment, sha256_of(each.seen)[:SHORT]) for each in found)


@shows("Text")
@strawberry.type(description=about("Text"))
class Text(Node):
    """The characters of versions."""

    sha256: str = value("sha256")
    normalised_sha256: str = value("normalisedSha256")
    characters: int = value("characters")

    @strawberry.field(description=about("content"))
    def content(self) -> str:
        """The characters."""
        return self.view.budget.pay(self.view.reader.text(self.entity.iri))

    @strawberry.field(description="The versions that have it, in the order of their capture.")
    def versions(self) -> list[Version]:
        """Versions of this text."""
        return sorted(self.back("text", "Version"), key=lambda v: v.entity.one("ordinal"))


@shows("Version")
@strawberry.type(description=about("Version"))
class Version(Node):
    """A document as captured at one moment."""

    document: Annotated[Document, strawberry.lazy(Policies)] = edge("document")
    text: Text = edge("text")
    ordinal: int = value("ordinal")
    captured_at: datetime = value("capturedAt")
    capture_state: CaptureState = choice("captureState", CaptureState)
    announced_date: date | None = value("announcedDate")
    valid_from: date | None = value(
        "validFrom", "First day on which it was the last whole capture; null where on none."
    )
    valid_until: date | None = value(
        "validUntil", "Last day on which it was the last whole capture; null while it is."
    )
    archive_label: ArchiveLabel | None = choice("archiveLabel", ArchiveLabel)
    commit: str | None = value("commit")
    snapshots: list[str] = values("snapshot")
    engine: str | None = value("engine")
    media_type: str | None = value("mediaType")
    sha256: str = value("sha256")
    previous: Version | None = edge("wasRevisionOf", "The version captured before it.")
    returns_to: Version | None = edge("returnsTo")

    @strawberry.field(
        description="The changes that led to it: from the version before, and across an accident."
    )
    def changes(self) -> list[Annotated[Change, strawberry.lazy(Changes)]]:
        """Changes whose later side this is."""
        return self.back("toVersion", "Change")

    @strawberry.field(
        description="What it says about requirements on its days, by requirement; a requirement "
        "that changed meanwhile has several."
    )
    def findings(
        self, state: list[FindingState] | None = None, requirement: Ids = None
    ) -> list[Annotated[Finding, strawberry.lazy("clausegraph.api.findingtypes")]]:
        """Findings of the days on which it was the last whole capture."""
        wanted = FindingFilter(state=state, requirement=requirement)
        found = of_version(self.view, self.entity, wanted)
        return [cast(Any, at(self.view, iri)) for iri in found]

    @strawberry.field(description="What follows from its findings, oldest first.")
    def assessments(
        self,
    ) -> list[Annotated[Assessment, strawberry.lazy("clausegraph.api.assessmenttypes")]]:
        """Assessments of its days."""
        from clausegraph.api.assessmenttypes import during

        return during(self.view, self.entity)

    @paged(
        Passage,
        "The passages of its text in order; what lies between them shows no letter and no digit.",
    )
    def passages(self) -> Paged:
        """Passages, cut anew from the text."""
        content = self.view.budget.pay(self.view.reader.text(self.entity.one("text")))
        parts = _parts(content)

        def shown(place: Place) -> Passage:
            return _passage(self, content, parts[place[0]])

        return Paged(self.view, Sequential(len(parts)), shown)


def _passage(version: Version, content: str, part: _Part) -> Passage:
    found, own = part.segment, short(version.entity.one("document")).partition("/")[2]
    return Passage(
        start=found.start,
        end=found.end,
        kind=SegmentKind(concept("segment-kind", found.kind)),
        heading_path=SEPARATOR.join(found.headings),
        words=content[found.start : found.end],
        view=version.view,
        iri=f"{ID}provision/{own}/{part.key}",
    )


def versions(
    view: View,
    of: Clause,
    filter: VersionFilter | None = None,
    direction: Direction = Direction.ASC,
) -> Paged:
    """The versions that meet a condition, in the order of their archive."""
    clauses = (of, *(filter.clauses() if filter else ()))
    return Paged(view, Chosen(view, Choice("version", clauses, (sort_key(ORDINAL, direction),))))
