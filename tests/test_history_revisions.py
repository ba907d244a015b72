"""From captures to a history: which passage became which."""

from __future__ import annotations

from clausegraph.ontology.iris import concept
from tests.mossgate import (
    ANSWER,
    ASK,
    CUT,
    KEPT,
    LONGER,
    OTHER,
    POLICY,
    SHARED,
    Made,
    swap,
)


def test_reworded_provision_goes_back_to_its_earlier_wording() -> None:
    """A reworded sentence is another provision, which was a revision of the first."""
    third = swap("30 days", "60 days")
    made = Made(POLICY, OTHER, third)

    assert made.revised == {LONGER: KEPT, KEPT.replace("30", "60"): LONGER}


def test_return_to_an_earlier_wording_makes_no_circle() -> None:
    """The wording that came first is a revision of nothing, however often it comes back."""
    made = Made(POLICY, OTHER, POLICY, OTHER)

    assert made.revised == {LONGER: KEPT}
    assert made.runs(KEPT) == [(1, 1), (3, 3)]


def test_wording_that_stood_before_goes_back_to_nothing() -> None:
    """What was added as new words is a revision of nothing, though it replaces others later."""
    made = Made(POLICY, POLICY + f"\n{LONGER}\n", POLICY, OTHER)

    (kind,) = [each[0] for each in made.deltas(made.of("Change")[-1])]
    assert kind == "reworded"
    assert made.revised == {}


def test_wording_that_first_stood_in_an_accident_goes_back() -> None:
    """A capture that is cut off may bring a new wording; the whole one after it is compared."""
    made = Made(POLICY, swap(KEPT, LONGER, CUT), OTHER)

    assert made.states == ["whole", "truncated", "whole"]
    assert made.steps()[-1] == (1, 3, "meaning", True)
    assert made.revised == {LONGER: KEPT}


def test_split_passage() -> None:
    """Both parts of a passage that was split go back to it."""
    whole = f"{ASK} {ANSWER}"
    made = Made(POLICY, swap(whole, f"{ASK}\n\n{ANSWER}"))

    (change,) = made.of("Change")
    assert change["significance"] == concept("significance", "markup")
    assert change["splitCount"] == 2
    assert made.deltas(change) == [("split", whole, ASK), ("split", whole, ANSWER)]
    assert made.revised == {ASK: whole, ANSWER: whole}


def test_merged_passages() -> None:
    """A passage that was merged goes back to all of its parts."""
    whole = f"{ASK} {ANSWER}"
    made = Made(swap(whole, f"{ASK}\n\n{ANSWER}"), POLICY)

    (change,) = made.of("Change")
    assert change["mergedCount"] == 2
    assert made.deltas(change) == [("merged", ASK, whole), ("merged", ANSWER, whole)]
    (provision,) = [each for each in made.of("Provision") if each["normalisedText"] == whole]
    assert [made.words(each) for each in provision["wasRevisionOf"]] == [ASK, ANSWER]


def test_split_that_is_taken_back_makes_no_circle() -> None:
    """Parts go back to the whole, and the whole, which came first, to nothing."""
    whole = f"{ASK} {ANSWER}"
    made = Made(POLICY, swap(whole, f"{ASK}\n\n{ANSWER}"), POLICY)

    assert made.revised == {ASK: whole, ANSWER: whole}


def test_moved_passage() -> None:
    """A passage that only moved is one provision with a run under each heading, and no revision."""
    made = Made(POLICY, swap(f"{SHARED}\n\n", "") + f"\n{SHARED}\n")

    (change,) = made.of("Change")
    assert change["movedCount"] == 1
    assert not {f"{kind}Count" for kind in ("added", "removed", "reworded")} & change.keys()
    assert made.deltas(change) == [("moved", SHARED, SHARED)]
    assert made.runs(SHARED) == [(1, 1), (2, None)]
    assert made.revised == {}
