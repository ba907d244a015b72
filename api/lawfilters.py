"""Typed filters of the lists of law, as predicates over entities (`clausegraph.api.filters`)."""

from __future__ import annotations

from datetime import date

import strawberry

from clausegraph.api.enums import Confidence, InstrumentKind, PowerKind
from clausegraph.api.filters import (
    Ids,
    Test,
    among,
    chosen,
    identify,
    joint,
    logic,
    optional,
    says,
)
from clausegraph.api.nodes import View
from clausegraph.api.reader import Entity
from clausegraph.ontology.iris import concept


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
    and_: list[InstrumentFilter] | None = joint("and")
    or_: list[InstrumentFilter] | None = joint("or")
    not_: InstrumentFilter | None = joint("not")

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
        return found + logic(self, lambda each: each.tests(view))


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


@strawberry.input(description="Which powers.")
class PowerFilter:
    """Filter of `powers`."""

    jurisdiction: Ids = None
    instrument: Ids = None
    enforcer: Ids = None
    kind: list[PowerKind] | None = None
    held: bool | None = strawberry.field(
        default=True,
        description="Whether it is held on the day; null for powers of any day. Of the outermost "
        "filter: within `and`, `or` and `not` it is not looked at.",
    )
    and_: list[PowerFilter] | None = joint("and")
    or_: list[PowerFilter] | None = joint("or")
    not_: PowerFilter | None = joint("not")

    def tests(self, view: View) -> list[Test]:
        """The predicates of this filter."""
        found = self._own(view)
        if self.held is not None:
            found.append(lambda entity: entity.holds_on(view.day) is self.held)
        return found

    def _own(self, view: View) -> list[Test]:
        """All predicates but the one on the day."""
        found = among(view.reader, "instrument", "instrument", self.instrument)
        found += among(view.reader, "enforcer", "enforcer", self.enforcer)
        found += chosen("powerKind", self.kind)
        if self.jurisdiction is not None:
            places = identify(view.reader, "jurisdiction", self.jurisdiction)
            bodies = {
                e.iri for e in view.reader.of_type("Enforcer") if e.one("jurisdiction") in places
            }
            found.append(lambda entity: entity.one("enforcer") in bodies)
        return found + logic(self, lambda each: each._own(view))


@strawberry.input(description="Which enforcement actions.")
class ActionFilter:
    """Filter of `enforcementActions`."""

    enforcer: Ids = None
    instrument: Ids = None
    respondent: str | None = None
    since: date | None = strawberry.field(default=None, description="Announced on or after.")
    until: date | None = strawberry.field(default=None, description="Announced on or before.")
    confidence: list[Confidence] | None = None
    and_: list[ActionFilter] | None = joint("and")
    or_: list[ActionFilter] | None = joint("or")
    not_: ActionFilter | None = joint("not")

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
        return found + logic(self, lambda each: each.tests(view))


@strawberry.input(description="Which regimes.")
class RegimeFilter:
    """Filter of `regimes`."""

    jurisdiction: Ids = None
    instrument: Ids = optional("It holds one of these instruments.")
    text: str | None = optional("Part of the name or title, whatever the case.")
    and_: list[RegimeFilter] | None = joint("and")
    or_: list[RegimeFilter] | None = joint("or")
    not_: RegimeFilter | None = joint("not")

    def tests(self, view: View) -> list[Test]:
        """The predicates of this filter."""
        found = among(view.reader, "jurisdiction", "jurisdiction", self.jurisdiction)
        found += says(self.text)
        if self.instrument is not None:
            texts = view.reader.entities(
                sorted(identify(view.reader, "instrument", self.instrument))
            )
            wanted = {iri for each in texts for iri in each.all("regime")}
            found.append(lambda entity: entity.iri in wanted)
        return found + logic(self, lambda each: each.tests(view))
