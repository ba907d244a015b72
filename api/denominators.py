"""What shares of findings are shares of: numbers of platforms, and of states, which never merge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import strawberry

from clausegraph.api.clauses import STANDS
from clausegraph.api.enums import FindingState
from clausegraph.api.findingscope import Denominators
from clausegraph.api.nodes import View
from clausegraph.api.policyselect import Clause, among, fetch
from clausegraph.ontology.iris import concept


@strawberry.type(description="How many have which state; the states are never merged.")
class StateCounts:
    """Numbers by state."""

    stated: int = strawberry.field(default=0, description="The text says it.")
    denied: int = strawberry.field(default=0, description="The text says the opposite.")
    not_stated: int = strawberry.field(
        default=0, description="It was looked for and the text does not say it."
    )
    not_examined: int = strawberry.field(
        default=0, description="Nobody looked, or no rule can tell; nothing follows from it."
    )
    tension: int = strawberry.field(default=0, description="What the text says collides.")


def state_counts(found: Iterable[tuple[str, int]]) -> StateCounts:
    """Counts from slugs of states with numbers."""
    return StateCounts(**{state.replace("-", "_"): number for state, number in found})


def state(slug: str) -> FindingState:
    """The member of a state's slug."""
    return FindingState(concept("finding-state", slug))


def states(members: Sequence[FindingState]) -> set[str]:
    """The slugs of states."""
    return {str(each.value).rpartition("/")[2] for each in members}


@dataclass(frozen=True)
class Scope:
    """What a question is about: documents, by conditions on them, and requirements (short IRIs)."""

    documents: tuple[Clause, ...]
    requirements: frozenset[str] | None
    rows: Clause | None = None
    """A condition on findings that says the same more exactly, where filters are joined."""

    def asked(self) -> Clause:
        """The condition on a column `requirement`, or on rows of findings."""
        if self.rows is not None:
            return self.rows
        if self.requirements is None:
            return Clause("TRUE")
        return among("requirement", set(self.requirements))


_PLATFORMS = """
WITH held AS MATERIALIZED (SELECT DISTINCT kind FROM document
    WHERE id IN (SELECT DISTINCT document FROM finding WHERE {asked})),
own AS MATERIALIZED (SELECT platform, kind IN held
        AND id IN (SELECT document FROM version WHERE {stands}) AS captured,
    id IN (SELECT document FROM presence WHERE {stands}) AS parsed,
    id IN (SELECT document FROM finding WHERE {stands}
        AND state <> 'not-examined' AND {asked}) AS examined
    FROM document WHERE {documents})
SELECT count(*), sum(captured), sum(parsed), sum(examined) FROM (
    SELECT max(captured) AS captured, max(captured AND parsed) AS parsed,
        max(captured AND parsed AND examined) AS examined
    FROM platform LEFT JOIN own ON own.platform = platform.id
    WHERE {platforms} GROUP BY platform.id)
"""
_WITH_ONE = Clause("platform.id IN (SELECT platform FROM own)")


def denominators(
    view: View, scope: Scope, platforms: Sequence[Clause] | None = None, *, ever: bool = False
) -> Denominators:
    """The numbers of platforms: those that meet conditions, else those with a document in scope.

    On the view's day, or with `ever` on any day.
    The kinds of document that count are those that the release holds against the requirements.
    """
    asked, documents = scope.asked(), both(scope.documents)
    own = both([_WITH_ONE] if platforms is None else platforms)
    stands = Clause("since IS NOT NULL") if ever else Clause(STANDS, (view.day.isoformat(),))
    text = _PLATFORMS.format(
        asked=asked.sql, stands=stands.sql, documents=documents.sql, platforms=own.sql
    )
    args = (*asked.args, *stands.args * 3, *asked.args, *documents.args, *own.args)
    ((tracked, captured, parsed, examined),) = fetch(view, Clause(text, args))
    return Denominators(
        tracked=tracked, captured=captured or 0, parsed=parsed or 0, examined=examined or 0
    )


def both(clauses: Sequence[Clause]) -> Clause:
    """All of some conditions at once."""
    text = " AND ".join(f"({each.sql})" for each in clauses) or "TRUE"
    return Clause(text, tuple(arg for each in clauses for arg in each.args))
