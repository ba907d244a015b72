"""Run the server: in this process, or in several, each with a listening socket of its own.

The parent of several workers does nothing but watch them: one that dies is replaced, and SIGTERM
ends them all, each after the requests that it is working on. It imports what they need once and
forks, unless it has opened a store for writing: RocksDB's threads do not come along, and whoever
writes would wait for them. Then, and where the system does not fork well, each imports for itself.
Settings reach the workers through the environment. Each moves to a new release by itself, all at the
same moment (`clausegraph.api.served`).

Ctrl-C reaches every process of a terminal's group, whatever it is doing: while one starts there is
nothing to end yet, so it just goes; afterwards uvicorn ends it.
"""

from __future__ import annotations

import functools
import gc
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from multiprocessing import get_context
from multiprocessing.connection import Connection
from socket import socket as Socket

import uvicorn
from starlette.applications import Starlette
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import SIGNALS, Multiprocess, Process

from clausegraph.api.connections import HEAD_BYTES, Patient, allow_many, limit
from clausegraph.api.entry import leave_early
from clausegraph.api.settings import Settings, variable

log = logging.getLogger("clausegraph.workers")
FACTORY = "clausegraph.api.workers:from_environment"
FORKS = sys.platform == "linux"
"""Whether a process may go on after a fork: on macOS the system's own libraries forbid it."""
IDLE = 15
"""Seconds after which an idle connection is closed."""
TURN = 0.0005
"""Seconds that a thread has the interpreter while another waits for it: else 5 ms, so that whatever
indexes or reads in the background would hold up a request that long, several times.
"""


def run(
    settings: Settings,
    sockets: Sequence[Socket],
    afterwards: Callable[[], None],
    *,
    fork: bool = True,
) -> None:
    """Serve until a signal ends it, with a worker for each socket.

    `afterwards` is called once, in a process that serves: it may start a thread. Without `fork`
    workers are spawned, as they have to be after this process has written to a store.
    """
    show_requests()
    allow_many()
    limit(settings)
    if settings.workers == 1:
        serve_alone(settings, sockets, afterwards)
        return
    os.environ.update(environment(settings))
    config = uvicorn.Config(
        FACTORY,
        factory=True,
        workers=settings.workers,
        **options(settings),  # type: ignore[arg-type]
    )
    with tempfile.TemporaryDirectory(prefix="clausegraph-metrics-") as folder:
        clean = functools.partial(shutil.rmtree, folder, ignore_errors=True)
        leave_early(signal.SIGINT, signal.SIGTERM, clean=clean)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        forks = FORKS and fork
        if forks:
            prepare()
        else:
            afterwards()
        Parent(config, list(sockets), afterwards if forks else None).run()


def serve_alone(
    settings: Settings, sockets: Sequence[Socket], afterwards: Callable[[], None]
) -> None:
    """Serve in this process."""
    server = uvicorn.Server(uvicorn.Config(made(settings), **options(settings)))  # type: ignore[arg-type]
    signal.signal(signal.SIGINT, lambda *_: server.should_exit or os._exit(0))
    afterwards()
    server.run(sockets=list(sockets))  # raises the signals that it was ended by once more
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep what is made meanwhile out of the garbage collector's way, for good.

    It would look through half a million objects while they are made, and again for as long as the
    server runs: none of them is ever garbage.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def prepare() -> None:
    """Have what an application is made of and no release knows: modules and the schema."""
    with uncollected():
        import clausegraph.api.app  # noqa: F401
        from clausegraph.api.schema import build

        build()


def made(settings: Settings) -> Starlette:
    """The application."""
    with uncollected():
        from clausegraph.api.app import create_app

        app = create_app(settings)
    sys.setswitchinterval(TURN)
    return app


def from_environment() -> Starlette:
    """The application of a worker process, whose settings are in the environment."""
    settings = Settings.from_env()
    show_requests()
    limit(settings)
    return made(settings)


