"""`/graphql`: the schema over HTTP, with limits that end the work and errors that have a code.

Follows the GraphQL over HTTP draft. What an operation may cost is counted before it runs
(`clausegraph.api.graphql_cost`); depth, aliases and tokens are limited when a document is
validated, nodes made and time while it runs. A refusal says what to do about it.

A document that was seen before runs on the event loop for `QUICK` seconds at most; whatever took
longer when it last ran, or is new, runs on a thread, and what fails is run again by graphql-core.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError
from graphql.execution.values import VariableValues
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from clausegraph.api.conditional import entity_tag, kept
from clausegraph.api.execution import Executor, Outcome, Prepared
from clausegraph.api.graphql_answers import Kept, answers
from clausegraph.api.graphql_cost import Cost
from clausegraph.api.graphql_errors import refused
from clausegraph.api.graphql_explain import meaning
from clausegraph.api.graphql_hints import hints, unmet
from clausegraph.api.graphql_limits import depth_and_aliases
from clausegraph.api.graphql_persisted import Documents
from clausegraph.api.graphql_request import (
    JSON,
    MEDIA,
    Asked,
    BadGraphQLRequestError,
    media_of,
    read,
)
from clausegraph.api.graphql_responses import encoded, failed, respond
from clausegraph.api.mutations import WRITER, refusal
from clausegraph.api.negotiation import choose
from clausegraph.api.nodes import Budget, View
from clausegraph.api.ratelimit import charge
from clausegraph.api.schema import build
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from clausegraph.ontology.errors import ClausegraphError

QUICK = 0.02
SHORT = 20_000
"""A request of more bytes is read and counted on a thread."""
NODES_A_POINT = 1_000
"""How many nodes that may be made cost a client one point of its rate."""
_ASKS = {"query", "documentId", "extensions"}


def executor_of(settings: Settings, schema: strawberry.Schema | None = None) -> Executor:
    """What executes documents within the limits of a server, of the whole schema or another."""
    rule = depth_and_aliases(settings.max_depth, settings.max_aliases)
    return Executor(schema or build(), (rule,), settings.max_tokens)


@dataclass(frozen=True)
class Counted:
    """The values of an operation's variables, and what it may cost with them."""

    values: VariableValues
    cost: Cost


@dataclass(frozen=True)
class _Work:
    """A request that is understood: what is executed, for whom, through which view."""

    asked: Asked
    text: str
    prepared: Prepared
    values: VariableValues
    cost: Cost
    context: dict[str, Any]

    @property
    def view(self) -> View:
        """The release and day that answer."""
        found: View = self.context["view"]
        return found

    @property
    def key(self) -> tuple[Any, ...]:
        """What an answer depends on within a release."""
        variables = orjson.dumps(self.asked.variables, option=orjson.OPT_SORT_KEYS)
        texts = (hashlib.sha256(each).digest() for each in (self.text.encode(), variables))
        return *texts, self.asked.operation, self.view.day


