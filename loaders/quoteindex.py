"""An index of many captured texts: each distinct segment once, its letters, words and places.

Archives repeat themselves: 1,069 texts of one collection hold a few thousand distinct segments.
Segments are kept as a reader sees them; offsets in the source are worked out for the few asked for.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from clausegraph.loaders.normalise import letters
from clausegraph.loaders.segment import segment
from clausegraph.loaders.visible import Visible, visible

EDGE = 12
"""How many letters of a segment's end identify it when a passage runs over several segments."""

# Scripts written without blanks: each character counts as a word.
DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u0900-\u0dff"
_LETTER = rf"(?:[^\W_{DENSE}]|[{_MARKS}])"
WORD = re.compile(
    rf"[{DENSE}]|(?:(?:(?<!\w)[-\u2212])?[<>≤≥±+$€£¥₹]?(?=\d))?{_LETTER}(?:{_LETTER}"
    rf"|['\u2019\u02bc\-\u2010\u2011\u00ad\u200b-\u200d\u2060\ufeff](?={_LETTER})"
    rf"|(?<=\d)[.,:\u2013/](?=\d))*(?:(?<=\d)[ \u00a0\u202f]?[%‰€£¥+])?"
)
"""A word that may not be cut: contractions, hyphened words, numbers with their sign and unit."""
_SENTENCE = re.compile(r"[.!?][\"'\u2019\u201d)\]]*\s+|[\u3002\uff01\uff1f\uff1b]|[\n\t]")


@dataclass(frozen=True)
class Hit:
    """A run of letters in `count` segments from the one at `place` of the distinct text `text`.

    `start` is a letter of the first segment, `end` (exclusive) one of the last.
    """

    text: int
    place: int
    count: int
    start: int
    end: int


class _Known(dict[str, str]):
    """What a function gives for words, worked out once for each."""

    def __init__(self, function: Callable[[str], str]) -> None:
        """Start with no word."""
        super().__init__()
        self.function = function

    def __missing__(self, word: str) -> str:
        """Work out a word that is new."""
        found = self[word] = self.function(word)
        return found


