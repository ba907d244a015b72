"""Whatever is refused or fails is a problem document; none tells of the server's inside."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from clausegraph.api import problems
from clausegraph.ontology.errors import ClausegraphError


class SecretError(ClausegraphError):
    """An error whose code is in no table."""

    code = "unheard-of"


async def ours(_: Request) -> Response:
    """Fail with an error of the family."""
    raise problems.NotAcceptableError("no", hint="do", value=["text/csv"])


async def unknown(_: Request) -> Response:
    """Fail with an error that the table does not know."""
    raise SecretError("strange")


async def bug(_: Request) -> Response:
    """Fail as a fault of ours does."""
    raise KeyError("a secret")


@pytest.fixture
def client() -> TestClient:
    """A client of an application in which everything fails."""
    routes = [Route("/ours", ours), Route("/unknown", unknown), Route("/bug", bug)]
    app = Starlette(routes=routes, exception_handlers=problems.handlers())
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/ours", 406, "not-acceptable"),
        ("GET", "/unknown", 500, "unheard-of"),
        ("GET", "/bug", 500, "internal-error"),
        ("GET", "/nowhere", 404, "not-found"),
        ("POST", "/ours", 405, "method-not-allowed"),
    ],
)
def test_every_failure_has_one_shape(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    """Errors of ours, of Starlette and plain faults look alike."""
    answer = client.request(method, path)
    document = answer.json()

    assert answer.status_code == document["status"] == status
    assert answer.headers["content-type"] == problems.MEDIA_TYPE
    assert document["code"] == code
    assert document["title"]
    assert document["detail"]
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_hint_and_value_are_told_where_there_are_any(client: TestClient) -> None:
    """An error without them has no empty members."""
    told, bare = client.get("/ours").json(), client.get("/unknown").json()

    assert (told["hint"], told["value"]) == ("do", ["text/csv"])
    assert not {"hint", "value"} & bare.keys()


def test_method_not_allowed_names_the_methods(client: TestClient) -> None:
    """As HTTP wants it."""
    assert "GET" in client.post("/ours").headers["allow"]


def test_what_passes_says_when_to_come_again() -> None:
    """Each code with a time to wait is one of the server being unavailable."""
    for code, seconds in problems.RETRY_SECONDS.items():
        error = type("Passing", (ClausegraphError,), {"code": code})("wait")
        answer = problems.respond(error)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, str(seconds))


def test_every_error_of_a_service_has_a_status() -> None:
    """No error class of the SPARQL service is left to the default of 500."""
    module = importlib.import_module("clausegraph.api.sparql_errors")
    codes = {
        value.code
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ClausegraphError)
    } - {ClausegraphError.code}

    assert len(codes) > 8
    assert codes <= problems.STATUSES.keys()


def test_values_are_json() -> None:
    """Whatever was offered is put into words."""
    error = SecretError("strange", value={"path": Path("x"), "many": (1, None)})
    document = json.loads(bytes(problems.problem(400, error).body))

    assert document["value"] == {"path": "x", "many": [1, None]}
