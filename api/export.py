"""Write a whole release, its description included, in an order that never varies.

Graphs follow each other in the order of their IRIs, and triples within a graph in the order of
their text, so that two exports of one release are equal byte by byte. Turtle and N-Triples know no
graphs and hold the union; the other forms keep every graph, the description in one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import orjson
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

from clausegraph.api import dataset, jsonld
from clausegraph.api.formats import DUMPS, Format
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Release
from clausegraph.api.representations import ordered
from clausegraph.ontology.context import context
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import PREFIXES

_WITH_GRAPHS = (RdfFormat.N_QUADS, RdfFormat.TRIG)


class UnknownFormatError(ClausegraphError):
    """A release cannot be written in this form."""

    code = "unknown-format"


def export(release: Release, format: str, out: BinaryIO) -> None:
    """Write a release as ``nquads``, ``trig``, ``turtle``, ``ntriples`` or ``jsonld``.

    Raises `UnknownFormatError` for any other name.
    """
    if format not in DUMPS:
        raise UnknownFormatError(
            f"there is no format {format!r}", hint=f"There are {', '.join(DUMPS)}.", value=format
        )
    write(Reader(release), DUMPS[format], out)


def write(reader: Reader, form: Format, out: BinaryIO, base: str = "") -> None:
    """Write the release of a reader; `base` is the address that its description names."""
    graphs = _graphs(reader, base)
    if form.rdf is RdfFormat.JSON_LD:
        _write_json(graphs, out)
    elif form.rdf in _WITH_GRAPHS:
        quads = (quad for name, found in graphs for quad in _in_graph(found, NamedNode(name)))
        serialize(quads, out, form.rdf, prefixes=PREFIXES)
    else:
        union = (triple for _, found in graphs for triple in found)
        serialize(union, out, form.rdf, prefixes=PREFIXES)


def _graphs(reader: Reader, base: str) -> Iterator[tuple[str, list[Triple]]]:
    """Every graph with its triples; one graph is in memory at a time."""
    description = dataset.describe(reader, base)
    for name in sorted([*reader.release.graphs, dataset.GRAPH]):
        stored = reader.store.quads_for_pattern(None, None, None, NamedNode(name))
        quads = description if name == dataset.GRAPH else stored
        yield name, ordered({quad.triple for quad in quads})


def _in_graph(found: Iterable[Triple], name: NamedNode) -> Iterator[Quad]:
    return (Quad(each.subject, each.predicate, each.object, name) for each in found)


def _write_json(graphs: Iterable[tuple[str, list[Triple]]], out: BinaryIO) -> None:
    """One document: a list of named graphs, each a list of nodes, a node a line."""
    out.write(b'{"@context":' + orjson.dumps(context()["@context"]) + b',\n"@graph":[')
    for number, (name, found) in enumerate(graphs):
        out.write(b",\n" if number else b"\n")
        out.write(b'{"id":' + orjson.dumps(name) + b',"@graph":[\n')
        out.write(b",\n".join(orjson.dumps(node) for node in jsonld.nodes(found, set())))
        out.write(b"\n]}")
    out.write(b"\n]}\n")
