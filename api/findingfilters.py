"""Filters of findings and mappings, as conditions on the index of a release."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from clausegraph.api.clauses import all_of, any_of, member, none_of, standing
from clausegraph.api.denominators import Scope
from clausegraph.api.dutyscope import OfRequirements
from clausegraph.api.enums import (
    FindingReason,
    FindingState,
    MappingRelation,
    ReviewState,
    TensionKind,
)
from clausegraph.api.filters import joint
from clausegraph.api.nodes import View
from clausegraph.api.policyfilters import OfDocuments, ProvisionFilter, exists, logic, one_of
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Clause

if TYPE_CHECKING:
    from clausegraph.api.relationfilters import MappingRelations

_EVER = (
    "True: of all days, not only of the day asked for. Of the outermost filter: within `and`, `or` "
    "and `not` it is not looked at."
)
_MAPPED = """SELECT 1 FROM mapping WHERE mapping.document = finding.document
    AND mapping.requirement = finding.requirement"""


@strawberry.input
class Judged(OfRequirements):
    """What filters of findings and of mappings share: what they are about, and on which days."""

    review: list[ReviewState] | None = None
    ever: bool = strawberry.field(default=False, description=_EVER)

    def own(self, view: View) -> list[Clause]:
        """The conditions of this filter, with the day."""
        return self.inner(view) + ([] if self.ever else [on(view)])

    def inner(self, view: View) -> list[Clause]:
        """The conditions of this filter within another, which sees to the day."""
        found = self.of_documents(view) + self.about(view) + one_of("review", self.review)
        return found + self.said(view) + logic(self, lambda each: each.inner(view))

    def of_documents(self, view: View) -> list[Clause]:
        """Conditions on the document."""
        return self.scope(view) if isinstance(self, OfDocuments) else []

    def said(self, view: View) -> list[Clause]:
        """Conditions on what is judged."""
        raise NotImplementedError


@strawberry.input
class OfFindings(Judged):
    """Conditions on findings."""

    state: list[FindingState] | None = None
    reason: list[FindingReason] | None = None
    tension: list[TensionKind] | None = None
    mappings: (
        Annotated[MappingRelations, strawberry.lazy("clausegraph.api.relationfilters")] | None
    ) = strawberry.field(
        default=None,
        description="What the mappings of the same document to the same requirement meet: those "
        "that hold on the day, unless `ever` is asked for.",
    )

    def said(self, view: View) -> list[Clause]:
        """The conditions on findings themselves."""
        found = one_of("state", self.state) + one_of("reason", self.reason)
        found += one_of("tension", self.tension)
        if self.mappings is not None:
            found += of_some(self.mappings, view, lambda clauses: exists(_MAPPED, clauses))
        return found

    def asked(self, view: View, documents: list[Clause]) -> Scope:
        """What is asked about in some documents, whatever was found."""
        found = self.requirements(view)
        requirements = None if found is None else frozenset(map(short, found))
        if (self.and_, self.or_, self.not_) == (None, None, None):  # type: ignore[attr-defined]
            return Scope(tuple(documents), requirements)
        own = could(self, lambda each: each.documents_asked(view))
        rows = could(self, lambda each: each.rows_asked(view))
        return Scope((*documents, own), requirements, rows)

    def documents_asked(self, view: View) -> tuple[list[Clause], bool]:
        """Conditions on documents, and whether there are others."""
        own = self.documents(view) if isinstance(self, OfDocuments) else []
        return own, bool(self.about(view)) or self.rows_asked(view)[1]

    def rows_asked(self, view: View) -> tuple[list[Clause], bool]:
        """Conditions on what findings are about, and whether there are others."""
        others = bool(one_of("review", self.review) or self.said(view))
        return self.of_documents(view) + self.about(view), others


@strawberry.input(description="Which findings of a document.")
class FindingFilter(OfFindings):
    """Filter of the findings of one document, version or requirement."""

    and_: list[FindingFilter] | None = joint("and")
    or_: list[FindingFilter] | None = joint("or")
    not_: FindingFilter | None = joint("not")


@strawberry.input(description="Which findings.")
class FindingsFilter(OfDocuments, OfFindings):
    """Filter of `findings`."""

    and_: list[FindingsFilter] | None = joint("and")
    or_: list[FindingsFilter] | None = joint("or")
    not_: FindingsFilter | None = joint("not")


@strawberry.input
class OfMappings(Judged):
    """Conditions on mappings."""

    relation: list[MappingRelation] | None = None
    provision: ProvisionFilter | None = strawberry.field(
        default=None, description="What its provision meets."
    )

    def said(self, view: View) -> list[Clause]:
        """The conditions on mappings themselves."""
        found = one_of("relation", self.relation)
        if self.provision is not None:
            wanted = self.provision.clauses(view, None)
            found.append(member("provision", "provision", wanted))
        return found


@strawberry.input(description="Which mappings of a document or provision.")
class MappingFilter(OfMappings):
    """Filter of the mappings of one document, provision or requirement."""

    and_: list[MappingFilter] | None = joint("and")
    or_: list[MappingFilter] | None = joint("or")
    not_: MappingFilter | None = joint("not")


@strawberry.input(description="Which mappings.")
class MappingsFilter(OfDocuments, OfMappings):
    """Filter of `mappings`."""

    and_: list[MappingsFilter] | None = joint("and")
    or_: list[MappingsFilter] | None = joint("or")
    not_: MappingsFilter | None = joint("not")


def on(view: View) -> Clause:
    """That something holds on the view's day."""
    return standing(view.day.isoformat())


def of_some(wanted: Any, view: View, owner: Callable[[list[Clause]], Clause]) -> list[Clause]:
    """What is asked of the findings or mappings of one thing: of some, of every one, of none.

    `owner` makes of conditions on these the condition that one of them meets them.
    """
    found = []
    if wanted.some is not None:
        found.append(owner(wanted.some.own(view)))
    if wanted.every is not None:
        day = [] if wanted.every.ever else [on(view)]
        found.append(none_of([owner([*day, none_of(wanted.every.inner(view))])]))
    if wanted.none is not None:
        found.append(none_of([owner(wanted.none.own(view))]))
    return found


def could(
    asked: Any, known: Callable[[Any], tuple[list[Clause], bool]], sure: bool = False
) -> Clause:
    """The condition under which a filter could be met, when only some of its conditions are known.

    `known` gives these, and whether the filter has others. `sure`: under which it must be met.
    """
    own, others = known(asked)
    if sure and others:
        return any_of([])
    found = [*own, *(could(each, known, sure) for each in asked.and_ or ())]
    if asked.or_ is not None:
        found.append(any_of([could(each, known, sure) for each in asked.or_]))
    if asked.not_ is not None:
        found.append(none_of([could(asked.not_, known, not sure)]))
    return all_of(found)
