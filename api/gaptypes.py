"""Platforms by requirements on a day: what each says, also where nothing was examined."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import cast

import strawberry

from clausegraph.api.cursors import Place
from clausegraph.api.denominators import StateCounts, both
from clausegraph.api.denominators import state as member
from clausegraph.api.enums import FindingState
from clausegraph.api.findingscope import Answer, Denominators
from clausegraph.api.findingtypes import Finding, NearPassage, Searched, nearest, searched
from clausegraph.api.lawtypes import Requirement, RequirementVersion
from clausegraph.api.listing import at
from clausegraph.api.nodes import View, about
from clausegraph.api.paging import Connection
from clausegraph.api.policyselect import Choice, Clause, Key, fetch
from clausegraph.api.policytypes import Document, Platform
from clausegraph.api.reader import Entity
from clausegraph.ontology.iris import ID

ORDER = (Key("platform"), Key("requirement"))
_CELLS = """
WITH own AS MATERIALIZED (SELECT id, iri FROM platform WHERE {platforms}),
wanted (requirement) AS MATERIALIZED (SELECT value FROM json_each(?)),
held AS MATERIALIZED (SELECT finding.iri AS iri, own.id AS id, own.iri AS platform, requirement,
        state FROM finding JOIN document ON document.id = finding.document
    JOIN own ON own.id = document.platform
    WHERE requirement IN (SELECT requirement FROM wanted) AND ? BETWEEN since AND until),
cell AS (SELECT platform, requirement, iri, state FROM held
    UNION ALL SELECT own.iri, requirement, own.iri, 'not-examined' FROM own CROSS JOIN wanted
    WHERE NOT EXISTS (SELECT 1 FROM held WHERE held.id = own.id
        AND held.requirement = wanted.requirement))
"""
_WHY = """
WITH held AS MATERIALIZED (SELECT DISTINCT kind FROM document
    WHERE id IN (SELECT document FROM finding WHERE requirement = ?))
SELECT count(*), count(since), max(? BETWEEN since AND until) FROM document
LEFT JOIN version ON version.document = document.id
WHERE kind IN held AND platform = (SELECT id FROM platform WHERE iri = ?)"""


@strawberry.enum(description="Why there is no finding on a day.")
class Unexamined(Enum):
    """Reasons for which nobody looked."""

    NO_DOCUMENT = strawberry.enum_value(
        "no-document",
        description="The platform has no document of a kind that is held against the requirement.",
    )
    NOT_CAPTURED = strawberry.enum_value(
        "not-captured", description="No whole version of such a document stands on the day."
    )
    NOT_JUDGED = strawberry.enum_value(
        "not-judged", description="The document was not held against the requirement on the day."
    )


@dataclass(frozen=True)
class Cells:
    """Platforms by requirements on the view's day; `reads` are versions in force, by IRI."""

    view: View
    platforms: tuple[Clause, ...]
    reads: Mapping[str, Entity]

    def choice(self) -> Choice:
        """A row for each finding, and for each pair that has none."""
        own = both(self.platforms)
        names = [iri.removeprefix(ID) for iri in sorted(self.reads)]
        text = _CELLS.format(platforms=own.sql)
        source = Clause(text, (*own.args, json.dumps(names), self.view.day.isoformat()))
        return Choice("cell", (), ORDER, source)

    def gap(self, place: Place) -> Gap:
        """The cell at a place."""
        platform, requirement, iri = place
        found = None if iri == ID + platform else cast(Finding, at(self.view, iri))
        return Gap(cells=self, owner=platform, asked=requirement, finding=found)


@strawberry.type(description="What a platform says about a requirement on the day.")
class Gap:
    """A cell of platforms by requirements."""

    cells: strawberry.Private[Cells]
    owner: strawberry.Private[str]
    asked: strawberry.Private[str]
    finding: Finding | None = strawberry.field(
        description="The finding; null where there is none, which is not examined."
    )

    @strawberry.field(description="The platform.")
    def platform(self) -> Platform:
        """Whose documents they are."""
        return cast(Platform, at(self.cells.view, ID + self.owner))

    @strawberry.field(description="The requirement.")
    def requirement(self) -> Requirement:
        """What is asked."""
        return cast(Requirement, at(self.cells.view, ID + self.asked))

    @strawberry.field(description="The requirement as it reads on the day.")
    def requirement_version(self) -> RequirementVersion:
        """The version in force."""
        return cast(RequirementVersion, at(self.cells.view, self.cells.reads[ID + self.asked].iri))

    @strawberry.field(description="The document; null where nothing was examined.")
    def document(self) -> Document | None:
        """The document of the finding."""
        found = self.finding
        return (
            None if found is None else cast(Document, at(found.view, found.entity.one("document")))
        )

    @strawberry.field(description=about("findingState"))
    def state(self) -> FindingState:
        """The state of the finding; not examined where there is none."""
        found = self.finding
        return (
            member("not-examined")
            if found is None
            else FindingState(found.entity.one("findingState"))
        )

    @strawberry.field(description="Why there is no finding; null where there is one.")
    def unexamined(self) -> Unexamined | None:
        """The reason, from what is there of the platform."""
        if self.finding is not None:
            return None
        args = (self.asked, self.cells.view.day.isoformat(), self.owner)
        ((rows, captured, stands),) = fetch(self.cells.view, Clause(_WHY, args))
        if not rows:
            return Unexamined.NO_DOCUMENT
        return Unexamined.NOT_JUDGED if captured and stands else Unexamined.NOT_CAPTURED

    @strawberry.field(description="What was read before it was said.")
    def searched(self) -> Searched | None:
        """The scope of the finding."""
        return None if self.finding is None else searched(self.finding)

    @strawberry.field(description="The passages that come nearest, where none was found.")
    def nearest(self) -> list[NearPassage]:
        """Near passages of the finding."""
        return [] if self.finding is None else nearest(self.finding)


@strawberry.type(description="A page of gaps, with what they are a part of.")
class GapConnection(Connection[Gap], Answer):
    """Gaps with their denominators."""

    counting: strawberry.Private[Callable[[], StateCounts]]
    scope: strawberry.Private[Callable[[], Denominators]]

    @strawberry.field(
        description="How many pairs of platform and requirement have which state, whatever states "
        "the list is limited to; a platform with several documents may count more than once."
    )
    def counts(self) -> StateCounts:
        """Numbers by state."""
        return self.counting()

    @strawberry.field(  # type: ignore[misc]  # looked up where it is asked for
        description="Of how many platforms the list could speak on the day."
    )
    def denominators(self) -> Denominators:
        """Numbers of platforms."""
        return self.scope()

    requirements: list[Requirement] = strawberry.field(
        description="The requirements of the question that are in force on the day and that "
        "documents are held against."
    )
