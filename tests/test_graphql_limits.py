"""Attacks on `/graphql`: each is refused early, with a reason, and costs next to nothing."""

from __future__ import annotations

import gc
import re
import sys
import threading
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from clausegraph.api import execution, graphql_cost, graphql_http
from clausegraph.api.execution import Executor
from clausegraph.api.graphql_cost import MOST_OBJECTS
from clausegraph.api.graphql_http import Endpoint
from clausegraph.api.graphql_persisted import Documents, UntrustedDocumentError, sha256_of
from clausegraph.api.plan import Plan
from clausegraph.api.releases import Releases
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from tests.test_graphql import client_of

BOMB = "{a:topics{nodes{requirements{topics{narrower{id}}}}}}"
"""Fifty-odd bytes that ask for lists within lists."""


@pytest.fixture(scope="module")
def client(data: Path) -> TestClient:
    """A client with the limits of a server."""
    return client_of(data, max_cost=5_000)


def codes(answer: Any) -> set[str]:
    """The codes of an answer's errors."""
    return {each["extensions"]["code"] for each in answer.json()["errors"]}


def post(client: TestClient, query: str, **more: Any) -> Any:
    """Send a document."""
    return client.post("/graphql", json={"query": query, **more})


def test_a_small_bomb_is_refused_before_it_goes_off(client: TestClient) -> None:
    """With the figure, the limit and the field to blame; nothing was made."""
    answer = post(client, BOMB)
    (error,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert codes(answer) == {"cost-limit"}
    assert error["extensions"]["value"] > 5_000
    assert "at most 5000" in error["message"]
    assert "`a` alone" in error["extensions"]["hint"]


BELOW = "{ nodes { requirements { topics { id } } } }"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("{ topics(first: PAGE) " + BELOW + " }", "topics"),
        ("{ few: topics(first: 2) { nodes { id } } many: topics(first: PAGE) " + BELOW + " }", "many"),
        ("query($n: Int = 9) { topics(first: PAGE) " + BELOW + " a: topics(first: $n) { totalCount } }",
         "topics"),
    ],
    ids=["one", "second of two", "with a variable"],
)  # fmt: skip
def test_a_refusal_names_a_page_that_fits(data: Path, query: str, name: str) -> None:
    """With that page, and with no larger one, the same request is let in."""
    client = client_of(data, max_cost=300)
    (error,) = post(client, query.replace("PAGE", "400")).json()["errors"]
    found = re.search(r"`first: (\d+)` on `(\w+)` fits", error["extensions"]["hint"])
    assert found, error
    size = int(found[1])
    assert (found[2], size > 1) == (name, True)
    let_in = post(client, query.replace("PAGE", str(size)))
    assert "errors" not in let_in.json()
    assert codes(post(client, query.replace("PAGE", str(size + 1)))) == {"cost-limit"}


def test_a_refusal_says_where_no_page_fits(data: Path) -> None:
    """Pages alone would not do it."""
    query = (
        '{ a: node(id: "x") { ... on Topic { requirements { topics { requirements { id } } } } } }'
    )
    (error,) = post(client_of(data, max_cost=10), query).json()["errors"]
    assert "no size of one page makes it fit" in error["extensions"]["hint"]


def test_many_variables_are_refused(client: TestClient) -> None:
    """However they are used, and a hundred are not."""
    for number in (101, 100):
        defined = " ".join(f"$v{n}: Boolean = true" for n in range(number))
        used = " ".join(f"id @include(if: $v{n})" for n in range(number))
        answer = post(client, f"query({defined}) {{ release {{ {used} }} }}")
        if number == 100:
            assert "errors" not in answer.json()
            continue
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "too-many-variables"
        assert error["extensions"]["value"] == 101


@pytest.mark.parametrize("way", ["written", "variable", "often", "fragment"])
@pytest.mark.parametrize("number", [MOST_OBJECTS, MOST_OBJECTS + 2])
def test_many_conditions_are_refused(client: TestClient, number: int, way: str) -> None:
    """Written, in a variable, in one that is given twice; what may be asked is answered."""
    many = number - 1 if way in ("written", "variable") else number // 2 - 1
    each = [{"text": f"w{n}"} for n in range(many)]
    literal = ", ".join(f'{{text: "{one["text"]}"}}' for one in each)
    field = "documents(filter: $f) { totalCount }"
    text = {
        "written": f"{{ documents(filter: {{or: [{literal}]}}) {{ totalCount }} }}",
        "variable": f"query($f: DocumentFilter) {{ {field} }}",
        "often": f"query($f: DocumentFilter) {{ documents: {field} b: {field} }}",
        "fragment": "query($f: DocumentFilter) { ...F } fragment F on Query "
        f"{{ documents: {field} b: {field} }}",
    }[way]
    answer = post(client, text, variables={} if way == "written" else {"f": {"or": each}})
    if number > MOST_OBJECTS:
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (422, "too-many-conditions")
        assert "lists within one filter" in error["extensions"]["hint"]
        assert error["extensions"]["value"] == number
    else:
        assert answer.json()["data"]["documents"] == {"totalCount": 0}


