"""`/sparql`: SPARQL 1.1 Protocol over the current release, for reading only.

A query is answered whole or refused with a problem document; no answer is ever cut. Without a
query the endpoint describes itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from clausegraph.api import sparql_editor, sparql_examples, sparql_graphs
from clausegraph.api.problems import MethodNotAllowedError, respond
from clausegraph.api.sparql_answers import (
    FRAME_FORMATS,
    GRAPH_FORMATS,
    GRAPH_TYPES,
    HEADERS,
    TABLE_FORMATS,
    GraphNames,
    Release,
    address,
    etag,
    has,
    negotiate,
    while_connected,
)
from clausegraph.api.sparql_description import describe
from clausegraph.api.sparql_explain import EXPLAIN, text
from clausegraph.api.sparql_guard import is_volatile, query_form
from clausegraph.api.sparql_pool import Job, QueryPool
from clausegraph.api.sparql_request import METHODS, QueryRequest, read_request, update_refused
from clausegraph.ontology.errors import ClausegraphError

_ROWS = TABLE_FORMATS | FRAME_FORMATS
# What clients ask for who do not know the proper names.
_TABLE_TYPES = (*TABLE_FORMATS.values(), "application/json", "application/xml")
_ROW_TYPES = (*_TABLE_TYPES, *FRAME_FORMATS.values())
_EXPLANATIONS = {"json": "application/json", "text": "text/plain"}
_HTML = "text/html"
_IRI = "%/:=&?~#+!$,;'@()*[]"  # what an IRI may hold besides letters and digits

UNKNOWN = "Clausegraph-Unknown-Graphs"
"""Names the graphs of a query's dataset that the release does not hold, and which are empty."""

_OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": f"ETag, Retry-After, {UNKNOWN}",
}
_PREFLIGHT = {
    "Allow": ", ".join(METHODS),
    "Accept-Post": "application/sparql-query, application/x-www-form-urlencoded",
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def routes(path: str = "/sparql", prefixes: Mapping[str, str] | None = None) -> list[Route]:
    """The routes of the SPARQL service; `prefixes` need no declaration in a query."""
    known = prefixes or {}
    return [
        Route(path, Endpoint(known), name="sparql"),
        *sparql_examples.routes(path, known),
        *sparql_graphs.routes(path, known),
    ]


class Endpoint:
    """The ASGI application of `/sparql`, for every method.

    It finds the releases at `app.state.releases` and the workers at `app.state.sparql_pool`.
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        """Let queries and graphs use these prefixes."""
        self.prefixes = prefixes
        self._graphs = GraphNames()

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
        if EXPLAIN in request.headers.get("accept", ""):
            asked = replace(asked, explain=True)
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
        headers = {**HEADERS}
        cacheable = (
            request.method != "POST"
            and not asked.explain
            and not is_volatile(query)
            and not pool.limits.services
        )
        if cacheable:
            headers["ETag"] = _tag(release.id, media_type, address(request), asked)
            if has(request, headers["ETag"]):
                return Response(status_code=304, headers=headers)
        job = Job(
            store_path=release.store_path,
            query=query,
            media_type=media_type,
            default_graphs=asked.default_graphs,
            named_graphs=asked.named_graphs,
            base=address(request),
            prefixes=self.prefixes,
            explain=asked.explain,
        )
        answer = await while_connected(request, pool.run(job))
        if answer.unknown:
            headers[UNKNOWN] = _listed(answer.unknown)
        body: bytes | str = answer.body
        if asked.explain and media_type == _EXPLANATIONS["text"]:
            body = text(json.loads(body))
        return Response(body, headers=headers, media_type=answer.media_type)

    async def _about(self, request: Request, asked: QueryRequest, release: Release) -> Response:
        """Describe the service, or show the form."""
        media_type = negotiate(request, asked.format, GRAPH_FORMATS, (*GRAPH_TYPES, _HTML))
        headers = {**HEADERS}
        if media_type == _HTML:
            page = sparql_editor.page(self.prefixes)
            headers["Content-Security-Policy"] = sparql_editor.POLICY
            return Response(page, headers=headers, media_type=_HTML)
        headers["ETag"] = _tag(release.id, media_type, address(request), asked)
        if has(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        pool: QueryPool = request.app.state.sparql_pool
        graphs = await self._graphs.of(pool, release)
        federated = bool(pool.limits.services)
        content = describe(address(request), graphs, media_type, federated)
        return Response(content, headers=headers, media_type=media_type)


def _listed(graphs: Iterable[str]) -> str:
    """Graphs as a header lists them, each in angle brackets; no more than a line of them."""
    found = ", ".join(f"<{quote(each, safe=_IRI)}>" for each in graphs)
    return found if len(found) <= 1_000 else found[:1_000].rpartition(",")[0] + ", ..."


def _media_type(request: Request, asked: QueryRequest, query: str) -> str:
    """The media type of a query's answer. A text that is no query gets one, too, to be refused."""
    form = query_form(query)
    if form == "UPDATE":
        raise update_refused()
    if asked.explain:
        return negotiate(request, asked.format, _EXPLANATIONS, (*_EXPLANATIONS.values(), EXPLAIN))
    if form in ("CONSTRUCT", "DESCRIBE"):
        return negotiate(request, asked.format, GRAPH_FORMATS, GRAPH_TYPES)
    if form == "SELECT":
        return negotiate(request, asked.format, _ROWS, _ROW_TYPES)
    return negotiate(request, asked.format, TABLE_FORMATS, _TABLE_TYPES)


def _tag(release: str, media_type: str, endpoint: str, asked: QueryRequest) -> str:
    """The validator of an answer."""
    return etag(
        release, media_type, endpoint, asked.query, asked.default_graphs, asked.named_graphs
    )
