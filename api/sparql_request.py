"""Read a request of the SPARQL 1.1 Protocol, and refuse what the protocol does not allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl

from pyoxigraph import NamedNode
from starlette.requests import Request

from clausegraph.api.problems import (
    BadParameterError,
    MethodNotAllowedError,
    UnsupportedMediaTypeError,
)
from clausegraph.api.sparql_errors import UpdateRefusedError

QUERY_TYPE = "application/sparql-query"
FORM_TYPE = "application/x-www-form-urlencoded"
UPDATE_TYPE = "application/sparql-update"
METHODS = ("GET", "HEAD", "OPTIONS", "POST")
_OF_UPDATES = ("update", "using-graph-uri", "using-named-graph-uri")


@dataclass(frozen=True)
class QueryRequest:
    """What a client asks: a query (or none, for the service itself), its dataset and a format."""

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str | None
    explain: bool = False


async def read_request(request: Request) -> QueryRequest:
    """Read a GET, HEAD or POST request. Raises a `ClausegraphError` for a breach of protocol."""
    pairs = _pairs(request.scope["query_string"])
    if request.method == "POST":
        pairs += await _body(request)
    elif request.method not in METHODS:
        raise MethodNotAllowedError(
            f"{request.method} is not a method of a SPARQL endpoint",
            hint="Query with GET or POST.",
            value=request.method,
        )
    return _request(pairs, required=request.method == "POST")


def _request(pairs: list[tuple[str, str]], required: bool) -> QueryRequest:
    if any(key in _OF_UPDATES for key, _ in pairs):
        raise update_refused()
    query = _one(pairs, "query")
    if query is None and required:
        raise BadParameterError(
            "there is no query in the request", hint="Send it as the parameter `query`."
        )
    default = _graphs(pairs, "default-graph-uri")
    named = _graphs(pairs, "named-graph-uri")
    return QueryRequest(query, default, named, _one(pairs, "format"), _explain(pairs))


def _explain(pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether the query is to be explained instead of answered."""
    value = _one(pairs, "explain")
    if value not in (None, "true", "false"):
        raise BadParameterError(
            "explain is true or false", hint="Leave it out for the answer.", value=value
        )
    return value == "true"


def update_refused() -> UpdateRefusedError:
    """The refusal of whatever would write."""
    return UpdateRefusedError(
        "this endpoint only answers queries; nothing can be written through it",
        hint="Load data with `clausegraph load` and publish a release.",
    )


async def _body(request: Request) -> list[tuple[str, str]]:
    """The parameters in the body of a POST; a query sent as it is counts as one."""
    kind, charset = _content_type(request.headers.get("content-type", ""))
    if kind not in (QUERY_TYPE, FORM_TYPE, UPDATE_TYPE) or charset not in ("utf-8", "us-ascii"):
        raise UnsupportedMediaTypeError(
            "the body has no content type that this endpoint reads",
            hint=f"Send {QUERY_TYPE} or {FORM_TYPE}, in UTF-8.",
            value=request.headers.get("content-type"),
        )
    if kind == UPDATE_TYPE:
        raise update_refused()
    body = await request.body()
    return _pairs(body) if kind == FORM_TYPE else [("query", _text(body))]


def _content_type(header: str) -> tuple[str, str]:
    """Media type and character set of a Content-Type header."""
    message = Message()
    message["Content-Type"] = header or "missing"
    known = header.partition(";")[0].strip().lower()
    return known, str(message.get_content_charset("utf-8")).lower().replace("utf8", "utf-8")


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(_text(encoded), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise _not_utf8() from error


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8() from error


def _not_utf8() -> BadParameterError:
    return BadParameterError("the request is not in UTF-8", hint="Encode it in UTF-8.")


def _one(pairs: Iterable[tuple[str, str]], name: str) -> str | None:
    """The value of a parameter that may stand once."""
    values = [value for key, value in pairs if key == name]
    if len(values) > 1:
        raise BadParameterError(
            f"the parameter {name} stands {len(values)} times in the request",
            hint="Send one request for each.",
            value=name,
        )
    return values[0] if values else None


def _graphs(pairs: Iterable[tuple[str, str]], name: str) -> tuple[str, ...]:
    iris = tuple(value for key, value in pairs if key == name)
    for iri in iris:
        try:
            NamedNode(iri)
        except ValueError:
            raise BadParameterError(
                f"{name} is not an absolute IRI: {iri}",
                hint="Name a graph by its full IRI.",
                value=iri,
            ) from None
    return iris
