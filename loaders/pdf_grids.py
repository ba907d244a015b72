"""Reads the tables of a PDF whose cells are framed: straight lines that meet say what is a cell."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clausegraph.loaders.pdf_lines import Line, baselines
from clausegraph.loaders.pdf_page import Page, Word

_TOUCH = 2.5  # points: how far apart two lines may end that meet
_MOST = 2_000  # lines of a page; more are a drawing
_LEAST_BARS, _LEAST_RULES = 3, 3

Cell = tuple[tuple[Word, ...], ...]
"""The words of a cell, line by line."""
Rule = tuple[float, float, float]


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
        ys = _apart(y for _, _, y in rules)
        if len(xs) >= _LEAST_BARS and len(ys) >= _LEAST_RULES:
            edges = [*ys, *(y for _, low, high in bars for y in (low, high))]
            level = tuple((x0, x1, min(ys, key=lambda y: abs(y - at))) for x0, x1, at in rules)
            found.append(Grid(tuple(xs), level, min(edges), max(edges)))
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
