"""From a shapes graph to SPARQL: one query per constraint, which selects what breaks it.

A query runs once over all focus nodes of a shape, never once a node. Whatever the engine does not
know is refused here, before any data is looked at, so that no shape can go unchecked.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pyoxigraph import QuerySolutions, Store
from rdflib import OWL, RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

from clausegraph.shapes.constraints import (
    COUNTS,
    NEED_PATH,
    VALUES,
    Site,
    UnsupportedShapeError,
    exists,
    kept,
    walk,
    written,
)
from clausegraph.shapes.literals import FUNCTIONS

_TARGETS = {SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode}
_OF_SHAPES: set[Node] = {
    SH.path,
    SH.message,
    SH.property,
    SH.sparql,
    SH.flags,
    SH.qualifiedValueShape,
}
_OF_SHAPES |= _TARGETS | VALUES.keys() | COUNTS.keys() | {SH.name, SH.description}
_OF_QUERIES = {SH.select, SH.message, SH.prefixes}
_KNOWN = _OF_SHAPES | _OF_QUERIES | {SH.inversePath, SH.alternativePath}
_KNOWN |= {SH.declare, SH.prefix, SH.namespace}
_SHAPES = {SH.NodeShape, SH.PropertyShape}
_Test = tuple[tuple[str, ...], str]
_UNKNOWN_VARIABLE = re.compile(r"[$?](PATH|shapesGraph|currentShape|failure)\b")


@dataclass(frozen=True)
class Check:
    """One constraint of one shape, with the query that selects its breaches.

    The query gives ``?this``, the focus node, and where there is one ``?value``; `itself` says that
    the focus stands for a value that the query does not give. Names in braces in `messages`, such
    as ``{?term}``, are variables of the query. Each focus node is of a class (or of one below it)
    or has a property that is `sought`; where nothing is, it may be any node.
    """

    shape: str
    path: str
    messages: tuple[str, ...]
    advice: str
    query: str
    itself: bool = False
    sought: frozenset[str] = frozenset()


def compile_shapes(graph: Graph) -> tuple[Check, ...]:
    """All checks of a shapes graph. Raises `UnsupportedShapeError`."""
    return tuple(_Compiler(graph).checks())


def select(store: Store, query: str) -> QuerySolutions:
    """Run a check's query over all graphs of a store at once."""
    found = store.query(query, use_default_graph_as_union=True, custom_functions=FUNCTIONS)
    assert isinstance(found, QuerySolutions)
    return found


