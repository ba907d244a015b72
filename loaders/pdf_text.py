"""Reads a PDF as Markdown: headings by the size of type, items by their marks, paragraphs whole.

A PDF knows only letters and places, so all of this is judgement. Where it is in doubt the letters
stay and a passage is cut rather than joined. This runs in a process of its own (`contained`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from clausegraph.loaders.contained import ContainedError
from clausegraph.loaders.markdown_text import Block, escaped, row, written
from clausegraph.loaders.pdf_grids import Table
from clausegraph.loaders.pdf_join import Joiner
from clausegraph.loaders.pdf_lines import Line, lines, without_running_heads
from clausegraph.loaders.pdf_measure import Measure, measure
from clausegraph.loaders.pdf_page import Page, pages
from clausegraph.loaders.pdf_tables import tables

_ENDS_SENTENCE = (".", "!", "?", ":", "\u3002", "\uff1a")
_HEADING = 1.12  # of the size of the running text
_LONGEST_HEADING = 200
_LONGEST_CAPITALS = 100
_MOST_SHOWN = 20


def markdown(data: bytes) -> tuple[str, list[str]]:
    """The text of a PDF and notes on what was left out.

    Raises `ContainedError` where the file cannot be opened or has no text at all.
    """
    found = list(pages(data))
    if not any(page.words for page in found):
        raise ContainedError("empty")
    kept, heads = without_running_heads([lines(page) for page in found])
    text = written(_blocks(found, kept))
    return text, list(_notes(found, heads))


def _notes(found: Sequence[Page], heads: int) -> Iterator[str]:
    """What a reader of the result should know."""
    bare = [page.number for page in found if not page.words]
    if bare:
        shown = ", ".join(map(str, bare[:_MOST_SHOWN])) + (" \u2026" if bare[_MOST_SHOWN:] else "")
        yield (
            f"PDF page {shown} has no text" if len(bare) == 1 else f"PDF pages {shown} have no text"
        )
    if heads:
        yield f"{heads} lines of running heads and page numbers left out"
    if turned := sum(page.turned for page in found):
        yield f"{turned} words at an angle to the rest left out"


def _blocks(found: Sequence[Page], kept: Sequence[list[Line]]) -> Iterator[Block]:
    """The passages of the document."""
    joiner = Joiner(line.words for page in kept for line in page)
    parts = [each for page, own in zip(found, kept, strict=True) for each in tables(own, page)]
    builder = _Builder(measure([each for each in parts if isinstance(each, Line)]), joiner)
    for each in parts:
        builder.take(each)
    builder.close()
    yield from _levelled(builder.done)


@dataclass
class _Open:
    """The passage that is being put together: its lines, and where its text starts."""

    lines: list[Line] = field(default_factory=list)
    forced: set[int] = field(default_factory=set)
    mark: str = ""
    left: float = 0.0

    @property
    def bold(self) -> bool:
        """Whether all of it is in bold type."""
        return all(line.bold for line in self.lines)


class _Builder:
    """Takes lines and tables in order and makes passages; a heading's level is its size for now."""

    def __init__(self, sizes: Measure, joiner: Joiner) -> None:
        self.sizes, self.joiner = sizes, joiner
        self.open = _Open()
        self.done: list[tuple[Block, float]] = []
        self.table: Table | None = None
        self.head: list[str] = []  # the first row of that table
        self.rows: list[list[str]] = []  # the last ones of it

    def take(self, each: Line | Table) -> None:
        """Take the next line or table."""
        if isinstance(each, Table):
            self.close()
            self._table(each)
            return
        mark = self._mark(each)
        if mark or not self.open.lines or not self._goes_on(each):
            self.close()
            start = 1 if mark and not each.dot else 0
            self.open = _Open([each], set(), mark, each.words[start].x0)
            self.table = None
            return
        if self._forced(each):
            self.open.forced.add(len(self.open.lines))
        self.open.lines.append(each)

    def _table(self, table: Table) -> None:
        """Take a table's rows; its head, printed again on another page, only once."""
        rows = [[self.joiner.text(cell) if cell else "" for cell in row] for row in table.rows]
        before = self.table
        if before and before.page < table.page and self.head == _filled(rows[0]):
            del rows[0]
        elif before and before.page < table.page and table.goes_on and self.rows:
            rows[0] = _together(self.rows.pop(), rows[0])
            self.done.pop()
        else:
            self.head = _filled(rows[0])
        self.table, self.rows = table, rows
        self.done += [(Block("row", row([escaped(cell) for cell in each])), 0.0) for each in rows]

    def _mark(self, line: Line) -> str:
        """The mark of an item, unless the line is a heading or only goes on with a sentence."""
        mark = line.mark
        if not mark or line.dot:
            return mark
        if mark != "*" and self._is_title(line):
            return ""
        return "" if self.open.lines and self._wraps(line) else mark

    def _wraps(self, line: Line) -> bool:
        """Whether what looks like the mark of an item is a word of the sentence that is open."""
        opened, last = self.open, self.open.lines[-1]
        return (
            self.sizes.close(last, line)
            and self.sizes.full(last, line)
            and abs(opened.left - line.x0) < 1
            and not last.text.endswith(_ENDS_SENTENCE)
            and last.bold == line.bold
        )

    def _is_title(self, line: Line) -> bool:
        """Whether a line looks like a heading by its type."""
        return line.bold or line.size >= _HEADING * self.sizes.body

    def _goes_on(self, line: Line) -> bool:
        """Whether a line belongs to the passage that is open."""
        last, sizes = self.open.lines[-1], self.sizes
        title = self._is_title(line)
        if abs(last.size - line.size) > 0.08 * last.size:
            return False
        full = sizes.full(last, line)
        if line.bold != self.open.bold and not full:
            return False
        if line.bold and not last.bold and not full:
            return False
        if (last.page, last.column) != (line.page, line.column):
            return self._crosses(last, line, full)
        if not sizes.close(last, line, title):
            return False
        return title or self._stands_under(line, full)

    def _stands_under(self, line: Line, full: bool) -> bool:
        """Whether a line stands where the next line of the open passage must."""
        opened, last, em = self.open, self.open.lines[-1], line.size
        if opened.mark:
            hanging = abs(line.x0 - opened.left) < 0.7 * em
            return hanging or (full and abs(line.x0 - opened.lines[0].x0) < 0.7 * em)
        if line.x0 - last.x0 > 0.8 * em:
            return False
        if last.x0 - line.x0 > 0.8 * em and len(opened.lines) > 1:
            return False
        return full or self.sizes.spaced

    def _crosses(self, last: Line, line: Line, full: bool) -> bool:
        """Whether a passage runs on from one page or column to the next."""
        text = last.text
        if self._is_title(line) or not full:
            return text.endswith("-") and line.text[:1].islower()
        if text.endswith((":", ";")):
            return False
        same = (last.page + 1 == line.page) and abs(line.x0 - last.x0) < 0.7 * line.size
        hanging = abs(line.x0 - self.open.left) < 0.7 * line.size
        return same or hanging or line.text[:1].islower()

    def _forced(self, line: Line) -> bool:
        """Whether the line was begun by will and not for want of room."""
        last = self.open.lines[-1]
        return last.page == line.page and not self.sizes.full(last, line)

    def close(self) -> None:
        """End the open passage."""
        opened, self.open = self.open, _Open()
        if not opened.lines:
            return
        words = [line.words for line in opened.lines]
        if opened.mark and not opened.lines[0].dot:
            words[0] = words[0][1:]
        text = self.joiner.text(words, frozenset(opened.forced))
        self.done.append(self._block(opened, text))

    def _block(self, opened: _Open, text: str) -> tuple[Block, float]:
        """The passage, and the size that ranks it where it is a heading."""
        seen = "\n".join(escaped(line) for line in text.split("\n"))
        size = opened.lines[0].size
        if opened.mark:
            return Block("item", seen, depth=1, marker=opened.mark), 0.0
        large = size >= _HEADING * self.sizes.body and len(text) <= _LONGEST_HEADING
        if large and (opened.bold or not text.endswith(".")):
            return Block("heading", seen), size
        if opened.bold:
            return Block("paragraph", _in_bold(seen)), 0.0
        if _in_capitals(text):
            return Block("heading", seen), 0.01
        return Block("paragraph", seen), 0.0


