"""Lists: whatever the filter and the order, sets, SQL and a naive reading of the data agree."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import QuerySolutions

from benchmarks.synthetic import VERSIONS, Platform, Provision, platform
from benchmarks.syntheticrelease import release
from clausegraph.api import bitmaps, setpages, sets
from clausegraph.api.clauses import Key, among, any_of, none_of, nullable, some, within
from clausegraph.api.nodes import Budget, View
from clausegraph.api.policyselect import Choice, Chosen, Clause
from clausegraph.api.reader import Reader
from clausegraph.ontology.iris import ID, NS
from tests.small_histories import TODAY, Asker, reader_of

PLATFORMS = 8
MADE = [platform(number) for number in range(PLATFORMS)]
CALM = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
KINDS = ("paragraph", "item", "row", "definition")
RELATIONS = ("states", "describes", "limits", "infers")
LIST = """query($filter: ProvisionFilter, $order: [ProvisionOrder!], $after: String, $day: Date) {
    provisions(first: 100, after: $after, filter: $filter, orderBy: $order, asOf: $day) {
        totalCount nodes { id } pageInfo { endCursor hasNextPage } } }"""


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Asks a release with a few synthetic platforms."""
    data = tmp_path_factory.mktemp("lists") / "data"
    release(data, PLATFORMS)
    return Asker(reader_of(data), 10**7)


@pytest.fixture(scope="module")
def view(asker: Asker) -> View:
    """A view of the same."""
    return View(asker.reader, TODAY, Budget(10**9, time.monotonic() + 600))


def every(asker: Asker, **given: Any) -> list[str]:
    """The ids of a whole list, page after page; it is as long as it says."""
    found: list[str] = []
    after = None
    while True:
        page = asker(LIST, after=after, **given)["provisions"]
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found
        after = page["pageInfo"]["endCursor"]


LEAVES = st.one_of(
    st.fixed_dictionaries({"kind": st.lists(st.sampled_from([k.upper() for k in KINDS]))}),
    st.fixed_dictionaries({"documentKind": st.sampled_from([["PRIVACY_POLICY"], []])}),
    st.fixed_dictionaries({"current": st.booleans()}),
    st.fixed_dictionaries({"firstSeenSince": st.sampled_from(["2023-01-01", "2024-06-01"])}),
    st.fixed_dictionaries({"platform": st.lists(st.sampled_from([m.own for m in MADE]))}),
    st.fixed_dictionaries(
        {"mappings": st.dictionaries(
            st.sampled_from(["some", "every", "none"]),
            st.fixed_dictionaries({"relation": st.lists(st.sampled_from(
                [r.upper() for r in RELATIONS]))}), min_size=1, max_size=2)}
    ),
)  # fmt: skip
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"and": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"or": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
        st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1]),
    ),
    max_leaves=6,
)
ORDERS = st.lists(
    st.fixed_dictionaries({"by": st.sampled_from(["DOCUMENT", "FIRST_SEEN"]),
                           "direction": st.sampled_from(["ASC", "DESC"])}), max_size=2,
)  # fmt: skip


@CALM
@given(wanted=FILTERS, order=ORDERS)
def test_a_list_is_what_a_naive_reading_finds(asker: Asker, wanted: Any, order: Any) -> None:
    """Filters joined anyhow, orders by several keys: the same entries in the same order."""
    assert every(asker, filter=wanted, order=order) == naive(wanted, order)


def naive(wanted: Any, order: Any) -> list[str]:
    """What a list has, from what was made."""
    rows = [(made, each) for made in MADE for each in made.provisions if meets(made, each, wanted)]
    keys = order or [{"by": "PLACE", "direction": "ASC"}]
    rows.sort(key=lambda row: iri(*row))
    for key in reversed(keys):
        rows.sort(key=lambda row: value(row, key["by"]), reverse=False)
        if key["direction"] == "DESC":
            rows = turned(rows, key["by"])
    return [iri(*row) for row in rows]


