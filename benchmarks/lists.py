"""Measure lists at scale beside plain SPARQL: filter, order, page, facets, search.

    python -m benchmarks.lists FOLDER [SIZE ...]

For each number of platforms (1000 and 10000 where none is given) FOLDER gets a release, unless it
has one: `benchmarks.syntheticrelease`, above 10,000 `benchmarks.syntheticcopies`. Each is asked in a
process of its own, in GraphQL through the compiled execution that the server uses; each run draws
another filter with a fixed seed, so that sets are made and not only fetched, and what the release
keeps of statements is dropped before every run. Times are milliseconds, by the clock and of the
processor: median and 95th percentile of `RUNS`. What plain SPARQL takes for the same question, one
pattern at a time as a researcher would write it, is the median of 3, ended after `LIMIT` seconds.
"""

from __future__ import annotations

import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson

from benchmarks import aims
from benchmarks.figures import note
from benchmarks.synthetic import HEAD, vocabulary
from clausegraph.api.execution import Executor
from clausegraph.api.nodes import Budget, View
from clausegraph.api.policyindex import NAME, connect
from clausegraph.api.policysearch import RANKED
from clausegraph.api.policyselect import forget
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.schema import build
from clausegraph.ontology.iris import ID, NS, PREFIXES

PACKAGES = ("pyoxigraph", "strawberry-graphql", "numpy", "pyroaring")
RUNS, LIMIT, MADE = 100, 60, 10_000
"""Runs of a question; seconds for one in SPARQL; the most platforms that are made one by one."""
HIGH: dict[str, float] = {}
"""The 95th percentile of the processor's time for what was shown."""
DAY = date(2025, 6, 1)
SEED = 20261125
KINDS = ("PARAGRAPH", "ITEM", "ROW", "DEFINITION")
DOCUMENTS = ("PRIVACY_POLICY", "TERMS_OF_SERVICE", "COOKIE_POLICY", "ACCEPTABLE_USE")
FREQUENT, RARE = ("data", "personal", "rights", "cookies"), ("biometric", "portability", "appeal")
LIST = """query($kind: [SegmentKind!], $documents: [DocumentKind!], $since: DateTime, $day: Date,
        $after: String, $way: Direction!) {
    provisions(first: 50, after: $after, asOf: $day, orderBy: [{by: FIRST_SEEN, direction: $way}],
        filter: {kind: $kind, documentKind: $documents, firstSeenSince: $since}) {
    edges { cursor node { id } } pageInfo { endCursor hasNextPage } %s } }"""
FACETS = "facets(by: [KIND, DOCUMENT_KIND, REQUIREMENT], first: 10) { values { value count } }"
PLATFORMS = "facets(by: [PLATFORM], first: 10) { values { value count } }"
SEARCH = """query($text: String!) { searchProvisions(first: 20, text: $text) {
    nodes { score provision { id } } } }"""
SPARQL = f"""PREFIX cg: <{NS}> PREFIX kind: <{ID}segment-kind/> PREFIX oa: <{PREFIXES["oa"]}>"""
CHOSEN = """?p a cg:Provision ; cg:segmentKind kind:item ; cg:document ?d .
    ?d cg:documentKind <https://w3id.org/clausegraph/id/document-kind/cookie-policy> ."""
PLAIN = {
    "filter, order, page": f"SELECT ?p {{ {CHOSEN} ?r cg:provision ?p ; cg:firstVersion ?v . "
    "?v cg:capturedAt ?t } ORDER BY DESC(?t) ?p LIMIT 50",
    "facet by requirement": f"SELECT ?q (COUNT(DISTINCT ?p) AS ?n) {{ {CHOSEN} ?m a cg:Mapping ; "
    "cg:provision ?p ; cg:requirement ?q } GROUP BY ?q ORDER BY DESC(?n) LIMIT 10",
    "search": 'SELECT ?p { ?p cg:normalisedText ?t FILTER(CONTAINS(LCASE(?t), "biometric")) }',
}


