"""The same answers from the embedded store, from Oxigraph's server and from Virtuoso."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad

from clausegraph.api.endpoint import AT_ONCE, EndpointError, EndpointSource
from clausegraph.api.endpointrelease import EndpointModeError, EndpointReleases
from clausegraph.api.reader import Reader, predicates
from clausegraph.api.releases import Release, Releases
from clausegraph.api.source import EmbeddedSource, Source
from clausegraph.ontology.iris import mint
from tests import engines
from tests.test_questions import GRAPHQL, QUESTIONS, expected, graphql_rows

ENGINES = ("oxigraph", "virtuoso")


@pytest.fixture(scope="module")
def release(demonstration: Path) -> Release:
    """The embedded law and the demonstration."""
    return Releases(demonstration).current()


@pytest.fixture(scope="module", params=ENGINES)
def endpoint(
    request: pytest.FixtureRequest, release: Release, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EndpointSource]:
    """Each engine with the release's quads."""
    folder = tmp_path_factory.mktemp(request.param)
    quads = engines.dump(release.open(), folder / "release.nq")
    with getattr(engines, request.param)(quads, folder) as url:
        yield EndpointSource(url)


@pytest.fixture(scope="module")
def reader(endpoint: EndpointSource, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader of a release at an endpoint."""
    return Reader(EndpointReleases(endpoint, tmp_path_factory.mktemp("indexes")).current())


@pytest.fixture
def embedded(release: Release) -> Source:
    """The release's own store."""
    return EmbeddedSource(release.open())


def plain(quads: Any) -> set[str]:
    """Quads as texts."""
    return set(map(str, quads))


def test_every_graph_is_the_same(endpoint: EndpointSource, embedded: Source) -> None:
    """Quad by quad: what engines do to literals is undone."""
    names = sorted(str(name) for name in embedded.named_graphs())
    for name in names:
        graph = NamedNode(name[1:-1])
        mine = plain(embedded.quads_for_pattern(None, None, None, graph))
        theirs = plain(endpoint.quads_for_pattern(None, None, None, graph))
        assert mine == theirs, name
    assert len(names) > 50
    assert set(names) <= {str(name) for name in endpoint.named_graphs()}


@pytest.mark.parametrize("kind", ["Requirement", "Provision", "Mapping", "Version"])
def test_many_are_described_at_once(
    endpoint: EndpointSource, embedded: Source, release: Release, kind: str
) -> None:
    """More than one query's worth, with some that are not there and some that nothing can be."""
    iris = [*Reader(release).ids(kind), mint("nothing", "x"), "no iri", "<>"]
    mine, theirs = embedded.describe(iris), endpoint.describe(iris)
    assert len(iris) > 6
    assert {iri: plain(some) for iri, some in mine.items()} == {
        iri: plain(some) for iri, some in theirs.items()
    }


def test_who_points_at_many(endpoint: EndpointSource, embedded: Source, release: Release) -> None:
    """By a property, each with its own, also where nothing points."""
    iris = [*Reader(release).ids("Requirement"), mint("nothing", "x")]
    key = predicates()["versionOf"]
    mine = embedded.referrers(iris, key)
    assert len(iris) > AT_ONCE
    assert mine == endpoint.referrers(iris, key)
    assert mine[iris[-1]] == []
    assert sum(map(len, mine.values())) > 400


def test_patterns(endpoint: EndpointSource, embedded: Source, release: Release) -> None:
    """With each of their places given or open."""
    quad: Quad = next(iter(embedded.quads_for_pattern(None, predicates()["validFrom"], None)))
    subject, predicate, object_, graph = quad
    for places in range(16):
        if places in (0, 8):  # everything there is, or a whole graph
            continue
        given = [
            term if places >> at & 1 else None
            for at, term in enumerate((subject, predicate, object_, graph))
        ]
        if given[1] is not None and given[0] is None and given[2] is None:
            continue
        mine = plain(embedded.quads_for_pattern(*given))
        assert mine == plain(endpoint.quads_for_pattern(*given)), given
        assert mine


@pytest.mark.parametrize("path", GRAPHQL, ids=lambda path: path.stem)
def test_graphql_questions(path: Path, reader: Reader) -> None:
    """Every question in GraphQL has the committed rows, whatever engine has the triples."""
    assert sorted(graphql_rows(path, reader)) == sorted(expected(path))


def cell(term: Any) -> str:
    """A term as CSV holds it."""
    return "" if term is None else str(term.value)


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_sparql_questions(path: Path, endpoint: EndpointSource) -> None:
    """Every question in SPARQL has the committed rows, save for what an engine cannot do."""
    wanted = expected(path)
    header = path.with_suffix(".csv").read_text().splitlines()[0].split(",")
    found = [[cell(row.get(name)) for name in header] for row in endpoint.select(path.read_text())]
    assert sorted(found) == sorted(wanted)


def counted(source: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that a source is asked from now on."""
    asked: list[str] = []
    real = source.select

    def select(query: str) -> Any:
        asked.append(query)
        return real(query)

    monkeypatch.setattr(source, "select", select)
    return asked


def test_a_level_is_one_read(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """One parent or hundreds: as many calls, as long as they fit into one query."""
    counts = []
    for size in (1, AT_ONCE):
        fresh = Reader(reader.release)
        asked = counted(fresh.store, monkeypatch)
        iris = list(reader.ids("Requirement"))[:size]
        found = fresh.entities(iris)
        topics = fresh.entities([topic for each in found for topic in each.all("topic")])
        pointing = fresh.referrers_of(iris, "versionOf")
        assert len(found) == size
        assert topics
        assert len(pointing) == size
        counts.append(len(asked))
        monkeypatch.undo()
    assert counts == [3, 3]


def test_what_needs_the_store_is_refused(reader: Reader) -> None:
    """There is none here, and it is said."""
    with pytest.raises(EndpointModeError):
        reader.release.open()


class _Odd(BaseHTTPRequestHandler):
    """An endpoint that fails in the way that its path says."""

    seen: list[str] = []  # noqa: RUF012

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["content-length"]))
        self.seen.append(self.headers.get("authorization", ""))
        kind = self.path[1:]
        status = {"busy": 503, "no": 403}.get(kind, 200)
        if kind == "later":
            status = 503 if len(self.seen) < 3 else 200
        body = b'{"results":{"bindings":[]}}' if kind in ("later", "ok") else b'{"results":{"bin'
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def odd() -> Iterator[str]:
    """The address of that endpoint."""
    server = HTTPServer(("127.0.0.1", 0), _Odd)
    _Odd.seen.clear()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("kind", "part", "tries"), [("busy", "503", 3), ("no", "403", 1), ("cut", "cannot be read", 1)]
)
def test_an_endpoint_that_fails(odd: str, kind: str, part: str, tries: int) -> None:
    """Tried again where it may pass; the error names the endpoint, the reason and what to do."""
    with pytest.raises(EndpointError, match=part) as failed:
        EndpointSource(f"{odd}/{kind}").select("ASK {}")
    assert len(_Odd.seen) == tries
    assert failed.value.hint


def test_what_passes_is_tried_again(odd: str) -> None:
    """Twice busy, then an answer; the credentials are sent each time."""
    assert EndpointSource(f"{odd}/later", token="sesame").select("ASK {}") == []
    assert _Odd.seen == ["Bearer sesame"] * 3


def test_nobody_there() -> None:
    """No connection is an error of this kind, too."""
    with pytest.raises(EndpointError, match="fails"):
        EndpointSource("http://127.0.0.1:9/sparql").select("ASK {}")


def test_an_endpoint_without_a_release(odd: str, tmp_path: Path) -> None:
    """An endpoint that holds nothing of ours is told from one that fails."""
    with pytest.raises(EndpointError, match="holds no graph"):
        EndpointReleases(EndpointSource(f"{odd}/ok"), tmp_path).current()
