"""The facts of a node in the shape of a page: rows of values with labels, links and definitions.

Everything comes from the release, the labels of classes and properties included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from pyoxigraph import Literal, NamedNode, Triple

from clausegraph.api.reader import CACHE, Reader
from clausegraph.api.remember import per_reader
from clausegraph.api.representations import ONTOLOGY, known, ontology_graphs, ordered, own_label
from clausegraph.api.sites import Site
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.context import compact
from clausegraph.ontology.iris import ID, NS, PREFIXES

MOST = 100
"""Most links of one group that a page shows; it says how many more there are."""

_NAMES = (
    PREFIXES["rdfs"] + "label",
    PREFIXES["skos"] + "prefLabel",
    PREFIXES["dcterms"] + "title",
)
_DEFINITION = PREFIXES["skos"] + "definition"
_ALT_LABEL = PREFIXES["skos"] + "altLabel"
_FIRST = (PREFIXES["rdf"] + "type", *_NAMES, _ALT_LABEL, _DEFINITION, PREFIXES["cg"] + "summary")
_PLAIN = PREFIXES["xsd"] + "string"
_ROOT = ID.removesuffix("id/")
Facts = dict[str, list[NamedNode | Literal]]


@dataclass(frozen=True)
class Shown:
    """A value: its text, where it leads, and what a literal is of."""

    text: str
    href: str = ""
    iri: str = ""
    language: str = ""
    datatype: str = ""


@dataclass(frozen=True)
class Row:
    """A property with values; `total` counts those that are not shown, too."""

    property: Shown
    definition: str
    values: Sequence[Shown]
    total: int = 0
    kind: str = ""


@dataclass(frozen=True)
class Block:
    """A node with its rows."""

    node: Shown
    rows: Sequence[Row]


@per_reader
def terms(reader: Reader) -> dict[str, Facts]:
    """Everything the ontology of the release says, by subject and property."""
    found = [
        quad.triple
        for name in ontology_graphs(reader)
        for quad in reader.store.quads_for_pattern(None, None, None, NamedNode(name))
    ]
    return by_subject(ordered(found))


def by_subject(found: Iterable[Triple]) -> dict[str, Facts]:
    """Triples by subject and property, each in the order in which it first stands."""
    facts: dict[str, Facts] = {}
    for triple in found:
        assert isinstance(triple.object, NamedNode | Literal)
        about = facts.setdefault(iri_of(triple.subject), {})
        about.setdefault(triple.predicate.value, []).append(triple.object)
    return facts


def text_of(facts: Facts, *properties: str) -> str:
    """The first value of the first property that has one, English before other languages."""
    for each in properties:
        values = sorted(facts.get(each, ()), key=lambda v: (_language(v) != "en", v.value))
        if values:
            return values[0].value
    return ""


def label(site: Site, iri: str) -> str:
    """The name of a node; its IRI in short form where it has none."""
    name = text_of(terms(site.reader).get(iri, {}), *_NAMES) or own_label(site.reader, iri)
    return name or _stored_label(site, iri) or compact(iri).removeprefix(ID)


def _stored_label(site: Site, iri: str) -> str:
    for name in _NAMES:
        about = NamedNode(iri), NamedNode(name), None, None
        found = by_subject(quad.triple for quad in site.reader.store.quads_for_pattern(*about))
        if found:
            return text_of(found[iri], name)
    return ""


def link(site: Site, iri: str) -> str:
    """Where an IRI leads: a page of this server, the web, or nowhere (empty)."""
    if iri.startswith(NS):
        return "/ns#" + iri.removeprefix(NS)
    if iri.startswith(ID):
        return "/" + iri.removeprefix(_ROOT) if known(site, iri) else ""
    if iri == ONTOLOGY or iri.startswith(ONTOLOGY + "/"):
        return "/" + iri.removeprefix(_ROOT)
    return iri if iri.startswith(("https://", "http://")) else ""


def shown(site: Site, iri: str) -> Shown:
    """A node as a link with its label; up to `CACHE` of them are remembered a reader."""
    kept = _nodes(site.reader)
    found = kept.get(iri)
    if found is None:
        if len(kept) >= CACHE:
            kept.clear()
        found = kept[iri] = Shown(label(site, iri), link(site, iri), iri)
    return found


@per_reader
def _nodes(reader: Reader) -> dict[str, Shown]:
    """The nodes shown so far; the values do not hold the reader, so it can go when it is old."""
    return {}


@per_reader
def _properties(reader: Reader) -> dict[str, tuple[Shown, str]]:
    """The properties shown so far with their definitions."""
    return {}


def rows(site: Site, about: Facts) -> list[Row]:
    """The rows of one node: type, names and definition first, then by the property's label."""
    found = [
        _row(site, property_, [_value(site, value) for value in values], len(values))
        for property_, values in about.items()
    ]
    return sorted(found, key=_rank)


def _rank(row: Row) -> tuple[int, str]:
    first = row.property.iri in _FIRST
    return _FIRST.index(row.property.iri) if first else len(_FIRST), row.property.text


def block(site: Site, iri: str, about: Facts) -> Block:
    """A node with its rows."""
    return Block(shown(site, iri), rows(site, about))


def incoming(site: Site, iri: str) -> list[Row]:
    """What points at a node, by property and kind of the pointing node (first step of its path)."""
    found: dict[tuple[str, str], set[str]] = {}
    for quad in site.reader.store.quads_for_pattern(None, None, NamedNode(iri), None):
        subject = iri_of(quad.subject)
        key = quad.predicate.value, _kind(subject)
        found.setdefault(key, set()).add(subject)
    return [
        _row(site, key[0], [shown(site, s) for s in nsmallest(MOST, iris)], len(iris), key[1])
        for key, iris in sorted(found.items())
    ]


def _row(site: Site, iri: str, values: list[Shown], total: int, kind: str = "") -> Row:
    kept = _properties(site.reader)
    if iri not in kept:
        definition = text_of(terms(site.reader).get(iri, {}), _DEFINITION)
        kept[iri] = property_link(site, iri), definition
    return Row(*kept[iri], values, total, kind)


def property_link(site: Site, iri: str) -> Shown:
    """A property as a link to where it is defined."""
    own = iri in terms(site.reader)
    href = f"/ns#{anchor(iri)}" if own else link(site, iri)
    return Shown(label(site, iri), href, iri)


def anchor(iri: str) -> str:
    """The fragment under which the page of the ontology has a term: a local name if it is ours."""
    if iri.startswith(ID):
        return iri.removeprefix(ID).replace("/", "-")
    return iri.removeprefix(NS) if iri.startswith(NS) else compact(iri)


def _value(site: Site, term: object) -> Shown:
    if isinstance(term, NamedNode):
        return shown(site, term.value)
    assert isinstance(term, Literal), term
    datatype = (
        "" if term.language or term.datatype.value == _PLAIN else compact(term.datatype.value)
    )
    href = term.value if datatype == "xsd:anyURI" else ""
    safe = href if href.startswith(("https://", "http://")) else ""
    return Shown(term.value, safe, "", term.language or "", datatype)


def _kind(iri: str) -> str:
    return iri.removeprefix(ID).partition("/")[0] if iri.startswith(ID) else "term"


def _language(term: NamedNode | Literal) -> str:
    return (term.language or "") if isinstance(term, Literal) else ""
