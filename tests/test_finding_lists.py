"""Lists of findings and mappings: whatever the filter and the order, a naive reading agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.syntheticrelease import release
from clausegraph.api.cursors import CursorError
from clausegraph.api.reader import Entity, Reader
from clausegraph.ontology.iris import ID
from tests.small_histories import Asker, reader_of

PLATFORMS = 8
DAY = "2024-01-15"
CALM = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
LIST = """query($filter: {table}sFilter, $order: [{table}Order!], $after: String, $day: Date) {{
    {name}s(first: 70, after: $after, filter: $filter, orderBy: $order, asOf: $day) {{
        totalCount nodes {{ id }} pageInfo {{ endCursor hasNextPage }} }} }}"""
KEYS = {"state": "findingState", "reason": "findingReason", "review": "reviewState",
        "relation": "mappingRelation"}  # fmt: skip
SORTS = {"DOCUMENT": "document", "REQUIREMENT": "requirement", "VALID_FROM": "validFrom",
         "VALID_UNTIL": "validUntil"}  # fmt: skip


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Asks a release with a few synthetic platforms."""
    data = tmp_path_factory.mktemp("findings") / "data"
    release(data, PLATFORMS)
    return Asker(reader_of(data), 10**7)


def every(asker: Asker, table: str, **given: Any) -> list[str]:
    """The ids of a whole list, page after page; it is as long as it says."""
    query = LIST.format(table=table, name=table.lower())
    found: list[str] = []
    after = None
    while True:
        page = asker(query, after=after, day=DAY, **given)[f"{table.lower()}s"]
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found
        after = page["pageInfo"]["endCursor"]


def some_of(*members: str) -> Any:
    """A list of members of an enum."""
    return st.lists(st.sampled_from(members), max_size=3)


def filters(**leaves: Any) -> Any:
    """Filters of such fields, joined anyhow."""
    one = st.one_of(*(st.fixed_dictionaries({key: each}) for key, each in leaves.items()))
    return st.recursive(
        one,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"and": st.lists(inner, max_size=3)}),
            st.fixed_dictionaries({"or": st.lists(inner, max_size=3)}),
            st.fixed_dictionaries({"not": inner}),
            st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1]),
        ),
        max_leaves=6,
    )


def orders(*keys: str) -> Any:
    """Orders by several keys."""
    return st.lists(
        st.fixed_dictionaries(
            {"by": st.sampled_from(keys), "direction": st.sampled_from(["ASC", "DESC"]),
             "nulls": st.sampled_from(["FIRST", "LAST"])}), max_size=3,
    )  # fmt: skip


SHARED = {
    "review": some_of("PENDING", "CONFIRMED", "REJECTED"),
    "platform": some_of(*(f"s{number:06}" for number in range(PLATFORMS))),
    "documentKind": some_of("PRIVACY_POLICY", "TERMS_OF_SERVICE"),
    "jurisdiction": some_of("us-ca", "us-co"),
}
RELATION = some_of("STATES", "DESCRIBES", "LIMITS", "INFERS")
RELATED = st.dictionaries(
    st.sampled_from(["some", "every", "none"]),
    filters(relation=RELATION, review=SHARED["review"]), min_size=1, max_size=2,
)  # fmt: skip
FINDINGS = filters(
    **SHARED, state=some_of("STATED", "DENIED", "NOT_STATED"), reason=some_of("NO_PASSAGE"),
    mappings=RELATED,
)  # fmt: skip
MAPPINGS = filters(
    **SHARED, relation=RELATION,
    provision=st.one_of(
        st.fixed_dictionaries({"kind": some_of("PARAGRAPH", "ITEM", "ROW", "DEFINITION")}),
        st.fixed_dictionaries({"not": st.fixed_dictionaries({"kind": some_of("ITEM", "ROW")})}),
    ),
)  # fmt: skip


@CALM
@given(wanted=FINDINGS, order=orders(*SORTS, "STATE", "REASON", "REVIEW", "TENSION"))
def test_findings_are_what_a_naive_reading_finds(asker: Asker, wanted: Any, order: Any) -> None:
    """Filters joined anyhow, orders by several keys: the same findings in the same order."""
    default = [{"by": key, "direction": "ASC"} for key in ("DOCUMENT", "REQUIREMENT", "VALID_FROM")]
    assert every(asker, "Finding", filter=wanted, order=order) == naive(
        asker.reader, "Finding", wanted, order or default
    )


@CALM
@given(wanted=MAPPINGS, order=orders(*SORTS, "RELATION", "REVIEW"))
def test_mappings_are_what_a_naive_reading_finds(asker: Asker, wanted: Any, order: Any) -> None:
    """The same of mappings."""
    assert every(asker, "Mapping", filter=wanted, order=order) == naive(
        asker.reader, "Mapping", wanted, order
    )


def naive(reader: Reader, kind: str, wanted: Any, order: Any) -> list[str]:
    """The list as it is read word by word."""
    day = date.fromisoformat(DAY)
    rows = [e for e in reader.of_type(kind) if e.holds_on(day) and meets(reader, e, wanted)]
    rows.sort(key=lambda e: e.iri)
    for key in reversed(order):
        rows = sorted_by(rows, key)
    return [each.iri for each in rows]


