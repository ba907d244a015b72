"""`/sparql` keeps the SPARQL 1.1 Protocol: the W3C's tests where they are at hand, and our own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
from pyoxigraph import RdfFormat
from starlette.testclient import TestClient

from tests.sparql_app import (
    EX,
    W3C_SUITE,
    in_graph,
    make_app,
    make_release,
    numbered,
    serving,
    w3c_suite,
)

DATA = "http://kasei.us/2009/09/sparql/data/"
W3C = W3C_SUITE / "w3c/sparql/sparql11"

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
SELECT = f"SELECT ?o {{ <{EX}s1> ?p ?o }}"
CONSTRUCT = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o FILTER(?s = <{EX}s1>) }}"
UPDATE = {"content-type": "application/sparql-update"}
QUERY = {"content-type": "application/sparql-query"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service over nine numbered quads in three graphs."""
    release = make_release(tmp_path_factory.mktemp("protocol"), "r1", numbered(9))
    with serving(make_app(release)) as url:
        yield url


@pytest.fixture(scope="module")
def w3c_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service over the graphs that the W3C's dataset tests name."""
    quads = [
        in_graph(quad, f"{DATA}data{number}.rdf")
        for number in (1, 2, 3)
        for quad in ox.parse(path=str(W3C / f"protocol/data{number}.nt"))
    ]
    assert quads
    release = make_release(tmp_path_factory.mktemp("w3c"), "r1", quads)
    with serving(make_app(release)) as url:
        yield url


