"""Work on documents in several processes, which end with this one and are missed when they do not."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.pool import IMapIterator
from threading import Event, Semaphore
from typing import ClassVar, TypeVar

from clausegraph.loaders.historyjob import Job, Result, run
from clausegraph.ontology.errors import ClausegraphError

MOST_WORKERS = 4
"""Processes that make histories, however many processors there are: each may hold 500 MB."""
TOGETHER = 40
"""Captures of small documents that one process works on, and the shapes see, together."""
RARELY = 50_000, 20, 50
"""When a worker looks for garbage (`gc.set_threshold`): what it makes has hardly any."""

J = TypeVar("J")
R = TypeVar("R")
K = TypeVar("K")


class WorkerLostError(ClausegraphError):
    """A process that made histories was ended before its work."""

    code: ClassVar[str] = "worker-lost"


def results(jobs: Sequence[Job], filled: Callable[[Job], Job]) -> Iterator[Result]:
    """The results of jobs as they come, worked on by as many processes as there are processors."""

    def fill(group: list[Job]) -> list[Job]:
        return [filled(job) for job in group]

    return spread(run, grouped(jobs, lambda job: len(job.items)), fill)


def spread(
    work: Callable[[list[J]], list[R]],
    groups: Sequence[list[K]],
    filled: Callable[[list[K]], list[J]],
) -> Iterator[R]:
    """What `work` makes of groups of jobs, as it comes, in several processes where that pays.

    `filled` completes a group when it is handed out, so that not all of it is held at once.
    """
    workers = min(len(groups), _processors(), MOST_WORKERS)
    if workers < 2:
        for group in groups:
            yield from work(filled(group))
        return
    room = Semaphore(2 * workers)  # groups under way, and results that wait to be written
    over = Event()

    def fed() -> Iterator[list[J]]:
        for group in groups:
            room.acquire()
            if over.is_set():
                return
            yield filled(group)

    # "spawn": a worker that holds none of this process's files ends when this process does.
    with multiprocessing.get_context("spawn").Pool(workers, gc.set_threshold, RARELY) as pool:
        try:
            for done in _watched(pool.imap_unordered(work, fed())):
                room.release()
                yield from done
        finally:  # the thread that feeds the pool must not wait for room that nobody makes
            over.set()
            room.release()


def _watched(results: IMapIterator[list[R]]) -> Iterator[list[R]]:
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


def grouped(jobs: Sequence[J], size_of: Callable[[J], int]) -> list[list[J]]:
    """Jobs in groups of about `TOGETHER` captures, in their order."""
    groups: list[list[J]] = []
    size = TOGETHER
    for job in jobs:
        if size + size_of(job) > TOGETHER:
            groups.append([])
            size = 0
        groups[-1].append(job)
        size += size_of(job)
    return groups


def _processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
