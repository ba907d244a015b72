"""The data set about itself: a release described in VoID and DCAT, as quads of a graph of its own.

Every node has an IRI below ``…/id/dataset`` or ``…/id/release``. `base` is the address of the
server that gives the description; without one (in an export) it names no endpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from clausegraph.api.endpointrelease import EndpointRelease
from clausegraph.api.formats import DUMPS
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Release
from clausegraph.api.remember import per_reader
from clausegraph.api.source import EmbeddedSource
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.context import compact
from clausegraph.ontology.iris import ID, NS, PREFIXES, graph, mint, parse

DATASET = mint("dataset")
GRAPH = graph("dataset")
LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"
FOUNDERS = mint("agent", "clausegraph-founders")
TITLE = "ClauseGraph"
ABOUT = (
    "Requirements of privacy law and who enforces them, dated and with their evidence, and what is "
    "said of platforms' documents. Analysis of text and law notes: no legal advice, no verdicts."
)
_MEDIA = "https://www.iana.org/assignments/media-types/"
_XSD = PREFIXES["xsd"]
_TYPE = PREFIXES["rdf"] + "type"
_GROUPED = "SELECT ?key (COUNT(*) AS ?n) { {} } GROUP BY ?key"

Value = NamedNode | Literal


@dataclass(frozen=True)
class Statistics:
    """Counts of a release: nodes by class, triples by property, distinct subjects and objects."""

    classes: Mapping[str, int]
    properties: Mapping[str, int]
    subjects: int
    objects: int


@per_reader
def classes(reader: Reader) -> dict[str, int]:
    """How many nodes a release has of each class, by its IRI; a tenth of a second."""
    return dict(_counts(reader, _GROUPED, "?s a ?key", "?s ?key"))


@per_reader
def statistics(reader: Reader) -> Statistics:
    """Count what a release holds, in the store; takes some seconds a million triples."""
    count = "SELECT (COUNT(DISTINCT ?{0}) AS ?n) {{ {{}} }}"
    return Statistics(
        classes(reader),
        dict(_counts(reader, _GROUPED, "?s ?key ?o", "?s ?key ?o")),
        *(n for x in "so" for _, n in _counts(reader, count.format(x), "?s ?p ?o", f"?{x}")),
    )


def _counts(reader: Reader, query: str, pattern: str, of: str) -> Iterator[tuple[str, int]]:
    """The rows of a query over a pattern in all graphs: an IRI, if there is one, and a number.

    A triple in two graphs counts once. What an endpoint has for a default graph is its own affair,
    so there the graphs of the release are named, and `of` are the variables that are counted.
    """
    if not isinstance(reader.store, EmbeddedSource):
        ours = f"STRSTARTS(STR(?g), '{ID}graph/')"
        pattern = f"{{ SELECT DISTINCT {of} {{ GRAPH ?g {{ {pattern} }} FILTER({ours}) }} }}"
    for row in reader.store.query(query.replace("{}", pattern), use_default_graph_as_union=True):
        yield iri_of(row["key"]) if "?key" in query else "", int(row["n"].value)


def describe(reader: Reader, base: str = "") -> list[Quad]:
    """The whole description of the data set in the release of a reader."""
    quads = [*_lasting(reader), *_distributions(reader.release, base)]
    return quads + list(_services(base)) if base else quads


@per_reader
def _lasting(reader: Reader) -> list[Quad]:
    """The part of the description that does not depend on who asks."""
    release, counts = reader.release, statistics(reader)
    return [*_dataset(release, counts), *_partitions(counts), *of_release(release)]


def of_release(release: Release) -> list[Quad]:
    """A release: when it was issued, and the digest and size of each of its graphs."""
    iri = mint("release", release.id)
    parts = {_part(release, name): (name, *facts) for name, facts in release.graphs.items()}
    quads = _quads(
        iri,
        {
            "rdf:type": _iri("void:Dataset"),
            "rdfs:label": Literal(f"Release {release.id}"),
            "dcterms:isVersionOf": NamedNode(DATASET),
            "dcterms:identifier": Literal(release.id),
            **_days(release),
            "dcterms:license": NamedNode(LICENCE),
            "void:triples": _number(release.triples),
            "void:subset": [NamedNode(part) for part in parts],
        },
    )
    for part, (name, sha, count) in parts.items():
        facts: dict[str, Value | list[Value]] = {
            "rdf:type": _iri("void:Dataset"),
            "rdfs:label": Literal(f"{_path(name)} in release {release.id}"),
            "dcterms:isVersionOf": NamedNode(name),
            "void:triples": _number(count),
        }
        if not isinstance(release, EndpointRelease):  # which knows no digests
            facts["dcterms:identifier"] = Literal(f"sha256:{sha}")
        quads += _quads(part, facts)
    return quads


@per_reader
def names(reader: Reader) -> dict[str, str]:
    """The nodes of the description whose labels bear no count, with them: cheap to ask."""
    release = reader.release
    quads = [*of_release(release), *_distributions(release, ""), *_services("http://localhost")]
    return {DATASET: TITLE} | labels(quads)


def _dataset(release: Release, counts: Statistics) -> Iterator[Quad]:
    terms = counts.classes.keys() | counts.properties.keys()
    used = [base for base in PREFIXES.values() if any(term.startswith(base) for term in terms)]
    yield from _quads(
        DATASET,
        {
            "rdf:type": [_iri("void:Dataset"), _iri("dcat:Dataset")],
            "rdfs:label": Literal(TITLE),
            "dcterms:title": Literal(TITLE, language="en"),
            "dcterms:description": Literal(ABOUT, language="en"),
            "dcterms:creator": NamedNode(FOUNDERS),
            "dcterms:license": NamedNode(LICENCE),
            "dcterms:identifier": Literal(release.id),
            "owl:versionInfo": Literal(release.id),
            **_days(release),
            "dcterms:hasVersion": NamedNode(mint("release", release.id)),
            "void:uriSpace": Literal(ID),
            "void:vocabulary": [NamedNode(NS[:-1] if base == NS else base) for base in used],
            "void:triples": _number(release.triples),
            "void:classes": _number(len(counts.classes)),
            "void:properties": _number(len(counts.properties)),
            "void:distinctSubjects": _number(counts.subjects),
            "void:distinctObjects": _number(counts.objects),
        },
    )


def _partitions(counts: Statistics) -> Iterator[Quad]:
    for kind, found, count in (
        ("class", counts.classes, "entities"),
        ("property", counts.properties, "triples"),
    ):
        for iri, number in found.items():
            part = mint("dataset", kind, compact(iri))
            label = Literal(f"{compact(iri)}: {number} {count}")
            facts: dict[str, Value | list[Value]] = {"rdf:type": _iri("void:Dataset")}
            facts |= {"rdfs:label": label, f"void:{kind}": NamedNode(iri)}
            facts |= {f"void:{count}": _number(number)}
            yield from _quads(DATASET, {f"void:{kind}Partition": NamedNode(part)})
            yield from _quads(part, facts)


def _distributions(release: Release, base: str) -> Iterator[Quad]:
    for each in DUMPS.values():
        iri = mint("dataset", "distribution", each.name)
        facts: dict[str, Value | list[Value]] = {
            "rdf:type": _iri("dcat:Distribution"),
            "rdfs:label": Literal(f"The whole release as {each.title}"),
            "dcat:mediaType": NamedNode(_MEDIA + each.media_type),
            "dcterms:license": NamedNode(LICENCE),
        }
        if base:
            dump = NamedNode(f"{base}/dump/{release.id}.{each.name}")
            facts["dcat:downloadURL"] = facts["dcat:accessURL"] = dump
            yield from _quads(DATASET, {"void:dataDump": dump})
        yield from _quads(DATASET, {"dcat:distribution": NamedNode(iri)})
        yield from _quads(iri, facts)


def _services(base: str) -> Iterator[Quad]:
    lookup = NamedNode(f"{base}/lookup?uri=")
    sparql = NamedNode(f"{base}/sparql")
    yield from _quads(DATASET, {"void:sparqlEndpoint": sparql, "void:uriLookupEndpoint": lookup})
    for name, title in (("sparql", "SPARQL 1.1"), ("graphql", "GraphQL")):
        address, service = NamedNode(f"{base}/{name}"), mint("dataset", "service", name)
        facts: dict[str, Value | list[Value]] = {
            "rdf:type": _iri("dcat:DataService"),
            "rdfs:label": Literal(f"{title} endpoint"),
            "dcat:endpointURL": address,
            "dcat:endpointDescription": address,  # SPARQL 1.1 Service Description; introspection
            "dcat:servesDataset": NamedNode(DATASET),
        }
        yield from _quads(service, facts)
        yield from _access(name, title, address, NamedNode(service))


def _access(name: str, title: str, address: NamedNode, service: NamedNode) -> Iterator[Quad]:
    """The way from the data set to a service (DCAT 3, section 6.8.9)."""
    iri = mint("dataset", "distribution", name)
    facts: dict[str, Value | list[Value]] = {
        "rdf:type": _iri("dcat:Distribution"),
        "rdfs:label": Literal(f"The current release over {title}"),
        "dcat:accessURL": address,
        "dcat:accessService": service,
        "dcterms:license": NamedNode(LICENCE),
    }
    yield from _quads(DATASET, {"dcat:distribution": NamedNode(iri)})
    yield from _quads(iri, facts)


def _quads(subject: str, facts: Mapping[str, Value | list[Value]]) -> list[Quad]:
    """Facts of one subject in the graph of the description, its properties in short form."""
    node, name = NamedNode(subject), NamedNode(GRAPH)
    return [
        Quad(node, _iri(key), each, name)
        for key, value in facts.items()
        for each in (value if isinstance(value, list) else [value])
    ]


def labels(quads: Iterable[Quad]) -> dict[str, str]:
    """The labels of the nodes of a description; each node has one."""
    label = PREFIXES["rdfs"] + "label"
    return {
        iri_of(quad.subject): quad.object.value
        for quad in quads
        if quad.predicate.value == label and isinstance(quad.object, Literal)
    }


def _iri(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def _number(count: int) -> Literal:
    return Literal(str(count), datatype=NamedNode(_XSD + "integer"))


def _days(release: Release) -> dict[str, Value | list[Value]]:
    """When a release was issued, and its day: nothing in it is younger. An endpoint tells neither."""
    if isinstance(release, EndpointRelease):
        return {}
    issued = Literal(release.published, datatype=NamedNode(_XSD + "dateTime"))
    day = Literal(release.published[:10], datatype=NamedNode(_XSD + "date"))
    return {"dcterms:issued": issued, "dcterms:modified": day}


def _part(release: Release, name: str) -> str:
    return mint("release", release.id, "graph", *parse(name)[1])


def _path(name: str) -> str:
    return "/".join(parse(name)[1])
