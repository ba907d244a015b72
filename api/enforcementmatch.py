"""Where the findings on platforms sit on sections that public enforcement actions cite.

An action meets a finding by the sections of law alone; nothing follows for the platform.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import partial
from typing import Annotated, Any, cast

import strawberry

from clausegraph.api.enforcementtypes import EnforcementAction
from clausegraph.api.filters import Ids, identify
from clausegraph.api.findingdays import (
    JurisdictionIds,
    examined,
    findings_on,
    state,
    tensions_on,
)
from clausegraph.api.findingscope import (
    Answer,
    PlatformIds,
    PortfolioIds,
    Scope,
    kinds_held,
    rows_of,
    scope,
)
from clausegraph.api.findingtypes import Finding
from clausegraph.api.lawtypes import Requirement, Section
from clausegraph.api.listing import Paged, paged, view_of
from clausegraph.api.nodes import AsOf, View, make, node_at
from clausegraph.api.paging import Connection
from clausegraph.api.policyselect import Clause, fetch
from clausegraph.api.policytypes import Platform
from clausegraph.api.reader import Entity, Reader, slug

_GAPS = frozenset({"not-stated", "tension"})


@strawberry.enum(description="How the section that an action cites lies to that of a requirement.")
class CitedPlace(Enum):
    """Places of a cited section."""

    SAME = strawberry.enum_value("same", description="It is the requirement's own section.")
    AROUND = strawberry.enum_value("around", description="The requirement's section is part of it.")
    WITHIN = strawberry.enum_value("within", description="It is part of the requirement's section.")


@strawberry.type(description="A public action and a gap or tension at the section that it cites.")
class EnforcementMatch:
    """A row: an action, the requirement it leads to, and a finding."""

    action: EnforcementAction = strawberry.field(
        description="The action, with its day, enforcers and amount."
    )
    section: Section = strawberry.field(description="The section that the action cites.")
    place: CitedPlace = strawberry.field(description="How it lies to the requirement's section.")
    requirement: Requirement = strawberry.field(
        description="The requirement there: that of the finding, or one that its words stand against."
    )
    platform: Platform = strawberry.field(description="The platform of the finding.")
    finding: Finding = strawberry.field(
        description="Not stated or tension on the day, with its quotes or nearest passages."
    )


@strawberry.type(description="Matches, the latest action first, then by platform.")
class EnforcementMatchConnection(Connection[EnforcementMatch], Answer):
    """Rows with the number of actions that were looked at."""

    actions: int = strawberry.field(description="Actions that the question takes in.")
    actions_with_sections: int = strawberry.field(
        description="Of these, those of which a cited section is known; the others match nothing."
    )


@dataclass(frozen=True)
class _Cited:
    """A requirement at a section that an action cites."""

    action: Entity
    section: str
    place: CitedPlace
    requirement: str


@strawberry.type
class EnforcementMatchQuery:
    """Questions about enforcement beside findings."""

    @paged(
        EnforcementMatchConnection,
        "Gaps and tensions of the day that sit on sections cited in public enforcement actions.",
    )
    def enforcement_matches(
        self,
        info: strawberry.Info,
        since: Annotated[
            date | None, strawberry.argument(description="Actions announced on or after.")
        ] = None,
        jurisdictions: JurisdictionIds = None,
        portfolio: PortfolioIds = None,
        platform: PlatformIds = None,
        places: Annotated[
            list[CitedPlace] | None,
            strawberry.argument(
                description="How cited sections may lie to those of requirements; where null, the "
                "same section or one around it."
            ),
        ] = None,
        as_of: AsOf = None,
    ) -> Paged:
        """Actions by findings."""
        view = view_of(info, as_of)
        actions = _actions(view, since or date.min, jurisdictions)
        allowed = set(places or (CitedPlace.SAME, CitedPlace.AROUND))
        return matches(view, portfolio, platform, actions, allowed)


def _actions(view: View, since: date, jurisdictions: Ids) -> list[Entity]:
    """The actions announced in time, by the day, under the law of some jurisdictions."""
    reader = view.reader
    places = None if jurisdictions is None else identify(reader, "jurisdiction", jurisdictions)
    return [
        each
        for each in reader.of_type("EnforcementAction")
        if since <= each.one("announcedOn") <= view.day
        and (
            places is None
            or any(i.one("jurisdiction") in places for i in reader.entities(each.all("instrument")))
        )
    ]


def matches(
    view: View,
    portfolio: Ids,
    platform: Ids,
    actions: Sequence[Entity],
    places: Collection[CitedPlace],
) -> Paged:
    """The rows of some platforms for some actions. Raises `UnknownIdError`."""
    cited = [each for a in actions for each in _cited(view, a) if each.place in places]
    held = _scope(view, portfolio, platform, {each.requirement for each in cited})
    found = findings_on(view, sorted({each.requirement for each in cited}), held.documents)
    labels = {each.document: (each.label, each.platform) for each in held.held}
    against = _against(view.reader, tensions_on(view, held.documents))
    rows = []
    for each in cited:
        own = [f for f in found if f.one("requirement") == each.requirement]
        gaps = [f for f in own if state(f) in _gaps(view.reader, each.requirement)]
        gaps += [f for f in against.get(each.requirement, ()) if f not in gaps]
        for finding in gaps:
            label, owner = labels[finding.one("document")]
            key = f"{each.action.iri} {each.requirement} {each.section} {finding.iri}"
            place = (each.action.one("announcedOn").isoformat(), label, key)
            rows.append((place, partial(_row, view, each, finding, owner)))
    more = held.more(examined(found)) | {
        "actions": len(actions),
        "actions_with_sections": sum(bool(each.all("cites")) for each in actions),
    }
    return rows_of(view, rows, [True, False], more)


def _scope(view: View, portfolio: Ids, platform: Ids, requirements: Collection[str]) -> Scope:
    """The documents of the kinds that are held against some requirements, or have tensions."""
    tense = """SELECT DISTINCT kind FROM document
        WHERE id IN (SELECT document FROM finding WHERE state = 'tension')"""
    kinds = set().union(*kinds_held(view, requirements).values())
    kinds |= {kind for (kind,) in fetch(view, Clause(tense))}
    return scope(view, portfolio, platform, kinds)


def _gaps(reader: Reader, requirement: str) -> frozenset[str]:
    """The states that are gaps: a text need not state what the law forbids."""
    found = reader.entity(requirement)
    forbids = found is not None and slug(found.one("kind")) == "prohibition"
    return frozenset({"tension"}) if forbids else _GAPS


def _against(reader: Reader, tensions: Sequence[Entity]) -> dict[str, list[Entity]]:
    """Tensions by the requirements that their words stand against."""
    found: dict[str, list[Entity]] = {}
    for tension in tensions:
        for version in reader.entities(tension.all("against")):
            found.setdefault(version.one("versionOf"), []).append(tension)
    return found


def _cited(view: View, action: Entity) -> Iterator[_Cited]:
    """The requirements in force at each section that an action cites, or nearest to it."""
    known: dict[tuple[str, str], _Cited] = {}
    for section in action.all("cites"):
        for place, iri in _near(view.reader, section):
            for version in view.reader.back(iri, "cites", "RequirementVersion"):
                requirement = str(version.one("versionOf"))
                if version.holds_on(view.day):
                    known.setdefault(
                        (section, requirement), _Cited(action, section, place, requirement)
                    )
    yield from known.values()


def _near(reader: Reader, section: str) -> Iterator[tuple[CitedPlace, str]]:
    """A section, those in it, and those around it."""
    yield CitedPlace.SAME, section
    inner = list(reader.back(section, "isPartOf", "Section"))
    while inner:
        each = inner.pop()
        yield CitedPlace.AROUND, each.iri
        inner += reader.back(each.iri, "isPartOf", "Section")
    outer = reader.entity(section)
    while outer is not None and (iri := outer.one("isPartOf")) is not None:
        outer = reader.entity(iri)
        if outer is not None and outer.type == "Section":
            yield CitedPlace.WITHIN, iri


def _row(view: View, cited: _Cited, finding: Entity, platform: str) -> EnforcementMatch:
    return EnforcementMatch(
        action=cast(Any, make(view, cited.action)),
        section=cast(Any, node_at(view, cited.section)),
        place=cited.place,
        requirement=cast(Any, node_at(view, cited.requirement)),
        platform=cast(Any, node_at(view, platform)),
        finding=cast(Any, make(view, finding)),
    )
