"""Typed filters and orders of the GraphQL lists, as predicates over entities.

A filter's fields are joined by and; a list within a field by or. Ids are IRIs, the path after
``/id/``, or the short id of their kind (`us-ca`, `us-ca/ccpa`, `opt-out-signal`). An id that the
release does not have is an error: an empty answer would look like knowledge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from difflib import get_close_matches
from enum import Enum
from typing import Any

import strawberry

from clausegraph.api.enums import Confidence, InstrumentKind, Modality, PowerKind, RequirementKind
from clausegraph.api.nodes import View
from clausegraph.api.paging import Order
from clausegraph.api.reader import Entity, Reader, known_as
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import ID, concept

Ids = list[strawberry.ID] | None
Test = Callable[[Entity], bool]


class UnknownIdError(ClausegraphError):
    """A filter names something that the release does not have."""

    code = "unknown-id"


@strawberry.enum(description="Which way an order goes.")
class Direction(Enum):
    """Ascending or descending."""

    ASC = "asc"
    DESC = "desc"


def identify(reader: Reader, kind: str, ids: Iterable[str]) -> set[str]:
    """IRIs of what a person named. Raises `UnknownIdError` with near matches."""
    found = set()
    for each in ids:
        iri = known_as(kind, each)
        if not iri.startswith(f"{ID}{kind}/") or reader.entity(iri) is None:
            near = get_close_matches(iri, reader.ids(kind.capitalize()), 3, 0.6)
            names = ", ".join(n.removeprefix(f"{ID}{kind}/") for n in near)
            each = each if len(each) <= 80 else f"{each[:77]}..."
            raise UnknownIdError(
                f"there is no {kind} {each!r} in this release",
                hint=f"Did you mean {names}?" if near else f"List them with `{kind}s`.",
                value=each,
            )
        found.add(iri)
    return found


def among(reader: Reader, key: str, kind: str, ids: Ids) -> list[Test]:
    """Entities that point by `key` at one of the things named; no test where nothing is named."""
    if ids is None:
        return []
    wanted = identify(reader, kind, ids)
    return [lambda entity: not wanted.isdisjoint(entity.all(key))]


def chosen(key: str, members: list[Any] | None) -> list[Test]:
    """Entities with one of the members of an enum."""
    if members is None:
        return []
    wanted = {member.value for member in members}
    return [lambda entity: entity.one(key) in wanted]


def says(text: str | None) -> list[Test]:
    """Entities whose label or summary holds a text, whatever the case."""
    if text is None:
        return []
    wanted = text.casefold()
    return [
        lambda entity: any(
            wanted in str(entity.one(key) or "").casefold() for key in ("label", "summary", "title")
        )
    ]


def select(entities: Iterable[Entity], tests: Iterable[Test]) -> list[Entity]:
    """Entities that pass all tests."""
    tests = list(tests)
    return [entity for entity in entities if all(test(entity) for test in tests)]


@strawberry.input(description="Which instruments.")
class InstrumentFilter:
    """Filter of `instruments`."""

    jurisdiction: Ids = None
    regime: Ids = None
    kind: list[InstrumentKind] | None = None
    neighbour: bool | None = None
    text: str | None = None
    operative: bool | None = strawberry.field(
        default=None,
        description="Whether its duties operate on the day; false also finds signed acts to come.",
    )

    enacted: bool | None = strawberry.field(
        default=None, description="Whether it was enacted on or before the day."
    )

    def tests(self, view: View) -> list[Test]:
        """The predicates of this filter."""
        found = among(view.reader, "jurisdiction", "jurisdiction", self.jurisdiction)
        found += among(view.reader, "regime", "regime", self.regime)
        found += chosen("instrumentKind", self.kind) + says(self.text)
        if self.neighbour is not None:
            found.append(lambda entity: entity.one("neighbour") is self.neighbour)
        if self.operative is not None:
            found.append(lambda entity: operates(view, entity) is self.operative)
        if self.enacted is not None:
            found.append(lambda entity: _enacted(view, entity) is self.enacted)
        return found


def _enacted(view: View, instrument: Entity) -> bool:
    events = view.reader.back(instrument.iri, "instrument", "Event")
    return any(
        event.one("eventKind").endswith("/enacted") and event.one("onOrBefore") <= view.day
        for event in events
    )


def operates(view: View, instrument: Entity) -> bool:
    """Whether an instrument's duties operate on the day.

    Its operative day decides, else its effective day (each the latest possible one), else the
    first day of what it changes in others.
    """
    back = view.reader.back
    starts = {
        e.one("eventKind"): e.one("onOrBefore") for e in back(instrument.iri, "instrument", "Event")
    }
    changes = [e.one("validFrom") for e in back(instrument.iri, "amendingAct", "Amendment")]
    start = next(
        (starts[kind] for kind in map(_event, ("operative", "effective")) if kind in starts),
        min(changes, default=None),
    )
    return start is not None and bool(start <= view.day)


def _event(slug: str) -> str:
    return concept("event-kind", slug)


@strawberry.input(description="Which requirements; those about versions look at the one in force.")
class RequirementFilter:
    """Filter of `requirements`."""

    jurisdiction: Ids = None
    instrument: Ids = None
    topic: Ids = strawberry.field(default=None, description="Topics, or groups of topics.")
    kind: list[RequirementKind] | None = None
    text: str | None = None
    in_force: bool | None = strawberry.field(
        default=None, description="Whether a version is in force on the day."
    )
    modality: list[Modality] | None = None
    confidence: list[Confidence] | None = None
    fact: list[str] | None = strawberry.field(
        default=None, description="Numbers of the research notes, such as CA-41."
    )

    def tests(self, view: View) -> list[Test]:
        """The predicates of this filter."""
        found = among(view.reader, "jurisdiction", "jurisdiction", self.jurisdiction)
        found += among(view.reader, "instrument", "instrument", self.instrument)
        found += chosen("kind", self.kind) + says(self.text)
        if self.topic is not None:
            wanted = with_narrower(view.reader, identify(view.reader, "topic", self.topic))
            found.append(lambda entity: not wanted.isdisjoint(entity.all("topic")))
        inner = chosen("modality", self.modality) + chosen("confidence", self.confidence)
        if self.fact is not None:
            facts = set(self.fact)
            inner.append(lambda version: not facts.isdisjoint(version.all("factId")))
        if inner or self.in_force is not None:
            found.append(self._of_version(view, inner))
        return found

    def _of_version(self, view: View, inner: list[Test]) -> Test:
        def test(entity: Entity) -> bool:
            version = version_on(view, entity.iri)
            if version is None:
                return self.in_force is False and not inner
            return self.in_force is not False and all(t(version) for t in inner)

        return test


def version_on(view: View, requirement: str) -> Entity | None:
    """The version of a requirement that is in force on the view's day."""
    versions = view.reader.back(requirement, "versionOf", "RequirementVersion")
    return next((version for version in versions if version.holds_on(view.day)), None)


