"""Mutations: who may, what they change, and that the next query sees it."""

from __future__ import annotations

import json
import logging
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from clausegraph.api import mutations
from clausegraph.api.app import create_app
from clausegraph.api.graphql_http import executor_of, view_now
from clausegraph.api.releases import Releases
from clausegraph.api.served import Served
from clausegraph.api.settings import SettingError, Settings
from clausegraph.api.store import locked
from clausegraph.ontology.iris import mint
from tests.processes import get, server
from tests.published import once
from tests.watched import watched

TOKEN = "correct-horse-battery-staple-ünicode"
RIGHT = {b"authorization": f"Bearer {TOKEN}".encode()}
SAVE = """mutation($input: PortfolioInput!) { savePortfolio(input: $input)
    { id release changed } }"""
VENDORS = {"id": "vendors", "name": "Our vendors", "platforms": ["Quillhaven", "widgetly"]}
REMOVE = 'mutation { removePortfolio(id: "vendors") { id release changed } }'
RELEASE = "{ release { id } }"


@pytest.fixture(scope="module")
def base(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with histories; nobody may change it."""
    return once(tmp_path_factory, "watched", partial(watched, sources)) / "data"


@pytest.fixture
def own(base: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(base, tmp_path / "data")


@pytest.fixture
def client(own: Path) -> Iterator[TestClient]:
    """A server of the copy that takes mutations."""
    with TestClient(create_app(Settings(data=own, token=TOKEN))) as found:
        yield found


def post(client: TestClient, query: str, headers: Any = RIGHT, **variables: Any) -> Any:
    """The answer to a query or mutation."""
    return client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


def outcome(client: TestClient, query: str, **variables: Any) -> dict[str, Any]:
    """What the one mutation of a document did."""
    body = post(client, query, **variables).json()
    assert "errors" not in body, body
    (found,) = body["data"].values()
    return dict(found)


def error_of(answer: Any) -> dict[str, Any]:
    """The only error of an answer, which has no data."""
    body = answer.json()
    assert not body.get("data"), body
    (error,) = body["errors"]
    return {"message": error["message"], **error["extensions"]}


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("authorization", b"")],
        [("authorization", b"Bearer")],
        [("authorization", b"Bearer ")],
        [("authorization", b"Bearer wrong")],
        [("authorization", f"Bearer {TOKEN}x".encode())],
        [("authorization", f"Bearer {TOKEN[:-1]}".encode())],
        [("authorization", f"Basic {TOKEN}".encode())],
        [("authorization", TOKEN.encode())],
        [("authorization", f"Bearer {TOKEN}".encode()), ("authorization", b"Bearer wrong")],
        [("x-authorization", f"Bearer {TOKEN}".encode())],
        [("cookie", f"authorization=Bearer {TOKEN}".encode())],
    ],
)
def test_without_the_token_nothing_is_changed(
    client: TestClient, own: Path, headers: list[tuple[str, bytes]]
) -> None:
    """A wrong, absent or doubled token is refused before anything runs; queries need none."""
    before = Releases(own).current().id
    answer = post(client, SAVE, headers, input=VENDORS)
    error = error_of(answer)

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert (error["code"], bool(error["hint"])) == ("unauthorised", True)
    assert Releases(own).current().id == before
    assert post(client, RELEASE, headers).json()["data"]["release"]["id"] == before


@pytest.mark.parametrize("sent", [b"Bearer ", b"Bearer", b"Bearer x"])
def test_a_server_without_a_token_takes_no_mutation(base: Path, sent: bytes) -> None:
    """No header opens a server that has no token; an empty one is no token."""
    settings = Settings.from_env({"CLAUSEGRAPH_TOKEN": ""}, data=base)
    with TestClient(create_app(settings)) as client:
        answer = post(client, REMOVE, {b"authorization": sent})

        assert answer.status_code == 403
        assert error_of(answer)["code"] == "mutations-off"
        assert "data" in post(client, RELEASE, {b"authorization": sent}).json()


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_written_as_one_likes(client: TestClient, scheme: str) -> None:
    """The name of the scheme has no case; the token has."""
    right = {b"authorization": f"{scheme} {TOKEN}".encode()}
    wrong = {b"authorization": f"{scheme} {TOKEN.upper()}".encode()}

    assert error_of(post(client, REMOVE, right))["code"] == "nothing-to-remove"
    assert error_of(post(client, REMOVE, wrong))["code"] == "unauthorised"


@pytest.mark.parametrize("headers", [{}, RIGHT])
def test_get_changes_nothing(client: TestClient, own: Path, headers: Any) -> None:
    """A mutation over GET is refused with 405 whatever else stands in the document."""
    before = Releases(own).current().id
    both = f"query Ask {RELEASE} " + REMOVE.replace("mutation", "mutation Change")
    for query, name in ((REMOVE, None), (both, "Change")):
        params = {"query": query} | ({"operationName": name} if name else {})
        answer = client.get("/graphql", params=params, headers=headers)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
        assert error_of(answer)["code"] == "bad-graphql-request"
    asked = client.get("/graphql", params={"query": both, "operationName": "Ask"})

    assert asked.json()["data"]["release"]["id"] == before
    assert Releases(own).current().id == before


def test_the_token_is_never_shown(
    client: TestClient, own: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither answers nor the log nor the settings' own text hold the token."""
    caplog.set_level(logging.DEBUG)
    answers = [
        post(client, SAVE, input=VENDORS),
        post(client, SAVE, input=VENDORS | {"platforms": ["nope"]}),
        post(client, SAVE, {b"authorization": f"Basic {TOKEN}".encode()}, input=VENDORS),
        post(client, "mutation {", input=VENDORS),
        client.get("/nothing-here", headers=RIGHT),
    ]
    texts = [a.text + str(a.headers) for a in answers] + [str(Settings(data=own, token=TOKEN))]

    assert [a.status_code for a in answers] == [200, 200, 401, 200, 404]
    assert [text for text in [*texts, caplog.text] if "horse" in text] == []


@pytest.mark.parametrize("text", ["two words", "line\n", "\x00"])
def test_a_token_that_no_header_can_carry(text: str) -> None:
    """Such a token is refused when the server starts, and is not shown."""
    with pytest.raises(SettingError) as caught:
        Settings.from_env({"CLAUSEGRAPH_TOKEN": text})

    assert "CLAUSEGRAPH_TOKEN" in caught.value.message
    assert text not in str(caught.value.as_dict())


def test_from_a_mutation_to_the_next_query(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a real server that looks for releases once an hour, the next query sees the change."""
    monkeypatch.setenv("CLAUSEGRAPH_TOKEN", "a-token")
    monkeypatch.setenv("CLAUSEGRAPH_WATCH_SECONDS", "3600")
    headers = {"authorization": "Bearer a-token", "content-type": "application/json"}

    def ask(url: str, query: str, **variables: Any) -> Any:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{url}/graphql", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.load(answer)
        assert "errors" not in found, found
        return found["data"]

    with server(own) as url:
        before = get(f"{url}/health")["release"]
        saved = ask(url, SAVE, input=VENDORS)["savePortfolio"]
        assert saved["release"] == get(f"{url}/health")["release"] != before
        assert saved["id"] == mint("portfolio", "vendors")
        query = """{ portfolio(id: "vendors") { label platforms { label } }
            platforms(filter: {portfolio: ["vendors"]}) { nodes { label } } release { id } }"""
        platforms = [{"label": "Quillhaven"}, {"label": "Widgetly"}]
        assert ask(url, query) == {
            "portfolio": {"label": "Our vendors", "platforms": platforms},
            "platforms": {"nodes": platforms},
            "release": {"id": saved["release"]},
        }
        kept = ask(url, """mutation { saveQuery(input: {id: "ours", name: "Ours",
            portfolio: "vendors", onlySilent: true}) { id release } }""")["saveQuery"]  # fmt: skip
        feed = get(f"{url}/feeds/changes.json?query=ours")
        assert [item["title"].partition(":")[0] for item in feed["items"]] == [
            "Quillhaven Privacy Policy, 2024-03-07"
        ]
        ask(url, "mutation($id: ID!) { removeQuery(id: $id) { id } }", id=kept["id"])
        assert ask(url, REMOVE)["removePortfolio"]["release"] == before
        assert ask(url, '{ portfolio(id: "vendors") { id } }') == {"portfolio": None}
        request = urllib.request.Request(f"{url}/graphql", json.dumps({"query": REMOVE}).encode(),
                                         {"content-type": "application/json"})  # fmt: skip
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=10)
        with caught.value as refused:
            assert refused.code == 401


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"platforms": ["quilhaven"]}, ("platforms[0]: there is no platform 'quilhaven'. "
         "Did you mean quillhaven?")),
        ({"id": "Our Vendors"}, ("id: 'Our Vendors' is not an id of small letters, digits and "
         "hyphens")),
        ({"platforms": []}, "platforms: [] should be non-empty"),
        ({"name": "a\nb"}, "name: 'a\\nb' is not text on one line"),
        ({"id": "x" * 65}, f"id: '{'x' * 65}' is too long"),
        ({"id": "../../law"}, "id: '../../law' is not an id of small letters, digits and hyphens"),
        ({"note": "\x00"}, "note: '\\x00' is not text"),
    ],
)  # fmt: skip
def test_mistakes_of_an_input(
    client: TestClient, own: Path, given: dict[str, Any], message: str
) -> None:
    """An input is held to the form of the file and to what there is."""
    before = Releases(own).current().id
    error = error_of(post(client, SAVE, input=VENDORS | given))

    assert (error["code"], error["message"]) == ("input-invalid", message)
    assert Releases(own).current().id == before


def test_a_saved_query_has_every_field(client: TestClient) -> None:
    """What is saved is what is read, and choices of the closed lists are their members."""
    outcome(client, SAVE, input=VENDORS)
    given = {
        "id": "all", "name": "All", "portfolio": "vendors", "platforms": ["Quillhaven"],
        "documents": ["quillhaven/privacy-policy"], "documentKinds": ["PRIVACY_POLICY"],
        "significances": ["MEANING", "MARKUP"], "contains": "arbitration", "onlySilent": False,
    }  # fmt: skip
    save = "mutation($input: SavedQueryInput!) { saveQuery(input: $input) { id } }"
    saved = outcome(client, save, input=given)
    query = """{ savedQuery(id: "all") { id label portfolio { label } platforms { label }
        documents { label } documentKinds significances contains onlySilent feed
        changes { totalCount nodes { label } } } }"""
    found = post(client, query).json()["data"]["savedQuery"]

    assert found == {
        "id": saved["id"], "label": "All", "portfolio": {"label": "Our vendors"},
        "platforms": [{"label": "Quillhaven"}],
        "documents": [{"label": "Quillhaven Privacy Policy"}],
        "documentKinds": ["PRIVACY_POLICY"], "significances": ["MARKUP", "MEANING"],
        "contains": "arbitration", "onlySilent": False, "feed": "/feeds/changes.atom?query=all",
        "changes": {"totalCount": 1,
                    "nodes": [{"label": "Quillhaven Privacy Policy, 2024-06-11: meaning"}]},
    }  # fmt: skip
    assert error_of(post(client, REMOVE))["code"] == "in-use"


def test_saving_again_changes_nothing(client: TestClient) -> None:
    """The same portfolio twice gives one release, also under its IRI; the answer says so."""
    first = outcome(client, SAVE, input=VENDORS)
    again = outcome(client, SAVE, input=VENDORS | {"id": first["id"]})

    assert (first["changed"], again["changed"]) == (True, False)
    assert first["release"] == again["release"]


def test_another_writer_is_told(
    client: TestClient, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process writes, the answer says when to come again, and no path."""
    monkeypatch.setattr(mutations, "PATIENCE", 0.05)
    with locked(own):
        error = error_of(post(client, SAVE, input=VENDORS))

    assert (error["code"], error["retryAfter"]) == ("writer-busy", 5)
    assert str(own) not in str(error)
    assert outcome(client, SAVE, input=VENDORS)["changed"]


def test_waiting_is_not_counted(own: Path) -> None:
    """A mutation that waits for longer than a query may take still has its answer."""
    settings = replace(Settings(data=own, token=TOKEN), graphql_seconds=2.0)
    ready = threading.Event()

    def hold() -> None:
        with locked(own):
            ready.set()
            threading.Event().wait(3.0)

    with TestClient(create_app(settings)) as client, ThreadPoolExecutor() as pool:
        held = pool.submit(hold)
        ready.wait()
        assert outcome(client, SAVE, input=VENDORS)["changed"]
        held.result()


def test_mutations_at_once(client: TestClient, own: Path) -> None:
    """Of two mutations at one time neither is lost."""
    inputs = [VENDORS | {"id": each} for each in ("one", "two")]
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda given: outcome(client, SAVE, input=given), inputs))
    found = post(client, "{ portfolios { nodes { id } } release { id } }").json()["data"]

    assert [each["id"] for each in found["portfolios"]["nodes"]] == [each["id"] for each in done]
    assert found["release"]["id"] == Releases(own).current().id
    assert found["release"]["id"] in {each["release"] for each in done}


def test_limits_stay_on(client: TestClient, own: Path) -> None:
    """A document with too many aliases is refused before its first mutation runs."""
    before = Releases(own).current().id
    field = 'savePortfolio(input: {id: "a", name: "A", platforms: ["widgetly"]}) { id }'
    many = " ".join(f"m{number}: {field}" for number in range(51))
    error = error_of(post(client, f"mutation {{ {many} }}"))

    assert "51 aliases" in error["message"]
    assert Releases(own).current().id == before


def test_the_schema_alone_changes_nothing(own: Path) -> None:
    """Whoever executes the schema without the server's leave gets an error from the resolver."""
    served, settings = Served(Releases(own)), Settings(data=own, token=TOKEN)
    before = served.current().id
    context = {"view": view_now(served, settings)}
    executor = executor_of(settings)
    result = executor.execute(executor.prepare(REMOVE), None, context)

    assert result.errors
    assert isinstance(result.errors[0].original_error, mutations.UnauthorisedError)
    assert Releases(own).current().id == before
