"""How platforms word one thing: what each says, for whom, with which limits, and how many say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, cast

import strawberry

from clausegraph.api.findingdays import (
    JurisdictionIds,
    RequirementIds,
    TopicIds,
    asked,
    examined,
    findings_on,
    limits_on,
    state,
)
from clausegraph.api.findingscope import (
    Answer,
    Held,
    PlatformIds,
    PortfolioIds,
    Scope,
    kinds_held,
    rows_of,
    scope,
)
from clausegraph.api.findingtypes import Finding
from clausegraph.api.lawtypes import Requirement
from clausegraph.api.listing import Paged, paged, view_of
from clausegraph.api.nodes import AsOf, View, make, node_at
from clausegraph.api.paging import Connection
from clausegraph.api.policytypes import Document, Platform
from clausegraph.api.provisiontypes import Quote
from clausegraph.api.reader import Entity, slug
from clausegraph.api.versiontypes import Version


@strawberry.enum(description="In which order platforms are compared; it tells of texts only.")
class CompareOrder(Enum):
    """Orders of `compare`."""

    NAME = strawberry.enum_value("name", description="By the name of the platform.")
    REACH = strawberry.enum_value(
        "reach",
        description="By how many of the requirements are stated (`stated`), then by how many of "
        "these for everybody (`forEverybody`), then by how few limits are quoted (`limits`), then "
        "by name. It orders texts by these three fields and grades nobody.",
    )


@strawberry.type(
    description="How many documents say a thing, of how many; the five add up to `of`. Documents of "
    "other kinds than those that are held against the requirement are not among them."
)
class AdoptionCount:
    """States of the findings on a requirement; a document without one is not examined."""

    requirement: Requirement = strawberry.field(description="The requirement.")
    stated: int = strawberry.field(description="Documents that state it.")
    denied: int = strawberry.field(description="Documents that deny it.")
    not_stated: int = strawberry.field(description="Documents in which it was not found.")
    not_examined: int = strawberry.field(
        description="Documents in which nobody could look, and platforms without a document."
    )
    tension: int = strawberry.field(description="Documents whose words collide with law or others.")
    of: int = strawberry.field(
        description="Documents of the kinds that are held against the requirement, and platforms "
        "without one."
    )


@strawberry.type(description="What one platform's document says.")
class CompareRow:
    """A row: a document, or a platform without one."""

    platform: Platform = strawberry.field(description="The platform.")
    document: Document | None = strawberry.field(
        description="The document; null where none is tracked that is held against what is asked."
    )
    version: Version | None = strawberry.field(description="Its version of the day.")
    findings: list[Finding] = strawberry.field(
        description="What was found on each requirement, with quotes and for whom it is said."
    )
    stated: int = strawberry.field(description="How many of the requirements are stated.")
    for_everybody: int = strawberry.field(
        description="How many of these are stated for everybody, not for people of a state by name."
    )
    limits: list[Quote] = strawberry.field(
        description="Passages that narrow what is said, such as proof asked for or a look-back."
    )


@strawberry.type(description="A comparison, a row for each platform's document.")
class CompareConnection(Connection[CompareRow], Answer):
    """Rows with the counts of each requirement."""

    adoption: list[AdoptionCount] = strawberry.field(
        description="Over all rows, for each requirement apart."
    )


@dataclass(frozen=True)
class _Said:
    """What a document says on the day."""

    held: Held
    found: tuple[Entity, ...]
    limits: tuple[Entity, ...]

    @property
    def stated(self) -> list[Entity]:
        """The findings that state something."""
        return [each for each in self.found if state(each) == "stated"]

    @property
    def for_everybody(self) -> int:
        """How many of them state it for everybody."""
        return sum(slug(each.one("textScope") or "") == "general" for each in self.stated)

    @property
    def quotes(self) -> list[str]:
        """The quotes of the limits, each once."""
        return list(dict.fromkeys(each.one("evidence") for each in self.limits))

    def place(self, order: CompareOrder) -> tuple[Any, ...]:
        """Where it stands in an order; greater numbers of what descends come first."""
        name = (self.held.label, self.held.key)
        if order is CompareOrder.NAME:
            return name
        return (len(self.stated), self.for_everybody, len(self.quotes), *name)


@strawberry.type
class CompareQuery:
    """Questions that compare platforms."""

    @paged(
        CompareConnection,
        "What platforms say about a topic or about requirements, side by side, with the number of "
        "documents in each state; give a topic, requirements or both.",
    )
    def compare(
        self,
        info: strawberry.Info,
        topic: TopicIds = None,
        requirement: RequirementIds = None,
        jurisdiction: JurisdictionIds = None,
        portfolio: PortfolioIds = None,
        platform: PlatformIds = None,
        order: CompareOrder = CompareOrder.NAME,
        as_of: AsOf = None,
    ) -> Paged:
        """Rows in an order that its fields explain."""
        view = view_of(info, as_of)
        wanted = asked(view, topic, requirement, jurisdiction)
        kinds = set().union(*kinds_held(view, wanted).values())
        return compare(scope(view, portfolio, platform, kinds), wanted, order)


def compare(held: Scope, requirements: Sequence[str], order: CompareOrder) -> Paged:
    """The rows of some platforms on some requirements (IRIs)."""
    view = held.view
    found = findings_on(view, requirements, held.documents)
    limits = limits_on(view, set(requirements), held.documents)
    said = [_said(each, found, limits) for each in held.held]
    rows = [(each.place(order), partial(_row, view, each)) for each in said]
    down = [True, True, False, False] if order is CompareOrder.REACH else [False]
    more = held.more(examined(found))
    kinds = kinds_held(view, requirements)
    more["adoption"] = [_adoption(held, iri, found, kinds[iri]) for iri in requirements]
    return rows_of(view, rows, down, more)


def _said(held: Held, found: Sequence[Entity], limits: Sequence[Entity]) -> _Said:
    mine = [[e for e in each if e.one("document") == held.document] for each in (found, limits)]
    return _Said(held, tuple(mine[0]), tuple(mine[1]))


def _row(view: View, said: _Said) -> CompareRow:
    held = said.held
    quotes = [node_at(view, iri) for iri in said.quotes]
    return CompareRow(
        platform=cast(Any, node_at(view, held.platform)),
        document=cast(Any, node_at(view, held.document)),
        version=cast(Any, node_at(view, held.version)),
        findings=[cast(Any, make(view, each)) for each in said.found],
        stated=len(said.stated),
        for_everybody=said.for_everybody,
        limits=cast(Any, quotes),
    )


def _adoption(
    held: Scope, requirement: str, found: Sequence[Entity], kinds: Collection[str]
) -> AdoptionCount:
    counted = Counter(state(each) for each in found if each.one("requirement") == requirement)
    known = sum(counted[each] for each in ("stated", "denied", "not-stated", "tension"))
    of = _rows(held, kinds)
    return AdoptionCount(
        requirement=cast(Any, node_at(held.view, requirement)),
        stated=counted["stated"],
        denied=counted["denied"],
        not_stated=counted["not-stated"],
        not_examined=of - known,
        tension=counted["tension"],
        of=of,
    )


def _rows(held: Scope, kinds: Collection[str]) -> int:
    """How many documents of some kinds there are, and platforms without one."""
    own = [each.platform for each in held.held if each.kind in kinds]
    return len(own) + len({each.platform for each in held.held} - set(own))
