"""A unit of replacement: the nodes that one source file declares, in one named graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from clausegraph.ontology.context import context
from clausegraph.ontology.iris import graph
from clausegraph.ontology.terms import vocabulary

Node = dict[str, Any]
SHARED = frozenset({"Provider", "Platform", "Document"})
"""Classes of nodes that sources of law and of policies may both describe."""
_RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


@dataclass
class Unit:
    """Nodes by IRI, with the line on which each is declared.

    A node is a mapping of the keys of the JSON-LD context to a value or a list of values;
    ``id`` and ``type`` are always there. Absent and empty values are left out.
    """

    name: str
    sha256: str
    nodes: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def graph(self) -> str:
        """IRI of the named graph that holds the unit."""
        return graph("law/" + self.name.removesuffix(".yaml"))

    def add(self, line: int, node: Node) -> str:
        """Take a node in and return its IRI."""
        iri = str(node["id"])
        self.nodes[iri] = filled(node)
        self.lines[iri] = line
        return iri

    def shared(self) -> Iterator[Node]:
        """The nodes that other sources may describe too; they stand in a graph of their own."""
        return (node for node in self.nodes.values() if node["type"] in SHARED)

    def quads(self) -> Iterator[Quad]:
        """The unit as quads of its named graph, the graph's own description included."""
        own = (node for node in self.nodes.values() if node["type"] not in SHARED)
        yield from to_quads(own, self.graph)
        about = {
            "id": self.graph,
            "type": "SourceFile",
            "label": self.name,
            "path": self.name,
            "sha256": self.sha256,
        }
        yield from to_quads([about], self.graph)


def filled(node: Node) -> Node:
    """A node without its absent and empty values."""
    return {key: value for key, value in node.items() if value not in (None, [], "")}


def to_quads(nodes: Iterable[Node], graph_iri: str) -> Iterator[Quad]:
    """Turn nodes into quads; the ontology's context is the only mapping from keys to terms."""
    terms: dict[str, Any] = context()["@context"]
    name = NamedNode(graph_iri)
    for node in nodes:
        subject = NamedNode(node["id"])
        yield Quad(subject, _RDF_TYPE, NamedNode(vocabulary().term(node["type"]).iri), name)
        for key, value in node.items():
            if key in ("id", "type"):
                continue
            definition = terms[key]
            predicate = NamedNode(expand(definition["@id"], terms))
            for each in value if isinstance(value, list) else [value]:
                yield Quad(subject, predicate, _object(each, definition, terms), name)


def iri_of(term: object) -> str:
    """The IRI of a term; the graph has neither blank nodes nor a default graph of its own."""
    assert isinstance(term, NamedNode), term
    return term.value


def expand(term: str, terms: dict[str, Any]) -> str:
    """A term of the context in full."""
    prefix, colon, local = term.partition(":")
    base = terms.get(prefix)
    return base + local if colon and isinstance(base, str) else term


def _object(value: Any, definition: dict[str, Any], terms: dict[str, Any]) -> NamedNode | Literal:
    kind = definition.get("@type")
    if kind == "@id":
        return NamedNode(value)
    if kind is None:
        return Literal(value)
    return Literal(literal_text(kind, value), datatype=NamedNode(expand(kind, terms)))


def literal_text(kind: str, value: Any) -> str:
    """A value as the store writes it: decimals and moments in their canonical form."""
    if isinstance(value, bool):
        return str(value).lower()
    if kind == "xsd:decimal":
        return format(Decimal(str(value)).normalize(), "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)
