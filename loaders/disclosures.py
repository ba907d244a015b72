"""What a whole document states about each disclosure, from the detections in its passages.

Pure and deterministic: passages and their detections go in, one reading for each declared
disclosure comes out. A reading names the passages on which it rests, or those that come nearest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import Any, Final

import re2

from clausegraph.loaders.audiences import audiences
from clausegraph.loaders.blocks import Block
from clausegraph.loaders.cues import Topic, declared
from clausegraph.loaders.declarations import declaration
from clausegraph.loaders.detect import Detection, Detector
from clausegraph.loaders.populations import elsewhere

NEAREST: Final = 3
"""How many of the nearest passages a reading names."""
_WORD = re.compile(r"[a-z][a-z'-]+")
_COMPARED = 12  # passages, of those with most of an item's words, in which its cues are looked for
_NEAR = 0.3  # nearness from which a passage is held to be about the item
_NO_WORDS: Final[frozenset[str]] = frozenset()
_OTHER_STATES = frozenset({"us", "us-other"})
_TOP = 40  # passages among which a text says for whom it is
_STEM = 6  # letters by which words are held to be the same


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage, by its place among the blocks, and what was detected in it."""

    block: int
    detection: Detection


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document states about one item.

    `state` is stated, denied, not-stated or not-examined; `scope` for whom: ``state`` (people of
    California or of US states by name), ``general``, ``other`` (people of other places only) or
    empty; `polarity` is positive, negative or empty. `evidence` has the best passage first.
    `nearest` are passages and their nearness, 0 to 1. `linked` says that the text sends the reader
    to another page for it. `reason` is a stable slug, empty where a passage states the item.
    """

    item: str
    state: str
    scope: str = ""
    polarity: str = ""
    evidence: tuple[Evidence, ...] = ()
    nearest: tuple[tuple[int, float], ...] = ()
    linked: bool = False
    reason: str = ""
    confidence: float = 0.0


def read(blocks: Sequence[Block], found: Sequence[tuple[Detection, ...]]) -> dict[str, Reading]:
    """Read a document: one reading for each declared disclosure, by its id.

    `found` holds the detections of each block. Nothing is raised; a text that is not English or
    too short is not examined.
    """
    items = _items()
    if reason := _unreadable(blocks):
        return {item: Reading(item, "not-examined", reason=reason) for item in items}
    people = audiences(blocks)
    evidence: dict[str, list[Evidence]] = {item: [] for item in items}
    for at, detections in enumerate(found):
        for each in detections:
            if each.topic in evidence:
                evidence[each.topic].append(Evidence(at, replace(each, populations=people[at])))
    near = _Nearest(blocks, people)
    return {item: _reading(items[item], evidence[item], blocks, near) for item in items}


def _reading(
    topic: Topic, evidence: list[Evidence], blocks: Sequence[Block], near: _Nearest
) -> Reading:
    """Decide one item: own passages that say it, else those that readers differ on, else none."""
    own = [each for each in evidence if _counts(topic.id, each.detection.populations)]
    clear = [each for each in own if each.detection.polarity != "unclear"]
    if clear or (clear := near.together(topic)):
        return _said(topic, _ranked(clear, blocks))
    ranked = _ranked(own or evidence, blocks)
    nearest = near.passages(topic.id, [each.block for each in ranked])
    if own:
        return Reading(
            topic.id, "not-examined", _scope(ranked), "", ranked, nearest, False, "ambiguous"
        )
    away = any(elsewhere(each.detection.populations) for each in evidence)
    reason = "elsewhere-only" if away else "one-state-only" if evidence else "no-passage"
    scope = "other" if away else ""
    linked = near.linked(nearest) or (away and near.another_version())
    sure = _sure(max((score for _, score in nearest), default=0.0))
    return Reading(topic.id, "not-stated", scope, "", ranked, nearest, linked, reason, sure)


def _counts(item: str, people: frozenset[str]) -> bool:
    """Whether a passage for these people can state an item."""
    if item in _form()["anywhere"] or not people:
        return True
    return not elsewhere(people) and not people <= _form()["silent"].get(item, frozenset())


def _said(topic: Topic, ranked: tuple[Evidence, ...]) -> Reading:
    """An item that passages state or deny; a statement weighs more than a denial."""
    stated = tuple(each for each in ranked if each.detection.polarity == "stated")
    denied = tuple(each for each in ranked if each.detection.polarity == "denied")
    if topic.denial == "states":
        first = stated if stated[:1] == ranked[:1] else denied
        state, polarity = "stated", "positive" if first is stated else "negative"
    else:
        first = stated or denied
        state, polarity = ("stated", "positive") if stated else ("denied", "negative")
    kept = (*first, *(each for each in ranked if each not in first))
    return Reading(topic.id, state, _scope(first), polarity, kept, confidence=topic.confidence)


def _ranked(evidence: Sequence[Evidence], blocks: Sequence[Block]) -> tuple[Evidence, ...]:
    """For the four regimes or everybody first, headings last, then by strength and in order."""

    def key(each: Evidence) -> tuple[bool, bool, int, int]:
        kind, found = blocks[each.block].kind, each.detection
        others = bool(found.populations) and found.populations <= _OTHER_STATES
        return others, kind == "heading", -found.points, each.block

    return tuple(sorted(evidence, key=key))


def _scope(evidence: Sequence[Evidence]) -> str:
    """For whom: everybody where one passage speaks to all, else the people of states by name."""
    return "general" if any(not each.detection.populations for each in evidence) else "state"


def _sure(near: float) -> float:
    """The share of such absences that readers confirmed, by how near the nearest passage is."""
    shares: tuple[tuple[float, float], ...] = _form()["sure"]
    return next(share for limit, share in shares if near <= limit)


def _unreadable(blocks: Sequence[Block]) -> str:
    """Why a text is not examined: ``too-short``, ``language`` or empty."""
    form = _form()
    words = [word for block in blocks for word in block.seen.lower().split()]
    if len(words) < form["shortest"]:
        return "too-short"
    common = sum(word.strip(".,;:()\"'") in form["words"] for word in words)
    return "language" if common < form["least"] * len(words) else ""


class _Nearest:
    """The passages of a document that come nearest to an item."""

    def __init__(self, blocks: Sequence[Block], people: Sequence[frozenset[str]]) -> None:
        self.blocks = blocks
        self.people = people

    @cached_property
    def stems(self) -> dict[str, list[int]]:
        """In which passages each stem stands."""
        found: dict[str, list[int]] = {}
        for at, block in enumerate(self.blocks):
            for stem in _stems(block.seen):
                found.setdefault(stem, []).append(at)
        return found

    def passages(self, item: str, first: Sequence[int]) -> tuple[tuple[int, float], ...]:
        """Up to three: the points its cues have there, and the item's words that stand there.

        Passages of `first` come before others with the same score, then reading order.
        """
        wanted, threshold = _form()["keywords"].get(item, _NO_WORDS), _items()[item].threshold
        shared = Counter(at for stem in wanted for at in self.stems.get(stem, ()))
        some = {*shared, *first, *range(min(_COMPARED, len(self.blocks)))}  # all others share none
        order = sorted(some, key=lambda at: (at not in first, -shared[at], at))
        scores = []
        for at in order[:_COMPARED]:
            points = max(0, sum(each.points for each in _lenient(item).detect(self.blocks[at])))
            score = 0.5 * min(1.0, points / threshold) + 0.5 * shared[at] / max(1, len(wanted))
            scores.append((-round(score, 3), at not in first, at))
        return tuple((at, -score) for score, _, at in sorted(scores)[:NEAREST])

    def together(self, topic: Topic) -> list[Evidence]:
        """Passages that state an item only together: the points of their different cues add up.

        Only for items that `detection/reading.yaml` names: a date above, what it is below.
        """
        if topic.id not in _form()["together"]:
            return []
        parts = [
            Evidence(at, replace(each, populations=people))
            for at, (block, people) in enumerate(zip(self.blocks, self.people, strict=True))
            if not elsewhere(people)
            for each in _lenient(topic.id).detect(block)
        ]
        points = {match.cue: match.points for part in parts for match in part.detection.matches}
        return parts if sum(points.values()) >= topic.threshold else []

    def linked(self, nearest: Sequence[tuple[int, float]]) -> bool:
        """Whether one of the nearest passages sends the reader to another page."""
        return any(
            score >= _NEAR and _form()["links"].search(self.blocks[at].seen.lower()) is not None
            for at, score in nearest
        )

    def another_version(self) -> bool:
        """Whether the text sends people of other places than its own to another version of it."""
        says = _form()["other-version"]
        return any(says.search(block.seen.lower()) is not None for block in self.blocks[:_TOP])


@lru_cache(maxsize=1)
def _items() -> dict[str, Topic]:
    return {each.id: each for each in declared() if each.kind == "disclosures"}


@cache
def _lenient(item: str) -> Detector:
    """The cues of one item, where one point is enough."""
    return Detector([replace(_items()[item], threshold=1)])


@lru_cache(maxsize=16_384)
def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in _WORD.findall(text.lower()))


@lru_cache(maxsize=1)
def _form() -> dict[str, Any]:
    """`detection/reading.yaml`, ready for use."""
    data = declaration("reading")
    language = data["language"]
    return {
        "sure": tuple((float(limit), float(share)) for limit, share in data["sure"]),
        "words": frozenset(language["words"]),
        "least": float(language["least"]),
        "shortest": int(language["shortest"]),
        "keywords": {
            item: frozenset(word[:_STEM] for word in words)
            for item, words in data["keywords"].items()
        },
        **{key: frozenset(data[key]) for key in ("together", "anywhere")},
        "silent": {item: frozenset(codes) for item, codes in data["silent"].items()},
        **{key: re2.compile(data[key]) for key in ("links", "other-version")},
    }
