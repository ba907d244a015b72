"""Cuts a Markdown text into its passages, by the document's own structure, in one pass over lines.

Nothing here depends on platform, locale or day. What archives make of real pages is read kindly:
a line in bold is a heading, `1.2`, `(a)` and `a)` mark items as `1.` does, escaped or not. A
passage may hold no visible text (a link definition, a comment): its `normalise` is then empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from clausegraph.loaders.markup import BULLETS
from clausegraph.loaders.normalise import normalise

_SIGN = re.compile(r"[^\W_]")  # a letter or a digit
_NUMBER = r"(?:[0-9]{1,3}|[A-Za-z]|[ivxlcIVXLC]{2,6})"
_BULLET = re.compile(rf"(?:[-+*{BULLETS}]|\\[-+*])(?=\s)")
_NUMBERED = re.compile(
    rf"(?:\\?\({_NUMBER}\\?\)|{_NUMBER}\\?[.)]|[0-9]{{1,3}}(?:\\?\.[0-9]{{1,3}})+(?:\\?\.)?)(?=\s)"
)
_ATX = re.compile(r"(#{1,6})(?=\s)")
_FENCE = re.compile(r"(`{3,}+(?=[^`]*$)|~{3,}+)(.*)", re.DOTALL)
_TAG = re.compile(r"<(h[1-6]|li|tr|dd)(?=[\s>])", re.IGNORECASE)
_UNSEEN = re.compile(r"<(?:!--|(?:script|style)(?=[\s>]))", re.IGNORECASE)
_NO_WORDS = re.compile(
    r"[0-9\s.\\()\u00a7:#\u2013-]*"
)  # what may stand beside the bold part of a heading
_RULE = re.compile(r"[\s|:>-]+")
_BOLD_LEVEL = 7
_LONGEST_HEADING = 120  # characters as a reader sees them
_LONGEST_SETEXT = 300


@dataclass(frozen=True, slots=True)
class Segment:
    """A passage: characters `start` to `end` of the text, its kind, the headings it stands under.

    `kind` is heading, paragraph, item, row, definition or code. `headings` are normalised, the
    outermost first; a heading's own text is not among its own.
    """

    start: int
    end: int
    kind: str
    headings: tuple[str, ...]


class _Line(NamedTuple):
    """A line without its indentation and quote marks: where the rest starts and ends."""

    start: int
    end: int
    text: str


def segment(text: str) -> list[Segment]:
    """Cut a text into passages, in order and apart; no letter or digit lies outside of them.

    No passage crosses a heading. Deterministic, never raises, time linear in the length.
    """
    return _Segmenter(text).run()


class _Segmenter:
    """The state of one pass: the passages closed, the one that is open, the headings above it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.done: list[Segment] = []
        self.stack: list[tuple[int, str]] = []
        self.path: tuple[str, ...] = ()
        self.start = self.end = 0
        self.kind = ""  # of the open passage; empty if there is none
        self.fence = ""  # what opened the code that is open
        self.until = 0  # the end of a comment or script that is open
        self.table = False
        self.missing: set[str] = set()

    def run(self) -> list[Segment]:
        """Read every line; a table without outer pipes is known by the line below its first."""
        before: _Line | None = None
        for line in _lines(self.text):
            if before is not None:
                self._read(before, line.text)
            before = line
        if before is not None:
            self._read(before, "")
        self._close()
        return self.done

    def _read(self, line: _Line, below: str) -> None:
        """Put one line into the open passage or start another with it."""
        if self.until and line.start >= self.until:
            self._close()
        if self.fence or line.start < self.until:
            self._extend(line)
        elif not line.text:
            if self.kind or self.table:
                self._close()
        elif not _SIGN.search(line.text) and not _FENCE.match(line.text):
            self._without_words(line)
        elif not self._verbatim(line) and not self._heading(line):
            self._body(line, below)

    def _extend(self, line: _Line) -> None:
        """Put a line of code, of a comment or of a script into the open passage."""
        self.end = line.end if line.text else self.end
        mark = _FENCE.match(line.text) if self.fence else None
        if mark and mark[1].startswith(self.fence) and not mark[2].strip():
            self._close()

    def _without_words(self, line: _Line) -> None:
        """End what is open; a line of = or - makes a heading of the paragraph above it."""
        bare = line.text
        short = self.end - self.start <= _LONGEST_SETEXT
        if self.kind == "paragraph" and short and (not bare.strip("=") or _dashes(bare)):
            self._close_heading(1 if bare[0] == "=" else 2)
            return
        self._close(keep_table=_RULE.fullmatch(bare) is not None)

    def _verbatim(self, line: _Line) -> bool:
        """Start code, or a comment or script that may hold blank lines."""
        if line.text[0] not in "`~<":
            return False
        if (mark := _FENCE.match(line.text)) is not None:
            self._open("code", line)
            self.fence = mark[1]
            return True
        if (unseen := _UNSEEN.match(line.text)) is None:
            return False
        close = "-->" if unseen[0] == "<!--" else f"</{unseen[0][1:]}"
        end = self._find(close, line.start + len(unseen[0]))
        if end <= line.end:
            return False
        self._open("paragraph", line)
        self.until = end
        return True

    def _find(self, sign: str, at: int) -> int:
        """Find the end of a sign, or -1; never search in vain twice."""
        found = -1 if sign in self.missing else self.text.find(sign, at)
        if found < 0:
            self.missing.add(sign)
            return -1
        return found + len(sign)

    def _heading(self, line: _Line) -> bool:
        """Take the line as a heading if it is one by its signs, its tag or its bold type."""
        first = line.text[0]
        if first == "#" and (mark := _ATX.match(line.text)):
            level = len(mark[1])
        elif first == "<" and (tag := _TAG.match(line.text)) and tag[1][0] in "hH":
            level = int(tag[1][1])
        elif self.kind != "paragraph" and not self.table and _is_bold(line.text):
            level = _BOLD_LEVEL
        else:
            return False
        self._open("heading", line)
        self._close_heading(level)
        return True

    def _body(self, line: _Line, below: str) -> None:
        """Take the line as a row, an item, a definition or a part of a paragraph."""
        kind = self._kind(line.text, below)
        if kind == "row":
            self._open("row", line)
            self._close(keep_table=True)
            self.table = True
        elif kind:
            self._open(kind, line)
        elif self.kind:
            self.end = line.end
        else:
            self._open("paragraph", line)

    def _kind(self, bare: str, below: str) -> str:
        """Tell what a line starts; empty if it only goes on."""
        if bare[0] == "|" or ("|" in bare and (self.table or _is_rule(below))):
            return "row"
        if _BULLET.match(bare) or _NUMBERED.match(bare):
            return "item"
        if bare[0] == ":" and bare[1:2].isspace():
            return "definition"
        tag = _TAG.match(bare) if bare[0] == "<" else None
        return {"li": "item", "tr": "row", "dd": "definition"}[tag[1].lower()] if tag else ""

    def _open(self, kind: str, line: _Line) -> None:
        """Close what is open and start a passage with a line."""
        if self.kind or self.table:
            self._close()
        self.kind, self.start, self.end = kind, line.start, line.end

    def _close(self, *, keep_table: bool = False) -> None:
        """Close what is open."""
        if self.kind:
            self.done.append(Segment(self.start, self.end, self.kind, self.path))
        self.kind = self.fence = ""
        self.until = 0
        self.table = self.table and keep_table

    def _close_heading(self, level: int) -> None:
        """Close what is open as a heading; what follows stands under it."""
        while self.stack and self.stack[-1][0] >= level:
            self.stack.pop()
        self.path = tuple(title for _, title in self.stack)
        self.kind = "heading"
        title = _title(self.text[self.start : self.end])
        self._close()
        self.stack.append((level, title))
        self.path = (*self.path, title)


