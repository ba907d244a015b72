"""Finds tables in plain text: rows between pipes, or columns set with blanks or tabs."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FRAME = re.compile(r"[\s|+:=-]*(?:[|+]|[=-]{2}\s+[=-]{2})[\s|+:=-]*")
_GAP = re.compile(r"(?<=\S)(?:[ ]*\t[\t ]*|[ ]{2,})(?=\S)")
_WIDE = re.compile(r"(?<=\S)(?:[ ]*\t|[ ]{3,})(?=\S)|(?<=\S)\t")
_SENTENCE = (".", "!", "?", ":")

Cells = list[str]


def framed(lines: Sequence[str], start: int) -> tuple[int, list[Cells]]:
    """Read rows between pipes from a line on; where they end, and the rows."""
    rows: list[Cells] = []
    at = start
    while at < len(lines):
        line = lines[at].strip()
        if not is_frame(line):
            if not (line.startswith("|") and line.endswith("|") and len(line) > 1):
                break
            rows.append([cell.strip() for cell in line[1:-1].split("|")])
        at += 1
    return (at, rows) if rows else (start, [])


def is_frame(line: str) -> bool:
    """Whether a line only draws the frame of a table."""
    return bool(line.strip()) and _FRAME.fullmatch(line) is not None


def columned(lines: Sequence[str], start: int) -> tuple[int, list[Cells]]:
    """Read rows set in columns from a line on; where they end, and the rows.

    At least two lines have their columns at the same places, or are parted by tabs. A line that
    fills only later columns goes on with the row above it.
    """
    columns: set[int] = set()
    rows: list[Cells] = []
    at, wide = start, False
    while at < len(lines):
        line = lines[at]
        if rows and is_frame(line):
            at += 1
            continue
        cells = _cells(line)
        starts = {place for place, _ in cells[1:]}
        tabbed = "\t" in line.strip()
        going_on = bool(rows) and bool(cells) and cells[0][0] > 0 and cells[0][0] in columns
        if not going_on and (len(cells) < 2 or (rows and not tabbed and not starts & columns)):
            break
        wide = wide or _WIDE.search(line) is not None
        if going_on:
            _add(rows[-1], cells, columns)
        else:
            columns = (columns & starts) if rows and not tabbed else columns | starts
            rows.append([text for _, text in cells])
        at += 1
    return (at, rows) if len(rows) > 1 and wide else (start, [])


def _cells(line: str) -> list[tuple[int, str]]:
    """The cells of a line with the places at which they start."""
    cells: list[tuple[int, str]] = []
    at = len(line) - len(line.lstrip())
    for gap in _GAP.finditer(line):
        if "\t" not in gap[0] and len(gap[0]) == 2 and line[: gap.start()].endswith(_SENTENCE):
            continue
        cells.append((at, line[at : gap.start()].strip()))
        at = gap.end()
    if rest := line[at:].strip():
        cells.append((at, rest))
    return cells


def _add(row: Cells, cells: list[tuple[int, str]], columns: set[int]) -> None:
    """Add what a line goes on with to the cells of the row above it."""
    places = [0, *sorted(columns)]
    for place, text in cells:
        index = places.index(place) if place in places else len(row) - 1
        if index < len(row):
            row[index] = f"{row[index]} {text}"
        else:
            row.append(text)
