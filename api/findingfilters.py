"""Filters of findings and mappings, as conditions on the index of a release."""

from __future__ import annotations

import strawberry

from clausegraph.api.denominators import Scope
from clausegraph.api.dutyscope import OfRequirements
from clausegraph.api.enums import (
    FindingReason,
    FindingState,
    MappingRelation,
    ReviewState,
    TensionKind,
)
from clausegraph.api.nodes import View
from clausegraph.api.policyfilters import OfDocuments, one_of
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Clause

_EVER = "True: of all days, not only of the day asked for."


@strawberry.input(description="Which findings of a document.")
class FindingFilter(OfRequirements):
    """Filter of the findings of one document, version or requirement."""

    state: list[FindingState] | None = None
    reason: list[FindingReason] | None = None
    tension: list[TensionKind] | None = None
    review: list[ReviewState] | None = None
    ever: bool = strawberry.field(default=False, description=_EVER)

    def own(self, view: View) -> list[Clause]:
        """The conditions on findings themselves."""
        found = self.about(view) + one_of("state", self.state) + one_of("reason", self.reason)
        found += one_of("tension", self.tension) + one_of("review", self.review)
        return found + ([] if self.ever else [on(view)])

    def asked(self, view: View, documents: list[Clause]) -> Scope:
        """What is asked about in some documents, whatever was found."""
        found = self.requirements(view)
        return Scope(tuple(documents), None if found is None else frozenset(map(short, found)))


@strawberry.input(description="Which findings.")
class FindingsFilter(OfDocuments, FindingFilter):
    """Filter of `findings`."""


@strawberry.input(description="Which mappings of a document or provision.")
class MappingFilter(OfRequirements):
    """Filter of the mappings of one document, provision or requirement."""

    relation: list[MappingRelation] | None = None
    review: list[ReviewState] | None = None
    ever: bool = strawberry.field(default=False, description=_EVER)

    def own(self, view: View) -> list[Clause]:
        """The conditions on mappings themselves."""
        found = self.about(view) + one_of("relation", self.relation)
        return found + one_of("review", self.review) + ([] if self.ever else [on(view)])


@strawberry.input(description="Which mappings.")
class MappingsFilter(OfDocuments, MappingFilter):
    """Filter of `mappings`."""

    def clauses(self, view: View) -> list[Clause]:
        """The conditions of this filter."""
        return self.scope(view) + self.own(view)


def on(view: View) -> Clause:
    """That something holds on the view's day."""
    return Clause("? BETWEEN since AND until", (view.day.isoformat(),))
