"""Coverage in the shape of a page: groups of topics, rows of cells, and counts of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from clausegraph.api import facts
from clausegraph.api.coverage import STATES, Coverage, CoverageCell
from clausegraph.api.facts import Shown
from clausegraph.api.reader import slug
from clausegraph.api.sites import Site
from clausegraph.ontology.iris import concept
from clausegraph.ontology.terms import vocabulary


@dataclass(frozen=True)
class Cell:
    """A cell: its state (a slug of the closed list) and what stands in it."""

    state: str
    links: list[Shown]


@dataclass(frozen=True)
class Count:
    """Cells of a state, of how many."""

    state: Shown
    cells: int
    of: int


@dataclass(frozen=True)
class Line:
    """A topic with its cells, in the order of the columns."""

    topic: Shown
    cells: list[Cell]


@dataclass(frozen=True)
class Group:
    """A group of topics; `examined` counts its cells that are not ``not-examined``."""

    topic: Shown
    lines: list[Line]
    examined: int
    cells: int


@dataclass(frozen=True)
class Table:
    """The whole table, with counts over all cells and for each column."""

    places: list[Shown]
    groups: list[Group]
    counts: list[Count]
    columns: list[list[Count]]


def table(site: Site, found: Coverage) -> Table:
    """The table of a coverage; groups and topics stand in the order of the closed list."""
    by_place: dict[str, dict[str, CoverageCell]] = {}
    for cell in found.cells:
        by_place.setdefault(cell.jurisdiction.entity.iri, {})[cell.topic.entity.iri] = cell
    by_group: dict[str, list[str]] = {}
    for cell in sorted(next(iter(by_place.values()), {}).values(), key=_rank):
        by_group.setdefault(cell.topic.entity.one("broader"), []).append(cell.topic.entity.iri)
    columns = list(by_place.values())
    return Table(
        places=[facts.shown(site, place) for place in by_place],
        groups=[_group(site, *each, columns) for each in by_group.items()],
        counts=_counts(site, found.cells),
        columns=[_counts(site, column.values()) for column in columns],
    )


def _group(
    site: Site, group: str, topics: list[str], columns: list[dict[str, CoverageCell]]
) -> Group:
    lines = [
        Line(facts.shown(site, topic), [_cell(site, column[topic]) for column in columns])
        for topic in topics
    ]
    states = [cell.state for line in lines for cell in line.cells]
    examined = len(states) - states.count(STATES[-1])
    return Group(facts.shown(site, group), lines, examined, len(states))


def _cell(site: Site, cell: CoverageCell) -> Cell:
    """A cell leads to the requirements in force, else to known absences, else to other days."""
    shown = cell.versions or cell.others
    requirements = dict.fromkeys(v.entity.one("versionOf") for v in shown)
    absences = [absence.entity.iri for absence in cell.absences]
    links = [facts.shown(site, iri) for iri in list(requirements) or absences]
    return Cell(slug(cell.state.value), links)


def _counts(site: Site, cells: Iterable[CoverageCell]) -> list[Count]:
    found = Counter(cell.state.value for cell in cells)
    of = found.total()
    return [Count(state, found[state.iri], of) for state in _states(site)]


def _rank(cell: CoverageCell) -> int:
    """The place of a cell's topic in the closed list; what is not in it goes last."""
    listed = list(vocabulary().scheme("topic").concepts)
    own = slug(cell.topic.entity.iri)
    return listed.index(own) if own in listed else len(listed)


def _states(site: Site) -> list[Shown]:
    return [facts.shown(site, concept("coverage-state", state)) for state in STATES]
