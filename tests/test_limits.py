"""The layers around every answer: compression, origins, points, ids, failures, spans."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from clausegraph.api.app import create_app, middleware, readable
from clausegraph.api.compression import coding, codings
from clausegraph.api.problems import handlers, respond
from clausegraph.api.ratelimit import Buckets, RateLimitError, charge, client_of
from clausegraph.api.settings import Settings

TEXT = b"a word and another. " * 200


async def text(request: Request) -> Response:
    """A text with a tag."""
    kind = request.query_params.get("kind", "text/plain")
    return Response(TEXT, headers={"ETag": '"one"'}, media_type=kind)


async def broken(_: Request) -> Response:
    """A fault of the server."""
    raise RuntimeError("secret of the server")


async def costly(request: Request) -> Response:
    """What takes as many points as it is told."""
    try:
        charge(request.scope, float(request.query_params["points"]))
    except RateLimitError as error:
        return respond(error)
    return Response(b"done")


def client_with(settings: Settings) -> TestClient:
    """A small application behind the layers of the real one."""
    app = Starlette(
        routes=[Route("/text", text), Route("/broken", broken), Route("/costly", costly)],
        middleware=middleware(settings),
        exception_handlers={kind: readable(handler) for kind, handler in handlers().items()},
    )
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[TestClient]:
    """The layers with narrow limits."""
    settings = Settings(data=tmp_path, rate=0.001, burst=30)
    with client_with(settings) as found:
        yield found


@pytest.mark.parametrize("name", ["br", "gzip"])
def test_a_text_is_compressed(small: TestClient, name: str) -> None:
    """It is the same text, and a cache is told by what it differs; the tag becomes a weak one."""
    if name not in codings():
        pytest.skip("brotli is not installed")
    answer = small.get("/text", headers={"accept-encoding": name})

    assert answer.headers["content-encoding"] == name
    assert int(answer.headers["content-length"]) < len(TEXT) / 4
    assert answer.headers["etag"] == 'W/"one"'
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.content == TEXT


@pytest.mark.parametrize(
    ("kind", "accepted"),
    [("text/plain", "identity"), ("text/plain", "gzip;q=0, br;q=0"), ("text/plain", ""),
     ("text/event-stream", "gzip"), ("application/octet-stream", "gzip"), ("image/png", "gzip")],
)  # fmt: skip
def test_the_rest_is_sent_as_it_is(small: TestClient, kind: str, accepted: str) -> None:
    """What the client does not take, what is a stream, what is compressed already."""
    answer = small.get(f"/text?kind={kind}", headers={"accept-encoding": accepted})

    assert "content-encoding" not in answer.headers
    assert answer.headers["etag"] == '"one"'
    assert answer.content == TEXT


@pytest.mark.parametrize(
    ("accepted", "name"),
    [("gzip", "gzip"), ("br;q=0.5, gzip;q=0.9", "gzip"), ("GZIP", "gzip"), ("*;q=0", None),
     ("gzip;q=0.0", None), ("deflate", None), ("gzip;q=abc", None), ("br;q=0, *", "gzip")],
)  # fmt: skip
def test_the_client_chooses(accepted: str, name: str | None) -> None:
    """By weight; zero is a refusal."""
    assert coding(accepted) == name


def test_a_compressed_answer_is_known_again(client: TestClient) -> None:
    """Its weak tag gives 304."""
    first = client.get("/ns", headers={"accept": "text/turtle", "accept-encoding": "gzip"})
    again = client.get("/ns", headers={"accept": "text/turtle", "if-none-match": first.headers["etag"]})  # fmt: skip

    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["etag"].startswith('W/"')
    assert again.status_code == 304
    assert gzip.compress(first.content)


@pytest.mark.parametrize("path", ["/graphql", "/sparql", "/health"])
def test_other_sites_may_ask(client: TestClient, path: str) -> None:
    """A preflight is answered, an answer may be read, and credentials are never allowed."""
    asked = {"origin": "https://a.example", "access-control-request-method": "POST"}
    before = client.options(path, headers=asked)
    answer = client.get(path, headers={"origin": "https://a.example", "accept": "application/json"})

    assert before.status_code == 204
    assert "POST" in before.headers["access-control-allow-methods"]
    assert "Content-Type" in before.headers["access-control-allow-headers"]
    for found in (before, answer):
        assert found.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in found.headers


@pytest.mark.parametrize(
    ("origins", "told"), [("", None), ("https://a.example https://b.example", "https://a.example"),
                          ("https://b.example", None)],
)  # fmt: skip
def test_origins_can_be_named(data: Path, origins: str, told: str | None) -> None:
    """Only those that are named are told that they may read, at `/sparql` too."""
    with TestClient(create_app(Settings(data=data, origins=origins))) as client:
        for path in ("/graphql", "/sparql", "/id/"):
            answer = client.get(path, headers={"origin": "https://a.example"})
            assert answer.headers.get("access-control-allow-origin") == told
            assert "Origin" in answer.headers["vary"]


def test_what_a_request_costs_is_charged(small: TestClient) -> None:
    """What is there is taken, what is not is refused with the time to wait."""
    first = small.get("/costly?points=20")
    second = small.get("/costly?points=20")

    assert (first.status_code, second.status_code) == (200, 429)
    assert first.headers["ratelimit"].startswith('"client";r=9;')
    assert second.json()["code"] == "rate-limit"
    assert int(second.headers["retry-after"]) == pytest.approx(12_000, abs=100)


def test_more_than_a_bucket_leaves_a_debt() -> None:
    """A full bucket lets the largest request through, which is paid for afterwards."""
    now = [0.0]
    buckets = Buckets(1, 10, lambda: now[0])
    assert buckets.take("a", 25) == (True, -15)
    now[0] = 15.0
    assert buckets.take("a", 1) == (False, 0)
    assert buckets.wait(0, 25) == 10


def test_clients_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come, only so many buckets are kept."""
    monkeypatch.setattr("clausegraph.api.ratelimit.CLIENTS", 100)
    buckets = Buckets(1, 10)
    for number in range(1_000):
        buckets.take(str(number), 1)
    assert len(buckets._left) == 100


