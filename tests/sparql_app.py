"""A small application with `/sparql` alone, over a store made for the test, on a real port."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import uvicorn
from pyoxigraph import Literal, NamedNode, Quad, Store
from starlette.applications import Starlette

from clausegraph.api.problems import handlers
from clausegraph.api.sparql import routes
from clausegraph.api.sparql_pool import QueryPool

EX = "http://example.org/"
W3C_SUITE = Path(__file__).parents[1].parent / "shared" / "conformance"
w3c_suite = pytest.mark.skipif(
    not W3C_SUITE.is_dir(), reason="the tests of the W3C are not at ../shared/conformance"
)
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?c < ?f && ?f < ?i) }"


@dataclass(frozen=True)
class Release:
    """What the service asks of a release."""

    id: str
    store_path: Path


class Releases:
    """Holds the release that is current; a test may replace it."""

    def __init__(self, release: Release) -> None:
        """Serve this one."""
        self.release = release

    def current(self) -> Release:
        """The release that is served."""
        return self.release


def numbered(count: int) -> Iterator[Quad]:
    """Quads in three graphs, with a number each."""
    for number in range(count):
        yield Quad(
            NamedNode(f"{EX}s{number}"),
            NamedNode(f"{EX}number"),
            Literal(number),
            NamedNode(f"{EX}graph/{number % 3}"),
        )


def in_graph(quad: Quad, graph: str) -> Quad:
    """A statement, moved to a named graph."""
    return Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph))


def make_release(folder: Path, name: str, quads: Iterable[Quad]) -> Release:
    """Write a store and take a checkpoint of it, as publishing does."""
    store = Store(str(folder / f"{name}-writer"))
    store.bulk_extend(quads)
    store.flush()
    store.backup(str(folder / name))
    return Release(name, folder / name)


def make_app(release: Release, make_pool: Callable[[], QueryPool] = QueryPool) -> Starlette:
    """The application; its pool ends with it."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await app.state.sparql_pool.close()

    app = Starlette(routes=routes(), exception_handlers=handlers(), lifespan=lifespan)
    app.state.releases = Releases(release)
    app.state.sparql_pool = make_pool()
    return app


@contextlib.contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serve an application on loopback; gives the address of its endpoint."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/sparql"
    finally:
        server.should_exit = True
        thread.join(30)


class Canary(HTTPServer):
    """A server that counts who asks it; nobody may."""

    hits = 0

    @property
    def url(self) -> str:
        """An address that leads here."""
        return f"http://127.0.0.1:{self.server_port}/x"


class _Count(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Canary)
        self.server.hits += 1
        self.send_error(500)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def listening() -> Iterator[Canary]:
    """A canary on loopback."""
    with Canary(("127.0.0.1", 0), _Count) as canary:
        thread = threading.Thread(target=canary.serve_forever)
        thread.start()
        try:
            yield canary
        finally:
            canary.shutdown()
            thread.join()
