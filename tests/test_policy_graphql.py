"""GraphQL over policies: lists, days, changes, search and numbers, on small invented histories."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from starlette.testclient import TestClient

from clausegraph.api.adoption import MOST, Interval, series
from clausegraph.api.changestats import share
from clausegraph.api.cursors import CursorError, encode
from clausegraph.api.filters import UnknownIdError
from clausegraph.api.histories import load_archive
from clausegraph.api.nodes import TYPES, TooCostlyError
from clausegraph.api.policyindex import NAME
from clausegraph.api.portfolios import load_file
from clausegraph.api.problems import BadParameterError
from clausegraph.api.publish import publish
from clausegraph.api.releases import Releases
from clausegraph.api.textquery import SearchTextError
from clausegraph.ontology.iris import ID
from tests.archives import archive, record
from tests.small_histories import (
    CHANGED,
    POLICY,
    PRIVACY_PATH,
    SALTMARSH,
    SALTMARSH_PATH,
    Asker,
    at,
    privacy,
    reader_of,
    small_release,
)
from tests.test_graphql import client_of, every_field

OLD, NEW = "30 days", "45 days"
CHANGE_IDS = [
    "tidepool/privacy-policy/2024-04-12", "tidepool/privacy-policy/2024-04-12",
    "tidepool/privacy-policy/2024-04-10", "tidepool/privacy-policy/2024-03-10",
    "saltmarsh/privacy-policy/2024-02-10", "tidepool/privacy-policy/2024-02-10",
    "tidepool/terms-of-service/2024-02-10",
]  # fmt: skip
"""All changes, the newest first, without the end of their ids."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small histories and of the archive they come from."""
    path = tmp_path_factory.mktemp("small")
    small_release(path)
    return path


@pytest.fixture(scope="module")
def ask(folder: Path) -> Asker:
    """Asks the small histories."""
    return Asker(reader_of(folder / "data"))


def short(iri: str) -> str:
    """The id of a change without the part that the archive's commit gives."""
    path = iri.removeprefix(f"{ID}change/")
    return path.rpartition("/")[0] + "/" + path.rpartition("/")[2][:10]


PAGES = """query($first: Int, $after: String, $last: Int, $before: String, $f: ChangeFilter,
    $by: [ChangeOrder!]) { changes(first: $first, after: $after, last: $last, before: $before,
    filter: $f, orderBy: $by) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor
    endCursor } edges { cursor node { id observedAt } } } }"""


def walk(ask: Asker, size: int, back: bool, **given: Any) -> list[str]:
    """Follow cursors through all pages in one direction."""
    found: list[str] = []
    cursor, more = None, True
    while more:
        asked = {"last": size, "before": cursor} if back else {"first": size, "after": cursor}
        page = ask(PAGES, **asked, **given)["changes"]
        ids = [edge["node"]["id"] for edge in page["edges"]]
        found = ids + found if back else found + ids
        info = page["pageInfo"]
        cursor = info["startCursor"] if back else info["endCursor"]
        more = info["hasPreviousPage"] if back else info["hasNextPage"]
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("by", [None, [{"by": "SIZE", "direction": "ASC"}, {"by": "OBSERVED_AT"}]])
def test_pages_of_changes_meet(ask: Asker, size: int, back: bool, by: Any) -> None:
    """Three changes of one moment stand on pages of all sizes once, in both directions."""
    whole = [edge["node"]["id"] for edge in ask(PAGES, first=500, by=by)["changes"]["edges"]]

    assert walk(ask, size, back, by=by) == whole
    assert sorted(map(short, whole)) == sorted(CHANGE_IDS)


def test_the_newest_come_first(ask: Asker) -> None:
    """Without an order the newest come first; what is of one moment stands by its id."""
    edges = ask(PAGES)["changes"]["edges"]

    assert [short(edge["node"]["id"]) for edge in edges] == CHANGE_IDS
    assert edges[0]["node"]["observedAt"] == "2024-04-12T12:00:00Z"


