"""Rows of `review list`: which tension there is, and who holds the state that a row has."""

from __future__ import annotations

from typing import Any

from clausegraph.api.reviewlist import holding, in_words

ROW: dict[str, Any] = {
    "state": "tension",
    "tension": "one-state-only",
    "otherwise": "not-stated",
    "review": "pending",
    "held_by": [],
}


def one(author: str, decision: str, state: str) -> dict[str, Any]:
    """An opinion as a row has it."""
    return {"author": author, "decision": decision, "state": state}


def test_a_tension_is_told_with_the_state_it_hides() -> None:
    """As GraphQL does."""
    told = "tension (one-state-only), otherwise not-stated"
    assert in_words(ROW) == f"{told} (pending)"
    held = ROW | {"held_by": [one("Ada Quill", "confirm", "tension")]}
    assert in_words(held) == f"{told}, confirmed by Ada Quill"


def test_a_confirmation_of_another_state_holds_nothing_here() -> None:
    """An amendment names its own state, and counts whatever the row has."""
    given = [
        one("Ada", "confirm", "stated"),
        one("Ben", "confirm", "denied"),
        one("Cy", "amend", "denied"),
    ]
    assert holding(given, "stated") == [given[0], given[2]]
