"""GraphQL errors as clients see them: a stable code, what to do about it, and no stack trace."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.responses import Response
from strawberry.exceptions import StrawberryGraphQLError

from clausegraph.api.graphql_request import JSON, BadGraphQLRequestError
from clausegraph.api.problems import RETRY_SECONDS, STATUSES, retry_after, tell
from clausegraph.ontology.errors import ClausegraphError

log = logging.getLogger("clausegraph.graphql")


def shown(error: GraphQLError, early: bool = False) -> dict[str, Any]:
    """An error as the client sees it: a stable code, and never a stack trace."""
    cause = error.original_error
    formatted: dict[str, Any] = dict(error.formatted)
    extensions: dict[str, Any] = dict(error.extensions or {})
    if isinstance(cause, ClausegraphError):
        formatted["message"] = cause.message
        extensions |= _facts(cause)
    elif cause is None or isinstance(cause, StrawberryGraphQLError | GraphQLError):
        extensions.setdefault("code", "invalid-query" if early else "invalid-value")
    else:
        log.error("a resolver failed", exc_info=cause)
        formatted["message"] = "the server failed to answer this field"
        extensions["code"] = "internal-error"
    formatted["extensions"] = extensions
    return formatted


def _facts(error: ClausegraphError) -> dict[str, Any]:
    found = {key: value for key, value in error.as_dict().items() if value}
    del found["message"]
    if error.code in RETRY_SECONDS:
        found["retryAfter"] = RETRY_SECONDS[error.code]
    return found


def refused(error: ClausegraphError) -> Response:
    """A request that never became GraphQL, or was not let in, as a GraphQL error."""
    status = error.status if isinstance(error, BadGraphQLRequestError) else _status(error)
    body = {"errors": [{"message": error.message, "extensions": _facts(error)}]}
    tell(error.code)
    headers = {401: {"WWW-Authenticate": "Bearer"}, 405: {"Allow": "GET, POST"}}.get(status, {})
    headers |= retry_after(error)
    return Response(orjson.dumps(body, default=str), status, headers, JSON)


def _status(error: ClausegraphError) -> int:
    """The status of a refusal; Apollo's clients look for an unknown hash in a 200."""
    return STATUSES.get(error.code, 400)
