"""GraphQL over HTTP: days, filters, pages, ids, errors and limits, on the invented law."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from clausegraph.api.cursors import encode
from clausegraph.api.graphql_http import Endpoint
from clausegraph.api.nodes import TYPES
from clausegraph.api.publish import load, publish
from clausegraph.api.releases import Releases
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from clausegraph.ontology.iris import ID

NEW = "application/graphql-response+json"
JSON = {"content-type": "application/json"}
DELETE = "xx-north/npa/right-to-delete"
HISTORIES = {
    "Assessment", "Change", "ChangedTerm", "ClaimCheck", "Delta", "Finding", "History", "Mapping",
    "NearPassage", "Opinion", "Portfolio", "Presence", "Provision", "Quote", "SavedQuery",
    "Statement", "Text", "Version",
}  # fmt: skip
"""What the invented law has none of; the tests of policies and findings ask for these."""
EMPTY = (
    "changes", "contradictions", "enforcementMatches", "findings", "mappings", "pending",
    "portfolios", "provisions", "savedQueries",
)  # fmt: skip
"""Lists that the invented law leaves empty today."""


def client_of(data: Path, **limits: Any) -> TestClient:
    """A client of `/graphql` alone, with limits of one's own."""
    settings = replace(Settings(data=data), **limits)
    endpoint = Endpoint(Served(Releases(data)), settings)
    return TestClient(Starlette(routes=[Route("/graphql", endpoint)]))


@pytest.fixture(scope="module")
def client(data: Path) -> TestClient:
    """A client with the limits of a server."""
    return client_of(data)


def ask(client: TestClient, query: str, **variables: Any) -> Any:
    """The data of an answer that has no errors."""
    body = client.post("/graphql", json={"query": query, "variables": variables}).json()
    assert "errors" not in body, body
    return body["data"]


def error_of(client: TestClient, query: str) -> dict[str, Any]:
    """The only error of an answer."""
    errors = client.post("/graphql", json={"query": query}).json()["errors"]
    assert len(errors) == 1, errors
    found: dict[str, Any] = errors[0]
    return found


@pytest.mark.parametrize(
    ("day", "amount"),
    [("2021-12-31", None), ("2022-01-01", "10000000"), ("2024-12-31", "10000000"),
     ("2025-01-01", "12500000.5")],
)  # fmt: skip
def test_a_requirement_on_a_day(client: TestClient, day: str, amount: str | None) -> None:
    """Both ends of an interval belong to it, and before the first day nothing is in force."""
    query = """query($day: Date!) { requirement(id: "xx-north/npa/threshold-revenue", asOf: $day)
        { version { values { amount unit comparison } } } }"""
    version = ask(client, query, day=day)["requirement"]["version"]
    expected = (
        None if amount is None
        else {"values": [{"amount": amount, "unit": "USD", "comparison": "MORE_THAN"}]}
    )  # fmt: skip

    assert version == expected


def test_the_day_is_inherited(client: TestClient) -> None:
    """A nested field sees the day of the field around it, unless it names its own."""
    query = """{ instrument(id: "xx-north/npa", asOf: "2024-06-01") {
        requirements { id version { validFrom } later: version(asOf: "2026-06-01") { validFrom } } } }"""
    found = {r["id"]: r for r in ask(client, query)["instrument"]["requirements"]}

    assert found[f"{ID}requirement/{DELETE}"]["version"] == {"validFrom": "2022-01-01"}
    assert found[f"{ID}requirement/{DELETE}"]["later"] == {"validFrom": "2026-01-01"}


def test_evidence_travels_with_every_fact(client: TestClient) -> None:
    """A version carries citations, sections, sources, the day read, confidence and fact numbers."""
    query = """query($id: ID!) { requirement(id: $id, asOf: "2026-01-01") { version {
        citations sections { number } sources { key kind } readOn confidence factIds note clock
        enforceableFrom validFromEarliest introducedBy { label } modality } } }"""
    version = ask(client, query, id=DELETE)["requirement"]["version"]

    assert version == {
        "citations": ["North. Code §12:7(b)(1)"],
        "sections": [{"number": "12:7(b)(1)"}],
        "sources": [{"key": "N1", "kind": "OFFICIAL"}, {"key": "N2", "kind": "SECONDARY"}],
        "readOn": "2026-01-15",
        "confidence": "JUDGEMENT",
        "factIds": ["XN-13"],
        "note": "The gazette says \"shall\" where the notes say 'may' & <should>.",
        "clock": "receipt of the request",
        "enforceableFrom": "2026-07-01",
        "validFromEarliest": "2025-07-01",
        "introducedBy": {"label": "Act 7 (2024)"},
        "modality": "MUST",
    }


