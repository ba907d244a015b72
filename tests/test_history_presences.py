"""From captures to a history: provisions, where they stand, and what an accident interrupts."""

from __future__ import annotations

import pytest

from clausegraph.loaders.historytexts import sha256_of
from clausegraph.ontology.iris import concept
from tests.mossgate import (
    BARE,
    CUT,
    ERROR,
    HOME,
    KEPT,
    LONGER,
    OTHER,
    POLICY,
    SHARED,
    SOLD,
    Made,
    day_of,
    swap,
)


def test_provision_is_kept_once() -> None:
    """A provision is one node through all versions, whatever happens to others and to markup."""
    made = Made(POLICY, OTHER, swap(SOLD, f"**{SOLD}**"), swap(SHARED, "") + f"\n{SHARED}\n")

    for words in (SOLD, SHARED):
        (provision,) = [each for each in made.of("Provision") if each["normalisedText"] == words]
        assert provision["normalisedSha256"] == sha256_of(words)
    assert made.runs(SOLD) == [(1, None)]
    assert made.runs(SHARED) == [(1, 3), (4, None)]  # now under another heading


def test_provision_that_stands_twice_is_one() -> None:
    """Words that stand at two places are one provision, quoted where they first stand."""
    made = Made(POLICY + "\n" + KEPT + "\n")

    (presence,) = made.presences(KEPT)
    quote = made.node[presence["quote"]]
    assert (quote["start"], quote["exact"]) == (POLICY.index(KEPT), KEPT)


def test_heading_path() -> None:
    """A presence says under which headings its provision stands, and ends where they change."""
    made = Made(POLICY, swap("## Your rights", "## What you may ask"))

    paths = [presence["headingPath"] for presence in made.presences(SOLD)]
    title = "Mossgate Privacy Policy \u203a "
    assert paths == [f"{title}Your rights", f"{title}What you may ask"]
    assert made.runs(SOLD) == [(1, 1), (2, None)]
    assert "headingPath" not in made.presences("Mossgate Privacy Policy")[0]


def test_run_with_a_gap() -> None:
    """A provision that went and came back has two runs, of which the last is open."""
    gone = swap(SOLD, "")
    made = Made(POLICY, POLICY + "\n", gone, gone + "\n", POLICY)

    assert made.runs(SOLD) == [(1, 2), (5, None)]
    assert made.runs(KEPT) == [(1, None)]
    assert made.days(SOLD) == [(day_of(0), day_of(1)), (day_of(4), None)]


@pytest.mark.parametrize(
    ("accident", "state"),
    [(ERROR, "empty"), (BARE, "empty"), (CUT, "truncated"), (ERROR + HOME, "error")],
)
def test_accident_does_not_interrupt_a_run(accident: str, state: str) -> None:
    """What stands before and after an accident stood through it, on all days."""
    made = Made(POLICY, accident, accident, POLICY, days=[0, 10, 20, 30])

    assert made.states == ["whole", state, state, "whole"]
    assert made.runs(SHARED) == [(1, None)]
    assert made.days(SHARED) == [(day_of(0), None)]
    assert made.faults() == set()


def test_words_of_an_accident_have_runs_of_their_own() -> None:
    """An error page has provisions, which stand on no day; they do not come into the document."""
    notice = "The page could not be found."
    made = Made(ERROR, POLICY, ERROR, ERROR + " ", POLICY, ERROR)

    assert made.runs(notice) == [(1, None)]
    assert made.days(notice) == [(None, None)]
    assert made.runs(KEPT) == [(2, None)]


def test_current_version_is_the_last_whole_one() -> None:
    """An accident at the end does not end a run, nor become the current version."""
    made = Made(POLICY, OTHER, ERROR)

    assert made.current == 2
    assert made.runs(LONGER) == [(2, None)]
    assert made.days(LONGER) == [(day_of(1), None)]
    assert Made(ERROR, BARE).current == 2