def test_cursors_hold_in_the_next_release(ask: Asker, folder: Path, tmp_path: Path) -> None:
    """A page after a cursor goes on at its place, whatever came and went in between."""
    clone, data = tmp_path / "clone", tmp_path / "data"
    shutil.copytree(folder / "clone", clone)
    shutil.copytree(folder / "data", data)
    edges = ask(PAGES)["changes"]["edges"]
    record(clone, PRIVACY_PATH, privacy(90, "May 1, 2024"), when=at("2024-05-01"))
    newest = SALTMARSH.format(days=10, date="3 March 2024")
    record(clone, SALTMARSH_PATH, newest, when=at("2024-03-03"))
    load_archive(data, clone)
    publish(data)
    later = Asker(reader_of(data))
    rest = [short(each) for each in walk(later, 2, False)]
    pages = [later(PAGES, after=edge["cursor"])["changes"]["edges"] for edge in edges]
    found = [[short(edge["node"]["id"]) for edge in page] for page in pages]
    expected = [
        "tidepool/privacy-policy/2024-05-01", *CHANGE_IDS[:4], "saltmarsh/privacy-policy/2024-03-03",
        *CHANGE_IDS[4:],
    ]  # fmt: skip

    assert rest == expected
    assert found == [expected[place + 1 :] for place in (1, 2, 3, 4, 6, 7, 8)]


CLOCK = ("2024-01-01", "2024-03-01", "2024-02-01", "2024-02-20", "2024-03-01", "2024-03-02")
"""The days of an archive whose clock ran backwards after the second version."""


@pytest.fixture(scope="module")
def backwards(tmp_path_factory: pytest.TempPathFactory) -> list[Asker]:
    """Asks a history as it grows by a version at a time; its clock runs backwards once."""
    path = tmp_path_factory.mktemp("backwards")
    clone, data = archive(path / "clone"), path / "data"
    found = []
    for number, day in enumerate(CLOCK):
        record(clone, PRIVACY_PATH, privacy(30 + number), when=at(day))
        load_archive(data, clone)
        publish(data)
        found.append(Asker(reader_of(data)))
    return found


def test_a_follower_misses_nothing_where_the_clock_runs_backwards(backwards: list[Asker]) -> None:
    """What a later release has more stands after what was seen, by cursor and by moment."""
    oldest = [{"by": "OBSERVED_AT", "direction": "ASC"}]
    seen: list[str] = []
    cursor, since = None, "2024-01-01"
    for ask in backwards[1:]:
        new = ask(PAGES, after=cursor, by=oldest)["changes"]["edges"]
        polled = ask(PAGES, f={"updatedSince": since}, by=oldest)["changes"]["edges"]
        assert len(new) == 1
        assert new[0]["node"] in [edge["node"] for edge in polled]
        seen.append(new[0]["node"]["observedAt"][:10])
        cursor = new[0]["cursor"]
        since = max(since, new[0]["node"]["observedAt"])

    assert seen == list(CLOCK[1:])
    newest = backwards[-1](PAGES)["changes"]["edges"]
    assert [edge["node"]["observedAt"][:10] for edge in newest] == seen[::-1]


def test_until_goes_by_the_same_clock(backwards: list[Asker]) -> None:
    """What counts as observed later is later for both bounds; the year is that of the clock."""

    def days(**bounds: str) -> list[str]:
        edges = backwards[-1](PAGES, f=bounds)["changes"]["edges"]
        return [edge["node"]["observedAt"][:10] for edge in edges]

    assert days(until="2024-02-25") == []
    assert days(until="2024-03-01T12:00:00Z") == ["2024-03-01"]
    assert days(updatedSince="2024-03-01T12:00:00.000001Z") == list(CLOCK[:1:-1])


