"""GraphQL types of what changed between versions: changes, deltas, exchanged terms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from clausegraph.api.enums import (
    CaptureState,
    DeltaKind,
    MappingRelation,
    Significance,
    TermGroup,
)
from clausegraph.api.filters import Direction
from clausegraph.api.listing import Paged, at, paged
from clausegraph.api.nodes import Node, View, about, choice, edge, shows, value, values
from clausegraph.api.paging import Connection
from clausegraph.api.policyfilters import ChangeFilter, one_of, order_of, sort_key
from clausegraph.api.policyrows import place, short
from clausegraph.api.policyselect import Choice, Chosen, Clause, Key, fetch
from clausegraph.api.provisiontypes import Quote
from clausegraph.api.reader import Entity
from clausegraph.api.triage import MOVED, TOUCHES, MovedFinding, Touch, moved, touches
from clausegraph.api.versiontypes import Version
from clausegraph.ontology.iris import concept

if TYPE_CHECKING:
    from clausegraph.api.policytypes import Document

Policies = "clausegraph.api.policytypes"
OWN = "(SELECT id FROM change WHERE iri = ?)"
PLACE = (Key("place", int),)
KINDS = ("added", "removed", "reworded", "moved", "split", "merged")


@shows("ChangedTerm")
@strawberry.type(description=about("ChangedTerm"))
class ChangedTerm(Node):
    """A word that gave way to another."""

    change: Change = edge("change")
    delta: Delta = edge("delta")
    group: TermGroup = choice("termGroup", TermGroup)
    before: str | None = value("termBefore")
    after: str | None = value("termAfter")


@shows("Delta")
@strawberry.type(description=about("Delta"))
class Delta(Node):
    """What happened to one passage."""

    change: Change = edge("change")
    kind: DeltaKind = choice("deltaKind", DeltaKind)
    similarity: Decimal | None = value("similarity")
    signals: list[str] = values("signal")
    before: Quote | None = edge("before")
    after: Quote | None = edge("after")

    @strawberry.field(description="The words exchanged in this passage, in reading order.")
    def terms(self) -> list[ChangedTerm]:
        """Terms of this passage."""
        args = short(self.entity.one("change")), place(self.entity.iri)
        own = Clause(f"delta = (SELECT id FROM delta WHERE change = {OWN} AND place = ?)", args)
        found = Chosen(self.view, Choice("term", (own,), PLACE)).iris()
        return [cast(ChangedTerm, at(self.view, iri)) for iri in found]

    @strawberry.field(description=TOUCHES)
    def touches(self, relation: list[MappingRelation] | None = None) -> list[Touch]:
        """Requirements by id."""
        change = cast(Entity, self.view.reader.entity(self.entity.one("change")))
        own = Clause("iri = ?", (short(self.entity.iri),))
        return touches(self.view, change, own, relation)


@strawberry.type(description="How many passages a change touched, by what happened to them.")
class ChangeCounts:
    """Numbers of deltas."""

    added: int = strawberry.field(description=about("addedCount"))
    removed: int = strawberry.field(description=about("removedCount"))
    reworded: int = strawberry.field(description=about("rewordedCount"))
    moved: int = strawberry.field(description=about("movedCount"))
    split: int = strawberry.field(description=about("splitCount"))
    merged: int = strawberry.field(description=about("mergedCount"))


@strawberry.type(description="A heading path under which a change touched passages.")
class HeadingCount:
    """A path and how much happened below it."""

    heading_path: str = strawberry.field(description="The path; empty where no heading stands.")
    count: int = strawberry.field(description="How many passages were touched directly under it.")


@strawberry.type(description="A word that took another's place in a change.")
class Exchange:
    """Two words of one sort."""

    before: str | None = strawberry.field(description=about("termBefore"))
    after: str | None = strawberry.field(description=about("termAfter"))
    count: int = strawberry.field(description="In how many places.")


@strawberry.type(description="The words of one sort that a change exchanged.")
class Exchanges:
    """Words by their sort."""

    group: TermGroup = strawberry.field(description=about("termGroup"))
    terms: list[Exchange] = strawberry.field(description="Each pair once, in reading order.")


@strawberry.type(description="What a change did, in numbers, places and words.")
class ChangeSummary:
    """A summary made of the deltas alone."""

    counts: ChangeCounts = strawberry.field(description="Passages by what happened to them.")
    headings: list[HeadingCount] = strawberry.field(description="Where, in the order of the text.")
    exchanges: list[Exchanges] = strawberry.field(description="Which words gave way to which.")


@shows("Change")
@strawberry.type(description=about("Change"))
class Change(Node):
    """What differs between two versions."""

    document: Annotated[Document, strawberry.lazy(Policies)] = edge("document")
    from_version: Version = edge("fromVersion")
    to_version: Version = edge("toVersion")
    observed_at: datetime = value("observedAt")
    significance: Significance = choice("significance", Significance)
    accident: CaptureState | None = choice("accident", CaptureState)
    silent: bool | None = value("silent")

    @strawberry.field(description=about("bridges"))
    def bridges(self) -> bool:
        """Whether it reaches over an accident."""
        return self.entity.one("bridges") is True

    @strawberry.field(description="The date that the earlier version announces of itself.")
    def announced_before(self) -> date | None:
        """Announced date of the earlier side."""
        return self._announced("fromVersion")

    @strawberry.field(description="The date that the later version announces of itself.")
    def announced_after(self) -> date | None:
        """Announced date of the later side."""
        return self._announced("toVersion")

    def _announced(self, side: str) -> date | None:
        version = self.view.reader.entity(self.entity.one(side))
        return cast(date | None, version and version.one("announcedDate"))

    @strawberry.field(
        description="What it did; null for an accident of capturing, whose passages say nothing "
        "of the document."
    )
    def summary(self) -> ChangeSummary | None:
        """Counts, headings and words."""
        if str(self.entity.one("significance")).endswith("/capture"):
            return None
        counts = {kind: self.entity.one(f"{kind}Count") or 0 for kind in KINDS}
        return ChangeSummary(
            counts=ChangeCounts(**counts), headings=self._headings(), exchanges=self._exchanges()
        )

    def _headings(self) -> list[HeadingCount]:
        sql = (
            "SELECT path, count(*) FROM delta JOIN heading "
            "ON heading.id = coalesce(heading_after, heading_before) "
            f"WHERE change = {OWN} GROUP BY path ORDER BY min(place)"
        )
        return [HeadingCount(heading_path=path, count=n) for path, n in self._rows(sql)]

    def _exchanges(self) -> list[Exchanges]:
        sql = (
            "SELECT sort, before, after, count(*) FROM term "
            f"WHERE change = {OWN} GROUP BY sort, before, after ORDER BY sort, min(place)"
        )
        return [
            Exchanges(
                group=TermGroup(concept("term-group", group)),
                terms=[Exchange(before=b, after=a, count=n) for _, b, a, n in rows],
            )
            for group, rows in groupby(self._rows(sql), key=lambda row: str(row[0]))
        ]

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a statement about this change; every one is paid for."""
        found = fetch(self.view, Clause(sql, (short(self.entity.iri),)))
        for _ in found:
            self.view.budget.spend()
        return found

    @strawberry.field(description=f"{TOUCHES} Passages that only moved are left out.")
    def touches(self, relation: list[MappingRelation] | None = None) -> list[Touch]:
        """Requirements by id."""
        own = Clause(f"kind <> 'moved' AND change = {OWN}", (short(self.entity.iri),))
        return touches(self.view, self.entity, own, relation)

    @strawberry.field(description=MOVED)
    def moved_findings(self) -> list[MovedFinding]:
        """Findings before and after."""
        return moved(self.view, self.entity)

    @paged(Delta, "The passages that it touched, in the order of the text; accidents have none.")
    def deltas(self, kind: list[DeltaKind] | None = None) -> Paged:
        """Its deltas."""
        return self._parts("delta", one_of("kind", kind))

    @paged(ChangedTerm, "The words that it exchanged, in the order of the text.")
    def terms(self, group: list[TermGroup] | None = None) -> Paged:
        """Its changed terms."""
        return self._parts("term", one_of("sort", group))

    def _parts(self, table: str, clauses: list[Clause]) -> Paged:
        own = Clause(f"change = {OWN}", (short(self.entity.iri),))
        return Paged(self.view, Chosen(self.view, Choice(table, (own, *clauses), PLACE)))


