"""Whether a run of segments with a quotation's letters holds its very characters, and where."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from clausegraph.loaders.normalise import letters
from clausegraph.loaders.quoteindex import WORD, Hit, Index
from clausegraph.loaders.visible import visible

_FIGURE = re.compile(
    r"(?:(?<![\w)\u2013-])[-\u2212])?[<>≤≥±+$€£¥₹]?\d+(?:[.,:]\d+)*(?:[ \u00a0\u202f]?[%‰€£¥+])?"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# Blanks before a break are read from the start of their run only, so that a long run costs no more.
_BREAK = re.compile(r"(?:(?<![^\S\u00a0\n])[^\S\u00a0\n]++)?\n[^\S\u00a0]*+")
_CLOSING = ".,;:!?\u2026)\u201d\u2019\"'"

Span = tuple[int, int]


def figures(seen: str) -> list[str]:
    """The numbers in a seen text with sign and unit, thousands without their comma."""
    found = (re.sub(r"\s", "", match[0]) for match in _FIGURE.finditer(seen))
    return [_THOUSANDS.sub("", figure).replace("\u2212", "-") for figure in found]


class Sought:
    """A quotation, with what is worked out of it once however many places are looked at."""

    def __init__(self, quote: str) -> None:
        """Read the quotation."""
        self.quote = quote
        self.letters = letters(quote)
        self.figures = figures(visible(quote).text)
        self._lines: re.Pattern[str] | None = None
        if "\n" in quote:
            self._lines = re.compile(r"[ \n\t]".join(map(re.escape, _BREAK.split(quote))))

    def exact(self, seen: str) -> Span | None:
        """Where a seen text holds it in whole words; a line break fits any white space."""
        if self._lines is None:
            return _find(seen, self.quote)
        found = self._lines.finditer(seen)
        return next((m.span() for m in found if _whole(seen, *m.span())), None)

    def like(self, seen: str) -> bool:
        """Whether a seen text differs in spacing, case or typography at most."""
        return letters(seen) == self.letters and figures(seen) == self.figures


def seen_span(index: Index, hit: Hit, quote: str) -> Span:
    """Where the letters of a hit stand in the joined seen text, closing signs with them."""
    numbers = run(index, hit)
    joined = joined_text(index, numbers)
    start = _word(index, numbers[0], hit.start).start()
    before = len(joined) - len(index.seen[numbers[-1]])
    last = bisect_left(index.starts[numbers[-1]], hit.end) - 1
    end = before + list(WORD.finditer(index.seen[numbers[-1]]))[last].end()
    if quote[-1:] in _CLOSING:
        while joined[end : end + 1] and joined[end] in _CLOSING:
            end += 1
    return start, end


def run(index: Index, hit: Hit) -> Sequence[int]:
    """The distinct segments of a hit, in order."""
    return index.segments[hit.text][hit.place : hit.place + hit.count]


def joined_text(index: Index, numbers: Sequence[int]) -> str:
    """What a reader sees of segments in a row, a line each."""
    return "\n".join(index.seen[number] for number in numbers)


def source_span(index: Index, hit: Hit, span: Span) -> Span:
    """Turn a span of the joined seen text into offsets in the distinct text."""
    return _source(index, hit, span[0])[0], _source(index, hit, span[1] - 1)[1]


def _source(index: Index, hit: Hit, at: int) -> Span:
    """The offsets in the distinct text of one character of the joined seen text."""
    for step, number in enumerate(run(index, hit)):
        if at < len(index.seen[number]):
            start, end = index.visible(number).source(at, at + 1)
            base = index.offsets[hit.text][hit.place + step]
            return base + start, base + end
        at -= len(index.seen[number]) + 1
    raise IndexError(at)


def _word(index: Index, number: int, letter: int) -> re.Match[str]:
    """The word of a segment that starts with the given letter."""
    return list(WORD.finditer(index.seen[number]))[bisect_left(index.starts[number], letter)]


def _find(text: str, quote: str) -> Span | None:
    """The first place where a text holds the characters and cuts no word."""
    at = text.find(quote)
    while at >= 0:
        if _whole(text, at, at + len(quote)):
            return at, at + len(quote)
        at = text.find(quote, at + 1)
    return None


def _whole(text: str, start: int, end: int) -> bool:
    """Say whether neither end of a span lies inside a word."""
    return not (_cuts(text, start) or _cuts(text, end))


def _cuts(text: str, at: int) -> bool:
    """Say whether a place lies inside a word."""
    low = max(0, at - 60)
    return any(
        low + match.start() < at < low + match.end() for match in WORD.finditer(text[low : at + 60])
    )
