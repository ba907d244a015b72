"""Root field that asks what a change of law meets in documents."""

from __future__ import annotations

from datetime import date
from typing import Annotated, cast

import strawberry

from clausegraph.api.denominators import Scope, denominators
from clausegraph.api.dutyscope import named, pointing
from clausegraph.api.filters import Ids, identify
from clausegraph.api.findingpages import about
from clausegraph.api.findingscope import PlatformIds, PortfolioIds
from clausegraph.api.gapquery import judged
from clausegraph.api.impacttypes import Change, LawChangeImpact, impact, platforms_of
from clausegraph.api.lawtypes import Instrument, RequirementVersion
from clausegraph.api.listing import at, view_of
from clausegraph.api.nodes import AsOf, View, make
from clausegraph.api.policyfilters import platforms
from clausegraph.api.policyrows import short
from clausegraph.api.problems import BadParameterError
from clausegraph.api.reader import Entity, Reader


@strawberry.type
class ImpactQuery:
    """Questions about changes of law."""

    @strawberry.field(
        description="What an instrument that takes effect meets in the documents of platforms: for "
        "each requirement that it introduced or changed, who states it, denies it, is silent, and "
        "who was not examined."
    )
    def law_change_impact(
        self,
        info: strawberry.Info,
        act: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="An act, or a text whose own requirements began, such as "
                "us-ct/pa-25-113 or us-ca/ccpa-regulations."
            ),
        ] = None,
        requirement: Annotated[
            Ids, strawberry.argument(description="Requirements, or the start of their ids.")
        ] = None,
        starts_on: Annotated[
            date | None,
            strawberry.argument(description="Only what begins to read so on this day."),
        ] = None,
        portfolio: PortfolioIds = None,
        platform: PlatformIds = None,
        as_of: AsOf = None,
    ) -> LawChangeImpact:
        """The impact on the day."""
        view = view_of(info, as_of)
        if act is None and requirement is None:
            raise BadParameterError(
                "it is not said which change is meant",
                hint="Give `act`, `requirement` or both.",
            )
        text = None if act is None else identify(view.reader, "instrument", [act]).pop()
        found = _changes(view, text, requirement, starts_on)
        own = platforms(view, platform, portfolio, "platform.id")
        told = judged(view, {each.requirement for each in found}, None)
        held = platforms_of(view, own, [each for each in found if each.requirement in told])
        scope = Scope((), frozenset(map(short, told)))
        return LawChangeImpact(
            act=None if text is None else cast(Instrument, at(view, text)),
            **about(view),
            requirements=[impact(held, each) for each in found if each.requirement in told],
            others=[
                cast(RequirementVersion, make(view, each.now))
                for each in found
                if each.requirement not in told
            ],
            denominators=denominators(view, scope, own),
        )


def _changes(view: View, act: str | None, ids: Ids, starts: date | None) -> list[Change]:
    """What an act, or the requirements named, brought: the last change of each by the day.

    Where a requirement has not changed by the day yet, the first change to come is told.
    """
    reader = view.reader
    wanted = None if ids is None else named(reader, ids)
    requirements = _touched(reader, act) if act else wanted or set()
    found = []
    for iri in sorted(requirements if wanted is None else requirements & wanted):
        versions = _versions(reader, iri)
        made = [
            Change(now, before)
            for before, now in zip([None, *versions], versions, strict=False)
            if (act is None or _by(reader, act, now))
            and (starts is None or now.one("validFrom") == starts)
        ]
        begun = [each for each in made if each.first <= view.day]
        found += begun[-1:] or made[:1]
    return found


def _versions(reader: Reader, requirement: str) -> list[Entity]:
    found = reader.back(requirement, "versionOf", "RequirementVersion")
    return sorted(found, key=lambda each: each.one("validFrom"))


def _touched(reader: Reader, act: str) -> set[str]:
    """Requirements with a version that an act introduced, and those of its own text."""
    made = reader.back(act, "introducedBy", "RequirementVersion")
    return {str(each.one("versionOf")) for each in made} | pointing(reader, "instrument", [act])


def _by(reader: Reader, act: str, version: Entity) -> bool:
    """Whether an act made a version: it says so, or it is of the act's own text and says nothing."""
    maker = version.one("introducedBy")
    if maker is not None:
        return bool(maker == act)
    requirement = reader.entity(str(version.one("versionOf")))
    return requirement is not None and requirement.one("instrument") == act
