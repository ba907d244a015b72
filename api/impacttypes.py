"""What a change of law meets in documents: each requirement by platforms, before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple, cast

import strawberry

from clausegraph.api.denominators import StateCounts, both, state_counts
from clausegraph.api.denominators import state as member
from clausegraph.api.denominators import states as slugs
from clausegraph.api.enums import FindingState
from clausegraph.api.findingscope import Answer
from clausegraph.api.findingtypes import Finding
from clausegraph.api.lawtypes import Instrument, Requirement, RequirementVersion
from clausegraph.api.listing import at
from clausegraph.api.nodes import View, make
from clausegraph.api.policyrows import OPEN
from clausegraph.api.policyselect import Clause, among, fetch
from clausegraph.api.policytypes import Platform
from clausegraph.api.reader import Entity
from clausegraph.ontology.iris import ID

TELLING = ("tension", "stated", "denied", "not-stated", "not-examined")
"""The states in the order in which one of several documents speaks for its platform."""
_ROWS = """
SELECT requirement, platform.iri, finding.iri, finding.state, finding.since, finding.until,
    version.until FROM finding
JOIN document ON document.id = finding.document JOIN platform ON platform.id = document.platform
LEFT JOIN version ON version.document = document.id AND ? BETWEEN version.since AND version.until
WHERE {}"""


class Row(NamedTuple):
    """A finding of the index; `stands` is the last day of the text that stands on the view's day."""

    requirement: str
    platform: str
    finding: str
    state: str
    since: str
    until: str
    stands: str | None = OPEN


@dataclass(frozen=True)
class Change:
    """A requirement that changed: how it reads since, and how it read before (None: it is new)."""

    now: Entity
    before: Entity | None

    @property
    def first(self) -> date:
        """The first day of the new reading."""
        found: date = self.now.one("validFrom")
        return found

    @property
    def requirement(self) -> str:
        """The IRI of the requirement."""
        return str(self.now.one("versionOf"))


@dataclass(frozen=True)
class Platforms:
    """Platforms of a question (short IRIs, by name) with the findings about its requirements."""

    view: View
    iris: Sequence[str]
    rows: Mapping[tuple[str, str], Sequence[Row]] = field(default_factory=dict)

    def on(self, requirement: str, platform: str, day: date) -> Row | None:
        """The finding that speaks for a platform on a day; None where there is none.

        On a day still to come only texts speak that stand on the view's day and until then.
        """
        text = day.isoformat()
        rows = self.rows.get((requirement.removeprefix(ID), platform), ())
        held = [row for row in rows if row.since <= text <= row.until]
        if day > self.view.day:
            held = [row for row in held if row.stands is not None and row.stands >= text]
        return min(held, key=lambda row: (TELLING.index(row.state), row.finding), default=None)


def platforms_of(view: View, clauses: Sequence[Clause], changes: Sequence[Change]) -> Platforms:
    """The platforms that meet conditions, with all findings about requirements that changed."""
    own = both(clauses)
    labels = Clause(f"SELECT iri FROM platform WHERE {own.sql} ORDER BY label, iri", own.args)
    asked = among("requirement", {each.requirement.removeprefix(ID) for each in changes})
    whole = both([*clauses, asked])
    rows: dict[tuple[str, str], list[Row]] = {}
    args = (view.day.isoformat(), *whole.args)
    for each in fetch(view, Clause(_ROWS.format(whole.sql), args)):
        row = Row(*each)
        rows.setdefault((row.requirement, row.platform), []).append(row)
    return Platforms(view, [iri for (iri,) in fetch(view, labels)], rows)


