"""`/graphql`: the schema over HTTP, with limits that end the work and errors that have a code.

Follows the GraphQL over HTTP draft through Strawberry's ASGI view. A request is limited in depth,
aliases, tokens, nodes made and time; a refusal says what to do about it.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, cast

import orjson
import strawberry
from cross_web import HTTPException
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.exceptions import MissingQueryError, StrawberryGraphQLError
from strawberry.extensions import AddValidationRules, MaxTokensLimiter
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import (
    CannotGetOperationTypeError,
    InvalidOperationTypeError,
)
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from clausegraph.api.graphql_limits import depth_and_aliases
from clausegraph.api.mutations import WRITER, MutationsOffError, UnauthorisedError
from clausegraph.api.mutations import refusal as mutation_refusal
from clausegraph.api.negotiation import choose
from clausegraph.api.nodes import Budget, View
from clausegraph.api.problems import RETRY_SECONDS, STATUSES
from clausegraph.api.schema import build
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from clausegraph.ontology.errors import ClausegraphError

log = logging.getLogger("clausegraph.graphql")
MEDIA = "application/graphql-response+json"
JSON = "application/json"


def limited_schema(settings: Settings) -> strawberry.Schema:
    """The schema with the limits of a server."""
    rule = depth_and_aliases(settings.max_depth, settings.max_aliases)
    return build(
        extensions=[
            lambda: AddValidationRules([rule]),
            lambda: MaxTokensLimiter(max_token_count=settings.max_tokens),
        ]
    )


class Endpoint(GraphQL[dict[str, Any], None]):
    """The ASGI application of `/graphql`."""

    def __init__(self, served: Served, settings: Settings) -> None:
        """Answer from whatever release `served` holds when a request comes in."""
        super().__init__(limited_schema(settings), subscription_protocols=())
        self.served = served
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a request that is not GraphQL over HTTP gets an error of the same shape."""
        request = Request(scope, receive)
        try:
            response = await self.run(request)
        except HTTPException as error:
            response = refusal(error.status_code, error.reason)
        except (MutationsOffError, UnauthorisedError) as error:
            response = refusal(STATUSES[error.code], error.message, error.code, error.hint)
        response.headers["Vary"] = "Accept"
        await response(scope, receive, send)

    def decode_json(self, data: str | bytes) -> object:
        """Read a body (bytes), which is an object or a batch, or the variables of an address."""
        found: object = orjson.loads(data)
        if isinstance(data, bytes) and not isinstance(found, dict | list):
            raise HTTPException(400, "the request is not a JSON object")
        return found

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        """The view of this request: one release, today unless a field says otherwise."""
        context = {"view": view_now(self.served, self.settings), "request": request}
        refused = mutation_refusal(self.settings, request)
        return context | ({"refused": refused} if refused else {WRITER: self.served})

    async def get_sub_response(self, request: Any) -> Response:
        """Keep the media type that the client prefers for `create_response`."""
        response = await super().get_sub_response(request)
        accept = request.headers.get("accept", "*/*")
        response.headers["x-media"] = choose(accept, (JSON, MEDIA)) or JSON
        return response

    async def execute_single(self, **given: Any) -> ExecutionResult:  # type: ignore[override]
        """Execute on a thread: resolvers read the store and would block the event loop."""
        method = given["request_adapter"].method
        refused = given["context"].get("refused")
        operations = OperationType.from_http(method)
        if refused:
            operations = operations - {OperationType.MUTATION}
        try:
            return await asyncio.to_thread(
                self._execute, given["request_data"], given["context"], operations
            )
        except CannotGetOperationTypeError as error:
            raise HTTPException(400, error.as_http_error_reason()) from error
        except InvalidOperationTypeError as error:
            if refused and method == "POST":
                raise refused from error
            raise HTTPException(405, error.as_http_error_reason(method)) from error
        except MissingQueryError as error:
            raise HTTPException(400, "the request has no GraphQL query") from error

    def _execute(self, data: GraphQLRequestData, context: Any, operations: Any) -> ExecutionResult:
        return self.schema.execute_sync(
            data.query,
            variable_values=data.variables,
            context_value=context,
            operation_name=data.operation_name,
            allowed_operation_types=operations,
        )

    async def process_result(self, request: Any, result: Any) -> GraphQLHTTPResponse:
        """The response body: errors with code, hint and value."""
        errors = result.errors or ()
        # Nothing was executed where no error has a place in the answer: a request error, which
        # by the specification has no `data` entry.
        early = result.data is None and all(error.path is None for error in errors)
        body: dict[str, Any] = {} if early else {"data": result.data}
        if errors:
            body["errors"] = [shown(error, early) for error in errors]
        return cast(GraphQLHTTPResponse, body)

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        """Encode with the negotiated media type; a request error is a 400 in the new one."""
        media = sub_response.headers["x-media"]
        failed = "data" not in response_data and media == MEDIA
        return Response(
            orjson.dumps(response_data, default=str),
            status_code=400 if failed else 200,
            media_type=media if media == JSON else f"{media}; charset=utf-8",
        )

    async def render_graphql_ide(self, request: Request) -> Response:
        """GraphiQL, from files of our own: the editor works without the internet."""
        return HTMLResponse(_editor())


@functools.cache
def _editor() -> str:
    return files("clausegraph.api").joinpath("templates/graphiql.html").read_text()


def view_now(served: Served, settings: Settings) -> View:
    """A view of the release that is served, today (UTC), with a request's budget."""
    budget = Budget(settings.max_nodes, time.monotonic() + settings.graphql_seconds)
    return View(served.reader, datetime.now(UTC).date(), budget)


def shown(error: GraphQLError, early: bool = False) -> dict[str, Any]:
    """An error as the client sees it: a stable code, and never a stack trace."""
    cause = error.original_error
    formatted: dict[str, Any] = dict(error.formatted)
    extensions: dict[str, Any] = dict(error.extensions or {})
    if isinstance(cause, ClausegraphError):
        formatted["message"] = cause.message
        extensions |= {key: value for key, value in cause.as_dict().items() if value}
        del extensions["message"]
        if cause.code in RETRY_SECONDS:
            extensions["retryAfter"] = RETRY_SECONDS[cause.code]
    elif cause is None or isinstance(cause, StrawberryGraphQLError | GraphQLError):
        extensions.setdefault("code", "invalid-query" if early else "invalid-value")
    else:
        log.error("a resolver failed", exc_info=cause)
        formatted["message"] = "the server failed to answer this field"
        extensions["code"] = "internal-error"
    formatted["extensions"] = extensions
    return formatted


def refusal(status: int, reason: str, code: str = "bad-request", hint: str = "") -> Response:
    """A request that never became GraphQL, or was not let in, as a GraphQL error."""
    extensions = {"code": code, "hint": hint} if hint else {"code": code}
    body = orjson.dumps({"errors": [{"message": reason, "extensions": extensions}]})
    headers = {401: {"WWW-Authenticate": "Bearer"}, 405: {"Allow": "GET, POST"}}.get(status)
    return Response(body, status, headers, JSON)
