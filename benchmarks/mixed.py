"""Ask a server for everything at once while releases are published, and hold it to its promises.

    python -m benchmarks.mixed [MINUTES] [WORKERS] [CLIENTS]

For MINUTES (default 20) CLIENTS (default: 64 for each of WORKERS, which are 2) ask as soon as they
are answered: nested queries whose answer is kept, and with ever new variables; lists with filters,
orders and facets; search; quotations; documents by their hash, with ``If-None-Match``; pages; SPARQL
light, and too heavy; some more than they may; and streams listen for releases. Every ten seconds a
release is published in which three documents name another number.

What must hold: no status but 200 and 304 and the stated refusals (429 and 503 that say when to come
again, 504 for the heavy query); no connection dropped; every answer of exactly one release; streams
told of every release; the memory of each worker in the last quarter within a tenth of that in the
second. Whatever does not is printed, and the exit code is 1.

The crowd and whoever publishes share the machine with the server: times are those of a machine
that has nothing left, not of an idle one. Memory is what a worker has for itself (RssAnon).
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks import aims
from benchmarks.crowd import Says, Tally, crowd
from benchmarks.editions import bring_out, digest
from benchmarks.figures import note
from clausegraph.api.demonstration import load_demonstration
from clausegraph.api.publish import load
from tests.processes import get, serving

LIMITS: dict[str, object] = {
    "proxies": 1, "rate": 300, "burst": 900, "sparql_seconds": 5,
}  # fmt: skip
"""Clients are told apart by the address that they are forwarded for, as behind a proxy."""
EVEN = 0.1
"""How far the memory of a worker may be from what it was."""


@dataclass
class Run:
    """What a run has met: the releases by edition, the crowd's tally, memory by worker and time."""

    seconds: float
    workers: int
    clients: int
    editions: dict[int, str] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    memory: dict[int, list[tuple[float, int]]] = field(default_factory=dict)

    def wrong(self) -> list[str]:
        """What does not hold, but for memory."""
        told = [f"{count} x {what}" for what, count in self.tally.wrong.most_common()]
        for said, count in self.tally.says.items():
            if found := mixed(said, self.editions):
                told.append(f"{count} x {found}: {said}")
        order = list(self.editions.values())[1:]
        for heard in self.tally.streams:
            if not heard or heard != order[: len(heard)] or len(heard) < len(order) - 1:
                told.append(f"a stream heard of {len(heard)} releases of {len(order)}: {heard[:9]}")
        return told

    def uneven(self) -> list[str]:
        """The workers whose memory did not stay what it was."""
        found = []
        for number, seen in self.memory.items():
            second, last = quarter(seen, 1), quarter(seen, 3)
            if abs(last - second) > EVEN * second:
                found.append(f"worker {number}: {second / 1e6:.0f} MB, then {last / 1e6:.0f} MB")
        return found


def mixed(said: Says, editions: dict[int, str]) -> str:
    """What is wrong with an answer, given the release of each edition; empty where nothing is."""
    release = {own: number for number, own in editions.items()}
    named = set(said.editions)
    known = {digest(number): number for number in editions}
    named |= {known.get(each, -1) for each in said.versions}
    if said.release:
        if said.release not in release:
            return "an answer of no release"
        named.add(release[said.release])
    if not named:
        return "an answer that does not tell its edition"
    if len(named) > 1 or said.denied in named or not named <= editions.keys():
        return "an answer of more than one release"
    return ""


def quarter(seen: list[tuple[float, int]], which: int) -> float:
    """The median memory in a quarter of a run (0 to 3)."""
    size = len(seen) // 4
    return statistics.median(held for _, held in seen[which * size : (which + 1) * size] or seen)


def run(
    data: Path, seconds: float, workers: int = 2, clients: int = 128, every: float = 10.0
) -> Run:
    """Serve an invented platform beside what a data directory holds, and meet what comes."""
    found = Run(seconds, workers, clients, {1: bring_out(data, 1)})
    with serving(data, "--workers", str(workers), **LIMITS) as (url, process):
        for _ in range(8 * workers):
            get(f"{url}/ready")
        done = threading.Event()
        watching = threading.Thread(target=watch, args=(process.pid, found.memory, done))
        watching.start()
        spawn = multiprocessing.get_context("spawn")
        try:
            with ProcessPoolExecutor(1, mp_context=spawn) as pool:
                asked = pool.submit(crowd, url, seconds, clients, 2 * workers)
                publish(data, found, asked, seconds, every)
                found.tally = asked.result()
        finally:
            done.set()
            watching.join()
    return found


