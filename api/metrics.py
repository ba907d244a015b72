"""Numbers for Prometheus at `/metrics`: requests, how long they took, refusals, the release.

What is kept in memory is counted by `clausegraph.api.cachemetrics`.

With several workers each writes its numbers to a folder (`PROMETHEUS_MULTIPROC_DIR`, which
`clausegraph serve --workers` sets), and whichever is asked tells those of all.
"""

from __future__ import annotations

import functools
import os
import time

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clausegraph.api.cachemetrics import observe
from clausegraph.api.problems import WATCHERS

ROUTES = ("graphql", "sparql", "id", "ns", "feeds", "graph", "claims", "coverage", "static")
"""First steps of paths that are told apart; the rest is `other`, whatever people make up."""
REQUESTS = Counter("clausegraph_requests", "Requests answered.", ("route", "status"))
SECONDS = Histogram(
    "clausegraph_request_seconds",
    "Time until the answer began.",
    ("route",),
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
INSIDE = Gauge(
    "clausegraph_requests_inside", "Requests worked on now.", multiprocess_mode="livesum"
)
WAITING = Gauge(
    "clausegraph_requests_waiting", "Requests that wait for their turn.",
    multiprocess_mode="livesum",
)  # fmt: skip
REFUSALS = Counter("clausegraph_refusals", "Requests refused or failed.", ("reason",))
RELEASE = Gauge(
    "clausegraph_release_triples", "Triples of the release served.", ("release",),
    multiprocess_mode="mostrecent",
)  # fmt: skip

_requests = functools.cache(REQUESTS.labels)  # a look-up of labels takes a lock
_seconds = functools.cache(SECONDS.labels)
WATCHERS.append(lambda code: REFUSALS.labels(code).inc())


class Metrics:
    """Counts requests, by route and status."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        route, start = route_of(scope["path"]), time.perf_counter()

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                _requests(route, message["status"]).inc()
                _seconds(route).observe(time.perf_counter() - start)
            await send(message)

        with INSIDE.track_inprogress():
            await self.app(scope, receive, count)


def route_of(path: str) -> str:
    """The name under which a path is counted."""
    first = path[1:].partition("/")[0]
    return first if first in ROUTES else "other"


async def metrics(request: Request) -> Response:
    """Tell the numbers of this process, or of all workers."""
    observe(request.app.state.served.reader)
    release = request.app.state.served.current()
    RELEASE.labels(release.id).set(release.triples)
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
