"""Two dates at once: what a document says on a day, beside how the law reads on that very day."""

from __future__ import annotations

from enum import Enum
from typing import cast

import strawberry

from clausegraph.api.dutyscope import OfRequirements, in_force
from clausegraph.api.enums import MappingRelation
from clausegraph.api.findingfilters import MappingFilter, on
from clausegraph.api.findingtypes import Finding
from clausegraph.api.lawtypes import Requirement, RequirementVersion
from clausegraph.api.listing import at
from clausegraph.api.mappingtypes import Mapping
from clausegraph.api.nodes import View, make
from clausegraph.api.policyfilters import document_at
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Choice, Chosen, Clause, Key, fetch
from clausegraph.api.reader import Entity
from clausegraph.api.versiontypes import Version
from clausegraph.ontology.iris import ID


@strawberry.enum(description="Why one side of a day has no text.")
class Missing(Enum):
    """Reasons for which there is no expression."""

    NOT_CAPTURED = strawberry.enum_value(
        "not-captured", description="No whole version of the document had been captured by then."
    )
    NOT_IN_FORCE = strawberry.enum_value(
        "not-in-force", description="No version of the requirement is recorded as in force."
    )


@strawberry.input(description="Which requirements; those that the document touches where null.")
class ReadingScope(OfRequirements):
    """The requirements of a reading."""


@strawberry.type(
    description="A document and a requirement on one day: both texts, and what links them."
)
class Reading:
    """Both sides of a day."""

    view: strawberry.Private[View]
    document: strawberry.Private[str]
    about: strawberry.Private[str]
    reads: strawberry.Private[Entity | None]
    version: Version | None = strawberry.field(
        description="The document's version of the day; null where there is none."
    )

    @strawberry.field(description="Why the document has no version; null where it has one.")
    def version_missing(self) -> Missing | None:
        """The reason."""
        return Missing.NOT_CAPTURED if self.version is None else None

    @strawberry.field(description="The requirement.")
    def requirement(self) -> Requirement:
        """What is asked."""
        return cast(Requirement, at(self.view, self.about))

    @strawberry.field(description="How the requirement reads on the day; null where not in force.")
    def requirement_version(self) -> RequirementVersion | None:
        """The version in force."""
        return None if self.reads is None else cast(RequirementVersion, make(self.view, self.reads))

    @strawberry.field(description="Why the requirement does not read at all; null where it does.")
    def requirement_missing(self) -> Missing | None:
        """The reason."""
        return Missing.NOT_IN_FORCE if self.reads is None else None

    @strawberry.field(
        description="What the document says about the requirement; null where it was not examined."
    )
    def finding(self) -> Finding | None:
        """The finding of the day."""
        found = Chosen(self.view, Choice("finding", (*self._own(), on(self.view)))).iris(1)
        return cast(Finding, at(self.view, found[0])) if found else None

    @strawberry.field(
        description="The passages of the day that touch the requirement, in the order of the text."
    )
    def mappings(self, relation: list[MappingRelation] | None = None) -> list[Mapping]:
        """Mappings of the day."""
        start = "(SELECT start FROM provision WHERE provision.id = mapping.provision)"
        clauses = (*self._own(), *MappingFilter(relation=relation).own(self.view))
        found = Chosen(self.view, Choice("mapping", clauses, (Key(start, int),))).iris()
        return [cast(Mapping, at(self.view, iri)) for iri in found]

    def _own(self) -> tuple[Clause, Clause]:
        return document_at(self.document), Clause("requirement = ?", (short(self.about),))


def readings(view: View, document: str, wanted: ReadingScope | None) -> list[Reading]:
    """A document beside each requirement that is meant, by id."""
    asked = (wanted or ReadingScope()).requirements(view)
    if asked is None:
        own = document_at(document)
        text = f"SELECT DISTINCT requirement FROM mapping WHERE {own.sql} AND {on(view).sql}"
        rows = fetch(view, Clause(text, (*own.args, *on(view).args)))
        asked = {ID + iri for (iri,) in rows}
    of_day = document_at(document), on(view)
    found = Chosen(view, Choice("version", of_day)).iris(1)
    version = cast(Version, at(view, found[0])) if found else None
    reads = in_force(view, asked)
    view.budget.spend(len(asked))
    return [
        Reading(view=view, document=document, about=iri, reads=reads.get(iri), version=version)
        for iri in sorted(asked)
    ]
