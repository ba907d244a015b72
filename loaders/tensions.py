"""Collisions that a text shows: words against a rule of law, or against other words of the text.

Which these are is data (`detection/tensions.yaml`). A tension is for review; it is no verdict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from clausegraph.loaders.declarations import declaration
from clausegraph.loaders.disclosures import Evidence
from clausegraph.loaders.duties import Duty
from clausegraph.loaders.outcomes import Outcome
from clausegraph.loaders.periods import periods
from clausegraph.loaders.textreading import TextReading
from clausegraph.ontology.iris import mint

_LENGTH = {"calendar-day": 1, "month": 30}


@dataclass(frozen=True, slots=True)
class Tension:
    """A declared collision; `on` and `against` are IRIs of requirements."""

    kind: str
    shows: str
    beside: str
    longer: str
    on: frozenset[str]
    against: tuple[str, ...]
    note: str


@lru_cache(maxsize=1)
def tensions() -> tuple[Tension, ...]:
    """The declared collisions in their order; the first that a finding shows is told."""
    data = declaration("tensions")["tensions"]
    return tuple(_tension(entry) for entry in data)


def strained(
    made: Outcome, duty: Duty, text: TextReading, allowed: int | None, kinds: Collection[str]
) -> Outcome:
    """An outcome, or the tension that hides it.

    `allowed` are the calendar days of a deadline, `kinds` the tensions whose rules are in force.
    """
    for each in tensions():
        if duty.requirement not in each.on or each.kind not in kinds:
            continue
        if found := _shown(each, duty, text, allowed):
            places, counter = found
            return replace(
                made,
                state="tension",
                otherwise=made.otherwise or made.state,
                tension=each.kind,
                reason="",
                evidence=tuple(dict.fromkeys((*places, *made.evidence)))[:5],
                counter=counter,
                nearest=(),
                against=each.against or (duty.requirement,),
            )
    return made


def _shown(
    each: Tension, duty: Duty, text: TextReading, allowed: int | None
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The passages that show a collision, and those beside them; None where it is not there."""
    if each.longer:
        found = tuple(
            evidence.block
            for evidence in _stated(text, each.longer, duty)
            if allowed is not None and (days := _days(evidence, text)) and min(days) > allowed
        )
        return (found[:2], ()) if found else None
    places = tuple(one.block for one in _stated(text, each.shows, duty))[:2]
    if not each.beside:
        return (places, ()) if places else None
    denials = _denials(text, each.beside, duty)[:2]
    return (denials, places) if places and denials else None


def _stated(text: TextReading, item: str, duty: Duty) -> Iterator[Evidence]:
    """The passages that state an item to the people of the duty's state."""
    reading = text.readings.get(item)
    for each in reading.evidence if reading else ():
        if each.detection.polarity == "stated" and _speaks(each, duty):
            yield each


def _denials(text: TextReading, item: str, duty: Duty) -> tuple[int, ...]:
    """The passages that deny an item to the people of the duty's state."""
    reading = text.readings.get(item)
    return tuple(
        each.block
        for each in (reading.evidence if reading else ())
        if each.detection.polarity == "denied" and _speaks(each, duty)
    )


def _speaks(evidence: Evidence, duty: Duty) -> bool:
    """Whether a passage speaks to the people of the duty's state, too."""
    people = evidence.detection.populations
    return not people or duty.jurisdiction in people or "us" in people


def _days(evidence: Evidence, text: TextReading) -> list[int]:
    """The calendar days within which a passage promises an answer; a month counts as thirty."""
    return [
        each.number * _LENGTH[each.unit]
        for each in periods(text.blocks[evidence.block].seen)
        if each.purpose == "answer" and each.unit in _LENGTH
    ]


def _tension(entry: Mapping[str, Any]) -> Tension:
    return Tension(
        kind=entry["kind"],
        shows=entry.get("shows", ""),
        beside=entry.get("beside", ""),
        longer=entry.get("longer", ""),
        on=frozenset(_iri(name) for name in entry["requirements"]),
        against=tuple(_iri(name) for name in entry.get("against", ())),
        note=entry["note"],
    )


def _iri(name: str) -> str:
    return mint("requirement", *name.split("/"))