@pytest.mark.parametrize(
    ("filter_", "places"),
    [
        ({}, [0, 1, 2, 3, 4, 5, 6]),
        ({"platform": ["tidepool"]}, [0, 1, 2, 3, 5, 6]),
        ({"platform": ["tidepool", "saltmarsh"]}, [0, 1, 2, 3, 4, 5, 6]),
        ({"platform": []}, []),
        ({"document": [f"document/{POLICY}", f"{ID}document/tidepool/terms-of-service"]},
         [0, 1, 2, 3, 5, 6]),
        ({"platform": ["saltmarsh"], "document": [POLICY]}, []),
        ({"documentKind": ["TERMS_OF_SERVICE"]}, [6]),
        ({"documentKind": ["TERMS_OF_SERVICE", "PRIVACY_POLICY"]}, [0, 1, 2, 3, 4, 5, 6]),
        ({"significance": ["MEANING"]}, [1, 4, 5, 6]),
        ({"significance": ["MEANING", "MARKUP"], "platform": ["tidepool"]}, [1, 3, 5, 6]),
        ({"silent": True}, [5]),
        ({"silent": False}, [1, 4]),
        ({"accident": ["EMPTY"]}, [0, 2]),
        ({"accident": ["CONSENT"]}, []),
        ({"bridges": True}, [1]),
        ({"bridges": False}, [0, 2, 3, 4, 5, 6]),
        ({"updatedSince": "2024-04-10T12:00:00Z"}, [0, 1, 2]),
        ({"updatedSince": "2024-04-10T14:00:01+02:00"}, [0, 1]),
        ({"updatedSince": CHANGED, "until": "2024-02-10T12:00:00Z"}, [4, 5, 6]),
        ({"until": CHANGED}, []),
        ({"text": "letters"}, [1, 5]),
        ({"text": "keep MAPS"}, [4]),
        ({"text": '"goes to arbitration"'}, [6]),
        ({"text": "arbitrate courts"}, []),
        ({"heading": "KEEPING"}, [1, 5]),
        ({"heading": "keeping", "text": "letters", "deltaKind": ["REWORDED"]}, [1, 5]),
        ({"heading": "keeping", "text": "updated"}, []),
        ({"deltaKind": ["ADDED", "REMOVED"]}, []),
        ({"termGroup": ["NUMBER", "PERIOD"]}, [4, 5]),
        ({"termGroup": ["DATE"], "text": "letters"}, []),
    ],
)  # fmt: skip
def test_filters_of_changes(ask: Asker, filter_: Any, places: list[int]) -> None:
    """Fields are joined by and, a list within one by or; passages meet all that is said of them."""
    whole = [edge["node"]["id"] for edge in ask(PAGES)["changes"]["edges"]]
    page = ask(PAGES, f=filter_)["changes"]
    found = [whole.index(edge["node"]["id"]) for edge in page["edges"]]

    assert found == places
    assert walk(ask, 2, True, f=filter_) == [edge["node"]["id"] for edge in page["edges"]]


def test_what_significance_hides_is_counted(ask: Asker) -> None:
    """Beside a list of one significance stands how many others the same filter has."""
    query = """query($f: ChangeFilter) { changes(filter: $f, first: 0) { totalCount suppressed {
        significance count } } }"""
    meaning = ask(query, f={"significance": ["MEANING"], "platform": ["tidepool"]})["changes"]

    assert meaning == {
        "totalCount": 3,
        "suppressed": [
            {"significance": "MARKUP", "count": 1}, {"significance": "CAPTURE", "count": 2}
        ],
    }  # fmt: skip
    assert ask(query, f={})["changes"] == {"totalCount": 7, "suppressed": []}
    salt = ask(query, f={"significance": ["MARKUP"], "platform": ["saltmarsh"]})["changes"]
    assert salt == {"totalCount": 0, "suppressed": [{"significance": "MEANING", "count": 1}]}
    assert ask(query, f={"significance": []})["changes"]["totalCount"] == 0