class Endpoint:
    """The ASGI application of `/graphql`."""

    def __init__(self, served: Served, settings: Settings) -> None:
        """Answer from whatever release `served` holds when a request comes in."""
        self.served = served
        self.settings = settings
        self.schema = build()
        self.executor = executor_of(settings, self.schema)
        folder = Path(settings.documents) if settings.documents else None
        self.documents = Documents(folder, settings.trusted_only)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a request that is not GraphQL over HTTP gets an error of the same shape."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClausegraphError as error:
            response = refused(error)
        response.headers.add_vary_header("Accept")
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if (
            request.method == "GET"
            and not _ASKS & request.query_params.keys()
            and _browser(request)
        ):
            return HTMLResponse(_editor())
        asked = await read(request)
        text = self.documents.text(asked.query, asked.sha256)
        context = {"view": view_now(self.served, self.settings), "request": request}
        prepared = await self.prepared(text, asked.operation)
        media = media_of(request)
        if prepared.operation is None:
            return failed(prepared.errors, media)
        self._allow(prepared, asked, request, context)
        counted = await self.counted(prepared, asked)
        if not isinstance(counted, Counted):
            return failed(counted, media)
        charge(request.scope, counted.cost.nodes / NODES_A_POINT)
        work = _Work(asked, text, prepared, counted.values, counted.cost, context)
        if asked.extensions.get("explain") is True and prepared.kind == "query":
            return await self._explained(work, media)
        if not asked.get:
            return await self._answer(work, media, {})
        digest = hashlib.sha256(repr((*work.key, media)).encode()).hexdigest()[:32]
        etag = entity_tag(f"{work.view.reader.release.id}-{digest}")
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if kept(request, etag):
            return Response(status_code=304, headers=headers)
        return await self._answer(work, media, headers)

    async def prepared(self, text: str, operation: str | None) -> Prepared:
        """A document that is known, or is now read and validated, which can take its time."""
        known = self.executor.known(text, operation)
        if known is not None:
            return known
        return await asyncio.to_thread(self.executor.prepare, text, operation)

    async def counted(self, prepared: Prepared, asked: Asked) -> Counted | tuple[GraphQLError, ...]:
        """What an operation asks with its variables, or what is wrong with their values.

        Raises what refuses an operation that asks too much.
        """
        if prepared.pace.narrow and asked.length <= SHORT:
            return self._counted(prepared, asked)
        return await asyncio.to_thread(self._counted, prepared, asked)

    def _counted(self, prepared: Prepared, asked: Asked) -> Counted | tuple[GraphQLError, ...]:
        values = self.executor.variables(prepared, asked.variables)
        if not isinstance(values, VariableValues):
            return values
        cost = self.executor.cost(prepared, values)
        cost.check(self.settings.max_cost)
        return Counted(values, cost)

    def _allow(
        self, prepared: Prepared, asked: Asked, request: Request, context: dict[str, Any]
    ) -> None:
        """Let mutations through that may be; raises what refuses the others."""
        if prepared.kind == "subscription":
            raise BadGraphQLRequestError(
                "subscriptions are not answered here", 405, "Ask at `/graphql/stream`."
            )
        if prepared.kind == "query":
            return
        if asked.get:
            raise BadGraphQLRequestError("mutations are not allowed when using GET", 405)
        if refuses := refusal(self.settings, request):
            raise refuses
        context[WRITER] = self.served

    async def _answer(self, work: _Work, media: str, headers: dict[str, str]) -> Response:
        """Execute, unless the answer is known; encode with the negotiated media type."""
        known = answers(work.view.reader)
        keep = work.prepared.kind == "query" and self.settings.answer_bytes > 0
        found = known.get(work.key) if keep else None
        if found is not None:
            return await self._told(Outcome(found.data), found.made, work, media, headers)
        before = work.view.budget.nodes
        outcome = await self._executed(work)
        made = before - work.view.budget.nodes
        if keep and not outcome.errors and outcome.data is not None:
            known.put(work.key, Kept(outcome.data, made), self.settings.answer_bytes)
        return await self._told(outcome, made, work, media, headers)

    async def _explained(self, work: _Work, media: str) -> Response:
        """The answer together with what it means; nothing of it is kept."""
        before = work.view.budget.nodes
        outcome = await self._executed(work)
        made = before - work.view.budget.nodes
        response = await self._told(outcome, made, work, media, {})
        given = self.executor, self.schema, work.prepared, work.asked.variables, work.context
        told = await asyncio.to_thread(meaning, *given)
        body = orjson.loads(bytes(response.body))
        body["extensions"]["explain"] = told.as_dict()
        return respond(orjson.dumps(body), response.status_code, media, {})

    async def _told(
        self, outcome: Outcome, made: int, work: _Work, media: str, headers: dict[str, str]
    ) -> Response:
        """The response to what was executed, with what it cost and hints on unknown ids."""
        limit = self.settings.max_cost
        more: dict[str, Any] = {
            "cost": {"requested": work.cost.nodes, "limit": limit, "made": made}
        }
        if outcome.data and (missing := unmet(work.prepared, outcome.data)):
            given = work.view.reader, missing, work.values.coerced
            if told := await asyncio.to_thread(lambda: list(hints(*given))):
                more["hints"] = told
        return encoded(outcome, more, media, headers)

    async def _executed(self, work: _Work) -> Outcome:
        """Run on the loop for a moment; on a thread where that does not do, or did not before."""
        view, prepared = work.view, work.prepared
        if not prepared.plans or prepared.pace.slow:
            return await asyncio.to_thread(self._timed, work)
        budget = view.budget
        quick = replace(budget, until=min(budget.until, time.monotonic() + QUICK))
        context = work.context | {"view": replace(view, budget=quick)}
        outcome = self.executor.planned(prepared, work.values, context)
        if outcome is not None:
            budget.nodes = quick.nodes
            return outcome
        if quick.over():
            return await asyncio.to_thread(self._timed, work)
        variables = work.asked.variables  # a plan that fails would fail again
        return await asyncio.to_thread(self.executor.reference, prepared, variables, work.context)

    def _timed(self, work: _Work) -> Outcome:
        """Run to the end, and note whether that took longer than the loop may be held."""
        start = time.monotonic()
        outcome = self.executor.execute(work.prepared, work.asked.variables, work.context)
        work.prepared.pace.slow = time.monotonic() - start > QUICK
        return outcome


def _browser(request: Request) -> bool:
    """Whether a page is what a client wants, or nothing in particular."""
    offered = ("text/html", JSON, MEDIA)
    return choose(request.headers.get("accept", "*/*"), offered) == "text/html"


@functools.cache
def _editor() -> str:
    return files("clausegraph.api").joinpath("templates/graphiql.html").read_text()


def view_now(served: Served, settings: Settings) -> View:
    """A view of the release that is served, today (UTC), with a request's budget."""
    budget = Budget(settings.max_nodes, time.monotonic() + settings.graphql_seconds)
    return View(served.reader, today(), budget)


def today() -> date:
    """The day (UTC) on which a question is asked."""
    return datetime.now(UTC).date()