class _Compiler:
    """Walks a shapes graph from its targets down."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.fresh = (f"?v{number}" for number in itertools.count()).__next__
        self.met: set[Node] = set()
        self.above: list[Node] = []

    def checks(self) -> Iterator[Check]:
        """Every check; raises where the graph holds what is not known, or what is not reached."""
        self._vet_words()
        shapes = {shape for target in _TARGETS for shape in self.graph.subjects(target)}
        for shape in sorted(shapes, key=str):
            yield from self._shape(shape, self._target(shape), self._sought(shape))
        for shape in sorted(set(self.graph.subjects(SH.message)) - self.met, key=str):
            raise UnsupportedShapeError(shape, "is checked nowhere, for no target leads to it")

    def _shape(self, shape: Node, target: str, sought: frozenset[str]) -> Iterator[Check]:
        """The checks of a shape and of the property shapes below, for the nodes of a target."""
        site = self._enter(shape, "?this", "?value")
        for predicate, parameter in self._facts(shape):
            if predicate == SH.property:  # below a path are other nodes than those of the target
                below = frozenset[str]() if site.path else sought
                yield from self._shape(parameter, self._below(target, site.path), below)
            for check in self._own(site, predicate, parameter, target):
                yield replace(check, sought=sought)
        self.above.remove(shape)

    def _own(self, site: Site, predicate: Node, parameter: Node, target: str) -> Iterator[Check]:
        """The checks of one constraint of a shape itself."""
        if predicate in VALUES:
            for path, test in self._tests(site, predicate, parameter):
                pattern = f"{self._values(target, path)} FILTER(!{kept(test)})"
                yield self._core(site, f"SELECT ?this ?value WHERE {{ {pattern} }}")
        elif predicate in COUNTS:
            pattern = f"{target} FILTER(!{kept(COUNTS[predicate](site, parameter))})"
            yield self._core(site, f"SELECT ?this WHERE {{ {pattern} }}")
        elif predicate == SH.sparql:
            yield self._sparql(site, parameter, target)

    def _conforms(self, shape: Node, node: str) -> str:
        """The expression that the node in a variable conforms to a shape."""
        site = self._enter(shape, node, self.fresh())
        terms = []
        for predicate, parameter in self._facts(shape):
            if predicate in VALUES or predicate == SH.property:
                terms += [_every(site, *t) for t in self._tests(site, predicate, parameter)]
            elif predicate in COUNTS:
                terms.append(kept(COUNTS[predicate](site, parameter)))
            elif predicate == SH.sparql:
                raise UnsupportedShapeError(shape, "has sh:sparql inside of another constraint")
        self.above.remove(shape)
        return f"({' && '.join(terms) or 'true'})"

    def _facts(self, shape: Node) -> list[tuple[Node, Node]]:
        return sorted(self.graph.predicate_objects(shape), key=lambda fact: tuple(map(str, fact)))

    def _tests(self, site: Site, predicate: Node, parameter: Node) -> Iterator[_Test]:
        """Paths from the focus, each with what every value there must keep."""
        if predicate == SH.property:
            yield site.path, self._conforms(parameter, site.value)
        else:
            yield site.path, VALUES[predicate](site, parameter)
        if predicate == SH.equals:
            yield (written(site, parameter),), exists(site.walk(site.value))

    def _enter(self, shape: Node, focus: str, value: str) -> Site:
        """Refuse what is not known of a shape, and note that it was met."""
        if shape in self.above:
            raise UnsupportedShapeError(shape, "leads back to itself")
        path = self.graph.value(shape, SH.path)
        for predicate, each in self.graph.predicate_objects(shape):
            if predicate == RDF.type and each not in _SHAPES:
                raise UnsupportedShapeError(shape, f"is a {each} too")
            if str(predicate).startswith(str(SH)) and predicate not in _OF_SHAPES:
                raise UnsupportedShapeError(shape, f"uses {predicate}")
            if path is None and predicate in NEED_PATH:
                raise UnsupportedShapeError(shape, f"uses {predicate} without a path")
        self.met.add(shape)
        self.above.append(shape)
        steps = () if path is None else self._path(shape, path)
        value = value if steps or focus == "?this" else focus
        return Site(self.graph, shape, steps, focus, value, self.fresh, self._conforms)

    def _path(self, shape: Node, path: Node) -> tuple[str, ...]:
        """The steps of a SHACL path in SPARQL; only a sequence has several."""
        steps = list(self.graph.items(path)) or [path]
        return tuple(self._step(shape, step) for step in steps)

    def _step(self, shape: Node, path: Node) -> str:
        if isinstance(path, URIRef):
            return path.n3()
        if (inverse := self.graph.value(path, SH.inversePath)) is not None:
            return f"^{self._step(shape, inverse)}"
        if (branches := self.graph.value(path, SH.alternativePath)) is not None:
            return f"({'|'.join(self._step(shape, each) for each in self.graph.items(branches))})"
        raise UnsupportedShapeError(shape, "has a path of an unknown sort")

    def _target(self, shape: Node) -> str:
        """The pattern that binds ``?this`` to every focus node of a shape, once."""
        classes = " ".join(_iris(self.graph, shape, SH.targetClass))
        nodes = " ".join(_iris(self.graph, shape, SH.targetNode))
        parts = [f"?this {p} ?any" for p in _iris(self.graph, shape, SH.targetSubjectsOf)]
        parts += [f"?any {p} ?this" for p in _iris(self.graph, shape, SH.targetObjectsOf)]
        if classes:
            above = f"?type {RDFS.subClassOf.n3()}* ?class"
            parts.append(f"VALUES ?class {{ {classes} }} {above} . ?this a ?type")
        if nodes:
            parts.append(f"VALUES ?this {{ {nodes} }}")
        return _distinct(*parts)

    def _sought(self, shape: Node) -> frozenset[str]:
        """The classes and properties of which each focus node of a shape has one, if that is so."""
        if any((shape, each, None) in self.graph for each in (SH.targetNode, SH.targetObjectsOf)):
            return frozenset()
        kinds = (SH.targetClass, SH.targetSubjectsOf)
        return frozenset(str(each) for kind in kinds for each in self.graph.objects(shape, kind))

    def _values(self, target: str, path: tuple[str, ...]) -> str:
        """The pattern that adds ``?value`` to a target; on a node shape it is the focus itself."""
        if not path:
            return f"{target} BIND(?this AS ?value)"
        if target == _distinct(f"?this {path[0]} ?any"):  # the first step finds the same nodes
            target = ""
        return f"{target} {walk('?this', path, '?value', self.fresh)}"

    def _below(self, target: str, path: tuple[str, ...]) -> str:
        """The target of a property shape below another shape: the values of that shape."""
        if not path:
            return target
        outer = f"{{ SELECT (?this AS ?outer) WHERE {{ {target} }} }}"
        return _distinct(f"{outer} {walk('?outer', path, '?this', self.fresh)}")

    def _core(self, site: Site, query: str) -> Check:
        messages = self._messages(site.shape)
        if any("{?" in each or "{$" in each for each in messages):
            raise UnsupportedShapeError(site.shape, "has a variable in a message, but no query")
        return self._check(site, site.shape, messages, query)

    def _sparql(self, site: Site, constraint: Node, target: str) -> Check:
        """A check from a query of the shapes graph, which is evaluated for each ``?this``."""
        for predicate, _ in self.graph.predicate_objects(constraint):
            if str(predicate).startswith(str(SH)) and predicate not in _OF_QUERIES:
                raise UnsupportedShapeError(constraint, f"uses {predicate}")
        self.met.add(constraint)
        text = str(self.graph.value(constraint, SH.select))
        if unknown := _UNKNOWN_VARIABLE.search(text):
            raise UnsupportedShapeError(constraint, f"uses {unknown[0]}")
        head = self._prefixes(constraint)
        if "this" not in _variables(constraint, head + text):
            raise UnsupportedShapeError(constraint, "does not select $this")
        query = f"{head}SELECT * WHERE {{ {target} LATERAL {{ {text}\n}} }}"
        messages = self._messages(site.shape) + self._messages(constraint)
        return self._check(site, constraint, messages, query)

    def _check(self, site: Site, named: Node, messages: tuple[str, ...], query: str) -> Check:
        if not isinstance(named, URIRef) or not messages:
            raise UnsupportedShapeError(named, "can fail and has no IRI or no sh:message")
        _variables(named, query)
        path = self.graph.value(site.shape, SH.path)
        return Check(
            shape=str(named),
            path=str(path) if isinstance(path, URIRef) else "",
            messages=messages,
            advice=str(self.graph.value(named, RDFS.comment) or ""),
            query=query,
            itself=named != site.shape and not site.path,
        )

    def _messages(self, shape: Node) -> tuple[str, ...]:
        return tuple(sorted(map(str, self.graph.objects(shape, SH.message))))

    def _prefixes(self, constraint: Node) -> str:
        found = {"rdf": str(RDF), "rdfs": str(RDFS), "owl": str(OWL)}
        for each in self.graph.objects(constraint, SH.prefixes / SH.declare):
            prefix = str(self.graph.value(each, SH.prefix))
            found[prefix] = str(self.graph.value(each, SH.namespace))
        return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in found.items())

    def _vet_words(self) -> None:
        """Refuse any word of SHACL that is not known, wherever it stands in the graph."""
        for subject, predicate, value in self.graph:
            if str(predicate).startswith(str(SH)) and predicate not in _KNOWN:
                raise UnsupportedShapeError(subject, f"uses {predicate}")
            known = _SHAPES | {SH.SPARQLConstraint}
            if predicate == RDF.type and str(value).startswith(str(SH)) and value not in known:
                raise UnsupportedShapeError(subject, f"is a {value}")


def _iris(graph: Graph, shape: Node, predicate: URIRef) -> list[str]:
    found = sorted(graph.objects(shape, predicate), key=str)
    if not all(isinstance(each, URIRef) for each in found):
        raise UnsupportedShapeError(shape, f"has a value of {predicate} that is no IRI")
    return [each.n3() for each in found if isinstance(each, URIRef)]


def _distinct(*parts: str) -> str:
    pattern = parts[0] if len(parts) == 1 else " UNION ".join(f"{{ {part} }}" for part in parts)
    return f"{{ SELECT DISTINCT ?this WHERE {{ {pattern} }} }}"


def _every(site: Site, path: tuple[str, ...], test: str) -> str:
    """The expression that every value at a path from the focus keeps a test."""
    if not path:
        return kept(test)
    steps = walk(site.focus, path, site.value, site.fresh)
    return "!" + exists(steps, f"FILTER(!{kept(test)})")


def _variables(shape: Node, query: str) -> set[str]:
    """The variables that a query gives, once it was seen to be one."""
    try:
        return {variable.value for variable in select(Store(), query).variables}
    except SyntaxError as error:
        raise UnsupportedShapeError(shape, f"makes no query that can run ({error})") from error
