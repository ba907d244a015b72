"""Run the shapes; the one module that knows the validators.

Two sets of shapes make one: the Turtle files beside this module are written by hand and hold the
invariants; the shapes of values (datatype, class, closed list of every property) are made from the
ontology, which alone says them. `validate` runs both with pySHACL, the reference. `validate_fast`
and `validate_store` give the same report from `clausegraph.shapes.engine`, which asks the store.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Collection, Iterable
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

import pyoxigraph
from pyoxigraph import Quad, Store
from rdflib import RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from clausegraph.ontology.iris import NS
from clausegraph.ontology.terms import quads as ontology_quads
from clausegraph.ontology.terms import vocabulary
from clausegraph.shapes.engine import Breach, Engine
from clausegraph.shapes.literals import to_term
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
    import pyshacl  # takes long to import, and a server never needs it

    _, results, _ = pyshacl.validate(
        data, shacl_graph=shapes(), inference="none", advanced=False, allow_warnings=False
    )
    assert isinstance(results, Graph)
    found = {_finding(results, result, locate) for result in results.objects(predicate=SH.result)}
    return Report(tuple(sorted(found)))


def validate_fast(quads: Iterable[Quad], locate: Locate = lambda node: "") -> Report:
    """Hold quads to all shapes, as `validate` does, in a store in memory.

    The ontology is added to the data. Values come back as a store keeps them, so a number or date
    in an unusual spelling is reported in the usual one.
    """
    store = Store()
    store.bulk_extend(ontology_quads())
    store.bulk_extend(quads)
    return _report(store, locate)


def validate_store(store: Store, locate: Locate = lambda node: "") -> Report:
    """Hold everything in a store to all shapes, as `validate` does; nothing is written.

    The store should hold the ontology, in whichever graphs, as the writer's store and every release
    do. Where any statement of it is missing, the data are copied into a store in memory that has
    it, which is right all the same but needs time and memory for the copy.
    """
    triples = (quad.triple for quad in ontology_quads())
    if all(any(store.quads_for_pattern(*triple)) for triple in triples):
        return _report(store, locate)
    return validate_fast(store, locate)


def validate_part(store: Store, focus: Collection[str]) -> Report:
    """Hold some nodes of a store to all shapes, by their IRIs, as `validate` does.

    For a unit that was made anew, beside the nodes it refers to: of those only as much need be in
    the store as the shapes of the unit ask for, since they themselves are not looked at.
    """
    store.bulk_extend(ontology_quads())
    looked_at = {str(_WHOLE), *focus}  # a rule on the whole graph has the offender as its value
    found = {_breach(each, lambda _: "") for each in engine().run(store, looked_at)}
    return Report(tuple(sorted(each for each in found if each.focus in focus)))


@functools.cache
def fingerprint() -> str:
    """SHA-256 of everything that decides what is valid: shapes, ontology, validators."""
    own = (file for file in _own() if file.name.endswith((".py", ".ttl")))
    parts = [*(file.read_text() for file in own), version("pyshacl"), pyoxigraph.__version__]
    parts += sorted(map(str, ontology_quads()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@functools.cache
def engine() -> Engine:
    """The fast engine with all shapes, compiled once."""
    return Engine(shapes())


@functools.cache
def shapes() -> Graph:
    """The hand-written shapes and those made from the ontology, as one graph."""
    graph = Graph()
    for file in _own():
        if file.name.endswith(".ttl"):
            graph.parse(data=file.read_text(), format="turtle")
    for term in vocabulary().terms.values():
        if term.kind != "class" and term.iri.startswith(NS) and (term.range or term.values_from):
            _value_shape(graph, term.iri, term.local, term.range, term.values_from)
    return graph


def _own() -> list[Traversable]:
    """The files of this package, by name."""
    return sorted(files("clausegraph.shapes").iterdir(), key=lambda file: file.name)


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
    """Copy quads into an rdflib graph, forgetting their named graphs."""
    graph = Graph() if graph is None else graph
    term = functools.lru_cache(65536)(to_term)
    for quad in quads:
        graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    return graph


def _report(store: Store, locate: Locate) -> Report:
    """What the fast engine finds in a store that holds data and ontology."""
    return Report(tuple(sorted({_breach(each, locate) for each in engine().run(store)})))


def _breach(breach: Breach, locate: Locate) -> Finding:
    """Read one breach of the fast engine."""
    focus, value = _offender(breach.focus, breach.value)
    return Finding(
        where=locate(str(focus)),
        focus=str(focus),
        shape=breach.check.shape.rpartition("/")[2],
        message=breach.message,
        advice=breach.check.advice,
        path=breach.path,
        value="" if value is None else str(value),
    )


def _finding(results: Graph, result: Node, locate: Locate) -> Finding:
    """Read one result of pySHACL."""
    shape = results.value(result, SH.sourceConstraint) or results.value(result, SH.sourceShape)
    focus, value = results.value(result, SH.focusNode), results.value(result, SH.value)
    focus, value = _offender(focus, value)
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


def _offender(focus: Node | None, value: Node | None) -> tuple[Node | None, Node | None]:
    """The node to report; the offender of a rule on the whole graph is the value."""
    return (value, None) if focus == _WHOLE and value is not None else (focus, value)
