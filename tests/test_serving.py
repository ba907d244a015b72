"""A real server on loopback: limits that hold, workers that move together, an end without haste."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.memory import give_back
from clausegraph.api.publish import load, publish
from clausegraph.api.ratelimit import Buckets, client_of
from clausegraph.api.settings import Settings
from tests.processes import COMMAND, free_port, get, serving

SLOW = "{ requirements(first: 500) { nodes { versions { label sections { label } } } } }"


@pytest.fixture(scope="module")
def small(data: Path) -> Iterator[str]:
    """A server with narrow limits."""
    limits = {"body_seconds": 0.5, "max_body": 2_000, "rate": 1, "burst": 60}
    with serving(data, **limits) as (url, _):
        yield url


def connect(url: str) -> socket.socket:
    """A bare connection to a server."""
    parts = urlsplit(url)
    assert parts.hostname
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=20)


def reply(sent: bytes, url: str) -> bytes:
    """What comes back for some bytes, up to the end of the connection or of its patience."""
    with connect(url) as wire:
        wire.sendall(sent)
        found = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            while part := wire.recv(65_536):
                found += part
                if b"\r\n\r\n" in found and b"}" in found:
                    break
        return found


def test_a_slow_body_is_ended(small: str) -> None:
    """Half a body and then silence: 408, and the connection is closed."""
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    found = reply(head + b'Content-Length: 100\r\n\r\n{"query":', small)
    assert found.startswith(b"HTTP/1.1 408")
    assert b"body-too-slow" in found


def test_a_large_body_is_refused(small: str) -> None:
    """By its length, and by what comes where no length is told."""
    answer = httpx.post(f"{small}/graphql", content=b" " * 3_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    chunked = httpx.post(f"{small}/graphql", content=iter([b" " * 1_500] * 3))
    assert chunked.status_code == 413


def test_large_headers_are_refused(small: str) -> None:
    """A header without an end is not read to its end."""
    found = reply(b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000, small)
    assert found == b"" or found.startswith(b"HTTP/1.1 4")
    assert get(f"{small}/health")["status"] == "ok"


@pytest.mark.parametrize(
    "sent",
    [b"\x00\xff\xfe\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET  /a b c\r\n\r\n",
     b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
     b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"],
)  # fmt: skip
def test_odd_bytes_do_no_harm(small: str, sent: bytes) -> None:
    """What is no HTTP gets a 4xx or an end, and others are answered."""
    found = reply(sent, small)
    assert found == b"" or found.startswith(b"HTTP/1.1 4")
    assert get(f"{small}/health")["status"] == "ok"


def test_a_client_is_limited(data: Path) -> None:
    """What is left is told; then 429 with the time to wait; another client is not hurt."""
    with serving(data, rate=0.5, burst=20, proxies=1) as (url, _):
        mine = {"x-forwarded-for": "203.0.113.5"}
        answers = [httpx.get(f"{url}/graphql?query={{__typename}}", headers=mine) for _ in range(5)]
        assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
        last = answers[-1]
        assert (last.status_code, last.json()["code"]) == (429, "rate-limit")
        assert int(last.headers["retry-after"]) >= 1
        assert last.headers["ratelimit"].startswith('"client";r=')
        assert last.headers["ratelimit-policy"] == '"client";q=20;w=40'
        other = httpx.get(f"{url}/health", headers={"x-forwarded-for": "203.0.113.6"})
        assert other.status_code == 200


def test_buckets_fill_again() -> None:
    """At their rate, up to their size; a client that was forgotten has a full one."""
    now = [0.0]
    buckets = Buckets(2, 10, lambda: now[0])
    assert buckets.take("a", 10) == (True, 0)
    assert buckets.take("a", 1) == (False, 0)
    now[0] = 1.0
    assert buckets.take("a", 1) == (True, 1)
    now[0] = 100.0
    assert buckets.take("a", 0) == (True, 10)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [(0, "1.1.1.1", "9.9.9.9"), (1, "1.1.1.1", "1.1.1.1"), (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
     (2, "1.1.1.1, 2.2.2.2", "1.1.1.1"), (2, "1.1.1.1", "9.9.9.9")],
)  # fmt: skip
def test_who_a_client_is(proxies: int, forwarded: str, client: str) -> None:
    """Only what our own proxies wrote is believed."""
    scope = {"client": ("9.9.9.9", 1), "headers": [(b"x-forwarded-for", forwarded.encode())],
             "type": "http"}  # fmt: skip
    assert client_of(scope, proxies) == client


def test_the_rest_is_told_to_come_again(data: Path) -> None:
    """One at once and nobody in the queue: of twenty some are answered, the others get a 503."""

    async def crowd(url: str) -> list[httpx.Response]:
        async with httpx.AsyncClient(timeout=60) as client:
            body = {"query": SLOW}
            asked = (client.post(f"{url}/graphql", json=body) for _ in range(20))
            return list(await asyncio.gather(*asked))

    with serving(data, at_once=1, queue=1, patience=0.05, answer_bytes=1) as (url, _):
        answers = asyncio.run(crowd(url))
        busy = [answer for answer in answers if answer.status_code == 503]
        assert {answer.status_code for answer in answers} == {200, 503}
        assert {answer.json()["code"] for answer in busy} == {"server-busy"}
        assert all(answer.headers["retry-after"] == "1" for answer in busy)
        assert len({answer.text for answer in answers if answer.status_code == 200}) == 1


def test_a_thousand_connections(data: Path) -> None:
    """A thousand that say nothing, or half a line, keep nobody from being answered."""
    with serving(data) as (url, _), contextlib.ExitStack() as stack:
        for number in range(1_000):
            wire = stack.enter_context(connect(url))
            if number % 2:
                wire.sendall(b"GET /health HT")
        answer = httpx.post(f"{url}/graphql", json={"query": "{ release { id } }"}, timeout=20)
        assert answer.status_code == 200
        assert answer.json()["data"]["release"]["id"]


def test_each_request_has_an_id(small: str) -> None:
    """A sane one is kept, any other replaced."""
    given = httpx.get(f"{small}/health", headers={"x-request-id": "abc-12345678"})
    odd = httpx.get(f"{small}/health", headers={"x-request-id": "a b"})
    assert given.headers["x-request-id"] == "abc-12345678"
    assert len(odd.headers["x-request-id"]) == 32


def test_requests_are_logged_without_what_they_ask(data: Path, tmp_path: Path) -> None:
    """A line of JSON: method, path, status; no query, no token."""
    port = free_port()
    command = [*COMMAND, "serve", "--data", str(data), "--port", str(port)]
    env = os.environ | {"CLAUSEGRAPH_LOG": "requests"}
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(command, stderr=file, env=env)
    try:
        get(f"http://127.0.0.1:{port}/ready")
        secret = {"authorization": "Bearer sesame"}
        body = {"query": "{ release { id } }"}
        httpx.post(f"http://127.0.0.1:{port}/graphql?x=hidden", json=body, headers=secret)
    finally:
        process.terminate()
        process.wait(20)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    (found,) = [line for line in lines if line["path"] == "/graphql"]
    assert (found["method"], found["status"]) == ("POST", 200)
    assert not any(word in log.read_text() for word in ("sesame", "hidden", "release { id"))


def test_metrics_count(data: Path) -> None:
    """By route and status, whatever path people make up."""
    with serving(data) as (url, _):
        httpx.get(f"{url}/graphql?query={{__typename}}")
        httpx.get(f"{url}/made/up")
        text = httpx.get(f"{url}/metrics").text
    assert 'clausegraph_requests_total{route="graphql",status="200"} 1.0' in text
    assert 'clausegraph_requests_total{route="other",status="404"} 1.0' in text
    assert "clausegraph_release_triples{release=" in text


def test_what_is_kept_is_counted(data: Path) -> None:
    """Questions whose answer was at hand and those whose was not; entities read and kept."""
    body = {"query": "{ instruments(first: 3) { nodes { label } } }"}
    with serving(data, "--workers", "2", rate=0) as (url, _):
        for _ in range(20):
            assert httpx.post(f"{url}/graphql", json=body).status_code == 200
        end = time.monotonic() + 20
        found: dict[str, float] = {}
        while sum(_answers(found)) < 20 and time.monotonic() < end:
            text = httpx.get(f"{url}/metrics").text
            lines = re.findall(r"^(clausegraph_\S+) (\S+)$", text, re.MULTILINE)
            found = {key: float(value) for key, value in lines}
    given, made = _answers(found)
    assert given + made == 20
    assert 1 <= made <= 2  # each worker keeps its own
    assert found["clausegraph_answer_bytes"] > 0
    assert found["clausegraph_entities_read_total"] >= found["clausegraph_entities_kept"] >= 3


def _answers(found: dict[str, float]) -> tuple[float, float]:
    name = 'clausegraph_answers_total{kept="%s"}'
    return found.get(name % "yes", 0), found.get(name % "no", 0)


def test_large_answers_are_compressed(small: str) -> None:
    """Where the client takes that; a small one is sent as it is."""
    page = httpx.get(f"{small}/", headers={"accept": "text/html"})
    assert page.headers["content-encoding"] in ("br", "gzip")
    assert "Accept-Encoding" in page.headers["vary"]
    assert "content-encoding" not in httpx.get(f"{small}/health").headers


@pytest.fixture
def changing(data: Path, sources: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A data directory and sources whose next release differs."""
    own, folder = tmp_path / "data", tmp_path / "sources"
    shutil.copytree(data, own)
    shutil.copytree(sources, folder)
    return own, folder