def test_a_change_shows_both_sides(ask: Asker) -> None:
    """A silent change of a deadline: dates, counts, headings, words, and the very passages."""
    found = ask("""{ changes(filter: {silent: true}) { nodes { significance bridges accident
        announcedBefore announcedAfter fromVersion { ordinal } toVersion { ordinal changes { id } }
        document { id } terms { nodes { group before after delta { kind } } }
        summary { counts { added removed reworded moved split merged } headings { headingPath count }
            exchanges { group terms { before after count } } }
        deltas { totalCount nodes { kind similarity signals terms { before after }
            before { exact start end version { ordinal } provision { lastSeen { ordinal } } }
            after { exact provision { predecessor { similarity provision { normalisedText }
                delta { change { silent } } } } } } } } } }""")["changes"]["nodes"][0]
    delta = found["deltas"]["nodes"][0]

    assert (found["announcedBefore"], found["announcedAfter"]) == ("2024-01-01", "2024-01-01")
    assert (found["fromVersion"]["ordinal"], found["toVersion"]["ordinal"]) == (1, 2)
    assert found["summary"]["counts"] == {
        "added": 0, "removed": 0, "reworded": 1, "moved": 0, "split": 0, "merged": 0
    }  # fmt: skip
    assert found["summary"]["headings"] == [
        {"headingPath": "Tidepool privacy \u203a Keeping", "count": 1}
    ]
    exchanged = [(e["before"], e["after"]) for e in found["terms"]["nodes"]]
    summed = [(t["before"], t["after"]) for g in found["summary"]["exchanges"] for t in g["terms"]]
    assert ("30" in str(exchanged), sorted(exchanged)) == (True, sorted(summed))
    assert OLD in delta["before"]["exact"]
    assert NEW in delta["after"]["exact"]
    assert delta["before"]["provision"] == {"lastSeen": {"ordinal": 1}}
    earlier = delta["after"]["provision"]["predecessor"]
    assert OLD in earlier["provision"]["normalisedText"]
    assert earlier["similarity"] == delta["similarity"]
    assert earlier["delta"] == {"change": {"silent": True}}


def test_accidents_say_nothing_of_the_document(ask: Asker) -> None:
    """An accident of capturing has no deltas and no counts; the bridge over it has."""
    query = """{ changes(filter: {updatedSince: "2024-04-01"}) { nodes { significance bridges
        summary { counts { reworded } } deltas { totalCount } } } }"""
    found = ask(query)["changes"]["nodes"]

    assert [(each["significance"], each["bridges"]) for each in found] == [
        ("CAPTURE", False), ("MEANING", True), ("CAPTURE", False)
    ]  # fmt: skip
    assert [each["summary"] is None for each in found] == [True, False, True]
    assert [each["deltas"]["totalCount"] > 0 for each in found] == [False, True, False]


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


SEARCH = """query($text: String!, $f: ProvisionFilter, $day: Date, $first: Int, $after: String) {
    searchProvisions(text: $text, filter: $f, asOf: $day, first: $first, after: $after) { totalCount
    pageInfo { hasNextPage endCursor } nodes { score text { text hit } heading { text hit }
    provision { normalisedText document { id } } } } }"""


def hits(ask: Asker, text: str, **given: Any) -> list[str]:
    """The normalised texts that a search finds."""
    found = ask(SEARCH, text=text, **given)["searchProvisions"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["provision"]["normalisedText"] for node in found["nodes"]]


def test_search_shows_what_it_found(ask: Asker) -> None:
    """Stretches make up the text, those that match are marked, the best come first."""
    nodes = ask(SEARCH, text="asking DELETE")["searchProvisions"]["nodes"]
    marked = [[part["text"] for part in node["text"] if part["hit"]] for node in nodes]
    scores = [node["score"] for node in nodes]

    assert scores == sorted(scores, reverse=True)
    assert sorted(map(sorted, marked)) == [["ask", "delete"]] * 3
    for node in nodes:
        assert "".join(part["text"] for part in node["text"]) == node["provision"]["normalisedText"]


