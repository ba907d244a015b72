"""Reads the tables of a PDF that have lines drawn: around each cell, or between the rows only."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from clausegraph.loaders.pdf_lines import Line, baselines
from clausegraph.loaders.pdf_page import Page, Word

_TOUCH = 2.5  # points: how far apart two lines may end that meet
_MOST = 2_000  # lines of a page; more are a drawing
_LEAST_BARS, _LEAST_RULES = 3, 3
_LEADING = 1.7  # of the size: how far apart the lines of a cell are at most
_FURTHEST = 4  # of the size: the same for lines of neighbouring rows

Cell = tuple[tuple[Word, ...], ...]
"""The words of a cell, line by line."""
Rule = tuple[float, float, float]
Span = tuple[float, float]
"""From left to right."""


@dataclass(frozen=True)
class Table:
    """Rows of cells; `goes_on` says that the first row has begun on the page before."""

    page: int
    rows: tuple[tuple[Cell, ...], ...]
    goes_on: bool = False


@dataclass(frozen=True)
class Grid:
    """The frame of a table: where its columns begin and the last ends, and its rules."""

    xs: tuple[float, ...]
    rules: tuple[Rule, ...]
    bottom: float
    top: float

    def holds(self, line: Line) -> bool:
        """Whether a line stands in the frame."""
        within = self.xs[0] - _TOUCH <= line.x0 and line.x1 <= self.xs[-1] + _TOUCH
        return within and self.bottom - _TOUCH < line.y < self.top

    def table(self, lines: Sequence[Line]) -> Table:
        """The table that lines in the frame form."""
        rows: dict[float, list[list[Word]]] = defaultdict(lambda: [[] for _ in self.xs[1:]])
        for word in (word for line in lines for word in line.words):
            column = bisect_right(self.xs, (word.x0 + word.x1) / 2) - 1
            column = min(max(column, 0), len(self.xs) - 2)
            rows[self._above(word)][column].append(word)
        ordered = sorted(rows.items(), reverse=True)
        cells = tuple(tuple(tuple(baselines(cell)) for cell in row) for _, row in ordered)
        return Table(lines[0].page, cells, ordered[0][0] == float("inf"))

    def _above(self, word: Word) -> float:
        """The height of the rule above a word; infinite where there is none."""
        middle = (word.x0 + word.x1) / 2
        heights = [y for x0, x1, y in self.rules if y > word.y and x0 - 1 <= middle <= x1 + 1]
        return min(heights, default=float("inf"))


def grids(page: Page) -> list[Grid]:
    """The frames on a page that make two columns and two rows at least."""
    if max(len(page.rules), len(page.bars)) > _MOST:
        return []
    found = []
    for rules, bars in _meeting(page):
        xs = _apart(x for x, _, _ in bars)
        if len(xs) < _LEAST_BARS:
            continue
        rules += [(xs[0], xs[-1], y) for y in _ends(bars, xs)]
        ys = _apart(y for _, _, y in rules)
        if len(ys) >= _LEAST_RULES:
            edges = [*ys, *(y for _, low, high in bars for y in (low, high))]
            level = tuple((x0, x1, min(ys, key=lambda y: abs(y - at))) for x0, x1, at in rules)
            found.append(Grid(tuple(xs), level, min(edges), max(edges)))
    return found


def _ends(bars: Sequence[Rule], xs: Sequence[float]) -> list[float]:
    """The heights at which a bar ends in every place: a row ends there, though no rule may say so."""
    ends = [(y, x) for x, low, high in bars for y in (low, high)]
    return [
        height
        for height in _apart(y for y, _ in ends)
        if len(_apart(x for y, x in ends if abs(y - height) <= _TOUCH)) == len(xs)
    ]


def ruled(page: Page, lines: Sequence[Line], parts: Sequence[list[Span]]) -> list[Grid]:
    """The tables on a page that have rules between their rows only, and gaps between columns.

    `parts` are the stretches of each line between wide gaps. Lines above the first rule or below
    the last belong to such a table where they keep to its columns.
    """
    found = []
    for extent, ys in _levels(page).items():
        for own, columns in _bands(extent, sorted(ys, reverse=True), lines, parts):
            first, last = _extended(lines, parts, own, columns)
            middle = [(a[1] + b[0]) / 2 for a, b in pairwise(columns)]
            xs = (min(columns[0][0], extent[0]), *middle, max(columns[-1][1], extent[1]))
            rules = tuple((*extent, y) for y in ys)
            top = lines[first].y + lines[first].size
            found.append(Grid(xs, rules, lines[last].y - 1, top))
    return found


def _bands(
    extent: Span, ys: Sequence[float], lines: Sequence[Line], parts: Sequence[list[Span]]
) -> Iterator[tuple[list[int], list[Span]]]:
    """The lines of each run of rows between rules that keep to the same columns, and those."""
    own: list[int] = []
    columns: list[Span] = []
    for top, bottom in pairwise([*ys, ys[-1]]):
        inner = [
            index
            for index, line in enumerate(lines)
            if bottom < line.y < top and extent[0] - _TOUCH < line.x0 < extent[1]
        ]
        spans = merged(span for index in inner for span in parts[index])
        both = merged([*columns, *spans])
        if len(spans) > 1 and len(both) > 1:
            own, columns = [*own, *inner], both
            continue
        if own:
            yield own, columns
        own, columns = (inner, spans) if len(spans) > 1 else ([], [])
    if own:
        yield own, columns


def _levels(page: Page) -> dict[Span, list[float]]:
    """The heights of rules that reach equally far, pieces that touch put together."""
    levels: dict[Span, list[float]] = defaultdict(list)
    if len(page.rules) > _MOST:
        return levels
    ordered = sorted(page.rules, key=lambda rule: (round(rule[2]), rule[0]))
    for y, pieces in groupby(ordered, key=lambda rule: round(rule[2])):
        spans = merged((left - _TOUCH / 2, right + _TOUCH / 2) for left, right, _ in pieces)
        for left, right in spans:
            near = (k for k in levels if abs(k[0] - left) < 3 and abs(k[1] - right) < 3)
            levels[next(near, (left, right))].append(y)
    return levels


def _extended(
    lines: Sequence[Line], parts: Sequence[list[Span]], own: list[int], columns: list[Span]
) -> tuple[int, int]:
    """The first and the last line of a ruled table, with its head and what stands below its rules."""
    above = _reach(lines, parts, range(own[0], -1, -1), columns)
    below = _reach(lines, parts, range(own[-1], len(lines)), columns)
    return above, below


def _reach(
    lines: Sequence[Line], parts: Sequence[list[Span]], way: Sequence[int], columns: list[Span]
) -> int:
    """The last line on the way from a table's edge that belongs to it.

    Lines on the way keep to the columns. A line in the first column alone can be a heading of what
    follows, and is taken only with its neighbours.
    """
    last = way[0]
    for near, at in pairwise(way):
        line, gap = lines[at], abs(lines[near].y - lines[at].y) / lines[at].size
        kept = len(merged([*columns, *parts[at]])) == len(columns)
        if not kept or gap >= _FURTHEST or lines[near].column != line.column:
            break
        inner = len(parts[at]) > 1 or line.x0 > columns[0][1]
        if inner or (last == near and gap < _LEADING):
            last = at
    return last


def merged(spans: Iterable[Span]) -> list[Span]:
    """Stretches that overlap made one, from left to right."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _meeting(page: Page) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """The rules and bars that hang together."""
    owner = list(range(len(page.rules) + len(page.bars)))

    def root(index: int) -> int:
        while owner[index] != index:
            owner[index] = owner[owner[index]]
            index = owner[index]
        return index

    for bar, (x, low, high) in enumerate(page.bars, start=len(page.rules)):
        for rule, (left, right, y) in enumerate(page.rules):
            if left - _TOUCH < x < right + _TOUCH and low - _TOUCH < y < high + _TOUCH:
                owner[root(bar)] = root(rule)
    numbered = sorted(enumerate(page.bars, start=len(page.rules)), key=lambda each: each[1])
    for at, (bar, (x, low, high)) in enumerate(numbered):
        for other, (beside, bottom, top) in numbered[at + 1 :]:
            if beside > x + _TOUCH:
                break
            if bottom < high + _TOUCH and low < top + _TOUCH:
                owner[root(other)] = root(bar)
    parts: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for index, each in enumerate([*page.rules, *page.bars]):
        parts[root(index)][index >= len(page.rules)].append(each)
    yield from parts.values()


def _apart(values: Iterator[float]) -> list[float]:
    """Values in order, without those that are nearly the same as the one before."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _TOUCH:
            kept.append(value)
    return kept
