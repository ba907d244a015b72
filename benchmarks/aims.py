"""What was stated of the project's speed, held to what `answers`, `lists` and `mixed` measure."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping

from benchmarks.figures import Figure

IN_PROCESS = {"DataLoaders": 50.0, "raw SPARQL JSON": 15.0, "graphql-core": 12.0}
"""How many times the processor's time of the compiled query the others take at least."""
COLD, OVER_HTTP, WORKERS = 1.5, 15.0, 1.7
"""Nothing kept to raw SPARQL, at most; requests a second to those of raw SPARQL, and of two workers
to one, at least."""
FACETS, SEARCH, PAGES, GROWTH = 15.0, 30.0, 2.0, 3.0
"""Milliseconds at 10,000 platforms; the thousandth page to the first; ten times the platforms."""
MEMORY = {10_000: 1_000.0, 100_000: 4_000.0}
"""The most megabytes of a worker, by the number of platforms."""
SIZE = 10_000
STEADY = (0.9, 1.1)
"""The memory of a worker in the last quarter to that in the second."""


def answers(cpu: Mapping[str, float], requests: Mapping[str, float]) -> Iterator[Figure]:
    """The nested query: CPU milliseconds of each way, and requests a second, if any were counted."""
    base = cpu["compiled"]
    yield Figure("nested query, compiled", base, "ms")
    for name, least in IN_PROCESS.items():
        yield Figure(f"nested query, {name}", cpu[name], "ms", baseline="the compiled",
                     against=base, least=least)  # fmt: skip
    yield Figure("nested query, compiled, nothing kept", cpu["compiled, nothing kept"], "ms",
                 baseline="raw SPARQL", against=cpu["raw SPARQL JSON"], most=COLD)  # fmt: skip
    if not requests:
        return
    for kept in ("kept", "not kept"):
        one, two = (requests[f"GraphQL, answers {kept}, {number}"] for number in (1, 2))
        for number in (1, 2):  # processes that answer SPARQL
            yield Figure(f"over HTTP, answers {kept}, 1 worker to {number} of SPARQL", one, "/s",
                         baseline="raw SPARQL", against=requests[f"SPARQL JSON, {number}"],
                         least=OVER_HTTP)  # fmt: skip
        yield Figure(f"over HTTP, answers {kept}, 2 workers", two, "/s", baseline="1 worker",
                     against=one, least=WORKERS)  # fmt: skip


def lists(found: Mapping[int, Mapping[str, float]]) -> Iterator[Figure]:
    """Lists: the 95th percentiles of the processor's time in milliseconds, by size and question."""
    for size, high in found.items():
        for name, value in high.items():
            most = _most(name) if size == SIZE else None
            yield Figure(f"{size} platforms: {name}, p95", value, "ms", most=most)
        if {"page 1", "page 1000"} <= high.keys():
            yield Figure(f"{size} platforms: the thousandth page", high["page 1000"], "ms",
                         baseline="the first", against=high["page 1"], most=PAGES)  # fmt: skip
    small, large = found.get(SIZE, {}), found.get(SIZE * 10, {})
    for name in small.keys() & large.keys():
        yield Figure(f"{SIZE * 10} platforms: {name}, p95", large[name], "ms",
                     baseline=f"at {SIZE}", against=small[name], most=GROWTH)  # fmt: skip


def _most(name: str) -> float | None:
    if name.startswith("search"):
        return SEARCH
    return FACETS if name.endswith("three facets") else None


def memory(size: int, megabytes: float) -> Figure:
    """Lists: the most that the process of a worker held."""
    return Figure(f"{size} platforms: memory", megabytes, "MB", most=MEMORY.get(size))


def mixed(
    seconds: float, took: Mapping[str, list[float]], memory: list[float], wrong: int
) -> Iterator[Figure]:
    """The mixed load: seconds that answers took by kind; each worker's memory in the last quarter
    to that in the second; how many things did not hold.
    """
    every = sorted(value for some in took.values() for value in some)
    yield Figure("mixed load, what did not hold", wrong, "errors", most=0)
    yield Figure("mixed load, requests", len(every) / seconds, "/s")
    if len(every) > 1:
        cuts = statistics.quantiles(every, n=100)
        yield Figure("mixed load, p50", cuts[49] * 1e3, "ms")
        yield Figure("mixed load, p99", cuts[98] * 1e3, "ms")
    for number, ratio in enumerate(memory, 1):
        yield Figure(f"mixed load, memory of worker {number}, last quarter to second", ratio,
                     "times", least=STEADY[0], most=STEADY[1])  # fmt: skip