def test_points_can_be_without_limit(tmp_path: Path) -> None:
    """A rate of zero is no limit, and nothing is told of one."""
    settings = Settings.from_env({"CLAUSEGRAPH_RATE": "0"}, data=tmp_path, burst=1.0)
    with client_with(settings) as client:
        answers = [client.get("/costly?points=9") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit" not in answers[0].headers


@pytest.mark.parametrize(
    ("peer", "client"),
    [("2001:db8:1:2:3::9", "2001:db8:1:2::/64"), ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
     ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::/64"), ("x" * 500, "x" * 64)],
)  # fmt: skip
def test_a_network_is_one_client(peer: str, client: str) -> None:
    """Whoever has many addresses has one bucket, and a long name takes no memory."""
    assert client_of({"client": (peer, 1), "headers": [], "type": "http"}, 0) == client


def test_a_failure_has_an_id(small: TestClient) -> None:
    """The answer to a fault has the headers of every other, the id in it, and no detail."""
    answer = small.get("/broken", headers={"x-request-id": "abc-12345678"})

    assert answer.status_code == 500
    assert answer.json()["request"] == answer.headers["x-request-id"] == "abc-12345678"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in answer.text


def test_a_failure_is_counted(client: TestClient, small: TestClient) -> None:
    """By status, and by its code."""
    small.get("/broken")
    text = client.get("/metrics").text

    assert 'clausegraph_requests_total{route="other",status="500"}' in text
    assert 'clausegraph_refusals_total{reason="internal-error"}' in text
    assert "clausegraph_requests_waiting 0.0" in text


def test_requests_are_traced_where_that_is_wanted(data: Path) -> None:
    """A span of each, below its caller's, with status and without the query."""
    trace = pytest.importorskip("opentelemetry.trace", reason="OpenTelemetry is not installed")
    sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="its SDK is not installed")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    spans, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    above = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    settings = replace(Settings(data=data), telemetry=True)
    with TestClient(create_app(settings)) as client:
        found = client.get("/graphql?query={__typename}", headers=above)

    (span,) = spans.get_finished_spans()
    facts = dict(span.attributes or {})
    assert span.name == "GET graphql"
    assert f"{span.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert facts["http.response.status_code"] == 200
    assert facts["clausegraph.request"] == found.headers["x-request-id"]
    assert "__typename" not in str(facts)