@pytest.mark.parametrize(
    ("filter_", "count"),
    [
        ("{jurisdiction: [\"xx-north\"]}", 4),
        ("{jurisdiction: [\"xx-north\", \"xx-south\"]}", 6),
        ("{instrument: [\"xx-south/spa\"]}", 2),
        ("{topic: [\"right-to-delete\"]}", 2),
        ("{topic: [\"group-rights\"]}", 3),
        ("{kind: [THRESHOLD, DEADLINE]}", 2),
        ("{modality: [MAY]}", 1),
        ("{confidence: [JUDGEMENT]}", 1),
        ("{fact: [\"XN-11\"]}", 1),
        ("{text: \"NONPROFIT\"}", 1),
        ("{inForce: true}", 6),
        ("{inForce: false}", 0),
        ("{kind: [RIGHT], jurisdiction: [\"xx-south\"]}", 1),
    ],
)  # fmt: skip
def test_filters_of_requirements(client: TestClient, filter_: str, count: int) -> None:
    """Fields of a filter are joined by and, the values of one field by or."""
    query = f'{{ requirements(asOf: "2026-06-01", filter: {filter_}) {{ totalCount }} }}'

    assert ask(client, query) == {"requirements": {"totalCount": count}}


def test_what_is_not_in_force_can_be_listed(client: TestClient) -> None:
    """Before the acts operate, all requirements are there and none is in force."""
    query = """{ a: requirements(asOf: "2020-01-01", filter: {inForce: false}) { totalCount }
                 b: requirements(asOf: "2020-01-01", filter: {inForce: true}) { totalCount } }"""

    assert ask(client, query) == {"a": {"totalCount": 6}, "b": {"totalCount": 0}}


def test_pending_is_signed_and_not_yet_operative(client: TestClient) -> None:
    """A version to come is pending from the day its act was enacted."""
    query = "query($day: Date!) { pending(asOf: $day) { nodes { label introducedBy { label } } } }"

    assert ask(client, query, day="2024-08-31")["pending"]["nodes"] == []
    assert ask(client, query, day="2024-09-01")["pending"]["nodes"] == [
        {"label": "Revenue limb, from 2025-01-01", "introducedBy": {"label": "Act 7 (2024)"}},
        {"label": "Right to delete, from 2026-01-01", "introducedBy": {"label": "Act 7 (2024)"}},
    ]


def test_powers_of_a_day(client: TestClient) -> None:
    """Powers are those held on the day; null asks for every day."""
    query = 'query($day: Date, $held: Boolean) { powers(asOf: $day, filter: {held: $held, jurisdiction: ["xx-north"]}) { nodes { kind exclusive enforcer { label } } } }'
    rules = {
        "kind": "RULEMAKING",
        "exclusive": True,
        "enforcer": {"label": "Northland Privacy Office"},
    }
    fines = rules | {"kind": "ADMINISTRATIVE_ENFORCEMENT"}

    assert ask(client, query, day="2021-12-31", held=True)["powers"]["nodes"] == [rules]
    assert ask(client, query, day="2027-01-01", held=True)["powers"]["nodes"] == [fines]
    assert ask(client, query, day="2027-01-01", held=None)["powers"]["nodes"] == [fines, rules]


def test_coverage_keeps_two_kinds_of_emptiness_apart(client: TestClient) -> None:
    """Known to be absent, and not examined, are two states; counts have a denominator."""
    query = """{ coverage(topic: ["opt-out-signal", "appeal"], asOf: "2025-01-01") {
        cells { jurisdiction { code } topic { slug } state versions { label } absences { label } }
        counts { state cells of } } }"""
    found = ask(client, query)["coverage"]
    states = {(c["jurisdiction"]["code"], c["topic"]["slug"]): c["state"] for c in found["cells"]}

    assert states[("XX-N", "opt-out-signal")] == "KNOWN_ABSENCE"
    assert states[("XX-S", "opt-out-signal")] == "REQUIREMENT"
    assert states[("XX-N", "appeal")] == states[("XX-S", "appeal")] == "NOT_EXAMINED"
    assert found["counts"] == [
        {"state": "REQUIREMENT", "cells": 1, "of": 4},
        {"state": "KNOWN_ABSENCE", "cells": 1, "of": 4},
        {"state": "UNCERTAIN", "cells": 0, "of": 4},
        {"state": "OTHER_DAYS", "cells": 0, "of": 4},
        {"state": "NOT_EXAMINED", "cells": 2, "of": 4},
    ]