class Forked(Process):
    """uvicorn's worker process, with what its parent imported.

    `others` are the sockets and pipes of its parent that are not for it: it would keep them open.
    `first` is called before it serves.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        socket: Socket,
        others: Sequence[Socket | Connection],
        first: Callable[[], None],
    ) -> None:
        """Start nothing yet."""
        super().__init__(config, [socket])
        self.others, self.first = others, first
        process = get_context("fork").Process(target=self.forked, args=([socket],))
        self.process = process  # type: ignore[assignment]  # uvicorn spawns

    def start(self) -> None:
        """Start it, such that no signal comes while it still has its parent's handlers."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def forked(self, sockets: list[Socket]) -> None:
        """Serve, after a fork: until there is something to end, SIGTERM just ends it."""
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        for each in self.others:
            each.close()
        self.first()
        self.target(sockets)

    def target(self, sockets: list[Socket] | None = None) -> None:
        """Answer the parent, make the application, and serve."""
        server = self.server  # before the thread asks for it
        threading.Thread(target=self.always_pong, daemon=True).start()
        self.config.load()
        server.run(sockets)


class Parent(Multiprocess):
    """uvicorn's parent, whose workers each have a socket of their own.

    The parent keeps all sockets open: who waits at one whose worker has died is answered by the next.
    """

    def __init__(
        self, config: uvicorn.Config, sockets: list[Socket], first: Callable[[], None] | None
    ) -> None:
        """Take note of signals; start nothing yet.

        Workers are forked where there is something for the `first` of them to do.
        """
        super().__init__(config, sockets)
        self.own = tuple(sockets)
        self.forks, self.first = first is not None, first

    def init_processes(self) -> None:
        """Start the workers, unless a signal has come already."""
        self.handle_signals()
        for socket in () if self.should_exit.is_set() else self.own:
            self.processes.append(self.started(socket))

    def started(self, socket: Socket) -> Process:
        """A new worker at a socket."""
        if self.forks:
            others: list[Socket | Connection] = [each for each in self.own if each is not socket]
            for one in self.processes:
                others += [one.parent_conn, one.child_conn]
            worker: Process = Forked(self.config, socket, others, self.first or _nothing)
            self.first = None
        else:
            worker = Process(self.config, [socket])
        worker.start()
        return worker

    def terminate_all(self) -> None:
        """Tell the workers to end, and let nobody in any more: who comes now is to ask elsewhere."""
        for socket in self.own:
            socket.close()
        super().terminate_all()

    def keep_subprocess_alive(self) -> None:
        """Replace the workers that have died, each at its socket, and let go of their numbers."""
        from prometheus_client import multiprocess

        for at, worker in enumerate(self.processes):
            self.handle_signals()  # which may have ended it
            if self.should_exit.is_set():
                return
            if worker.is_alive(timeout=self.config.timeout_worker_healthcheck):
                continue
            self.handle_signals()
            if self.should_exit.is_set():
                return
            worker.kill()
            worker.join()
            if worker.exitcode == STARTUP_FAILURE:  # the next would fail in the same way
                log.error("a worker failed to start")
                self.should_exit.set()
                return
            multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
            self.processes[at] = self.started(self.own[at])

    def handle_hup(self) -> None:
        """Nothing: releases change without a restart, and settings and workers are those of the start."""

    handle_ttin = handle_ttou = handle_hup


def _nothing() -> None:
    """What most workers do first."""


def options(settings: Settings) -> dict[str, object]:
    """How uvicorn is to serve."""
    return {
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "h11_max_incomplete_event_size": HEAD_BYTES,
        "http": Patient,
        "proxy_headers": settings.proxies > 0,
        "timeout_keep_alive": IDLE,
        "timeout_graceful_shutdown": settings.graceful_seconds,
    }


def environment(settings: Settings) -> dict[str, str]:
    """The variables from which a worker reads the same settings."""
    found = {}
    for each in fields(settings):
        value = getattr(settings, each.name)
        found[variable(each.name)] = str(int(value)) if isinstance(value, bool) else str(value)
    return found


def show_requests() -> None:
    """Write the lines of `clausegraph.api.requestlog` to standard error where they are wanted."""
    if os.environ.get("CLAUSEGRAPH_LOG") == "requests":
        logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.INFO)
