"""Coverage: jurisdictions by topics, with two kinds of emptiness that are never the same.

A cell is ``requirement`` (a version is in force on the day), ``known-absence`` ("none, and this is
known", with its evidence) or ``not-examined`` (nobody looked, or nothing is recorded).
"""

from __future__ import annotations

from collections import Counter
from typing import cast

import strawberry

from clausegraph.api.enums import CoverageState
from clausegraph.api.facttypes import Absence
from clausegraph.api.lawtypes import Jurisdiction, RequirementVersion, Topic
from clausegraph.api.nodes import View, make
from clausegraph.api.reader import Entity
from clausegraph.ontology.iris import concept

STATES = ("requirement", "known-absence", "not-examined")


@strawberry.type(description="What is known of a topic in a jurisdiction on a day.")
class CoverageCell:
    """A cell of the coverage table."""

    jurisdiction: Jurisdiction = strawberry.field(description="The column.")
    topic: Topic = strawberry.field(description="The row.")
    state: CoverageState = strawberry.field(description="What is known.")
    versions: list[RequirementVersion] = strawberry.field(description="What is in force.")
    absences: list[Absence] = strawberry.field(description="Why it is known that there is none.")


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
    versions = [
        version
        for requirement in view.reader.back(topic.iri, "topic", "Requirement")
        if requirement.one("jurisdiction") == place.iri
        for version in view.reader.back(requirement.iri, "versionOf", "RequirementVersion")
        if version.holds_on(view.day)
    ]
    absences = [
        absence
        for absence in view.reader.back(topic.iri, "topic", "Absence")
        if absence.one("jurisdiction") == place.iri and absence.holds_on(view.day)
    ]
    state = STATES[0] if versions else STATES[1] if absences else STATES[2]
    return CoverageCell(
        jurisdiction=cast(Jurisdiction, make(view, place)),
        topic=cast(Topic, make(view, topic)),
        state=CoverageState(concept("coverage-state", state)),
        versions=[cast(RequirementVersion, make(view, found)) for found in versions],
        absences=[cast(Absence, make(view, found)) for found in absences],
    )
