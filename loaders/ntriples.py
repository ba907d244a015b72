"""Nodes as N-Triples lines, for histories of a million triples.

`unit.to_quads` makes the same statements one object at a time; a test holds the two equal.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode

from clausegraph.loaders.unit import Node, expand, literal_text
from clausegraph.ontology.context import context
from clausegraph.ontology.iris import PREFIXES
from clausegraph.ontology.terms import vocabulary

_TYPE = f"<{PREFIXES['rdf']}type>"


def lines(nodes: Iterable[Node]) -> Iterator[str]:
    """The statements of nodes, a line each without its end (`` .``), as ``str(triple)`` gives them.

    A node is as in `clausegraph.loaders.unit.Unit`; absent values are left out. One without
    a type adds to a node of another graph.
    """
    for node in nodes:
        subject = f"<{node['id']}>"
        if "type" in node:
            yield f"{subject} {_TYPE} {_class(node['type'])}"
        for key, value in node.items():
            if key in ("id", "type") or value is None:
                continue
            predicate, write = _property(key)
            for each in value if isinstance(value, list) else (value,):
                yield f"{subject} {predicate} {write(each)}"


@functools.cache
def _class(name: str) -> str:
    return str(NamedNode(vocabulary().term(name).iri))


@functools.cache
def _property(key: str) -> tuple[str, Callable[[Any], str]]:
    """A property in full, and how its values are written."""
    terms: dict[str, Any] = context()["@context"]
    definition = terms[key]
    kind = definition.get("@type")
    predicate = str(NamedNode(expand(definition["@id"], terms)))
    if kind == "@id":
        return predicate, "<{}>".format
    if kind is None:
        return predicate, lambda value: str(Literal(value))
    datatype = NamedNode(expand(kind, terms))
    return predicate, lambda value: str(Literal(literal_text(kind, value), datatype=datatype))
