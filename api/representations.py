"""What a release says of one IRI, and that in every form: each form holds the same triples."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Quad, Triple, serialize

from clausegraph.api import dataset, jsonld
from clausegraph.api.errors import NoReleaseError
from clausegraph.api.formats import Format
from clausegraph.api.reader import Reader
from clausegraph.api.remember import per_reader
from clausegraph.api.sites import Site
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import ID, NS, PREFIXES, graph, mint, parse

ONTOLOGY = NS.removesuffix("#")
_OWN = (dataset.DATASET, dataset.GRAPH, mint("release"))
_TYPE = PREFIXES["rdf"] + "type"
_RELEASE = re.compile("[0-9a-f]{16}")
_ANY = (None, None, None)


def triples(site: Site, iri: str) -> list[Triple]:
    """All triples about an IRI, in a fixed order; none where the release does not describe it.

    About the ontology or a named graph: everything in it. About the data set, a release or a part
    of them: their description.
    """
    found = {quad.triple for quad in site.reader.store.quads_for_pattern(NamedNode(iri), *_ANY)}
    for name in _graphs(site, iri):
        found |= {q.triple for q in site.reader.store.quads_for_pattern(*_ANY, NamedNode(name))}
    return ordered(found | _description(site, iri))


def known(site: Site, iri: str) -> bool:
    """Whether there are triples about an IRI."""
    about = site.reader.store.quads_for_pattern(NamedNode(iri), *_ANY)
    return (
        next(about, None) is not None
        or own_label(site.reader, iri) is not None
        or bool(_graphs(site, iri) or _description(site, iri))
    )


def own_label(reader: Reader, iri: str) -> str | None:
    """The label of a node of the data set's description in this release; None for other nodes.

    The release is counted only for labels that bear a count.
    """
    if not iri.startswith(_OWN):
        return None
    return dataset.names(reader).get(iri) or (
        _counted(reader).get(iri) if iri.startswith(dataset.DATASET + "/") else None
    )


@per_reader
def _counted(reader: Reader) -> dict[str, str]:
    return dataset.labels(dataset.describe(reader))


def serialise(found: Iterable[Triple], form: Format) -> bytes:
    """Triples in an RDF form, in the order given, with the prefixes that they use."""
    found = list(found)
    if form.name == "jsonld":
        return jsonld.document(found)
    body = serialize(found, format=form.rdf, prefixes=used_prefixes(found))
    assert body is not None
    return body


def ordered(found: Iterable[Triple]) -> list[Triple]:
    """Triples sorted by subject, the types of a subject first."""
    return sorted(found, key=_place)


def used_prefixes(found: Iterable[Triple]) -> dict[str, str]:
    """The prefixes, of those that the project writes, in which some IRI of the triples lies."""
    iris = {name for triple in found for name in _names(triple)}
    return {
        prefix: base
        for prefix, base in PREFIXES.items()
        if any(iri.startswith(base) for iri in iris)
    }


def ontology_graphs(reader: Reader) -> list[str]:
    """The named graphs of the ontology in a release."""
    start = graph("ontology") + "/"
    return [name for name in reader.release.graphs if name.startswith(start)]


def _graphs(site: Site, iri: str) -> list[str]:
    """The named graphs that stand behind an IRI: its own, or those of the ontology."""
    if iri == ONTOLOGY:
        return ontology_graphs(site.reader)
    return [iri] if iri in site.reader.release.graphs else []


def _description(site: Site, iri: str) -> set[Triple]:
    """What the data set says of itself under this IRI."""
    if not any(iri == own or iri.startswith(own + "/") for own in _OWN):
        return set()
    kind, parts = parse(iri)
    if kind == "release":
        quads = _release(site, parts[0] if parts else "")
        whole = len(parts) == 1
    else:
        quads = dataset.describe(site.reader, site.base)
        whole = iri in (dataset.DATASET, dataset.GRAPH)
    return {quad.triple for quad in quads if whole or iri_of(quad.subject) == iri}


def _release(site: Site, own: str) -> list[Quad]:
    """A release by its id; whatever is no id never reaches the file system."""
    if _RELEASE.fullmatch(own) is None:
        return []
    try:
        return dataset.of_release(site.releases.get(own))
    except NoReleaseError:
        return []


def _place(triple: Triple) -> tuple[str, bool, str, str]:
    property_ = triple.predicate.value
    return iri_of(triple.subject), property_ != _TYPE, property_, str(triple.object)


def _names(triple: Triple) -> Iterable[str]:
    for term in (triple.subject, triple.predicate, triple.object):
        if isinstance(term, NamedNode) and not term.value.startswith(ID):
            yield term.value
        elif isinstance(term, Literal) and not term.language:
            yield term.datatype.value
