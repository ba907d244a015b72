"""Releases of synthetic platforms (`benchmarks.synthetic`), whole or lean, for measuring at scale.

    python -m benchmarks.syntheticrelease DATA PLATFORMS [lean | bare]

A whole release holds every quad. A hundred thousand platforms have 160 million of them, 55 GB in a
store; a lean release keeps a fifth in its store, what lists and the same questions in SPARQL read, a
bare one what lists read, while the index is built by the project's builder from all of them, made
again a few at a time.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import orjson
from pyoxigraph import RdfFormat, Store

from benchmarks.synthetic import FOUND, HISTORIES, PLATFORMS, SEED, Platform, platform
from benchmarks.syntheticlines import history, judgements, shared
from clausegraph.api.policyindex import build
from clausegraph.api.publish import load
from clausegraph.api.reader import predicates
from clausegraph.api.releases import Releases
from clausegraph.api.store import writing
from clausegraph.ontology.iris import ID, PREFIXES

T = TypeVar("T")
U = TypeVar("U")
Graphs = dict[str, tuple[str, int]]
AT_ONCE, BLOCKS = 100, 10
"""Platforms that are made at once; so many times as many are loaded at once."""
_TYPE = f"<{PREFIXES['rdf']}type>"
_DOCUMENTS = {"platform": "label invented", "document": "label platform documentKind documentType"}
_PARTS = {
    "bare": _DOCUMENTS | {"provision": "document"},
    "lean": _DOCUMENTS
    | {
        "version": "document capturedAt",
        "provision": "document segmentKind normalisedText",
        "presence": "provision firstVersion",
        "mapping": "provision requirement",
    },
}
KEPT = {
    part: {
        kind: {_TYPE, *(f"<{predicates()[name].value}>" for name in names.split())}
        for kind, names in kinds.items()
    }
    for part, kinds in _PARTS.items()
}
"""The properties that a store keeps of all, by the kind of their subject."""


class Seconds:
    """Seconds of processor and of clock by the name of what they were spent on."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.cpu: Counter[str] = Counter()
        self.clock: Counter[str] = Counter()

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        """Do some work and note what it takes."""
        cpu, clock = time.process_time(), time.perf_counter()
        found = work()
        self.cpu[name] += time.process_time() - cpu  # type: ignore[assignment]  # a sum of seconds
        self.clock[name] += time.perf_counter() - clock  # type: ignore[assignment]
        return found

    def told(self) -> dict[str, Any]:
        """What was noted, to the tenth."""
        both = {"processor": self.cpu, "clock": self.clock}
        return {name: {k: round(v, 1) for k, v in own.items()} for name, own in both.items()}

    def keep(self, data: Path, part: str) -> None:
        """Leave a note of it, and of the part that the store keeps, beside a release."""
        (data / "spent.json").write_bytes(orjson.dumps(self.told() | {"part": part}))


def release(
    data: Path,
    platforms: int,
    seed: int = SEED,
    spent: Seconds | None = None,
    *,
    part: str = "",
    helpers: int = 0,
) -> None:
    """Publish the law and so many platforms in a data directory, without validating them.

    `part` says what the store keeps (`KEPT`; all where it is empty), `helpers` how many
    processes make quads ahead; this one does where it is 0.
    """
    spent = spent or Seconds()
    spent("law", lambda: load(data))
    graphs: Graphs = {}
    with writing(data) as writer, helping(helpers) as pool:
        made = blocks(platforms, seed, part=part, pool=pool)
        while (some := spent("generate", lambda: next(made, None))) is not None:
            block, own = some
            spent("load", partial(writer.store.bulk_load, block, format=RdfFormat.N_QUADS))
            graphs |= own
        spent("optimize", writer.store.optimize)
        graphs |= writer.digests(but=(f"{HISTORIES}/", f"{FOUND}/"))
        source: Any = Made(writer.store, pool, platforms, seed) if part else writer.store

        def beside(path: Path) -> None:
            spent("index", lambda: build(source, path, graphs))

        Releases(data).publish(writer.store, graphs, beside)
    spent.keep(data, part)


def blocks(
    platforms: int, seed: int, *, part: str, pool: Executor | None
) -> Iterator[tuple[bytes, Graphs]]:
    """The N-Quads of platforms, a thousand at a time, with the digests and sizes of their graphs."""
    made = ahead(pool, partial(_block, seed, part), _numbers(platforms))
    while some := list(islice(made, BLOCKS)):
        graphs: Graphs = {}
        for _, own in some:
            graphs |= own
        yield b"".join(lines for lines, _ in some), graphs


