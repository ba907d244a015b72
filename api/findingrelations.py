"""Filters by the findings of documents, and by the findings and mappings about requirements."""

from __future__ import annotations

from typing import Any

import strawberry

from clausegraph.api.clauses import Clause, none_of, some
from clausegraph.api.facets import tally
from clausegraph.api.filters import Test, optional
from clausegraph.api.findingfilters import (
    FindingFilter,
    FindingsFilter,
    MappingsFilter,
    of_some,
    on,
)
from clausegraph.api.nodes import View
from clausegraph.api.policyselect import Choice, Chosen
from clausegraph.ontology.iris import ID

SOME = "At least one meets this."
EVERY = "Every one meets this, also where there is none."
NONE = "None meets this, also where there is none."


@strawberry.input(description="What the findings of one document meet.")
class FindingRelations:
    """Some, every, none."""

    some: FindingFilter | None = optional(SOME)
    every: FindingFilter | None = optional(EVERY)
    none: FindingFilter | None = optional(NONE)

    def of_document(self, view: View) -> list[Clause]:
        """The conditions on a row of the table of documents."""
        return of_some(self, view, lambda own: some("document", "finding", "document", own))


@strawberry.input(description="What the findings about one requirement meet.")
class FindingsRelations:
    """Some, every, none."""

    some: FindingsFilter | None = optional(SOME)
    every: FindingsFilter | None = optional(EVERY)
    none: FindingsFilter | None = optional(NONE)

    def tests(self, view: View) -> list[Test]:
        """The predicates on a requirement."""
        return _tests(self, view, "finding")


@strawberry.input(description="What the mappings to one requirement meet.")
class MappingsRelations:
    """Some, every, none."""

    some: MappingsFilter | None = optional(SOME)
    every: MappingsFilter | None = optional(EVERY)
    none: MappingsFilter | None = optional(NONE)

    def tests(self, view: View) -> list[Test]:
        """The predicates on a requirement."""
        return _tests(self, view, "mapping")


def _tests(wanted: Any, view: View, table: str) -> list[Test]:
    found: list[Test] = []
    if wanted.some is not None:
        some_ = _requirements(view, table, wanted.some.own(view))
        found.append(lambda entity: entity.iri in some_)
    if wanted.every is not None:
        day = [] if wanted.every.ever else [on(view)]
        but = _requirements(view, table, [*day, none_of(wanted.every.inner(view))])
        found.append(lambda entity: entity.iri not in but)
    if wanted.none is not None:
        those = _requirements(view, table, wanted.none.own(view))
        found.append(lambda entity: entity.iri not in those)
    return found


def _requirements(view: View, table: str, clauses: list[Clause]) -> set[str]:
    """IRIs of the requirements that rows of a table are about."""
    rows = Chosen(view, Choice(table, tuple(clauses))).rows()
    counts, _ = tally(view, table, "requirement", rows, len(rows))
    return {ID + iri for iri, _ in counts}