def test_what_fails_runs_twice_at_most(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once through its plan and once through graphql-core, which knows where the error belongs."""
    client, runs = client_of(data, answer_bytes=0), Counter[str]()
    for cls, name in ((Plan, "run"), (Executor, "reference")):
        real = getattr(cls, name)

        def counted(*given: Any, real: Any = real, name: str = name) -> Any:
            runs[name] += 1
            return real(*given)

        monkeypatch.setattr(cls, name, counted)
    monkeypatch.setattr(graphql_http, "QUICK", 30)
    for query, core in (
        ('{ topics(after: "none") { totalCount } }', 1),
        ("{ topics { totalCount } }", 0),
    ):
        for _ in range(2):
            runs.clear()
            assert ("errors" in post(client, query).json()) == bool(core)
            assert (runs["run"], runs["reference"]) == (1, core)


def test_what_is_slow_is_not_begun_on_the_loop(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that took long runs once, on a thread, until it is quick again."""
    client, query = client_of(data, answer_bytes=0), "{ topics(first: 3) { nodes { id label } } }"
    loops: list[bool] = []
    real = Plan.run

    def looked(self: Plan, *given: Any) -> Any:
        loops.append(threading.current_thread().name.startswith("asyncio_"))
        return real(self, *given)

    monkeypatch.setattr(Plan, "run", looked)
    for quick, expected in ((0, [True]), (0, [True]), (30, [True]), (30, [False])):
        monkeypatch.setattr(graphql_http, "QUICK", quick)
        loops.clear()
        assert "errors" not in post(client, query).json()
        assert loops == expected


def test_counting_holds_nobody_up(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables and cost are looked at on a thread where they are long, many, or not known."""
    threads: list[bool] = []
    real = Executor.variables

    def looked(self: Executor, *given: Any) -> Any:
        threads.append(threading.current_thread().name.startswith("asyncio_"))
        return real(self, *given)

    monkeypatch.setattr(Executor, "variables", looked)
    client = client_of(data, answer_bytes=0, max_aliases=1_000)
    query = "query($x: String) { documents(filter: {text: $x}) { totalCount } }"
    wide = f"{{ {' '.join(f'a{n}: release {{ id }}' for n in range(execution.FEW + 1))} }}"
    for text, variables, expected in (
        (query, {"x": "a"}, True),
        (query, {"x": "a"}, False),
        (query, {"x": "a" * graphql_http.SHORT}, True),
        (wide, {}, True),
        (wide, {}, True),
    ):
        threads.clear()
        assert "errors" not in post(client, text, variables=variables).json()
        assert threads[0] == expected


def test_the_usual_limit_refuses_lists_within_lists(data: Path) -> None:
    """Not sixty bytes, three pages deep, with the settings that a server has by itself."""
    query = "{changes{nodes{deltas{nodes{change{deltas{nodes{id}}}}}}}}"
    answer = post(client_of(data), query)
    assert (answer.status_code, codes(answer)) == (422, {"cost-limit"})


def test_what_is_asked_and_made_is_told(client: TestClient) -> None:
    """The most that it could have been, the limit, and what it was."""
    body = post(client, "{ jurisdictions(first: 2) { nodes { id } } }").json()
    cost = body["extensions"]["cost"]
    assert cost == {"requested": 3, "limit": 5_000, "made": 2}


def test_pages_are_counted_with_their_variables(client: TestClient) -> None:
    """A page size in a variable counts as it is, one that is absent as the usual one."""
    query = """query($n: Int) { topics(first: $n) { nodes { requirements { id } } } }"""
    asked = [
        post(client, query, variables=given).json()["extensions"]["cost"]["requested"]
        for given in ({"n": 1}, {"n": 20}, {})
    ]
    assert asked == [7, 121, 301]


@pytest.mark.parametrize(
    "query",
    [
        "{" + " ".join(f"a{n}: release {{ id }}" for n in range(200)) + "}",
        "{ " + "node(id: \"x\") { ... on Topic { narrower { " * 6 + "id" + " } } }" * 6 + " }",
        "{ topics " + "{ nodes { narrower " * 20 + "{ id }" + " } }" * 20 + " }",
        "{" + "release { id } " * 4_000 + "}",
        "{ release { id " + "@include(if: true) " * 3_000 + "} }",
        "{ __schema { types" + " { fields { type" * 6 + " { name }" + " } }" * 6 + " } }",
        "{" * 5_000,
        "{ requirements(filter: {topic: [" + '"x",' * 5_000 + "]}) { totalCount } }",
    ],
    ids=["aliases", "fragments", "deep", "tokens", "directives", "introspection", "braces", "list"],
)  # fmt: skip
def test_bombs_are_refused(client: TestClient, query: str) -> None:
    """None is executed, and none is an error of the server."""
    answer = post(client, query)
    assert answer.status_code in (200, 400, 422)
    assert "data" not in answer.json()
    assert "internal-error" not in codes(answer)


def test_huge_variables_are_refused(client: TestClient) -> None:
    """Deep ones, and numbers that no integer can be."""
    query = "query($f: RequirementFilter, $n: Int) { requirements(filter: $f, first: $n) { totalCount } }"
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"topic": deep}
    assert post(client, query, variables={"f": deep}).status_code == 400
    for number in (2**31, 2**53, -(2**63)):
        answer = post(client, query, variables={"n": number})
        assert "data" not in answer.json()
        assert codes(answer) == {"invalid-query"}


def test_batches_are_refused(client: TestClient) -> None:
    """One request at a time: a batch would pass every limit as often as it is long."""
    answer = client.post("/graphql", json=[{"query": "{ __typename }"}] * 100)
    assert (answer.status_code, codes(answer)) == (400, {"bad-graphql-request"})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
BODIES = st.one_of(
    st.binary(max_size=200),
    JUNK.map(lambda value: repr(value).encode()),
    st.fixed_dictionaries(
        {},
        optional={
            "query": JUNK | st.sampled_from(["{ release { id } }", "query A { x }", "{"]),
            "variables": JUNK,
            "operationName": JUNK,
            "extensions": JUNK,
            "documentId": JUNK,
        },
    ),
)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=BODIES, kind=st.sampled_from(["application/json", "text/plain", "", "application/xml"]))
def test_malformed_bodies_are_no_failure(client: TestClient, body: Any, kind: str) -> None:
    """Five hundred bodies of all kinds: refused or answered, never a failure of the server."""
    content = body if isinstance(body, bytes) else _json(body)
    answer = client.post("/graphql", content=content, headers={"content-type": kind})
    assert answer.status_code < 500
    assert answer.json()


def _json(body: Any) -> bytes:
    try:
        return orjson.dumps(body)
    except (TypeError, ValueError):  # numbers that JSON cannot hold, halves of characters
        return repr(body).encode("utf-8", "replace")


def test_a_persisted_document_is_named(client: TestClient) -> None:
    """Unknown at first; sent once with its hash; then by the hash alone, by GET and POST."""
    query = "{ release { id } }"
    named = {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(query)}}
    first = client.post("/graphql", json={"extensions": named})
    assert (first.status_code, codes(first)) == (200, {"PERSISTED_QUERY_NOT_FOUND"})
    assert first.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    sent = post(client, query, extensions=named).json()
    again = client.post("/graphql", json={"documentId": f"sha256:{sha256_of(query)}"}).json()
    got = client.get("/graphql", params={"extensions": orjson.dumps(named).decode()}).json()
    assert sent == again == got
    assert len(sent["data"]["release"]["id"]) == 16


def test_a_document_is_that_of_its_hash(client: TestClient) -> None:
    """Nobody can put another document under somebody's hash."""
    named = {"persistedQuery": {"version": 1, "sha256Hash": sha256_of("{ other }")}}
    answer = post(client, "{ release { id } }", extensions=named)
    assert (answer.status_code, codes(answer)) == (400, {"document-hash-differs"})


def test_trusted_documents_alone(data: Path, tmp_path: Path) -> None:
    """A server that takes only these answers them, by text or hash, and nothing else."""
    query = "query Release { release { id } }\n"
    (tmp_path / "release.graphql").write_text(query)
    client = client_of(data, documents=str(tmp_path), trusted_only=True)
    by_hash = client.get("/graphql", params={"documentId": f"sha256:{sha256_of(query)}"})
    other = post(client, "{ release { id } }")
    assert by_hash.json()["data"]["release"]["id"]
    assert post(client, query).json()["data"] == by_hash.json()["data"]
    assert (other.status_code, codes(other)) == (403, {"document-not-trusted"})
    with pytest.raises(UntrustedDocumentError):
        Documents(tmp_path, only_trusted=True).text("{ x }", None)


def test_not_modified_touches_no_store(data: Path) -> None:
    """The tag depends on release, document, variables and day; with it nothing is read."""
    served = Served(Releases(data))
    endpoint = Endpoint(served, Settings(data=data))
    client = TestClient(Starlette(routes=[Route("/graphql", endpoint)]))
    params = {"query": "{ jurisdictions { nodes { id } } }"}
    first = client.get("/graphql", params=params)
    tag = first.headers["etag"]
    reader = served.reader
    del served.reader.store  # whatever reads now fails
    second = client.get("/graphql", params=params, headers={"if-none-match": tag})
    other = client.get("/graphql", params={"query": "{ jurisdictions { nodes { label } } }"},
                       headers={"if-none-match": tag})  # fmt: skip
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["etag"] == tag
    assert other.status_code == 200
    assert other.headers["etag"] != tag
    assert reader is served.reader


def test_an_answer_is_given_again(data: Path) -> None:
    """What was answered without errors is kept with its release; another day is another answer."""
    client = client_of(data)
    query = (
        "query($d: Date) { jurisdictions { nodes { id } } requirements(asOf: $d) { totalCount } }"
    )
    given = {"d": "2025-01-01"}
    first, again = (post(client, query, variables=given).content for _ in range(2))
    other = post(client, query, variables={"d": "2020-01-01"}).content
    assert first == again
    assert other == post(client, query, variables={"d": "2020-01-01"}).content


def test_what_is_explained_tells_what_was_made(client: TestClient) -> None:
    """The same cost as without an explanation."""
    query = "{ jurisdictions(first: 2) { nodes { id } } }"
    plain = post(client, query).json()["extensions"]["cost"]
    told = post(client, query, extensions={"explain": True}).json()["extensions"]
    assert told["cost"] == plain
    assert told["explain"]


def test_fragments_that_spread_others_are_not_counted_for_ever(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mesh of few characters that stands for very many fields is refused once so many are counted."""
    monkeypatch.setattr(graphql_cost, "MOST_FIELDS", 1_000)
    levels = [
        f"fragment F{n} on Topic {{ narrower {{ ...F{n - 1} }} broader {{ ...F{n - 1} }} }}"
        for n in range(1, 11)
    ]
    query = " ".join(
        ["{ topics(first: 0) { nodes { ...F10 } } }", "fragment F0 on Topic { label }", *levels]
    )
    answer = post(client, query)
    (error,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert "more than 1000 fields" in error["message"]
    monkeypatch.undo()
    assert "errors" not in post(client, query).json()


def test_an_answer_with_errors_has_no_tag(data: Path) -> None:
    """What failed for want of time may not be told to be the same a moment later."""
    client = client_of(data, max_nodes=1)
    asked = {"query": "{ topics { nodes { label } } }"}
    answer = client.get("/graphql", params=asked)
    assert answer.json()["errors"]
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "field",
    ["requirements(first: 1, filter: {text: $x})", "platforms(first: 1, filter: {text: $x})"],
)
def test_long_variables_are_not_kept(data: Path, field: str) -> None:
    """Neither as keys of answers and statements nor as arguments that are converted already."""
    client = client_of(data, answer_bytes=10_000_000)
    query = f"query($x: String) {{ {field} {{ totalCount }} }}"
    own, rest = sys.getsizeof, 40
    tracemalloc.start()
    for number in range(rest):
        text = f"{number}" + "x" * 200_000
        assert post(client, query, variables={"x": text}).status_code == 200
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < rest * own("x" * 200_000) / 4


def test_a_facet_is_counted_once(client: TestClient) -> None:
    """However often it is asked for, and its values are nodes that a request pays for."""
    many = ", ".join(["KIND"] * 50)
    query = "{ requirements(first: 1) { facets(by: [KIND]) { values { count } } } }"
    one, more = (post(client, q) for q in (query, query.replace("[KIND]", f"[{many}]")))
    assert one.json().get("data") == more.json().get("data")


def test_wide_filters_end_in_time(data: Path) -> None:
    """Filters in memory look at the clock, too."""
    client = client_of(data, graphql_seconds=0.0001)
    query = "query($f: RequirementFilter) { requirements(first: 1, filter: $f) { totalCount } }"
    wide = {"or": [{"text": f"zz{n}"} for n in range(MOST_OBJECTS - 1)]}
    assert codes(post(client, query, variables={"f": wide})) == {"too-costly"}
