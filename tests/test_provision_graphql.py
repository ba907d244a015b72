"""GraphQL over documents, versions and provisions of small invented histories, on a day and over time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clausegraph.api.histories import load_archive
from clausegraph.api.publish import publish
from tests.archives import archive, record
from tests.small_histories import (
    CHANGED,
    NEW,
    OLD,
    POLICY,
    SEARCH,
    Asker,
    at,
    reader_of,
)


@pytest.mark.parametrize(
    ("day", "ordinal", "words"),
    [
        ("2024-01-09", None, None),
        ("2024-01-10", 1, OLD),
        ("2024-02-09", 1, OLD),
        ("2024-02-10", 2, NEW),
        ("2024-03-10", 3, NEW),
        ("2024-04-11", 3, NEW),
        ("2024-04-12", 5, "nothing that you throw away"),
        ("2026-01-01", 5, "nothing that you throw away"),
    ],
)
def test_a_document_on_a_day(ask: Asker, day: str, ordinal: int | None, words: str | None) -> None:
    """On each day the last whole version counts; an accident of capturing changes nothing."""
    query = """query($id: ID!, $day: Date!) { document(id: $id, asOf: $day) { version { ordinal }
        other: version(asOf: "2024-01-20") { ordinal }
        provisions(text: "letters") { nodes { normalisedText presence { validFrom } } } } }"""
    found = ask(query, id=POLICY, day=day)["document"]
    texts = [each["normalisedText"] for each in found["provisions"]["nodes"]]

    assert found["version"] == (None if ordinal is None else {"ordinal": ordinal})
    assert found["other"] == {"ordinal": 1}
    assert len(texts) == (0 if words is None else 1)
    assert words is None or words in texts[0]
    assert all(each["presence"] for each in found["provisions"]["nodes"])


@pytest.mark.parametrize(
    ("filter_", "day", "count"),
    [
        ("{}", None, 24),
        ("{}", "2024-01-15", 12),
        ("{}", "2000-01-01", 0),
        ("{current: true}", None, 16),
        ("{current: true}", "2024-01-15", 9),
        ("{current: false}", None, 8),
        ("{current: false}", "2024-01-15", 3),
        ('{heading: "california"}', None, 2),
        ('{heading: "california", current: true}', None, 2),
        ('{heading: "error"}', None, 1),
        ('{heading: "error"}', "2024-04-10", 0),
        ('{text: "letters"}', None, 3),
        ('{text: "letter 45"}', None, 2),
        ('{text: "letters", current: true}', None, 1),
        ('{text: "privacy", kind: [HEADING]}', None, 2),
        ('{text: "california"}', None, 1),
        ('{firstSeenSince: "2024-02-10T12:00:00Z"}', None, 8),
        ('{firstSeenSince: "2024-02-10T12:00:01Z"}', None, 4),
        ('{firstSeenSince: "2024-04-11", current: true}', None, 2),
        ('{platform: ["saltmarsh"], kind: [HEADING, PARAGRAPH]}', None, 6),
        ('{documentKind: [TERMS_OF_SERVICE]}', None, 5),
        ('{document: ["tidepool/terms-of-service"], text: "arbitration"}', "2024-02-09", 0),
        ('{document: ["tidepool/terms-of-service"], text: "arbitration"}', "2024-02-10", 1),
    ],
)  # fmt: skip
def test_filters_of_provisions(ask: Asker, filter_: str, day: str | None, count: int) -> None:
    """Without a day a provision of any time is found, with one what stands then."""
    query = f"""query($day: Date) {{ provisions(filter: {filter_}, asOf: $day, first: 500) {{
        totalCount nodes {{ id presences {{ id }} }} }} }}"""
    found = ask(query, day=day)["provisions"]

    assert found["totalCount"] == len(found["nodes"]) == count
    assert all(node["presences"] for node in found["nodes"])


def test_a_provision_through_its_versions(ask: Asker) -> None:
    """It knows its runs, its versions without the accident between them, and what came after."""
    query = """{ provisions(filter: {text: "letters", kind: [PARAGRAPH]}, orderBy: [{by: FIRST_SEEN}])
        { nodes { normalisedText kind firstSeen { ordinal } lastSeen { ordinal }
        versions { totalCount nodes { ordinal } } predecessor { provision { id } }
        successors { provision { normalisedText } similarity } presences { validFrom validUntil
        headingPath firstVersion { ordinal } lastVersion { ordinal } quote { exact } } } }
        drafts: provisions(filter: {text: "drafts"}) { nodes { presences { lastVersion { id } }
            versions { nodes { ordinal } } } } }"""
    found = ask(query)
    first, second, third = found["provisions"]["nodes"]
    drafts = found["drafts"]["nodes"][0]

    assert [each["versions"]["totalCount"] for each in (first, second, third)] == [1, 2, 1]
    assert second["versions"]["nodes"] == [{"ordinal": 2}, {"ordinal": 3}]
    assert (second["firstSeen"], second["lastSeen"]) == ({"ordinal": 2}, {"ordinal": 3})
    assert first["predecessor"] is None
    assert [NEW in each["provision"]["normalisedText"] for each in first["successors"]] == [True]
    assert second["presences"][0]["validFrom"] == CHANGED
    assert second["presences"][0]["validUntil"] == "2024-04-11"
    assert third["presences"][0]["lastVersion"] is None
    assert [each["ordinal"] for each in drafts["versions"]["nodes"]] == [1, 2, 3, 5]
    assert drafts["presences"] == [{"lastVersion": None}]


def test_versions_of_a_document(ask: Asker) -> None:
    """Versions can be chosen by state and time, and stand in the archive's order, either way."""
    query = """query($f: VersionFilter, $order: Direction! = ASC) { document(id: "tidepool/privacy-policy") {
        currentVersion { ordinal } versions(filter: $f, order: $order) { totalCount nodes { ordinal
        capturedAt captureState archiveLabel previous { ordinal } returnsTo { ordinal }
        text { characters versions { ordinal } } } } } }"""

    def ordinals(**given: Any) -> list[int]:
        found = ask(query, **given)["document"]["versions"]
        assert found["totalCount"] == len(found["nodes"])
        return [each["ordinal"] for each in found["nodes"]]

    assert ordinals() == [1, 2, 3, 4, 5]
    assert ordinals(order="DESC") == [5, 4, 3, 2, 1]
    assert ordinals(f={"whole": True}) == [1, 2, 3, 5]
    assert ordinals(f={"whole": False}) == ordinals(f={"state": ["EMPTY", "ERROR"]}) == [4]
    assert ordinals(f={"since": CHANGED, "until": "2024-04-10T12:00:00Z"}) == [2, 3, 4]
    assert ask(query)["document"]["currentVersion"] == {"ordinal": 5}