def test_the_rank_follows_how_well_it_fits(ask: Asker) -> None:
    """A short passage with the word comes before a long one, a heading before a mere path."""
    found = hits(ask, "california")

    assert found[0] == "California"
    assert len(found) == 3
    headings = ask(SEARCH, text="california")["searchProvisions"]["nodes"][1]["heading"]
    assert [part["text"] for part in headings if part["hit"]] == ["California"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("letters", 3),
        ("letter keeping", 3),
        ('"letters for 45 days"', 2),
        ('"45 days for letters"', 0),
        ("\u201cletters for 45 days\u201d", 2),
        ("arbitrations", 1),
        ("arbitrat*", 0),
        ("wh\u00e9ther", 2),
        ("letters OR maps", 0),
        ("letters NOT maps", 0),
        ("NEAR(letters days)", 0),
        ("words:letters", 0),
        ("heading : keeping", 0),
        ("-letters", 3),
        ("^letters", 3),
        ("(letters)", 3),
        ("letters +  45", 2),
        ("letters; DROP TABLE provision; --", 0),
        ("' OR '1'='1", 0),
        ("{letters}", 3),
        ("le\x00tters", 0),
        ("letters \U0001f600", 3),
        ("letters*", 3),
        ("* letters", 3),
        ("let**", 0),
        ('letters ""', 3),
        ("\u4fe1", 0),
    ],
)
def test_nothing_that_is_typed_is_an_operator(ask: Asker, text: str, count: int) -> None:
    """Signs of the index's own language are text; what has no meaning is passed over."""
    assert len(hits(ask, text)) == count


@pytest.mark.parametrize(
    ("text", "part"),
    [("", "no word"), ("  ", "no word"), ("***", "no word"), ('""', "no word"),
     ("\U0001f600", "no word"), ('"letters', "without its pair"), ('a "b" c"', "without its pair"),
     ("a" * 501, "too long"), ("\x00", "no word")],
)  # fmt: skip
@pytest.mark.parametrize("field", ["search", "provisions", "changes", "adoption"])
def test_a_text_without_sense_is_told(ask: Asker, text: str, part: str, field: str) -> None:
    """What cannot be searched for is an error with a hint, wherever it is asked."""
    query = {
        "search": SEARCH,
        "provisions": "query($text: String) { provisions(filter: {text: $text}) { totalCount } }",
        "changes": "query($text: String) { changes(filter: {text: $text}) { totalCount } }",
        "adoption": """query($text: String!) { adoption(text: $text, from: "2024-01-01",
            to: "2024-01-01", interval: YEAR) { points { day } } }""",
    }[field]
    error = ask.error(query, text=text)

    assert isinstance(error, SearchTextError)
    assert part in error.message
    assert error.hint


CHINESE = """# 隐私政策

我们会在您注销账户后{days}天内删除您的个人信息。

您可以随时联系Tidepool客服。查阅或更正您的信息。

我们不会把您写下的任何东西卖给任何人。我们只在港口的灯塔里保存日志。无论白天还是夜晚。都有两名看守人轮流守着它。
他们每天清晨要擦净灯罩。记下风向、潮水和过往的船只。然后把当天的一页锁进铁柜。直到下个月的第一天才能再次打开。
"""
THAI = "# นโยบาย\n\nเราลบข้อมูลของคุณภายใน 30 วัน\n"


