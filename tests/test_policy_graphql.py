"""GraphQL over policies, on small invented histories: ids, portfolios, cursors, and what is paid for."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from clausegraph.api.cursors import CursorError, encode
from clausegraph.api.filters import UnknownIdError
from clausegraph.api.histories import load_archive
from clausegraph.api.nodes import TYPES, TooCostlyError
from clausegraph.api.policyindex import NAME
from clausegraph.api.portfolios import load_file
from clausegraph.api.publish import publish
from clausegraph.api.releases import Releases
from clausegraph.ontology.iris import ID
from tests.archives import archive, record
from tests.small_histories import (
    PAGES,
    SEARCH,
    Asker,
    at,
    reader_of,
)
from tests.test_graphql import client_of, every_field


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('{ platforms { nodes { label } } }', ["Saltmarsh", "Tidepool"]),
        ('{ platforms(filter: {text: "TIDE"}) { nodes { label } } }', ["Tidepool"]),
        ('{ platforms(filter: {documentKind: [TERMS_OF_SERVICE]}) { nodes { label } } }', ["Tidepool"]),
        ('{ platforms(filter: {invented: true}) { nodes { label } } }', []),
        ('{ documents(filter: {platform: ["tidepool"]}) { nodes { label } } }',
         ["Tidepool Privacy Policy", "Tidepool Terms of Service"]),
        ('{ documents(filter: {kind: [PRIVACY_POLICY]}, orderBy: [{by: LABEL, direction: DESC}]) { nodes { label } } }',
         ["Tidepool Privacy Policy", "Saltmarsh Privacy Policy"]),
        ('{ documents(filter: {type: ["terms of SERVICE"]}) { nodes { label } } }',
         ["Tidepool Terms of Service"]),
        ('{ documents(filter: {text: "privacy", platform: ["saltmarsh"]}) { nodes { label } } }',
         ["Saltmarsh Privacy Policy"]),
    ],
)  # fmt: skip
def test_lists_of_platforms_and_documents(ask: Asker, query: str, names: list[str]) -> None:
    """Platforms and documents are found by name, kind and platform."""
    (found,) = ask(query).values()

    assert [node["label"] for node in found["nodes"]] == names


def test_one_thing_by_its_id(ask: Asker) -> None:
    """Ids are short, paths or IRIs; one of another kind finds nothing."""
    version = ask("{ changes(first: 1) { nodes { toVersion { id } } } }")["changes"]["nodes"][0]
    query = """query($v: ID!) { platform(id: "tidepool") { label invented documents { label } }
        document(id: "document/tidepool/privacy-policy") { type sourceAddress history { methods } }
        version(id: $v) { ordinal } none: version(id: "tidepool/privacy-policy/never") { id }
        other: document(id: "https://w3id.org/clausegraph/id/platform/tidepool") { id } }"""
    found = ask(query, v=version["toVersion"]["id"])

    assert found["platform"]["invented"] is False
    assert len(found["platform"]["documents"]) == 2
    assert found["document"]["type"] == "Privacy Policy"
    assert len(found["document"]["history"]["methods"]) == 4
    assert found["version"] == {"ordinal": 5}
    assert (found["none"], found["other"]) == (None, None)


@pytest.mark.parametrize(
    ("filter_", "part"),
    [
        ('{platform: ["tidepol"]}', "tidepool"),
        ('{document: ["tidepool/privacy-polcy"]}', "tidepool/privacy-policy"),
        (f'{{document: ["{ID}platform/tidepool"]}}', "List them"),
        ('{portfolio: ["mine"]}', "portfolios"),
        (f'{{portfolio: ["{ID}platform/tidepool"]}}', "List them"),
        ('{platform: ["\\u0000"]}', "List them"),
    ],
)
def test_an_unknown_id_is_told(ask: Asker, filter_: str, part: str) -> None:
    """An id that nothing has, or that another kind of thing has, is an error with a hint."""
    for name in ("changes", "provisions"):
        error = ask.error(f"{{ {name}(filter: {filter_}) {{ totalCount }} }}")
        assert isinstance(error, UnknownIdError)
        assert part in str(error.hint)


def test_a_portfolio_names_the_platforms_of_any_list(histories: Path, tmp_path: Path) -> None:
    """Every filter takes portfolios, alone and beside platforms; the index stays the same file."""
    data = tmp_path / "data"
    shutil.copytree(histories / "data", data)
    before = (Releases(data).current().path / NAME).stat().st_ino
    file = tmp_path / "portfolios.yaml"
    file.write_text(
        "portfolios:\n- {id: salt, name: Salt, platforms: [saltmarsh]}\n"
        "- {id: all, name: All, platforms: [saltmarsh, tidepool]}\n"
    )
    load_file(data, file)
    asker = Asker(reader_of(data))
    query = """query($p: [ID!], $o: [ID!]) {
        a: platforms(filter: {portfolio: $p}) { totalCount }
        b: documents(filter: {portfolio: $p, platform: $o}) { totalCount }
        c: changes(filter: {portfolio: $p, platform: $o}) { totalCount }
        d: provisions(filter: {portfolio: $p, platform: $o}) { totalCount }
        e: searchProvisions(text: "we", filter: {portfolio: $p, platform: $o, current: true}) { totalCount }
        f: adoption(text: "we", from: "2024-05-01", to: "2024-05-01", interval: YEAR,
            filter: {portfolio: $p, platform: $o}) { points { tracked captured standing } } }"""

    def numbers(portfolio: list[str] | None, platform: list[str] | None) -> list[Any]:
        found = asker(query, p=portfolio, o=platform)
        points = found.pop("f")["points"][0]
        return [each["totalCount"] for each in found.values()] + list(points.values())

    assert numbers(["salt"], None) == [1, 1, 1, 6, 2, 1, 1, 1]
    assert numbers(["all"], ["saltmarsh"]) == [2, 1, 1, 6, 2, 1, 1, 1]
    assert numbers(["salt"], ["tidepool"])[1:] == [0] * 7
    assert numbers(["salt", "all"], None) == numbers(["all"], None) == numbers(None, None)
    assert numbers([], None) == [0] * 8
    assert (Releases(data).current().path / NAME).stat().st_ino == before


@pytest.mark.parametrize(
    "place",
    [["x"], [1, "x"], ["2024", 1], [None, "x"], [["2024"], "x"], ["2024", "x", "y"], {"a": 1}],
)
def test_a_cursor_of_another_list_is_told(ask: Asker, place: Any) -> None:
    """What this list did not give is no cursor of it."""
    cursor = encode(place) if isinstance(place, list) else orjson.dumps(place).decode()

    assert isinstance(ask.error(PAGES, after=cursor), CursorError)
    assert isinstance(ask.error(PAGES, before=cursor), CursorError)


@pytest.mark.parametrize("number", ["9" * 30, "1.5", "true", "1e3"])
def test_a_cursor_with_a_wild_number_is_told(ask: Asker, number: str) -> None:
    """A number that the index could not hold is refused before it is asked."""
    cursor = base64.urlsafe_b64encode(f'[{number}, "x"]'.encode()).decode().rstrip("=")

    assert isinstance(ask.error(PAGES, after=cursor, by=[{"by": "SIZE"}]), CursorError)


@pytest.mark.parametrize("number", [str((1 << 64) - 1), str(-(1 << 63)), "true", '"1"', "null"])
def test_a_cursor_of_a_search_with_a_wild_number_is_told(ask: Asker, number: str) -> None:
    """A score may be written without a point, but not be wider than the index's numbers."""
    cursor = base64.urlsafe_b64encode(f'[{number},"x"]'.encode()).decode().rstrip("=")
    whole = encode([1, "x"])

    assert isinstance(ask.error(SEARCH, text="we", after=cursor), CursorError)
    assert ask(SEARCH, text="we", after=whole)["searchProvisions"]["totalCount"] > 0


