"""The writer's store: named graphs that are replaced together, or not at all.

One process writes at a time; a lock file says which. Readers never open this directory: they open
releases (`clausegraph.api.releases`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from pyoxigraph import NamedNode, Quad, QuerySolutions, RdfFormat, Store, serialize

from clausegraph.api.errors import BusyError, StoreError
from clausegraph.api.settings import Settings
from clausegraph.loaders.unit import Unit, iri_of
from clausegraph.ontology.iris import graph
from clausegraph.ontology.terms import quads as ontology_quads

_LASTING = (graph("law") + "/", graph("ontology") + "/")
"""Where the graphs start that are large and change seldom, of which the lines are kept in memory."""


@dataclass(frozen=True)
class Survey:
    """What one reading of graphs tells: SHA-256 and size of each, and what stands in two of them."""

    digests: dict[str, tuple[str, int]]
    repeated: list[tuple[str, str]]


class Writer:
    """The one open handle on the writer's store; get it from `writing`.

    Whatever is written goes through its methods: it keeps what it has read of the law.
    """

    def __init__(self, store: Store) -> None:
        """Wrap an open pyoxigraph store."""
        self.store = store
        self._kept: dict[str, list[str]] = {}

    def replace(self, graphs: dict[str, list[Quad]], collections: Collection[str]) -> bool:
        """Make `graphs` the only graphs of some collections, in one transaction; False if they were.

        A collection is the first step below ``…/id/graph/`` (``law``, ``ontology``). Graphs of the
        collections that `graphs` does not name are dropped.
        """
        prefixes = tuple(graph(collection) + "/" for collection in collections)
        old = {g.value for g in self._graphs() if g.value.startswith(prefixes)}
        changed = {iri: quads for iri, quads in graphs.items() if self._differs(iri, quads)}
        if not changed and old <= graphs.keys():
            return False
        drop = sorted(old - graphs.keys() | changed.keys())
        update = [f"DROP SILENT GRAPH <{iri}>" for iri in drop]
        update += [_insert(iri, quads) for iri, quads in sorted(changed.items()) if quads]
        self._kept.clear()
        self.store.update(";\n".join(update))
        self.store.flush()
        return True

    def put(self, data: bytes) -> None:
        """Load graphs that the store does not have, in N-Quads, all or nothing."""
        self._kept.clear()
        self.store.bulk_load(input=data, format=RdfFormat.N_QUADS)
        self.store.flush()

    def amend(self, name: str, lines: Collection[str]) -> bool:
        """Make a graph hold exactly these N-Triples lines, in one transaction; False if it did."""
        old = set(self.lines(name))
        new = set(lines)
        if old == new:
            return False
        update = [
            f"{verb} DATA {{ GRAPH <{name}> {{\n" + " .\n".join(sorted(some)) + " .\n} }"
            for verb, some in (("DELETE", old - new), ("INSERT", new - old))
            if some
        ]
        self._kept.pop(name, None)
        self.store.update(";\n".join(update))
        if not new:  # a graph without statements would still count
            self.store.remove_graph(NamedNode(name))
        self.store.flush()
        return True

    def has(self, name: str) -> bool:
        """Whether the store has anything in a graph."""
        found = self.store.quads_for_pattern(None, None, None, NamedNode(name))
        return next(iter(found), None) is not None

    def values(self, name: str, key: NamedNode) -> dict[str, str]:
        """The value of a property of every subject in a graph."""
        found = self.store.quads_for_pattern(None, key, None, NamedNode(name))
        return {iri_of(quad.subject): str(getattr(quad.object, "value", "")) for quad in found}

    def quads(self, but: str | tuple[str, ...] = "-") -> Iterator[Quad]:
        """Every quad of the store, save those of graphs whose IRI begins with `but`."""
        for each in self._graphs():
            if not each.value.startswith(but):
                yield from self.store.quads_for_pattern(None, None, None, each)

    def digests(self, but: str | tuple[str, ...] = "-") -> dict[str, tuple[str, int]]:
        """SHA-256 and number of quads of every named graph, by the graph's IRI; `but` as above."""
        return self.survey(but).digests

    def survey(self, but: str | tuple[str, ...] = "-") -> Survey:
        """Digests as above and what `repeated` tells, from one reading; `but` as above."""
        found = Survey({}, [])
        seen: set[str] = set()
        for name in sorted(each for each in self.names() if not each.startswith(but)):
            lines = self.lines(name)
            found.digests[name] = _digest(lines)
            found.repeated.extend((line, name) for line in lines if line in seen)
            seen.update(lines)
        return found

    def counts(self, start: str) -> dict[str, int]:
        """The number of quads of every graph whose IRI begins so."""
        query = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        rows = self.store.query(query)
        assert isinstance(rows, QuerySolutions)
        found = {iri_of(row["g"]): int(getattr(row["n"], "value", 0)) for row in rows}
        return {name: count for name, count in found.items() if name.startswith(start)}

    def repeated(self, but: str | tuple[str, ...] = "-") -> list[tuple[str, str]]:
        """Triples that stand in two graphs, as (triple, graph); `but` as above.

        The union of the graphs is the default graph, and the store's union is a bag: a triple in
        two graphs would be counted twice by every query (docs/decisions/0002).
        """
        return self.survey(but).repeated

    def _graphs(self) -> Iterator[NamedNode]:
        return (g for g in self.store.named_graphs() if isinstance(g, NamedNode))

    def names(self) -> list[str]:
        """The IRIs of all named graphs."""
        return [each.value for each in self._graphs()]

    def of(self, name: str) -> list[Quad]:
        """Every quad of a graph."""
        return list(self.store.quads_for_pattern(None, None, None, NamedNode(name)))

    def lines(self, name: str) -> list[str]:
        """Every triple of a graph as an N-Triples line without its end, sorted.

        Those of law and ontology are read once; nobody may change the list.
        """
        if name not in self._kept:
            lines = sorted({str(quad.triple) for quad in self.of(name)})
            if not name.startswith(_LASTING):
                return lines
            self._kept[name] = lines
        return self._kept[name]

    def _differs(self, iri: str, quads: list[Quad]) -> bool:
        return self.lines(iri) != sorted({str(quad.triple) for quad in quads})


