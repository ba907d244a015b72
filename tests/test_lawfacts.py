"""The law as assessments see it: who may do what on a day, what changes what, who was acted upon."""

from __future__ import annotations

from datetime import date

import pytest
from pyoxigraph import NamedNode

from clausegraph.loaders.lawfacts import LawFacts, lawfacts
from clausegraph.ontology.iris import NS, mint
from tests.assessing import law, law_quads, requirement

DAY = date(2026, 3, 1)


def powers(place: str, day: str, rules: LawFacts | None = None) -> set[tuple[str, str, bool]]:
    """Enforcers with kind and exclusiveness of their powers."""
    held = (rules or law()).powers(place, date.fromisoformat(day))
    return {(each.name, each.kind, each.exclusive) for each in held}


def test_powers_change_with_the_day() -> None:
    """Alone at first, shared since; nothing before an act takes effect."""
    general = "California Attorney General"
    agency = "California Privacy Protection Agency"
    assert powers("us-ca", "2020-06-30") == {(general, "rulemaking", True)}
    assert (general, "civil-action", True) in powers("us-ca", "2023-06-30")
    after = powers("us-ca", "2023-07-01")
    assert (general, "civil-action", False) in after
    assert (agency, "administrative-enforcement", False) in after
    assert (agency, "rulemaking", True) in after
    assert powers("us-va", "2022-12-31") == set()
    assert powers("us-ct", "2026-03-01") == {("Connecticut Attorney General", "civil-action", True)}


def test_a_power_that_is_taken_from_the_law_is_gone() -> None:
    """The powers come from the quads, not from anywhere else."""
    wanted = mint("power", "us-ct", "attorney-general", "civil-action-2023")
    assert any(quad.subject == NamedNode(wanted) for quad in law_quads())
    without = lawfacts(quad for quad in law_quads() if quad.subject != NamedNode(wanted))
    assert powers("us-ct", "2026-03-01", without) == set()


@pytest.mark.parametrize(
    ("place", "day", "most"),
    [
        ("us-ca", "2024-12-31", {(2500, 7500), (750,)}),
        ("us-ca", "2025-01-01", {(2663, 7988), (799,)}),
        ("us-va", "2026-03-01", {(7500,), ()}),
        ("us-co", "2026-03-01", {(20_000, 50_000)}),
        ("us-ct", "2026-03-01", {(5000,)}),
        ("us-ct", "2023-06-30", set()),
    ],
)
def test_penalties_of_a_regime(place: str, day: str, most: set[tuple[int, ...]]) -> None:
    """The amounts of the day, of the regime's own instruments."""
    held = law().penalties(place, date.fromisoformat(day))
    assert {each.most for each in held} == most
    assert all(each.citations for each in held)


def test_acts_up_to_a_day() -> None:
    """Acts in the order of their days, none of a law beside the regime."""
    names = [each.name for each in law().changes("us-ca", date(2023, 12, 31))]
    assert "CPRA" in names
    assert "AB 947 (2023)" not in names
    later = {each.name for each in law().changes("us-ca", None)}
    assert {"AB 947 (2023)", "SB 923 (2026)"} <= later
    assert "SB 362 (2023)" not in later  # it changes a law of another regime
    firsts = [each.first for each in law().changes("us-ct", None)]
    assert firsts == sorted(firsts)


def test_relations_are_seen_from_both_sides() -> None:
    """A superset is a subset from the other side; relations change with the day."""
    ours, theirs = (
        requirement("us-ca/ccpa/right-to-access"),
        requirement("us-va/vcdpa/right-to-access"),
    )
    forth = {each.other: each.relation for each in law().relations(ours, DAY)}
    back = {each.other: each.relation for each in law().relations(theirs, DAY)}
    assert (forth[theirs], back[ours]) == ("superset", "subset")
    assert law().relations(ours, date(2022, 12, 31)) == []
    connecticut = requirement("us-ct/ctdpa/right-to-access")
    assert forth[connecticut] == "superset"
    turned = {each.other: each.relation for each in law().relations(ours, date(2026, 7, 1))}
    assert turned[connecticut] == "intersects"


def test_a_known_absence_is_another_side() -> None:
    """California has no appeal, and Virginia's rule knows it."""
    held = law().relations(requirement("us-va/vcdpa/appeal"), DAY)
    assert [each.relation for each in held if "/absence/" in each.other] == ["none"]


@pytest.mark.parametrize(
    ("name", "day", "count"),
    [
        ("us-ca/ccpa-regulations/verification", "2025-03-11", 0),
        ("us-ca/ccpa-regulations/verification", "2025-03-12", 1),
        ("us-ca/ccpa-regulations/verification", "2026-03-05", 2),
        # It cites the whole of a section of which only another part was acted upon.
        ("us-ca/ccpa/opt-out-of-targeted-advertising", "2026-03-05", 0),
        ("us-ca/ccpa/right-to-delete", "2026-03-05", 0),
    ],
)
def test_actions_that_cite_a_rule(name: str, day: str, count: int) -> None:
    """From the day of the announcement, and only where the same place is cited."""
    at = date.fromisoformat(day)
    wording = law().wording(requirement(name), at)
    assert wording is not None
    found = law().actions([wording], at)
    assert len(found) == count
    for each in found:
        assert each.cites(wording)
        assert each.amount
        assert each.enforcers
        assert each.announced <= at


def test_wordings_by_day() -> None:
    """A requirement reads otherwise from a day on, and keeps its name."""
    name = requirement("us-ca/ccpa-regulations/notice-contact")
    assert law().wording(name, date(2023, 3, 28)) is None
    before, after = law().wording(name, date(2025, 12, 31)), law().wording(name, date(2026, 1, 1))
    assert before is not None
    assert after is not None
    assert before.iri != after.iri
    assert before.name == after.name
    assert after.citations == ("Cal. Code Regs. tit. 11, §7011(e)(3)(J)",)


def test_the_clock_of_a_deadline_is_told_in_words() -> None:
    """The law's own time, as its quantity says it."""
    wording = law().wording(requirement("us-va/vcdpa/response-time"), DAY)
    assert wording is not None
    assert wording.periods == ("at most 45 calendar days",)


def test_days_have_every_edge_of_what_is_told() -> None:
    """The days on which an assessment may have to be cut."""
    days = set(law().days)
    assert {date(2023, 7, 1), date(2025, 1, 1), date(2025, 3, 12), date(2026, 7, 1)} <= days
    assert list(law().days) == sorted(days)
    cites = NamedNode(NS + "cites")
    silent = lawfacts(
        quad
        for quad in law_quads()
        if not (quad.predicate == cites and "/action/" in str(quad.subject))
    )
    assert date(2025, 3, 12) not in silent.days  # an action that cites nothing changes nothing


def test_regimes_and_places_have_their_names() -> None:
    """Names come from the law's labels."""
    assert law().places == {
        "us-ca": "California",
        "us-co": "Colorado",
        "us-ct": "Connecticut",
        "us-va": "Virginia",
    }
    assert law().regimes["us-co"].name == "CPA"
    assert len(law().regimes["us-co"].instruments) == 2