@strawberry.type(description="What a change of a requirement meets in the documents of a platform.")
class PlatformImpact:
    """A platform before and after."""

    held: strawberry.Private[Platforms]
    iri: strawberry.Private[str]
    rows: strawberry.Private[tuple[Row | None, Row | None, Row | None]]

    @strawberry.field(description="The platform.")
    def platform(self) -> Platform:
        """Whose documents they are."""
        return cast(Platform, at(self.held.view, ID + self.iri))

    @strawberry.field(
        description="Its state on the day; of several documents the one that says most speaks for it."
    )
    def state(self) -> FindingState:
        """The group in which the platform is."""
        return member(self.slug)

    @property
    def slug(self) -> str:
        """The slug of its state on the day."""
        return self.rows[2].state if self.rows[2] else "not-examined"

    @strawberry.field(
        description="What it said on the last day of the former reading; null where the requirement "
        "is new or nothing was examined."
    )
    def before(self) -> Finding | None:
        """The finding before."""
        return self._finding(0)

    @strawberry.field(
        description="What it said on the first day of the new reading; null where nothing was "
        "examined."
    )
    def at_start(self) -> Finding | None:
        """The finding of the first day."""
        return self._finding(1)

    @strawberry.field(
        description="What it says on the day, or on the first day of the new reading where that is "
        "still to come; null where nothing was examined."
    )
    def after(self) -> Finding | None:
        """The finding of the day."""
        return self._finding(2)

    def _finding(self, place: int) -> Finding | None:
        row = self.rows[place]
        return None if row is None else cast(Finding, at(self.held.view, ID + row.finding))


@strawberry.type(description="What a change of one requirement meets.")
class RequirementImpact:
    """A requirement with the platforms by state."""

    change: strawberry.Private[Change]
    held: strawberry.Private[Platforms]
    found: strawberry.Private[list[PlatformImpact]]

    @strawberry.field(description="The requirement.")
    def requirement(self) -> Requirement:
        """What is asked."""
        return cast(Requirement, at(self.held.view, self.change.requirement))

    @strawberry.field(description="How it reads by the change.")
    def version(self) -> RequirementVersion:
        """The new reading."""
        return cast(RequirementVersion, make(self.held.view, self.change.now))

    @strawberry.field(description="How it read before; null where the change introduced it.")
    def earlier(self) -> RequirementVersion | None:
        """The former reading."""
        before = self.change.before
        return None if before is None else cast(RequirementVersion, make(self.held.view, before))

    @strawberry.field(
        description="Whether the new reading has begun by the day. If not, states and counts are "
        "those of its first day, for the texts as they stand on the day; a text that was replaced "
        "before was never held against the new reading, and is not examined."
    )
    def begun(self) -> bool:
        """Whether it is in force."""
        return self.change.first <= self.held.view.day

    @strawberry.field(description="How many platforms are in which group; each is in one.")
    def counts(self) -> StateCounts:
        """Numbers by state."""
        return state_counts(Counter(each.slug for each in self.found).items())

    @strawberry.field(description="The platforms, by name; those of some groups where asked.")
    def platforms(self, states: list[FindingState] | None = None) -> list[PlatformImpact]:
        """Platforms with what they said before and say after."""
        wanted = None if states is None else slugs(states)
        found = [each for each in self.found if wanted is None or each.slug in wanted]
        self.held.view.budget.spend(len(found))
        return found


def impact(held: Platforms, change: Change) -> RequirementImpact:
    """What a change meets in all platforms."""
    first = change.first
    days = first - timedelta(days=1), first, max(first, held.view.day)
    found = []
    for iri in held.iris:
        before, start, after = (held.on(change.requirement, iri, each) for each in days)
        found.append(PlatformImpact(held=held, iri=iri, rows=(before, start, after)))
    return RequirementImpact(change=change, held=held, found=found)


@strawberry.type(description="What a change of law meets in documents.")
class LawChangeImpact(Answer):
    """An instrument, the requirements it brought or changed, and the platforms by state."""

    act: Instrument | None = strawberry.field(description="The instrument, where one was named.")
    requirements: list[RequirementImpact] = strawberry.field(
        description="Requirements that it introduced or changed and that documents are held "
        "against, by id."
    )
    others: list[RequirementVersion] = strawberry.field(
        description="Versions of requirements that it introduced or changed and that no document "
        "is held against: of these nothing is said."
    )
