"""GraphQL types of the law: places, instruments, sections, requirements and their versions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from clausegraph.api.denominators import Scope
from clausegraph.api.enums import (
    Actor,
    Comparison,
    ExemptionLevel,
    InstrumentKind,
    Modality,
    QuantityRole,
    RequirementKind,
    SourceKind,
    Unit,
)
from clausegraph.api.findingfilters import FindingFilter, MappingFilter
from clausegraph.api.findinglists import mappings
from clausegraph.api.findingorders import FindingOrder, MappingOrder
from clausegraph.api.findingpages import FindingConnection, findings
from clausegraph.api.listing import Paged, paged
from clausegraph.api.mappingtypes import Mapping
from clausegraph.api.nodes import (
    AsOf,
    Dated,
    Fact,
    Node,
    about,
    choice,
    edge,
    edges,
    make,
    shows,
    value,
    values,
)
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Clause
from clausegraph.api.reader import slug as last_step

if TYPE_CHECKING:
    from clausegraph.api.enforcementtypes import Enforcer, Power
    from clausegraph.api.facttypes import Absence, Alignment, Amendment, Bill, Event, Suspension
    from clausegraph.api.timeline import TimelineEntry

Lazy = "clausegraph.api.enforcementtypes"
Facts = "clausegraph.api.facttypes"


@shows("Source")
@strawberry.type(description=about("Source"))
class Source(Node):
    """Where a fact was read."""

    key: str = value("sourceKey")
    title: str = value("title")
    addresses: list[str] = values("address")
    kind: SourceKind = choice("sourceKind", SourceKind)


@shows("Concept")
@strawberry.type(description="An entry of a closed list other than the topics.")
class Concept(Node):
    """A concept of a scheme."""

    definition: str = value("definition", "What it means.")


@shows("Topic")
@strawberry.type(description="A topic: what a requirement, and a provision, is about.")
class Topic(Node):
    """A concept of the topic scheme."""

    @strawberry.field(description="Its short name in ids and files.")
    def slug(self) -> str:
        """Last step of the IRI."""
        return last_step(self.entity.iri)

    definition: str = value("definition", "What the topic covers.")
    broader: Topic | None = edge("broader", "The group of topics that holds this one.")

    @strawberry.field(description="The topics that this group holds.")
    def narrower(self) -> list[Topic]:
        """Topics whose broader is this one."""
        return self.back("broader", "Topic")

    @strawberry.field(description="Requirements on this topic.")
    def requirements(self, as_of: AsOf = None) -> list[Requirement]:
        """Requirements with a version in force on the day."""
        view = self.view.on(as_of)
        found = [make(view, e) for e in view.reader.back(self.entity.iri, "topic", "Requirement")]
        return [r for r in cast(list[Requirement], found) if r.version_on() is not None]


@shows("Jurisdiction")
@strawberry.type(description=about("Jurisdiction"))
class Jurisdiction(Node):
    """A place whose law is in the graph."""

    code: str = value("code")

    @strawberry.field(description="Its regimes.")
    def regimes(self) -> list[Regime]:
        """Regimes of this jurisdiction."""
        return self.back("jurisdiction", "Regime")

    @strawberry.field(description="Its instruments, acts included.")
    def instruments(self) -> list[Instrument]:
        """Instruments of this jurisdiction."""
        return self.back("jurisdiction", "Instrument")

    @strawberry.field(description="Its enforcers.")
    def enforcers(self) -> list[Annotated[Enforcer, strawberry.lazy(Lazy)]]:
        """Enforcers of this jurisdiction."""
        return self.back("jurisdiction", "Enforcer")

    @strawberry.field(description="Bills that did not become law.")
    def bills(self) -> list[Annotated[Bill, strawberry.lazy(Facts)]]:
        """Bills of this jurisdiction."""
        return self.back("jurisdiction", "Bill")


@shows("Regime")
@strawberry.type(description=about("Regime"))
class Regime(Node):
    """A statute with its regulations, under the name people use."""

    title: str = value("title")
    jurisdiction: Jurisdiction = edge("jurisdiction")

    @strawberry.field(description="The instruments that make it up.")
    def instruments(self) -> list[Instrument]:
        """Instruments of this regime."""
        return self.back("regime", "Instrument")


@shows("Instrument")
@strawberry.type(description=about("Instrument"))
class Instrument(Node):
    """A statute, regulation or act."""

    title: str = value("title")
    aliases: list[str] = values("altLabel", "Other names in use.")
    kind: InstrumentKind = choice("instrumentKind", InstrumentKind)
    jurisdiction: Jurisdiction = edge("jurisdiction")
    regimes: list[Regime] = edges("regime")
    summary: str = value("summary")
    page: str | None = value("page")
    citation_pattern: str = value("citationPattern")
    neighbour: bool = value("neighbour")
    enacted: date | None = value("enacted")
    effective: date | None = value("effective")
    operative: date | None = value("operative")
    enforceable: date | None = value("enforceable")

    @strawberry.field(description="What happened to it, the four dates included, oldest first.")
    def events(self) -> list[Annotated[Event, strawberry.lazy(Facts)]]:
        """Events in the order of their days."""
        return sorted(
            self.back("instrument", "Event"),
            key=lambda e: (e.entity.one("onOrBefore"), e.entity.iri),
        )

    @strawberry.field(description="What this act changes in other instruments.")
    def amends(self) -> list[Annotated[Amendment, strawberry.lazy(Facts)]]:
        """Amendments that this act makes."""
        return self.back("amendingAct", "Amendment")

    @strawberry.field(description="What later acts changed in it.")
    def amended_by(self) -> list[Annotated[Amendment, strawberry.lazy(Facts)]]:
        """Amendments made to this instrument."""
        return self.back("amends", "Amendment")

    @strawberry.field(description="Court orders that keep it from being enforced on the day.")
    def suspensions(
        self, as_of: AsOf = None
    ) -> list[Annotated[Suspension, strawberry.lazy(Facts)]]:
        """Suspensions that hold on the day."""
        day = self.view.on(as_of).day
        return [s for s in self.back("instrument", "Suspension") if s.entity.holds_on(day)]

    @strawberry.field(description="Its requirements that have a version in force on the day.")
    def requirements(self, as_of: AsOf = None) -> list[Requirement]:
        """Requirements in force."""
        view = self.view.on(as_of)
        found = view.reader.back(self.entity.iri, "instrument", "Requirement")
        return [
            r
            for r in cast(list[Requirement], [make(view, e) for e in found])
            if r.version_on() is not None
        ]

    @strawberry.field(description="Its sections that something cites.")
    def sections(self) -> list[Section]:
        """Sections of this instrument."""
        return self.back("instrument", "Section")

    @strawberry.field(description="Powers held under it on the day.")
    def powers(self, as_of: AsOf = None) -> list[Annotated[Power, strawberry.lazy(Lazy)]]:
        """Powers that hold on the day."""
        view = self.view.on(as_of)
        found = view.reader.back(self.entity.iri, "instrument", "Power")
        return [cast(Any, make(view, e)) for e in found if e.holds_on(view.day)]

    @strawberry.field(description="What it is known not to have on the day.")
    def absences(self, as_of: AsOf = None) -> list[Annotated[Absence, strawberry.lazy(Facts)]]:
        """Known absences that hold on the day."""
        day = self.view.on(as_of).day
        return [a for a in self.back("instrument", "Absence") if a.entity.holds_on(day)]

    @strawberry.field(
        description="Everything that happened to it, oldest first: its events, amendments and "
        "suspensions, and each requirement version that starts or ends."
    )
    def timeline(
        self, since: date | None = None, until: date | None = None
    ) -> list[Annotated[TimelineEntry, strawberry.lazy("clausegraph.api.timeline")]]:
        """The time line, both ends included."""
        from clausegraph.api.timeline import timeline

        return timeline(self.view, self.entity.iri, since, until)


@shows("Section")
@strawberry.type(description=about("Section"))
class Section(Node):
    """A pinpoint of an instrument."""

    number: str = value("number")
    instrument: Instrument = edge("instrument")
    part_of: Node = edge("isPartOf", "The section or instrument around it.")

    @strawberry.field(description="The sections within it.")
    def parts(self) -> list[Section]:
        """Sections that are part of this one."""
        return self.back("isPartOf", "Section")

    @strawberry.field(description="Requirement versions in force on the day that cite it.")
    def cited_by(self, as_of: AsOf = None) -> list[RequirementVersion]:
        """Versions that cite this very section and hold on the day."""
        view = self.view.on(as_of)
        found = view.reader.back(self.entity.iri, "cites", "RequirementVersion")
        return [cast(RequirementVersion, make(view, e)) for e in found if e.holds_on(view.day)]


@shows("Requirement")
@strawberry.type(description=about("Requirement"))
class Requirement(Node):
    """A right, duty, threshold, deadline, definition …"""

    kind: RequirementKind = choice("kind", RequirementKind)
    topics: list[Topic] = edges("topic")
    bearer: Actor | None = choice("bearer", Actor)
    instrument: Instrument = edge("instrument")
    jurisdiction: Jurisdiction = edge("jurisdiction")

    def version_on(self) -> Any:
        """The version in force on the view's day, as a view; None where there is none."""
        for found in self.view.reader.back(self.entity.iri, "versionOf", "RequirementVersion"):
            if found.holds_on(self.view.day):
                return make(self.view, found)
        return None

    @strawberry.field(
        description="What it says on the day; null where nothing is recorded as in force. Where a first day "
        "is not exactly known, `perhaps` tells."
    )
    def version(self, as_of: AsOf = None) -> RequirementVersion | None:
        """The version in force."""
        return cast(
            RequirementVersion | None,
            Requirement(entity=self.entity, view=self.view.on(as_of)).version_on(),
        )

    @strawberry.field(
        description="The version that may have been in force on the day: between the earliest and "
        "the latest possible first day of a version. Null on other days."
    )
    def perhaps(self, as_of: AsOf = None) -> RequirementVersion | None:
        """The version whose uncertain first day surrounds the day."""
        view = self.view.on(as_of)
        versions = view.reader.back(self.entity.iri, "versionOf", "RequirementVersion")
        found = [make(view, version) for version in versions if version.may_hold_on(view.day)]
        return cast(RequirementVersion, found[0]) if found else None

    @strawberry.field(description="All its versions, oldest first, future ones included.")
    def versions(self) -> list[RequirementVersion]:
        """Versions in the order of their first days."""
        return sorted(
            self.back("versionOf", "RequirementVersion"), key=lambda v: v.entity.one("validFrom")
        )

    @strawberry.field(description="Alignments that hold on the day and start or end here.")
    def alignments(self, as_of: AsOf = None) -> list[Annotated[Alignment, strawberry.lazy(Facts)]]:
        """Alignments in both directions."""
        view = self.view.on(as_of)
        found = [
            e
            for key in ("alignsFrom", "alignsTo")
            for e in view.reader.back(self.entity.iri, key, "Alignment")
            if e.holds_on(view.day)
        ]
        return [cast("Alignment", make(view, e)) for e in found]

    @strawberry.field(description="Where it stands on the day; empty where nothing is in force.")
    def citations(self, as_of: AsOf = None) -> list[str]:
        """Citations of the version in force."""
        version = self.version(as_of)
        return list(version.entity.all("citation")) if version else []

    @paged(FindingConnection, "What documents say about it on the day, by document.")
    def findings(
        self,
        as_of: AsOf = None,
        filter: FindingFilter | None = None,
        order_by: list[FindingOrder] | None = None,
    ) -> Paged:
        """Findings about this requirement."""
        scope = Scope((), frozenset([short(self.entity.iri)]))
        wanted = filter or FindingFilter()
        return findings(self.view.on(as_of), (self._judged(),), wanted, scope, order_by)

    @paged(Mapping, "The provisions that touch it on the day, by document.")
    def mappings(
        self,
        as_of: AsOf = None,
        filter: MappingFilter | None = None,
        order_by: list[MappingOrder] | None = None,
    ) -> Paged:
        """Mappings to this requirement."""
        return mappings(self.view.on(as_of), (self._judged(),), filter, order_by)

    def _judged(self) -> Clause:
        return Clause("requirement = ?", (short(self.entity.iri),))


@shows("RequirementVersion")
@strawberry.type(description=about("RequirementVersion"))
class RequirementVersion(Fact, Dated):
    """What a requirement says in an interval of days."""

    requirement: Requirement = edge("versionOf")
    summary: str = value("summary")
    modality: Modality | None = choice("modality", Modality)
    level: ExemptionLevel | None = choice("exemptionLevel", ExemptionLevel)
    applies_to: str | None = value("appliesTo")
    clock: str | None = value("clock")
    values: list[Quantity] = edges("value")
    valid_from_earliest: date | None = value("validFromEarliest")
    enforceable_from: date | None = value("enforceableFrom")
    made_on: date | None = value("madeOn")
    introduced_by: Instrument | None = edge("introducedBy")


@shows("Quantity")
@strawberry.type(description=about("Quantity"))
class Quantity(Node):
    """An amount with its unit."""

    role: QuantityRole = choice("quantityRole", QuantityRole)
    comparison: Comparison = choice("comparison", Comparison)
    amount: Decimal = value("amount")
    unit: Unit = choice("unit", Unit)
    count_of: str | None = value("countOf")
