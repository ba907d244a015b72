"""How readings of documents compare with labels given by hand.

A label file is tab-separated text with the header `commit path item state scope polarity linked
reason`; it holds no policy text. Pure: nothing is read but that file, and nothing is decided here.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from clausegraph.ontology.errors import ClausegraphError

COLUMNS: Final = ("commit", "path", "item", "state", "scope", "polarity", "linked", "reason")
STATES: Final = ("stated", "denied", "not-stated", "unclear")
"""What a reader may say; ``unclear`` where a careful reader could argue either way."""
SCOPES: Final = ("state", "general", "other", "")
POLARITIES: Final = ("positive", "negative", "")
SCORED: Final = ("stated", "denied", "not-stated")
"""The states of which precision and recall are told."""
_COMMIT = re.compile(r"[0-9a-f]{40}")


class LabelError(ClausegraphError):
    """A label file that cannot be scored; the message names the file and the line."""

    code = "labels-unreadable"


@dataclass(frozen=True, slots=True)
class Label:
    """What a reader says of one item of one document as a commit has it; `line` is in the file."""

    commit: str
    path: str
    item: str
    state: str
    scope: str
    polarity: str
    linked: bool
    reason: str
    line: int

    @property
    def document(self) -> tuple[str, str]:
        """The commit and the path: one version of one document."""
        return self.commit, self.path


@dataclass(slots=True)
class Score:
    """Counts of pairs of a label and a reading, for one item or for all.

    `unclear` labels are counted and left out of the rest, as are `unread` ones, of documents
    without a reading. `abstained` counts readings that are not-examined.
    """

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    unclear: int = 0
    unread: int = 0
    polarity_right: int = 0
    polarity_of: int = 0

    def precision(self, state: str) -> float | None:
        """Of the readings with a state, the share that the reader shares; None if there are none."""
        return _share(self.pairs[state, state], sum(self._read(state)))

    def recall(self, state: str) -> float | None:
        """Of the labels with a state, the share that is read so; abstentions are missing here."""
        return _share(self.pairs[state, state], self.labelled(state))

    def labelled(self, state: str) -> int:
        """How many labels have a state."""
        return sum(count for (label, _), count in self.pairs.items() if label == state)

    @property
    def scored(self) -> int:
        """How many labels were held against a reading."""
        return sum(self.pairs.values())

    @property
    def abstained(self) -> int:
        """How many readings decided nothing."""
        return sum(self._read("not-examined"))

    @property
    def agreement(self) -> float | None:
        """The share of decided readings that have the reader's state."""
        same = sum(self.pairs[state, state] for state in SCORED)
        return _share(same, self.scored - self.abstained)

    def _read(self, state: str) -> Iterator[int]:
        return (count for (_, read), count in self.pairs.items() if read == state)


@dataclass(frozen=True, slots=True)
class Miss:
    """A label and the state that was read instead of its own."""

    label: Label
    read: str


@dataclass(frozen=True, slots=True)
class Scores:
    """The score of each item, that of all items together, and every miss in the file's order."""

    items: dict[str, Score]
    total: Score
    misses: tuple[Miss, ...]


def read_labels(path: Path, items: Collection[str] | None = None) -> tuple[Label, ...]:
    """Read a label file; `items` are those that there are, where it is known.

    Raises `LabelError` naming file and line: other columns, an unknown item, state, scope, polarity
    or flag, a commit that is none, an item labelled twice.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path} cannot be read", hint=str(error)) from error
    rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(next(rows, [])) != COLUMNS:
        raise LabelError(f"{path}:1: the header is not {' '.join(COLUMNS)}", hint=_HINT)
    made: dict[tuple[str, str, str], Label] = {}
    for line, row in enumerate(rows, start=2):
        if not row:
            continue
        label = _label(path, line, row)
        if items is not None and label.item not in items:
            raise _unknown(path, line, label.item, items)
        if (first := made.setdefault((*label.document, label.item), label)) is not label:
            raise _wrong(path, line, f"{label.item} stands in line {first.line} already")
    return tuple(made.values())


def score(
    labels: Iterable[Label], readings: Mapping[tuple[str, str], Mapping[str, tuple[str, str]]]
) -> Scores:
    """Hold readings against labels.

    `readings` gives for each document (commit, path) the state and polarity of each item.
    """
    items: dict[str, Score] = {}
    total, misses = Score(), []
    for label in labels:
        state, polarity = readings.get(label.document, {}).get(label.item, ("", ""))
        for each in (items.setdefault(label.item, Score()), total):
            _count(each, label, state, polarity)
        if state and label.state not in ("unclear", state):
            misses.append(Miss(label, state))
    return Scores(dict(sorted(items.items())), total, tuple(misses))


def _count(score: Score, label: Label, state: str, polarity: str) -> None:
    """Add one label and what was read of it."""
    if label.state == "unclear":
        score.unclear += 1
    elif not state:
        score.unread += 1
    else:
        score.pairs[label.state, state] += 1
        if state == label.state == "stated" and label.polarity:
            score.polarity_of += 1
            score.polarity_right += polarity == label.polarity


def _label(path: Path, line: int, row: Sequence[str]) -> Label:
    """One line of a label file, checked."""
    if len(row) != len(COLUMNS):
        raise _wrong(path, line, f"{len(row)} columns instead of {len(COLUMNS)}")
    commit, document, item, state, scope, polarity, linked, reason = (each.strip() for each in row)
    known = (
        ("state", state, STATES),
        ("scope", scope, SCOPES),
        ("polarity", polarity, POLARITIES),
        ("linked", linked, ("true", "false")),
    )
    for name, value, values in known:
        if value not in values:
            raise _wrong(
                path, line, f"{name} {value!r} is none of {', '.join(filter(None, values))}"
            )
    if not _COMMIT.fullmatch(commit):
        raise _wrong(path, line, f"{commit!r} is no commit id")
    if not document or not item:
        raise _wrong(path, line, "path or item is missing")
    slug = item.replace("_", "-")
    return Label(commit, document, slug, state, scope, polarity, linked == "true", reason, line)


def _wrong(path: Path, line: int, problem: str) -> LabelError:
    return LabelError(f"{path}:{line}: {problem}", hint=_HINT)


def _unknown(path: Path, line: int, item: str, items: Collection[str]) -> LabelError:
    """An item that no reading has: it would be counted as unread and cost nothing."""
    near = get_close_matches(item, sorted(items), 3, 0.6)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(sorted(items))}."
    return LabelError(f"{path}:{line}: item {item!r} is unknown", hint=hint, value=item)


_HINT = "A line holds, separated by tabs: " + ", ".join(COLUMNS)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