def sorted_by(rows: list[Entity], key: Any) -> list[Entity]:
    """Rows by one key; equal ones stay as they stand, and nulls where they are told."""
    name = SORTS.get(key["by"]) or KEYS.get(key["by"].lower(), "tensionKind")
    there = [e for e in rows if e.one(name) is not None]
    none = [e for e in rows if e.one(name) is None]
    values = sorted({e.one(name) for e in there}, reverse=key["direction"] == "DESC")
    found = [e for value in values for e in there if e.one(name) == value]
    return none + found if key.get("nulls") == "FIRST" else found + none


def meets(reader: Reader, each: Entity, wanted: dict[str, Any]) -> bool:
    """Whether a finding or mapping meets a filter."""
    return all(said(reader, each, wanted))


def said(reader: Reader, each: Entity, wanted: dict[str, Any]) -> Iterator[bool]:
    """What each field of a filter says of it."""
    for key, asked in wanted.items():
        if key in KEYS:
            yield member(each.one(KEYS[key])) in asked
        elif key == "platform":
            yield of(reader, each, "document").one("platform").rpartition("/")[2] in asked
        elif key == "documentKind":
            yield member(of(reader, each, "document").one("documentKind")) in asked
        elif key == "jurisdiction":
            place = of(reader, each, "requirement").one("jurisdiction")
            yield place.rpartition("/")[2] in asked
        elif key == "provision":
            kind = member(of(reader, each, "provision").one("segmentKind"))
            yield kind in asked["kind"] if "kind" in asked else kind not in asked["not"]["kind"]
        elif key == "mappings":
            yield related(reader, each, asked)
        elif key in ("and", "or"):
            yield (all if key == "and" else any)(meets(reader, each, one) for one in asked)
        elif key == "not":
            yield not meets(reader, each, asked)


def related(reader: Reader, finding: Entity, asked: dict[str, Any]) -> bool:
    """What is said of the mappings of the same document to the same requirement."""
    day = date.fromisoformat(DAY)
    own = [
        m for m in reader.back(finding.one("requirement"), "requirement", "Mapping")
        if m.one("document") == finding.one("document") and m.holds_on(day)
    ]  # fmt: skip
    words: dict[str, Callable[[Iterator[bool]], bool]]
    words = {"some": any, "every": all, "none": lambda found: not any(found)}
    return all(words[w](meets(reader, m, inner) for m in own) for w, inner in asked.items())


def of(reader: Reader, each: Entity, key: str) -> Entity:
    """What an entity points to."""
    found = reader.entity(each.one(key))
    assert found is not None
    return found


def member(iri: str | None) -> str | None:
    """The member of an enum that a concept is."""
    return iri and iri.rpartition("/")[2].upper().replace("-", "_")


def test_facets_count_what_joined_filters_leave(asker: Asker) -> None:
    """With an `or` within, and with a condition that only SQL answers."""
    plain = {"or": [{"state": ["DENIED"]}, {"not": {"review": ["PENDING"]}}]}
    related_ = {"or": [{"mappings": {"some": {"relation": ["STATES"]}}}, plain]}
    query = """query($filter: FindingsFilter, $day: Date) { findings(filter: $filter, asOf: $day) {
        facets(by: [STATE, REQUIREMENT, PLATFORM], first: 1000) { values { value count } } } }"""
    for wanted in (plain, related_):
        facets = asker(query, filter=wanted, day=DAY)["findings"]["facets"]
        found = [{v["value"]: v["count"] for v in facet["values"]} for facet in facets]
        rows = [asker.reader.entity(iri) for iri in every(asker, "Finding", filter=wanted)]
        own = [each for each in rows if each is not None]
        assert len(own) > 10
        assert found[0] == Counter(member(e.one("findingState")) for e in own)
        assert found[1] == Counter(e.one("requirement") for e in own)
        assert sum(found[2].values()) == len(own)


SHARES = """query($f: FindingsFilter, $day: Date) { findings(filter: $f, asOf: $day, first: 0) {
    denominators { tracked captured parsed examined } } }"""
OTHERS = ["midjourney", *(f"s{number:06}" for number in range(1, PLATFORMS))]
A, B = {"platform": ["s000000"]}, {"platform": ["s000001"]}
CA, CO = {"jurisdiction": ["us-ca"]}, {"jurisdiction": ["us-co"]}
STATED = {"state": ["STATED"]}


