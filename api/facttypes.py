"""GraphQL types of what happens to law: events, amendments, suspensions, absences, bills, alignments."""

from __future__ import annotations

from datetime import date

import strawberry

from clausegraph.api.enums import BillOutcome, Confidence, EventKind, SetRelation
from clausegraph.api.lawtypes import Instrument, Jurisdiction, Topic
from clausegraph.api.nodes import Dated, Fact, Node, about, choice, edge, shows, value


@shows("Event")
@strawberry.type(description=about("Event"))
class Event(Fact):
    """Something that happened to an instrument."""

    instrument: Instrument = edge("instrument")
    kind: EventKind = choice("eventKind", EventKind)
    on_or_after: date | None = value("onOrAfter")
    on_or_before: date = value("onOrBefore")
    summary: str | None = value("summary")


@shows("Amendment")
@strawberry.type(description=about("Amendment"))
class Amendment(Fact):
    """What an act changes in an instrument."""

    act: Instrument = edge("amendingAct")
    instrument: Instrument = edge("amends")
    summary: str = value("summary")
    valid_from: date = value("validFrom")
    valid_from_earliest: date | None = value("validFromEarliest")


@shows("Suspension")
@strawberry.type(description=about("Suspension"))
class Suspension(Fact, Dated):
    """A court's order that keeps an instrument from being enforced."""

    instrument: Instrument = edge("instrument")
    forum: str = value("forum")
    scope: str | None = value("scope")
    summary: str = value("summary")


@shows("Absence")
@strawberry.type(description=about("Absence"))
class Absence(Fact, Dated):
    """None, and this is known."""

    instrument: Instrument = edge("instrument")
    jurisdiction: Jurisdiction = edge("jurisdiction")
    topic: Topic = edge("topic")
    summary: str = value("summary")


@shows("Bill")
@strawberry.type(description=about("Bill"))
class Bill(Fact):
    """A bill that is not law."""

    jurisdiction: Jurisdiction = edge("jurisdiction")
    outcome: BillOutcome = choice("billOutcome", BillOutcome)
    decided_on: date | None = value("decidedOn")
    summary: str = value("summary")


@shows("Alignment")
@strawberry.type(description=about("Alignment"))
class Alignment(Dated):
    """How requirements of two jurisdictions relate."""

    topic: Topic = edge("topic")
    relation: SetRelation = choice("relation", SetRelation)
    source: Node = edge("alignsFrom")
    target: Node = edge("alignsTo")
    rationale: str = value("rationale")
    read_on: date | None = value("readOn")
    confidence: Confidence = choice("confidence", Confidence)

    @strawberry.field(description="Who judged.")
    def author(self) -> str:
        """Label of the agent."""
        found = self.view.reader.entity(self.entity.one("creator"))
        return str(found.one("label")) if found else ""
