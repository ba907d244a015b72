"""The graph store for reading: every read of the W3C's tests, and our own cases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
from rdflib import Graph, Namespace
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.namespace import RDF
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from clausegraph.api.sparql_graphs import GraphStore
from clausegraph.api.sparql_pool import QueryPool
from tests.sparql_app import (
    EX,
    W3C_SUITE,
    Releases,
    in_graph,
    make_app,
    make_release,
    numbered,
    serving,
    w3c_suite,
)

W3C = W3C_SUITE / "w3c/sparql/sparql11/graph-store-protocol"
HT = Namespace("http://www.w3.org/2011/http#")
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
CNT = Namespace("http://www.w3.org/2011/content#")
HOST = "http://www.example"


def reads(manifest: Path) -> Iterator[tuple[str, str, str, set[int], str | None]]:
    """Test, method, path, statuses and expected Turtle of each read of a manifest."""
    graph = Graph().parse(manifest)
    for test in graph.subjects(RDF.type, MF.GraphStoreProtocolTest):
        action = graph.value(test, MF.action)
        requests = graph.value(action, HT.requests)
        assert requests is not None
        for request in Collection(graph, requests):
            method = str(graph.value(request, HT.methodName))
            if method not in ("GET", "HEAD"):
                continue
            answer = graph.value(request, HT.resp)
            found = {str(each) for each in graph.objects(answer, MF.expectedStatus)}
            statuses = {404 if each.endswith("NotFound") else 200 for each in found}
            body = graph.value(graph.value(answer, HT.body), CNT.chars)
            path = str(graph.value(request, HT.absolutePath))
            path = path.replace("$LOCATION$", f"{HOST}/gsp/new")
            yield str(test), method, path, statuses, None if body is None else dedent(str(body))


def all_reads() -> list[Any]:
    """The reads of both manifests, where they are at hand."""
    names = [W3C / f"manifest-{kind}.ttl" for kind in ("direct", "indirect")]
    found = [each for name in names if name.is_file() for each in reads(name)]
    return [pytest.param(*each[1:], id=f"{each[0].rpartition('#')[2]}-{n}")
            for n, each in enumerate(found)]  # fmt: skip


READS = all_reads()


@w3c_suite
def test_the_suite_has_reads() -> None:
    """The test below is not empty by accident."""
    assert len(READS) >= 15


@w3c_suite
@pytest.mark.parametrize(("method", "path", "statuses", "body"), READS)
def test_w3c_reads(
    tmp_path: Path, method: str, path: str, statuses: set[int], body: str | None
) -> None:
    """Where the suite's writes have left a graph, reading gives it; where not, 404."""
    name = dict(httpx.URL(HOST + path).params).get("graph", HOST + path.partition("?")[0])
    text = body or f"<{HOST}/a> <{HOST}/b> 1 ."
    quads = list(ox.parse(text, ox.RdfFormat.TURTLE, base_iri=HOST))
    held = [in_graph(quad, name) for quad in quads] if 200 in statuses else numbered(3)
    release = make_release(tmp_path, "r1", held)
    store = GraphStore({})
    app = Starlette(routes=[Route("/gsp", store), Route("/gsp/{name:path}", store)])
    app.state.releases, app.state.sparql_pool = Releases(release), QueryPool(workers=1)
    with TestClient(app, base_url=HOST) as client:
        answer = client.request(method, path, headers={"accept": "text/turtle"})
        assert answer.status_code in statuses, answer.text
        if method == "GET" and body is not None:
            found = Graph().parse(data=answer.text, format="turtle")
            assert isomorphic(found, Graph().parse(data=body, format="turtle", publicID=HOST))
            assert answer.headers["content-type"].startswith("text/turtle")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The graph store over nine numbered quads in three graphs."""
    release = make_release(tmp_path_factory.mktemp("graphs"), "r1", numbered(9))
    with serving(make_app(release)) as url:
        yield f"{url}/graphs"


@pytest.mark.parametrize(
    "media_type",
    ["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"],
)
def test_negotiation_and_tags(store: str, media_type: str) -> None:
    """Each form holds the same triples and has a tag of its own; HEAD is GET without the body."""
    params, accept = {"graph": f"{EX}graph/0"}, {"accept": media_type}
    answer = httpx.get(store, params=params, headers=accept)
    head = httpx.head(store, params=params, headers=accept)
    held = accept | {"if-none-match": answer.headers["etag"]}

    assert len(list(ox.parse(answer.content, ox.RdfFormat.from_media_type(media_type)))) == 3
    assert (head.content, head.headers["etag"]) == (b"", answer.headers["etag"])
    assert httpx.get(store, params=params, headers=held).status_code == 304
    other = {"if-none-match": answer.headers["etag"], "accept": "application/trig, */*;q=0.1"}
    assert (httpx.get(store, params=params, headers=other).status_code == 304) == (
        media_type == "text/turtle"
    )


def test_default_is_the_union(store: str) -> None:
    """As in queries, the default graph holds every triple."""
    answer = httpx.get(store, params={"default": ""}, headers={"accept": "application/n-triples"})

    assert len(answer.text.splitlines()) == 9


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "?graph=http://example.org/none", 404),
        ("GET", "?graph=no", 400),
        ("GET", "", 400),
        ("GET", "?default&graph=http://example.org/graph/0", 400),
        ("GET", "/none", 404),
        *((method, "?default", 405) for method in ("PUT", "POST", "DELETE", "PATCH")),
    ],
)
def test_refusals(store: str, method: str, path: str, status: int) -> None:
    """What is absent, unclear or would write is refused in a problem document."""
    answer = httpx.request(method, store + path)

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert re.fullmatch(r"[a-z-]+", answer.json()["code"])
    assert ("allow" in answer.headers) == (status == 405)


def test_a_format_that_is_not_there(store: str) -> None:
    """An image of a graph is not on offer."""
    params = {"graph": f"{EX}graph/0"}

    assert httpx.get(store, params=params, headers={"accept": "image/png"}).status_code == 406