@pytest.fixture
def strained(asker: Asker) -> Iterator[Asker]:
    """Asks the same release as if it were so large that no shortcut for small ones is taken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets, "FEW", 0)
        patch.setattr(setpages, "_STEPS", 0)
        patch.setattr(setpages, "_STRIDE", 3)
        yield Asker(Reader(asker.reader.release), 10**7)


@settings(CALM, max_examples=40)
@given(wanted=FILTERS, order=ORDERS)
def test_size_decides_nothing_but_the_way(strained: Asker, wanted: Any, order: Any) -> None:
    """The ways that are taken with many rows find what a naive reading finds."""
    whole = naive(wanted, order)
    page = strained(LIST.replace("first: 100", "first: 7"), filter=wanted, order=order)

    assert every(strained, filter=wanted, order=order) == whole
    assert [node["id"] for node in page["provisions"]["nodes"]] == whole[:7]


def iri(made: Platform, each: Provision) -> str:
    """The IRI of a provision."""
    return f"{ID}provision/{made.path}/{each.sha[:16]}"


def value(row: tuple[Platform, Provision], key: str) -> Any:
    """What a provision is ordered by."""
    made, each = row
    if key == "FIRST_SEEN":
        return made.days[each.first]
    return made.path if key == "DOCUMENT" else (made.path, each.start)


def turned(rows: list[Any], key: str) -> list[Any]:
    """Sorted rows from the highest value on, equal ones in the order in which they stand."""
    values = sorted({value(row, key) for row in rows}, reverse=True)
    return [row for one in values for row in rows if value(row, key) == one]


def meets(made: Platform, each: Provision, wanted: dict[str, Any]) -> bool:
    """Whether a provision meets a filter, read word by word."""
    return all(said(made, each, wanted))


def said(made: Platform, each: Provision, wanted: dict[str, Any]) -> Iterator[bool]:
    """What each field of a filter says of a provision."""
    for key, asked in wanted.items():
        if key == "kind":
            yield each.kind.upper() in asked
        elif key == "documentKind":
            yield made.kind.upper().replace("-", "_") in asked
        elif key == "current":
            yield (each.last is None) is asked
        elif key == "firstSeenSince":
            yield str(made.days[each.first]) >= asked
        elif key == "platform":
            yield made.own in asked
        elif key == "mappings":
            yield related(made, each, asked)
        elif key in ("and", "or"):
            yield (all if key == "and" else any)(meets(made, each, one) for one in asked)
        elif key == "not":
            yield not meets(made, each, asked)


def related(made: Platform, each: Provision, given: dict[str, Any]) -> bool:
    """Whether some, every or none of a provision's mappings has one of some relations."""
    own = [row[3].upper() for row in made.mappings if made.provisions[row[0]] is each]
    words: dict[str, Callable[[Iterator[bool]], bool]]
    words = {"some": any, "every": all, "none": lambda found: not any(found)}
    return all(
        words[word](relation in one["relation"] for relation in own) for word, one in given.items()
    )


CLAUSES = (
    among("kind", {"item", "row"}),
    *within("seen", "2023-02-01", "2024-03-01T12:00:00.000000Z"),
    *within("start", 100),
    some("provision", "mapping", "provision", [among("relation", {"limits"})]),
    none_of([among("documentKind", {"privacy-policy"})]),
    any_of([among("kind", {"definition"}), among("home", {f"document/{MADE[0].path}"})]),
    Clause("start % 2 = 0"),
)