class Index:
    """Distinct texts, their segments and the words in them."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Read `texts`, which are distinct."""
        self.texts = texts
        self.sources: list[str] = []
        self.rows: list[bool] = []
        self.seen: list[str] = []
        self.letters: list[str] = []
        self.starts: list[array[int]] = []
        self.places: list[list[tuple[int, int]]] = []
        self.segments: list[array[int]] = []
        self.offsets: list[array[int]] = []
        self.units = array("I")
        self.sizes = array("I")
        self.postings: dict[str, array[int]] = defaultdict(lambda: array("I"))
        self._folded = _Known(letters)
        self._keys = _Known(lambda word: _key(word, self._folded[word]))
        self._known: dict[tuple[bool, str], int] = {}
        for text in texts:
            self._add(text)
        self._join()

    def _add(self, text: str) -> None:
        """Segment one text; what bears no letter is left out."""
        numbers, offsets = array("I"), array("Q")
        for part in segment(text):
            source = text[part.start : part.end]
            number = self._number(source, part.kind == "row")
            if not self.letters[number]:
                continue
            self.places[number].append((len(self.segments), len(numbers)))
            numbers.append(number)
            offsets.append(part.start)
        self.segments.append(numbers)
        self.offsets.append(offsets)

    def _number(self, source: str, row: bool) -> int:
        """The number of a distinct segment, made when it is new."""
        number = self._known.setdefault((row, source), len(self.sources))
        if number == len(self.sources):
            self.sources.append(source)
            self.rows.append(row)
            self.places.append([])
            self._read(number, visible(source, row).text)
        return number

    def _read(self, number: int, seen: str) -> None:
        """Keep a segment's words and letters."""
        matches = list(WORD.finditer(seen))
        words = [match[0] for match in matches]
        folded = [self._folded[word] for word in words]
        keys = [self._keys[word] for word in words]
        self.seen.append(seen)
        self.letters.append("".join(folded))
        self.starts.append(array("I", accumulate(map(len, folded), initial=0))[:-1])
        for first, last in pairwise(_borders(seen, matches)):
            self._post(number, keys[first:last])

    def _post(self, number: int, words: list[str]) -> None:
        """Enter a sentence of a segment under each of its words."""
        unit = len(self.units)
        distinct = set(words)
        self.units.append(number)
        self.sizes.append(len(distinct))
        for word in distinct:
            self.postings[word].append(unit)

    def _join(self) -> None:
        """Make one string of all letters, and find segments by their two ends."""
        self._all = "\n".join(self.letters) + "\n"
        self._bounds = array("Q")
        self._heads: dict[str, list[int]] = {}
        self._tails: dict[str, list[int]] = {}
        at = 0
        for number, text in enumerate(self.letters):
            self._bounds.append(at)
            at += len(text) + 1
            self._heads.setdefault(text[:EDGE], []).append(number)
            if len(text) >= EDGE:
                self._tails.setdefault(text[-EDGE:], []).append(number)

    def words(self, seen: str) -> list[str]:
        """The words of a seen text for comparing: letters, but numbers with point and sign."""
        return [self.key(word) for word in WORD.findall(seen)]

    def key(self, word: str) -> str:
        """What makes two words the same. A word that no text has is not kept: anybody may ask."""
        known = self._keys.get(word)
        return _key(word, letters(word)) if known is None else known

    def sentences(self, number: int) -> list[int]:
        """Where sentences of a segment begin, counted in words, and at last where all end."""
        seen = self.seen[number]
        return _borders(seen, list(WORD.finditer(seen)))

    def visible(self, number: int) -> Visible:
        """A distinct segment as a reader sees it, with its offsets."""
        return visible(self.sources[number], self.rows[number])

    def within(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Segments that hold the letters as whole words, and the first letter in each."""
        at = self._all.find(wanted)
        while at >= 0:
            number = bisect_right(self._bounds, at) - 1
            start = at - self._bounds[number]
            if self._whole(number, start, start + len(wanted)):
                yield number, start
            at = self._all.find(wanted, at + 1)

    def across(self, wanted: str) -> Iterator[Hit]:
        """Runs over two segments or more that hold the letters as whole words.

        Of such a run at least one side of its first border has twelve letters.
        """
        for cut in range(1, len(wanted)):
            for number, text, place in self._before(wanted, cut):
                start = len(self.letters[number]) - cut
                if self._whole(number, start, start + cut):
                    end = self._follow(text, place + 1, wanted, cut)
                    if end is not None:
                        yield Hit(text, place, end[0], start, end[1])

    def _before(self, wanted: str, cut: int) -> Iterator[tuple[int, int, int]]:
        """Segments that may hold the part before the cut: number, text and place."""
        first = wanted[:cut]
        if cut >= EDGE:
            for number in self._tails.get(wanted[cut - EDGE : cut], ()):
                if self.letters[number].endswith(first):
                    yield from ((number, text, place) for text, place in self.places[number])
            return
        for size in range(1, min(EDGE, len(wanted) - cut) + 1):
            for after in self._heads.get(wanted[cut : cut + size], ()):
                for text, place in self.places[after]:
                    number = self.segments[text][place - 1] if place else after
                    if place and self.letters[number].endswith(first):
                        yield number, text, place - 1

    def _follow(self, text: int, place: int, wanted: str, at: int) -> tuple[int, int] | None:
        """How many segments the rest takes, the one before included, and the last letter."""
        numbers = self.segments[text]
        count = 1
        for number in numbers[place : place + len(wanted)]:
            have, rest = self.letters[number], len(wanted) - at
            count += 1
            if rest <= len(have):
                fits = wanted.startswith(have[:rest], at) and self._whole(number, 0, rest)
                return (count, rest) if fits else None
            if not wanted.startswith(have, at):
                return None
            at += len(have)
        return None

    def _whole(self, number: int, start: int, end: int) -> bool:
        """Say whether a run of letters starts and ends with a word."""
        starts = self.starts[number]
        first = bisect_left(starts, start)
        if first == len(starts) or starts[first] != start:
            return False
        last = bisect_left(starts, end)
        return end == len(self.letters[number]) or (last < len(starts) and starts[last] == end)


def _key(word: str, folded: str) -> str:
    """What makes a word the same as another: letters; in a number its signs too."""
    return word.casefold() if any(map(str.isdigit, word)) else folded


def _borders(seen: str, words: Sequence[re.Match[str]]) -> list[int]:
    """Where the sentences of a text begin, counted in its words, and at last where all end."""
    ends = (match.end() for match in _SENTENCE.finditer(seen))
    begins = (bisect_left(words, end, key=re.Match.start) for end in ends)
    return sorted({0, *begins, len(words)})
