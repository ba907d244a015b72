"""From captures to a history: changes between neighbours and the terms exchanged in them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.mossgate import (
    ANSWER,
    ASK,
    BARE,
    CUT,
    ERROR,
    KEPT,
    LONGER,
    NEWER,
    OTHER,
    POLICY,
    SHARED,
    SOLD,
    START,
    UNDATED,
    Made,
    swap,
)


def test_change_between_neighbours() -> None:
    """A change names its two versions, the moment and the passages, added and removed ones too."""
    made = Made(POLICY, swap(SOLD, "Payments may take up to 14 days to arrive at our bank."))

    (change,) = made.of("Change")
    assert change["observedAt"] == START + timedelta(days=1)
    assert change["label"] == "Mossgate Privacy Policy, 2024-01-02: meaning"
    assert (change["addedCount"], change["removedCount"]) == (1, 1)
    assert {kind for kind, _, _ in made.deltas(change)} == {"added", "removed"}
    added = [each for each in made.of("Delta") if "before" not in each]
    assert all("similarity" not in each for each in made.of("Delta"))
    assert [made.side(each, "after")[:8] for each in added] == ["Payments"]


@pytest.mark.parametrize("accidents", [[ERROR], [ERROR, BARE], [CUT], [ERROR, ERROR + "\n"]])
def test_bridging_change(accidents: list[str]) -> None:
    """What really changed is told against the last whole version, once the capture is repaired."""
    made = Made(POLICY, *accidents, OTHER)

    last = len(accidents) + 2
    *direct, bridge = made.of("Change")
    assert made.steps()[-1] == (1, last, "meaning", True)
    assert [step[:2] for step in made.steps()[:-1]] == [(at, at + 1) for at in range(1, last)]
    assert bridge["id"] == f"{direct[-1]['id']}-bridge"
    assert made.deltas(bridge) == [("reworded", KEPT, LONGER)]
    assert all(made.deltas(each) == [] for each in direct)
    assert made.revised == {LONGER: KEPT}
    assert made.faults() == set()


def test_repair_without_a_change_is_not_bridged() -> None:
    """Where the repaired capture is the last whole one again, there is nothing to tell."""
    assert [step[3] for step in Made(POLICY, ERROR, POLICY).steps()] == [False, False]
    assert [step[3] for step in Made(ERROR, POLICY).steps()] == [False]


@pytest.mark.parametrize(
    ("before", "after", "silent"),
    [
        (POLICY, OTHER, True),
        (POLICY, swap(KEPT, LONGER, NEWER), False),
        (UNDATED, swap(KEPT, LONGER, UNDATED), None),
        (POLICY, swap(KEPT, LONGER, UNDATED), None),
        (UNDATED, OTHER, None),
        (POLICY, NEWER, None),
        (POLICY, swap("parcels", "parcles"), None),
        (POLICY, ERROR, None),
    ],
)
def test_silent(before: str, after: str, silent: bool | None) -> None:
    """Silent is a change of meaning under one announced date; without two dates none can say."""
    (change,) = Made(before, after).of("Change")

    assert change.get("silent") is silent


def test_bridging_change_may_be_silent() -> None:
    """The dates of the two whole versions count, not that of the accident between them."""
    made = Made(POLICY, ERROR, OTHER)

    assert [each.get("silent") for each in made.of("Change")] == [None, None, True]
    dates = [each.get("announcedDate") for each in made.versions]
    assert dates == ["2024-03-03", None, "2024-03-03"]


def terms(made: Made) -> list[tuple[str, str | None, str | None, str, str]]:
    """Group, both words, and the words of the delta on both sides, of each changed term."""
    found = []
    for each in made.of("ChangedTerm"):
        delta = made.node[each["delta"]]
        assert each["change"] == delta["change"]
        sides = made.side(delta, "before"), made.side(delta, "after")
        group = each["termGroup"].rpartition("/")[2]
        found.append((group, each.get("termBefore"), each.get("termAfter"), *sides))
    return sorted(found, key=str)


def test_changed_terms_lead_to_their_passage() -> None:
    """Each number and word of force is linked to the delta in whose sentence it was exchanged."""
    must = SHARED.replace("may", "must")
    answer = f"{ASK} {ANSWER}"
    sooner = answer.replace("90", "45")
    text = swap(KEPT, LONGER, swap(SHARED, must, swap(answer, sooner)))

    assert terms(Made(POLICY, text)) == [
        ("modal", "may", "must", SHARED, must),
        ("number", "30", "45", KEPT, LONGER),
        ("number", "90", "45", answer, sooner),
    ]


def test_terms_of_passages_that_stand_on_one_side() -> None:
    """A number that came or went with its sentence has no word on the other side."""
    added = "Payments may take up to 14 days to arrive at our bank."

    assert terms(Made(POLICY, POLICY + f"\n{added}\n")) == [("number", None, "14", "", added)]
    assert terms(Made(POLICY, swap(KEPT, ""))) == [("number", "30", None, KEPT, "")]


def test_term_in_one_of_two_equal_sentences() -> None:
    """Offsets and not words decide to which passage a term belongs."""
    twice = POLICY + f"\n{KEPT}\n"
    text = POLICY + f"\n{LONGER}\n"
    made = Made(twice, text)

    assert terms(made) == [("number", "30", "45", KEPT, LONGER)]
    (delta,) = made.of("Delta")
    assert made.node[delta["before"]]["start"] == twice.rindex(KEPT)
