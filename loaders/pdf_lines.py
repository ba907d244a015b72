"""Puts the words of a PDF's page together to lines in reading order, without running heads."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from clausegraph.loaders.markup import BULLETS
from clausegraph.loaders.pdf_page import Page, Word

_SAME_LINE = 0.45  # of the size: how far baselines on one line may lie apart
_GUTTER = 1.2  # of the size: the least width of what parts two columns
_COLUMN_LINES = 6
_STANDS_OFF = 1.8  # of the size of running text: how far away a head in the same size is at least
_EDGE_LINES = 3  # how many lines at the top and bottom of a page may be running heads
_MOST_DOTS = 2_000
_NUMBERS = re.compile("[0-9]{1,9}")
_NUMBER = r"(?:[0-9]{1,3}|[A-Za-z]|[ivxlcIVXLC]{2,6})"
_NUMBERED = re.compile(rf"\({_NUMBER}\)|{_NUMBER}[.)]|[0-9]{{1,3}}(?:\.[0-9]{{1,3}})+\.?")
_BULLET = re.compile(rf"[-+*\u2013\u2014{BULLETS}]")
_PAGE_OF = re.compile(r"(?:page\s*)?#\s*(?:of|/|von|de)\s*#|page\s*#", re.IGNORECASE)

_Key = tuple[str, int, int]


@dataclass(frozen=True)
class Line:
    """Words on one baseline from left to right, in a column of a page; `dot` is a drawn bullet."""

    page: int
    column: int
    words: tuple[Word, ...]
    dot: bool = False

    @cached_property
    def x0(self) -> float:
        """Where the line starts."""
        return self.words[0].x0

    @cached_property
    def x1(self) -> float:
        """Where the line ends."""
        return self.words[-1].x1

    @cached_property
    def y(self) -> float:
        """The baseline of its largest word."""
        return max(self.words, key=lambda word: word.size).y

    @cached_property
    def size(self) -> float:
        """The size of type that most of its letters have."""
        letters: dict[float, int] = defaultdict(int)
        for word in self.words:
            letters[round(word.size, 1)] += len(word.text)
        return max(letters, key=lambda size: (letters[size], size))

    @cached_property
    def bold(self) -> bool:
        """Whether all words with letters in them are bold."""
        lettered = [word for word in self.words if any(map(str.isalpha, word.text))]
        return bool(lettered) and all(word.bold for word in lettered)

    @cached_property
    def text(self) -> str:
        """The words with blanks between them."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def mark(self) -> str:
        """The mark of an item in front of it, as Markdown writes it; empty if there is none."""
        first = self.words[0]
        if self.dot:
            return "*"
        if len(self.words) < 2:
            return ""
        wide = self.words[1].x0 - first.x1 > 0.6 * first.size
        if _BULLET.fullmatch(first.text) or (first.text == "o" and wide):
            return "*"
        return first.text if _NUMBERED.fullmatch(first.text) else ""


def lines(page: Page) -> list[Line]:
    """The lines of a page in reading order: column by column, from the top down."""
    found = []
    for number, words in enumerate(_columns(page.words)):
        for group in baselines(words):
            found.append(Line(page.number, number, group, _has_dot(group, page)))
    return found


def baselines(words: Iterable[Word]) -> Iterator[tuple[Word, ...]]:
    """Words that stand on one line, line by line from the top; raised and lowered ones included."""
    group: list[Word] = []
    main: Word | None = None
    for word in sorted(words, key=lambda word: (-word.y, word.x0)):
        if main and main.y - word.y > _SAME_LINE * max(main.size, word.size):
            yield tuple(sorted(group, key=lambda each: (each.x0, each.order)))
            group, main = [], None
        group.append(word)
        if main is None or word.size > main.size:
            main = word
    if group:
        yield tuple(sorted(group, key=lambda each: (each.x0, each.order)))


def _has_dot(words: Sequence[Word], page: Page) -> bool:
    """Whether a bullet is drawn in front of a line, as browsers do."""
    first = words[0]
    return any(
        0 < first.x0 - right < 2.5 * first.size
        and -0.1 * first.size < bottom - first.y < 0.6 * first.size
        and 0.15 * first.size < size < 0.65 * first.size
        for right, bottom, size in page.dots[:_MOST_DOTS]
    )


def _columns(words: list[Word]) -> Iterator[list[Word]]:
    """The words of each column in turn; the whole page at once where it is set in one.

    Columns are told from a table by the order in which they were written: all of one first.
    """
    groups = list(baselines(words))
    gutter = _gutter(groups)
    band: list[Word] = []
    whole: list[Word] = []
    for group in groups:
        if gutter is None or any(word.x0 < gutter < word.x1 for word in _joined(group)):
            yield from _split(band, gutter)
            band = []
            whole.extend(group)
        else:
            if whole:
                yield whole
                whole = []
            band.extend(group)
    yield from _split(band, gutter)
    if whole:
        yield whole