class Asker:
    """Asks one release."""

    def __init__(self, data: Path) -> None:
        """Open the release that is served."""
        self.reader = Reader(Releases(data).current())
        self.executor = Executor(build())

    def __call__(self, query: str, **variables: Any) -> Any:
        """The data of an answer."""
        view = View(self.reader, DAY, Budget(10**9, time.monotonic() + 600))
        prepared = self.executor.prepare(query, None)
        found = self.executor.execute(prepared, variables, {"view": view})
        assert not found.errors, found.errors
        assert found.data is not None
        return orjson.loads(found.data)


def main(words: Sequence[str]) -> None:
    """Measure releases of some sizes, and print what they take and how it grows."""
    print(f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}")
    print(", ".join(f"{each} {version(each)}" for each in PACKAGES), flush=True)
    folder, found = Path(words[0]), dict[int, Any]()
    for size in map(int, words[1:] or ("1000", "10000")):
        data = folder / str(size)
        if not (data / "current").exists():
            _make(folder, data, size)
        print(f"\n{size} platforms", flush=True)
        done = _again("one", data, 3_600)
        assert done is not None, "an hour was not enough"
        found[size] = orjson.loads(done.splitlines()[-1])
        print("\n".join(done.splitlines()[:-1]), flush=True)
    note(*aims.lists(found))
    for one, other in pairwise(sorted(found)):
        print(f"\nprocessor, p95, {other} platforms to {one}:")
        for name in sorted(found[one].keys() & found[other].keys()):
            print(f"{name:<40}{found[other][name] / found[one][name]:6.1f}")


