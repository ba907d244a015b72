"""Reads plain text as Markdown: underlined, capital and numbered headings, items, columns, wrapping.

Plain text shows its structure only by habit, so this is judgement; letters are never lost. Blank
lines part passages. Where a text has hardly any, or long lines, every line that was not wrapped for
want of room is a passage of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from clausegraph.loaders.markdown_text import Block, escaped, is_wide, row, written
from clausegraph.loaders.markup import BULLETS
from clausegraph.loaders.plain_tables import columned, framed, is_frame

_NUMBER = r"(?:[0-9]{1,3}|[A-Za-z]|[ivxlcIVXLC]{2,6})"
_MARK = re.compile(
    rf"(?:(?P<bullet>[-+*\u2013\u2014{BULLETS}]|o(?=\s\s))"
    rf"|(?P<number>\({_NUMBER}\)|{_NUMBER}[.)]|[0-9]{{1,3}}(?:\.[0-9]{{1,3}})+\.?))\s+(?=\S)"
)
_RULE = re.compile(r"\s*(=+|-+|~+|\*+|_+|#+)\s*")
_COLUMNS = re.compile(r"\S(?:\t| {3,})\S")
_END = (".", "!", "?", ":", ";", ",", "\u3002", "\uff1b", "\uff1a")
_LONGEST_HEADING = 100
_LONGEST_TITLE = 80
_LONGEST_WRAPPED = 120  # a text with longer lines was not wrapped
_FEWEST_BLANKS = 12  # lines for each blank line, in a text whose passages stand apart
_LEVELS = {"=": 1, "#": 1, "*": 1, "-": 2, "_": 2, "~": 3}


def markdown(text: str) -> tuple[str, list[str]]:
    """The Markdown of a plain text; there are no notes."""
    return written(blocks(text)), []


def blocks(text: str) -> Iterator[Block]:
    """The passages of a plain text."""
    lines = [line.rstrip() for line in text.splitlines()]
    filled = sum(map(bool, lines))
    width = _width(lines)
    spaced = (len(lines) - filled) * _FEWEST_BLANKS >= filled
    groups = list(_groups(lines))
    for index, group in enumerate(groups):
        around = groups[max(0, index - 1) : index], groups[index + 1 : index + 2]
        if (level := _alone(group, *around, first=index == 0)) is not None:
            yield Block("heading", escaped(group[0]), level=level)
        else:
            yield from _Group(width, spaced).read(group)


def _width(lines: Sequence[str]) -> int:
    """The width to which a text was wrapped; 0 where more than a few lines are too long for that."""
    lengths = sorted(len(line) for line in lines if line and not _COLUMNS.search(line.strip()))
    usual = lengths[: len(lengths) - len(lengths) // 20]
    return usual[-1] if usual and usual[-1] <= _LONGEST_WRAPPED else 0


def _groups(lines: Sequence[str]) -> Iterator[list[str]]:
    """The runs of lines between blank lines."""
    group: list[str] = []
    for line in chain(lines, [""]):
        if line:
            group.append(line)
        elif group:
            yield group
            group = []


def _alone(
    group: list[str], before: list[list[str]], after: list[list[str]], *, first: bool
) -> int | None:
    """The level of a line that stands alone as a heading; None if it is none."""
    line = group[0].strip()
    if len(group) > 1 or len(line) > _LONGEST_HEADING or line.endswith(_END) or "\t" in line:
        return None
    mark = _MARK.match(line)
    if mark:
        if mark["bullet"] or not after:
            return None
        steps = _steps(line)
        siblings = any(len(g) == 1 and _steps(g[0].strip()) == steps for g in (*before, *after))
        return None if siblings or not line[mark.end()].isupper() else min(steps, 4) + 1
    if _in_capitals(line):
        return 1 if first else 2
    plain = len(line) <= _LONGEST_TITLE and line[0].isupper() and ":" not in line
    if not plain or not after:
        return None
    return 1 if first else 3 if _is_prose(after[0]) else None


def _steps(line: str) -> int:
    """How many numbers the mark of a line has; 0 where it has no such mark."""
    mark = _MARK.match(line)
    return len(re.findall(r"\w+", mark["number"])) if mark and mark["number"] else 0


def _in_capitals(line: str) -> bool:
    """Whether a line is all in capitals."""
    return line.isupper() and sum(map(str.isalpha, line)) > 3


def _is_prose(group: list[str]) -> bool:
    """Whether what follows a line can be the text under a heading."""
    return len(group) > 1 or len(group[0]) > _LONGEST_TITLE or group[0].endswith((".", ":"))


@dataclass
class _Group:
    """Reads one run of lines; the passage that is open has lines, a mark and two indentations."""

    width: int
    spaced: bool
    lines: list[str] = field(default_factory=list)
    mark: str = ""
    indent: int = 0
    hang: int = 0
    done: list[Block] = field(default_factory=list)

    def read(self, group: list[str]) -> list[Block]:
        """The passages of a group."""
        at = 0
        while at < len(group):
            at = self._table(group, at) or self._heading(group, at) or self._line(group, at)
        self._close()
        return self.done

    def _table(self, group: list[str], at: int) -> int:
        """Read a table; where it ends, 0 if there is none."""
        end, rows = framed(group, at)
        if not rows and not _MARK.match(group[at].lstrip()):
            end, rows = columned(group, at)
        if not rows:
            return 0
        self._close()
        self.done += [Block("row", row([escaped(cell) for cell in cells])) for cells in rows]
        return end

    def _heading(self, group: list[str], at: int) -> int:
        """Read a rule, or a heading with a rule under it or in capitals; 0 if there is none."""
        line, below = group[at].strip(), group[at + 1] if at + 1 < len(group) else ""
        if _RULE.fullmatch(line) and len(line) > 2:
            self._close()
            return at + 1
        rule = _RULE.fullmatch(below)
        if rule and max(3, len(line) // 2) <= len(rule[1]) and len(line) <= _LONGEST_HEADING:
            self._close()
            self.done.append(Block("heading", escaped(line), level=_LEVELS[rule[1][0]]))
            return at + 2
        capital = _in_capitals(line) and not line.endswith(_END) and not self.lines
        if capital and below and not below.isupper() and len(line) <= _LONGEST_HEADING:
            self.done.append(Block("heading", escaped(line), level=2))
            return at + 1
        return 0

    def _line(self, group: list[str], at: int) -> int:
        """Put a line into the open passage, or begin another with it."""
        line = group[at]
        if is_frame(line):
            return at + 1
        indent = len(line) - len(line.lstrip())
        mark = _MARK.match(line.lstrip())
        full = bool(self.lines) and self._full(line)
        if mark and not (full and self._wraps(indent)):
            self._close()
            self.mark = "*" if mark["bullet"] else mark["number"]
            self.indent, self.hang = indent, indent + mark.end()
            self.lines = [line.lstrip()[mark.end() :]]
        elif self.lines and self._goes_on(indent, full):
            self.lines.append(("" if full else "\n") + line.strip())
            self.indent = min(self.indent, indent)
        else:
            self._close()
            self.indent = self.hang = indent
            self.lines = [line.strip()]
        return at + 1

    def _full(self, line: str) -> bool:
        """Whether the line before had no room for the first word of a line."""
        used = self.hang + len(self.lines[-1].lstrip("\n"))
        first = line.split(maxsplit=1)[0]
        needed = 2 if is_wide(first[0]) else 1 + len(first)
        return used + needed > self.width > 0

    def _wraps(self, indent: int) -> bool:
        """Whether what looks like the mark of an item is a word of the sentence that is open."""
        return not self.mark and indent == self.indent and not self.lines[-1].endswith(_END)

    def _goes_on(self, indent: int, full: bool) -> bool:
        """Whether a line without a mark belongs to the open passage."""
        if self.mark:
            return full or abs(indent - self.hang) < 2
        if indent > self.indent + 1 and len(self.lines) > 1:
            return False
        return full or (self.spaced and self.width > 0)

    def _close(self) -> None:
        """End the open passage."""
        if self.lines:
            text = self.lines[0]
            for line in self.lines[1:]:
                text += line if line[0] == "\n" else " " + line
            seen = "\n".join(escaped(part) for part in text.split("\n"))
            kind = "item" if self.mark else "paragraph"
            self.done.append(Block(kind, seen, depth=bool(self.mark), marker=self.mark))
        self.lines, self.mark = [], ""
