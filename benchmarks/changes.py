"""How well changes of meaning are told from others: on two samples that people labelled.

    python benchmarks/changes.py CLONE [--write]

CLONE is a clone of the Open Terms Archive collection GenAI-versions. ``tests/corpus`` holds two
samples of 150 pairs of captures each (commit, path, label, reason; no text of a policy): one read by
whoever wrote the rules, one read blind by two others before they could influence anything.
``--write`` rewrites docs/change-detection.md, which a test compares where the collection is at hand.
"""

from __future__ import annotations

import csv
import math
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from clausegraph.loaders.changes import SIGNIFICANCES, compare
from clausegraph.loaders.ota import history

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "change-detection.md"
SAMPLES = {
    "blind": ROOT / "tests" / "corpus" / "changes-blind.tsv",
    "development": ROOT / "tests" / "corpus" / "changes.tsv",
}
TITLES = {
    "blind": "Blind sample: 150 pairs, two readers who had not seen the program",
    "development": "Development sample: 150 other pairs, read by the author of the rules",
}
Text = Callable[[str, str], str]


@dataclass(frozen=True)
class Share:
    """A share with its counts and Wilson's 95 % interval."""

    hits: int
    total: int

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end (E. B. Wilson 1927)."""
        z, share = 1.96, self.hits / self.total
        middle = share + z * z / (2 * self.total)
        width = z * math.sqrt(
            share * (1 - share) / self.total + z * z / (4 * self.total * self.total)
        )
        bottom = 1 + z * z / self.total
        return max(0.0, (middle - width) / bottom), min(1.0, (middle + width) / bottom)

    def __str__(self) -> str:
        """Share, counts, interval."""
        low, high = self.interval
        return (
            f"{self.hits / self.total:.3f} ({self.hits} of {self.total}; {low:.3f} to {high:.3f})"
        )


@dataclass(frozen=True)
class Score:
    """What became of a sample: pairs by (label, class found)."""

    pairs: Counter[tuple[str, str]]

    @property
    def recall(self) -> Share:
        """Of the changes of meaning, how many were found."""
        return Share(self.pairs["meaning", "meaning"], self._sum(0, "meaning"))

    @property
    def precision(self) -> Share:
        """Of what was called meaning, how much is."""
        return Share(self.pairs["meaning", "meaning"], self._sum(1, "meaning"))

    @property
    def false_alarms(self) -> Share:
        """Of the pairs that differ in markup only, how many were called meaning."""
        return Share(self.pairs["markup", "meaning"], self._sum(0, "markup"))

    def _sum(self, side: int, name: str) -> int:
        return sum(count for pair, count in self.pairs.items() if pair[side] == name)


def rows(sample: Path) -> list[dict[str, str]]:
    """The rows of a sample."""
    with sample.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def reader(clone: Path) -> Text:
    """Read the text of a path at a commit, or, with ^ before it, the one before that."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(clone), *words], check=True, capture_output=True)
        return done.stdout.decode()

    def text(commit: str, path: str) -> str:
        if commit[0] == "^":
            commit = git("log", "-2", "--format=%H", commit[1:], "--", path).split()[1]
        return git("show", f"{commit}:{path}")

    return text


@cache
def score(text: Text, sample: Path) -> Score:
    """Hold the program's classes against the labels of a sample."""
    pairs: Counter[tuple[str, str]] = Counter()
    for row in rows(sample):
        commit, path = row["commit"], row["path"]
        found = compare(text("^" + commit, path), text(commit, path)).significance
        pairs[row["label"], found] += 1
    return Score(pairs)


def everything(clone: Path) -> Counter[str]:
    """The classes of all follow-up versions of the collection."""
    texts = defaultdict[tuple[str, str], list[str]](list)
    for capture in history(clone, report=lambda notice: None):
        texts[capture.platform, capture.document].append(capture.text)
    pairs = (pair for each in texts.values() for pair in pairwise(each))
    return Counter(compare(*pair).significance for pair in pairs)


def document(clone: Path) -> str:
    """The page docs/change-detection.md."""
    return "\n".join(_lines(clone))


def _lines(clone: Path) -> Iterator[str]:
    yield "# How well changes of meaning are found"
    yield ""
    yield "Written by `python benchmarks/changes.py CLONE --write` on the collection GenAI-versions."
    yield "In brackets: counts and Wilson's 95 % interval."
    yield ""
    found = everything(clone)
    total = sum(found.values())
    others = ", ".join(f"{name} {found[name]}" for name in SIGNIFICANCES if name != "meaning")
    share = f"{found['meaning']} ({found['meaning'] / total:.1%})"
    yield f"Of {total} follow-up versions {share} are called a change of meaning; {others}."
    text = reader(clone)
    for name, sample in SAMPLES.items():
        yield from ("", f"## {TITLES[name]}", "")
        yield from _table(score(text, sample))
    yield ""


def _table(found: Score) -> Iterator[str]:
    yield f"- Recall of meaning: {found.recall}"
    yield f"- Precision of meaning: {found.precision}"
    yield f"- Pairs of markup called meaning: {found.false_alarms}"
    yield ""
    yield "| labelled \\ found | " + " | ".join(SIGNIFICANCES) + " |"
    yield "| --- |" + " --- |" * len(SIGNIFICANCES)
    for label in SIGNIFICANCES:
        counts = " | ".join(str(found.pairs[label, name]) for name in SIGNIFICANCES)
        yield f"| {label} | {counts} |"


if __name__ == "__main__":
    page = document(Path(sys.argv[1]))
    if "--write" in sys.argv:
        DOCUMENT.write_text(page)
    print(page)