@pytest.mark.parametrize("moment", ["yesterday", "2024-13-01", "", "2024-02-10T25:00:00Z"])
def test_a_moment_that_is_none_is_told(ask: Asker, moment: str) -> None:
    """What is no moment is an error that shows one."""
    errors = ask.result(PAGES, f={"updatedSince": moment}).errors

    assert "2024-03-07T12:30:05Z" in errors[0].message


@pytest.mark.parametrize(
    "query",
    [
        "{ changes { nodes { id } } }",
        "{ provisions { nodes { id } } }",
        '{ searchProvisions(text: "we") { nodes { score } } }',
        '{ document(id: "tidepool/privacy-policy") { versions { nodes { passages { nodes { end } } } } } }',
        """{ adoption(text: "we", from: "2024-01-01", to: "2024-12-01", interval: MONTH) {
            points { day } } }""",
        "{ changes(filter: {silent: false}) { nodes { summary { counts { added } } } } }",
        "{ changeStats(groupBy: [DOCUMENT, YEAR]) { nodes { total } } }",
    ],
)
def test_everything_is_paid_for(ask: Asker, query: str) -> None:
    """Whatever makes up a page counts against what a request may make."""
    poor = Asker(ask.reader, nodes=2)

    assert isinstance(poor.error(query), TooCostlyError)
    assert ask.result(query).errors is None


