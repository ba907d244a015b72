"""The data set about itself: a release described in VoID and DCAT, as quads of a graph of its own.

Every node has an IRI below ``…/id/dataset`` or ``…/id/release``. `base` is the address of the
server that gives the description; without one (in an export) it names no endpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions

from clausegraph.api.formats import DUMPS
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Release
from clausegraph.api.remember import per_reader
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
    return dict(_counts(reader, "SELECT ?key (COUNT(*) AS ?n) { ?s a ?key } GROUP BY ?key"))


@per_reader
def statistics(reader: Reader) -> Statistics:
    """Count what a release holds, in the store; takes some seconds a million triples."""
    count = "SELECT (COUNT(DISTINCT ?{0}) AS ?n) {{ ?s ?p ?o }}"
    return Statistics(
        classes(reader),
        dict(_counts(reader, "SELECT ?key (COUNT(*) AS ?n) { ?s ?key ?o } GROUP BY ?key")),
        *(number for each in "so" for _, number in _counts(reader, count.format(each))),
    )


def _counts(reader: Reader, query: str) -> Iterator[tuple[str, int]]:
    """The rows of a query over all graphs: an IRI, if there is one, and a number."""
    rows = reader.store.query(query, use_default_graph_as_union=True)
    assert isinstance(rows, QuerySolutions)
    grouped = len(rows.variables) > 1
    for row in rows:
        number = row["n"]
        assert isinstance(number, Literal)
        yield iri_of(row["key"]) if grouped else "", int(number.value)


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
            "dcterms:issued": _issued(release),
            "dcterms:license": NamedNode(LICENCE),
            "void:triples": _number(release.triples),
            "void:subset": [NamedNode(part) for part in parts],
        },
    )
    for part, (name, sha, count) in parts.items():
        quads += _quads(
            part,
            {
                "rdf:type": _iri("void:Dataset"),
                "rdfs:label": Literal(f"{_path(name)} in release {release.id}"),
                "dcterms:isVersionOf": NamedNode(name),
                "dcterms:identifier": Literal(f"sha256:{sha}"),
                "void:triples": _number(count),
            },
        )
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
            "dcterms:issued": _issued(release),
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
        facts: dict[str, Value | list[Value]] = {
            "rdf:type": _iri("dcat:DataService"),
            "rdfs:label": Literal(f"{title} endpoint"),
            "dcat:endpointURL": NamedNode(f"{base}/{name}"),
            "dcat:servesDataset": NamedNode(DATASET),
        }
        yield from _quads(mint("dataset", "service", name), facts)


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


def _issued(release: Release) -> Literal:
    return Literal(release.published, datatype=NamedNode(_XSD + "dateTime"))


def _part(release: Release, name: str) -> str:
    return mint("release", release.id, "graph", *parse(name)[1])


def _path(name: str) -> str:
    return "/".join(parse(name)[1])
