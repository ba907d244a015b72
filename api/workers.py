"""Run the server: in this process, or in several, each with a listening socket of its own.

The parent of several workers does nothing but watch them: one that dies is replaced, and SIGTERM
ends them all, each after the requests that it is working on. Settings reach the workers through the
environment. Each moves to a new release by itself, all at the same moment (`clausegraph.api.served`).
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from socket import socket as Socket

import uvicorn
from prometheus_client import multiprocess
from starlette.applications import Starlette
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from clausegraph.api.connections import HEAD_BYTES, Patient, allow_many, limit
from clausegraph.api.settings import Settings, variable

FACTORY = "clausegraph.api.workers:from_environment"
IDLE = 15
"""Seconds after which an idle connection is closed."""
TURN = 0.0005
"""Seconds that a thread has the interpreter while another waits for it: else 5 ms, so that whatever
indexes or reads in the background would hold up a request that long, several times.
"""


def run(settings: Settings, sockets: Sequence[Socket]) -> None:
    """Serve until a signal ends it, with a worker for each socket."""
    show_requests()
    allow_many()
    limit(settings)
    if settings.workers == 1:
        config = uvicorn.Config(made(settings), **options(settings))  # type: ignore[arg-type]
        with suppress(KeyboardInterrupt):  # which uvicorn raises again once it has ended
            uvicorn.Server(config).run(sockets=list(sockets))
        return
    gc.enable()  # whatever it was for the start: this process goes on without an application
    with tempfile.TemporaryDirectory(prefix="clausegraph-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        os.environ.update(environment(settings))
        config = uvicorn.Config(
            FACTORY,
            factory=True,
            workers=settings.workers,
            **options(settings),  # type: ignore[arg-type]
        )
        Parent(config, list(sockets)).run()


def made(settings: Settings) -> Starlette:
    """The application, with all that it starts with out of the garbage collector's way.

    It would look through half a million objects while they are made, and again for as long as the
    server runs: none of them is ever garbage.
    """
    gc.disable()
    from clausegraph.api.app import create_app

    app = create_app(settings)
    gc.freeze()
    gc.enable()
    sys.setswitchinterval(TURN)
    return app


def from_environment() -> Starlette:
    """The application of a worker process, whose settings are in the environment."""
    settings = Settings.from_env()
    limit(settings)
    return made(settings)


class Parent(Multiprocess):
    """uvicorn's parent, whose workers each have a socket of their own.

    The parent keeps all sockets open: who waits at one whose worker has died is answered by the next.
    """

    own: tuple[Socket, ...] = ()

    def init_processes(self) -> None:
        """Start the workers."""
        self.own = tuple(self.sockets)
        for socket in self.own:
            process = Process(self.config, [socket])
            process.start()
            self.processes.append(process)

    def terminate_all(self) -> None:
        """Tell the workers to end, and let nobody in any more: who comes now is to ask elsewhere."""
        for socket in self.own:
            socket.close()
        super().terminate_all()

    def keep_subprocess_alive(self) -> None:
        """Replace the workers that have died, each at its socket, and let go of their numbers."""
        workers = self.processes
        for at, socket in enumerate(self.own):
            before = workers[at].pid
            self.processes, self.sockets = [workers[at]], [socket]
            super().keep_subprocess_alive()
            workers[at] = self.processes[0]
            if before is not None and workers[at].pid != before:
                multiprocess.mark_process_dead(before)  # type: ignore[no-untyped-call]
        self.processes = workers

    def handle_hup(self) -> None:
        """Nothing: releases change without a restart, and settings and workers are those of the start."""

    handle_ttin = handle_ttou = handle_hup


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
