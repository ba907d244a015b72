"""The GraphQL schema: what can be asked of a release.

Every list that grows with what is loaded is a Relay connection, every time-dependent field takes
`asOf`, every id is an IRI. Linters of Relay schemas remark on the other lists. These hold what
belongs to one thing and stays few: its topics, sources and rules, the versions of a requirement,
what law says of one place. Each is taken for `graphql_cost.LIST` entries when an operation's cost is
counted, and every node of it is paid from the request's budget when it is made; pages would add
three objects and a cursor around each for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionResult

from clausegraph.api.answerquery import AnswerQuery
from clausegraph.api.enforcementquery import EnforcementQuery
from clausegraph.api.findingquery import FindingQuery
from clausegraph.api.gapquery import GapQuery
from clausegraph.api.graphql_limits import Stopped, TimedExecutor
from clausegraph.api.impactquery import ImpactQuery
from clausegraph.api.lawquery import LawQuery
from clausegraph.api.listing import view_of
from clausegraph.api.moments import MOMENT
from clausegraph.api.mutations import Mutation
from clausegraph.api.nodes import TYPES, AsOf, Node, node_at
from clausegraph.api.policyquery import PolicyQuery
from clausegraph.api.portfolioquery import PortfolioQuery
from clausegraph.api.quotequery import QuoteQuery
from clausegraph.api.reader import known_as
from clausegraph.api.subscriptions import Subscription


@strawberry.type(description="The published state that answers.")
class ReleaseInfo:
    """Identity and size of the release."""

    id: strawberry.ID = strawberry.field(description="The same content has the same id.")
    published: str = strawberry.field(description="When it was published (UTC).")
    triples: int = strawberry.field(description="Number of triples.")


@strawberry.type(description="Everything that can be asked.")
class Query(
    LawQuery,
    EnforcementQuery,
    PolicyQuery,
    QuoteQuery,
    PortfolioQuery,
    FindingQuery,
    GapQuery,
    ImpactQuery,
    AnswerQuery,
):
    """Root of all questions."""

    @strawberry.field(description="The release that answers.")
    def release(self, info: strawberry.Info) -> ReleaseInfo:
        """Identity of the release."""
        found = view_of(info).reader.release
        return ReleaseInfo(
            id=strawberry.ID(found.id), published=found.published, triples=found.triples
        )

    @strawberry.field(description="The thing with an IRI; the path after /id/ will do.")
    def node(self, info: strawberry.Info, id: strawberry.ID, as_of: AsOf = None) -> Node | None:
        """Relay's node lookup."""
        return node_at(view_of(info, as_of), _full(id))

    @strawberry.field(description="The things with these IRIs, in their order.")
    def nodes(
        self, info: strawberry.Info, ids: list[strawberry.ID], as_of: AsOf = None
    ) -> list[Node | None]:
        """Several nodes at once."""
        return [node_at(view_of(info, as_of), _full(each)) for each in ids]


def _full(text: str) -> str:
    kind = text.partition("/")[0]
    return known_as(kind, text)


class _Schema(strawberry.Schema):
    """A schema that leaves the log to whoever answers: a client's mistake is not ours."""

    def execute_sync(self, *args: Any, **given: Any) -> ExecutionResult:
        """Execute; what was stopped has one error and no data."""
        try:
            return super().execute_sync(*args, **given)
        except Stopped as stopped:
            return ExecutionResult(data=None, errors=[stopped.error])

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Log nothing; `graphql_http.shown` logs what went wrong inside."""


def build(query: type = Query, scalars: Mapping[Any, Any] | None = None) -> strawberry.Schema:
    """The schema; what executes it within limits is `clausegraph.api.execution`.

    `query` is another root of questions, which may have scalars of its own. The usual one is made
    once: it never changes.
    """
    return _usual() if query is Query and scalars is None else _build(query, scalars)


@cache
def _usual() -> strawberry.Schema:
    return _build(Query, None)


def _build(query: type, scalars: Mapping[Any, Any] | None) -> strawberry.Schema:
    return _Schema(
        query=query,
        mutation=Mutation,
        subscription=Subscription,
        types=[TYPES[kind] for kind in sorted(TYPES)],
        config=StrawberryConfig(scalar_map={datetime: MOMENT, **(scalars or {})}),
        execution_context_class=TimedExecutor,
    )


def sdl() -> str:
    """The schema as text, as ``schema.graphql`` holds it."""
    return build().as_str() + "\n"
