"""Coverage: jurisdictions by topics, with kinds of emptiness that are never the same.

A cell is ``requirement`` (a version is in force on the day), ``known-absence`` ("none, and this is
known", with its evidence), ``uncertain`` (a version whose first day is not exactly known may have
been in force), ``other-days`` (something is recorded for other days only) or ``not-examined``
(nothing is recorded: nobody looked).
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import cast

import strawberry

from clausegraph.api.enums import CoverageState
from clausegraph.api.facttypes import Absence
from clausegraph.api.lawtypes import Jurisdiction, RequirementVersion, Topic
from clausegraph.api.nodes import View, make
from clausegraph.api.reader import Entity
from clausegraph.ontology.iris import concept

STATES = ("requirement", "known-absence", "uncertain", "other-days", "not-examined")


@strawberry.type(description="What is known of a topic in a jurisdiction on a day.")
class CoverageCell:
    """A cell of the coverage table."""

    jurisdiction: Jurisdiction = strawberry.field(description="The column.")
    topic: Topic = strawberry.field(description="The row.")
    state: CoverageState = strawberry.field(description="What is known.")
    versions: list[RequirementVersion] = strawberry.field(description="What is in force.")
    absences: list[Absence] = strawberry.field(description="Why it is known that there is none.")
    others: list[RequirementVersion] = strawberry.field(
        description="What is recorded for other days, or may have been in force on this one."
    )


@strawberry.type(description="How many cells are in a state, of how many.")
class CoverageCount:
    """A count with its denominator."""

    state: CoverageState = strawberry.field(description="The state that is counted.")
    cells: int = strawberry.field(description="How many cells are in it.")
    of: int = strawberry.field(description="How many cells there are in all.")


@strawberry.type(description="The coverage table on a day, with its denominators.")
class Coverage:
    """Cells in the order of jurisdictions, then topics."""

    cells: list[CoverageCell] = strawberry.field(description="A cell a jurisdiction and topic.")

    @strawberry.field(description="Cells by state, each with the number of all cells.")
    def counts(self) -> list[CoverageCount]:
        """One count a state, zeros included."""
        found = Counter(cell.state.value for cell in self.cells)
        states = [CoverageState(concept("coverage-state", state)) for state in STATES]
        return [
            CoverageCount(state=state, cells=found[state.value], of=len(self.cells))
            for state in states
        ]


def cover(view: View, places: set[str] | None = None, topics: set[str] | None = None) -> Coverage:
    """The coverage table on the view's day, of some or all jurisdictions and topics.

    Groups of topics have no row of their own.
    """
    rows = [
        topic
        for topic in view.reader.of_type("Topic")
        if topic.one("broader") and (topics is None or topic.iri in topics)
    ]
    columns = [
        place
        for place in view.reader.of_type("Jurisdiction")
        if places is None or place.iri in places
    ]
    return Coverage(cells=[_cell(view, place, topic) for place in columns for topic in rows])


def _cell(view: View, place: Entity, topic: Entity) -> CoverageCell:
    recorded = [
        version
        for requirement in view.reader.back(topic.iri, "topic", "Requirement")
        if requirement.one("jurisdiction") == place.iri
        for version in view.reader.back(requirement.iri, "versionOf", "RequirementVersion")
    ]
    versions = [version for version in recorded if version.holds_on(view.day)]
    known = [
        absence
        for absence in view.reader.back(topic.iri, "topic", "Absence")
        if absence.one("jurisdiction") == place.iri
    ]
    absences = [absence for absence in known if absence.holds_on(view.day)]
    state = _state(view.day, versions, absences, recorded, known)
    others = [] if versions or absences else recorded
    return CoverageCell(
        jurisdiction=cast(Jurisdiction, make(view, place)),
        topic=cast(Topic, make(view, topic)),
        state=CoverageState(concept("coverage-state", state)),
        versions=[cast(RequirementVersion, make(view, found)) for found in versions],
        absences=[cast(Absence, make(view, found)) for found in absences],
        others=[cast(RequirementVersion, make(view, found)) for found in others],
    )


def _state(
    day: date,
    versions: list[Entity],
    absences: list[Entity],
    recorded: list[Entity],
    known: list[Entity],
) -> str:
    if versions:
        return "requirement"
    if absences:
        return "known-absence"
    if any(version.may_hold_on(day) for version in recorded):
        return "uncertain"
    return "other-days" if recorded or known else "not-examined"
