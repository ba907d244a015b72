"""Subscriptions over event streams and web sockets, by real clients of a real server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from clausegraph.api.demonstration import load_demonstration
from clausegraph.api.graphql_http import Endpoint
from clausegraph.api.graphql_streams import PATH, StreamLimits, Streams
from clausegraph.api.publish import publish
from clausegraph.api.releases import Releases
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from tests.processes import free_port
from tests.test_graphql_conformance import scratch

PUBLISHED = "subscription { releasePublished { id triples } }"
CHANGES = """subscription { changes(filter: {silent: null}) {
    totalCount release { id } nodes { id significance document { label } } } }"""
NONE = 'subscription { changes(filter: {text: "nowhere-at-all"}) { totalCount } }'


@dataclass
class Running:
    """A server in this process, and the two releases between which it moves."""

    url: str
    own: Releases
    served: Served
    streams: Streams
    releases: tuple[Any, Any]

    def move(self, to: int) -> str:
        """Serve a release."""
        release = self.releases[to]
        self.own.serve(release)
        self.served.move()
        assert self.served.current().id == release.id
        return str(release.id)

    @property
    def socket(self) -> str:
        """The address of its web socket."""
        return self.url.replace("http", "ws", 1)


@pytest.fixture(scope="module")
def own(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Any, Any]]:
    """A data directory with two releases: the law, and the law with the demonstration."""
    path = tmp_path_factory.mktemp("streams") / "data"
    shutil.copytree(data, path)
    releases = Releases(path)
    before = releases.current()
    load_demonstration(path)
    publish(path)
    return path, (before, releases.current())


@contextlib.contextmanager
def running(own: tuple[Path, tuple[Any, Any]], **limits: int) -> Iterator[Running]:
    """A server that serves the first release."""
    path, releases = own
    served = Served(Releases(path))
    endpoint = Endpoint(served, Settings(data=path))
    streams = Streams(endpoint)
    streams.limits = StreamLimits(**limits)
    app = Starlette(routes=[*streams.routes(), Route("/graphql", endpoint)])
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        found = Running(f"http://127.0.0.1:{port}{PATH}", Releases(path), served, streams, releases)
        found.move(0)
        yield found
    finally:
        server.should_exit = True
        thread.join()


async def until(condition: Any) -> None:
    """Wait for what another thread does."""
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def settled() -> None:
    """Let what was subscribed to begin to wait."""
    await asyncio.sleep(0.5)


async def greeted(url: str) -> ClientConnection:
    """A socket after its handshake."""
    socket = await connect(url, subprotocols=[Subprotocol("graphql-transport-ws")])
    await socket.send('{"type": "connection_init"}')
    assert json.loads(await socket.recv()) == {"type": "connection_ack"}
    return socket


async def subscribe(socket: ClientConnection, id_: str, query: str, **more: Any) -> None:
    """Subscribe to a document."""
    payload = {"query": query, **more}
    await socket.send(json.dumps({"id": id_, "type": "subscribe", "payload": payload}))


def test_a_release_is_told_over_a_socket(own: Any) -> None:
    """Each subscription is told of what it asked for, and one that nothing passes of nothing."""

    async def ask(server: Running) -> None:
        socket = await greeted(server.socket)
        for id_, query in (("p", PUBLISHED), ("c", CHANGES), ("n", NONE)):
            await subscribe(socket, id_, query)
        await settled()
        release = server.move(1)
        told = [json.loads(await asyncio.wait_for(socket.recv(), 30)) for _ in range(2)]
        found = {each["id"]: each["payload"]["data"] for each in told}
        assert found["p"]["releasePublished"]["id"] == release
        changes = found["c"]["changes"]
        assert changes["release"] == {"id": release}
        assert changes["totalCount"] == len(changes["nodes"]) > 0
        await socket.send('{"type": "complete", "id": "p"}')
        await socket.send('{"type": "ping"}')
        assert json.loads(await socket.recv()) == {"type": "pong"}
        server.move(0)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 1)
        await socket.close()
        await until(lambda: server.streams.open == 0)

    with running(own) as server:
        asyncio.run(ask(server))


def test_changes_are_told_as_events(own: Any) -> None:
    """As the protocol of graphql-sse writes them; a client that goes is no longer counted."""

    async def ask(server: Running) -> None:
        async with (
            httpx.AsyncClient(timeout=30) as client,
            client.stream("POST", server.url, json={"query": CHANGES}) as answer,
        ):
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            assert await anext(lines) == ":"
            await settled()
            assert server.streams.open == 1
            release = server.move(1)
            told = [line async for line in _some(lines, 3)]
        assert told[0] == ""
        assert told[1] == "event: next"
        data = json.loads(told[2].removeprefix("data: "))
        assert data["data"]["changes"]["release"]["id"] == release
        await until(lambda: server.streams.open == 0)

    with running(own) as server:
        asyncio.run(ask(server))


async def _some(lines: Any, count: int) -> Any:
    for _ in range(count):
        yield await anext(lines)


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["no json"], 4400),
        (['{"type": "nothing"}'], 4400),
        ([b"\x00"], 4400),
        (['{"id": "a", "type": "subscribe", "payload": {"query": "{a}"}}'], 4401),
        (['{"type": "connection_init"}'] * 2, 4429),
        (['{"type": "connection_init"}', '{"type": "subscribe", "payload": {}}'], 4400),
        (['{"type": "ping", "payload": "' + "x" * 1_100_000 + '"}'], 1009),
    ],
)  # fmt: skip
def test_what_is_not_the_protocol_closes_the_socket(
    own: Any, messages: list[str | bytes], code: int
) -> None:
    """With the code that the protocol has for it."""

    async def ask(server: Running) -> int | None:
        socket = await connect(server.socket, subprotocols=[Subprotocol("graphql-transport-ws")])
        for message in messages:
            await socket.send(message)
        await asyncio.wait_for(socket.wait_closed(), 30)
        return socket.close_code

    with running(own) as server:
        assert asyncio.run(ask(server)) == code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ release { id } }", "bad-graphql-request"),
        ("subscription { nothing }", "invalid-query"),
        ("subscription { releasePublished { id } changes { totalCount } }", "invalid-query"),
        ("subscription {" + "x" * 10, "invalid-query"),
    ],
)
def test_what_cannot_be_subscribed_to_is_refused(own: Any, query: str, code: str) -> None:
    """Both ways, and a socket stays open for other subscriptions."""

    async def ask(server: Running) -> None:
        socket = await greeted(server.socket)
        await subscribe(socket, "a", query)
        told = json.loads(await socket.recv())
        assert (told["type"], told["id"]) == ("error", "a")
        assert told["payload"][0]["extensions"]["code"] == code
        await subscribe(socket, "a", PUBLISHED)
        await settled()
        server.move(1)
        assert json.loads(await socket.recv())["type"] == "next"
        await socket.close()

    with running(own) as server:
        answer = httpx.post(server.url, json={"query": query})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == code
        asyncio.run(ask(server))


def test_a_filter_that_names_what_is_not_there_is_told(own: Any) -> None:
    """At once, and the subscription ends: it would never be told of anything."""
    query = 'subscription { changes(filter: {platform: ["nobody"]}) { totalCount } }'
    with running(own) as server:
        lines = httpx.post(server.url, json={"query": query}, timeout=30).text.split("\n")

    assert lines[2] == "event: next"
    told = json.loads(lines[3].removeprefix("data: "))
    assert told["errors"][0]["extensions"]["code"] == "unknown-id"
    assert lines[5] == "event: complete"


def test_streams_are_limited(own: Any) -> None:
    """Connections of the server, and subscriptions of one socket."""

    async def ask(server: Running) -> None:
        socket = await greeted(server.socket)
        async with httpx.AsyncClient() as client:
            answer = await client.post(server.url, json={"query": PUBLISHED})
        assert answer.status_code == 503
        for id_ in "ab":
            await subscribe(socket, id_, PUBLISHED)
        await subscribe(socket, "c", PUBLISHED)
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4429
        await until(lambda: server.streams.open == 0)

    with running(own, connections=1, subscriptions=2) as server:
        asyncio.run(ask(server))


def test_a_subscription_is_never_asked_by_get(own: Any) -> None:
    """Neither at the stream nor at the endpoint."""
    with running(own) as server:
        for url in (server.url, server.url.removesuffix("/stream")):
            answer = httpx.get(url, params={"query": PUBLISHED})
            assert answer.status_code == 405, answer.text


CLIENTS = {
    "graphql-ws": """
import {createClient} from 'graphql-ws';
import WebSocket from 'ws';
const client = createClient(
  {url: process.argv[2].replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0});
""",
    "graphql-sse": """
import {createClient} from 'graphql-sse';
const client = createClient({url: process.argv[2], retryAttempts: 0});
""",
}
SUBSCRIBES = """
setTimeout(() => console.log('waiting'), 1500);
for await (const result of client.iterate({query: process.argv[3]})) {
  console.log(JSON.stringify(result));
  break;
}
client.dispose();
process.exit(0);
"""


@pytest.mark.parametrize("package", CLIENTS)
def test_the_usual_clients_are_told(own: Any, package: str) -> None:
    """npm's clients of both protocols."""
    folder = scratch(package, "graphql", "ws")
    with running(own) as server:
        command = ["node", "--input-type=module", "-e", CLIENTS[package] + SUBSCRIBES]
        process = subprocess.Popen(
            [*command, "--", "", server.url, CHANGES],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n", process.communicate()
        release = server.move(1)
        told, wrong = process.communicate(timeout=30)

    assert wrong == ""
    assert json.loads(told)["data"]["changes"]["release"]["id"] == release
