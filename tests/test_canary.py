"""Nobody can make the server or a loader ask another server: a canary on loopback says so.

What is attacked: the running server (queries in every form the protocol has), its graph store and
explain, and each reader of foreign bytes. There is no upload of RDF, of RDF/XML or of shapes: what
speaks for that is that such requests are refused. The one parser of RDF that the project uses on
bytes is Oxigraph's, which is attacked directly; pages and texts go through the document loader.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse
from rdflib import Graph

from clausegraph.api.histories import File, load_files
from clausegraph.loaders.historyjob import HandedOver
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.shapes.validator import to_rdflib
from tests.processes import server
from tests.sparql_app import Canary, listening

QUERY = {"content-type": "application/sparql-query"}
UPDATE = {"content-type": "application/sparql-update"}
ACCEPT = {"accept": "application/sparql-results+json, text/turtle, */*;q=0.1"}
JSON_LD = '{"@context": "U", "@id": "http://x/s", "name": "x"}'
XML = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e SYSTEM "U">]>'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x/">'
    '<rdf:Description rdf:about="http://x/s"><x:p>&e;</x:p></rdf:Description></rdf:RDF>'
)
IMPORTS = "<http://x/shapes> <http://www.w3.org/2002/07/owl#imports> <U> ."

REFUSED = [
    "SELECT * { SERVICE <U> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <U> { ?s ?p ?o } }",
    "SELECT * { VALUES ?v { <U> } SERVICE ?v { ?s ?p ?o } }",
    "PREFIX c: <U/> SELECT * { SERVICE c:y { ?s ?p ?o } }",
    "LOAD <U>",
    "LOAD SILENT <U> INTO GRAPH <http://x/g>",
    "LOAD <file:///etc/hostname>",
]
EMPTY = [
    "SELECT * FROM <U> { ?s ?p ?o }",
    "SELECT * FROM NAMED <U> { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * FROM <file:///etc/hostname> { ?s ?p ?o }",
    "SELECT * { GRAPH <U> { ?s ?p ?o } }",
]
SENT: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/sparql", {"content": JSON_LD, "headers": {"content-type": "application/ld+json"}}),
    ("POST", "/sparql", {"content": XML, "headers": {"content-type": "application/rdf+xml"}}),
    ("POST", "/sparql", {"content": IMPORTS, "headers": {"content-type": "text/turtle"}}),
    ("POST", "/sparql", {"content": "LOAD <U>", "headers": UPDATE}),
    ("POST", "/sparql", {"data": {"update": "LOAD <U>"}}),
    ("GET", "/sparql", {"params": {"update": "LOAD <U>"}}),
    *(
        (method, "/sparql/graphs", {"params": {"graph": "U"}, "content": body})
        for method in ("PUT", "POST")
        for body in (JSON_LD, XML, IMPORTS)
    ),
    ("GET", "/sparql/graphs", {"params": {"graph": "U"}}),
    ("GET", "/sparql/graphs", {"params": {"graph": "file:///etc/hostname"}}),
    ("GET", "/lookup", {"params": {"uri": "U"}}),
]


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    """A server that nobody may ask."""
    with listening() as found:
        yield found


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    """A real server of the invented law."""
    with server(data) as url:
        yield url


def aimed(value: Any, url: str) -> Any:
    """What is sent, with the canary's address in it."""
    if isinstance(value, str):
        return value.replace("<U", f"<{url}").replace('"U"', f'"{url}"').replace("__U", url)
    if isinstance(value, dict):
        return {key: url if each == "U" else aimed(each, url) for key, each in value.items()}
    return value


def test_the_canary_counts(canary: Canary) -> None:
    """Whoever asks it is counted: directly, by Oxigraph's SERVICE, by rdflib's JSON-LD parser."""
    before = canary.hits
    httpx.get(canary.url)
    assert canary.hits == before + 1

    store = Store()
    node = NamedNode("http://x/s")
    store.add(Quad(node, node, Literal("x")))
    with contextlib.suppress(OSError):
        list(store.query(aimed(REFUSED[0], canary.url)))  # type: ignore[arg-type]
    assert canary.hits == before + 2

    with contextlib.suppress(Exception):
        Graph().parse(data=aimed(JSON_LD, canary.url), format="json-ld")
    assert canary.hits == before + 3


