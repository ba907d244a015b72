"""How a right or statement spread: how many documents state it on which day, and since when each does.

First days are known up to an interval: after the last version without it, no later than the first
version with it. Where the first version that was looked at has it already, only the end is known;
where no version has it, only the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property, partial
from typing import Annotated, Any, cast

import strawberry

from clausegraph.api.adoption import Interval, series
from clausegraph.api.findingdays import (
    JurisdictionIds,
    RequirementIds,
    TopicIds,
    asked,
    examined,
    findings,
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
from clausegraph.api.lawtypes import Requirement
from clausegraph.api.listing import Paged, paged, view_of
from clausegraph.api.nodes import View, node_at
from clausegraph.api.policyrows import short, slug
from clausegraph.api.policyselect import Clause, fetch
from clausegraph.api.policytypes import Document, Platform
from clausegraph.api.reader import Entity
from clausegraph.api.versiontypes import Version
from clausegraph.ontology.iris import ID

_VERSIONS = """SELECT iri, since, until FROM version WHERE whole AND since IS NOT NULL
AND document = (SELECT id FROM document WHERE iri = ?) AND ordinal < (
    SELECT ordinal FROM version AS other WHERE other.document = version.document AND iri = ?)
ORDER BY ordinal DESC"""
"""The whole versions of a document before another one, the latest first, with their days."""


@strawberry.enum(description="What is known of the day on which a document first stated a thing.")
class Censoring(Enum):
    """Kinds of knowledge of a first day."""

    INTERVAL = strawberry.enum_value("interval", description="Between two versions.")
    LEFT = strawberry.enum_value(
        "left",
        description="No later than the first version that was looked at, or the first day of the rule.",
    )
    RIGHT = strawberry.enum_value("right", description="Not until the last day asked for.")


@strawberry.type(description="How many documents stated a thing on a day, and of how many.")
class DiffusionPoint:
    """A day with its numbers, each among those before it."""

    day: date = strawberry.field(description="The day.")
    tracked: int = strawberry.field(description="Documents, and platforms without one.")
    captured: int = strawberry.field(description="Of these, those of which a version stood.")
    examined: int = strawberry.field(
        description="Of these, those in which the rules could look; none before the rule of law is in force."
    )
    stated: int = strawberry.field(
        description="Of these, those that stated it, also where other words collide with it."
    )


@strawberry.type(description="When a document first stated a thing, as far as versions tell.")
class FirstStated:
    """An interval for one document."""

    platform: Platform = strawberry.field(description="The platform.")
    document: Document = strawberry.field(description="The document.")
    censoring: Censoring = strawberry.field(description="Which ends of the interval are known.")
    last_without: Version | None = strawberry.field(
        description="The last whole version, looked at, that did not state it before."
    )
    first_with: Version | None = strawberry.field(description="The first version that states it.")
    since: date | None = strawberry.field(
        description="The first day on which it was found to be stated under the rule; a version may "
        "be older than the rule."
    )


@dataclass(frozen=True)
class _Told:
    """The findings of a document on what is asked, of all days."""

    held: Held
    found: tuple[Entity, ...]

    @cached_property
    def stated(self) -> list[Entity]:
        """Those that state it, the earliest first."""
        return sorted(filter(states, self.found), key=lambda each: each.one("validFrom"))

    @cached_property
    def without(self) -> list[Entity]:
        """Those that looked and found it not stated."""
        return [e for e in self.found if state(e) != "not-examined" and not states(e)]

    def on(self, day: date, found: Sequence[Entity]) -> bool:
        """Whether one of some findings holds on a day."""
        return any(each.holds_on(day) for each in found)


def states(finding: Entity) -> bool:
    """Whether a finding is that something is stated, whatever collides with it."""
    tells = finding.one("otherwiseState") if state(finding) == "tension" else None
    return slug(tells or finding.one("findingState")) == "stated"


@strawberry.type(description="How a right or statement spread over documents.")
class Diffusion(Answer):
    """A series of days, and the first version of each document."""

    view: strawberry.Private[View]
    told: strawberry.Private[tuple[_Told, ...]]
    requirements: list[Requirement] = strawberry.field(
        description="What counts: a document states the thing where it states one of these."
    )
    points: list[DiffusionPoint] = strawberry.field(description="The days, in order.")
    unexamined: int = strawberry.field(
        description="Documents and platforms of which nothing was ever found or looked for."
    )

    @paged(FirstStated, "First versions by the day; documents that never stated it come last.")
    def first_stated(self) -> Paged:
        """A row for each document that was looked at."""
        rows = [
            ((_day(each, self.view.day), each.held.label, each.held.key), partial(_first, self.view, each))
            for each in self.told
            if each.held.document and (each.stated or each.without)
        ]  # fmt: skip
        return rows_of(self.view, rows, [False, False], {})


@strawberry.type
class DiffusionQuery:
    """Questions about how things spread."""

    @strawberry.field(
        description="How a right or statement spread over platforms, month by month, and between "
        "which two versions each came to state it."
    )
    def diffusion(
        self,
        info: strawberry.Info,
        from_: Annotated[date, strawberry.argument(name="from", description="The first day.")],
        to: Annotated[
            date, strawberry.argument(description="The last day that may be among them.")
        ],
        topic: TopicIds = None,
        requirement: RequirementIds = None,
        jurisdiction: JurisdictionIds = None,
        portfolio: PortfolioIds = None,
        platform: PlatformIds = None,
        interval: Interval = Interval.MONTH,
    ) -> Diffusion:
        """A series of days and first versions."""
        view = view_of(info, to)
        wanted = asked(view, topic, requirement, jurisdiction)
        kinds = set().union(*kinds_held(view, wanted).values())
        held = scope(view, portfolio, platform, kinds)
        return diffusion(held, wanted, series(from_, to, interval))


def diffusion(held: Scope, requirements: Sequence[str], days: Sequence[date]) -> Diffusion:
    """How some requirements spread over platforms; the scope's day is the last."""
    view = held.view
    every = findings(view, requirements, every_day=True)
    found = [each for each in every if each.one("validFrom") <= view.day]
    by_document: dict[str, list[Entity]] = {}
    for each in found:
        by_document.setdefault(each.one("document"), []).append(each)
    told = tuple(_Told(e, tuple(by_document.get(e.document or "", ()))) for e in held.held)
    captured = _captured(view)
    return Diffusion(
        view=view,
        told=told,
        requirements=cast(Any, [node_at(view, iri) for iri in requirements]),
        points=[_point(view, told, captured, day) for day in days],
        unexamined=sum(not (each.stated or each.without) for each in told),
        **held.more(examined(each for each in found if each.holds_on(view.day))),
    )