def next_release(own: Path, folder: Path) -> str:
    """Publish something else."""
    path = next(folder.glob("claims/*.yaml"))
    path.unlink()
    load(own, folder)
    return publish(own).id


def test_workers_move_together_and_drop_nothing(changing: tuple[Path, Path]) -> None:
    """Asked all the while, every answer is of one release, and after the change only of the new."""
    own, folder = changing
    seen: list[tuple[float, str]] = []
    failed: list[Any] = []
    done = threading.Event()

    def ask(url: str) -> None:
        with httpx.Client(timeout=20) as client:
            while not done.is_set():
                try:
                    answer = client.post(
                        f"{url}/graphql", json={"query": "{ release { id } }"},
                        headers={"connection": "close"},
                    )  # fmt: skip
                    seen.append((time.monotonic(), answer.json()["data"]["release"]["id"]))
                except (httpx.HTTPError, KeyError) as error:
                    failed.append(error)

    with serving(own, "--workers", "2", rate=1e6, burst=1e6) as (url, _):
        before = get(f"{url}/health")["release"]
        askers = [threading.Thread(target=ask, args=(url,)) for _ in range(4)]
        for asker in askers:
            asker.start()
        after = next_release(own, folder)
        end = time.monotonic() + 20
        while time.monotonic() < end and sum(own == after for _, own in seen[-40:]) < 40:
            time.sleep(0.05)
        done.set()
        for asker in askers:
            asker.join()
    assert failed == []
    assert {own for _, own in seen} == {before, after}
    last_old = max(moment for moment, own in seen if own == before)
    first_new = min(moment for moment, own in seen if own == after)
    assert last_old - first_new < 0.5, "the workers changed over one after the other"