def _filled(cells: list[str]) -> list[str]:
    """The cells that hold something."""
    return [cell for cell in cells if cell]


def _together(above: list[str], below: list[str]) -> list[str]:
    """The cells of a row that was begun on one page and ends on the next."""
    pairs = zip_longest(above, below, fillvalue="")
    return [" ".join(filter(None, pair)) for pair in pairs]


def _in_bold(text: str) -> str:
    """Markdown in bold type, line by line."""
    return "\n".join(f"**{line}**" for line in text.split("\n"))


def _in_capitals(text: str) -> bool:
    """Whether a short line is all in capitals, as headings of contracts are."""
    letters = [sign for sign in text if sign.isalpha()]
    short = len(text) <= _LONGEST_CAPITALS and "\n" not in text
    return short and len(letters) > 3 and text.isupper() and not text.endswith((".", ",", ";"))


def _levelled(done: Sequence[tuple[Block, float]]) -> Iterator[Block]:
    """The passages, with the levels of headings by the rank of their size."""
    counted = Counter(round(size * 2) for block, size in done if block.kind == "heading")
    ranks = {size: rank for rank, size in enumerate(sorted(counted, reverse=True), start=1)}
    for block, size in done:
        level = ranks.get(round(size * 2), 0)
        yield replace(block, level=level) if block.kind == "heading" else block
