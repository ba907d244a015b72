"""What a client asks of `/graphql`: a request read, checked for its form, not yet understood.

GraphQL over HTTP, sections 5 and 6: parameters of a GET, a JSON object of a POST. Batches are
refused. What stands in for a document's text is its SHA-256: `documentId` (the draft's appendix on
persisted documents, ``sha256:…``) or Apollo's `extensions.persistedQuery.sha256Hash`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request

from clausegraph.api.negotiation import choose
from clausegraph.ontology.errors import ClausegraphError

MEDIA = "application/graphql-response+json"
JSON = "application/json"
DEEPEST = 20
"""How deep variables and extensions may be nested."""


class BadGraphQLRequestError(ClausegraphError):
    """A request to `/graphql` is not one: `status` is that of the answer."""

    code = "bad-graphql-request"

    def __init__(self, message: str, status: int = 400, hint: str = "") -> None:
        """Say what is wrong."""
        super().__init__(message, hint=hint)
        self.status = status


@dataclass(frozen=True)
class Asked:
    """A request: the text of a document, or the hash that stands for it, or both."""

    query: str | None
    sha256: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    operation: str | None = None
    extensions: dict[str, Any] = field(default_factory=dict)
    get: bool = False
    length: int = 0
    """Bytes of the request's body or query."""


async def read(request: Request) -> Asked:
    """Read a request. Raises `BadGraphQLRequestError`."""
    if request.method in ("GET", "HEAD"):
        return _asked(_parameters(request), len(request.url.query), get=True)
    if request.method != "POST":
        raise BadGraphQLRequestError("GraphQL is asked by GET or POST", 405)
    kind, _, more = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() not in (JSON, MEDIA):
        raise BadGraphQLRequestError(f"the body is to be {JSON}, not {kind or 'nothing'}", 415)
    charset = more.lower().replace(" ", "").partition("charset=")[2].strip('"')
    if charset not in ("", "utf-8", "utf8"):
        raise BadGraphQLRequestError("the body is to be UTF-8", 415)
    text = await request.body()
    body = _json(text, "the request")
    if isinstance(body, list):
        raise BadGraphQLRequestError("batches are not taken", hint="Send one request at a time.")
    return _asked(_object(body, "the request"), len(text), get=False)


def asked_of(found: Mapping[str, Any]) -> Asked:
    """What a message of a web socket asks. Raises `BadGraphQLRequestError`."""
    return _asked(found, len(orjson.dumps(found)), get=False)


def media_of(request: Request) -> str:
    """The media type of the answer that the client prefers."""
    return choose(request.headers.get("accept", "*/*"), (JSON, MEDIA)) or JSON


def _parameters(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("query", "documentId", "operationName", "variables", "extensions"):
        values = request.query_params.getlist(name)
        if len(values) > 1:
            raise BadGraphQLRequestError(f"`{name}` is given {len(values)} times")
        if values and (values[0] or name == "query"):
            parsed = name in ("variables", "extensions")
            found[name] = _json(values[0], f"`{name}`") if parsed else values[0]
    return found


def _asked(found: Mapping[str, Any], length: int, *, get: bool) -> Asked:
    query, operation = _text(found, "query"), _text(found, "operationName")
    variables, extensions = (_optional(found, name) for name in ("variables", "extensions"))
    if _depth_over([variables, extensions]):
        raise BadGraphQLRequestError(
            f"variables or extensions are nested more than {DEEPEST} levels deep"
        )
    persisted = extensions.get("persistedQuery")
    own = _text(found, "documentId")
    sha256 = own.removeprefix("sha256:") if own else None
    if isinstance(persisted, dict):
        sha256 = sha256 or _text(persisted, "sha256Hash")
    if query is None and sha256 is None:
        raise BadGraphQLRequestError("the request has no GraphQL query")
    return Asked(query, sha256, variables, operation, extensions, get, length)


def _text(found: Mapping[str, Any], name: str) -> str | None:
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        raise BadGraphQLRequestError(f"`{name}` is to be a string")
    return value


def _optional(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name)
    return {} if value is None else _object(value, f"`{name}`")


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadGraphQLRequestError(f"{name} is not a JSON object")
    return value


def _json(text: str | bytes, name: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError as error:
        raise BadGraphQLRequestError(f"{name} is not JSON: {error}") from error


def _depth_over(values: list[Any]) -> bool:
    """Whether anything is nested deeper than is allowed, level by level."""
    for _ in range(DEEPEST + 1):
        values = [
            inner
            for each in values
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not values:
            return False
    return True
