"""Both editors in a real browser without network: type, run, see the result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chromium import Page, browsing
from tests.processes import server

SPARQL = ".yasqe .CodeMirror"
GRAPHQL = ".graphiql-query-editor .CodeMirror"
ROWS = "(() => { const t = document.querySelector('.yasr table'); return t && t.innerText; })()"
ANSWER = "(document.querySelector('.graphiql-response') || {}).innerText"
COUNT = "SELECT (COUNT(*) AS ?instruments) { ?law a cg:Instrument }"


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    """A real server of the invented law."""
    with server(data) as url:
        yield url


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """An empty tab."""
    with browsing(tmp_path / "profile") as found:
        yield found


def test_sparql_editor(page: Page, address: str) -> None:
    """A query is typed and run, its table shown; an example runs; a fault has its place."""
    page.open(f"{address}/sparql")
    page.retype(SPARQL, "SELECT (6 * 7 AS ?answer) {}")
    page.click(".yasqe_queryButton")
    assert "42" in page.wait(f"(t => t && t.includes('42') && t)({ROWS})")

    page.retype(SPARQL, "SELECT *\n{ ?s ?p ?o")
    page.click(".yasqe_queryButton")
    fault = "document.getElementById('fault')"
    text = page.wait(f"!{fault}.hidden && {fault}.textContent")
    assert text.startswith("Line 2, column 11: ")

    page.retype(SPARQL, COUNT)
    page.click("#explain")
    shown = "document.getElementById('explanation')"
    assert "not the plan of the engine" in page.wait(f"!{shown}.hidden && {shown}.textContent")

    page.evaluate(
        "(s => { s.selectedIndex = 1; s.dispatchEvent(new Event('change')); })"
        "(document.getElementById('examples'))"
    )
    query = page.evaluate(f"document.querySelector({SPARQL!r}).CodeMirror.getValue()")
    assert "PREFIX cg:" in query
    assert [url for url in page.requests if url.endswith("yasgui.min.js")]
    assert page.strangers() == []


def test_graphiql(page: Page, address: str) -> None:
    """A document is typed and run, its answer shown."""
    page.open(f"{address}/graphql")
    page.retype(GRAPHQL, "{ __typename }")
    page.click(".graphiql-execute-button")
    assert '"Query"' in page.wait(f"(t => t && t.includes('__typename') && t)({ANSWER})")
    assert [url for url in page.requests if url.endswith("graphiql.min.js")]
    assert page.strangers() == []


def test_a_stranger_is_seen(page: Page, address: str) -> None:
    """The record holds what is asked elsewhere, and the browser does not reach it."""
    page.open(f"{address}/graphql")
    page.wait(f"!!document.querySelector({GRAPHQL!r})")
    reached = page.evaluate("fetch('http://elsewhere.example/x').then(() => true, () => false)")

    assert reached is False
    assert page.strangers() == ["http://elsewhere.example/x"]


def test_the_page_works_without_javascript(page: Page, address: str) -> None:
    """The plain form is there and answers."""
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.open(f"{address}/sparql")
    page.wait("!!document.querySelector('#plain button')")
    assert page.evaluate("document.getElementById('plain').hidden") is False
    page.click("#plain button")
    assert '"bindings"' in page.wait("location.search && document.body.innerText")