LONG = "We keep the log of the harbour, and nobody may tear a page out of it. "


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Asks a history of two versions with passages of 7,000 characters, within 100 nodes."""
    path = tmp_path_factory.mktemp("wordy")
    clone = archive(path / "clone")
    for day, word in (("2024-01-01", "calm"), ("2024-02-01", "wild")):
        text = "# Harbour\n\n" + "".join(f"{LONG * 100}{n} {word}.\n\n" for n in "ABC")
        record(clone, "Harbour/Privacy Policy.md", text, when=at(day))
    load_archive(path / "data", clone)
    publish(path / "data")
    return Asker(reader_of(path / "data"), nodes=100)


@pytest.mark.parametrize(
    ("fields", "cost"),
    [
        ("versions { nodes { text { content } } }", 46),
        ("versions(first: 1) { nodes { passages { nodes { exact } } } }", 47),
        ("provisions { nodes { normalisedText } }", 25),
        ("provisions { nodes { presence { quote { exact } } } }", 33),
        ("changes { nodes { deltas { nodes { before { exact } after { exact } } } } }", 52),
    ],
)
def test_texts_are_paid_by_their_length(wordy: Asker, fields: str, cost: int) -> None:
    """A thousand characters cost a node, so many aliases of long texts are refused, and not cut."""
    whole = f'{{ document(id: "harbour/privacy-policy") {{ {fields} }} }}'
    many = " ".join(f"{alias}: {fields}" for alias in "abcdefgh")
    wordy(whole)

    assert abs(wordy.spent - cost) <= 2
    error = wordy.error(f'{{ document(id: "harbour/privacy-policy") {{ {many} }} }}')
    assert isinstance(error, TooCostlyError)
    assert "too much text" in error.message


def test_highlights_are_paid_by_their_length(wordy: Asker) -> None:
    """What a search marks is text as well."""
    wordy('{ searchProvisions(text: "wild") { nodes { text { text } heading { text } } } }')

    assert 24 <= wordy.spent <= 26


def test_a_list_costs_its_page(ask: Asker) -> None:
    """What stands behind a page costs nothing, nor do the numbers that are not asked for."""
    ask("{ provisions(first: 3) { nodes { normalisedText } } }")
    one = ask.spent
    ask("{ provisions(first: 3) { totalCount pageInfo { hasNextPage } nodes { normalisedText } } }")

    assert (one, ask.spent) == (3, 3)


@pytest.fixture(scope="module")
def client(histories: Path) -> Iterator[TestClient]:
    """A client over HTTP."""
    with client_of(histories / "data") as found:
        yield found


def test_every_field_of_every_node_answers(client: TestClient, ask: Asker) -> None:
    """No field of any node of a history fails, and each class is found by its id."""
    kinds = [kind for kind in sorted(TYPES) if ask.reader.ids(kind)]
    for kind in kinds:
        ids = list(ask.reader.ids(kind))[:100]
        query = f"""query($ids: [ID!]!) {{ nodes(ids: $ids, asOf: "2024-03-01") {{ __typename
            ... on {kind} {{ {every_field(kind, client)} }} }} }}"""
        answer = client.post("/graphql", json={"query": query, "variables": {"ids": ids}}).json()
        assert "errors" not in answer, answer["errors"][0]
        assert [node["__typename"] for node in answer["data"]["nodes"]] == [kind] * len(ids)

    assert set(kinds) >= {
        "Change", "ChangedTerm", "Delta", "Document", "History", "Platform", "Presence",
        "Provision", "Quote", "Text", "Version",
    }  # fmt: skip
