"""Errors on the wire: a problem document (RFC 9457) for whatever is refused or fails.

The family's one HTTP mapping is `STATUSES`, by the code of an error. A problem has no `type` of
its own (`about:blank`): `code` is the stable name, `title` the phrase of the status.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from clausegraph.api.requestlog import current_request
from clausegraph.ontology.errors import ClausegraphError

MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[str, int] = {
    "answer-not-serializable": 406,
    "answer-too-large": 422,
    "bad-graphql-request": 400,
    "bad-parameter": 400,
    "bad-representation": 400,
    "bad-request": 400,
    "bad-search": 400,
    "body-too-large": 413,
    "body-too-slow": 408,
    "cost-limit": 422,
    "document-hash-differs": 400,
    "document-not-trusted": 403,
    "PERSISTED_QUERY_NOT_FOUND": 200,
    "method-not-allowed": 405,
    "mutations-off": 403,
    "no-release": 503,
    "not-acceptable": 406,
    "not-found": 404,
    "not-with-an-endpoint": 501,
    "endpoint-failed": 502,
    "query-evaluation-failed": 500,
    "query-memory-limit": 422,
    "query-syntax": 400,
    "query-time-limit": 504,
    "query-unsupported": 400,
    "query-worker-lost": 503,
    "rate-limit": 429,
    "server-busy": 503,
    "service-refused": 403,
    "sparql-busy": 503,
    "subscription-refused": 400,
    "too-costly": 422,
    "too-many-conditions": 422,
    "too-many-streams": 503,
    "unauthorised": 401,
    "unknown-id": 400,
    "unsupported-media-type": 415,
    "update-refused": 403,
    "writer-busy": 503,
}
"""Status of each code that a client can cause or meet; any other code is the server's fault."""

RETRY_SECONDS: Mapping[str, int] = {
    "no-release": 30,
    "query-worker-lost": 1,
    "server-busy": 1,
    "sparql-busy": 5,
    "writer-busy": 5,
}
"""When to come again, for what passes by itself."""

WATCHERS: list[Callable[[str], None]] = []
"""Called with the code of each refusal; `clausegraph.api.metrics` counts them."""


class BadParameterError(ClausegraphError):
    """A parameter of the request is missing, repeated, unreadable or has no such value."""

    code = "bad-parameter"


class NotAcceptableError(ClausegraphError):
    """No representation is of a kind that the client accepts."""

    code = "not-acceptable"


class UnsupportedMediaTypeError(ClausegraphError):
    """The body of the request is of a kind that is not read here."""

    code = "unsupported-media-type"


class MethodNotAllowedError(ClausegraphError):
    """The method means nothing here."""

    code = "method-not-allowed"


def problem(
    status: int, error: ClausegraphError, headers: Mapping[str, str] | None = None
) -> Response:
    """The problem document of an error."""
    known = error.as_dict()
    document = {
        "code": known["code"],
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": known["message"],
    }
    document.update({key: known[key] for key in ("hint", "value") if known[key] not in ("", None)})
    if request := current_request():
        document["request"] = request
    timing = retry_after(error)
    tell(error.code)
    body = json.dumps(document, ensure_ascii=False).encode()
    return Response(body, status, {**timing, **(headers or {})}, MEDIA_TYPE)


def retry_after(error: ClausegraphError) -> dict[str, str]:
    """The header that says when to come again, for what passes by itself."""
    seconds = getattr(error, "retry_seconds", None) or RETRY_SECONDS.get(error.code)
    return {} if seconds is None else {"Retry-After": str(seconds)}


def tell(code: str) -> None:
    """Count a refusal."""
    for watcher in WATCHERS:
        watcher(code)


def respond(error: ClausegraphError, headers: Mapping[str, str] | None = None) -> Response:
    """The problem document of an error, with the status that belongs to its code."""
    return problem(STATUSES.get(error.code, 500), error, headers)


Handler = Callable[[Request, Any], Awaitable[Response]]


def handlers() -> dict[Any, Handler]:
    """The exception handlers of an application, ready for Starlette's `exception_handlers`."""
    return {ClausegraphError: _ours, HTTPException: _of_http, Exception: _unexpected}


async def _ours(_: Request, error: ClausegraphError) -> Response:
    return respond(error)


async def _of_http(request: Request, error: HTTPException) -> Response:
    """What Starlette refuses by itself: no such path, no such method."""
    phrase = HTTPStatus(error.status_code).phrase
    named = _Named(_detail(request, error), code=phrase.lower().replace(" ", "-"))
    return problem(error.status_code, named, error.headers)


async def _unexpected(_: Request, __: Exception) -> Response:
    """A fault of the server; Starlette logs it."""
    error = _Named("the server failed to answer", code="internal-error")
    return problem(500, error)


class _Named(ClausegraphError):
    """An error whose code is known only when it happens."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]


def _detail(request: Request, error: HTTPException) -> str:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return f"there is nothing at {request.url.path}"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.method} is not a method of {request.url.path}"
    return error.detail