def _captured(view: View) -> dict[str, str]:
    """The first day on which a whole version of each document stood."""
    query = Clause("""SELECT document.iri, min(since) FROM version
        JOIN document ON document.id = version.document GROUP BY document""")
    return {ID + iri: since for iri, since in fetch(view, query) if since}


def _point(
    view: View, told: Sequence[_Told], captured: dict[str, str], day: date
) -> DiffusionPoint:
    view.budget.spend()
    text = day.isoformat()
    stated = sum(each.on(day, each.stated) for each in told)
    silent = sum(not each.on(day, each.stated) and each.on(day, each.without) for each in told)
    return DiffusionPoint(
        day=day,
        tracked=len(told),
        captured=sum(captured.get(e.held.document or "", "~") <= text for e in told),
        examined=stated + silent,
        stated=stated,
    )


def _day(told: _Told, end: date) -> str | None:
    return told.stated[0].one("validFrom").isoformat() if told.stated else None


def _first(view: View, told: _Told) -> FirstStated:
    first = told.stated[0] if told.stated else None
    version = first.one("firstVersion") if first else None
    without = next(_without(view, told, version), None)
    kind = Censoring.INTERVAL if first and without else Censoring.LEFT if first else Censoring.RIGHT
    return FirstStated(
        platform=cast(Any, node_at(view, told.held.platform)),
        document=cast(Any, node_at(view, told.held.document)),
        censoring=kind,
        last_without=cast(Any, node_at(view, without)),
        first_with=cast(Any, node_at(view, version)),
        since=first.one("validFrom") if first else None,
    )


def _without(view: View, told: _Told, version: str | None) -> Iterator[str]:
    """The versions before one that did not state it, as far as they were looked at, latest first."""
    if version is None:
        yield from [told.held.version] if told.held.version else []
        return
    args = (short(str(told.held.document)), short(version))
    for iri, since, until in fetch(view, Clause(_VERSIONS, args)):
        for each in told.without:
            end = each.one("validUntil")
            if each.one("validFrom").isoformat() <= until and (
                end is None or since <= end.isoformat()
            ):
                yield ID + iri
                break
