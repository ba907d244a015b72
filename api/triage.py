"""What a change of a document means for requirements: which it touches, which findings moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from clausegraph.api.enums import MappingRelation
from clausegraph.api.findingtypes import Finding
from clausegraph.api.listing import at
from clausegraph.api.mappingtypes import Mapping
from clausegraph.api.nodes import View
from clausegraph.api.policyfilters import one_of
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Clause, among, fetch
from clausegraph.api.reader import Entity
from clausegraph.ontology.iris import ID

if TYPE_CHECKING:
    from clausegraph.api.lawtypes import Requirement

Laws = "clausegraph.api.lawtypes"
TOUCHES = (
    "The requirements that its passages lead to, before or after, by id; what is our reasoning "
    "(`INFERS`) only where it is asked for."
)
MOVED = (
    "The findings that have another state since its later version than before, by requirement; "
    "none for an accident of capturing, or where that version was the last one of no day."
)
_INFERRED = "infers"
_TOUCHES = """
WITH own AS MATERIALIZED (SELECT before, after FROM delta WHERE {deltas}),
side AS (SELECT DISTINCT before AS provision, 0 AS later FROM own
    UNION SELECT DISTINCT after, 1 FROM own)
SELECT DISTINCT requirement, later, mapping.iri FROM side
CROSS JOIN mapping ON mapping.provision = side.provision
WHERE since <= ? AND until >= CASE WHEN later THEN ? ELSE ? END AND {relations}
ORDER BY requirement, later, mapping.iri"""
"""The order of the join is given: a change touches few of all the provisions that are mapped."""
_MOVED = """
SELECT later.requirement, earlier.iri, later.iri FROM finding AS later
JOIN finding AS earlier ON earlier.document = later.document
    AND earlier.requirement = later.requirement AND earlier.until = ?
WHERE later.document = (SELECT id FROM document WHERE iri = ?) AND later.since = ?
    AND later.state <> earlier.state
ORDER BY later.requirement"""


@strawberry.type(
    description="A requirement that passages of a change lead to, before it and after it."
)
class Touch:
    """A requirement with the links that a change took away, brought or carried on."""

    view: strawberry.Private[View]
    about: strawberry.Private[str]
    links: strawberry.Private[tuple[list[str], list[str]]]

    @strawberry.field(description="The requirement.")
    def requirement(self) -> Annotated[Requirement, strawberry.lazy(Laws)]:
        """What is touched."""
        return cast("Requirement", at(self.view, ID + self.about))

    @strawberry.field(description="What the passages did for it before.")
    def before(self) -> list[Mapping]:
        """Mappings of the earlier side."""
        return self._side(0)

    @strawberry.field(description="What the passages do for it after.")
    def after(self) -> list[Mapping]:
        """Mappings of the later side."""
        return self._side(1)

    def _side(self, number: int) -> list[Mapping]:
        return [cast(Mapping, at(self.view, ID + iri)) for iri in self.links[number]]


@strawberry.type(description="A finding whose state is another one after a change.")
class MovedFinding:
    """A requirement with what the document said and says about it."""

    view: strawberry.Private[View]
    about: strawberry.Private[str]
    before: Finding = strawberry.field(description="What the document said until then.")
    after: Finding = strawberry.field(description="What it says since.")

    @strawberry.field(description="The requirement.")
    def requirement(self) -> Annotated[Requirement, strawberry.lazy(Laws)]:
        """What is asked."""
        return cast("Requirement", at(self.view, ID + self.about))


def touches(
    view: View, change: Entity, deltas: Clause, relation: Sequence[MappingRelation] | None
) -> list[Touch]:
    """The requirements that some passages of a change lead to, by id.

    Links by our own reasoning are left out unless they are asked for.
    """
    wanted = _relations(relation)
    text = _TOUCHES.format(deltas=deltas.sql, relations=wanted.sql)
    before, after = _days(view, change)
    rows = fetch(view, Clause(text, (*deltas.args, after, after, before, *wanted.args)))
    found: dict[str, tuple[list[str], list[str]]] = {}
    for requirement, later, iri in rows:
        found.setdefault(requirement, ([], []))[later].append(iri)
    view.budget.spend(len(found))
    return [Touch(view=view, about=iri, links=links) for iri, links in found.items()]


def _relations(relation: Sequence[MappingRelation] | None) -> Clause:
    if relation is not None:
        return one_of("relation", list(relation))[0]
    known = {str(each.value).rpartition("/")[2] for each in MappingRelation}
    return among("relation", known - {_INFERRED})


def moved(view: View, change: Entity) -> list[MovedFinding]:
    """The findings that have another state after a change than before it, by requirement.

    An accident of capturing moves none, and neither does a version that was the last of no day.
    """
    version = view.reader.entity(change.one("toVersion"))
    accident = str(change.one("significance")).endswith("/capture")
    if accident or version is None or version.one("validFrom") is None:
        return []
    before, after = _days(view, change)
    args = before, short(change.one("document")), after
    return [
        MovedFinding(
            view=view,
            about=requirement,
            before=cast(Finding, at(view, ID + earlier)),
            after=cast(Finding, at(view, ID + later)),
        )
        for requirement, earlier, later in fetch(view, Clause(_MOVED, args))
    ]


def _days(view: View, change: Entity) -> tuple[str, str]:
    """The last day before a change and its first day, as texts.

    That is the first day of its later version, or the day on which it was seen where that version
    was the last one of no day.
    """
    version = view.reader.entity(change.one("toVersion"))
    first = version and version.one("validFrom")
    day = first or change.one("observedAt").date()
    return (day - timedelta(days=1)).isoformat(), day.isoformat()
