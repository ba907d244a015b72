"""`giveOpinion` over HTTP: who may, and that the next release shows what follows from it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.releases import Releases
from clausegraph.api.settings import Settings
from clausegraph.ontology.iris import ID
from tests.judged import ALPHABIRD, shared

TOKEN = "correct-horse-battery-staple"
RIGHT = {"authorization": f"Bearer {TOKEN}"}
GIVE = "mutation($input: OpinionInput!) { giveOpinion(input: $input) { id release changed } }"
LOOK = """query($id: ID!) { release { id } finding(id: $id) { state reviewState
    opinions { id author { label } decision state reason } } }"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole law with invented documents; nobody may change it."""
    return shared(tmp_path_factory)


@pytest.fixture
def own(base: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(base, tmp_path / "data")


@pytest.fixture
def client(own: Path) -> Iterator[TestClient]:
    """A server of the copy that takes mutations."""
    with TestClient(create_app(Settings(data=own, token=TOKEN))) as found:
        yield found


def post(client: TestClient, query: str, headers: Any = None, **variables: Any) -> Any:
    """The answer to a query or mutation."""
    return client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


def finding(client: TestClient) -> str:
    """The finding that Alphabird's policy states the right to delete."""
    query = f'''{{ document(id: "{ALPHABIRD}") {{ findings(filter: {{
        requirement: ["us-ca/ccpa/right-to-delete"] }}) {{ nodes {{ id }} }} }} }}'''
    (found,) = post(client, query).json()["data"]["document"]["findings"]["nodes"]
    return str(found["id"])


def look(client: TestClient, iri: str) -> Any:
    """What the server says of a finding."""
    return post(client, LOOK, id=iri).json()["data"]


def opinion(iri: str, **given: Any) -> dict[str, Any]:
    """An opinion on a finding."""
    return {
        "judgement": iri,
        "author": "Ada Quill",
        "decision": "CONFIRM",
        "reason": "Seen.",
    } | given


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer wrong"}, {"authorization": f"Bearer {TOKEN}x"},
     {"authorization": f"Basic {TOKEN}"}],
)  # fmt: skip
def test_without_the_token_nobody_has_an_opinion(
    client: TestClient, own: Path, headers: dict[str, str]
) -> None:
    """No token and a wrong one are refused, and nothing is written."""
    iri = finding(client)
    before = look(client, iri)
    answer = post(client, GIVE, headers, input=opinion(iri))

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["errors"][0]["extensions"]["code"] == "unauthorised"
    assert look(client, iri) == before
    assert Releases(own).current().id == before["release"]["id"]


@pytest.mark.parametrize("headers", [{}, RIGHT])
def test_get_gives_no_opinion(client: TestClient, headers: dict[str, str]) -> None:
    """Whoever asks, and whatever else stands in the document."""
    iri = finding(client)
    before = look(client, iri)
    query = f'''mutation Change {{ giveOpinion(input: {{ judgement: "{iri}", author: "Ada",
        decision: CONFIRM, reason: "Seen." }}) {{ id }} }} query Ask {{ release {{ id }} }}'''
    params = {"query": query, "operationName": "Change"}
    answer = client.get("/graphql", params=params, headers=headers)

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert look(client, iri) == before


def test_the_next_release_has_the_opinion(client: TestClient, own: Path) -> None:
    """With the token: the finding keeps its state, its review follows, the same again is no news."""
    iri = finding(client)
    before = look(client, iri)
    amended = opinion(iri, decision="AMEND", state="DENIED", reason="It is for staff only.")
    (first, again) = (
        post(client, GIVE, RIGHT, input=amended).json()["data"]["giveOpinion"] for _ in "12"
    )
    after = look(client, iri)

    assert (before["finding"]["reviewState"], before["finding"]["opinions"]) == ("PENDING", [])
    assert (first["changed"], again["changed"]) == (True, False)
    assert first["release"] == again["release"] == Releases(own).current().id
    assert first["release"] == after["release"]["id"] != before["release"]["id"]
    assert after["finding"] == {
        "state": before["finding"]["state"],
        "reviewState": "AMENDED",
        "opinions": [
            {
                "id": first["id"],
                "author": {"label": "Ada Quill"},
                "decision": "AMEND",
                "state": "DENIED",
                "reason": "It is for staff only.",
            }
        ],
    }
    assert first["id"].startswith(f"{ID}opinion/{ALPHABIRD}/")
    other = opinion(iri, author="Ben Ink")
    post(client, GIVE, RIGHT, input=other)
    assert look(client, iri)["finding"]["reviewState"] == "DISPUTED"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"judgement": "finding/nobody/nothing"}, "no-such-judgement"),
        ({"judgement": "finding/a b"}, "no-such-judgement"),
        ({"author": "Eve\x1b[2J"}, "opinion-invalid"),
        ({"reason": "a\x00b"}, "opinion-invalid"),
        ({"decision": "AMEND"}, "opinion-invalid"),
    ],
)
def test_what_is_no_opinion_is_refused(
    client: TestClient, given: dict[str, str], code: str
) -> None:
    """With a code that a program can read, and nothing is written."""
    iri = finding(client)
    before = look(client, iri)
    answer = post(client, GIVE, RIGHT, input=opinion(iri) | given).json()

    assert answer["errors"][0]["extensions"]["code"] == code
    assert look(client, iri) == before
