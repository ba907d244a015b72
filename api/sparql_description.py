"""What the endpoint says of itself: a service description for programs, a form for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple
from pyoxigraph import serialize as _serialize

SD = "http://www.w3.org/ns/sparql-service-description#"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
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
    content = _serialize(triples, format=form, prefixes={"sd": SD})
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
    yield Triple(dataset, _sd("defaultGraph"), union)
    yield Triple(union, RDF_TYPE, _sd("Graph"))
    named = [(BlankNode(f"g{number}"), iri) for number, iri in enumerate(sorted(graphs))]
    yield from (Triple(dataset, _sd("namedGraph"), node) for node, _ in named)
    for node, iri in named:
        yield Triple(node, RDF_TYPE, _sd("NamedGraph"))
        yield Triple(node, _sd("name"), NamedNode(iri))


def _sd(name: str) -> NamedNode:
    return NamedNode(SD + name)


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>SPARQL · ClauseGraph</title>
<link rel="alternate" type="text/turtle" href="?format=turtle" title="Service description">
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
textarea { width: 100%; box-sizing: border-box; font: 0.9rem/1.4 ui-monospace, monospace }
</style>
<h1>SPARQL</h1>
<form method="get">
<p><label for="query">Query (SPARQL 1.1; the default graph is the union of all graphs)</label></p>
<textarea id="query" name="query" rows="14" spellcheck="false" required>
SELECT ?graph (COUNT(*) AS ?triples)
WHERE { GRAPH ?graph { ?s ?p ?o } }
GROUP BY ?graph
ORDER BY DESC(?triples)
</textarea>
<p>
<label for="format">Answer as</label>
<select id="format" name="format">
<option value="json">JSON</option>
<option value="xml">XML</option>
<option value="csv">CSV (SELECT, ASK)</option>
<option value="tsv">TSV (SELECT, ASK)</option>
<option value="turtle">Turtle (CONSTRUCT, DESCRIBE)</option>
<option value="nt">N-Triples (CONSTRUCT, DESCRIBE)</option>
<option value="jsonld">JSON-LD (CONSTRUCT, DESCRIBE)</option>
</select>
<button>Ask</button>
</p>
</form>
<p><a href="?format=turtle">Service description</a></p>
"""
