"""The application: every route, limit and error handler in one expression."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from clausegraph.api import claimsite, feeds, linkeddata, pages, sparql
from clausegraph.api.admission import Admission
from clausegraph.api.cachemetrics import keep_counting
from clausegraph.api.compression import Compress
from clausegraph.api.crossorigin import CrossOrigin
from clausegraph.api.endpointrelease import EndpointModeError, releases_of
from clausegraph.api.errors import NoReleaseError
from clausegraph.api.failures import Failures
from clausegraph.api.graphql_federation import endpoint_of
from clausegraph.api.graphql_http import Endpoint
from clausegraph.api.graphql_streams import Streams
from clausegraph.api.limits import LimitBody, SecurityHeaders
from clausegraph.api.metrics import Metrics, metrics
from clausegraph.api.negotiation import choose
from clausegraph.api.problems import MEDIA_TYPE, Handler, handlers
from clausegraph.api.quoteservice import keep_warm
from clausegraph.api.ratelimit import RateLimit
from clausegraph.api.render import render
from clausegraph.api.requestlog import RequestLog
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from clausegraph.api.sites import site_of
from clausegraph.api.sparql_pool import QueryPool
from clausegraph.api.telemetry import Spans
from clausegraph.ontology.iris import PREFIXES

log = logging.getLogger("clausegraph.app")
_KEPT = ("allow", "retry-after", "access-control-allow-origin")


def create_app(settings: Settings) -> Starlette:
    """The server of a data directory. Raises `NoReleaseError` where nothing is published."""
    served = Served(releases_of(settings))
    graphql = endpoint_of(served, settings) if settings.federation else Endpoint(served, settings)
    app = Starlette(
        routes=[
            Route("/graphql", graphql),
            *Streams(graphql).routes(),
            *(elsewhere() if settings.endpoint else sparql.routes(prefixes=PREFIXES)),
            *linkeddata.routes(),
            *pages.routes(),
            *claimsite.routes(),
            *feeds.routes(),
            Mount("/static/vendor", StaticFiles(packages=[("clausegraph.api", "static/vendor")])),
            Route("/health", health),
            Route("/ready", ready),
            Route("/metrics", metrics),
        ],
        middleware=middleware(settings),
        exception_handlers={kind: readable(handler) for kind, handler in handlers().items()},
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.served = app.state.releases = served
    app.state.sparql_pool = QueryPool(
        workers=settings.sparql_workers,
        timeout=settings.sparql_seconds,
        services=settings.sparql_services.split(),
    )
    return app


def elsewhere() -> list[Route]:
    """What is at `/sparql` where another server has the triples: where to ask."""

    async def refuse(request: Request) -> Response:
        raise EndpointModeError(
            "this server reads from a SPARQL endpoint and answers no SPARQL itself",
            hint="Ask the endpoint that it was started with.",
        )

    methods = ["GET", "HEAD", "POST"]
    return [Route("/sparql", refuse, methods=methods)]


def middleware(settings: Settings) -> list[Middleware]:
    """What every request passes, from the outside in."""
    share = max(1, settings.workers)  # each worker counts for itself
    points = {"rate": settings.rate / share, "burst": settings.burst / share}
    return [
        Middleware(RequestLog),
        Middleware(Metrics),
        *([Middleware(Spans)] if settings.telemetry else []),
        Middleware(SecurityHeaders),
        Middleware(CrossOrigin, origins=settings.origins),
        Middleware(Failures),
        Middleware(RateLimit, proxies=settings.proxies, **points),
        Middleware(LimitBody, most=settings.max_body, seconds=settings.body_seconds),
        Middleware(
            Admission,
            at_once=settings.at_once,
            queue=settings.queue,
            patience=settings.patience,
        ),
        Middleware(Compress),
    ]


def readable(handler: Handler) -> Handler:
    """Show a problem as a page to whoever prefers HTML, and as a document to everybody else."""

    async def handle(request: Request, error: Exception) -> Response:
        response = await handler(request, error)
        offered = (MEDIA_TYPE, "application/json", "text/html")
        if choose(request.headers.get("accept", ""), offered) != "text/html":
            return response
        problem = orjson.loads(bytes(response.body))
        title = f"{problem['status']} {problem['title']}"
        page = render("problem.html", site_of(request), title=title, problem=problem)
        headers = {key: value for key, value in response.headers.items() if key in _KEPT}
        return HTMLResponse(page, response.status_code, headers)

    return handle


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Watch for newer releases and index their texts while serving; leave no worker behind."""
    settings, served = app.state.settings, app.state.served
    app.state.sparql_pool.start()
    tasks = [
        asyncio.create_task(served.watch(settings.watch_seconds)),
        asyncio.create_task(keep_warm(served, settings.quote_characters, settings.watch_seconds)),
        asyncio.create_task(keep_counting(served, settings.watch_seconds)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await app.state.sparql_pool.close()


async def health(request: Request) -> Response:
    """Say that the process lives, and which release it holds; nothing is read."""
    release = request.app.state.served.current()
    return JSONResponse({"status": "ok", "release": release.id, "published": release.published})


async def ready(request: Request) -> Response:
    """Say whether questions are answered: that the release can be read. Raises `StoreError`."""
    served = request.app.state.served
    if not served.reader.ids("SourceFile"):
        raise NoReleaseError("the release cannot be read", hint="Publish again.")
    return JSONResponse({"status": "ready", "release": served.current().id})
