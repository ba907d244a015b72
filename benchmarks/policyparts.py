"""The parts of `benchmarks.policies` that are measured each in a process of its own.

    python -m benchmarks.policyparts (stages|sizes|quotes|changes) ARCHIVE DATA

DATA is a data directory in which ARCHIVE is loaded and published.
"""

from __future__ import annotations

import random
import re
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, Store

from benchmarks.figures import Figure, note
from clausegraph.api.historypool import TOGETHER
from clausegraph.api.policyindex import NAME, build
from clausegraph.api.publish import publish
from clausegraph.api.quotescope import captures, scope
from clausegraph.api.quoteservice import Question, archive_of, ask
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.loaders.capture import Capture
from clausegraph.loaders.changes import compare
from clausegraph.loaders.gitopen import opened
from clausegraph.loaders.historyjob import Result, check, digest_of
from clausegraph.loaders.names import slug
from clausegraph.loaders.ntriples import lines
from clausegraph.loaders.ota import plan, read
from clausegraph.loaders.policies import HistoryBuilder, Identity
from clausegraph.loaders.segment import segment
from clausegraph.loaders.visible import visible
from clausegraph.ontology.iris import graph
from tests.small_histories import Asker

DRAW = 20251124
QUOTES = 300
ROOM = 1_000_000_000
INDEX = "of which index"
VERIFY = """query($text: String!) { verifyQuote(text: $text) { status versionCount
  first { id } last { id } passage { exact } nearest { exact similarity } } }"""


def stages(archive: Path, data: Path) -> None:
    """Print what each stage takes, one after the other in one process."""
    clock = Clock()
    with opened(archive) as objects:
        planned = clock("plan", lambda: list(plan(objects, report=lambda notice: None)))
        found = clock("read", lambda: list(read(objects, planned)))
    results = clock("build", lambda: [_built(each) for each in by_document(found)])
    clock("check", lambda: [check(group) for group in grouped(results)])
    with tempfile.TemporaryDirectory() as name:
        clock("write", lambda: _written(Path(name) / "store", results))
        shutil.copytree(data, f"{name}/data", ignore=shutil.ignore_patterns("releases", "current"))
        release = publish(Path(name) / "data", clock.step)
        clock.step(None)
        clock(INDEX, lambda: build(release.open(), Path(name)))
    clock.show("stages, one process")


class Clock:
    """Seconds by the name of what they were spent on."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.spent: dict[str, float] = {}
        self.going: tuple[str, float] | None = None

    def __call__(self, name: str, work: Callable[[], Any]) -> Any:
        """Do some work and note what it takes."""
        began = time.perf_counter()
        result = work()
        self.spent[name] = time.perf_counter() - began
        return result

    def step(self, name: str | None) -> None:
        """Note that a step of publishing begins, or that the last one has ended."""
        now = time.perf_counter()
        if self.going is not None:
            key = f"publish: {self.going[0]}"
            self.spent[key] = self.spent.get(key, 0.0) + now - self.going[1]
        self.going = None if name is None else (name.split()[0], now)

    def show(self, title: str) -> None:
        """Print the stages with their shares; the index is made while the release is."""
        total = sum(seconds for name, seconds in self.spent.items() if name != INDEX)
        print(f"{title:<40}{total:8.2f} s")
        for name, seconds in self.spent.items():
            print(f"    {name:<36}{seconds:8.2f} s {seconds / total:5.0%}")


def by_document(found: Sequence[Capture]) -> list[list[Capture]]:
    """Captures by document, the longest history first."""
    known: dict[tuple[str, str], list[Capture]] = {}
    for each in found:
        known.setdefault((each.platform, each.document), []).append(each)
    return sorted(known.values(), key=len, reverse=True)


def _built(history: Sequence[Capture]) -> Result:
    """One document's history as statements."""
    names = history[0].platform, history[0].document
    identity = Identity(*names, *map(slug, names))
    made = tuple(sorted(set(lines(HistoryBuilder(identity, history).nodes()))))
    return Result(identity, tuple(history), (), made, digest_of(made), ())


def grouped(results: Sequence[Result]) -> Iterator[list[Result]]:
    """Histories in groups, as the load checks them."""
    group: list[Result] = []
    for each in results:
        if group and sum(len(r.captures) for r in (*group, each)) > TOGETHER:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _written(path: Path, results: Sequence[Result]) -> None:
    store = Store(str(path))
    for group in grouped(results):
        data = b"".join(each.data for each in group)
        store.bulk_load(input=data, format=RdfFormat.N_QUADS)
        store.flush()