def test_a_release_is_let_go_of(changing: tuple[Path, Path]) -> None:
    """When the server has moved on, nothing of the one before stays in memory."""
    own, folder = changing
    app = create_app(Settings(data=own, watch_seconds=0.01, rate=0))
    asked = ["{ requirements(first: 5) { nodes { label versions { label } } } }",
             'query($d: Date) { instruments(first: 3, asOf: $d) { nodes { label } } }']  # fmt: skip
    with TestClient(app) as client:
        served = app.state.served
        before = weakref.ref(served.reader)
        for query in asked:
            answer = client.post("/graphql", json={"query": query, "variables": {}})
            assert "errors" not in answer.json()
        after = next_release(own, folder)
        end = time.monotonic() + 30
        while (served.current().id != after or before()) and time.monotonic() < end:
            time.sleep(0.05)
            give_back()
        assert served.current().id == after
        assert before() is None


def test_a_worker_that_dies_is_replaced(data: Path) -> None:
    """The parent starts another one, and the server goes on."""
    with serving(data, "--workers", "2") as (url, process):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            pytest.skip("processes are told by /proc")
        started = _workers(children)
        assert len(started) == 2
        os.kill(started[0], signal.SIGKILL)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            now = _workers(children)
            if len(now) == 2 and started[0] not in now:
                break
            time.sleep(0.1)
        assert len(now) == 2
        assert get(f"{url}/ready")["status"] == "ready"


def _workers(children: Path) -> list[int]:
    """The worker processes; what else a parent may have started keeps count of its resources."""
    started = map(int, children.read_text().split())
    return [pid for pid in started if b"resource_tracker" not in _command(pid)]


def _command(pid: int | str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_what_runs_is_ended_first(data: Path) -> None:
    """A request that is worked on when the server is told to stop is answered."""
    with serving(data, answer_bytes=1) as (url, process):
        found: list[httpx.Response] = []
        asker = threading.Thread(
            target=lambda: found.append(
                httpx.post(f"{url}/graphql", json={"query": SLOW}, timeout=60)
            )
        )
        asker.start()
        time.sleep(0.05)
        process.terminate()
        asker.join()
        assert process.wait(20) in (0, -signal.SIGTERM)
        assert found[0].status_code == 200
        assert found[0].json()["data"]["requirements"]["nodes"]