@strawberry.type(description="How many changes have a significance.")
class SignificanceCount:
    """A significance and a number."""

    significance: Significance = strawberry.field(description=about("significance"))
    count: int = strawberry.field(description="How many changes.")


@strawberry.type(description="A page of changes, and how many the wish for significance hides.")
class ChangeConnection(Connection[Change]):
    """Changes; what is left out for its significance is counted where it is asked for."""

    hidden: strawberry.Private[Callable[[], list[SignificanceCount]]]

    @strawberry.field(
        description="How many changes of other significance meet the rest of the filter."
    )
    def suppressed(self) -> list[SignificanceCount]:
        """What the list leaves out."""
        return self.hidden()


@strawberry.enum(description="What changes can be ordered by.")
class ChangeSort(Enum):
    """Keys of `changes`: the index's own columns."""

    OBSERVED_AT = strawberry.enum_value(
        "placed",
        description="When it was observed; where the archive's clock ran backwards, just after the "
        "changes before it in its document, so that nothing new stands behind what was seen.",
    )
    SIZE = "size"


@strawberry.input(description="One sort key of changes.")
class ChangeOrder:
    """A key and its direction."""

    by: ChangeSort
    direction: Direction = Direction.DESC

    def key(self) -> Key:
        """The key of the index."""
        type_ = int if self.by is ChangeSort.SIZE else str
        return sort_key(Key(self.by.value, type_), self.direction)


NEWEST = (Key("placed", descending=True),)


def changes(
    view: View, of: tuple[Clause, ...], filter: ChangeFilter, order: list[ChangeOrder] | None
) -> Paged:
    """The changes that meet conditions and a filter, the newest first unless asked otherwise."""
    clauses = (*of, *filter.clauses(view))
    whole = Choice("change", clauses, order_of(order, NEWEST))
    places = Chosen(view, whole.with_(*filter.weight()))

    def hidden() -> list[SignificanceCount]:
        if filter.significance is None:
            return []
        counts = Chosen(view, whole).counts("significance")
        return [
            SignificanceCount(significance=member, count=counts[name])
            for member in Significance
            if member not in filter.significance
            and (name := str(member.value).rpartition("/")[2]) in counts
        ]

    return Paged(view, places, more={"hidden": hidden})
