"""The mixed load in short: every kind of request while releases follow each other, and its checks."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.crowd import KINDS, Says, Tally, read, unstated
from benchmarks.editions import digest
from benchmarks.mixed import Run, mixed, quarter, run

EDITIONS = {1: "a" * 16, 2: "b" * 16, 3: "c" * 16}


def test_everything_at_once_while_releases_follow(demonstration: Path, tmp_path: Path) -> None:
    """Nothing but the stated refusals, each answer of one release, streams told of all."""
    data = tmp_path / "data"
    shutil.copytree(demonstration, data)
    found = run(data, 12, workers=2, clients=32, every=3)

    assert found.wrong() == []
    assert len(found.editions) >= 3
    assert len(set(found.editions.values())) == len(found.editions)
    answered = {kind for kind, status, _ in found.tally.statuses if status == 200}
    assert answered >= KINDS.keys() - {"heavy", "greedy"}
    told = {number for said in found.tally.says for number in said.editions}
    assert len(told) >= 2


@pytest.mark.parametrize(
    "said",
    [
        Says("kept", "b" * 16, frozenset({2})),
        Says("light", "", frozenset({3})),
        Says("page", "", frozenset(), frozenset({digest(1)})),
        Says("verify", "a" * 16, frozenset(), frozenset(), 2),
    ],
)
def test_an_answer_of_one_release(said: Says) -> None:
    """By its release, by what it names, by its version, or by what it denies."""
    assert mixed(said, EDITIONS) == ""


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (Says("kept", "b" * 16, frozenset({1})), "more than one"),
        (Says("kept", "b" * 16, frozenset({1, 2})), "more than one"),
        (Says("light", "", frozenset({1, 2})), "more than one"),
        (Says("light", "", frozenset({7})), "more than one"),
        (Says("page", "", frozenset({1}), frozenset({digest(2)})), "more than one"),
        (Says("page", "", frozenset(), frozenset({"0" * 12})), "more than one"),
        (Says("verify", "b" * 16, frozenset(), frozenset(), 2), "more than one"),
        (Says("kept", "d" * 16, frozenset({1})), "no release"),
        (Says("light"), "does not tell"),
    ],
)
def test_an_answer_of_two_is_seen(said: Says, wrong: str) -> None:
    """Whatever in it belongs to another release, or to none."""
    assert wrong in mixed(said, EDITIONS)


def test_answers_are_read() -> None:
    """The release, every number, and a quotation that is verified or not."""
    found = '{"data":{"release":{"id":"ab"},"x":["Edition 4 of","email address for 5 days"]}}'
    assert read("kept", found, 0) == Says("kept", "ab", frozenset({4, 5}))
    verified = '{"data":{"release":{"id":"ab"},"verifyQuote":{"status":"%s"}}}'
    assert read("verify", verified % "VERIFIED", 6) == Says("verify", "ab", frozenset({6}))
    assert read("verify", verified % "NOT_FOUND", 6).denied == 6


def test_refusals_are_held_to_what_is_stated() -> None:
    """The right code, and when to come again; 504 and 304 only where they are expected."""
    assert unstated("kept", 429, "rate-limit", "1") == ""
    assert unstated("light", 503, "sparql-busy", "5") == ""
    assert unstated("heavy", 504, "query-time-limit", None) == ""
    assert unstated("persisted", 304, "", None) == ""
    assert unstated("kept", 429, "rate-limit", None)
    assert unstated("kept", 503, "no-release", "30")
    assert unstated("light", 504, "query-time-limit", None)
    assert unstated("kept", 304, "", None)
    assert unstated("kept", 500, "", None)


def test_streams_are_to_hear_of_every_release() -> None:
    """Each once and in order; the last may be late."""
    order = ["b" * 16, "c" * 16]
    whole = Run(1, 1, 1, EDITIONS, Tally(streams=[order, order[:1]]))
    assert whole.wrong() == []
    for heard in ([], order[::-1], [order[0], order[0]], ["d" * 16]):
        assert replace(whole, tally=Tally(streams=[heard])).wrong(), heard


def test_memory_that_grows_is_seen() -> None:
    """The last quarter is held against the second; the first is that of the start."""
    flat = [(float(at), 50 if at < 10 else 100) for at in range(40)]
    assert (quarter(flat, 0), quarter(flat, 3)) == (50, 100)
    assert Run(1, 1, 1, memory={1: flat}).uneven() == []
    grown = [(float(at), 100 + at) for at in range(40)]
    assert "worker 1" in Run(1, 1, 1, memory={1: grown}).uneven()[0]


def test_what_is_wrong_is_told_with_its_number() -> None:
    """Of dropped connections as of answers of two releases."""
    tally = Tally(says=Counter({Says("light", "", frozenset({1, 2})): 3}),
                  wrong=Counter({"kept: RemoteDisconnected": 2}))  # fmt: skip
    told = Run(1, 1, 1, EDITIONS, tally).wrong()
    assert [each.split(" x ")[0] for each in told] == ["2", "3"]
