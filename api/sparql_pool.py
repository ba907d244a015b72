"""Worker processes that answer SPARQL queries, each within a time limit that ends the work.

pyoxigraph can neither stop a query nor cap its memory. So a query runs in a process of its own
(`sparql_worker`) that is killed at the limit and replaced. A worker keeps the release of its last
query open and moves on when the next query names another.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from clausegraph.api.problems import tell
from clausegraph.api.sparql_errors import (
    WorkerLostError,
    busy,
    from_answer,
    from_exit,
    too_slow,
    worker_lost,
)
from clausegraph.api.sparql_worker import Job, Limits, frame

__all__ = ["Answer", "Job", "QueryPool"]

log = logging.getLogger("clausegraph.sparql")
_BUFFER = 1 << 20
_START_SECONDS = 30.0
AHEAD = 1.0
"""Seconds after its start in which a server has better things to do than start idle workers."""
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


@dataclass(frozen=True)
class Answer:
    """A result, serialised whole."""

    media_type: str
    body: bytes
    unknown: tuple[str, ...] = ()
    """Graphs that its dataset names and the release does not hold."""


class _Connection:
    """One worker process and the pipes to it."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.input = process.stdin
        self.output = process.stdout
        self.offline = False

    @classmethod
    async def open(cls, limits: Limits) -> _Connection:
        """Start a worker and wait until it is ready.

        It has a session of its own: Ctrl-C at a terminal is for the server, which ends its workers,
        and would come before they can know what to do about it. Raises `InterruptedError` where it
        came in the moment before that, `EOFError` or `OSError` where a worker does not start.
        """
        command = (sys.executable, "-m", "clausegraph.api.sparql_worker", limits.encode())
        env = {**os.environ, "RUST_BACKTRACE": "0"}
        for secret in (
            "CLAUSEGRAPH_TOKEN",
            "CLAUSEGRAPH_ENDPOINT_PASSWORD",
            "CLAUSEGRAPH_ENDPOINT_TOKEN",
        ):
            env.pop(secret, None)
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, env=env, limit=_BUFFER, start_new_session=True
        )
        connection = cls(process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                head, _ = await connection.receive()
        except BaseException as error:
            if await connection.kill() == -signal.SIGINT:
                raise InterruptedError from error
            raise
        connection.offline = head["offline"]
        return connection

    @property
    def alive(self) -> bool:
        """Whether the process has not ended, as far as the loop knows."""
        return self.process.returncode is None and not self.output.at_eof()

    async def ask(self, job: Job) -> tuple[dict[str, Any], bytes]:
        """Head and body of the answer to a job."""
        self.input.write(frame(job.encode()))
        await self.input.drain()
        return await self.receive()

    async def receive(self) -> tuple[dict[str, Any], bytes]:
        """Head and body of the next answer."""
        head = json.loads(await self._frame())
        return head, await self._frame()

    async def kill(self) -> int:
        """End the process at once; returns what it ended with."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(
                    self.process.pid, _KILL
                )  # Process.kill would lose the code of one that died
        self.input.close()
        return await self.process.wait()

    async def _frame(self) -> bytes:
        size = int.from_bytes(await self.output.readexactly(4), "big")
        return await self.output.readexactly(size)


class QueryPool:
    """Runs queries in at most `workers` processes, `timeout` seconds each.

    As many as `queue` further queries wait, `patience` seconds at most; beyond that `run` refuses.
    Workers start with the first queries, or ahead of them after `start`. `services` are the
    endpoints that SERVICE may name; with none, the workers have no network.
    """

    def __init__(
        self,
        workers: int = 2,
        timeout: float = 30.0,
        *,
        queue: int = 16,
        patience: float = 10.0,
        max_rows: int = Limits.rows,
        max_bytes: int = Limits.bytes,
        max_memory: int = Limits.memory,
        services: Iterable[str] = (),
    ) -> None:
        """Start nothing yet."""
        self.workers = workers
        self.timeout = timeout
        self.queue = queue
        self.patience = patience
        self.limits = Limits(max_rows, max_bytes, max_memory, tuple(services))
        self._slots = asyncio.Semaphore(workers)
        self._waiting = 0
        self._starting = 0
        self._closed = False
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, job: Job) -> Answer:
        """Answer a query; every failure is a `ClausegraphError` with a code of its own."""
        async with self._slot():
            worker = await self._take()
            head, body = await self._ask(worker, job)
            self._idle.append(worker)
        if "error" in head:
            raise from_answer(head["error"], head["detail"], self.limits)
        return Answer(head["media_type"], body, tuple(head["unknown"]))

    def start(self, after: float = AHEAD) -> None:
        """Start the workers that are missing `after` so many seconds, without waiting for them.

        A query that comes sooner starts its own.
        """
        for _ in range(self.workers - len(self._open)):
            task = asyncio.create_task(self._add(after))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End every worker, busy or not, and wait until they are gone."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self._drop(worker) for worker in [*self._open]))
        self._idle.clear()

    @property
    def offline(self) -> bool:
        """Whether the kernel keeps every worker that runs from the network."""
        return bool(self._open) and all(worker.offline for worker in self._open)

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers that run."""
        return sorted(worker.process.pid for worker in self._open)

    @contextlib.asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """A place among the queries that run, after a short wait."""
        if self._slots.locked() and self._waiting >= self.queue:
            raise busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(self.patience):
                await self._slots.acquire()
        except TimeoutError:
            raise busy() from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    async def _ask(self, worker: _Connection, job: Job) -> tuple[dict[str, Any], bytes]:
        """Let a worker answer; one that does not answer in time or at all is replaced."""
        try:
            async with asyncio.timeout(self.timeout):
                return await worker.ask(job)
        except TimeoutError:
            await self._replace(worker)
            raise too_slow(self.timeout) from None
        except (EOFError, OSError):
            raise from_exit(await self._replace(worker)) from None
        except BaseException:  # above all a client that has gone
            await self._replace(worker)
            raise

    async def _take(self) -> _Connection:
        """A worker that is alive and idle."""
        await asyncio.sleep(0)  # lets the loop notice a worker that has died meanwhile
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            await self._drop(worker)
        return await self._connect()

    async def _connect(self) -> _Connection:
        self._starting += 1
        try:
            worker = await _Connection.open(self.limits)
        except (EOFError, OSError) as error:
            if not isinstance(error, InterruptedError):
                log.error("a SPARQL worker does not start: %r", error)
            raise worker_lost("no worker could be started") from error
        finally:
            self._starting -= 1
        self._open.add(worker)
        if self._closed:
            await self._drop(worker)
            raise worker_lost("the server is stopping")
        return worker

    async def _add(self, after: float) -> None:
        """Start one worker more, unless there are enough by then."""
        await asyncio.sleep(after)
        async with self._slots:
            if len(self._open) + self._starting < self.workers and not self._closed:
                with contextlib.suppress(WorkerLostError):  # which is logged; a query tries again
                    self._idle.append(await self._connect())

    async def _drop(self, worker: _Connection) -> int:
        self._open.discard(worker)
        return await worker.kill()

    async def _replace(self, worker: _Connection) -> int:
        """Kill a worker and begin to start another; returns what the old one ended with."""
        code = await self._drop(worker)
        tell("sparql-worker-replaced")
        if not self._closed:
            self.start(after=0.0)
        return code