def helping(helpers: int) -> AbstractContextManager[Executor | None]:
    """So many processes to make things ahead; none where it is 0."""
    return ProcessPoolExecutor(helpers) if helpers else nullcontext()


def ahead(pool: Executor | None, work: Callable[[U], T], tasks: Iterable[U]) -> Iterator[T]:
    """The results of some work in order, made a little ahead of whoever takes them."""
    if pool is None:
        yield from map(work, tasks)
        return
    waiting: deque[Future[T]] = deque()
    for task in tasks:
        waiting.append(pool.submit(work, task))
        if len(waiting) > 6:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _numbers(platforms: int) -> Iterator[range]:
    for start in range(0, platforms, AT_ONCE):
        yield range(start, min(start + AT_ONCE, platforms))


def _block(seed: int, part: str, numbers: Iterable[int]) -> tuple[bytes, Graphs]:
    """The lines of some platforms; and of their graphs digests of the lines as they are made."""
    found: list[str] = []
    graphs: Graphs = {}
    for number in numbers:
        made = platform(number, seed)
        for name, lines in _graphs(made).items():
            kept = list(filter(partial(_keeps, part), lines) if part else lines)
            found += kept
            if name != PLATFORMS:
                graphs[name] = (hashlib.sha256("\n".join(kept).encode()).hexdigest(), len(kept))
    return (" .\n".join(found) + " .\n").encode(), graphs


def _graphs(made: Platform) -> dict[str, Iterator[str]]:
    return {
        PLATFORMS: shared(made),
        f"{HISTORIES}/{made.path}": history(made),
        f"{FOUND}/{made.path}": judgements(made),
    }


def _keeps(part: str, line: str) -> bool:
    """Whether a store that keeps a part has a line."""
    subject, predicate, _ = line.split(" ", 2)
    kind = subject[len(ID) + 1 :].partition("/")[0]
    return predicate in KEPT[part].get(kind, ())


Facts = dict[str, dict[str, str]]
"""The values of properties by subject, as they are read from one graph."""


class _Term(NamedTuple):
    value: str


class _Said(NamedTuple):
    subject: _Term
    object: _Term


class Made:
    """What an index is built from (`source.Triples`): graphs of platforms are made when asked for.

    They are asked for in the order of their numbers, once each. Everything else is in a store.
    """

    def __init__(self, store: Store, pool: Executor | None, platforms: int, seed: int) -> None:
        """Make no graph yet."""
        self.store = store
        self.named_graphs = store.named_graphs
        self.name, self.facts = "", Facts()
        self.streams = {
            start: self._stream(pool, start, platforms, seed) for start in (HISTORIES, FOUND)
        }

    @staticmethod
    def _stream(
        pool: Executor | None, start: str, platforms: int, seed: int
    ) -> Iterator[tuple[str, Facts]]:
        for some in ahead(pool, partial(_facts, seed, start), _numbers(platforms)):
            yield from some

    def quads_for_pattern(
        self, subject: Any, predicate: Any, object: Any, graph_name: Any = None
    ) -> Iterator[Any]:
        """The quads that fit; of a graph that is made, those of a property."""
        name = graph_name and graph_name.value
        start = next((each for each in self.streams if name and name.startswith(each)), None)
        if start is None:
            yield from self.store.quads_for_pattern(subject, predicate, object, graph_name)
            return
        while self.name != name:
            self.name, self.facts = next(self.streams[start])
        for one, value in self.facts.get(predicate.value, {}).items():
            yield _Said(_Term(one), _Term(value))


def _facts(seed: int, start: str, numbers: Iterable[int]) -> list[tuple[str, Facts]]:
    """The facts of the graphs of some platforms whose names start so."""
    found = []
    for number in numbers:
        made = platform(number, seed)
        lines = history(made) if start == HISTORIES else judgements(made)
        facts: Facts = {}
        for line in lines:
            subject, predicate, rest = line.split(" ", 2)
            facts.setdefault(predicate[1:-1], {})[subject[1:-1]] = _value(rest)
        found.append((f"{start}/{made.path}", facts))
    return found


def _value(rest: str) -> str:
    """The value of the object with which the rest of a line begins; a graph's name is its end."""
    if rest[0] == "<":
        return rest[1 : rest.index(">")]
    text = rest[1 : rest.rindex('"')]
    return str(orjson.loads(f'"{text}"')) if "\\" in text else text


def main(words: Sequence[str]) -> None:
    """Make a release and print what was spent."""
    spent = Seconds()
    release(Path(words[0]), int(words[1]), spent=spent, part="".join(words[2:3]), helpers=1)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(orjson.dumps(spent.told() | {"MB at most": round(most)}).decode())


if __name__ == "__main__":
    main(sys.argv[1:])
