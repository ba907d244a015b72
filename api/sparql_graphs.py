"""Reading of SPARQL 1.1 Graph Store HTTP Protocol: one graph of the release, whole.

A graph is named by ``?graph=``, by ``?default`` (the union of all graphs, as in queries), or
directly by the address that is asked (section 4.1). Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from clausegraph.api.problems import BadParameterError, MethodNotAllowedError, respond
from clausegraph.api.sites import NotFoundError
from clausegraph.api.sparql_answers import (
    GRAPH_FORMATS,
    GRAPH_TYPES,
    HEADERS,
    GraphNames,
    address,
    etag,
    has,
    negotiate,
    while_connected,
)
from clausegraph.api.sparql_pool import Job
from clausegraph.ontology.errors import ClausegraphError

_METHODS = ("GET", "HEAD", "OPTIONS")
_ALLOW = {"Allow": ", ".join(_METHODS)}
_OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
_ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def routes(path: str, prefixes: Mapping[str, str]) -> list[Route]:
    """The graph store below the endpoint."""
    store = GraphStore(prefixes)
    return [Route(f"{path}/graphs", store), Route(f"{path}/graphs/{{name:path}}", store)]


class GraphStore:
    """The ASGI application of the graph store, for every method."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        """Shorten IRIs by these prefixes."""
        self.prefixes = prefixes
        self._names = GraphNames()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say in a problem document why not."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClausegraphError as error:
            refused = isinstance(error, MethodNotAllowedError)
            response = respond(error, _ALLOW if refused else None)
        response.headers.update(_OPEN)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_ALLOW)
        if request.method not in _METHODS:
            raise MethodNotAllowedError(
                f"{request.method} would write, and nothing is written here",
                hint="Read a graph with GET or HEAD.",
                value=request.method,
            )
        name = _asked(request)
        release, pool = request.app.state.releases.current(), request.app.state.sparql_pool
        if name is not None and name not in await self._names.of(pool, release):
            raise NotFoundError(
                f"release {release.id} has no graph {name}",
                hint="SELECT ?g { GRAPH ?g {} } names them all.",
                value=name,
            )
        named = request.query_params.get("format")
        media_type = negotiate(request, named, GRAPH_FORMATS, GRAPH_TYPES)
        headers = {**HEADERS, "ETag": etag("graph", release.id, name, media_type)}
        if has(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        graphs = () if name is None else (name,)
        job = Job(release.store_path, _ALL, media_type, graphs, prefixes=self.prefixes)
        answer = await while_connected(request, pool.run(job))
        return Response(answer.body, headers=headers, media_type=media_type)


def _asked(request: Request) -> str | None:
    """The IRI of the graph, None for the default graph. Raises `BadParameterError`."""
    graphs = request.query_params.getlist("graph")
    default = "default" in request.query_params
    direct = bool(request.path_params.get("name"))
    if len(graphs) + default + direct != 1:
        raise BadParameterError(
            "a request names one graph: by ?graph=, by ?default, or by its own address",
            hint="GET /sparql/graphs?graph= and the IRI of a graph, percent-encoded.",
        )
    if direct:
        return address(request)
    if default:
        return None
    try:
        return str(NamedNode(graphs[0]).value)
    except ValueError:
        raise BadParameterError(
            "graph is not an absolute IRI", hint="Give its full IRI.", value=graphs[0]
        ) from None