def publish(data: Path, found: Run, asked: Future[Tally], seconds: float, every: float) -> None:
    """Publish an edition every so many seconds, until shortly before the crowd goes."""
    began = time.monotonic()
    number = 1
    while (due := number * every) < seconds - every / 2 and not asked.done():
        time.sleep(max(0.0, began + due - time.monotonic()))
        number += 1
        found.editions[number] = bring_out(data, number)
        if time.monotonic() > began + seconds - every / 2:
            break


def watch(parent: int, memory: dict[int, list[tuple[float, int]]], done: threading.Event) -> None:
    """Look at the memory of each worker every other second."""
    began = time.monotonic()
    while not done.wait(2.0):
        for number in workers_of(parent):
            if held := anonymous(number):
                memory.setdefault(number, []).append((time.monotonic() - began, held))


def workers_of(parent: int) -> Iterator[int]:
    """The processes that answer: the server's children, or itself where it is alone."""
    path = Path(f"/proc/{parent}/task/{parent}/children")
    own = [int(each) for each in path.read_text().split()] if path.exists() else []
    others = ("sparql_worker", "resource_tracker")
    found = [each for each in own if not any(name in _read(each, "cmdline") for name in others)]
    yield from found or [parent]


def anonymous(number: int) -> int:
    """The bytes that a process has for itself; 0 where that is not told."""
    found = re.search(r"RssAnon:\s+(\d+)", _read(number, "status"))
    return int(found[1]) << 10 if found else 0


def _read(number: int, what: str) -> str:
    try:
        return Path(f"/proc/{number}/{what}").read_text()
    except OSError:
        return ""


def report(found: Run) -> None:
    """Print what was met."""
    cpu = re.findall(r"model name\s*: (.*)", _read(os.getpid(), "../cpuinfo"))
    print(f"{os.cpu_count()} x {cpu[0] if cpu else platform.machine()}, {platform.system()},")
    packages = ("pyoxigraph", "uvicorn", "uvloop", "graphql-core", "strawberry-graphql")
    print(f"Python {platform.python_version()},", ", ".join(f"{p} {version(p)}" for p in packages))
    print(f"{found.seconds / 60:.1f} minutes, {found.workers} workers, {found.clients} clients, "
          f"{len(found.editions) - 1} releases published meanwhile\n")  # fmt: skip
    statuses: dict[str, dict[str, int]] = defaultdict(dict)
    for (kind, status, code), count in sorted(found.tally.statuses.items()):
        statuses[kind][f"{status} {code}".strip()] = count
    total = sum(map(len, found.tally.seconds.values()))
    print(f"{'':10}{'requests':>9}{'p50 ms':>9}{'p99 ms':>9}  statuses")
    for kind, seconds in found.tally.seconds.items():
        cuts = statistics.quantiles(seconds, n=100) if len(seconds) > 1 else [seconds[0]] * 99
        told = ", ".join(f"{count} x {status}" for status, count in statuses[kind].items())
        print(f"{kind:10}{len(seconds):9}{cuts[49] * 1000:9.0f}{cuts[98] * 1000:9.0f}  {told}")
    print(f"{'all':10}{total:9}{'':18}  {total / found.seconds:.0f} a second")
    told = ", ".join(str(len(heard)) for heard in found.tally.streams)
    print(f"\nstreams heard of {told} of {len(found.editions) - 1} releases")
    answers = sum(found.tally.says.values())
    print(f"{answers} answers told their edition, in {len(found.tally.says)} ways")
    for number, seen in found.memory.items():
        parts = " ".join(f"{quarter(seen, at) / 1e6:.0f}" for at in range(4))
        most = max(held for _, held in seen) / 1e6
        ratio = quarter(seen, 3) / quarter(seen, 1)
        print(
            f"worker {number}: MB by quarter {parts}, at most {most:.0f}; last / second {ratio:.2f}"
        )


def main(given: list[str]) -> int:
    """Run, print, and tell whether all held."""
    minutes = float(given[0]) if given else 20.0
    workers = int(given[1]) if len(given) > 1 else 2
    clients = int(given[2]) if len(given) > 2 else 64 * workers
    with tempfile.TemporaryDirectory() as folder:
        load(Path(folder))
        load_demonstration(Path(folder))
        found = run(Path(folder), minutes * 60, workers, clients)
    report(found)
    wrong = found.wrong() + found.uneven()
    steady = [quarter(seen, 3) / quarter(seen, 1) for seen in found.memory.values()]
    note(*aims.mixed(found.seconds, found.tally.seconds, steady, len(wrong)))
    print("\nall held" if not wrong else "\nWRONG:\n" + "\n".join(wrong[:40]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