def sizes(archive: Path, data: Path) -> None:
    """Print what a version takes in triples and on disk."""
    reader = Reader(Releases(data).current())
    count = len(reader.ids("Version"))
    start = graph("policies") + "/"
    graphs = reader.release.graphs.items()
    triples = sum(number for name, (_, number) in graphs if name.startswith(start))
    print(f"{count} versions, {triples} triples: {triples / count:.0f} a version")
    for name, path in (("store", reader.release.store_path), ("index", reader.release.path / NAME)):
        size = _size(path)
        print(f"  {name:<8}{size / 1e6:7.1f} MB on disk, {size / count / 1e3:6.1f} kB a version")


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(each.stat().st_size for each in files if each.is_file())


def quotes(archive: Path, data: Path) -> None:
    """Print how fast quotations are verified over everything, and what the index takes."""
    reader = Reader(Releases(data).current())
    texts = sorted({each.text for each in captures(reader, scope(reader).documents)})
    drawn = list(sentences(texts, QUOTES // 3))
    del texts
    before = _held()
    seconds = timed(lambda: archive_of(reader, scope(reader), ROOM))
    print(f"index for quotations: {seconds:.1f} s, {(_held() - before) / 1e6:.0f} MB more")
    kinds = {"VERIFIED": str, "REPAIRED": repaired, "NOT_FOUND": forged}
    ask(reader, Question(drawn[0]), ROOM)
    asker = Asker(reader)
    asker(VERIFY, text=drawn[0])
    for name, through in (("verifyQuote", asker), ("  without GraphQL", None)):
        every = list[float]()
        for status, made in kinds.items():
            took = [_asked(reader, through, made(each), status) for each in drawn]
            percentiles(f"{name}, {status}", took)
            every += took
        percentiles(f"{name}, all {len(every)}", every)


def _asked(reader: Reader, asker: Asker | None, text: str, status: str) -> float:
    """Seconds that one question takes; its answer is held to the status."""
    began = time.perf_counter()
    if asker is None:
        found = ask(reader, Question(text), ROOM).verdict.status
    else:
        found = asker(VERIFY, text=text)["verifyQuote"]["status"]
    took = time.perf_counter() - began
    assert found == status, (found, text)
    return took


def sentences(texts: Sequence[str], count: int) -> Iterator[str]:
    """Sentences of at least eight words, as a reader sees them."""
    draw = random.Random(DRAW)
    while count:
        text = draw.choice(texts)
        if not (parts := segment(text)):
            continue
        part = draw.choice(parts)
        seen = visible(text[part.start : part.end], part.kind == "row").text
        sentence = draw.choice(re.split(r"(?<=[.!?])\s+|[\n\t]", seen))
        if len(re.findall("[A-Za-z]{2,}", sentence)) >= 8 and len(sentence) < 2_000:
            count -= 1
            yield sentence


def repaired(sentence: str) -> str:
    """The sentence in other typography."""
    return f"\u201c{sentence.swapcase().replace(' ', '  ', 2)}\u201d"


def forged(sentence: str) -> str:
    """The sentence with one word in the middle replaced."""
    words = [match.span() for match in re.finditer(r"(?<!\S)[A-Za-z]{2,}(?!\S)", sentence)]
    start, end = words[len(words) // 2]
    return f"{sentence[:start]}quixotically{sentence[end:]}"


def changes(archive: Path, data: Path) -> None:
    """Print how fast captures are compared, and what comes of it."""
    with opened(archive) as objects:
        planned = plan(objects, report=lambda notice: None)
        found = by_document(list(read(objects, planned)))
    pairs = [pair for each in found for pair in pairwise(each)]
    weights: Counter[str] = Counter()

    def run() -> None:
        for before, after in pairs:
            weights[compare(before.text, after.text).significance] += 1

    seconds = timed(run)
    size = sum(len(each.text) for pair in pairs for each in pair)
    print(f"compare: {len(pairs) / seconds:.0f} pairs a second, {size / seconds / 1e6:.1f} million")
    print("  characters a second; of the follow-up versions are")
    for name, count in weights.most_common():
        print(f"    {name:<10}{count:6}{count / len(pairs):7.1%}")


def show(name: str, found: Sequence[float]) -> None:
    """Print a median with the extremes."""
    low, middle, high = min(found), statistics.median(found), max(found)
    print(f"{name:<40}{middle:8.2f} s (min {low:.2f}, max {high:.2f})")


def percentiles(name: str, found: Sequence[float]) -> None:
    """Print the median, the 95th percentile and the most, in milliseconds."""
    cuts = statistics.quantiles(found, n=20)
    middle, high = statistics.median(found) * 1e3, cuts[18] * 1e3
    note(Figure(f"{name}, median", middle, "ms"), Figure(f"{name}, p95", high, "ms"))
    print(f"{name:<40}p50 {middle:6.1f} ms, p95 {high:6.1f} ms, max {max(found) * 1e3:6.1f} ms")


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _held() -> int:
    """The most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


PARTS = {"stages": stages, "sizes": sizes, "quotes": quotes, "changes": changes}

if __name__ == "__main__":
    PARTS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
