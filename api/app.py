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
from clausegraph.api.graphql_http import Endpoint
from clausegraph.api.limits import LimitBody, SecurityHeaders
from clausegraph.api.negotiation import choose
from clausegraph.api.problems import MEDIA_TYPE, Handler, handlers
from clausegraph.api.quoteservice import keep_warm
from clausegraph.api.releases import Releases
from clausegraph.api.render import render
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from clausegraph.api.sites import site_of
from clausegraph.api.sparql_pool import QueryPool
from clausegraph.ontology.iris import PREFIXES

log = logging.getLogger("clausegraph.app")
_KEPT = ("allow", "retry-after", "access-control-allow-origin")


def create_app(settings: Settings) -> Starlette:
    """The server of a data directory. Raises `NoReleaseError` where nothing is published."""
    served = Served(Releases(settings.data))
    app = Starlette(
        routes=[
            Route("/graphql", Endpoint(served, settings)),
            *sparql.routes(prefixes=PREFIXES),
            *linkeddata.routes(),
            *pages.routes(),
            *claimsite.routes(),
            *feeds.routes(),
            Mount("/static/vendor", StaticFiles(packages=[("clausegraph.api", "static/vendor")])),
            Route("/health", health),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(LimitBody, most=settings.max_body),
        ],
        exception_handlers={kind: readable(handler) for kind, handler in handlers().items()},
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.served = app.state.releases = served
    app.state.sparql_pool = QueryPool(
        workers=settings.sparql_workers, timeout=settings.sparql_seconds
    )
    return app


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
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await app.state.sparql_pool.close()


async def health(request: Request) -> Response:
    """Say which release answers."""
    release = request.app.state.served.current()
    return JSONResponse({"status": "ok", "release": release.id, "published": release.published})
