"""`/sparql`: SPARQL 1.1 Protocol over the current release, for reading only.

A query is answered whole or refused with a problem document; no answer is ever cut. Without a
query the endpoint describes itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from clausegraph.api.negotiation import choose
from clausegraph.api.problems import (
    BadParameterError,
    MethodNotAllowedError,
    NotAcceptableError,
    respond,
)
from clausegraph.api.sparql_description import PAGE, describe
from clausegraph.api.sparql_errors import worker_lost
from clausegraph.api.sparql_guard import is_volatile, query_form
from clausegraph.api.sparql_pool import Job, QueryPool
from clausegraph.api.sparql_request import METHODS, QueryRequest, read_request, update_refused
from clausegraph.ontology.errors import ClausegraphError

T = TypeVar("T")

TABLE_FORMATS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
GRAPH_FORMATS = {
    "turtle": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "json": "application/ld+json",
    "xml": "application/rdf+xml",
}
# What clients ask for who do not know the proper names.
_TABLE_TYPES = (*TABLE_FORMATS.values(), "application/json", "application/xml")
_GRAPH_TYPES = tuple(dict.fromkeys(GRAPH_FORMATS.values()))
_HTML = "text/html"

_OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After",
}
_PREFLIGHT = {
    "Allow": ", ".join(METHODS),
    "Accept-Post": "application/sparql-query, application/x-www-form-urlencoded",
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class Release(Protocol):
    """What is asked of a release."""

    @property
    def id(self) -> str:
        """Its identifier."""

    @property
    def store_path(self) -> Path:
        """Its checkpoint."""


def routes(path: str = "/sparql", prefixes: Mapping[str, str] | None = None) -> list[Route]:
    """The routes of the SPARQL service; `prefixes` need no declaration in a query."""
    return [Route(path, Endpoint(prefixes or {}), name="sparql")]


class Endpoint:
    """The ASGI application of `/sparql`, for every method.

    It finds the releases at `app.state.releases` and the workers at `app.state.sparql_pool`.
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        """Let queries and graphs use these prefixes."""
        self.prefixes = prefixes
        self._graphs: tuple[str, list[str]] = ("", [])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say in a problem document why not."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClausegraphError as error:
            allow = {"Allow": _PREFLIGHT["Allow"]}
            response = respond(error, allow if isinstance(error, MethodNotAllowedError) else None)
        response.headers.update(_OPEN)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        asked = await read_request(request)
        release: Release = request.app.state.releases.current()
        if asked.query is None:
            return await self._about(request, asked, release)
        return await self._answer(request, asked, asked.query, release)

    async def _answer(
        self, request: Request, asked: QueryRequest, query: str, release: Release
    ) -> Response:
        """Answer a query."""
        pool: QueryPool = request.app.state.sparql_pool
        media_type = _media_type(request, asked, query)
        headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
        cacheable = request.method != "POST" and not is_volatile(query) and not pool.limits.services
        if cacheable:
            headers["ETag"] = _etag(release.id, media_type, _endpoint(request), asked)
            if _has(request, headers["ETag"]):
                return Response(status_code=304, headers=headers)
        job = Job(
            store_path=release.store_path,
            query=query,
            media_type=media_type,
            default_graphs=asked.default_graphs,
            named_graphs=asked.named_graphs,
            base=_endpoint(request),
            prefixes=self.prefixes,
        )
        answer = await _while_connected(request, pool.run(job))
        return Response(answer.body, headers=headers, media_type=answer.media_type)

    async def _about(self, request: Request, asked: QueryRequest, release: Release) -> Response:
        """Describe the service, or show the form."""
        media_type = _negotiate(request, asked.format, GRAPH_FORMATS, (*_GRAPH_TYPES, _HTML))
        headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
        if media_type == _HTML:
            return Response(PAGE, headers=headers, media_type=_HTML)
        headers["ETag"] = _etag(release.id, media_type, _endpoint(request), asked)
        if _has(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        pool: QueryPool = request.app.state.sparql_pool
        graphs = await self._named_graphs(pool, release)
        federated = bool(pool.limits.services)
        content = describe(_endpoint(request), graphs, media_type, federated)
        return Response(content, headers=headers, media_type=media_type)

    async def _named_graphs(self, pool: QueryPool, release: Release) -> list[str]:
        """The names of a release's graphs; asked for once."""
        if self._graphs[0] != release.id:
            job = Job(release.store_path, "SELECT ?g { GRAPH ?g {} }", TABLE_FORMATS["json"])
            rows = json.loads((await pool.run(job)).body)["results"]["bindings"]
            self._graphs = (release.id, [row["g"]["value"] for row in rows])
        return self._graphs[1]


def _media_type(request: Request, asked: QueryRequest, query: str) -> str:
    """The media type of a query's answer. A text that is no query gets one, too, to be refused."""
    form = query_form(query)
    if form == "UPDATE":
        raise update_refused()
    if form in ("CONSTRUCT", "DESCRIBE"):
        return _negotiate(request, asked.format, GRAPH_FORMATS, _GRAPH_TYPES)
    return _negotiate(request, asked.format, TABLE_FORMATS, _TABLE_TYPES)


def _negotiate(
    request: Request, named: str | None, formats: Mapping[str, str], offered: Sequence[str]
) -> str:
    """The media type that the parameter `format` names, or else the one that Accept prefers."""
    if named is not None:
        if named in formats:
            return formats[named]
        raise BadParameterError(
            f"this answer has no format {named!r}",
            hint=f"Choose one of {', '.join(sorted(formats))}.",
            value=named,
        )
    chosen = choose(", ".join(request.headers.getlist("accept")), offered)
    if chosen is None:
        raise NotAcceptableError(
            "this answer is in no media type that Accept names",
            hint=f"Accept one of {', '.join(offered)}.",
            value=list(offered),
        )
    return chosen


def _endpoint(request: Request) -> str:
    """The address that was asked, without a query: base of relative IRIs, name of the service."""
    return str(request.url.replace(query="", fragment=""))


def _etag(release: str, media_type: str, endpoint: str, asked: QueryRequest) -> str:
    """A weak validator: rows without ORDER BY and blank nodes may come in another order."""
    graphs = [asked.default_graphs, asked.named_graphs]
    parts = json.dumps([release, media_type, endpoint, asked.query, *graphs])
    return f'W/"{hashlib.sha256(parts.encode()).hexdigest()[:32]}"'


def _has(request: Request, etag: str) -> bool:
    """Whether the client holds the answer already."""
    held = ",".join(request.headers.getlist("if-none-match")).split(",")
    return etag.removeprefix("W/") in (each.strip().removeprefix("W/") for each in held)


async def _while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Do work for a client; when the client goes, the work is given up."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise worker_lost("the client went before there was an answer")
    finally:
        gone.cancel()
        task.cancel()


async def _gone(request: Request) -> None:
    """Wait until the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