def run(script: str, *words: str) -> str:
    """What a script of the suite reports in its last line."""
    command = [sys.executable, str(W3C_SUITE / script), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[-1]


@w3c_suite
@pytest.mark.parametrize(
    ("tests", "report"),
    [("^(?!.*update)", "20 passed, 0 failed"), ("^bad_.*update", "7 passed, 0 failed")],
    ids=["queries", "bad updates"],
)
def test_w3c_protocol(w3c_endpoint: str, tests: str, report: str) -> None:
    """Every protocol test that concerns queries, and every one of an update to be refused."""
    manifest = str(W3C / "protocol/manifest.ttl")

    assert run("sparql_protocol.py", manifest, w3c_endpoint, w3c_endpoint, "-", tests) == report


@w3c_suite
def test_w3c_service_description(w3c_endpoint: str) -> None:
    """The three tests of the service description."""
    assert run("service_description.py", w3c_endpoint) == "3 passed, 0 failed"


@w3c_suite
def test_every_update_of_the_w3c_is_refused(w3c_endpoint: str) -> None:
    """What the suite sends to change data gets a 4xx, whatever the form."""
    text = (W3C / "protocol/manifest.ttl").read_text()
    bodies = re.findall(r'cnt:chars (?:"""(.*?)"""|"(.*?)") *\n', text, re.DOTALL)
    updates = [
        long or short
        for long, short in bodies
        if re.search(r"CLEAR|DROP|INSERT|DELETE", long + short)
    ]
    assert len(updates) > 8
    for update in updates:
        for headers in (UPDATE, FORM, QUERY):
            answer = httpx.post(w3c_endpoint, content=update, headers=headers)
            assert 400 <= answer.status_code < 500, update


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (SELECT, None, JSON),
        (SELECT, "*/*", JSON),
        (SELECT, XML, XML),
        (SELECT, "text/csv", "text/csv; charset=utf-8"),
        (SELECT, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        (SELECT, "application/json", "application/json"),
        (SELECT, f"{JSON};q=0.5, {XML};q=0.9", XML),
        (SELECT, "text/turtle, */*;q=0.1", JSON),
        ("ASK {}", XML, XML),
        ("ASK {}", "text/csv", "text/csv; charset=utf-8"),
        (CONSTRUCT, None, "text/turtle; charset=utf-8"),
        (CONSTRUCT, "application/n-triples", "application/n-triples"),
        (CONSTRUCT, "application/ld+json", "application/ld+json"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
        (f"DESCRIBE <{EX}s1>", "application/ld+json", "application/ld+json"),
    ],
)
def test_accept_chooses(endpoint: str, query: str, accept: str | None, media_type: str) -> None:
    """Each form of query has its formats, and Accept chooses among them."""
    headers = {} if accept is None else {"accept": accept}
    answer = httpx.get(endpoint, params={"query": query}, headers=headers)

    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["vary"] == "Accept"
    assert holds_one(answer)


def holds_one(answer: httpx.Response) -> bool:
    """Whether an answer is well-formed and holds the one row, triple or truth it should."""
    media_type = answer.headers["content-type"].partition(";")[0]
    graph = RdfFormat.from_media_type(media_type)
    if graph is not None and media_type != "application/json":
        return len(list(ox.parse(answer.content, graph))) == 1
    table = ox.QueryResultsFormat.from_media_type(media_type)
    assert table is not None
    if media_type in ("text/csv", "text/tab-separated-values"):  # no parser reads truth from them
        return answer.text.strip() == "true" or len(answer.text.split()) == 2
    found = ox.parse_query_results(answer.content, table)
    return bool(found) if isinstance(found, ox.QueryBoolean) else len(list(found)) == 1


@pytest.mark.parametrize(
    ("query", "form", "media_type"),
    [
        (SELECT, "json", JSON),
        (SELECT, "xml", XML),
        (SELECT, "csv", "text/csv; charset=utf-8"),
        (SELECT, "tsv", "text/tab-separated-values; charset=utf-8"),
        (CONSTRUCT, "turtle", "text/turtle; charset=utf-8"),
        (CONSTRUCT, "nt", "application/n-triples"),
        (CONSTRUCT, "jsonld", "application/ld+json"),
        (CONSTRUCT, "xml", "application/rdf+xml"),
    ],
)
def test_format_overrules_accept(endpoint: str, query: str, form: str, media_type: str) -> None:
    """A browser cannot set Accept; `format` is for it."""
    params = {"query": query, "format": form}
    answer = httpx.get(endpoint, params=params, headers={"accept": "text/html"})

    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert holds_one(answer)


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("GET", {"params": {"query": SELECT, "format": "turtle"}}, 400, "bad-parameter"),
    ("GET", {"params": {"query": SELECT, "format": "pdf"}}, 400, "bad-parameter"),
    (
        "GET",
        {"params": {"query": SELECT}, "headers": {"accept": "text/html"}},
        406,
        "not-acceptable",
    ),
    ("GET", {"headers": {"accept": "image/png"}}, 406, "not-acceptable"),
    ("GET", {"params": [("query", "ASK {}"), ("query", "ASK {}")]}, 400, "bad-parameter"),
    ("GET", {"params": {"query": "ASK {"}}, 400, "query-syntax"),
    ("GET", {"params": {"query": ""}}, 400, "query-syntax"),
    ("GET", {"params": {"query": "ASK {}", "default-graph-uri": "g"}}, 400, "bad-parameter"),
    ("GET", {"params": {"query": "ASK {}", "named-graph-uri": "a b:"}}, 400, "bad-parameter"),
    ("GET", {"params": {"query": "ASK {}", "using-graph-uri": EX}}, 403, "update-refused"),
    ("GET", {"params": {"query": "CLEAR ALL"}}, 403, "update-refused"),
    ("GET", {"params": {"update": "CLEAR ALL"}}, 403, "update-refused"),
    ("POST", {}, 415, "unsupported-media-type"),
    ("POST", {"content": "ASK {}"}, 415, "unsupported-media-type"),
    ("POST", {"json": {"query": "ASK {}"}}, 415, "unsupported-media-type"),
    ("POST", {"content": "", "headers": FORM}, 400, "bad-parameter"),
    ("POST", {"content": "query=ASK%20%7B%FF%7D", "headers": FORM}, 400, "bad-parameter"),
    ("POST", {"content": b"ASK {} #\xff", "headers": QUERY}, 400, "bad-parameter"),
    ("POST", {"content": "query=ASK{}&query=ASK{}", "headers": FORM}, 400, "bad-parameter"),
    ("POST", {"content": "update=CLEAR%20ALL", "headers": FORM}, 403, "update-refused"),
    ("POST", {"content": "CLEAR ALL", "headers": UPDATE}, 403, "update-refused"),
    ("POST", {"content": "CLEAR ALL", "headers": QUERY}, 403, "update-refused"),
    ("PUT", {"params": {"query": "ASK {}"}}, 405, "method-not-allowed"),
    ("DELETE", {}, 405, "method-not-allowed"),
    ("PATCH", {"content": "x"}, 405, "method-not-allowed"),
]


