"""Finds the tables among the lines of a PDF's page and reads them by row.

A table is told by what it leaves free: two or more lines with gaps that stand over each other.
Which lines are one cell is told by the order in which the page was written, cell by cell, and by
the rules between rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from clausegraph.loaders.pdf_grids import Cell, Span, Table, grids, merged, ruled
from clausegraph.loaders.pdf_lines import Line, baselines
from clausegraph.loaders.pdf_page import Page, Word

_GAP = 1.4  # of the size: the least gap that starts a table
_LEAST = 0.15  # of the size: the same where the file leaves out the blank
_TALLEST = 3.5  # of the size: how far two lines of a table may lie apart
_LEADING = 1.7  # of the size: more than this between two lines of one cell is another row


def tables(lines: Sequence[Line], page: Page) -> Iterator[Line | Table]:
    """The lines in order, with a table instead of the lines that form it."""
    told = _tells_blanks(lines)
    parts = [_parts(line, page, told) for line in lines]
    frames = [*grids(page), *ruled(page, lines, parts)]

    def frame(index: int) -> int:
        return next((at for at, each in enumerate(frames) if each.holds(lines[index])), -1)

    for at, indices in groupby(range(len(lines)), frame):
        own = list(indices)
        if at >= 0:
            yield frames[at].table([lines[index] for index in own])
        else:
            part = slice(own[0], own[-1] + 1)
            yield from _unframed(lines[part], parts[part], page)


def _unframed(
    lines: Sequence[Line], parts: Sequence[list[Span]], page: Page
) -> Iterator[Line | Table]:
    """The lines in order, with a table instead of lines whose gaps show one."""
    at = 0
    while at < len(lines):
        end = _extent(lines, parts, at)
        if end > at:
            yield _table(lines[at:end], parts[at:end], page)
            at = end
        else:
            yield lines[at]
            at += 1


def _tells_blanks(lines: Sequence[Line]) -> bool:
    """Whether the file writes the blanks between words, so that a gap without one means something."""
    gaps = [word.apart for line in lines for word in line.words[1:]]
    return 5 * sum(gaps) < len(gaps)


def _parts(line: Line, page: Page, told: bool) -> list[Span]:
    """The stretches of a line between wide gaps or upright rules.

    Where blanks are `told`, a gap that none fills need be no wider than a blank.
    """
    parts: list[Span] = []
    for index, word in enumerate(line.words):
        start, end = parts[-1] if parts else (word.x0, word.x0)
        least = _LEAST if told and word.apart else _GAP
        wide = word.x0 - end > least * line.size or _barred(end, word, page)
        if not parts or (wide and not (index == 1 and line.mark and not line.dot)):
            parts.append((word.x0, word.x1))
        else:
            parts[-1] = (start, max(word.x1, end))
    return parts


def _barred(end: float, word: Word, page: Page) -> bool:
    """Whether an upright rule stands between the end of a word and the next word."""
    return any(
        end - 1 < x < word.x0 + 1 and bottom < word.y + 1 and word.y < top
        for x, bottom, top in page.bars
    )


def _extent(lines: Sequence[Line], parts: Sequence[list[Span]], start: int) -> int:
    """Where the table that begins with a line ends; at that line if there is none."""
    columns, last, several = parts[start], start, 1
    written = _written(lines[start])
    if len(columns) < 2:
        return start
    for at in range(start + 1, len(lines)):
        line, above = lines[at], lines[at - 1]
        far = above.y - line.y > _TALLEST * max(line.size, above.size)
        both = merged([*columns, *parts[at]])
        least = 2 if len(parts[at]) > 1 else len(columns)
        if far or line.column != above.column or len(both) < least:
            break
        columns = both
        many = len({_column(left, columns) for left, _ in parts[at]}) > 1
        close = above.y - line.y < _LEADING * line.size and line.x0 > columns[0][1]
        if many or close or _written(line) < written:
            last = at
        several += many
        written = max(written, _written(line))
    return last + 1 if several > 1 else start


def _written(line: Line) -> int:
    """The place in the page's stream at which the whole line had been written."""
    return max(word.order for word in line.words)


def _column(x: float, columns: Sequence[Span]) -> int:
    """The column in which something starts."""
    return max((index for index, (start, _) in enumerate(columns) if start <= x + 0.5), default=0)


def _table(lines: Sequence[Line], parts: Sequence[list[Span]], page: Page) -> Table:
    """The table that lines form."""
    columns = _fused(merged(span for spans in parts for span in spans), parts)
    return Table(page.number, tuple(_rows(lines, columns, page)))


def _fused(columns: list[Span], parts: Iterable[list[Span]]) -> list[Span]:
    """The columns, where neighbours of which no line has both are one: a head set in the middle."""
    used = [{_column(left, columns) for left, _ in spans} for spans in parts]
    fused = columns[:1]
    taken = {0}
    for index, (left, right) in enumerate(columns[1:], start=1):
        if any(index in own and own & taken for own in used):
            fused.append((left, right))
            taken = set()
        else:
            fused[-1] = (fused[-1][0], right)
        taken.add(index)
    return fused


def _rows(lines: Sequence[Line], columns: Sequence[Span], page: Page) -> Iterator[tuple[Cell, ...]]:
    """The rows of a table, each with all its cells."""
    words = [word for line in lines for word in line.words]
    written = sorted(words, key=lambda word: word.order)
    places = [_column(word.x0, columns) for word in written]
    if places != sorted(places):  # else it was written column by column, and only lines tell rows
        words = written
    row = words[:1]
    for before, word in pairwise(words):
        if _breaks(before, word, columns, page):
            yield _cells(row, columns)
            row = []
        row.append(word)
    yield _cells(row, columns)


def _breaks(before: Word, word: Word, columns: Sequence[Span], page: Page) -> bool:
    """Whether a word starts another row than the word in front of it."""
    old, new = _column(before.x0, columns), _column(word.x0, columns)
    drop = before.y - word.y
    if drop > 0.5 * word.size and any(
        left < word.x1 and word.x0 < right and word.y < y < before.y + 0.2 * word.size
        for left, right, y in page.rules
    ):
        return True
    if new < old:
        return new == 0 or drop > _LEADING * word.size
    return new == old and drop > _LEADING * word.size


def _cells(row: Sequence[Word], columns: Sequence[Span]) -> tuple[Cell, ...]:
    """The cells of a row."""
    cells: list[list[Word]] = [[] for _ in columns]
    for word in row:
        cells[_column(word.x0, columns)].append(word)
    return tuple(tuple(baselines(cell)) for cell in cells)