def test_empty_capture_is_sound() -> None:
    """A capture without any character is an accident like others, and breaks no shape."""
    made = Made(POLICY, "", POLICY)

    assert made.states == ["whole", "empty", "whole"]
    assert made.runs(KEPT) == [(1, None)]
    assert made.faults() == set()


@pytest.mark.parametrize(
    "accidents",
    [[BARE, ERROR + HOME], [ERROR + HOME, BARE], [BARE, ERROR, BARE], [" \n", BARE]],
)
def test_accident_after_an_accident_is_one(accidents: list[str]) -> None:
    """An error page that comes after an empty capture is no document."""
    made = Made(POLICY, *accidents, POLICY)

    assert made.states[0] == made.states[-1] == "whole"
    assert "whole" not in made.states[1:-1]
    assert made.runs(KEPT) == [(1, None)]


@pytest.mark.parametrize(("last", "state"), [(30.9, "truncated"), (31, "whole")])
def test_cut_that_stays_is_no_accident(last: float, state: str) -> None:
    """What was cut for thirty days, and was not repaired, is the document."""
    made = Made(POLICY, CUT, CUT + "\n", days=[0, 1, last])

    assert made.states == ["whole", state, state]
    assert made.runs(SOLD) == [(1, None if state == "truncated" else 1)]


def test_cut_that_stays_is_a_change() -> None:
    """Between two whole versions a change says what went; it is no accident of capturing."""
    made = Made(POLICY, CUT, CUT + "\n", days=[0, 1, 60])

    assert made.steps()[0] == (1, 2, "meaning", False)
    assert ("removed", SOLD, "") in made.deltas(made.of("Change")[0])


def test_cut_that_was_repaired_is_an_accident() -> None:
    """The same cut for a day has no deltas, which would say that the document changed."""
    made = Made(POLICY, CUT, POLICY)

    assert made.states == ["whole", "truncated", "whole"]
    assert made.steps() == [(1, 2, "capture", False), (2, 3, "capture", False)]
    assert made.of("Delta") == []
    accidents = {each["accident"] for each in made.of("Change")}
    assert accidents == {concept("capture-state", "truncated")}


LONG = (
    POLICY
    + "\n"
    + "\n\n".join(
        f"Clause {n} says what we do with letters of kind {n * 7} that reach the office."
        for n in range(40)
    )
)
GERMAN = "\n\n".join(
    f"Wir und die Leute, die mit uns arbeiten, werden Ihre Briefe nicht für {n} Tage lesen, "
    "und das ist der Grund, aus dem Sie zu uns oder mit Ihren Fragen zu der Stelle kommen." for n in range(30)
)  # fmt: skip
ENGLISH = "\n\n".join(
    f"We and the people with whom we work keep the letters that you send to our office for {n} days, "
    "and this is the reason for which you may come to us with your questions or to the board." for n in range(30)
)  # fmt: skip


def test_what_differs_between_accidents_is_no_news() -> None:
    """From one error page to another, nothing changes its meaning."""
    made = Made(POLICY, "Access denied", "503 Service Unavailable", POLICY)

    assert [step[2] for step in made.steps()] == ["capture"] * 3
    assert made.of("Delta") == []


def test_accident_in_another_language() -> None:
    """An English page for a day is the accident of a German document, not the other way round."""
    made = Made(GERMAN, ENGLISH, GERMAN)

    assert made.states == ["whole", "language", "whole"]
    assert made.current == 3


def test_rewrite_after_a_cut_is_whole() -> None:
    """A text as long as before ends the accident, be it another text."""
    half = LONG[: len(LONG) // 4]
    other = LONG.replace("letters", "parcels").replace("office", "harbour")
    made = Made(LONG, half, other, other + "\n\nWe sell none of it to anybody at any price.\n")

    assert made.states[1:] == ["truncated", "whole", "whole"]
    assert made.current == 4
