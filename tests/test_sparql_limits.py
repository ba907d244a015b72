"""Every limit really ends the work, is told as a problem document, and harms no other query."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from clausegraph.api.sparql_pool import Job, QueryPool
from clausegraph.ontology.errors import ClausegraphError
from tests.sparql_app import SLOW, Release, make_app, make_release, numbered, serving

JSON = "application/sparql-results+json"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
DOUBLE = "BIND(CONCAT(?v{0}, ?v{0}) AS ?v{1})"
FORMATS = [JSON, "application/sparql-results+xml", "text/csv", "text/tab-separated-values"]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of 3,000 numbered quads; three of them combined are 27 thousand million rows."""
    return make_release(tmp_path_factory.mktemp("limits"), "r1", numbered(3000))


def ask(url: str, query: str, **headers: str) -> httpx.Response:
    """Send a query."""
    return httpx.get(url, params={"query": query}, headers=headers, timeout=60)


def count(url: str) -> int:
    """The number of triples, by an ordinary query."""
    answer = ask(url, COUNT)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["results"]["bindings"][0]["n"]["value"])


def pool_of(app: Starlette) -> QueryPool:
    """The pool of an application."""
    pool = app.state.sparql_pool
    assert isinstance(pool, QueryPool)
    return pool


def runs(pid: int) -> bool:
    """Whether a process exists and is not merely waiting to be collected."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.01)


def test_time_limit_kills_the_work(release: Release) -> None:
    """A query of minutes is answered 504 at the limit, its process is gone, the next one works."""
    app = make_app(release, lambda: QueryPool(workers=1, timeout=1.0))
    with serving(app) as url:
        assert count(url) == 3000
        (worker,) = pool_of(app).pids
        start = time.monotonic()
        answer = ask(url, SLOW)
        assert time.monotonic() - start < 20
        assert answer.status_code == 504
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "query-time-limit"
        assert answer.json()["value"] == 1.0
        assert not runs(worker)
        assert count(url) == 3000


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("text", ["x", ",{[{}},", "<result>", 'a"b\\n\\r\\n"', "\\\\", ""])
def test_row_limit_is_exact(release: Release, media_type: str, text: str) -> None:
    """As many rows as the limit are answered whole, one more is refused, whatever they hold."""

    async def rows(pool: QueryPool, number: int) -> str:
        query = f"SELECT ?s ('{text}' AS ?t) ('{text * 9}' AS ?u) {{ ?s ?p ?o }} LIMIT {number}"
        try:
            answer = await pool.run(Job(release.store_path, query.replace('"', '\\"'), media_type))
        except ClausegraphError as error:
            return error.code
        return "complete" if answer.body else "empty"

    async def main() -> list[str]:
        pool = QueryPool(workers=1, max_rows=500)
        try:
            return [await rows(pool, number) for number in (1, 499, 500, 501, 3000)]
        finally:
            await pool.close()

    assert asyncio.run(main()) == ["complete"] * 3 + ["answer-too-large"] * 2


def test_row_limit_counts_rows_without_bindings(release: Release) -> None:
    """Rows in which nothing is bound count, too."""

    async def main() -> None:
        pool = QueryPool(workers=1, max_rows=10)
        for media_type in FORMATS:
            job = Job(release.store_path, "SELECT ?none { ?s ?p ?o } LIMIT 11", media_type)
            with pytest.raises(ClausegraphError, match="more than 10 rows"):
                await pool.run(job)
        await pool.close()

    asyncio.run(main())


def test_limits_of_an_answer(release: Release) -> None:
    """Triples and bytes are limited as well; a refusal says by which number."""
    app = make_app(release, lambda: QueryPool(workers=1, max_rows=100, max_bytes=20_000))
    with serving(app) as url:
        triples = ask(url, "CONSTRUCT WHERE { ?s ?p ?o }")
        size = ask(url, "SELECT * { ?s ?p ?o } LIMIT 99")
        whole = ask(url, "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 100", accept="application/n-triples")

    assert (triples.status_code, triples.json()["value"]) == (422, {"rows": 100})
    assert (size.status_code, size.json()["value"]) == (422, {"bytes": 20_000})
    assert {triples.json()["code"], size.json()["code"]} == {"answer-too-large"}
    assert (whole.status_code, len(whole.text.splitlines())) == (200, 100)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c",
        "SELECT * { BIND('x' AS ?v0)" + "".join(map(DOUBLE.format, range(40), range(1, 41))) + "}",
        "SELECT * {" + "{" * 3000 + "}" * 3000 + "}",
    ],
    ids=["sort", "double", "nest"],
)
@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA is counted so on Linux alone")
def test_memory_limit(release: Release, query: str) -> None:
    """A query that needs too much memory ends alone."""
    app = make_app(release, lambda: QueryPool(workers=1, timeout=120, max_memory=200 << 20))
    with serving(app) as url:
        answer = httpx.post(url, data={"query": query}, timeout=150)
        assert (answer.status_code, answer.json()["code"]) == (422, "query-memory-limit")
        assert count(url) == 3000


def test_killed_worker_is_replaced(release: Release) -> None:
    """An idle worker that is killed is not noticed; the query of a busy one is told so."""
    app = make_app(release, lambda: QueryPool(workers=1, timeout=120))
    with serving(app) as url, ThreadPoolExecutor(1) as thread:
        count(url)
        (idle,) = pool_of(app).pids
        os.kill(idle, signal.SIGKILL)
        wait_for(lambda: not runs(idle))
        assert count(url) == 3000

        (busy,) = pool_of(app).pids
        pending = thread.submit(ask, url, SLOW)
        wait_for(lambda: processor_seconds(busy) > 0.5)
        os.kill(busy, signal.SIGKILL)
        answer = pending.result()
        assert (answer.status_code, answer.json()["code"]) == (503, "query-worker-lost")
        assert answer.headers["retry-after"] == "1"
        assert count(url) == 3000


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_busy_service_refuses_soon(release: Release) -> None:
    """With the queue full, a further query is refused with a time to come again."""
    make = lambda: QueryPool(workers=1, timeout=5, queue=1, patience=0.5)
    with serving(make_app(release, make)) as url, ThreadPoolExecutor(6) as threads:
        answers = [*threads.map(ask, [url] * 6, [SLOW] * 6)]
        codes = sorted(answer.json()["code"] for answer in answers)
        assert codes == ["query-time-limit"] + ["sparql-busy"] * 5
        refused = next(answer for answer in answers if answer.json()["code"] == "sparql-busy")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert count(url) == 3000


def test_a_client_that_goes_ends_its_query(release: Release) -> None:
    """The worker of a client that hangs up is free long before the time limit."""
    app = make_app(release, lambda: QueryPool(workers=1, timeout=600))
    with serving(app) as url:
        count(url)
        (worker,) = pool_of(app).pids
        place = urlsplit(url)
        with socket.create_connection((place.hostname, place.port or 80)) as client:
            head = f"GET /sparql?query={quote(SLOW)} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            client.sendall(head.encode())
            wait_for(lambda: processor_seconds(worker) > 0.3)
        wait_for(lambda: not runs(worker))
        assert count(url) == 3000


def test_workers_start_late_and_in_the_background(release: Release) -> None:
    """A pool costs nothing until it is used; `start` returns before the workers are there."""

    async def main() -> None:
        pool = QueryPool(workers=2)
        assert pool.pids == []
        pool.start()
        assert pool.pids == []
        while len(pool.pids) < 2:
            await asyncio.sleep(0.01)
        await pool.run(Job(release.store_path, "ASK {}", JSON))
        assert len(pool.pids) == 2
        assert pool.offline == (sys.platform == "linux")
        pids = pool.pids
        await pool.close()
        assert pool.pids == []
        assert not any(map(runs, pids))
        with pytest.raises(ClausegraphError, match="stopping"):
            await pool.run(Job(release.store_path, "ASK {}", JSON))

    asyncio.run(main())


def test_no_more_workers_than_allowed(release: Release) -> None:
    """However many queries fail and succeed at once, the processes stay within the number."""

    async def main() -> None:
        pool = QueryPool(workers=2, timeout=1.5, queue=100, patience=60)
        deep = "SELECT * {" + "{" * 3000 + "}" * 3000 + "}"
        jobs = [Job(release.store_path, text, JSON) for text in (COUNT, SLOW, deep, COUNT) * 3]
        work = asyncio.gather(*map(pool.run, jobs), return_exceptions=True)
        most = 0
        while not work.done():
            most = max(most, len(pool.pids))
            await asyncio.sleep(0.005)
        results = [getattr(result, "code", "answer") for result in await work]
        await pool.close()
        assert results == ["answer", "query-time-limit", "query-memory-limit", "answer"] * 3
        assert most <= 2

    asyncio.run(main())


def test_a_worker_moves_to_the_next_release(tmp_path: Path) -> None:
    """One process answers over the release that each job names."""
    jobs = [
        Job(make_release(tmp_path, f"r{size}", numbered(size)).store_path, COUNT, JSON)
        for size in (3, 7)
    ]

    async def main() -> list[str]:
        pool = QueryPool(workers=1)
        bodies = [(await pool.run(job)).body for job in (*jobs, *jobs)]
        assert len(pool.pids) == 1
        await pool.close()
        return [json.loads(body)["results"]["bindings"][0]["n"]["value"] for body in bodies]

    assert asyncio.run(main()) == ["3", "7", "3", "7"]


PARENT = """
import asyncio, sys
from pathlib import Path
from clausegraph.api.sparql_pool import Job, QueryPool