@pytest.mark.parametrize(("method", "request_", "status", "code"), REFUSED)
def test_refusals(
    endpoint: str, method: str, request_: dict[str, Any], status: int, code: str
) -> None:
    """Each breach of protocol has its status and its code, in a problem document."""
    answer = httpx.request(method, endpoint, **request_)
    document = answer.json()

    assert (answer.status_code, document["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert document["status"] == status
    assert document["detail"]
    assert document["hint"]
    assert document["title"]
    assert ("allow" in answer.headers) == (status == 405)


def test_a_query_in_address_and_body_is_two(endpoint: str) -> None:
    """Wherever they stand, two queries are too many."""
    answer = httpx.post(endpoint, params={"query": "ASK {}"}, content="ASK {}", headers=QUERY)

    assert answer.json()["code"] == "bad-parameter"


def test_charset_of_a_body(endpoint: str) -> None:
    """UTF-8 may be named; another character set is refused."""
    for charset, status in (("UTF-8", 200), ("utf8", 200), ('"utf-8"', 200), ("utf-16", 415)):
        headers = {"content-type": f"application/sparql-query; charset={charset}"}
        assert httpx.post(endpoint, content="ASK {}", headers=headers).status_code == status


def test_syntax_error_has_a_place(endpoint: str) -> None:
    """Line and column are given, and what stands there."""
    answer = httpx.get(endpoint, params={"query": "SELECT *\n{ ?s ?p ?o"})

    assert answer.json()["value"] == {"line": 2, "column": 11}
    assert "found the end of the query after 'SELECT * { ?s ?p ?o'" in answer.json()["detail"]


def test_what_the_engine_tried_last_is_not_expected(endpoint: str) -> None:
    """A triple without its object: nobody left out the keywords that end the engine's list."""
    detail = httpx.get(endpoint, params={"query": "SELECT * { ?s ?p }"}).json()["detail"]
    assert detail == "error at 1:19: found the end of the query after 'SELECT * { ?s ?p }'"


@pytest.mark.parametrize(
    ("query", "place", "said"),
    [
        ("SELEKT * {}", (1, 1), "found 'SELEKT' where SELECT, ASK, CONSTRUCT or DESCRIBE begins"),
        ("SELEKT * {}", (1, 1), "did you mean SELECT?"),
        ("PREFIX a: <x:>\n# one\n  SELEKT {", (3, 3), "found 'SELEKT' where"),
        ("# nothing\n", (2, 1), "there is no query; it begins with SELECT"),
        ("PREFIX a <x:> ASK {}", (1, 1), "it is PREFIX name: <iri>"),
        ("ASK { ?s e:p 1 }", (1, 10), "the prefix e: is not declared"),
        ("SELECT * {}\nORDER ?x", (2, 9), "after 'SELECT * {} ORDER ?x'; expected BY"),
        ("S" * 10_000, (1, 1), "SSS..."),
    ],
)
def test_a_syntax_error_says_what_was_found(
    endpoint: str, query: str, place: tuple[int, int], said: str
) -> None:
    """The place, what stands there, and what begins a query where none does."""
    problem = httpx.post(endpoint, content=query, headers=QUERY).json()

    assert problem["code"] == "query-syntax"
    assert problem["value"] == {"line": place[0], "column": place[1]}
    assert said in problem["detail"]
    assert len(problem["detail"]) <= 300


@pytest.mark.parametrize(
    ("query", "params"),
    [
        (f"SELECT * FROM <{EX}none> {{ ?s ?p ?o }}", {}),
        (f"SELECT * FROM <{EX}graph/0> FROM NAMED <{EX}none> {{ ?s ?p ?o }}", {}),
        (f"PREFIX x: <{EX}> ASK FROM x:none {{ ?s ?p ?o }}", {}),
        (f"BASE <{EX}graph/0> DESCRIBE ?s FROM <../none> {{ ?s ?p ?o }}", {}),
        (f"CONSTRUCT {{ ?s ?p ?o }} FROM <{EX}\\u006eone> WHERE {{ ?s ?p ?o }}", {}),
        ("SELECT * { ?s ?p ?o }", {"default-graph-uri": [EX + "graph/0", EX + "none"]}),
        ("SELECT * { ?s ?p ?o }", {"named-graph-uri": [EX + "none"]}),
        (f"ASK FROM <{EX}graph/0> {{}}", {"default-graph-uri": [EX + "none"]}),
    ],
)
def test_a_graph_that_is_not_there_is_told(
    endpoint: str, query: str, params: dict[str, list[str]]
) -> None:
    """It is empty, as the protocol's tests want it; but no rows would look like knowledge."""
    answer = httpx.post(endpoint, data={"query": query, **params}, headers={"accept": "*/*"})

    assert answer.status_code == 200, answer.text
    assert answer.headers["clausegraph-unknown-graphs"] == f"<{EX}none>"
    assert "Clausegraph-Unknown-Graphs" in answer.headers["access-control-expose-headers"]


def test_many_graphs_that_are_not_there_are_told_in_a_line(endpoint: str) -> None:
    """The first of them; and letters of other alphabets are encoded."""
    names = [f"{EX}é{number:04}" for number in range(500)]
    params = {"query": "ASK {}", "default-graph-uri": names}
    told = httpx.post(endpoint, data=params).headers["clausegraph-unknown-graphs"]

    assert told.startswith(f"<{EX}%C3%A90000>, <{EX}%C3%A90001>, ")
    assert told.endswith(">, ...")
    assert len(told) <= 1_010


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * FROM <{EX}graph/0> {{ ?s ?p 'FROM <{EX}none>' }}",
        f"SELECT ?from FROM <{EX}graph/0> {{ ?s ?from <{EX}none> }} # FROM <{EX}none>",
        f"PREFIX from: <{EX}> ASK FROM from:graph\\/0 {{ ?s from:none ?o }}",
        f"SELECT * {{ GRAPH <{EX}none> {{ ?s ?p ?o }} }}",
    ],
)
def test_what_only_looks_like_a_dataset_is_answered(endpoint: str, query: str) -> None:
    """The words in a string, a name or a comment; and a pattern may ask for any graph."""
    answer = httpx.get(endpoint, params={"query": query})
    assert answer.status_code == 200, answer.text
    assert "clausegraph-unknown-graphs" not in answer.headers