@pytest.mark.parametrize(
    ("joined", "plain"),
    [
        ({"or": [A, B]}, {"platform": ["s000000", "s000001"]}),
        ({"and": [A, B]}, {"platform": []}),
        ({"or": []}, {"platform": []}),
        ({"not": A}, {"platform": OTHERS}),
        ({"not": STATED}, {}),
        ({"not": A | STATED}, {}),
        ({"not": {"or": [A, STATED]}}, {"platform": OTHERS}),
        ({"not": {"not": A | STATED}}, A),
        ({"or": [CA, CO]}, {"jurisdiction": ["us-ca", "us-co"]}),
        ({"or": [A | CA, A | CO]}, A | {"jurisdiction": ["us-ca", "us-co"]}),
        ({"or": [STATED, A]}, {}),
        ({"and": [CA, STATED]}, CA),
    ],
)
def test_joined_filters_are_shares_of_what_they_could_speak_of(
    asker: Asker, joined: Any, plain: Any
) -> None:
    """What was found says nothing of what was looked at, in whatever way it is asked."""
    numbers = [
        asker(SHARES, f=each, day=DAY)["findings"]["denominators"] for each in (joined, plain)
    ]
    assert numbers[0] == numbers[1]


def test_a_document_is_found_by_its_findings(asker: Asker) -> None:
    """Of some, of every one, of none."""
    query = """query($f: DocumentFilter, $day: Date) { documents(filter: $f, asOf: $day) { nodes { id } } }"""
    reader, day = asker.reader, date.fromisoformat(DAY)
    documents = reader.of_type("Document")
    own = {
        d.iri: [member(f.one("findingState")) for f in reader.back(d.iri, "document", "Finding")
                if f.holds_on(day)]
        for d in documents
    }  # fmt: skip
    no = ["DENIED", "NOT_STATED"]
    expected: dict[str, Callable[[list[Any]], bool]] = {
        "some": lambda states: any(s in no for s in states),
        "every": lambda states: all(s in no for s in states),
        "none": lambda states: not any(s in no for s in states),
    }
    for word, test in expected.items():
        nodes = asker(query, day=DAY, f={"findings": {word: {"state": no}}})["documents"]["nodes"]
        found = {node["id"] for node in nodes}
        assert found == {iri for iri, states in own.items() if test(states)}
    assert 0 < sum(not states for states in own.values()) < len(own)


def test_a_requirement_is_found_by_what_is_said_of_it(asker: Asker) -> None:
    """By findings and mappings of the day, or of all days."""
    query = """query($f: RequirementFilter, $day: Date) { requirements(filter: $f, asOf: $day, first: 500) {
        totalCount nodes { id } } }"""
    reader, day = asker.reader, date.fromisoformat(DAY)

    def found(**filter: Any) -> set[str]:
        return {n["id"] for n in asker(query, day=DAY, f=filter)["requirements"]["nodes"]}

    for key, kind, words in (
        ("findings", "Finding", {"state": ["DENIED"]}),
        ("mappings", "Mapping", {"relation": ["LIMITS"]}),
    ):
        rows = {
            e.iri: reader.back(e.iri, "requirement", kind) for e in reader.of_type("Requirement")
        }
        now = {iri: [e for e in each if e.holds_on(day)] for iri, each in rows.items()}
        some = {i for i, each in now.items() if any(meets(reader, e, words) for e in each)}
        ever = {i for i, each in rows.items() if any(meets(reader, e, words) for e in each)}
        every_ = {i for i, each in now.items() if all(meets(reader, e, words) for e in each)}
        assert some
        assert some < ever
        assert found(**{key: {"some": words}}) == some
        assert found(**{key: {"some": words | {"ever": True}}}) == ever
        assert found(**{key: {"every": words}}) == every_
        assert found(**{key: {"none": words}}) == rows.keys() - some
        assert found(**{key: {"some": {"not": {"platform": ["s000000"]}}}}) == {
            i for i, each in now.items() if any("/s000000/" not in e.iri for e in each)
        }


def test_a_key_that_comes_again_orders_nothing_more(asker: Asker) -> None:
    """And makes no other order."""
    once = [{"by": "STATE"}, {"by": "REVIEW", "direction": "DESC"}]
    again = [*once, {"by": "STATE", "direction": "DESC"}] * 20
    assert every(asker, "Finding", order=again) == every(asker, "Finding", order=once)


def test_the_cursor_of_another_order_is_refused(asker: Asker) -> None:
    """It names no place in this one."""
    query = LIST.format(table="Finding", name="finding")
    page = asker(query, order=[{"by": "STATE"}])["findings"]
    after = page["pageInfo"]["endCursor"]
    error = asker.error(query, order=[{"by": "STATE"}, {"by": "VALID_UNTIL"}], after=after)
    assert isinstance(error, CursorError)


@pytest.mark.parametrize("list_", ["document(id: \"s000000/privacy-policy\")",
                                   "requirement(id: \"us-ca/ccpa/opt-out-signal-frictionless\")"])  # fmt: skip
def test_lists_within_take_the_same_orders(asker: Asker, list_: str) -> None:
    """The findings of one document or requirement."""
    query = f"""{{ of: {list_} {{ findings(first: 500, filter: {{ever: true}}, orderBy: [
        {{by: STATE, direction: DESC}}, {{by: DOCUMENT}}]) {{ nodes {{ state document {{ id }} }} }}
    }} }}"""
    nodes = asker(query)["of"]["findings"]["nodes"]
    names = [node["state"].lower().replace("_", "-") for node in nodes]
    assert names == sorted(names, reverse=True)
    assert len(nodes) > 0
    assert all(ID in node["document"]["id"] for node in nodes)
