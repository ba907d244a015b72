"""Measure lists at scale beside plain SPARQL: filter, order, page, facets, search.

    python -m benchmarks.lists DATA [RUNS]

DATA is a data directory with a published release, such as `benchmarks.syntheticlines.release` makes.
Questions are asked in GraphQL, in process, through the compiled execution that the server uses; each
run draws another filter with a fixed seed, so that sets are made and not only fetched; searches empty
what the release keeps of statements. Times are milliseconds, by the clock and of the processor: median
and 95th percentile of RUNS (default 100). What plain SPARQL takes
for the same question, one pattern at a time as a researcher would write it, is the median of 3.
"""

from __future__ import annotations

import os
import platform
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from clausegraph.api.execution import Executor
from clausegraph.api.nodes import Budget, View
from clausegraph.api.policyselect import forget
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.schema import build
from clausegraph.ontology.iris import ID, NS, PREFIXES

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


def main(data: Path, runs: int) -> None:
    """Measure everything and print it."""
    packages = ("pyoxigraph", "strawberry-graphql", "numpy", "pyroaring")
    versions = ", ".join(f"{each} {version(each)}" for each in packages)
    print(f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}")
    print(versions)
    ask, draw = Asker(data), random.Random(SEED)
    held = ask("{ holdings { platforms provisions changes } }")
    print(held.get("data", held)["holdings"])
    lists(ask, draw, runs)
    pages(ask, runs)
    searches(ask, draw, runs)
    plain(ask.reader)
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


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
        show(f"filter, order, {name}", lambda: ask(query, **drawn(draw)), runs)  # noqa: B023


def pages(ask: Asker, runs: int) -> None:
    """The first page and the thousandth (the last, where there are fewer)."""
    given = {"way": "DESC"}
    query, after, number = LIST % "", None, 1
    while number < 1_000:
        found = ask(query, after=after, **given)
        found = found.get("data", found)["provisions"]["pageInfo"]
        if not found["hasNextPage"]:
            break
        after, number = found["endCursor"], number + 1
    show("page 1", lambda: ask(query, **given), runs)
    show(f"page {number}", lambda: ask(query, after=after, **given), runs)


def searches(ask: Asker, draw: random.Random, runs: int) -> None:
    """Searches for words of different frequency."""
    parts: dict[str, Callable[[], str]] = {
        "frequent word": lambda: draw.choice(FREQUENT),
        "rare word": lambda: draw.choice(RARE),
        "frequent and rare word": lambda: f"{draw.choice(FREQUENT)} {draw.choice(RARE)}",
    }
    for name, words in parts.items():
        show(f"search, {name}", forgetful(ask, words), runs // 4)


def forgetful(ask: Asker, words: Callable[[], str]) -> Callable[[], object]:
    """A search of which the release keeps no statement."""

    def search() -> object:
        forget(ask.reader)
        return ask(SEARCH, text=words())

    return search


def plain(reader: Reader) -> None:
    """The same questions in SPARQL."""
    for name, query in PLAIN.items():
        show(f"plain SPARQL: {name}", lambda: rows(reader, query), 3)  # noqa: B023


def rows(reader: Reader, query: str) -> int:
    """The number of rows of an answer."""
    return len(list(reader.store.query(f"{SPARQL} {query}", use_default_graph_as_union=True)))  # type: ignore[arg-type]


def show(name: str, work: Callable[[], object], runs: int) -> None:
    """Print the median and the 95th percentile."""
    clock, cpu = list[float](), list[float]()
    for _ in range(runs):
        began, used = time.perf_counter(), time.process_time()
        work()
        clock.append((time.perf_counter() - began) * 1e3)
        cpu.append((time.process_time() - used) * 1e3)
    print(f"{name:<40}clock {_figures(clock)}   processor {_figures(cpu)}", flush=True)


def _figures(took: list[float]) -> str:
    high = statistics.quantiles(took, n=20)[18] if len(took) > 3 else max(took)
    return f"p50 {statistics.median(took):8.1f} p95 {high:8.1f} ms"


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100)
