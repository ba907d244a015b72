"""Filters of what belongs to one thing: of some of it, of every one, of none."""

from __future__ import annotations

from copy import copy

import strawberry

from clausegraph.api.clauses import Clause, none_of, some
from clausegraph.api.findingfilters import MappingFilter, on
from clausegraph.api.nodes import View


@strawberry.input(description="What the mappings of one thing meet.")
class MappingRelations:
    """Some, every, none."""

    some: MappingFilter | None = strawberry.field(
        default=None, description="At least one meets this."
    )
    every: MappingFilter | None = strawberry.field(
        default=None, description="Every one meets this, also where there is none."
    )
    none: MappingFilter | None = strawberry.field(
        default=None, description="None meets this, also where there is none."
    )

    def of(self, owner: str, view: View) -> list[Clause]:
        """The conditions on a row of a table to which mappings belong."""
        found = []
        if self.some is not None:
            found.append(_one(owner, self.some.own(view)))
        if self.every is not None:
            rest = copy(self.every)
            rest.ever = True
            day = [] if self.every.ever else [on(view)]
            found.append(none_of([_one(owner, [*day, none_of(rest.own(view))])]))
        if self.none is not None:
            found.append(none_of([_one(owner, self.none.own(view))]))
        return found


def _one(owner: str, clauses: list[Clause]) -> Clause:
    """That a mapping of a row meets conditions."""
    return some(owner, "mapping", owner, clauses)
