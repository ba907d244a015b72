"""Facets: counted as a naive reading counts, with the filters of the page or without their own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks.synthetic import Platform, Provision, platform
from benchmarks.syntheticrelease import release
from clausegraph.api.paging import PageSizeError
from clausegraph.ontology.iris import ID
from tests.small_histories import Asker, reader_of

MADE = [platform(number) for number in range(6)]
QUERY = """query($filter: ProvisionFilter, $by: [ProvisionFacet!]!, $first: Int! = 100,
        $own: Boolean! = false) { provisions(first: 1, filter: $filter) { totalCount
    facets(by: $by, first: $first, butOwn: $own) { key distinct values { value label count } } } }"""


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Asks a release with a few synthetic platforms."""
    data: Path = tmp_path_factory.mktemp("facets") / "data"
    release(data, len(MADE))
    return Asker(reader_of(data), 10**7)


def counted(asker: Asker, **given: Any) -> list[dict[str, int]]:
    """The counts of each facet, by value."""
    found = asker(QUERY, **given)["provisions"]["facets"]
    assert [each["key"] for each in found] == given["by"]
    assert all(each["distinct"] >= len(each["values"]) for each in found)
    return [{v["value"]: v["count"] for v in each["values"]} for each in found]


def provisions(*kinds: str) -> list[tuple[Platform, Provision]]:
    """Provisions of some kinds with their platforms."""
    return [(m, each) for m in MADE for each in m.provisions if each.kind in kinds]


def test_facets_count_with_the_filters_of_the_page(asker: Asker) -> None:
    """Kinds, platforms, kinds of document and requirements, as they are counted by hand."""
    rows = provisions("item", "row")
    by = ["KIND", "PLATFORM", "DOCUMENT", "DOCUMENT_KIND", "REQUIREMENT"]
    found = counted(asker, filter={"kind": ["ITEM", "ROW"]}, by=by, first=1000)
    mapped = {(m.own, id(m.provisions[row[0]]), row[1]) for m in MADE for row in m.mappings}

    assert found[0] == Counter(each.kind.upper() for _, each in rows)
    assert found[1] == Counter(f"{ID}platform/{m.own}" for m, _ in rows)
    assert found[2] == Counter(f"{ID}document/{m.path}" for m, _ in rows)
    assert found[3] == Counter(m.kind.upper().replace("-", "_") for m, _ in rows)
    assert found[4] == Counter(
        requirement for own, each, requirement in mapped if each in {id(e) for _, e in rows}
    )


def test_a_facet_without_its_own_filter_shows_the_other_choices(asker: Asker) -> None:
    """Other filters still count."""
    given = {"kind": ["ITEM"], "platform": [MADE[0].own]}
    with_, without = (
        counted(asker, filter=given, by=["KIND", "PLATFORM"], own=own) for own in (False, True)
    )
    own = Counter(each.kind.upper() for each in MADE[0].provisions)

    assert with_[0] == {"ITEM": own["ITEM"]}
    assert without[0] == own
    assert without[1] == Counter(f"{ID}platform/{m.own}" for m, _ in provisions("item"))


def test_the_most_frequent_values_come_first(asker: Asker) -> None:
    """And no more than were asked for; how many there are is told."""
    found = asker(QUERY, by=["KIND"], first=2)["provisions"]["facets"][0]
    whole = Counter(each.kind.upper() for m in MADE for each in m.provisions)

    assert [(v["value"], v["count"]) for v in found["values"]] == whole.most_common(2)
    assert found["values"][0]["label"] == "Paragraph"
    assert found["distinct"] == len(whole) == 4


def test_too_many_values_are_refused(asker: Asker) -> None:
    """With the size that is allowed."""
    assert isinstance(asker.error(QUERY, by=["KIND"], first=1001), PageSizeError)
    assert isinstance(asker.error(QUERY, by=["KIND"], first=-1), PageSizeError)


@pytest.mark.parametrize(
    ("list_", "by"),
    [
        ("changes", "[SIGNIFICANCE, PLATFORM, DOCUMENT_KIND, DOCUMENT]"),
        ("documents", "[KIND, PLATFORM]"),
        ("findings", "[STATE, REVIEW, REQUIREMENT, DOCUMENT_KIND, PLATFORM]"),
        ("mappings", "[RELATION, REVIEW, REQUIREMENT, DOCUMENT_KIND, PLATFORM]"),
    ],
)
def test_every_list_with_facets_counts_all_of_its_entries(
    asker: Asker, list_: str, by: str
) -> None:
    """Each entry has one value of each kind, so that the counts add up to the length."""
    query = f"{{ {list_} {{ totalCount facets(by: {by}, first: 1000) {{ values {{ count }} }} }} }}"
    found = asker(query)[list_]
    sums = {sum(value["count"] for value in each["values"]) for each in found["facets"]}

    assert found["totalCount"] > 5
    assert sums == {found["totalCount"]}
