"""How far two readers agree on the blocks of documents, and how sure a figure is.

Pure counting over labels: block-level precision, recall and F1, intervals by drawing documents
anew, and Cohen's kappa on whether a label is present in a document at all. A reader is a person or
the software; nothing here knows which.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

Labels = frozenset[str]
Blocks = Sequence[tuple[Labels, Labels]]
"""A document: for each block what is true of it, and what was found in it."""
Interval = tuple[float, float]

DRAWS = 1_000
_SEED = 1798
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Counts:
    """Blocks to which both readers gave a label, to which only the second, and only the first."""

    both: int = 0
    found: int = 0
    missed: int = 0

    def __add__(self, other: Counts) -> Counts:
        """The counts of two documents together."""
        return Counts(self.both + other.both, self.found + other.found, self.missed + other.missed)

    @property
    def precision(self) -> float | None:
        """Of the blocks found, the share that is true; None if none was found."""
        return _share(self.both, self.both + self.found)

    @property
    def recall(self) -> float | None:
        """Of the true blocks, the share that was found; None if there are none."""
        return _share(self.both, self.both + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 0 where nothing is true and nothing was found."""
        return _share(2 * self.both, 2 * self.both + self.found + self.missed) or 0.0


def count(blocks: Blocks, label: str) -> Counts:
    """The counts of a label in one document."""
    both = found = missed = 0
    for true, seen in blocks:
        if label in true:
            both, missed = both + (label in seen), missed + (label not in seen)
        else:
            found += label in seen
    return Counts(both, found, missed)


def between(readers: Sequence[Sequence[Labels]], label: str) -> Counts:
    """The counts of a label over every two readers of one document, who read the same blocks.

    F1 takes no account of who is first; precision and recall mean nothing here.
    """
    pairs = combinations(readers, 2)
    return sum((count(list(zip(a, b, strict=True)), label) for a, b in pairs), Counts())


def intervals(
    documents: Sequence[Sequence[Counts]], draws: int = DRAWS
) -> tuple[list[Interval], Interval]:
    """Where each label's F1, and the mean of them, lie in 95 of 100 draws.

    `documents` holds for each document the counts of each label, in one order. A draw takes as many
    documents as there are, with return; the same documents always give the same draws.
    """
    if not documents:
        return [], (0.0, 0.0)
    chance, size = random.Random(_SEED), len(documents)  # no secret depends on it
    drawn = [_scores(chance.choices(documents, k=size)) for _ in range(draws)]
    labels = [_middle(column) for column in zip(*drawn, strict=True)]
    return labels, _middle(fmean(scores) for scores in drawn)


def _scores(documents: Sequence[Sequence[Counts]]) -> list[float]:
    """The F1 of each label over some documents together."""
    scores = []
    for column in zip(*documents, strict=True):
        both = sum(each.both for each in column)
        others = sum(each.found + each.missed for each in column)
        scores.append(_share(2 * both, 2 * both + others) or 0.0)
    return scores


def _middle(values: Iterable[float]) -> Interval:
    """What is left of some values without 2.5 of 100 at either end."""
    ordered = sorted(values)
    cut = int(_TAIL * len(ordered))
    return ordered[cut], ordered[len(ordered) - 1 - cut]


def kappa(pairs: Iterable[tuple[bool, bool]]) -> float | None:
    """Cohen's kappa: the agreement of two readers' yes and no beyond chance.

    None without pairs, and where chance alone always agrees, as when both say yes everywhere.
    """
    said = list(pairs)
    if not said:
        return None
    first, second = (fmean(each[reader] for each in said) for reader in (0, 1))
    chance = first * second + (1 - first) * (1 - second)
    same = fmean(a == b for a, b in said)
    return None if chance == 1 else (same - chance) / (1 - chance)


def present(blocks: Iterable[Labels], label: str) -> bool:
    """Whether a label stands on any block of a document."""
    return any(label in each for each in blocks)


def presences(readers: Sequence[Sequence[Labels]], label: str) -> list[tuple[bool, bool]]:
    """What every two readers of a document say on a label's presence, each pair in both orders."""
    said = [present(each, label) for each in readers]
    return [pair for a, b in combinations(said, 2) for pair in ((a, b), (b, a))]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