async def main(store, query):
    pool = QueryPool(workers=2, timeout=600)
    pool.start()
    asyncio.create_task(pool.run(Job(store, query, "text/csv")))
    while len(pool.pids) < 2:
        await asyncio.sleep(0.01)
    print(*pool.pids, flush=True)
    await asyncio.sleep(600)

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_killed_server_leaves_no_orphans(release: Release) -> None:
    """When the server is killed, its workers end: the idle one and the one within a query."""
    command = [sys.executable, "-c", PARENT, str(release.store_path), SLOW]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        wait_for(lambda: any(processor_seconds(pid) > 0.5 for pid in pids))
        parent.kill()
    wait_for(lambda: not any(map(runs, pids)))


def test_unusable_store_is_a_problem(tmp_path: Path) -> None:
    """A release that is not there is the server's fault, and no path is told."""
    with serving(make_app(Release("gone", tmp_path / "gone"))) as url:
        answer = ask(url, COUNT)

    assert (answer.status_code, answer.json()["code"]) == (500, "query-evaluation-failed")
    assert str(tmp_path) not in answer.text


@pytest.fixture(autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    """After each test, no worker runs that did not run before."""
    before = children()
    yield
    wait_for(lambda: children() <= before)


def children() -> set[int]:
    """The running children of this process that are workers."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == os.getpid() and b"sparql_worker" in command and runs(int(entry.name)):
            found.add(int(entry.name))
    return found
