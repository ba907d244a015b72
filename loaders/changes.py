"""What a change between two captures of a document is, and what in it changed.

The five classes and the conventions behind them are those of `research/change_significance.md`:
an accident of capturing, a change of meaning, of wording, of dates, of markup; where several
apply, the first of these. The judgement follows from the signals of the single passages, which
stay with them, so that anybody can see why a change is called what it is called.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, starmap, zip_longest
from operator import eq
from typing import Any

from clausegraph.loaders.accidents import accident
from clausegraph.loaders.deltas import Pair, Passage, ends, pairs, passages
from clausegraph.loaders.segment import Segment
from clausegraph.loaders.signals import (
    MEANING,
    Fact,
    alone,
    is_dated,
    is_error,
    is_page,
    is_sentence,
    reworded,
)
from clausegraph.loaders.words import Token, tokens

SIGNIFICANCES = ("capture", "meaning", "wording", "dates", "markup")
"""The classes, the strongest first."""
_REPEATED = 25
_WHEN = (
    r"([A-Za-z]{3,9}\.? ?\d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2} [A-Za-z]{3,9},? \d{4}"
    r"|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2})"
)
_REVISED = re.compile(
    r"(?:updated|modified|revised|更新(?:日期)?)[:\uff1a ]*" + _WHEN, re.IGNORECASE
)
_EFFECTIVE = re.compile(r"(?:effective(?: date)?|生效(?:日期)?)[:\uff1a ]*" + _WHEN, re.IGNORECASE)
_VAGUE = frozenset({"content", "name", "data", "use", "party"})
_SILENT = re.compile(r"[^\w%$€£¥]+|_+")


@dataclass(frozen=True)
class Delta:
    """One passage that was added, removed, reworded or moved; segments are of the two texts."""

    kind: str
    before: Segment | None
    after: Segment | None
    similarity: float
    signals: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """What a change is, the passages in which it shows, and a summary of counts and spans."""

    significance: str
    deltas: tuple[Delta, ...]
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class _Side:
    """One of the two texts: passages, letters, and `body`.

    `body` reaches from the first long passage to the last; menus lie outside.
    """

    passages: tuple[Passage, ...]
    letters: str
    body: tuple[int, int]


def compare(before: str, after: str) -> Change:
    """Tell what changed from one capture of a document to the next, and how much it matters.

    Never raises; deterministic. Time grows with the length of the texts and with what changed.
    """
    left, right = _side(before), _side(after)
    found = pairs(left.passages, right.passages)
    judged = [_judge(pair, left, right) for pair in found]
    deltas = tuple(delta for delta, _ in judged)
    if _postponed(left, right):
        deltas = tuple(_started(delta) for delta in deltas)
    happened = accident(left.passages, right.passages, found)
    same = not found or _same([p.seen for p in left.passages], [p.seen for p in right.passages])
    significance = _significance([set(d.signals) for d in deltas], happened, same)
    facts = [fact for _, each in judged for fact in each]
    return Change(significance, deltas, _summary(deltas, facts, happened))


def _postponed(left: _Side, right: _Side) -> bool:
    """Whether the same revision takes effect on another day: a change of a deadline."""
    heads = [" ".join(p.seen for p in side.passages[:8])[:800] for side in (left, right)]
    revised = [match and match[1] for match in map(_REVISED.search, heads)]
    effective = [match and match[1] for match in map(_EFFECTIVE.search, heads)]
    if None in revised or None in effective:
        return False
    return revised[0] == revised[1] and effective[0] != effective[1]


def _started(delta: Delta) -> Delta:
    """A change of a date line of which `_postponed` holds."""
    if "dates" not in delta.signals:
        return delta
    return replace(delta, signals=tuple(sorted({*delta.signals, "start"})))


@lru_cache(maxsize=4)
def _side(text: str) -> _Side:
    parts = passages(text)
    first = next(filter(_is_long, parts), None)
    last = next(filter(_is_long, reversed(parts)), None)
    body = (first.segment.start, last.segment.end) if first and last else (0, len(text))
    return _Side(parts, "".join([part.letters for part in parts]), body)


def _is_long(passage: Passage) -> bool:
    """Whether a passage has twelve words, or as many letters where words are not parted."""
    return passage.seen.count(" ") >= 11 or len(passage.letters.encode()) > 150


def _same(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether all letters with their capitals and all value signs are the same in a row."""
    start, end = ends(before, after)
    sides = before[start : len(before) - end], after[start : len(after) - end]
    one, other = (chain.from_iterable(_SILENT.sub("", seen) for seen in side) for side in sides)
    return all(starmap(eq, zip_longest(one, other)))


