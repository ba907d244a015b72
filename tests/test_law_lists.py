"""Lists of law: filters joined by and, or and not, relations, orders by several keys with nulls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Entity
from clausegraph.ontology.iris import concept, mint
from tests.small_histories import TODAY, Asker, reader_of

CALM = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
PAGES = """query($f: {kind}Filter, $o: [{kind}Order!], $after: String) {{ {list}(filter: $f,
    orderBy: $o, first: 200, after: $after) {{ totalCount nodes {{ id }}
    pageInfo {{ hasNextPage endCursor }} }} }}"""


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Asks a release of the law alone."""
    data: Path = tmp_path_factory.mktemp("law") / "data"
    load(data)
    publish(data)
    return Asker(reader_of(data), 10**7)


def every(asker: Asker, list_: str, kind: str, filter: Any = None, order: Any = None) -> list[str]:
    """The ids of a whole list, page after page; it is as long as it says."""
    query = PAGES.format(list=list_, kind=kind)
    found: list[str] = []
    after = None
    while True:
        page = asker(query, f=filter, o=order, after=after)[list_]
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found
        after = page["pageInfo"]["endCursor"]


Tests = dict[str, Callable[[Entity, Any], bool]]


def joined(leaves: dict[str, Any]) -> Any:
    """Filters of such fields, joined anyhow."""
    one = st.one_of(*(st.fixed_dictionaries({key: each}) for key, each in leaves.items()))
    return st.recursive(
        one,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"and": st.lists(inner, max_size=3)}),
            st.fixed_dictionaries({"or": st.lists(inner, max_size=3)}),
            st.fixed_dictionaries({"not": inner}),
        ),
        max_leaves=5,
    )


def meets(each: Entity, wanted: dict[str, Any], tests: Tests) -> bool:
    """Whether an entity meets a filter, read word by word."""
    words: Tests = {
        "and": lambda e, asked: all(meets(e, one, tests) for one in asked),
        "or": lambda e, asked: any(meets(e, one, tests) for one in asked),
        "not": lambda e, asked: not meets(e, asked, tests),
    }
    return all((tests | words)[key](each, asked) for key, asked in wanted.items())


def points(key: str, kind: str) -> Callable[[Entity, Any], bool]:
    """That a property leads to one of some things."""
    return lambda e, asked: not {mint(kind, *a.split("/")) for a in asked}.isdisjoint(e.all(key))


def one(key: str, scheme: str) -> Callable[[Entity, Any], bool]:
    """That a property is one of some concepts."""
    return lambda e, asked: (
        e.one(key) in {concept(scheme, a.lower().replace("_", "-")) for a in asked}
    )


def some_of(*names: str) -> Any:
    """A list of some of these."""
    return st.lists(st.sampled_from(names), min_size=1, max_size=2)


PLACES = some_of("us-ca", "us-co")
TEXTS = some_of("us-ca/ccpa", "us-co/cpa")


@CALM
@given(wanted=joined({"jurisdiction": PLACES, "instrument": TEXTS,
                      "kind": some_of("RIGHT", "DUTY", "DEADLINE"),
                      "text": st.sampled_from(["delete", "sale"])}))  # fmt: skip
def test_requirements_are_what_a_naive_reading_finds(asker: Asker, wanted: Any) -> None:
    """Filters joined anyhow."""
    tests: Tests = {
        "jurisdiction": points("jurisdiction", "jurisdiction"),
        "instrument": points("instrument", "instrument"),
        "kind": one("kind", "requirement-kind"),
        "text": lambda e, asked: asked in str(e.one("label")).casefold(),
    }
    rows = [e for e in asker.reader.of_type("Requirement") if meets(e, wanted, tests)]
    rows.sort(key=lambda e: (e.one("label"), e.iri))
    assert every(asker, "requirements", "Requirement", wanted) == [e.iri for e in rows]


@CALM
@given(wanted=joined({"jurisdiction": PLACES, "neighbour": st.booleans(),
                      "kind": some_of("STATUTE", "REGULATION", "ACT")}),
       keys=st.lists(st.fixed_dictionaries({
           "by": st.sampled_from(["ENACTED", "EFFECTIVE", "OPERATIVE"]),
           "direction": st.sampled_from(["ASC", "DESC"]),
           "nulls": st.sampled_from(["FIRST", "LAST"])}), min_size=1, max_size=3))  # fmt: skip