@pytest.mark.parametrize("explain", ["false", "true"])
@pytest.mark.parametrize("query", REFUSED)
def test_query_is_refused(query: str, explain: str, address: str, canary: Canary) -> None:
    """SERVICE and LOAD get 403, by GET, by POST and as a form, and ask nobody."""
    before, text = canary.hits, aimed(query, canary.url)
    words = {"query": text, "explain": explain}
    answers = [
        httpx.get(f"{address}/sparql", params=words),
        httpx.post(f"{address}/sparql", data=words),
        httpx.post(f"{address}/sparql", params={"explain": explain}, content=text, headers=QUERY),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert canary.hits == before


@pytest.mark.parametrize("query", EMPTY)
def test_no_graph_is_fetched(query: str, address: str, canary: Canary) -> None:
    """A graph that the release does not have is an empty one: no row, no request, no file."""
    before = canary.hits
    answer = httpx.get(
        f"{address}/sparql", params={"query": aimed(query, canary.url)}, headers=ACCEPT
    )

    assert answer.json()["results"]["bindings"] == []
    assert canary.hits == before


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize("where", ["U", "file:///etc/hostname"])
def test_no_graph_of_the_protocol(name: str, where: str, address: str, canary: Canary) -> None:
    """The same for graphs that the protocol names."""
    before, url = canary.hits, canary.url if where == "U" else where
    query = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    answer = httpx.post(f"{address}/sparql", data={"query": query, name: url})

    assert answer.json()["results"]["bindings"] == []
    assert canary.hits == before


@pytest.mark.parametrize(("method", "path", "request_"), SENT)
def test_nothing_that_is_sent_is_followed(
    method: str, path: str, request_: dict[str, Any], address: str, canary: Canary
) -> None:
    """Uploads, updates and graphs of others are refused with a 4xx, and nothing is fetched."""
    before = canary.hits
    answer = httpx.request(method, address + path, **aimed(request_, canary.url))

    assert 400 <= answer.status_code < 500, answer.text
    assert canary.hits == before


@pytest.mark.parametrize(
    ("text", "form"),
    [(JSON_LD, RdfFormat.JSON_LD), (XML, RdfFormat.RDF_XML), (IMPORTS, RdfFormat.TURTLE)],
    ids=["remote context", "external entity", "owl:imports"],
)
def test_the_parser_fetches_nothing(text: str, form: RdfFormat, canary: Canary) -> None:
    """The project's parser refuses a remote context and an entity, and takes imports for data."""
    before, found = canary.hits, []
    with contextlib.suppress(SyntaxError):
        found = list(parse(aimed(text, canary.url), form))

    assert len(found) == (form == RdfFormat.TURTLE)
    assert canary.hits == before


def test_imports_of_shapes_are_not_followed(canary: Canary) -> None:
    """An `owl:imports` in a graph that goes to the validator stays a triple."""
    before, store = canary.hits, Store()
    store.extend(parse(aimed(IMPORTS, canary.url), RdfFormat.TURTLE))
    with contextlib.suppress(ClausegraphError):
        assert len(to_rdflib(store)) == 1

    assert canary.hits == before


PAGE = (
    '<!DOCTYPE html [<!ENTITY e SYSTEM "U">]><html><head><base href="__U">'
    '<link rel="stylesheet" href="__U"><script src="__U"></script></head>'
    '<body><iframe src="__U"></iframe><img src="__U"><p>We keep data for 36 months. &e;</p>'
    '<object data="__U"></object></body></html>'
)
MARKDOWN = "# Privacy\n\n![x](__U)\n\nWe keep data for 36 months.\n\n<img src='__U'>\n"


@pytest.mark.parametrize(("name", "text"), [("page.html", PAGE), ("page.md", MARKDOWN)])
def test_documents_fetch_nothing(name: str, text: str, tmp_path: Path, canary: Canary) -> None:
    """What a page or a text refers to is not fetched when it is loaded."""
    before, path = canary.hits, tmp_path / name
    path.write_text(aimed(text, canary.url))
    captured = datetime(2026, 1, 2, tzinfo=UTC)
    file = File("acme", "privacy-policy", HandedOver(path, captured), invented=True)
    loaded = load_files(tmp_path / "data", [file])

    assert (loaded.documents, loaded.captures) == (1, 1)
    assert canary.hits == before