def test_the_protocol_overrules_a_graph_that_is_not_there(endpoint: str) -> None:
    """The dataset of the query is not looked at where the request has one."""
    params = {"query": f"ASK FROM <{EX}none> {{}}", "default-graph-uri": EX + "graph/0"}
    answer = httpx.get(endpoint, params=params)
    assert answer.json() == {"head": {}, "boolean": True}
    assert "clausegraph-unknown-graphs" not in answer.headers


GRAPH = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
ALL = f"SELECT ?s {{ ?s <{EX}number> ?o }}"
FROM = f"SELECT ?s FROM <{EX}graph/0> {{ ?s <{EX}number> ?o }}"


@pytest.mark.parametrize(
    ("query", "default", "named", "rows"),
    [
        (ALL, [], [], 9),
        (GRAPH, [], [], 3),
        (FROM, [], [], 3),
        (ALL, ["graph/0"], [], 3),
        (ALL, ["graph/0", "graph/1"], [], 6),
        (GRAPH, ["graph/0"], [], 0),
        (ALL, [], ["graph/0"], 0),
        (GRAPH, [], ["graph/0", "graph/2"], 2),
        (ALL, ["graph/0"], ["graph/1"], 3),
        (ALL, ["none"], [], 0),
        (GRAPH, ["graph/0"], ["graph/1"], 1),
        (FROM, ["graph/1", "graph/2"], [], 6),
        (FROM, [], ["graph/1"], 0),
    ],
)
def test_dataset(
    endpoint: str, query: str, default: list[str], named: list[str], rows: int
) -> None:
    """The default graph is the union; the protocol's graphs overrule those of the query."""
    params = {
        "query": query,
        "default-graph-uri": [EX + name for name in default],
        "named-graph-uri": [EX + name for name in named],
    }
    got = httpx.get(endpoint, params=params)
    posted = httpx.post(endpoint, data=params)

    assert len(got.json()["results"]["bindings"]) == rows
    assert got.json() == posted.json()


def test_relative_iris_are_based_on_the_endpoint(endpoint: str) -> None:
    """`<#x>` without BASE is one of the endpoint."""
    query = {"query": "CONSTRUCT { <#x> a <#y> } WHERE {}"}
    answer = httpx.get(endpoint, params=query, headers={"accept": "application/n-triples"})

    assert f"<{endpoint}#x>" in answer.text


