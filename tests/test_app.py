"""The whole application: health, limits, headers, and an editor that needs no internet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.errors import NoReleaseError
from clausegraph.api.releases import Releases
from clausegraph.api.settings import SettingError, Settings


@pytest.fixture(scope="module")
def app(data: Path) -> Iterator[TestClient]:
    """The application with a small body limit."""
    with TestClient(create_app(replace(Settings(data=data), max_body=2_000))) as client:
        yield client


def test_health_names_the_release(app: TestClient, data: Path) -> None:
    """Health says which release answers."""
    found = app.get("/health").json()

    assert found["status"] == "ok"
    assert found["release"] == Releases(data).current().id


@pytest.mark.parametrize("path", ["/graphql", "/sparql"])
def test_a_large_body_is_refused(app: TestClient, path: str) -> None:
    """A body over the limit gets 413, by its length or while it comes in; one below passes."""

    def chunks() -> Iterator[bytes]:
        yield from [b" " * 1_000] * 3

    kind = {"content-type": "application/sparql-query"}
    by_length = app.post(path, content=b" " * 2_001, headers=kind)
    by_stream = app.post(path, content=chunks(), headers=kind)
    small = app.post("/sparql", content=b"ASK {}" + b" " * 1_900, headers=kind)

    assert [by_length.status_code, by_stream.status_code] == [413, 413]
    assert by_length.json()["code"] == by_stream.json()["code"] == "body-too-large"
    assert small.json()["boolean"] is True


def test_headers_keep_browsers_from_guessing(app: TestClient) -> None:
    """Every answer has the headers, errors too."""
    for path in ("/", "/health", "/nothing-here"):
        headers = app.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_what_is_not_there_is_a_problem(app: TestClient) -> None:
    """An unknown path is a problem document with a code."""
    answer = app.get("/nothing-here", headers={"accept": "application/json"})

    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/feeds/", 404), ("POST", "/ns", 405)],
)
def test_a_browser_gets_a_page_for_what_is_not_here(
    app: TestClient, method: str, path: str, status: int
) -> None:
    """Also where nothing more can be advised."""
    page = app.request(method, path, headers={"accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.headers["content-type"][:9]) == (status, "text/html")
    assert f"{status} " in page.text


def test_people_see_a_problem_as_a_page(app: TestClient) -> None:
    """A browser is shown a page with the code; a machine gets the document."""
    page = app.get("/id/requirement/nope", headers={"accept": "text/html,*/*;q=0.8"})
    machine = app.get("/id/requirement/nope", headers={"accept": "text/turtle"})

    assert (page.status_code, machine.status_code) == (404, 404)
    assert page.headers["content-type"].startswith("text/html")
    assert "<code>not-found</code>" in page.text
    assert machine.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "code"),
    [("foo=1", "bad-parameter"), ("topic=nope", "unknown-id"), ("jurisdiction=xx", "unknown-id")],
)
def test_coverage_ignores_no_parameter(app: TestClient, query: str, code: str) -> None:
    """What coverage does not know is refused, not passed over."""
    answer = app.get(f"/coverage?{query}", headers={"accept": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert app.get("/coverage?topic=group-rights&jurisdiction=xx-north").status_code == 200


def test_the_editor_works_offline(app: TestClient) -> None:
    """Every file that the GraphQL editor loads comes from this server."""
    page = app.get("/graphql", headers={"accept": "text/html"}).text
    files = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert len(files) == 4
    assert [path for path in files if not path.startswith("/static/")] == []
    assert [app.get(path).status_code for path in files] == [200] * 4
    assert app.get("/static/vendor/../../store.py").status_code == 404


def test_no_release_is_an_error_at_start(tmp_path: Path) -> None:
    """A server without a release does not start."""
    with pytest.raises(NoReleaseError):
        create_app(Settings(data=tmp_path))


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    """What is given wins over the environment, which wins over the default."""
    env = {"CLAUSEGRAPH_PORT": "9000", "CLAUSEGRAPH_DATA": str(tmp_path)}
    settings = Settings.from_env(env, host="0.0.0.0", port=None)

    assert (settings.host, settings.port, settings.data) == ("0.0.0.0", 9000, tmp_path)


@pytest.mark.parametrize("text", ["nan", "inf", "-1"])
def test_a_limit_is_a_finite_number(text: str) -> None:
    """No limit can be switched off by a number that nothing is above."""
    with pytest.raises(SettingError, match="CLAUSEGRAPH_SPARQL_SECONDS is"):
        Settings.from_env({"CLAUSEGRAPH_SPARQL_SECONDS": text})


@pytest.mark.parametrize("text", ["x", "0", "-1", "", "65536"])
def test_a_bad_setting_is_named(text: str) -> None:
    """A variable that cannot be used is an error that names it."""
    with pytest.raises(SettingError, match="CLAUSEGRAPH_PORT is"):
        Settings.from_env({"CLAUSEGRAPH_PORT": text})