@pytest.mark.parametrize(
    ("day", "states"),
    [
        ("2021-12-31", ["OTHER_DAYS", "OTHER_DAYS"]),
        ("2022-01-01", ["REQUIREMENT", "OTHER_DAYS"]),
        ("2023-01-01", ["REQUIREMENT", "REQUIREMENT"]),
    ],
)
def test_coverage_of_a_day_before_the_law(client: TestClient, day: str, states: list[str]) -> None:
    """Before a rule operates its topic was examined all the same, and the cell says so."""
    query = """query($day: Date!) { coverage(topic: ["right-to-delete"], asOf: $day) {
        cells { state versions { id } others { id } } } }"""
    cells = ask(client, query, day=day)["coverage"]["cells"]

    assert [cell["state"] for cell in cells] == states
    assert all(bool(c["others"]) is (c["state"] == "OTHER_DAYS") for c in cells)


def test_an_uncertain_first_day_is_told(client: TestClient) -> None:
    """Between the earliest and the latest first day, the version may have been in force."""
    query = """query($day: Date!) { requirement(id: "xx-north/npa/right-to-delete", asOf: $day) {
        version { validFrom } perhaps { validFrom } } }"""
    found = [
        ask(client, query, day=day)["requirement"]
        for day in ("2025-06-30", "2025-07-01", "2025-12-31", "2026-01-01")
    ]
    old, new = {"validFrom": "2022-01-01"}, {"validFrom": "2026-01-01"}

    assert found == [
        {"version": old, "perhaps": None},
        {"version": old, "perhaps": new},
        {"version": old, "perhaps": new},
        {"version": new, "perhaps": None},
    ]


def test_the_time_line_of_an_instrument(client: TestClient) -> None:
    """Events, amendments, suspensions and versions stand in one order, within the days asked for."""
    query = """{ instrument(id: "xx-north/npa") {
        timeline(since: "2023-01-01", until: "2025-01-01") { on what node { __typename } } } }"""
    found = ask(client, query)["instrument"]["timeline"]

    assert [(e["on"], e["node"]["__typename"]) for e in found] == [
        ("2023-02-01", "Suspension"),
        ("2023-06-01", "Suspension"),
        ("2025-01-01", "Amendment"),
        ("2025-01-01", "RequirementVersion"),
        ("2025-01-01", "RequirementVersion"),
    ]


def test_a_time_line_ends_with_the_calendar(sources: Path, tmp_path: Path) -> None:
    """What holds until the last day that there is has no day after it."""
    shutil.copytree(sources, tmp_path / "law")
    path = tmp_path / "law" / "xx-north" / "npa.yaml"
    path.write_text(path.read_text().replace("until: 2023-05-31", "until: 9999-12-31"))
    load(tmp_path / "data", tmp_path / "law")
    publish(tmp_path / "data")
    query = '{ instrument(id: "xx-north/npa") { timeline { on what } } }'
    found = ask(client_of(tmp_path / "data"), query)["instrument"]["timeline"]

    assert "suspended" in [entry["what"] for entry in found]
    assert "suspension ends" not in [entry["what"] for entry in found]


def test_suspensions_hold_on_their_days(client: TestClient) -> None:
    """A suspension is there on its last day and gone on the next."""
    query = 'query($day: Date!) { instrument(id: "xx-north/npa") { suspensions(asOf: $day) { scope } } }'

    assert ask(client, query, day="2023-05-31")["instrument"]["suspensions"] != []
    assert ask(client, query, day="2023-06-01")["instrument"]["suspensions"] == []


def test_alignments_of_a_day(client: TestClient) -> None:
    """The relation is that of the day, from the first side to the second."""
    query = """query($day: Date!) { alignments(asOf: $day, topic: ["right-to-delete"]) { nodes {
        relation author source { id } target { id } } } }"""
    found = ask(client, query, day="2026-01-01")["alignments"]["nodes"]

    assert found == [
        {
            "relation": "SUPERSET",
            "author": "ClauseGraph founders",
            "source": {"id": f"{ID}requirement/{DELETE}"},
            "target": {"id": f"{ID}requirement/xx-south/spa/right-to-delete"},
        }
    ]
    assert ask(client, query, day="2025-12-31")["alignments"]["nodes"][0]["relation"] == "EQUAL"


