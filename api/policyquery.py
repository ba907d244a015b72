"""Root fields that ask for policies and their history."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated

import strawberry

from clausegraph.api.adoption import Adoption, Interval, adoption, series
from clausegraph.api.changestats import ChangeGroup, ChangeStats, stats
from clausegraph.api.changetypes import ChangeConnection, ChangeOrder, changes
from clausegraph.api.clauses import nullable
from clausegraph.api.filters import NULLS, Direction, Nulls
from clausegraph.api.listing import Paged, paged, view_of
from clausegraph.api.nodes import AsOf, typed
from clausegraph.api.policyfilters import (
    ChangeFilter,
    DocumentFilter,
    PlatformFilter,
    ProvisionFilter,
    Standing,
    order_of,
    sort_key,
)
from clausegraph.api.policysearch import SearchHit, search
from clausegraph.api.policyselect import Choice, Chosen, Clause, Key, fetch
from clausegraph.api.policytypes import Document, Platform
from clausegraph.api.provisiontypes import PLACE, Provision
from clausegraph.api.versiontypes import Version

LABEL = (Key("label"),)


@strawberry.enum(description="What documents can be ordered by.")
class DocumentSort(Enum):
    """Keys of `documents`."""

    LABEL = "label"
    KIND = "kind"
    LAST_CHANGED = strawberry.enum_value(
        "(SELECT max(placed) FROM change WHERE change.document = document.id)",
        description="When its newest change was observed; null where none was.",
    )


@strawberry.input(description="One sort key of documents.")
class DocumentOrder:
    """A key and its direction."""

    by: DocumentSort
    direction: Direction = Direction.ASC
    nulls: Nulls = strawberry.field(default=Nulls.LAST, description=NULLS)

    def key(self) -> tuple[Key, ...]:
        """The keys of the index."""
        found = sort_key(Key(self.by.value), self.direction)
        if self.by is DocumentSort.LAST_CHANGED:
            return nullable(found, self.nulls is Nulls.FIRST)
        return (found,)


@strawberry.enum(description="What provisions can be ordered by.")
class ProvisionSort(Enum):
    """Keys of `provisions`."""

    DOCUMENT = "home"
    FIRST_SEEN = "seen"
    KIND = "kind"


@strawberry.input(description="One sort key of provisions.")
class ProvisionOrder:
    """A key and its direction."""

    by: ProvisionSort
    direction: Direction = Direction.ASC

    def key(self) -> Key:
        """The key of the index."""
        return sort_key(Key(self.by.value), self.direction)


@strawberry.type(description="How much of policies the release holds: what shares are shares of.")
class Holdings:
    """The denominators."""

    platforms: int = strawberry.field(description="Platforms.")
    documents: int = strawberry.field(description="Documents, also those without a version.")
    versions: int = strawberry.field(description="Versions of all documents.")
    whole_versions: int = strawberry.field(
        description="Versions that stand for their document, which accidents of capturing do not."
    )
    provisions: int = strawberry.field(description="Provisions, each once for its document.")
    changes: int = strawberry.field(description="Changes of every significance.")


@strawberry.type
class PolicyQuery:
    """Questions about policies."""

    @strawberry.field(description="A platform by its id, such as inkwarren.")
    def platform(self, info: strawberry.Info, id: strawberry.ID) -> Platform | None:
        """One platform."""
        return typed(view_of(info), "platform", id, Platform)

    @paged(Platform, "What people use, by name.")
    def platforms(self, info: strawberry.Info, filter: PlatformFilter | None = None) -> Paged:
        """Platforms."""
        view = view_of(info)
        clauses = tuple(filter.clauses(view)) if filter else ()
        return Paged(view, Chosen(view, Choice("platform", clauses, LABEL)))

    @strawberry.field(description="A document by its id, such as inkwarren/privacy-policy.")
    def document(
        self, info: strawberry.Info, id: strawberry.ID, as_of: AsOf = None
    ) -> Document | None:
        """One document."""
        return typed(view_of(info, as_of), "document", id, Document)

    @paged(Document, "Texts of platforms, with or without a history, by name.")
    def documents(
        self,
        info: strawberry.Info,
        filter: DocumentFilter | None = None,
        order_by: list[DocumentOrder] | None = None,
        as_of: AsOf = None,
    ) -> Paged:
        """Documents."""
        view = view_of(info, as_of)
        clauses = tuple(filter.clauses(view)) if filter else ()
        return Paged(view, Chosen(view, Choice("document", clauses, order_of(order_by, LABEL))))

    @strawberry.field(description="A version by its id.")
    def version(self, info: strawberry.Info, id: strawberry.ID) -> Version | None:
        """One version."""
        return typed(view_of(info), "version", id, Version)

    @paged(Provision, "Passages of documents through their versions, by document.")
    def provisions(
        self,
        info: strawberry.Info,
        filter: ProvisionFilter | None = None,
        order_by: list[ProvisionOrder] | None = None,
        as_of: Standing = None,
    ) -> Paged:
        """Provisions."""
        view = view_of(info, as_of)
        clauses = tuple((filter or ProvisionFilter()).clauses(view, as_of))
        return Paged(view, Chosen(view, Choice("provision", clauses, order_of(order_by, PLACE))))

    @paged(
        SearchHit,
        "Provisions that hold all of some words, in any of their endings, the best first. "
        'Words in "quotes" stand side by side.',
    )
    def search_provisions(
        self,
        info: strawberry.Info,
        text: str,
        filter: ProvisionFilter | None = None,
        as_of: Standing = None,
    ) -> Paged:
        """Full-text search."""
        return search(view_of(info, as_of), text, filter or ProvisionFilter(), as_of)

    @paged(ChangeConnection, "What changed in documents, the newest first.")
    def changes(
        self,
        info: strawberry.Info,
        filter: ChangeFilter | None = None,
        order_by: list[ChangeOrder] | None = None,
    ) -> Paged:
        """Changes."""
        return changes(view_of(info), (), filter or ChangeFilter(), order_by)

    @strawberry.field(description="How a wording spread over documents.")
    def adoption(
        self,
        info: strawberry.Info,
        text: str,
        from_: Annotated[date, strawberry.argument(name="from", description="The first day.")],
        to: Annotated[
            date, strawberry.argument(description="The last day that may be among them.")
        ],
        interval: Interval,
        filter: ProvisionFilter | None = None,
    ) -> Adoption:
        """A series of days and the first version of each document."""
        days = series(from_, to, interval)
        return adoption(view_of(info), text, filter or ProvisionFilter(), days)

    @paged(ChangeStats, "Changes in numbers, by groups.")
    def change_stats(
        self,
        info: strawberry.Info,
        group_by: list[ChangeGroup],
        filter: ChangeFilter | None = None,
    ) -> Paged:
        """Changes by group and significance."""
        return stats(view_of(info), group_by, filter or ChangeFilter())

    @strawberry.field(description="How much of policies the release holds.")
    def holdings(self, info: strawberry.Info) -> Holdings:
        """The denominators of the release."""
        known = dict(fetch(view_of(info), Clause("SELECT name, value FROM meta")))
        return Holdings(
            platforms=known["platforms"],
            documents=known["documents"],
            versions=known["versions"],
            whole_versions=known["wholeVersions"],
            provisions=known["provisions"],
            changes=known["changes"],
        )
