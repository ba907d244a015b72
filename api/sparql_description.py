"""What the endpoint says of itself: a service description for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple
from pyoxigraph import serialize as _serialize

from clausegraph.api.dataset import DATASET
from clausegraph.ontology.iris import PREFIXES

SD = "http://www.w3.org/ns/sparql-service-description#"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_DCAT = PREFIXES["dcat"]
_SEE_ALSO = NamedNode("http://www.w3.org/2000/01/rdf-schema#seeAlso")
_FORMATS = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML"),
)


def describe(
    endpoint: str, graphs: Iterable[str], media_type: str, federated: bool = False
) -> bytes:
    """The service description of an endpoint over named graphs, in one of the graph formats.

    `federated` says that SERVICE may name some other endpoint.
    """
    triples = _triples(NamedNode(endpoint), graphs, federated)
    form = RdfFormat.from_media_type(media_type)
    content = _serialize(triples, format=form, prefixes={"sd": SD, "dcat": _DCAT})
    assert content is not None
    return content


def _triples(endpoint: NamedNode, graphs: Iterable[str], federated: bool) -> Iterator[Triple]:
    service, dataset, union = BlankNode("service"), BlankNode("dataset"), BlankNode("union")
    yield Triple(service, RDF_TYPE, _sd("Service"))
    yield Triple(service, _sd("endpoint"), endpoint)
    yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    yield Triple(service, _sd("feature"), _sd("UnionDefaultGraph"))
    if federated:
        yield Triple(service, _sd("feature"), _sd("BasicFederatedQuery"))
    for name in _FORMATS:
        yield Triple(
            service, _sd("resultFormat"), NamedNode("http://www.w3.org/ns/formats/" + name)
        )
    yield Triple(service, _sd("defaultDataset"), dataset)
    yield Triple(dataset, RDF_TYPE, _sd("Dataset"))
    about = str(endpoint.value).rpartition("/")[0] + "/.well-known/void"
    yield Triple(dataset, _SEE_ALSO, NamedNode(about))  # VoID and DCAT, with counts and licence
    yield Triple(service, _SEE_ALSO, NamedNode(endpoint.value + "/examples"))
    yield Triple(service, RDF_TYPE, NamedNode(_DCAT + "DataService"))
    yield Triple(service, NamedNode(_DCAT + "endpointURL"), endpoint)
    yield Triple(service, NamedNode(_DCAT + "servesDataset"), NamedNode(DATASET))
    yield Triple(dataset, _sd("defaultGraph"), union)
    yield Triple(union, RDF_TYPE, _sd("Graph"))
    named = [(BlankNode(f"g{number}"), iri) for number, iri in enumerate(sorted(graphs))]
    yield from (Triple(dataset, _sd("namedGraph"), node) for node, _ in named)
    for node, iri in named:
        yield Triple(node, RDF_TYPE, _sd("NamedGraph"))
        yield Triple(node, _sd("name"), NamedNode(iri))


def _sd(name: str) -> NamedNode:
    return NamedNode(SD + name)