def test_every_node_is_found_by_its_id(client: TestClient, data: Path) -> None:
    """An id is the IRI; every typed node of the release answers to it with a label."""
    served = Served(Releases(data))
    kinds = ("Jurisdiction", "Instrument", "Section", "Requirement", "RequirementVersion", "Quantity",
             "Event", "Amendment", "Suspension", "Absence", "Bill", "Enforcer", "Power",
             "EnforcementAction", "Alignment", "Source", "Claim", "Document", "Platform", "Topic",
             "Concept", "Regime", "Agent")  # fmt: skip
    ids = {kind: served.reader.ids(kind)[0] for kind in kinds}
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id label } }"
    found = ask(client, query, ids=list(ids.values()))["nodes"]

    assert [(node["__typename"], node["id"]) for node in found] == list(ids.items())
    assert all(node["label"] for node in found)


def test_pages_meet_without_gap_or_overlap(client: TestClient) -> None:
    """Following cursors forward and backward gives the whole list, whatever the page size."""
    query = """query($first: Int, $after: String, $last: Int, $before: String) { requirements(
        orderBy: [{by: LABEL, direction: DESC}, {by: INSTRUMENT}], first: $first, after: $after,
        last: $last, before: $before) { totalCount pageInfo { hasNextPage hasPreviousPage
        startCursor endCursor } nodes { id } } }"""
    whole = [n["id"] for n in ask(client, query, first=500)["requirements"]["nodes"]]
    forward, cursor, more = [], None, True
    while more:
        page = ask(client, query, first=2, after=cursor)["requirements"]
        forward += [n["id"] for n in page["nodes"]]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    backward: list[str] = []
    cursor, more = None, True
    while more:
        page = ask(client, query, last=4, before=cursor)["requirements"]
        backward = [n["id"] for n in page["nodes"]] + backward
        cursor, more = page["pageInfo"]["startCursor"], page["pageInfo"]["hasPreviousPage"]

    assert len(whole) == 6
    assert forward == whole
    assert backward == whole


def test_a_cursor_survives_what_is_gone(client: TestClient) -> None:
    """A cursor names a place, so it works where its entity is not in the list any more."""
    cursor = encode(["Revenue limb", f"{ID}requirement/xx-north/npa/removed"])
    query = "query($after: String) { requirements(after: $after) { nodes { label } } }"

    assert [n["label"] for n in ask(client, query, after=cursor)["requirements"]["nodes"]] == [
        "Revenue limb", "Right to delete", "Right to delete", "Signals", "Time to opt a person out",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "code", "part"),
    [
        ('{ requirements(after: "x") { totalCount } }', "bad-cursor", "not a cursor"),
        (f'{{ requirements(after: "{encode([1, 2])}") {{ totalCount }} }}', "bad-cursor", "not a"),
        (f'{{ requirements(after: "{encode([1, "x"])}") {{ totalCount }} }}', "bad-cursor", "not a"),
        ("{ requirements(first: 501) { totalCount } }", "bad-page-size", "from 0 to 500"),
        ("{ requirements(first: 1, last: 1) { totalCount } }", "bad-page-size", "exclude"),
        ('{ requirements(filter: {topic: ["right-to-delet"]}) { totalCount } }', "unknown-id", "no topic"),
        ('{ instruments(filter: {jurisdiction: ["nowhere"]}) { totalCount } }', "unknown-id", "nowhere"),
        ("{ nonsense }", "invalid-query", "Cannot query field"),
        ("{ requirements(", "invalid-query", "Syntax Error"),
        ('{ requirements(asOf: "2025-02-30") { totalCount } }', "invalid-query", "2025-02-30"),
    ],
)  # fmt: skip
def test_errors_have_a_code(client: TestClient, query: str, code: str, part: str) -> None:
    """Every error says what is wrong and has a stable code."""
    error = error_of(client, query)

    assert error["extensions"]["code"] == code
    assert part in error["message"]


def test_a_near_miss_is_named(client: TestClient) -> None:
    """An id that nothing has comes back with the ids that are near it."""
    error = error_of(client, '{ requirements(filter: {topic: ["right-to-delet"]}) { totalCount } }')

    assert "right-to-delete" in error["extensions"]["hint"]
    assert error["extensions"]["value"] == "right-to-delet"