def _make(folder: Path, data: Path, size: int) -> None:
    from benchmarks import syntheticcopies, syntheticrelease

    if size <= MADE:
        syntheticrelease.release(data, size, helpers=1)
        return
    if not (folder / str(MADE) / "current").exists():
        _make(folder, folder / str(MADE), MADE)
    syntheticcopies.release(data, folder / str(MADE), size // MADE, helpers=1)


def _again(task: str, data: Path, seconds: float, *more: str) -> str | None:
    """What this module prints of a task in a process of its own; None where it is too slow."""
    command = [sys.executable, "-m", "benchmarks.lists", task, str(data), *more]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout


def one(data: Path, runs: int = RUNS) -> None:
    """Measure one release; the last line has the 95th percentiles in JSON."""
    share(data)
    ask, draw = Asker(data), random.Random(SEED)
    held = ask("{ holdings { platforms provisions changes } }")["holdings"]
    print(held)
    lists(ask, draw, runs)
    pages(ask, runs)
    searches(ask, draw, runs)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory: {most:.0f} MB at most")
    note(aims.memory(round(held["platforms"], -1), most))  # the law speaks of one more
    asked = PLAIN if _part(data) != "bare" else ()
    if not asked:
        print("plain SPARQL is not asked: the store has too little")
    for name in asked:
        told = _again("plain", data, LIMIT + 10, name)
        print(f"plain SPARQL: {name:<26}{told or f'over {LIMIT} s, ended'}".rstrip(), flush=True)
    print(orjson.dumps(HIGH).decode())


def _part(data: Path) -> str:
    return str(orjson.loads((data / "spent.json").read_bytes()).get("part", ""))


def share(data: Path) -> None:
    """What building the index takes beside loading the same quads into the store."""
    spent = orjson.loads((data / "spent.json").read_bytes())
    part = spent.pop("part", "")
    print(f"the store keeps {f'a {part} part' if part else 'everything'}")
    for kind, own in spent.items():
        told = own["load"] + own["optimize"]
        beside = "" if part else f", {own['index'] / told:.2f} of bulk_load's {told:.1f}"
        print(f"index: {own['index']} s of {kind}{beside}")


def drawn(draw: random.Random) -> dict[str, Any]:
    """A filter."""
    return {
        "kind": draw.sample(KINDS, draw.randrange(1, 4)),
        "documents": draw.sample(DOCUMENTS, draw.randrange(1, 4)),
        "since": draw.choice((None, f"202{draw.randrange(2, 5)}-0{draw.randrange(1, 9)}-01")),
        "day": draw.choice((None, str(DAY))),
        "way": draw.choice(("ASC", "DESC")),
    }


def lists(ask: Asker, draw: random.Random, runs: int) -> None:
    """Lists with nothing besides, with their length, and with facets."""
    parts = {"": "page of 50", "totalCount": "with totalCount", FACETS: "with three facets",
             PLATFORMS: "with a facet by platform"}  # fmt: skip
    for more, name in parts.items():
        query = LIST % more
        began = time.perf_counter()
        ask(query, **drawn(draw))
        print(f"{'first question of its kind':<40}{(time.perf_counter() - began) * 1e3:9.1f} ms")
        show(f"filter, order, {name}", forgetful(ask, query, lambda: drawn(draw)), runs)


def pages(ask: Asker, runs: int) -> None:
    """The first page and the thousandth (the last, where there are fewer)."""
    given = {"way": "DESC"}
    query, after, number = LIST % "", None, 1
    while number < 1_000:
        found = ask(query, after=after, **given)
        found = found["provisions"]["pageInfo"]
        if not found["hasNextPage"]:
            break
        after, number = found["endCursor"], number + 1
    show("page 1", forgetful(ask, query, lambda: given), runs)
    show("page 1000", forgetful(ask, query, lambda: given | {"after": after}), runs)
    if number < 1_000:
        print(f"(there are {number} pages: the last one)")


def searches(ask: Asker, draw: random.Random, runs: int) -> None:
    """Searches for words of different frequency; the dearest are those that are just ranked."""
    known = ranked(ask.reader)
    parts: dict[str, Callable[[], str]] = {
        "frequent word": lambda: draw.choice(FREQUENT),
        "rare word": lambda: draw.choice(RARE),
        "word that is just ranked": lambda: draw.choice(known),
        "frequent and rare word": lambda: f"{draw.choice(FREQUENT)} {draw.choice(RARE)}",
    }
    for name, words in parts.items():
        told = forgetful(ask, SEARCH, lambda: {"text": words()})  # noqa: B023
        show(f"search, {name}", told, runs)


def ranked(reader: Reader) -> list[str]:
    """Words that stand in nearly as many passages as a search ranks."""
    words = vocabulary()[0][len(HEAD) :]
    sql = f"SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT {RANKED + 1})"
    with closing(connect(reader.release.path / NAME)) as db:

        def held(word: str) -> int:
            return int(db.execute(sql, (f'"{word}"',)).fetchone()[0])

        start = bisect_left(words, True, key=lambda word: held(word) <= RANKED)
        return [word for word in words[start : start + 60] if held(word) <= RANKED][:20]


def forgetful(ask: Asker, query: str, draw: Callable[[], dict[str, Any]]) -> Callable[[], object]:
    """A question before which what the release keeps of statements is dropped."""

    def once() -> object:
        forget(ask.reader)
        return ask(query, **draw())

    return once


def plain(data: Path, name: str) -> None:
    """Print what a question takes in SPARQL."""
    store = Releases(data).current().open()
    query, took, rows = f"{SPARQL} {PLAIN[name]}", list[float](), 0
    while len(took) < 3 and sum(took) < LIMIT * 1e3 / 3:
        used = time.process_time()
        rows = len(list(store.query(query, use_default_graph_as_union=True)))  # type: ignore[arg-type]
        took.append((time.process_time() - used) * 1e3)
    print(f"processor p50 {statistics.median(took):8.1f} ms of {len(took)}, {rows} rows", end="")


def show(name: str, work: Callable[[], object], runs: int) -> None:
    """Print the median and the 95th percentile."""
    clock, cpu = list[float](), list[float]()
    for _ in range(runs):
        began, used = time.perf_counter(), time.process_time()
        work()
        clock.append((time.perf_counter() - began) * 1e3)
        cpu.append((time.process_time() - used) * 1e3)
    print(f"{name:<40}clock {_figures(clock)}   processor {_figures(cpu)}", flush=True)
    HIGH[name] = statistics.quantiles(cpu, n=20)[18]


def _figures(took: list[float]) -> str:
    high = statistics.quantiles(took, n=20)[18]
    return f"p50 {statistics.median(took):8.1f} p95 {high:8.1f} ms"


if __name__ == "__main__":
    if sys.argv[1] == "one":
        one(Path(sys.argv[2]))
    elif sys.argv[1] == "plain":
        plain(Path(sys.argv[2]), sys.argv[3])
    else:
        main(sys.argv[1:])
