"""The measures of a PDF's typesetting: size of the running text, distance of lines, right margin."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from clausegraph.loaders.markdown_text import is_wide
from clausegraph.loaders.pdf_lines import Line, usual_size

_USUAL_LEADING = 1.2
_WIDER = 1.25  # times the usual distance: where a paragraph ends
_TITLE_LEADING = 1.35
_MANY = 8  # lines that a column must have to say where its margin is
_NEAR = 10.0  # points


@dataclass
class Measure:
    """What a document is set in; `leading` is in sizes of type, the rest in points.

    `spaced` says that paragraphs stand apart by more than lines do.
    """

    body: float
    leading: float = _USUAL_LEADING
    spaced: bool = True
    margins: dict[tuple[int, int], float] = field(default_factory=dict)

    def close(self, above: Line, below: Line, title: bool = False) -> bool:
        """Whether two lines are no further apart than the lines of a paragraph."""
        gap = (above.y - below.y) / max(above.size, below.size)
        most = _WIDER * self.leading
        return 0 < gap <= (max(most, _TITLE_LEADING) if title else most)

    def full(self, line: Line, after: Line) -> bool:
        """Whether a line had no room for the word that the next one begins with."""
        first = after.words[0]
        if line.text.endswith(("-", "\u00ad")) and first.text[0].islower():
            return True
        width = (
            2.2 * first.size if is_wide(first.text[0]) else 0.25 * line.size + first.x1 - first.x0
        )
        return line.x1 + width > self.margins[line.page, line.column] - 1


def measure(lines: Sequence[Line]) -> Measure:
    """The measures of a document, from the lines that stand in no table."""
    if not lines:
        return Measure(1.0)
    found = Measure(usual_size(lines), margins=_margins(lines))
    gaps = [(above, below, gap) for above, below, gap in _gaps(lines, found.body)]
    wrapped = Counter(round(gap, 1) for above, below, gap in gaps if found.full(above, below))
    if wrapped:
        found.leading = max(wrapped, key=lambda gap: (wrapped[gap], -gap))
    apart = sum(not found.close(above, below) for above, below, _ in gaps)
    ended = sum(
        found.close(above, below) and not found.full(above, below) and not below.mark
        for above, below, _ in gaps
    )
    found.spaced = apart >= ended
    return found


def _gaps(lines: Sequence[Line], body: float) -> Iterator[tuple[Line, Line, float]]:
    """Neighbouring lines of running text with their distance in sizes of type."""
    for above, below in pairwise(lines):
        same = (above.page, above.column) == (below.page, below.column)
        plain = max(abs(above.size - body), abs(below.size - body)) < 0.08 * body
        if same and plain:
            gap = (above.y - below.y) / body
            if 0 < gap < 4:
                yield above, below, gap


def _margins(lines: Sequence[Line]) -> dict[tuple[int, int], float]:
    """How far to the right each column of each page reaches.

    A column of few lines is taken to be as wide as others that begin at the same place.
    """
    columns: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for line in lines:
        columns[line.page, line.column].append(line)
    margins = {
        key: (min(line.x0 for line in own), max(line.x1 for line in own))
        for key, own in columns.items()
    }
    wide = [margins[key] for key, own in columns.items() if len(own) >= _MANY]
    return {
        key: right
        if len(columns[key]) >= _MANY
        else max([right, *(r for x, r in wide if abs(x - left) < _NEAR)])
        for key, (left, right) in margins.items()
    }