@pytest.fixture(scope="module")
def eastern(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Asks histories in scripts without blanks, of a platform that is named in one."""
    path = tmp_path_factory.mktemp("eastern")
    clone = archive(path / "clone")
    for day, days in (("2024-01-01", 30), ("2024-02-01", 15)):
        text = CHINESE.format(days=days)
        record(clone, "百度/隐私政策.md", text, when=at(day))
    record(clone, "Tidepool/Privacy Policy.md", THAI, when=at("2024-01-01"))
    load_archive(path / "data", clone)
    publish(path / "data")
    return Asker(reader_of(path / "data"))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("删除", 2),
        ("个人信息", 2),
        ("信息", 3),
        ("息信", 0),
        ("删除 您", 2),
        ("个信息", 0),
        ("联系Tidepool客服", 1),
        ("tidepool", 1),
        ("15天内", 1),
        ('"您的个人信息。"', 2),
        ("隐私", 5),
        ("ข้อมูล", 1),
    ],
)
def test_search_in_scripts_without_blanks(eastern: Asker, text: str, count: int) -> None:
    """Words are found within a run of characters, side by side and in this order."""
    nodes = eastern(SEARCH, text=text)["searchProvisions"]["nodes"]
    query = "query($t: String) { provisions(filter: {text: $t}) { totalCount } }"
    own = [node for node in nodes if any(part["hit"] for part in node["text"])]

    assert len(nodes) == count
    assert eastern(query, t=text)["provisions"]["totalCount"] == len(own)
    for node in nodes:
        assert "".join(part["text"] for part in node["text"]) == node["provision"]["normalisedText"]


def test_highlights_in_scripts_without_blanks(eastern: Asker) -> None:
    """What is marked are the characters searched for, as they stand in the text."""
    node = eastern(SEARCH, text="个人信息")["searchProvisions"]["nodes"][0]
    heading = eastern(SEARCH, text="政策")["searchProvisions"]["nodes"][-1]["heading"]
    paths = """{ changes { nodes { summary { headings { headingPath } } } }
        provisions(filter: {heading: "隐私政"}) { totalCount } }"""
    found = eastern(paths)

    assert [part["text"] for part in node["text"] if part["hit"]] == ["个人信息"]
    assert heading == [{"text": "隐私", "hit": False}, {"text": "政策", "hit": True}]
    assert found["changes"]["nodes"][0]["summary"] == {"headings": [{"headingPath": "隐私政策"}]}
    assert found["provisions"]["totalCount"] == 4


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("start", ["", "document/", f"{ID}document/"])
def test_names_outside_latin(eastern: Asker, encoded: bool, start: str) -> None:
    """Ids are taken as they are spoken and as IRIs spell them; the history is found with both."""
    name = "百度/隐私政策"
    own = start + (quote(name) if encoded else name)
    query = """query($id: ID!, $p: ID!) { document(id: $id) { id history { methods } }
        node(id: $p) { label } changes(filter: {document: [$id], platform: [$p]}) { totalCount }
        provisions(filter: {document: [$id]}) { totalCount } }"""
    platform = "platform/" + (quote("百度") if encoded else "百度")
    found = eastern(query, id=own, p=platform)

    assert found["document"]["id"] == f"{ID}document/{quote(name)}"
    assert len(found["document"]["history"]["methods"]) == 4
    assert found["node"]["label"] == "百度"
    assert (found["changes"]["totalCount"], found["provisions"]["totalCount"]) == (1, 5)


@pytest.mark.parametrize("id_", ["100%", "%FF", "%2e%2e", "\ud800", "a//b", "", "%", "/", "?#"])
def test_an_id_that_nothing_can_have(ask: Asker, id_: str) -> None:
    """What cannot be spelled finds nothing, and is told where a filter has it."""
    found = ask("query($id: ID!) { document(id: $id) { id } node(id: $id) { id } }", id=id_)
    error = ask.error(
        "query($id: ID!) { changes(filter: {platform: [$id]}) { totalCount } }", id=id_
    )

    assert found == {"document": None, "node": None}
    assert isinstance(error, UnknownIdError)


def test_search_within_a_filter_and_a_day(ask: Asker) -> None:
    """A search keeps to the documents, the headings and the day asked for."""
    assert len(hits(ask, "days")) == 6
    assert hits(ask, "days", f={"platform": ["saltmarsh"]}, day="2024-02-10")[0].startswith(
        "We keep your maps for 60 days"
    )
    assert len(hits(ask, "days", f={"platform": ["saltmarsh"]})) == 2
    assert len(hits(ask, "days", f={"current": True})) == 3
    assert len(hits(ask, "days", f={"heading": "keep", "text": "30"})) == 1


def test_pages_of_a_search_meet(ask: Asker) -> None:
    """Hits of one score stand on one page only."""
    whole = hits(ask, "we")
    found: list[str] = []
    cursor, more = None, True
    while more:
        page = ask(SEARCH, text="we", first=2, after=cursor)["searchProvisions"]
        found += [node["provision"]["normalisedText"] for node in page["nodes"]]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert len(whole) > 6
    assert found == whole


def test_adoption_has_its_denominators(ask: Asker) -> None:
    """Of the documents tracked, those captured on the day; of these, those that hold the words."""
    query = """query($f: ProvisionFilter) { adoption(text: "45 days", from: "2024-01-05",
        to: "2024-05-05", interval: MONTH, filter: $f) { points { day tracked captured standing }
        firstSeen { totalCount nodes { document { label } lastWithout { ordinal } firstWith { ordinal } } } } }"""
    found = ask(query)["adoption"]

    assert [tuple(point.values()) for point in found["points"]] == [
        ("2024-01-05", 3, 0, 0),
        ("2024-02-05", 3, 3, 0),
        ("2024-03-05", 3, 3, 1),
        ("2024-04-05", 3, 3, 1),
        ("2024-05-05", 3, 3, 1),
    ]
    assert found["firstSeen"]["nodes"] == [
        {
            "document": {"label": "Tidepool Privacy Policy"},
            "lastWithout": {"ordinal": 1},
            "firstWith": {"ordinal": 2},
        }
    ]
    ends = """{ adoption(text: "\\"30 days\\"", from: "2024-01-10", to: "2024-02-10", interval: MONTH) {
        points { standing } } last: adoption(text: "\\"30 days\\"", from: "2024-02-09",
        to: "2024-02-09", interval: MONTH) { points { standing } } }"""
    alone = ask(query, f={"platform": ["saltmarsh"]})["adoption"]
    days = [point["standing"] for each in ask(ends).values() for point in each["points"]]
    assert days == [1, 0, 1]
    assert [point["tracked"] for point in alone["points"]] == [1] * 5
    assert alone["firstSeen"]["totalCount"] == 0


def test_first_seen_from_the_start_has_no_version_without(ask: Asker) -> None:
    """What stands in the first whole version may be older: nothing is said of a version before."""
    query = """{ adoption(text: "keep", from: "2024-01-01", to: "2024-01-01", interval: YEAR) {
        firstSeen(first: 1) { totalCount pageInfo { hasNextPage } nodes { lastWithout { id }
        firstWith { ordinal } document { id } } } } }"""
    found = ask(query)["adoption"]["firstSeen"]

    assert found["totalCount"] == 2
    assert found["pageInfo"] == {"hasNextPage": True}
    assert found["nodes"] == [
        {"lastWithout": None, "firstWith": {"ordinal": 1}, "document": {"id": f"{ID}document/{POLICY}"}}
    ]  # fmt: skip


def test_days_of_a_series() -> None:
    """A series keeps its day of the month where the month has it, and never leaves its ends."""
    months = series(date(2023, 12, 31), date(2024, 4, 29), Interval.MONTH)
    quarters = series(date(2024, 2, 29), date(2025, 2, 28), Interval.QUARTER)

    assert [str(day) for day in months] == ["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"]
    assert [str(day) for day in quarters][-2:] == ["2024-11-29", "2025-02-28"]
    assert str(series(date(2024, 2, 29), date(2025, 2, 28), Interval.YEAR)[-1]) == "2025-02-28"
    assert series(date(9999, 11, 1), date(9999, 12, 31), Interval.MONTH)[-1] == date(9999, 12, 1)
    assert len(series(date(1990, 1, 1), date(2023, 4, 30), Interval.MONTH)) == MOST
    for start, end in ((date(2024, 1, 2), date(2024, 1, 1)), (date(1, 1, 1), date(9999, 12, 31))):
        with pytest.raises(BadParameterError):
            series(start, end, Interval.MONTH)


STATS = """query($by: [ChangeGroup!]!, $f: ChangeFilter, $first: Int, $after: String) {
    changeStats(groupBy: $by, filter: $f, first: $first, after: $after) { totalCount
    pageInfo { hasNextPage endCursor } nodes { platform { label } document { id } documentKind year
    total bySignificance { significance count of } meaning silent announced unknown
    silentShare { count of share low high } } } }"""


def test_changes_in_numbers(ask: Asker) -> None:
    """Each group adds up: significances to all, silent and announced and unknown to meaning."""
    nodes = ask(STATS, by=["PLATFORM", "YEAR"])["changeStats"]["nodes"]
    salt, tide = nodes

    assert [node["platform"]["label"] for node in nodes] == ["Saltmarsh", "Tidepool"]
    assert (salt["year"], salt["document"], salt["documentKind"]) == (2024, None, None)
    assert (salt["total"], salt["meaning"], salt["announced"]) == (1, 1, 1)
    assert (tide["total"], tide["meaning"]) == (6, 3)
    assert (tide["silent"], tide["announced"], tide["unknown"]) == (1, 1, 1)
    for node in nodes:
        parts = node["bySignificance"]
        assert sum(part["count"] for part in parts) == node["total"]
        assert {part["of"] for part in parts} == {node["total"]}
        assert node["meaning"] == node["silent"] + node["announced"] + node["unknown"]
    assert tide["silentShare"]["count"] == 1
    assert tide["silentShare"]["of"] == 2
    assert tide["silentShare"]["low"] == pytest.approx(0.0945, abs=1e-4)
    assert tide["silentShare"]["high"] == pytest.approx(0.9055, abs=1e-4)


@pytest.mark.parametrize(
    ("by", "count"),
    [(["DOCUMENT"], 3), (["DOCUMENT_KIND"], 2), (["YEAR"], 1), (["DOCUMENT", "PLATFORM"], 3),
     (["YEAR", "YEAR"], 1), ([], 1)],
)  # fmt: skip
def test_groups_can_be_crossed(ask: Asker, by: list[str], count: int) -> None:
    """Every change is in one group, page by page as well as at once."""
    whole = ask(STATS, by=by)["changeStats"]
    found: list[Any] = []
    cursor, more = None, True
    while more:
        page = ask(STATS, by=by, first=1, after=cursor)["changeStats"]
        found += page["nodes"]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert whole["totalCount"] == count
    assert sum(node["total"] for node in whole["nodes"]) == 7
    assert found == whole["nodes"]


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (1, 1, 0.2065, 1.0)],
)
def test_wilsons_interval(count: int, of: int, low: float, high: float) -> None:
    """The interval has the values that textbooks give, and a share of nothing is unknown."""
    found = share(count, of)

    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-4)
    assert share(0, 0).share is None


def test_holdings_are_the_denominators(ask: Asker) -> None:
    """The release says how much it holds."""
    query = "{ holdings { platforms documents versions wholeVersions provisions changes } }"

    assert ask(query)["holdings"] == {
        "platforms": 2, "documents": 3, "versions": 9, "wholeVersions": 8, "provisions": 24,
        "changes": 7,
    }  # fmt: skip


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


def test_a_portfolio_names_the_platforms_of_any_list(folder: Path, tmp_path: Path) -> None:
    """Every filter takes portfolios, alone and beside platforms; the index stays the same file."""
    data = tmp_path / "data"
    shutil.copytree(folder / "data", data)
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
def client(folder: Path) -> Iterator[TestClient]:
    """A client over HTTP."""
    with client_of(folder / "data") as found:
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
