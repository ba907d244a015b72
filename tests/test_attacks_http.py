"""Hostile clients of a real server on loopback, and bodies that nobody would send on purpose."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis.strategies as st
import pytest
import uvicorn
from graphql import print_schema
from hypothesis import HealthCheck, example, given, settings
from hypothesis_graphql import queries
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from clausegraph.api.app import create_app
from clausegraph.api.connections import Patient
from clausegraph.api.schema import build
from clausegraph.api.settings import Settings
from tests.processes import free_port, get, serving

HEAD = b"GET /health HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(scope="module")
def url(data: Path) -> Iterator[str]:
    """A server that waits half a second for a head."""
    with serving(data, head_seconds=0.5, body_seconds=0.5, rate=0) as (found, _):
        yield found


@contextlib.contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """A bare connection to a server."""
    parts = urlsplit(url)
    assert parts.hostname
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=20) as wire:
        yield wire


def ended(wire: socket.socket, seconds: float = 15.0) -> bytes:
    """What comes until the server ends the connection; fails where it does not."""
    found, end = b"", time.monotonic() + seconds
    wire.settimeout(seconds)
    while time.monotonic() < end:
        try:
            part = wire.recv(65_536)
        except ConnectionError:
            return found
        if not part:
            return found
        found += part
    raise AssertionError("the server keeps the connection")


@pytest.mark.parametrize("sent", [b"", b"GET /hea", HEAD, HEAD + b"X-A: b\r\n"])
def test_half_a_head_is_not_waited_for(url: str, sent: bytes) -> None:
    """A connection that says nothing, or not all, is closed."""
    with connected(url) as wire:
        wire.sendall(sent)
        assert ended(wire) == b""


@pytest.mark.parametrize("drip", [b"X-A: b\r\n", b"\r\n"])
def test_dripping_does_not_help(url: str, drip: bytes) -> None:
    """Neither a line now and then nor empty lines after an answer keep a connection."""
    with connected(url) as wire:
        wire.sendall(HEAD + b"\r\n")
        assert wire.recv(65_536).startswith(b"HTTP/1.1 200")
        wire.settimeout(0.1)
        end = time.monotonic() + 15
        with contextlib.suppress(ConnectionError):
            wire.sendall(HEAD if drip != b"\r\n" else drip)
            while time.monotonic() < end:
                with contextlib.suppress(TimeoutError):
                    if not wire.recv(65_536):
                        break
                wire.sendall(drip)
        assert time.monotonic() < end


def test_a_body_that_is_refused_is_not_read_on(url: str) -> None:
    """A slow client that goes on after its 413 is left alone."""
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"
    with connected(url) as wire:
        wire.sendall(head)
        assert wire.recv(65_536).startswith(b"HTTP/1.1 413")
        wire.settimeout(0.1)
        end = time.monotonic() + 15
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < end:
                with contextlib.suppress(TimeoutError):
                    if not wire.recv(65_536):
                        break
                wire.sendall(b" ")
        assert time.monotonic() < end


def test_a_client_that_does_not_read_is_left(url: str) -> None:
    """Who asks for much and takes nothing loses the connection; the next is answered."""
    ask = b"GET /ns HTTP/1.1\r\nHost: x\r\nAccept: text/turtle\r\n\r\n"
    with connected(url) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.settimeout(0.2)
        end = time.monotonic() + 20
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < end:
                with contextlib.suppress(TimeoutError):
                    wire.sendall(ask * 200)
                time.sleep(0.05)
        assert time.monotonic() < end, "the server keeps the connection"
    assert get(f"{url}/health")["status"] == "ok"


@pytest.mark.parametrize("size", [70_000, 2_000_000])
@pytest.mark.parametrize("whole", [True, False])
def test_a_large_head_is_refused(url: str, size: int, whole: bool) -> None:
    """With an end or without one."""
    with connected(url) as wire:
        found = b""
        with contextlib.suppress(ConnectionError):
            wire.sendall(HEAD + b"X: " + b"a" * size + (b"\r\n\r\n" if whole else b""))
            found = ended(wire)
    assert found == b"" or found.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))


def test_many_requests_in_a_row_are_answered(url: str) -> None:
    """Five hundred pipelined requests get as many answers, in order."""
    count, found = 500, b""
    with connected(url) as wire:
        last = HEAD + b"Connection: close\r\n\r\n"
        wire.sendall((HEAD + b"\r\n") * (count - 1) + last)
        found = ended(wire)
    assert found.count(b"HTTP/1.1 200 OK") == count


@pytest.mark.parametrize(
    "framing",
    [b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding: xchunked\r\n",
     b"Transfer-Encoding : chunked\r\n", b"Content-Length: +4\r\n",
     b"Content-Length: 4\r\nContent-Length: 44\r\n", b"Content-Length: 4, 44\r\n"],
)  # fmt: skip
def test_nothing_is_smuggled(url: str, framing: bytes) -> None:
    """Of an ambiguous body no second request is made that has an answer of its own."""
    second = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    with connected(url) as wire:
        wire.sendall(b"POST /graphql HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n0\r\n\r\n" + second)
        found = ended(wire)
    assert b"/smuggled" not in found
    assert b" 200 OK" not in found
    assert found == b"" or found.startswith(b"HTTP/1.1 4")


async def echo(socket: WebSocket) -> None:
    """Send back what comes."""
    await socket.accept()
    await socket.send_text(await socket.receive_text())


def test_a_web_socket_is_no_half_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be silent for longer than a head may take."""
    websockets = pytest.importorskip("websockets.sync.client", reason="websockets is missing")
    monkeypatch.setattr(Patient, "seconds", 0.2)
    port = free_port()
    app = Starlette(routes=[WebSocketRoute("/echo", echo)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, http=Patient, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        with websockets.connect(f"ws://127.0.0.1:{port}/echo") as wire:
            time.sleep(0.6)
            wire.send("still here")
            assert wire.recv(timeout=10) == "still here"
    finally:
        server.should_exit = True
        thread.join(20)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
VALUES = st.recursive(
    LEAVES,
    lambda some: (
        st.lists(some, max_size=4) | st.dictionaries(st.text(max_size=10), some, max_size=4)
    ),
    max_leaves=12,
)
SCHEMA = print_schema(build()._schema)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A body: right, nearly right, or nothing of the kind."""
    query = st.text(max_size=80) | queries(SCHEMA) | VALUES
    parts = {"query": query, "variables": VALUES, "operationName": VALUES, "extensions": VALUES}
    body = draw(st.fixed_dictionaries({}, optional=parts) | VALUES)
    text = json.dumps(body).encode()
    cut = draw(st.integers(0, len(text)) | st.just(len(text)))
    return draw(st.just(text[:cut]) | st.binary(max_size=200))


KINDS = st.sampled_from(["application/json", "application/graphql", "text/plain", "",
                         "application/json; charset=utf-16", "multipart/form-data"])  # fmt: skip


def test_no_body_makes_the_server_fail(data: Path) -> None:
    """Five hundred bodies, from random bytes to documents of the schema: no 5xx."""
    statuses: set[int] = set()

    @settings(max_examples=500, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(body=bodies(), kind=KINDS)
    @example(body=b'{"query": "{ __typename }"}', kind="application/json")
    def ask(body: bytes, kind: str) -> None:
        answer = client.post("/graphql", content=body, headers={"content-type": kind})
        statuses.add(answer.status_code)
        assert answer.status_code < 500, (body, answer.text)

    app = create_app(Settings(data=data, rate=0))
    with TestClient(app, raise_server_exceptions=False) as client:
        ask()
    assert {200, 400, 415} <= statuses
