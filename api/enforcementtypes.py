"""GraphQL types of enforcement: bodies, dated powers, actions; and of claims made by others."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast

import strawberry

from clausegraph.api.claimchecktypes import ClaimCheck
from clausegraph.api.enums import (
    ClaimKind,
    ExposureLevel,
    FindingState,
    PowerKind,
)
from clausegraph.api.lawtypes import Instrument, Jurisdiction, Quantity, Source
from clausegraph.api.nodes import (
    AsOf,
    Dated,
    Fact,
    Node,
    about,
    choice,
    edge,
    edges,
    make,
    shows,
    value,
    values,
)
from clausegraph.api.policytypes import Document
from clausegraph.api.reader import Entity


@shows("Enforcer")
@strawberry.type(description=about("Enforcer"))
class Enforcer(Node):
    """A body that enforces or makes rules."""

    aliases: list[str] = values("altLabel", "Other names in use.")
    jurisdiction: Jurisdiction = edge("jurisdiction")
    page: str | None = value("page")
    summary: str = value("summary")

    @strawberry.field(description="Powers that it holds on the day.")
    def powers(self, as_of: AsOf = None) -> list[Power]:
        """Powers in force."""
        view = self.view.on(as_of)
        found = view.reader.back(self.entity.iri, "enforcer", "Power")
        return [cast(Power, make(view, e)) for e in found if e.holds_on(view.day)]

    @strawberry.field(description="All powers that it ever held or will hold, oldest first.")
    def all_powers(self) -> list[Power]:
        """Powers of every day."""
        return sorted(
            self.back("enforcer", "Power"), key=lambda p: (p.entity.one("validFrom"), p.entity.iri)
        )

    @strawberry.field(description="Its known enforcement actions, oldest first.")
    def actions(self) -> list[EnforcementAction]:
        """Actions in the order of announcement."""
        return sorted(
            self.back("enforcer", "EnforcementAction"),
            key=lambda a: (a.entity.one("announcedOn"), a.entity.iri),
        )


@shows("Power")
@strawberry.type(description=about("Power"))
class Power(Fact, Dated):
    """A dated competence under instruments."""

    enforcer: Enforcer = edge("enforcer")
    instruments: list[Instrument] = edges("instrument")
    kind: PowerKind = choice("powerKind", PowerKind)
    exclusive: bool = value("exclusive")
    summary: str = value("summary")

    @strawberry.field(
        description="First day from which the enforcer has held such a power over one of these "
        "instruments without a break, under this entry or the ones before it."
    )
    def held_since(self) -> date:
        """First day of the chain of powers that ends in this one."""
        found = self.view.reader.back(self.entity.one("enforcer"), "enforcer", "Power")
        alike = [
            power
            for power in found
            if power.one("powerKind") == self.entity.one("powerKind")
            and not set(power.all("instrument")).isdisjoint(self.entity.all("instrument"))
        ]
        start: date = self.entity.one("validFrom")
        while before := next((p for p in alike if _meets(p, start)), None):
            start = before.one("validFrom")
        return start


def _meets(power: Entity, start: date) -> bool:
    """Whether a power ends on the day before `start`, or reaches over it."""
    first, last = power.one("validFrom"), power.one("validUntil")
    return bool(first < start and (last is None or last >= start - timedelta(days=1)))


@shows("EnforcementAction")
@strawberry.type(description=about("EnforcementAction"))
class EnforcementAction(Fact):
    """A public action against a named respondent."""

    enforcers: list[Enforcer] = edges("enforcer")
    jointly: str | None = value("jointly")
    instruments: list[Instrument] = edges("instrument")
    other_laws: list[str] = values("otherLaw")
    respondents: list[str] = values("respondent")
    announced_on: date = value("announcedOn")
    decided_on: date | None = value("decidedOn")
    forum: str | None = value("forum")
    amount: Quantity | None = edge("value", "Amount under the instruments named, in US dollars.")
    status: str = value("actionStatus")
    summary: str = value("summary")
    duties: str | None = value("duties")
    addresses: list[str] = values("address")


@shows("Agent")
@strawberry.type(description="Who said, judged or made something.")
class Agent(Node):
    """An author."""


@shows("Claim")
@strawberry.type(description=about("Claim"))
class Claim(Node):
    """A statement of somebody about a document."""

    document: Document = edge("about")
    kind: ClaimKind = choice("claimKind", ClaimKind)
    summary: str = value("summary")
    author: Agent = edge("creator")
    claimed_on: date | None = value("claimedOn")
    read_on: date = value("readOn")
    source: Source = edge("source")
    refers_to: list[Node] = edges("refersTo")
    level: ExposureLevel | None = choice("claimedLevel", ExposureLevel)
    values: list[Quantity] = edges("value")
    state: FindingState = choice("findingState", FindingState)
    note: str | None = value("note")

    @strawberry.field(
        description="What came of holding it against the document and the law; null where it was "
        "not checked."
    )
    def check(self) -> ClaimCheck | None:
        """The check of this claim."""
        found = self.back("claim", "ClaimCheck")
        return cast(ClaimCheck, found[0]) if found else None