@lru_cache(maxsize=4_096)
def _title(text: str) -> str:
    """A heading, or what may be one, as a reader sees it; archives repeat headings many times."""
    return normalise(text)


def _lines(text: str) -> Iterator[_Line]:
    """Give every line, without blanks around it and without the marks of block quotes."""
    at = 0
    for whole in text.splitlines(keepends=True):
        bare = rest = whole.rstrip()
        if bare and not bare[0].isalnum():
            rest = bare.lstrip(" \t>").lstrip()
        end = at + len(bare)
        yield _Line(end - len(rest), end, rest)
        at += len(whole)


def _dashes(bare: str) -> bool:
    """Tell whether a line is two dashes or more."""
    return len(bare) > 1 and not bare.strip("-")


def _is_rule(bare: str) -> bool:
    """Tell whether a line is the one that stands between a table's head and its rows."""
    return "|" in bare and "-" in bare and _RULE.fullmatch(bare) is not None


def _is_bold(bare: str) -> bool:
    """Tell whether a line is all in bold, but for numbers, and short enough for a heading."""
    mark = "**" if "**" in bare[:40] else "__" if bare.startswith("__") else ""
    if not mark or len(bare) > 600 or _BULLET.match(bare):
        return False
    parts = bare.split(mark)
    if len(parts) < 3 or not len(parts) % 2 or not all(map(_NO_WORDS.fullmatch, parts[::2])):
        return False
    seen = _title(bare)
    longest = _LONGEST_HEADING // (2 if seen.endswith((".", ",", ";", ":")) else 1)
    return len(seen) <= longest and _SIGN.search("".join(parts[1::2])) is not None
