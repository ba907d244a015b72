"""The vocabulary in memory: classes, properties and the concepts of the closed lists.

It is read from the Turtle files beside this module, which are its only source.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from types import MappingProxyType
from typing import ClassVar, TypeVar

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import PREFIXES, graph

FILES = ("vocabulary", "policies", "findings", "schemes", "alignments")
"""The Turtle files of the ontology; each is a named graph of its own."""

_KINDS = {
    PREFIXES["owl"] + "Class": "class",
    PREFIXES["owl"] + "ObjectProperty": "object-property",
    PREFIXES["owl"] + "DatatypeProperty": "datatype-property",
    PREFIXES["owl"] + "AnnotationProperty": "annotation-property",
}
_Facts = Mapping[str, Mapping[str, list[str]]]
_T = TypeVar("_T")


class UnknownNameError(ClausegraphError):
    """The vocabulary has no term, list or concept of this name."""

    code: ClassVar[str] = "unknown-name"


@dataclass(frozen=True)
class Term:
    """A class or property.

    `kind` is ``class``, ``object-property``, ``datatype-property`` or ``annotation-property``.
    `local` is the name in data and queries. `values_from` is the IRI of the closed list, where
    values come from one, and `range` the IRI of the only class or datatype of values, if one.
    """

    iri: str
    local: str
    label: str
    definition: str
    example: str
    source: str
    kind: str
    domains: tuple[str, ...]
    range: str | None
    values_from: str | None


@dataclass(frozen=True)
class Concept:
    """One entry of a closed list; `scheme` and `broader` are slugs."""

    iri: str
    slug: str
    scheme: str
    label: str
    definition: str
    example: str
    broader: str | None


@dataclass(frozen=True)
class Scheme:
    """A closed list; `concepts` holds its entries by slug, in the order of the file."""

    iri: str
    slug: str
    label: str
    definition: str
    concepts: Mapping[str, Concept]


@dataclass(frozen=True)
class Vocabulary:
    """All terms by local name and all closed lists by slug."""

    terms: Mapping[str, Term]
    schemes: Mapping[str, Scheme]

    def term(self, local: str) -> Term:
        """The class or property of a name; raises `UnknownNameError` with near matches."""
        return _named("term", local, self.terms)

    def scheme(self, slug: str) -> Scheme:
        """The closed list of a slug; raises `UnknownNameError` with near matches."""
        return _named("closed list", slug, self.schemes)

    def concept(self, scheme: str, slug: str) -> Concept:
        """The concept of a closed list; raises `UnknownNameError` with near matches."""
        return _named(f"concept of {scheme}", slug, self.scheme(scheme).concepts)


@functools.cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read once."""
    facts = _index(quads())
    terms = [
        _term(iri, kind, facts[iri])
        for type_, kind in _KINDS.items()
        for iri in _subjects(facts, type_)
    ]
    concepts = [_concept(iri, facts[iri]) for iri in _subjects(facts, _skos("Concept"))]
    schemes = [
        _scheme(iri, facts[iri], concepts) for iri in _subjects(facts, _skos("ConceptScheme"))
    ]
    return Vocabulary(
        terms=MappingProxyType({term.local: term for term in terms}),
        schemes=MappingProxyType({scheme.slug: scheme for scheme in schemes}),
    )


@functools.cache
def quads() -> tuple[Quad, ...]:
    """Every statement of the ontology, each in the named graph of its file."""
    return tuple(quad for name in FILES for quad in _read(name))


def _read(name: str) -> Iterable[Quad]:
    text = files("clausegraph.ontology").joinpath(f"{name}.ttl").read_bytes()
    where = NamedNode(graph(f"ontology/{name}"))
    for quad in parse(text, RdfFormat.TURTLE):
        yield Quad(quad.subject, quad.predicate, quad.object, where)


def _index(statements: Iterable[Quad]) -> _Facts:
    """Values by subject and predicate; no blank nodes and no triple terms are in the files."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in statements:
        assert isinstance(quad.subject, NamedNode)
        found[quad.subject.value][quad.predicate.value].append(getattr(quad.object, "value", ""))
    return found


def _subjects(facts: _Facts, type_: str) -> list[str]:
    return [iri for iri, values in facts.items() if type_ in values[PREFIXES["rdf"] + "type"]]


def _term(iri: str, kind: str, values: Mapping[str, list[str]]) -> Term:
    rdfs = PREFIXES["rdfs"]
    domains = values[rdfs + "domain"] + values[PREFIXES["schema"] + "domainIncludes"]
    return Term(
        iri=iri,
        local=_local(iri),
        label=_one(values, rdfs + "label"),
        definition=_one(values, _skos("definition")),
        example=_one(values, _skos("example")),
        source=_one(values, PREFIXES["dcterms"] + "source"),
        kind=kind,
        domains=tuple(domains),
        range=_one(values, rdfs + "range") or None,
        values_from=_one(values, PREFIXES["cg"] + "valuesFrom") or None,
    )


def _concept(iri: str, values: Mapping[str, list[str]]) -> Concept:
    return Concept(
        iri=iri,
        slug=_slug(iri),
        scheme=_slug(_one(values, _skos("inScheme"))),
        label=_one(values, _skos("prefLabel")),
        definition=_one(values, _skos("definition")),
        example=_one(values, _skos("example")),
        broader=_slug(_one(values, _skos("broader"))) or None,
    )


def _scheme(iri: str, values: Mapping[str, list[str]], concepts: Iterable[Concept]) -> Scheme:
    slug = _slug(iri)
    return Scheme(
        iri=iri,
        slug=slug,
        label=_one(values, PREFIXES["rdfs"] + "label"),
        definition=_one(values, _skos("definition")),
        concepts=MappingProxyType({each.slug: each for each in concepts if each.scheme == slug}),
    )


def _named(what: str, name: str, known: Mapping[str, _T]) -> _T:
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3)
    listed = "The names stand in ontology/vocabulary.ttl and ontology/schemes.ttl."
    hint = f"Did you mean {' or '.join(near)}?" if near else listed
    raise UnknownNameError(f"There is no {what} {name!r}.", hint=hint, value=name)


def _one(values: Mapping[str, list[str]], predicate: str) -> str:
    return next(iter(values[predicate]), "")


def _skos(local: str) -> str:
    return PREFIXES["skos"] + local


def _slug(iri: str) -> str:
    return iri.rpartition("/")[2]


def _local(iri: str) -> str:
    """Last step of an IRI, in camel case as all names are: ``is_part_of`` is ``isPartOf``."""
    name = iri.rpartition("#")[2].rpartition("/")[2]
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)
