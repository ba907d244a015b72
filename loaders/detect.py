"""What passages are about: the declared cues applied to passages in context.

Deterministic and explainable: a detection names the cues that matched and where. The words that the
patterns of a place cannot do without are looked for in one pass (RE2's filter); only patterns whose
words are there are matched (docs/decisions/0010).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import re2

from clausegraph.loaders.blocks import Block, sentences
from clausegraph.loaders.cues import POLARITIES, Cue, Topic, compiled, declared
from clausegraph.loaders.populations import populations

_REMEMBERED = 65_536  # contexts whose detections are kept


class Match(NamedTuple):
    """A cue that matched; `start` and `end` are characters of the passage's normalised words.

    For cues of the context (heading, lead, …) they span the whole passage.
    """

    cue: str
    points: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Detection:
    """A passage is on a topic: by which cues, with how many points, for whom.

    `polarity` is that of the most points; of equals ``stated`` comes before ``denied``. `populations` is empty where the text
    speaks to everybody.
    """

    topic: str
    polarity: str
    points: int
    populations: frozenset[str]
    matches: tuple[Match, ...]

    @property
    def span(self) -> tuple[int, int]:
        """The characters of the passage that decided: the best cue's own match."""
        best = max(self.matches, key=lambda match: (match.points, match.start - match.end))
        return best.start, best.end


class Detector:
    """The cues of some topics, ready for use."""

    def __init__(self, topics: Sequence[Topic] | None = None) -> None:
        """Take the topics that come with the package, or others."""
        self.topics = declared() if topics is None else tuple(topics)
        self._thresholds = {each.id: each.threshold for each in self.topics}
        self._sets: dict[str, _Set] = {}
        for place in ("sentence", "passage", "heading", "lead", "before", "head"):
            cues = [cue for topic in self.topics for cue in topic.cues if cue.place == place]
            self._sets[place] = _set_of(tuple(cues))
        self._found = lru_cache(maxsize=_REMEMBERED)(self._detect)

    def detect(self, block: Block) -> tuple[Detection, ...]:
        """The topics of a passage, in the order of their names."""
        return self._found(*block.context)

    def _detect(self, *context: Any) -> tuple[Detection, ...]:
        block = Block(*context)
        found: dict[str, dict[str, _Seen]] = {}
        for seen in self._matches(block):
            if seen.cue.kinds and block.kind not in seen.cue.kinds:
                continue
            found.setdefault(seen.cue.topic, {}).setdefault(seen.cue.id, seen)
        people = None
        made = []
        for topic, cues in sorted(found.items()):
            points = sum(seen.cue.points for seen in cues.values())
            if points >= self._thresholds[topic]:
                people = populations(block) if people is None else people
                made.append(_detection(topic, points, people, cues.values(), len(block.seen)))
        return tuple(made)

    def _matches(self, block: Block) -> Iterator[_Seen]:
        for first, last in sentences(block.seen):
            text = block.seen[first:last]
            for cue in self._sets["sentence"].find(text):
                yield _Seen(cue, text, first)
        for cue in self._sets["passage"].find(block.seen):
            yield _Seen(cue, block.seen, 0)
        around = {
            "heading": block.headings,
            "lead": (block.lead,),
            "head": (block.head,),
            "before": block.before,
        }
        for place, texts in around.items():
            for text in texts:
                if text:
                    yield from (_Seen(cue, None, 0) for cue in self._sets[place].find(text))


class _Seen(NamedTuple):
    """A cue that matched: in which words of the passage, which begin where; None: around it."""

    cue: Cue
    text: str | None
    first: int

    def match(self, length: int) -> Match:
        """The match in a passage of so many characters; the span is looked for only now."""
        if self.text is None:
            return Match(self.cue.id, self.cue.points, 0, length)
        start, end = _span(self.cue.pattern, self.text)
        return Match(self.cue.id, self.cue.points, self.first + start, self.first + end)


@lru_cache(maxsize=16_384)
def _span(pattern: str, text: str) -> tuple[int, int]:
    """Where a pattern that matches a text first does."""
    match = compiled(pattern).search(lowered(text))
    return match.start(), match.end()


def _detection(
    topic: str, points: int, people: frozenset[str], cues: Collection[_Seen], length: int
) -> Detection:
    sums = {each: sum(s.cue.points for s in cues if s.cue.polarity == each) for each in POLARITIES}
    polarity = max(POLARITIES, key=sums.__getitem__)
    found = (seen.match(length) for seen in cues)
    matches = tuple(sorted(found, key=lambda each: (each.start, each.cue)))
    return Detection(topic, polarity, points, people, matches)


@lru_cache(maxsize=64)
def _set_of(cues: tuple[Cue, ...]) -> _Set:
    """The set of some cues; detectors that differ in thresholds only share theirs."""
    return _Set(cues)


class _Set:
    """The cues of one place; all patterns are looked for at once."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        self.cues = cues
        self._filter = re2.Filter()
        for cue in cues:
            self._filter.Add(cue.pattern)
        if cues:
            self._filter.Compile()
        self.find = lru_cache(maxsize=16_384)(self._find)

    def _find(self, text: str) -> tuple[Cue, ...]:
        """The cues that match a text."""
        if not self.cues:
            return ()
        small = lowered(text)
        found = (self.cues[at] for at in sorted(self._filter.Match(small) or ()))
        return tuple(
            cue for cue in found if not cue.unless or compiled(cue.unless).search(small) is None
        )


def lowered(text: str) -> str:
    """A text in small letters, character by character, so that offsets stay what they are."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)
