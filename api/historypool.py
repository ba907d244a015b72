"""Work on histories in several processes, which end with this one and are missed when they do not."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.pool import IMapIterator
from threading import Event, Semaphore
from typing import ClassVar

from clausegraph.loaders.historyjob import Job, Result, run
from clausegraph.ontology.errors import ClausegraphError

MOST_WORKERS = 4
"""Processes that make histories, however many processors there are: each may hold 500 MB."""
TOGETHER = 40
"""Captures of small documents that one process works on, and the shapes see, together."""


class WorkerLostError(ClausegraphError):
    """A process that made histories was ended before its work."""

    code: ClassVar[str] = "worker-lost"


def results(jobs: Sequence[Job], filled: Callable[[Job], Job]) -> Iterator[Result]:
    """The results of jobs as they come, worked on by as many processes as there are processors."""
    groups = _groups(jobs)
    workers = min(len(groups), _processors(), MOST_WORKERS)
    if workers < 2:
        for group in groups:
            yield from run([filled(job) for job in group])
        return
    room = Semaphore(2 * workers)  # groups under way, and results that wait to be written
    over = Event()

    def fed() -> Iterator[list[Job]]:
        for group in groups:
            room.acquire()
            if over.is_set():
                return
            yield [filled(job) for job in group]

    # "spawn": a worker that holds none of this process's files ends when this process does.
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        try:
            for done in _watched(pool.imap_unordered(run, fed())):
                room.release()
                yield from done
        finally:  # the thread that feeds the pool must not wait for room that nobody makes
            over.set()
            room.release()


def _watched(results: IMapIterator[list[Result]]) -> Iterator[list[Result]]:
    """Results as they come. Raises `WorkerLostError` where a worker ended before its work."""
    crew = {child.pid for child in multiprocessing.active_children()}
    while True:
        try:
            yield results.next(timeout=2)
        except StopIteration:
            return
        except multiprocessing.TimeoutError:
            if crew - {child.pid for child in multiprocessing.active_children()}:
                raise WorkerLostError(
                    "a process that made histories was ended by somebody else",
                    hint="What was done is kept: load again. Perhaps there is too little memory.",
                ) from None


def _groups(jobs: Sequence[Job]) -> list[list[Job]]:
    """Jobs in groups of about `TOGETHER` captures, the largest first."""
    groups: list[list[Job]] = []
    size = TOGETHER
    for job in jobs:
        if size + len(job.items) > TOGETHER:
            groups.append([])
            size = 0
        groups[-1].append(job)
        size += len(job.items)
    return groups


def _processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
