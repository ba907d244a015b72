"""What a release is read from: quads by pattern, and reads of many things at once.

`EmbeddedSource` is a store in this process, `clausegraph.api.endpoint.EndpointSource` any SPARQL
1.1 endpoint. A read of many things is made once for each level of an answer, whatever their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from pyoxigraph import NamedNode, Quad, Store

from clausegraph.api import rows
from clausegraph.loaders.unit import iri_of


class Triples(Protocol):
    """What an index is built from; an open store is one."""

    def quads_for_pattern(
        self, subject: Any, predicate: Any, object: Any, graph_name: Any = None
    ) -> Iterator[Quad]:
        """The quads that fit; None fits anything."""
        ...

    def named_graphs(self) -> Iterator[Any]:
        """The names of the graphs."""
        ...


class Source(Triples, Protocol):
    """What a reader reads from. Threads may share it."""

    def describe(self, iris: Sequence[str]) -> dict[str, list[Quad]]:
        """Everything that is said of some things; what is no IRI or is not there is left out."""
        ...

    def referrers(self, iris: Sequence[str], predicate: NamedNode) -> dict[str, list[str]]:
        """What points at each of some things by a property: IRIs, sorted, perhaps none."""
        ...

    def query(self, query: str, **options: Any) -> Any:
        """The answer to a SPARQL query."""
        ...


class EmbeddedSource:
    """A store in this process. Patterns are looked up one by one: faster than VALUES."""

    def __init__(self, store: Store) -> None:
        """Take an open store."""
        self.store = store
        self.quads_for_pattern = store.quads_for_pattern
        self.named_graphs = store.named_graphs
        self.query: Callable[..., Any] = store.query

    def describe(self, iris: Sequence[str]) -> dict[str, list[Quad]]:
        """Everything that is said of some things."""
        found = {
            iri: list(self.quads_for_pattern(node, None, None, None)) for iri, node in _nodes(iris)
        }
        return {iri: quads for iri, quads in found.items() if quads}

    def told(self, iris: Sequence[str], keys: Mapping[str, str]) -> dict[str, rows.Values]:
        """The values of these things by key (`clausegraph.api.rows`), for many of them faster."""
        return rows.told(self.query, [iri for iri, _ in _nodes(iris)], keys)

    def referrers(self, iris: Sequence[str], predicate: NamedNode) -> dict[str, list[str]]:
        """What points at each of some things by a property."""
        found: dict[str, list[str]] = {iri: [] for iri in iris}
        for iri, node in _nodes(iris):
            quads = self.quads_for_pattern(None, predicate, node, None)
            found[iri] = sorted({iri_of(quad.subject) for quad in quads})
        return found


def node_of(iri: str) -> NamedNode | None:
    """A node by its IRI; None for what is no IRI."""
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def _nodes(iris: Iterable[str]) -> Iterator[tuple[str, NamedNode]]:
    return ((iri, node) for iri in iris if (node := node_of(iri)) is not None)
