"""Run the shapes; the one module that knows the validator.

Two sets of shapes make one: ``law.ttl`` is written by hand and holds the invariants; the shapes of
values (datatype, class, closed list of every property) are made from the ontology, which alone says
them. pySHACL runs both.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from importlib.resources import files

import pyshacl
from pyoxigraph import BlankNode as OxBlank
from pyoxigraph import Literal as OxLiteral
from pyoxigraph import NamedNode, Quad
from rdflib import RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from clausegraph.ontology.iris import NS
from clausegraph.ontology.terms import quads as ontology_quads
from clausegraph.ontology.terms import vocabulary
from clausegraph.shapes.report import Finding, Locate, Report

SH = Namespace("http://www.w3.org/ns/shacl#")
SHAPE = Namespace("https://w3id.org/clausegraph/shape/")
_WHOLE = URIRef(NS.removesuffix("#"))


def validate(quads: Iterable[Quad], locate: Locate = lambda node: "") -> Report:
    """Hold quads to all shapes.

    The ontology is added to the data, for closed lists and subclasses are facts of the ontology.
    `locate` tells in which file (and line) a node was declared.
    """
    data = to_rdflib(ontology_quads())
    to_rdflib(quads, data)
    _, results, _ = pyshacl.validate(
        data, shacl_graph=shapes(), inference="none", advanced=False, allow_warnings=False
    )
    assert isinstance(results, Graph)
    found = {_finding(results, result, locate) for result in results.objects(predicate=SH.result)}
    return Report(tuple(sorted(found)))


@functools.cache
def fingerprint() -> str:
    """SHA-256 of everything that decides what is valid: shapes, ontology, validator."""
    own = (files("clausegraph.shapes").joinpath(name) for name in ("law.ttl", "validator.py"))
    parts = [*(file.read_text() for file in own), pyshacl.__version__]
    parts += sorted(map(str, ontology_quads()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@functools.cache
def shapes() -> Graph:
    """The hand-written shapes and those made from the ontology, as one graph."""
    graph = Graph()
    graph.parse(data=files("clausegraph.shapes").joinpath("law.ttl").read_text(), format="turtle")
    for term in vocabulary().terms.values():
        if term.kind != "class" and term.iri.startswith(NS) and (term.range or term.values_from):
            _value_shape(graph, term.iri, term.local, term.range, term.values_from)
    return graph


def _value_shape(
    graph: Graph, iri: str, local: str, range_: str | None, values_from: str | None
) -> None:
    """A shape for the values of one property, wherever it is used."""
    shape, inner = SHAPE[f"values-{local}"], SHAPE[f"value-{local}"]
    graph.add((shape, RDF.type, SH.NodeShape))
    graph.add((shape, SH.targetSubjectsOf, URIRef(iri)))
    graph.add((shape, SH.property, inner))
    graph.add((inner, SH.path, URIRef(iri)))
    if values_from:
        member, held = BNode(), BNode()
        graph.add((inner, SH.node, member))
        graph.add((member, SH.property, held))
        graph.add((held, SH.path, SKOS.inScheme))
        graph.add((held, SH.hasValue, URIRef(values_from)))
        what = f"concept of {values_from.rpartition('/')[2]}"
    else:
        range_ = str(range_)
        sort = SH.datatype if range_.startswith(str(XSD)) else SH["class"]
        graph.add((inner, sort, URIRef(range_)))
        what = range_.rpartition("#")[2]
    graph.add((inner, SH.message, Literal(f"A value of {local} is a {what}.")))
    graph.add((inner, RDFS.comment, Literal("Correct the value; the ontology says what it is.")))


def to_rdflib(quads: Iterable[Quad], graph: Graph | None = None) -> Graph:
    """Copy quads into an rdflib graph, forgetting their named graphs.

    pyoxigraph gives every plain string the datatype xsd:string, which rdflib holds unequal to a
    plain literal; strings are made plain here.
    """
    graph = Graph() if graph is None else graph
    term = functools.lru_cache(65536)(_term)
    for quad in quads:
        graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    return graph


def _term(term: object) -> Node:
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, OxBlank):
        return BNode(term.value)
    assert isinstance(term, OxLiteral)
    if term.language:
        return Literal(term.value, lang=term.language)
    kind = term.datatype.value
    return Literal(term.value, datatype=None if kind == str(XSD.string) else URIRef(kind))


def _finding(results: Graph, result: Node, locate: Locate) -> Finding:
    """Read one result; a whole-graph constraint's offender stands in sh:value."""
    shape = results.value(result, SH.sourceConstraint) or results.value(result, SH.sourceShape)
    focus, value = results.value(result, SH.focusNode), results.value(result, SH.value)
    if focus == _WHOLE and value is not None:
        focus, value = value, None
    messages = sorted(str(m) for m in results.objects(result, SH.resultMessage))
    advice = shapes().value(shape, RDFS.comment)
    path = results.value(result, SH.resultPath)
    return Finding(
        where=locate(str(focus)),
        focus=str(focus),
        shape=str(shape).rpartition("/")[2],
        message=messages[0] if messages else "",
        advice=str(advice or ""),
        path=str(path) if isinstance(path, URIRef) else "",
        value="" if value is None else str(value),
    )