def with_narrower(reader: Reader, topics: set[str]) -> set[str]:
    """Topics with all topics below them."""
    below = {n for topic in topics for n in reader.referrers(topic, "broader")}
    return topics | (with_narrower(reader, below) if below else set())


@strawberry.input(description="Which powers.")
class PowerFilter:
    """Filter of `powers`."""

    jurisdiction: Ids = None
    instrument: Ids = None
    enforcer: Ids = None
    kind: list[PowerKind] | None = None
    held: bool | None = strawberry.field(
        default=True, description="Whether it is held on the day; null for powers of any day."
    )

    def tests(self, view: View) -> list[Test]:
        """The predicates of this filter."""
        found = among(view.reader, "instrument", "instrument", self.instrument)
        found += among(view.reader, "enforcer", "enforcer", self.enforcer)
        found += chosen("powerKind", self.kind)
        if self.jurisdiction is not None:
            places = identify(view.reader, "jurisdiction", self.jurisdiction)
            bodies = {
                e.iri for e in view.reader.of_type("Enforcer") if e.one("jurisdiction") in places
            }
            found.append(lambda entity: entity.one("enforcer") in bodies)
        if self.held is not None:
            found.append(lambda entity: entity.holds_on(view.day) is self.held)
        return found


@strawberry.input(description="Which enforcement actions.")
class ActionFilter:
    """Filter of `enforcementActions`."""

    enforcer: Ids = None
    instrument: Ids = None
    respondent: str | None = None
    since: date | None = strawberry.field(default=None, description="Announced on or after.")
    until: date | None = strawberry.field(default=None, description="Announced on or before.")
    confidence: list[Confidence] | None = None

    def tests(self, view: View) -> list[Test]:
        """The predicates of this filter."""
        found = among(view.reader, "enforcer", "enforcer", self.enforcer)
        found += among(view.reader, "instrument", "instrument", self.instrument)
        found += chosen("confidence", self.confidence)
        if self.respondent is not None:
            name = self.respondent.casefold()
            found.append(lambda e: any(name in r.casefold() for r in e.all("respondent")))
        low, high = self.since or date.min, self.until or date.max
        found.append(lambda entity: low <= entity.one("announcedOn") <= high)
        return found


def ordering(keys: list[tuple[str, Direction]]) -> Order:
    """An order over context keys; ties are broken by IRI, nulls come last."""
    return Order(tuple((_key(key), way is Direction.DESC) for key, way in keys))


def _key(key: str) -> Callable[[Entity], Any]:
    return lambda entity: entity.one(key)