def test_a_failure_shows_no_stack_trace(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong inside is an internal error, without a word of the cause."""
    client = client_of(data)
    monkeypatch.setattr(
        "clausegraph.api.listing.select", lambda *_: (_ for _ in ()).throw(KeyError("secret"))
    )
    text = client.post("/graphql", json={"query": "{ topics { totalCount } }"}).text

    assert "internal-error" in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("limits", "query", "part"),
    [
        ({"max_nodes": 3}, "{ requirements { nodes { id } } }", "too many nodes"),
        ({"graphql_seconds": 1e-9}, "{ requirements { nodes { id } } }", "too long"),
        ({"max_depth": 3}, "{ requirements { nodes { instrument { jurisdiction { id } } } } }", "depth"),
        ({"max_aliases": 1}, "{ a: release { id } b: release { id } }", "aliases"),
        ({"graphql_seconds": 1e-9}, "{ __schema { types { name } } }", "too long"),
        ({"max_depth": 1}, "{ ...F } fragment F on Query { topics { nodes { id } } }", "depth"),
        ({"max_aliases": 1}, "{ ...F ...F } fragment F on Query { a: release { id } }", "aliases"),
        ({"max_tokens": 5}, "{ release { id published triples } }", "oken"),
    ],
)  # fmt: skip
def test_limits_end_the_work(data: Path, limits: dict[str, Any], query: str, part: str) -> None:
    """Each limit refuses what is over it and says which; the same query passes the default."""
    refused = client_of(data, **limits).post("/graphql", json={"query": query}).json()

    assert part in refused["errors"][0]["message"]
    assert "errors" not in client_of(data).post("/graphql", json={"query": query}).json()


def test_a_mesh_of_fragments_is_measured_in_no_time(client: TestClient) -> None:
    """Each fragment spreads all later ones: 2^60 paths, which no rule may walk one by one."""
    spreads = [" ".join(f"...F{j}" for j in range(i + 1, 60)) for i in range(60)]
    fragments = [
        f"fragment F{i} on Query {{ release {{ id }} {s} }}" for i, s in enumerate(spreads)
    ]

    assert ask(client, "{ ...F0 } " + " ".join(fragments))["release"]["id"]


def test_an_unknown_or_circular_fragment_is_an_invalid_query(client: TestClient) -> None:
    """What the measure of depth passes over is refused by the rules of the language."""
    circle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    codes = [error_of(client, query)["extensions"]["code"] for query in ("{ ...Nowhere }", circle)]

    assert codes == ["invalid-query", "invalid-query"]


@pytest.mark.parametrize("id_", ["<>", "jurisdiction/a b", "\x00", "x" * 100_000])
def test_an_id_that_nothing_can_have_finds_nothing(client: TestClient, id_: str) -> None:
    """An id that is no IRI is not a failure of the server, and a filter says that it is unknown."""
    query = "query($id: ID!) { requirements(filter: {topic: [$id]}) { totalCount } }"
    refused = client.post("/graphql", json={"query": query, "variables": {"id": id_}}).json()

    assert ask(client, "query($id: ID!) { node(id: $id) { id } }", id=id_) == {"node": None}
    assert refused["errors"][0]["extensions"]["code"] == "unknown-id"


def test_what_is_not_there_is_not_kept(data: Path) -> None:
    """A reader's memory is bounded by its release, not by what people ask for."""
    reader = Served(Releases(data)).reader
    for number in range(10):
        assert reader.entity(f"{ID}nothing/{number}") is None
    assert reader.entity(f"{ID}jurisdiction/xx-north") is not None

    assert len(reader.kept) == 1


def test_media_types(client: TestClient) -> None:
    """A request error is a 400 in the new media type and a 200 in the old one."""
    bad, good = {"query": "{ x }"}, {"query": "{ release { id } }"}
    new = client.post("/graphql", json=bad, headers={"accept": NEW})
    old = client.post("/graphql", json=bad, headers={"accept": "application/json"})
    fine = client.post("/graphql", json=good, headers={"accept": NEW})

    assert (new.status_code, new.headers["content-type"]) == (400, f"{NEW}; charset=utf-8")
    assert "data" not in new.json()
    assert (old.status_code, old.headers["content-type"]) == (200, "application/json")
    assert (fine.status_code, fine.headers["content-type"]) == (200, f"{NEW}; charset=utf-8")


def test_what_is_not_graphql_is_refused(client: TestClient) -> None:
    """A wrong method, media type or body gets an error of the same shape."""
    answers = [
        client.put("/graphql", json={}),
        client.post("/graphql", content=b"{", headers={"content-type": "application/json"}),
        client.post("/graphql", json={}),
        client.post("/graphql", content=b"null", headers=JSON),
        client.post("/graphql", content=b"[" * 5_000, headers=JSON),
    ]

    assert [answer.status_code for answer in answers] == [405, 400, 400, 400, 400]
    assert all(
        a.json()["errors"][0]["extensions"]["code"] == "bad-graphql-request" for a in answers
    )


def test_get_asks_and_browsers_get_an_editor(client: TestClient) -> None:
    """GET with a query answers; a browser without one is shown GraphiQL."""
    answer = client.get("/graphql", params={"query": "{ release { id } }"})
    page = client.get("/graphql", headers={"accept": "text/html"})

    assert len(answer.json()["data"]["release"]["id"]) == 16
    assert page.headers["content-type"].startswith("text/html")
    assert "GraphiQL" in page.text


def test_types_are_documented_by_the_ontology(client: TestClient) -> None:
    """No type or field of ours is without a description, and enums show their definitions."""
    query = """{ __schema { types { name kind description fields { name description }
        enumValues { name description } } } }"""
    types = ask(client, query)["__schema"]["types"]
    ours = [t for t in types if not t["name"].startswith("__")]
    bare = [t["name"] for t in ours if t["kind"] != "SCALAR" and not t["description"]]
    plumbing = ("Connection", "Edge", "PageInfo")
    fields = [
        f"{t['name']}.{f['name']}"
        for t in ours
        for f in t["fields"] or ()
        if not f["description"] and not t["name"].endswith(plumbing)
    ]
    values = [
        f"{t['name']}.{v['name']}"
        for t in ours
        for v in t["enumValues"] or ()
        if not v["description"] and not t["name"].endswith(("Sort", "Direction", "Facet", "Nulls"))
    ]

    assert len(ours) > 40
    assert (bare, fields, values) == ([], [], [])


def every_field(kind: str, client: TestClient) -> str:
    """A selection of all fields of a type, one level deep."""
    query = """query($name: String!) { __type(name: $name) { fields { name
        type { kind ofType { kind ofType { kind ofType { kind } } } } } } }"""
    fields = ask(client, query, name=kind)["__type"]["fields"]
    return " ".join(
        name if _leaf(field["type"]) else f"{name} {{ __typename }}"
        for field in fields
        for name in [field["name"]]
    )


def _leaf(type_: dict[str, Any]) -> bool:
    inner = type_
    while inner.get("ofType"):
        inner = inner["ofType"]
    return inner["kind"] in ("SCALAR", "ENUM")


def test_every_field_of_every_node_answers(client: TestClient, data: Path) -> None:
    """No field of any node of the release fails, on a day when most of it is in force."""
    reader = Served(Releases(data)).reader
    for kind in sorted(TYPES):
        ids = list(reader.ids(kind))
        assert bool(ids) is (kind not in HISTORIES), kind
        query = f'query($ids: [ID!]!) {{ nodes(ids: $ids, asOf: "2026-06-01") {{ __typename ... on {kind} {{ {every_field(kind, client)} }} }} }}'
        found = ask(client, query, ids=ids[:200])["nodes"]
        assert [node["__typename"] for node in found] == [kind] * len(ids[:200])


def test_every_root_list_answers(client: TestClient) -> None:
    """Each list of the root can be asked without arguments, and counts what it shows."""
    query = """{ __schema { queryType { fields {
        name type { ofType { name } } args { type { kind } } } } } }"""
    fields = ask(client, query)["__schema"]["queryType"]["fields"]
    lists = [
        f["name"]
        for f in fields
        if str((f["type"]["ofType"] or {}).get("name")).endswith("Connection")
        and all(argument["type"]["kind"] != "NON_NULL" for argument in f["args"])
    ]

    assert len(lists) >= 14
    for name in lists:
        found = ask(client, f"{{ {name}(first: 500) {{ totalCount nodes {{ __typename }} }} }}")[
            name
        ]
        assert found["totalCount"] == len(found["nodes"]), name
        assert found["nodes"] or name in EMPTY, name
