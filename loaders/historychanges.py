"""The changes of one document's history, with their deltas and the terms that were exchanged."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clausegraph.loaders.capturestate import WHOLE
from clausegraph.loaders.changes import Change, Delta
from clausegraph.loaders.historytexts import sha256_of
from clausegraph.loaders.normalise import normalise
from clausegraph.loaders.segment import Segment
from clausegraph.loaders.unit import Node, filled
from clausegraph.ontology.iris import concept

if TYPE_CHECKING:
    from clausegraph.loaders.policies import HistoryBuilder

KINDS = ("added", "removed", "reworded", "moved", "split", "merged")


@dataclass(frozen=True)
class _Step:
    """A comparison of two captures, by their places in the history."""

    before: int
    after: int
    change: Change
    bridges: bool
    significance: str


def change_nodes(history: HistoryBuilder) -> Iterator[Node]:
    """Every change with its parts, in the order of the archive."""
    for step in _steps(history):
        yield from _Writer(history, step).nodes()


def _steps(history: HistoryBuilder) -> Iterator[_Step]:
    """Each capture against the one before, and a repaired one also against the last whole one."""
    whole: int | None = None
    states = set(history.whole)
    for at in range(len(history.captures)):
        if at:
            yield _step(history, at - 1, at, history.changes[at - 1])
        if at not in states:
            continue
        if whole is not None and whole < at - 1:
            texts = history.captures[whole].text, history.captures[at].text
            if texts[0] != texts[1]:
                yield _step(history, whole, at, history.compared(*texts), bridges=True)
        whole = at


def _step(
    history: HistoryBuilder, before: int, after: int, change: Change, *, bridges: bool = False
) -> _Step:
    """A comparison with its weight.

    A cut that stays was none, but the removal of what went. Whatever differs between an accident
    and another capture is an accident too: bridges have what really changed.
    """
    states = history.states[before], history.states[after]
    significance = change.significance
    if not WHOLE.issuperset(states):
        significance = "capture"
    elif significance == "capture" and change.summary["accident"] and states == ("whole", "whole"):
        significance = "meaning"
    return _Step(before, after, change, bridges, significance)


class _Writer:
    """Writes one change."""

    def __init__(self, history: HistoryBuilder, step: _Step) -> None:
        self.history, self.step = history, step
        self.before, self.after = history.captures[step.before], history.captures[step.after]
        self.key = self.after.key + ("-bridge" if step.bridges else "")
        self.iri = history.identity.iri("change", self.key)
        news = step.significance != "capture"
        kept = step.change.deltas if news else ()
        self.deltas = [each for each in map(self._read, kept) if any(each.keys)]
        self.befores = Counter(_span(each.delta.before) for each in self.deltas if each.recut)
        self.afters = Counter(_span(each.delta.after) for each in self.deltas if each.recut)

    def _read(self, delta: Delta) -> _Read:
        """A delta with the provisions of its two sides."""
        sides = ((delta.before, self.before.text), (delta.after, self.after.text))
        before, after = (_key(segment, text) for segment, text in sides)
        return _Read(delta, (before, after))

    def nodes(self) -> Iterator[Node]:
        """The change, its deltas, its terms; what revises what is noted with the texts."""
        kinds = [self._kind(each) for each in self.deltas]
        yield self._change(Counter(kinds))
        for number, (read, kind) in enumerate(zip(self.deltas, kinds, strict=True), 1):
            yield self._delta(number, read, kind)
            self._revise(read, kind)
        if self.deltas:
            yield from self._terms()

    def _kind(self, read: _Read) -> str:
        """The kind of a delta; passages that are one text cut otherwise were split or merged."""
        if not read.recut:
            return read.delta.kind
        return "split" if self.befores[_span(read.delta.before)] > 1 else "merged"

    def _change(self, kinds: Counter[str]) -> Node:
        history, significance = self.history, self.step.significance
        captured = significance == "capture"
        slug = self._accident() if captured else None
        what = "accident of capturing" if captured else significance
        node = {
            "id": self.iri,
            "type": "Change",
            "label": f"{history.identity.label}, {self.after.recorded:%Y-%m-%d}: {what}",
            "document": history.identity.iri("document"),
            "fromVersion": history.versions[self.step.before],
            "toVersion": history.versions[self.step.after],
            "observedAt": self.after.recorded,
            "significance": concept("significance", significance),
            "accident": concept("capture-state", slug) if slug else None,
            "bridges": self.step.bridges or None,
            "silent": self._silent(),
            **{f"{kind}Count": kinds[kind] or None for kind in KINDS},
        }
        return filled(node)

    def _accident(self) -> str:
        """What went wrong in one of the two captures."""
        states = (self.history.states[at] for at in (self.step.after, self.step.before))
        broken = next((state for state in states if state not in WHOLE), None)
        return broken or self.step.change.summary["accident"] or "hidden"

    def _silent(self) -> bool | None:
        """Whether the meaning changed under one announced date; None where that cannot be said."""
        days = [self.history.announced[at] for at in (self.step.before, self.step.after)]
        if self.step.significance != "meaning" or None in days:
            return None
        return days[0] == days[1]

    def _delta(self, number: int, read: _Read, kind: str) -> Node:
        delta = read.delta
        node = {
            "id": self.history.identity.iri("delta", self.key, str(number)),
            "type": "Delta",
            "change": self.iri,
            "deltaKind": concept("delta-kind", kind),
            "similarity": delta.similarity if delta.before and delta.after else None,
            "signal": list(delta.signals),
            "before": self._quote(self.step.before, delta.before, read.keys[0]),
            "after": self._quote(self.step.after, delta.after, read.keys[1]),
        }
        return filled(node)

    def _quote(self, at: int, segment: Segment | None, key: str) -> str | None:
        if segment is None or not key:
            return None
        history, span = self.history, (segment.start, segment.end)
        return history.texts.quote(history.captures[at], history.versions[at], span, key)

    def _revise(self, read: _Read, kind: str) -> None:
        """Note what a provision that first stands here goes back to."""
        before, after = read.keys
        if kind in ("reworded", "split", "merged") and before and after and before != after:
            places = self.history.first
            if places.get(after) == self.step.after and places.get(before, after) != places[after]:
                earlier = self.history.texts.revised.setdefault(after, [])
                if not earlier or kind == "merged":
                    earlier.append(before)

    def _terms(self) -> Iterator[Node]:
        """The numbers, dates, words of force and laws that took each other's place."""
        number = 0
        finders = [_Finder(self.deltas, side) for side in (0, 1)]
        for group, facts in self.step.change.summary["facts"].items():
            for fact in facts:
                sides = [fact["before"], fact["after"]]
                found = next(
                    (at for side, find in zip(sides, finders, strict=True)
                     if side and (at := find(side["start"])) is not None), None)  # fmt: skip
                if found is None:
                    continue
                number += 1
                yield self._term(number, group, sides, found)

    def _term(self, number: int, group: str, sides: list[Any], delta: int) -> Node:
        before, after = (side["text"] if side else None for side in sides)
        iri = self.history.identity.iri
        node = {
            "id": iri("term", self.key, str(number)),
            "type": "ChangedTerm",
            "change": self.iri,
            "delta": iri("delta", self.key, str(delta + 1)),
            "termGroup": concept("term-group", group),
            "termBefore": before,
            "termAfter": after,
        }
        return filled(node)


@dataclass(frozen=True)
class _Read:
    """A delta and the SHA-256 of the words on its two sides, empty where there are none."""

    delta: Delta
    keys: tuple[str, str]

    @property
    def recut(self) -> bool:
        """Whether the passage belongs to a text that is only cut at other places."""
        return "recut" in self.delta.signals


class _Finder:
    """Finds the delta in whose passage an offset of one of the two texts lies."""

    def __init__(self, deltas: list[_Read], side: int) -> None:
        segments = [(each.delta.before, each.delta.after)[side] for each in deltas]
        self.spans = sorted((s.start, s.end, at) for at, s in enumerate(segments) if s)

    def __call__(self, offset: int) -> int | None:
        place = bisect_right(self.spans, (offset, float("inf"), 0)) - 1
        if place < 0 or offset >= self.spans[place][1]:
            return None
        return self.spans[place][2]


def _key(segment: Segment | None, text: str) -> str:
    """The SHA-256 of a passage's words; empty where there is no passage or no word."""
    seen = normalise(text[segment.start : segment.end]) if segment else ""
    return sha256_of(seen) if seen else ""


def _span(segment: Segment | None) -> tuple[int, int]:
    return (segment.start, segment.end) if segment else (-1, -1)