def test_xml_that_would_be_broken_is_refused(endpoint: str) -> None:
    """A control character, or a predicate without a local name, cannot be said in XML."""
    control = "SELECT ('\\u0001' AS ?x) {}"
    predicate = "CONSTRUCT { <http://x/s> <http://x/p/> 1 } WHERE {}"
    for query in (control, predicate):
        answer = httpx.get(endpoint, params={"query": query, "format": "xml"})
        assert (answer.status_code, answer.json()["code"]) == (406, "answer-not-serializable")
        assert httpx.get(endpoint, params={"query": query, "format": "json"}).status_code == 200


def test_service_description(endpoint: str) -> None:
    """Says where and what, in every graph format; names the graphs; claims no federation."""
    sizes = set()
    for media_type in (
        "text/turtle",
        "application/n-triples",
        "application/ld+json",
        "application/rdf+xml",
    ):
        answer = httpx.get(endpoint, headers={"accept": media_type})
        assert answer.headers["content-type"].partition(";")[0] == media_type
        sizes.add(len(list(ox.parse(answer.content, RdfFormat.from_media_type(media_type)))))
    text = httpx.get(endpoint, headers={"accept": "application/n-triples"}).text

    assert len(sizes) == 1
    assert f"#endpoint> <{endpoint}>" in text
    assert "#UnionDefaultGraph>" in text
    assert "BasicFederatedQuery" not in text
    assert all(f"#name> <{EX}graph/{number}>" in text for number in range(3))
    assert "SPARQL_Results_JSON>" in text


def test_page_for_people(endpoint: str) -> None:
    """A browser gets a form, and the form's answer."""
    browser = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = httpx.get(endpoint, headers=browser)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    match = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    assert match is not None

    params = {"query": match[1], "format": "csv"}
    answer = httpx.get(endpoint, params=params, headers=browser)
    assert len(answer.text.splitlines()) == 4


def test_head_is_get_without_a_body(endpoint: str) -> None:
    """Same status and headers, no body, and the connection stays usable."""
    with httpx.Client() as client:
        for params in ({"query": SELECT}, {"query": "ASK {"}, {}):
            got, head = client.get(endpoint, params=params), client.head(endpoint, params=params)
            assert head.status_code == got.status_code
            assert head.content == b""
            for name in ("content-type", "content-length", "etag"):
                assert head.headers.get(name) == got.headers.get(name)


def test_options_and_cors(endpoint: str) -> None:
    """A script of another site may ask."""
    answer = httpx.options(endpoint)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Content-Type" in answer.headers["access-control-allow-headers"]
    assert httpx.get(endpoint).headers["access-control-allow-origin"] == "*"


def test_etag(endpoint: str) -> None:
    """The same question of the same release needs no second answer; any other has another tag."""
    asked = [
        {"query": SELECT},
        {"query": SELECT + " "},
        {"query": SELECT, "format": "csv"},
        {"query": SELECT, "default-graph-uri": EX + "graph/0"},
        {"query": SELECT, "named-graph-uri": EX + "graph/0"},
        {},
    ]
    tags = [httpx.get(endpoint, params=params).headers["etag"] for params in asked]
    assert len(set(tags)) == len(asked)
    for params, tag in zip(asked, tags, strict=True):
        held = {"if-none-match": f'"x", {tag}'}
        answer = httpx.get(endpoint, params=params, headers=held)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
        assert httpx.head(endpoint, params=params, headers=held).status_code == 304
    other = {"if-none-match": '"x", W/"y"'}
    assert httpx.get(endpoint, params=asked[0], headers=other).status_code == 200
    assert "etag" not in httpx.get(endpoint, params={"query": "SELECT (NOW() AS ?n) {}"}).headers
    assert "etag" not in httpx.post(endpoint, data={"query": SELECT}).headers


def test_another_release_has_other_tags(tmp_path: Path) -> None:
    """When the release moves on, so do answers, tags and the description."""
    first, second = (make_release(tmp_path, f"r{n}", numbered(n)) for n in (1, 2))
    app = make_app(first)
    with TestClient(app) as client:
        before = client.get("/sparql", params={"query": ALL})
        described = client.get("/sparql")
        app.state.releases.release = second
        held = {"if-none-match": before.headers["etag"]}
        after = client.get("/sparql", params={"query": ALL}, headers=held)

        assert len(before.json()["results"]["bindings"]) == 1
        assert len(after.json()["results"]["bindings"]) == 2
        assert f"<{EX}graph/1>" not in described.text
        assert f"<{EX}graph/1>" in client.get("/sparql").text
