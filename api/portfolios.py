"""Put portfolios and saved queries into the writer's store, and publish.

Each stands in a named graph of its own. What is saved is held to the shapes, is published at once,
and is taken back where that is refused. Whatever a portfolio names stays known after its documents
are removed: the ledger notes that the portfolio speaks of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Quad

from clausegraph.api.errors import NoReleaseError, NothingToRemoveError, StoreError
from clausegraph.api.histories import PLATFORMS
from clausegraph.api.ledger import Ledger
from clausegraph.api.named import KINDS, Names, shortened
from clausegraph.api.portfolioresolve import Resolver
from clausegraph.api.publish import KEPT, Step, publish_held, silent, unpublished
from clausegraph.api.releases import Release, Releases
from clausegraph.api.store import Writer, digest, writing
from clausegraph.loaders.portfolios import (
    Kept,
    Portfolio,
    PortfolioError,
    SavedQuery,
    read_portfolios,
)
from clausegraph.loaders.unit import Node, iri_of, to_quads
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import ID, NS, PREFIXES, graph
from clausegraph.shapes.report import InvalidGraphError
from clausegraph.shapes.validator import validate_fast

_FOLDERS = {"portfolio": "portfolios", "saved-query": "saved-queries"}
_LABEL = NamedNode(PREFIXES["rdfs"] + "label")
_NAMED = {NS + "platforms", NS + "documents"}
_KEYS = {
    "Platform": ("id", "type", "label"),
    "Document": ("id", "type", "label", "platform", "documentType", "documentKind"),
}


class InUseError(ClausegraphError):
    """What was to be removed is still named by something else."""

    code = "in-use"


class UnpublishedError(ClausegraphError):
    """Publishing a portfolio would publish what somebody else has loaded and not published."""

    code = "unpublished"


@dataclass(frozen=True)
class Saved:
    """What was saved or removed, the release that shows it, and whether anything changed."""

    iris: tuple[str, ...]
    release: Release
    changed: bool


def load_file(data: Path, path: Path, step: Step = silent) -> Saved:
    """Save what a file holds; what it does not name stays.

    Raises `PortfolioError` with file, line and path of each mistake, and what `save` raises.
    """
    return save(data, read_portfolios(path), step)


def save(data: Path, kept: Kept, step: Step = silent, patience: float | None = None) -> Saved:
    """Save portfolios and queries, each in the place of the one with its id, and publish.

    Raises `PortfolioError` where something is named that the store does not have,
    `InvalidGraphError`, `UnpublishedError` where law or histories are not published yet, and
    `BusyError` after `patience` seconds (those of the setting without).
    """
    with _session(data, patience) as session:
        nodes = session.resolved(kept)
        session.check(nodes, kept)
        release, changed = session.apply(nodes, step)
    return Saved(tuple(node["id"] for node in nodes.values() if node), release, changed)


def remove(
    data: Path, kind: str, text: str, step: Step = silent, patience: float | None = None
) -> Saved:
    """Remove a ``portfolio`` or ``saved-query`` by its id or name, and publish.

    Raises `NothingToRemoveError`, `InUseError` where a saved query needs the portfolio,
    `UnpublishedError` as `save` does, and `BusyError`.
    """
    with _session(data, patience) as session:
        iri = session.to_remove(kind, text)
        name = graph(f"{_FOLDERS[kind]}/{iri.removeprefix(f'{ID}{kind}/')}")
        release, changed = session.apply({name: None}, step)
    return Saved((iri,), release, changed)


@contextmanager
def _session(data: Path, patience: float | None) -> Iterator[_Session]:
    with writing(data, patience) as writer, Ledger(data) as ledger:
        yield _Session(data, writer, ledger)


class _Session:
    """One change, from what somebody wrote to the release that shows it."""

    def __init__(self, data: Path, writer: Writer, ledger: Ledger) -> None:
        self.data, self.writer, self.ledger = data, writer, ledger
        self.declared = {node["id"]: node for node in ledger.declared()}

    def resolved(self, kept: Kept) -> dict[str, Node | None]:
        """The nodes of a file by their graphs, with IRIs in the place of ids and names."""
        labels = {kind: self._labels(kind) for kind in ("platform", "document", "portfolio")}
        labels["portfolio"] |= {each.iri: each.name for each in kept.portfolios}
        known = {kind: Names(kind, found) for kind, found in labels.items()}
        resolver = Resolver(kept.source, known)
        entries: list[Portfolio | SavedQuery] = [
            *(resolver.portfolio(at, each) for at, each in enumerate(kept.portfolios)),
            *(resolver.query(at, each) for at, each in enumerate(kept.queries)),
        ]
        if resolver.mistakes:
            raise PortfolioError(resolver.mistakes)
        return {each.graph: each.node() for each in entries}

    def _labels(self, kind: str) -> dict[str, str]:
        """The label of everything of a kind that the store has."""
        if kind in _FOLDERS:
            start = graph(_FOLDERS[kind]) + "/"
            own = [name for name in self._kept() if name.startswith(start)]
            pairs = [pair for name in own for pair in self.writer.values(name, _LABEL).items()]
            return dict(pairs)
        return {
            iri: node["label"] for iri, node in self.declared.items() if node["type"] == KINDS[kind]
        }

    def _kept(self) -> list[str]:
        """The graphs of all portfolios and saved queries."""
        names = map(iri_of, self.writer.store.named_graphs())
        return [name for name in names if name.startswith(KEPT)]

    def check(self, nodes: Mapping[str, Node | None], kept: Kept) -> None:
        """Hold nodes to the shapes, before they are written. Raises `InvalidGraphError`."""
        quads = [*to_quads(self.declared.values(), PLATFORMS)]
        for name in self._kept():
            quads += self.writer.of(name) if name not in nodes else []
        for name, node in nodes.items():
            quads += to_quads([node] if node else [], name)
        report = validate_fast(quads, lambda _: kept.source.name)
        if not report.conforms:
            raise InvalidGraphError(report)

    def to_remove(self, kind: str, text: str) -> str:
        """The IRI of what is to be removed, which nothing else may name."""
        names = Names(kind, self._labels(kind))
        iri = names.find(text)
        if iri is None:
            raise NothingToRemoveError(
                f"there is no {kind} {shortened(text)!r}",
                hint=names.advice(text),
                value=shortened(text),
            )
        if queries := self._users(iri):
            raise InUseError(
                f"saved queries are limited to this portfolio: {', '.join(queries)}",
                hint="Remove them first, or save them without it.",
                value=queries,
            )
        return iri

    def _users(self, iri: str) -> list[str]:
        """The ids of the saved queries that are limited to a portfolio."""
        # In a method of its own: an iterator of the store must not leave its thread in an error.
        key = NamedNode(NS + "portfolio")
        found = self.writer.store.quads_for_pattern(None, key, NamedNode(iri), None)
        return sorted(iri_of(quad.subject).rpartition("/")[2] for quad in found)

    def apply(self, nodes: Mapping[str, Node | None], step: Step) -> tuple[Release, bool]:
        """Make each graph hold its node and nothing else, and publish: all of it, or nothing."""
        if (served := self._served(nodes)) is not None:
            return served, False
        self._refuse_others()
        before = {name: self.writer.of(name) for name in nodes}
        try:
            for name, node in nodes.items():
                quads = [*to_quads([node] if node else [], name)]
                self._put(name, quads)
            return publish_held(self.data, self.writer, self.ledger, step), True
        except BaseException:
            for name, quads in before.items():
                self._put(name, quads)
            raise

    def _refuse_others(self) -> None:
        """Raise `UnpublishedError` where more than portfolios would be published."""
        if others := unpublished(self.data, self.writer, self.ledger):
            raise UnpublishedError(
                f"{len(others)} graphs of law or policies are loaded and not published",
                hint="Run `clausegraph publish` first.",
                value=[name.removeprefix(f"{ID}graph/") for name in others[:20]],
            )

    def _served(self, nodes: Mapping[str, Node | None]) -> Release | None:
        """The release that is served, where it and the store have these nodes already."""
        try:
            release = Releases(self.data).current()
        except (NoReleaseError, StoreError):
            return None
        for name, node in nodes.items():
            wanted = digest(to_quads([node], name)) if node else None
            held = digest(self.writer.of(name)) if self.writer.has(name) else None
            if not wanted == held == release.graphs.get(name):
                return None
        return release

    def _put(self, name: str, quads: list[Quad]) -> None:
        """Replace a graph, and note in the ledger what it names."""
        iris = {iri_of(quad.object) for quad in quads if quad.predicate.value in _NAMED}
        self.ledger.declare(name, self._named(iris))
        self.writer.amend(name, [str(quad.triple) for quad in quads])

    def _named(self, iris: Iterable[str]) -> list[Node]:
        """What is said of things that a portfolio names: no more than tells them apart."""
        nodes = [self.declared[iri] for iri in sorted(iris) if iri in self.declared]
        owners = {node["platform"] for node in nodes if "platform" in node} - set(iris)
        nodes += [self.declared[iri] for iri in sorted(owners)]
        return [{key: each[key] for key in _KEYS[each["type"]] if key in each} for each in nodes]