def digest(quads: Iterable[Quad]) -> tuple[str, int]:
    """SHA-256 over the sorted N-Triples lines of a graph without blank nodes, and their number."""
    return _digest(sorted({str(quad.triple) for quad in quads}))


def _digest(lines: Collection[str]) -> tuple[str, int]:
    """The same from the lines."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest(), len(lines)


def _insert(iri: str, quads: list[Quad]) -> str:
    body = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
    assert body is not None
    return f"INSERT DATA {{ GRAPH <{iri}> {{\n{body.decode()}}} }}"


def graphs_of(units: Iterable[Unit]) -> dict[str, list[Quad]]:
    """The named graphs of units, each with its quads."""
    return {unit.graph: list(unit.quads()) for unit in units}


def ontology_graphs() -> dict[str, list[Quad]]:
    """The named graphs of the ontology."""
    found: dict[str, list[Quad]] = {}
    for quad in ontology_quads():
        found.setdefault(iri_of(quad.graph_name), []).append(quad)
    return found


@contextmanager
def writing(data: Path, patience: float | None = None) -> Iterator[Writer]:
    """Open the writer's store of a data directory, alone.

    Waits for another writer as `locked` does. Raises `BusyError` when another process has it,
    `StoreError` when it cannot be opened.
    """
    with locked(data, patience):
        writer = Writer(_open(data / "writer"))
        try:
            yield writer
        finally:
            # pyoxigraph closes a store when it is collected, and whoever keeps a frame alive
            # (an exception that a validator caches) would keep the store open.
            del writer.store


@contextmanager
def locked(data: Path, patience: float | None = None) -> Iterator[None]:
    """Keep all other processes from changing a data directory.

    Waits `patience` seconds for one that does, or as the setting says. Raises `BusyError` when it does not end.
    """
    data.mkdir(parents=True, exist_ok=True)
    seconds = Settings.from_env().writer_seconds if patience is None else patience
    try:
        with FileLock(data / "writer.lock", timeout=seconds):
            yield
    except Timeout as error:
        raise BusyError(
            f"another process is writing to {data}",
            hint="Wait until it is done, or give another directory with --data.",
            value=str(data),
        ) from error


def _open(path: Path) -> Store:
    try:
        return Store(str(path))
    except (OSError, RuntimeError) as error:  # RuntimeError: what is there is damaged
        raise StoreError(
            f"the store at {path} cannot be opened: {error}",
            hint="Releases are kept apart from it: remove this directory and load again law, documents "
            "and portfolios (`clausegraph portfolio list --json` prints those of the release).",
            value=str(path),
        ) from error