@CALM
@given(
    chosen=st.lists(st.sampled_from(CLAUSES[:4] + CLAUSES[5:]), max_size=3),
    order=st.lists(st.sampled_from([Key("seen"), Key("seen", str, True), Key("start", int),
                                    Key("kind", str, True), Key("home")]), max_size=3),
    size=st.sampled_from([1, 7, 400]),
)  # fmt: skip
def test_sets_and_sql_cut_the_same_pages(
    view: View, chosen: list[Clause], order: list[Key], size: int
) -> None:
    """A page from sets is the page of SQLite, forwards and backwards, with any cursor."""
    known = [each for each in chosen if each.known()]
    sets = Chosen(view, Choice("provision", tuple(known), tuple(order)))
    sql = Chosen(view, Choice("provision", (*map(unknown, known), Clause("1 = 1")), tuple(order)))
    whole = sql.read(None, None, 1_000, False)
    ends = [None, *whole[:: max(1, len(whole) // 5)]]

    assert sets.count() == sql.count() == len(whole)
    for end in ends:
        gone = end and (*end[:-1], end[-1] + "-gone")
        for place in (end, gone):
            for backwards in (False, True):
                low, high = (None, place) if backwards else (place, None)
                expected = sql.read(low, high, size, backwards)
                assert sets.read(low, high, size, backwards) == expected, (place, backwards)


def unknown(clause: Clause) -> Clause:
    """A condition of which only SQL is known."""
    return replace(clause, how=None)


def test_a_value_that_no_row_has_is_a_place_too(view: View) -> None:
    """A cursor of another release is right here, whatever became of its values."""
    for key, low, high in ((Key("seen"), "0", "9"), (Key("seen", str, True), "9", "0")):
        chosen = Chosen(view, Choice("provision", (), (key,)))
        whole = chosen.read(None, None, 1_000, False)
        assert chosen.read((low, "x"), None, 1_000, False) == whole
        assert chosen.read((high, "x"), None, 1_000, False) == []
        assert chosen.read(None, (high, "x"), 1_000, True) == whole[::-1]


def test_nulls_stand_where_they_are_told(view: View) -> None:
    """Last unless asked otherwise, in both directions, and pages pass over them."""
    key = Key("nullif(document.id % 3, 1)", int)
    for first in (False, True):
        for way in (False, True):
            order = nullable(replace(key, descending=way), first)
            chosen = Chosen(view, Choice("document", (), order))
            whole = chosen.read(None, None, 100, False)
            nulls = [place[0] for place in whole]
            again = [chosen.read(place, None, 1, False) for place in whole[:-1]]
            assert nulls == sorted(nulls, reverse=first)
            assert set(nulls) == {0, 1}
            assert [each[0] for each in again] == whole[1:]


def test_documents_without_a_change_come_last(asker: Asker) -> None:
    """Unless a client wants them first; in both directions."""
    query = """query($order: [DocumentOrder!]) { documents(first: 500, orderBy: $order) {
        nodes { changes { totalCount } } } }"""
    for way in ("ASC", "DESC"):
        for nulls in (None, "LAST", "FIRST"):
            key = {"by": "LAST_CHANGED", "direction": way} | ({"nulls": nulls} if nulls else {})
            nodes = asker(query, order=[key])["documents"]["nodes"]
            none = [node["changes"]["totalCount"] == 0 for node in nodes]
            assert none == sorted(none, reverse=nulls == "FIRST")
            assert len(set(none)) == 2


def test_the_same_in_sparql(asker: Asker) -> None:
    """What SPARQL can say, it says too."""
    pattern = (
        "?p a cg:Provision ; cg:segmentKind <https://w3id.org/clausegraph/id/segment-kind/item>"
    )
    mapped = f"{pattern} FILTER NOT EXISTS {{ ?m a cg:Mapping ; cg:provision ?p }}"
    found = every(asker, filter={"kind": ["ITEM"], "mappings": {"none": {"ever": True}}})
    assert sorted(found) == selected(asker, mapped)
    limits = f"{pattern} . ?m cg:provision ?p ; cg:mappingRelation " \
        "<https://w3id.org/clausegraph/id/mapping-relation/limits>"  # fmt: skip
    wanted = {"kind": ["ITEM"], "mappings": {"some": {"relation": ["LIMITS"], "ever": True}}}
    assert sorted(every(asker, filter=wanted)) == selected(asker, limits)
    assert 0 < len(found) < sum(each.kind == "item" for made in MADE for each in made.provisions)


def selected(asker: Asker, pattern: str) -> list[str]:
    """The provisions that a pattern of SPARQL finds, sorted."""
    query = f"PREFIX cg: <{NS}> SELECT DISTINCT ?p {{ {pattern} }}"
    rows = asker.reader.release.open().query(query, use_default_graph_as_union=True)
    assert isinstance(rows, QuerySolutions)
    return sorted(row["p"].value for row in rows)


def test_platforms_by_their_documents(asker: Asker) -> None:
    """Some, every, none."""
    query = "query($f: PlatformFilter) { platforms(first: 500, filter: $f) { nodes { id } } }"

    def ids(**given: Any) -> set[str]:
        return {node["id"] for node in asker(query, f=given)["platforms"]["nodes"]}

    whole, privacy = ids(), {"kind": ["PRIVACY_POLICY"]}
    own = {f"{ID}platform/{made.own}" for made in MADE if made.kind == "privacy-policy"}
    ours = {f"{ID}platform/{made.own}" for made in MADE}
    assert set() < own < ours <= whole
    assert ids(documents={"some": privacy}) & ours == own
    assert ids(documents={"every": privacy}) & ours == own
    assert ids(documents={"none": privacy}) & ours == ours - own
    assert ids(**{"not": {"documents": {"some": privacy}}}) == ids(documents={"none": privacy})
    assert (
        ids(**{"or": [{"documents": {"some": privacy}}, {"documents": {"none": privacy}}]}) == whole
    )


def test_a_day_goes_into_what_is_not_met(asker: Asker) -> None:
    """What stands on a day and is not of a kind: the day is not denied."""
    day = str(MADE[0].days[VERSIONS - 1])
    found = every(asker, filter={"not": {"kind": ["ITEM"]}, "platform": [MADE[0].own]}, day=day)
    last = MADE[0].standing(VERSIONS - 1)
    assert set(found) == {iri(MADE[0], each) for each in last if each.kind != "item"}


@given(st.integers(1, 200_000), st.floats(0, 1), st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_bitmaps_and_arrays_are_the_same(length: int, share: float, seed: int) -> None:
    """A bitmap written as bytes holds what it was made from."""
    mask = np.random.default_rng(seed).random(length) < share
    found = bitmaps.of_mask(mask)
    ids = np.flatnonzero(mask)
    assert list(found) == ids.tolist()
    assert bitmaps.of_ids(ids[::-1], length) == found
    assert np.array_equal(bitmaps.to_mask(found, length), mask)
