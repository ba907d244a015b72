"""GraphQL types of who says something, and in which texts: providers, platforms, documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from clausegraph.api.assessmenttypes import Assessment, assessment
from clausegraph.api.changetypes import ChangeConnection, ChangeOrder, changes
from clausegraph.api.enums import DocumentKind, SegmentKind
from clausegraph.api.filters import Direction
from clausegraph.api.findingfilters import FindingFilter
from clausegraph.api.findingorders import FindingOrder
from clausegraph.api.findingpages import FindingConnection, findings
from clausegraph.api.jointtypes import Reading, ReadingScope, readings
from clausegraph.api.listing import Paged, at, paged
from clausegraph.api.nodes import AsOf, Node, about, choice, edge, node_at, shows, value, values
from clausegraph.api.policyfilters import ChangeFilter, ProvisionFilter, VersionFilter, document_at
from clausegraph.api.policyindex import HISTORIES
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Choice, Chosen, Clause
from clausegraph.api.provisiontypes import PLACE, Provision
from clausegraph.api.versiontypes import Version, versions

if TYPE_CHECKING:
    from clausegraph.api.enforcementtypes import Claim


@shows("Provider")
@strawberry.type(description=about("Provider"))
class Provider(Node):
    """The organisation behind a platform."""

    @strawberry.field(description="Its platforms.")
    def platforms(self) -> list[Platform]:
        """Platforms of this provider."""
        return self.back("provider", "Platform")


@shows("Platform")
@strawberry.type(description=about("Platform"))
class Platform(Node):
    """What a person uses."""

    provider: Provider | None = edge("provider")

    @strawberry.field(description=about("invented"))
    def invented(self) -> bool:
        """Whether it is made up."""
        return self.entity.one("invented") is True

    @strawberry.field(description="Its documents.")
    def documents(self) -> list[Document]:
        """Documents of this platform."""
        return self.back("platform", "Document")

    @paged(
        Provision,
        "The provisions of its documents that stand on the day, by document and place.",
    )
    def provisions(
        self,
        as_of: AsOf = None,
        heading: str | None = None,
        text: str | None = None,
        kind: list[SegmentKind] | None = None,
    ) -> Paged:
        """Provisions of a day."""
        own = [strawberry.ID(self.entity.iri)]
        wanted = ProvisionFilter(platform=own, heading=heading, text=text, kind=kind)
        view = self.view.on(as_of)
        return Paged(
            view, Chosen(view, Choice("provision", tuple(wanted.clauses(view, view.day)), PLACE))
        )


@shows("History")
@strawberry.type(description=about("History"))
class History(Node):
    """What was loaded of a document."""

    document: Document = edge("document")
    methods: list[str] = values("method")


@shows("Document")
@strawberry.type(description=about("Document"))
class Document(Node):
    """One text of a platform by type."""

    platform: Platform = edge("platform")
    kind: DocumentKind = choice("documentKind", DocumentKind)
    type: str | None = value("documentType")
    source_address: str | None = value("sourceAddress")
    current_version: Version | None = edge("currentVersion")

    @strawberry.field(description="How its history was made; null where none was loaded.")
    def history(self) -> History | None:
        """The description of its graph."""
        own = short(self.entity.iri).partition("/")[2]
        return cast(History | None, node_at(self.view, HISTORIES + own))

    @strawberry.field(description="What others claim about it, in the order of their page.")
    def claims(
        self,
    ) -> list[Annotated[Claim, strawberry.lazy("clausegraph.api.enforcementtypes")]]:
        """Claims about this document."""
        found = self.back("about", "Claim")
        return sorted(found, key=lambda c: (c.entity.one("order"), c.entity.iri))

    @paged(Version, "Its versions, in the order of its archive.")
    def versions(
        self, filter: VersionFilter | None = None, order: Direction = Direction.ASC
    ) -> Paged:
        """Versions of this document."""
        return versions(self.view, document_at(self.entity.iri), filter, order)

    @strawberry.field(
        description="The last whole version captured by the end of the day; null before the first."
    )
    def version(self, as_of: AsOf = None) -> Version | None:
        """The version of a day."""
        day = self.view.on(as_of).day.isoformat()
        of_day = document_at(self.entity.iri), Clause("? BETWEEN since AND until", (day,))
        found = Chosen(self.view, Choice("version", of_day)).iris(1)
        return cast(Version, at(self.view, found[0])) if found else None

    @paged(
        Provision,
        "The provisions that stand on the day, by the places at which they began to stand; "
        "`Version.passages` has the exact order of a text.",
    )
    def provisions(
        self,
        as_of: AsOf = None,
        heading: str | None = None,
        text: str | None = None,
        kind: list[SegmentKind] | None = None,
    ) -> Paged:
        """Provisions of a day."""
        wanted = ProvisionFilter(heading=heading, text=text, kind=kind)
        view = self.view.on(as_of)
        clauses = (document_at(self.entity.iri), *wanted.clauses(view, view.day))
        return Paged(view, Chosen(view, Choice("provision", clauses, PLACE)))

    @paged(FindingConnection, "What it says about requirements on the day, by requirement.")
    def findings(
        self,
        as_of: AsOf = None,
        filter: FindingFilter | None = None,
        order_by: list[FindingOrder] | None = None,
    ) -> Paged:
        """Findings of this document."""
        view, wanted = self.view.on(as_of), filter or FindingFilter()
        scope = wanted.asked(view, [Clause("iri = ?", (short(self.entity.iri),))])
        return findings(view, (document_at(self.entity.iri),), wanted, scope, order_by)

    @strawberry.field(
        description="The text of the day beside the law of the same day, a requirement at a time."
    )
    def readings(
        self, as_of: AsOf = None, requirements: ReadingScope | None = None
    ) -> list[Reading]:
        """Both sides of a day."""
        return readings(self.view.on(as_of), self.entity.iri, requirements)

    @strawberry.field(
        description="What follows from its findings of the day; null where it was not examined."
    )
    def assessment(self, as_of: AsOf = None) -> Assessment | None:
        """The assessment of a day."""
        return assessment(self.view.on(as_of), self.entity.iri)

    @paged(ChangeConnection, "What changed between its versions, the newest first.")
    def changes(
        self,
        filter: ChangeFilter | None = None,
        order_by: list[ChangeOrder] | None = None,
    ) -> Paged:
        """Changes of this document."""
        of = (document_at(self.entity.iri),)
        return changes(self.view, of, filter or ChangeFilter(), order_by)