@pytest.mark.parametrize("ordinal", [1, 5])
def test_passages_cover_a_text(ask: Asker, ordinal: int) -> None:
    """Passages are what stands at their offsets; between them is no letter and no digit."""
    query = """query($after: String) { document(id: "tidepool/privacy-policy") { versions { nodes {
        ordinal text { content } passages(first: 3, after: $after) { totalCount pageInfo {
        hasNextPage endCursor } nodes { start end exact kind headingPath provision {
        normalisedText kind } } } } } } }"""
    passages: list[Any] = []
    cursor, more, content = None, True, ""
    while more:
        versions = ask(query, after=cursor)["document"]["versions"]["nodes"]
        version = versions[ordinal - 1]
        content, page = version["text"]["content"], version["passages"]
        passages += page["nodes"]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    ends = [0, *(each["end"] for each in passages)]
    starts = [*(each["start"] for each in passages), len(content)]
    gaps = [content[end:start] for end, start in zip(ends, starts, strict=True)]

    assert len(passages) == page["totalCount"] > 7
    assert all(content[each["start"] : each["end"]] == each["exact"] for each in passages)
    assert not any(sign.isalnum() for gap in gaps for sign in gap)
    assert all(each["provision"]["kind"] == each["kind"] for each in passages)
    assert {each["headingPath"] for each in passages} >= {
        "", "Tidepool privacy", "Tidepool privacy \u203a Your choices \u203a California"
    }  # fmt: skip


def test_what_nobody_sees_is_no_passage(ask: Asker) -> None:
    """A comment is in the text and in none of its passages; each of these has its provision."""
    query = """{ document(id: "tidepool/privacy-policy", asOf: "2024-03-10") { version {
        text { content } passages { nodes { exact provision { id } } } } } }"""
    version = ask(query)["document"]["version"]
    passages = version["passages"]["nodes"]

    assert "nobody sees" in version["text"]["content"]
    assert not any("nobody sees" in each["exact"] for each in passages)
    assert all(each["provision"] for each in passages)


def test_a_passage_that_went_and_came_back(tmp_path: Path) -> None:
    """It has two runs, and what is said of a run is met by one and the same."""
    clone, data = archive(tmp_path / "clone"), tmp_path / "data"
    keep = "We keep the log of the harbour for as long as the harbour stands, and a day more."
    other = "Whoever reads it has to wash their hands before and after, and to leave it dry."
    for day, heading, text in (
        ("2024-01-01", "First", keep), ("2024-02-01", "First", ""), ("2024-03-01", "Second", keep)
    ):  # fmt: skip
        whole = f"# Harbour\n\n{other}\n\n## {heading}\n\n{text}\n\n{other[:60]}.\n"
        record(clone, "Harbour/Privacy Policy.md", whole, when=at(day))
    load_archive(data, clone)
    publish(data)
    asker = Asker(reader_of(data))
    query = """query($f: ProvisionFilter, $day: Date) { provisions(filter: $f, asOf: $day) { nodes {
        presences { validFrom validUntil headingPath } versions { nodes { ordinal } }
        firstSeen { ordinal } lastSeen { ordinal } } } }"""

    def found(day: str | None = None, **wanted: Any) -> Any:
        return asker(query, f={"text": "log", **wanted}, day=day)["provisions"]["nodes"]

    (passage,) = found()
    (hit,) = asker(SEARCH, text="log")["searchProvisions"]["nodes"]
    assert passage["presences"] == [
        {"validFrom": "2024-01-01", "validUntil": "2024-01-31", "headingPath": "Harbour \u203a First"},
        {"validFrom": "2024-03-01", "validUntil": None, "headingPath": "Harbour \u203a Second"},
    ]  # fmt: skip
    assert [each["ordinal"] for each in passage["versions"]["nodes"]] == [1, 3]
    assert (passage["firstSeen"], passage["lastSeen"]) == ({"ordinal": 1}, {"ordinal": 3})
    assert [part["text"] for part in hit["heading"]] == ["Harbour \u203a Second"]
    assert len(found(heading="first")) == len(found(heading="second")) == 1
    assert len(found(heading="first", current=True)) == 0
    assert len(found(heading="second", current=True)) == 1
    assert len(found("2024-01-15", heading="first")) == 1
    assert len(found("2024-01-15", heading="second")) == len(found("2024-02-15")) == 0
