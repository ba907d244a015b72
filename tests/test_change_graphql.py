"""GraphQL over changes, on small invented histories: pages, filters, clocks and both sides."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from clausegraph.api.histories import load_archive
from clausegraph.api.publish import publish
from clausegraph.ontology.iris import ID
from tests.archives import archive, record
from tests.small_histories import (
    CHANGED,
    NEW,
    OLD,
    PAGES,
    POLICY,
    PRIVACY_PATH,
    SALTMARSH,
    SALTMARSH_PATH,
    Asker,
    at,
    privacy,
    reader_of,
)

CHANGE_IDS = [
    "tidepool/privacy-policy/2024-04-12", "tidepool/privacy-policy/2024-04-12",
    "tidepool/privacy-policy/2024-04-10", "tidepool/privacy-policy/2024-03-10",
    "saltmarsh/privacy-policy/2024-02-10", "tidepool/privacy-policy/2024-02-10",
    "tidepool/terms-of-service/2024-02-10",
]  # fmt: skip
"""All changes, the newest first, without the end of their ids."""


def short(iri: str) -> str:
    """The id of a change without the part that the archive's commit gives."""
    path = iri.removeprefix(f"{ID}change/")
    return path.rpartition("/")[0] + "/" + path.rpartition("/")[2][:10]


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


def test_cursors_hold_in_the_next_release(ask: Asker, histories: Path, tmp_path: Path) -> None:
    """A page after a cursor goes on at its place, whatever came and went in between."""
    clone, data = tmp_path / "clone", tmp_path / "data"
    shutil.copytree(histories / "clone", clone)
    shutil.copytree(histories / "data", data)
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
