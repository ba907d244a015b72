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
        found: dict[str, dict[str, tuple[Cue, Match]]] = {}
        for cue, start, end in self._matches(block):
            if cue.kinds and block.kind not in cue.kinds:
                continue
            own = found.setdefault(cue.topic, {})
            own.setdefault(cue.id, (cue, Match(cue.id, cue.points, start, end)))
        people = None
        made = []
        for topic, cues in sorted(found.items()):
            points = sum(cue.points for cue, _ in cues.values())
            if points >= self._thresholds[topic]:
                people = populations(block) if people is None else people
                made.append(_detection(topic, points, people, cues.values()))
        return tuple(made)

    def _matches(self, block: Block) -> Iterator[tuple[Cue, int, int]]:
        whole = (0, len(block.seen))
        for first, last in sentences(block.seen):
            for cue, start, end in self._sets["sentence"].find(block.seen[first:last]):
                yield cue, first + start, first + end
        yield from self._sets["passage"].find(block.seen)
        around = {
            "heading": block.headings,
            "lead": (block.lead,),
            "head": (block.head,),
            "before": block.before,
        }
        for place, texts in around.items():
            for text in texts:
                if text:
                    yield from ((cue, *whole) for cue, _, _ in self._sets[place].find(text))


def _detection(
    topic: str, points: int, people: frozenset[str], cues: Collection[tuple[Cue, Match]]
) -> Detection:
    sums = {each: sum(c.points for c, _ in cues if c.polarity == each) for each in POLARITIES}
    polarity = max(POLARITIES, key=sums.__getitem__)
    matches = tuple(sorted((match for _, match in cues), key=lambda each: (each.start, each.cue)))
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

    def _find(self, text: str) -> tuple[tuple[Cue, int, int], ...]:
        """The cues that match a text, each with the span of its first match."""
        if not self.cues:
            return ()
        small = lowered(text)
        found = []
        for at in sorted(self._filter.Match(small) or ()):
            cue = self.cues[at]
            if cue.unless and compiled(cue.unless).search(small) is not None:
                continue
            match = compiled(cue.pattern).search(small)
            found.append((cue, match.start(), match.end()))
        return tuple(found)


def lowered(text: str) -> str:
    """A text in small letters, character by character, so that offsets stay what they are."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)