def test_instruments_stand_in_the_order_that_was_told(asker: Asker, wanted: Any, keys: Any) -> None:
    """By several keys, with nulls where they were told, ties by id."""
    tests: Tests = {
        "jurisdiction": points("jurisdiction", "jurisdiction"),
        "neighbour": lambda e, asked: e.one("neighbour") is asked,
        "kind": one("instrumentKind", "instrument-kind"),
    }
    rows = [e for e in asker.reader.of_type("Instrument") if meets(e, wanted, tests)]
    rows.sort(key=lambda e: e.iri)
    for key in reversed(keys):
        name = key["by"].lower()
        there = [e for e in rows if e.one(name) is not None]
        none = [e for e in rows if e.one(name) is None]
        days = sorted({e.one(name) for e in there}, reverse=key["direction"] == "DESC")
        there = [e for day in days for e in there if e.one(name) == day]
        rows = none + there if key["nulls"] == "FIRST" else there + none
    assert every(asker, "instruments", "Instrument", wanted, keys) == [e.iri for e in rows]


@CALM
@given(wanted=joined({"instrument": TEXTS, "kind": some_of("CIVIL_ACTION", "RULEMAKING")}))
def test_the_day_of_powers_is_that_of_the_outermost_filter(asker: Asker, wanted: Any) -> None:
    """A power that is not held today is not found by what it is not."""
    tests: Tests = {
        "instrument": points("instrument", "instrument"),
        "kind": one("powerKind", "power-kind"),
    }
    rows = asker.reader.of_type("Power")
    held = {e.iri for e in rows if e.holds_on(TODAY) and meets(e, wanted, tests)}
    whole = {e.iri for e in rows if meets(e, wanted, tests)}
    assert set(every(asker, "powers", "Power", wanted)) == held
    assert set(every(asker, "powers", "Power", wanted | {"held": None})) == whole


@CALM
@given(wanted=joined({"respondent": st.sampled_from(["inc", "llc", "a"]),
                      "since": st.sampled_from(["2023-01-01", "2025-01-01"]),
                      "confidence": some_of("VERIFIED", "SINGLE_SOURCE")}))  # fmt: skip
def test_actions_are_what_a_naive_reading_finds(asker: Asker, wanted: Any) -> None:
    """The same of enforcement actions, the newest last."""
    tests: Tests = {
        "respondent": lambda e, asked: any(asked in r.casefold() for r in e.all("respondent")),
        "since": lambda e, asked: e.one("announcedOn") >= date.fromisoformat(asked),
        "confidence": one("confidence", "confidence"),
    }
    rows = [e for e in asker.reader.of_type("EnforcementAction") if meets(e, wanted, tests)]
    rows.sort(key=lambda e: (e.one("announcedOn"), e.iri))
    assert every(asker, "enforcementActions", "Action", wanted) == [e.iri for e in rows]


@pytest.mark.parametrize("word", ["some", "every", "none"])
def test_a_requirement_is_found_by_its_versions(asker: Asker, word: str) -> None:
    """Of some, of every one, of none of them."""
    words: dict[str, Callable[[list[bool]], bool]]
    words = {"some": any, "every": all, "none": lambda found: not any(found)}
    since = date(2025, 6, 1)

    def test(version: Entity) -> bool:
        return version.one("validFrom") >= since and not version.holds_on(TODAY)

    reader = asker.reader
    expected = {
        e.iri
        for e in reader.of_type("Requirement")
        if words[word]([test(v) for v in reader.back(e.iri, "versionOf", "RequirementVersion")])
    }
    inner = {"since": str(since), "not": {"inForce": True}}
    found = every(asker, "requirements", "Requirement", {"versions": {word: inner}})
    assert set(found) == expected
    assert 0 < len(expected) < len(reader.ids("Requirement"))


def test_regimes_are_listed(asker: Asker) -> None:
    """With filters and orders; a requirement is found by its regime."""
    whole = asker.reader.of_type("Regime")
    named = {e.iri for e in whole if e.one("jurisdiction").endswith("/us-ca")}
    found = every(asker, "regimes", "Regime", {"not": {"jurisdiction": ["us-ca"]}})
    held = every(asker, "regimes", "Regime", {"instrument": ["us-ca/ccpa"]})
    order = [{"by": "JURISDICTION", "direction": "DESC"}, {"by": "TITLE"}]
    sorted_ = sorted(whole, key=lambda e: (e.one("title"), e.iri))
    sorted_.sort(key=lambda e: str(e.one("jurisdiction")), reverse=True)

    assert set(found) == {e.iri for e in whole} - named
    assert len(held) == 1
    assert every(asker, "regimes", "Regime", None, order) == [e.iri for e in sorted_]
    texts = set(asker.reader.referrers(held[0], "regime"))
    of_regime = every(asker, "requirements", "Requirement", {"regime": held})
    assert set(of_regime) == {
        e.iri for e in asker.reader.of_type("Requirement") if e.one("instrument") in texts
    }