def _significance(signals: Sequence[set[str]], happened: str | None, same: bool) -> str:
    """The class of a change from the signals of its passages."""
    if same:
        return "markup"
    if happened is not None:
        return "capture"
    if any(each & MEANING for each in signals):
        return "meaning"
    every = set().union(*signals)
    if "obfuscated" in every:
        return "capture"
    return "dates" if every and every <= {"dates", "layout"} and "dates" in every else "wording"


def _judge(pair: Pair, left: _Side, right: _Side) -> tuple[Delta, list[Fact]]:
    """A pair with its signals, and the facts that changed in it."""
    signals, facts = _signals(pair, left, right)
    before = pair.before.segment if pair.before else None
    after = pair.after.segment if pair.after else None
    return Delta(pair.kind, before, after, round(pair.similarity, 4), tuple(sorted(signals))), facts


def _signals(pair: Pair, left: _Side, right: _Side) -> tuple[set[str], list[Fact]]:
    if pair.kind == "moved":
        return {"order"}, []
    if pair.joined:
        return {"recut"}, []
    if pair.before and pair.after:
        found, facts = _both(pair.before, pair.after)
        outside = "dates" not in found and _label(pair.before, left) and _label(pair.after, right)
        return (found - _VAGUE | {"label"}, facts) if outside else (found, facts)
    if pair.before:
        return _one(pair.before, left, right, True)
    return _one(pair.after, right, left, False) if pair.after else (set(), [])


def _both(one: Passage, other: Passage) -> tuple[set[str], list[Fact]]:
    """Signals of a reworded passage; a heading or a piece of the page has none that matter."""
    if is_page(one.seen) and is_page(other.seen):
        return {"page"}, []
    found, facts = reworded(one.text, other.text, (one.segment.start, other.segment.start))
    words = tokens(one.text), tokens(other.text)
    if is_dated(words[0], one.seen) and is_dated(words[1], other.seen):
        return {s for s in found if s == "start" or s not in MEANING} | _date_line(*words), facts
    if one.segment.kind == other.segment.kind == "heading":
        return found - _VAGUE - {"right"} | {"heading"}, facts
    return found, facts


def _label(passage: Passage, side: _Side) -> bool:
    """Whether a passage is short and stands before or after the text proper."""
    inside = side.body[0] <= passage.segment.start < side.body[1]
    return not inside and not is_sentence(passage.seen, tokens(passage.text))


def _date_line(one: Sequence[Token], other: Sequence[Token]) -> set[str]:
    """``dates``, and ``label`` where the words around the date changed too."""
    said = [sorted(t.fold for t in side if t.kind in {"word", "cjk"}) for side in (one, other)]
    dates = any(t.kind in {"date", "number"} for t in (*one, *other))
    return ({"dates"} if dates else set()) | ({"label"} if said[0] != said[1] else set())


def _one(passage: Passage, own: _Side, other: _Side, gone: bool) -> tuple[set[str], list[Fact]]:
    """Signals of a passage that stands in one text only."""
    words = tokens(passage.text)
    if is_dated(words, passage.seen):
        return {"dates"}, []
    if is_page(passage.seen):
        return {"page"}, []
    if is_error(passage.seen):
        return {"error"}, []
    if len(passage.letters) >= _REPEATED and passage.letters in other.letters:
        return {"repeated"}, []
    found = alone(words)
    start = passage.segment.start
    facts = [
        _fact(word.moved(start), gone) for word in words if word.kind in {"number", "money", "date"}
    ]
    if passage.segment.kind == "heading":
        return {"heading"}, facts
    if is_sentence(passage.seen, words):
        return found | {"passage"}, facts
    inside = own.body[0] <= passage.segment.start < own.body[1]
    listed = passage.segment.kind in {"item", "row", "definition"}
    return ({*found, "item"}, facts) if inside and listed else ({"label"}, [])


def _fact(word: Token, gone: bool) -> Fact:
    return Fact(word.kind, word if gone else None, None if gone else word)


def _summary(
    deltas: Sequence[Delta], facts: Sequence[Fact], happened: str | None
) -> Mapping[str, Any]:
    """Counts by kind and signal, headings touched, facts before and after with their spans."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for fact in facts:
        groups.setdefault(fact.group, []).append(
            {"before": _span(fact.before), "after": _span(fact.after)}
        )
    headings = dict.fromkeys(
        segment.headings for d in deltas if (segment := d.after or d.before) and segment.headings
    )
    return {
        "accident": happened,
        "counts": dict(sorted(Counter(delta.kind for delta in deltas).items())),
        "signals": dict(sorted(Counter(s for delta in deltas for s in delta.signals).items())),
        "headings": tuple(headings),
        "facts": {group: tuple(found) for group, found in sorted(groups.items())},
    }


def _span(token: Token | None) -> dict[str, Any] | None:
    """A token as text and offsets of the capture in which it stands."""
    return None if token is None else {"text": token.text, "start": token.start, "end": token.end}
