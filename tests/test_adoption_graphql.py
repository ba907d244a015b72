"""GraphQL's numbers on small invented histories: adoption, changes, holdings, each with its denominator."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clausegraph.api.adoption import MOST, Interval, series
from clausegraph.api.changestats import share
from clausegraph.api.problems import BadParameterError
from clausegraph.ontology.iris import ID
from tests.small_histories import (
    POLICY,
    Asker,
)


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