def _split(band: list[Word], gutter: float | None) -> Iterator[list[Word]]:
    """The two columns of a band, or the band itself where they are none."""
    if not band:
        return
    assert gutter is not None
    left = [word for word in band if word.x0 < gutter]
    right = [word for word in band if word.x0 >= gutter]
    apart = left and right and max(w.order for w in left) < min(w.order for w in right)
    tall = min(len(list(baselines(left))), len(list(baselines(right)))) >= _COLUMN_LINES
    yield from (left, right) if apart and tall else (band,)


def _joined(group: Sequence[Word]) -> Iterator[Word]:
    """The stretches of a line without a wide gap in them, each as one word."""
    start = end = group[0]
    for word in group[1:]:
        if word.x0 - end.x1 > _GUTTER * word.size:
            yield Word("", start.x0, end.x1, start.y, start.size, False, start.order)
            start = word
        end = word
    yield Word("", start.x0, end.x1, start.y, start.size, False, start.order)


def _gutter(groups: Sequence[Sequence[Word]]) -> float | None:
    """Where a page may be parted: the middle of the wide gap that most lines share."""
    gaps: list[tuple[float, float]] = []
    for group in groups:
        parts = list(_joined(group))
        gaps += [(a.x1, b.x0) for a, b in pairwise(parts)]
    if len(gaps) < _COLUMN_LINES:
        return None
    edges = sorted([(start, 1) for start, _ in gaps] + [(end, -1) for _, end in gaps])
    best = depth = 0
    where = None
    for index, (at, step) in enumerate(edges):
        depth += step
        if depth > best and index + 1 < len(edges):
            best, where = depth, (at + edges[index + 1][0]) / 2
    return where if best >= _COLUMN_LINES else None


def without_running_heads(pages: Sequence[list[Line]]) -> tuple[list[list[Line]], int]:
    """The lines of each page without what is printed at the edge of many, and the number of those.

    Two lines are one running head where their words are the same. In the size of the running text
    their numbers must be the same, too, or count with the pages, for they may be a table's rows. A
    page that stands alone loses no more than a line that only numbers it.
    """
    seen: dict[_Key, dict[int, list[int]]] = defaultdict(dict)
    body = usual_size(line for page in pages for line in page)
    edges = [[line for line in _edges(page) if _stands_off(line, page, body)] for page in pages]
    for number, edge in enumerate(edges):
        for line in edge:
            for key in _keys(line):
                numbers = [] if _is_other(line, body) else _NUMBERS.findall(line.text)
                seen[key][number] = list(map(int, numbers))
    needed = max(2, round(0.4 * len(pages)))
    heads = {key for key, found in seen.items() if len(found) >= needed and _counts(found)}
    kept, removed = [], 0
    for page, edge in zip(pages, edges, strict=True):
        gone = {id(line) for line in edge if _is_head(line, heads)}
        kept.append([line for line in page if id(line) not in gone])
        removed += len(gone)
    return kept, removed


def usual_size(lines: Iterable[Line]) -> float:
    """The size of type that most letters have, in half points; 0 without lines."""
    letters: dict[float, int] = defaultdict(int)
    for line in lines:
        letters[round(line.size * 2) / 2] += len(line.text)
    return max(letters, key=lambda size: letters[size], default=0.0)


def _is_head(line: Line, heads: set[_Key]) -> bool:
    """Whether a line at an edge is a running head or numbers the page."""
    numbers = _PAGE_OF.fullmatch(_numberless(line)) is not None
    return numbers or any(key in heads for key in _keys(line))


def _counts(found: dict[int, list[int]]) -> bool:
    """Whether each number of a line is the same on all pages, or counts with them."""
    columns = zip(*found.values(), strict=True)
    return all(
        len(set(values)) == 1
        or len({value - page for page, value in zip(found, values, strict=True)}) == 1
        for values in columns
    )


def _is_other(line: Line, body: float) -> bool:
    """Whether a line is in another size than the running text."""
    return abs(line.size - body) > 0.08 * body


def _stands_off(line: Line, page: list[Line], body: float) -> bool:
    """Whether a line is in another size than the running text, or stands apart from the others."""
    if _is_other(line, body):
        return True
    gaps = [abs(line.y - other.y) for other in page if other is not line]
    return min(gaps, default=body * 9) > _STANDS_OFF * body


def _edges(page: list[Line]) -> list[Line]:
    """The lines at the top and the bottom of a page."""
    ordered = sorted(page, key=lambda line: -line.y)
    return ordered if len(page) <= 2 * _EDGE_LINES else [*ordered[:3], *ordered[-3:]]


def _keys(line: Line) -> Iterator[_Key]:
    """What two lines must share to be one running head: the words, the height, the place."""
    for height in {round(line.y / 4), round(line.y / 4 + 0.5)}:
        yield _numberless(line), height, round(line.size)


def _numberless(line: Line) -> str:
    """The text of a line with a sign for each number."""
    return _NUMBERS.sub("#", line.text).casefold()
