"""Agreement of two readers: every figure here was worked out by hand."""

from __future__ import annotations

import pytest

from clausegraph.loaders.agreement import (
    Counts,
    Labels,
    between,
    count,
    intervals,
    kappa,
    presences,
    present,
)

A, B, AB, NONE = frozenset("a"), frozenset("b"), frozenset("ab"), frozenset[str]()


def test_blocks_are_counted_label_by_label() -> None:
    """True and found, found only, missed; what neither reader saw counts nowhere."""
    blocks = [(A, A), (AB, B), (NONE, A), (B, NONE), (NONE, NONE)]
    assert count(blocks, "a") == Counts(both=1, found=1, missed=1)
    assert count(blocks, "b") == Counts(both=1, found=0, missed=1)


def test_figures_of_a_count() -> None:
    """Six right, two too many, four missed: 6/8, 6/10, and 12/18."""
    counts = Counts(both=6, found=2, missed=4)
    assert counts.precision == 0.75
    assert counts.recall == 0.6
    assert counts.f1 == pytest.approx(2 / 3)


def test_figures_without_blocks() -> None:
    """A share of nothing is not told; F1 is nothing."""
    assert (Counts().precision, Counts().recall, Counts().f1) == (None, None, 0.0)
    assert Counts(missed=3).precision is None
    assert Counts(found=3).recall is None


def test_documents_add_up() -> None:
    """Blocks are pooled before shares are taken."""
    assert Counts(1, 2, 3) + Counts(10, 20, 30) == Counts(11, 22, 33)


def test_every_two_readers_are_compared() -> None:
    """Three readers on two blocks: 1 and 2 agree once, 1 and 3 never, 2 and 3 once."""
    readers: list[list[Labels]] = [[A, NONE], [A, A], [NONE, A]]
    counts = between(readers, "a")
    assert counts.both == 2
    assert counts.found + counts.missed == 4
    assert counts.f1 == 0.5


def test_readers_of_different_blocks_are_refused() -> None:
    """Nothing is compared that does not belong together."""
    with pytest.raises(ValueError, match="zip"):
        between([[A], [A, A]], "a")


def test_one_reader_has_nobody_to_agree_with() -> None:
    """No pair, no count."""
    assert between([[A, A]], "a") == Counts()


def test_an_interval_of_equal_documents_is_a_point() -> None:
    """Whatever is drawn, F1 stays 2/3, and the mean of both labels 5/6."""
    labels, mean = intervals([[Counts(1, 1, 0), Counts(1, 0, 0)]] * 9, draws=50)
    assert labels[0] == pytest.approx((2 / 3, 2 / 3))
    assert labels[1] == (1.0, 1.0)
    assert mean == pytest.approx((5 / 6, 5 / 6))


def test_an_interval_of_two_documents() -> None:
    """A right and a wrong one: both alike, or one of each, so 0, 1 and 1/2 are all there is.

    A quarter of the draws gives either end, so 95 of 100 reach from end to end.
    """
    labels, mean = intervals([[Counts(both=1)], [Counts(found=1, missed=1)]])
    assert labels == [(0.0, 1.0)]
    assert mean == (0.0, 1.0)


def test_an_interval_is_drawn_alike_each_time() -> None:
    """The same documents, the same interval; documents are drawn, not blocks."""
    documents = [[Counts(each, 20 - each, each % 3)] for each in range(20)]
    first, second = intervals(documents, draws=200), intervals(documents, draws=200)
    assert first == second
    low, high = first[1]
    assert low < sum((row[0] for row in documents), Counts()).f1 < high


def test_an_interval_without_documents() -> None:
    """Nothing to draw from."""
    assert intervals([]) == ([], (0.0, 0.0))


def test_kappa_by_hand() -> None:
    """Agreed in 35 of 50; the first says yes 25 times, the second 30: chance 1/2, kappa 0.4."""
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10
    pairs += [(False, False)] * 15
    assert kappa(pairs) == pytest.approx(0.4)


def test_kappa_at_its_ends() -> None:
    """Full agreement, full disagreement, and what says nothing."""
    assert kappa([(True, True), (False, False)]) == 1.0
    assert kappa([(True, False), (False, True)]) == -1.0
    assert kappa([(True, True), (True, True)]) is None
    assert kappa([]) is None


def test_presence_in_a_document() -> None:
    """One block is enough."""
    assert present([NONE, A], "a")
    assert not present([NONE, A], "b")


def test_presence_is_compared_in_both_orders() -> None:
    """So that it does not matter which annotator is first."""
    readers: list[list[Labels]] = [[A], [NONE], [A]]
    assert sorted(presences(readers, "a")) == [
        (False, True), (False, True), (True, False), (True, False), (True, True), (True, True),
    ]  # fmt: skip
