"""Bodies of `/graphql` as bytes, with the status and the media type that belong to them.

GraphQL over HTTP, section 6.4: what was not executed is 400 in the new media type and 200 in the old.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.responses import Response

from clausegraph.api.execution import Outcome
from clausegraph.api.graphql_errors import shown
from clausegraph.api.graphql_request import JSON, MEDIA


def encoded(
    outcome: Outcome, extensions: dict[str, Any], media: str, headers: dict[str, str]
) -> Response:
    """The response: data as it was written, errors with code, hint and value, and extensions."""
    parts = [] if outcome.data is None else [b'"data":' + outcome.data]
    early = outcome.data is None
    if outcome.errors:
        told = [shown(error, early) for error in outcome.errors]
        parts.append(b'"errors":' + orjson.dumps(told, default=str))
    parts.append(b'"extensions":' + orjson.dumps(extensions))
    status = 400 if early and media == MEDIA else 200
    if outcome.errors:  # the same question may be answered in a moment
        headers = {"Cache-Control": "no-store"}
    return respond(b"{" + b",".join(parts) + b"}", status, media, headers)


def failed(errors: Iterable[GraphQLError], media: str) -> Response:
    """The response to a request of which nothing was executed."""
    body = {"errors": [shown(error, early=True) for error in errors]}
    return respond(orjson.dumps(body, default=str), 400 if media == MEDIA else 200, media, {})


def respond(body: bytes, status: int, media: str, headers: dict[str, str]) -> Response:
    """A response with the media type that was negotiated."""
    kind = media if media == JSON else f"{media}; charset=utf-8"
    return Response(body, status, headers, kind)
