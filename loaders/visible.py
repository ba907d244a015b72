"""What a reader sees of a Markdown passage, with the place in the source of every character.

Two readings of markup stand side by side. `normalise`, with `markup.unmarked` under it, answers
whether two texts say the same: it knows definitions, fences and scripts, and keeps no offsets. A
quotation needs them, so this module takes away marks in a passage only (link targets, images,
emphasis, tags, comments, what marks headings, lists and tables), decodes escapes and entities, and
folds nothing: quotes, dashes, case, soft hyphens and zero-width characters stay as they are. A test
holds both to the same letters.

White space is layout. A run of it is one blank; a forced line break is a line feed; the border of
two table cells is a tab.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from clausegraph.loaders.normalise import letters

_TARGET = (
    r"[ \t\n]{0,9}(?:<[^<>\n]{0,4000}>|[^()\s]{0,4000}(?:\([^()\s]{0,4000}\)[^()\s]{0,4000}){0,20})"
    r"(?:\s{1,9}(?:\"[^\"]{0,4000}\"|'[^']{0,4000}'))?\s{0,9}\)"
)
# What is copied: words with single blanks between them. `_FIRST` cannot start the mark of a line.
_INNER = r"[^\s<>\\&!\[\]*_~`|]"
_FIRST = r"[^\s<>\\&!\[\]*_~`|=:+\-\#]"
_MARKUP = re.compile(
    rf"""
    (?P<plain>{_FIRST}{_INNER}*+(?:[ ](?!\#){_INNER}++)*+)
  | (?P<comment><!--)
  | <(?P<auto>(?:https?://|mailto:)[^\s<>]{{1,4000}}|[^\s<>@/]{{1,300}}@[^\s<>]{{1,300}})>
  | (?P<cell></t[dh]>)
  | (?P<forced><(?:br|/p|/li|/div|/tr|/h[1-6]|hr)\b[^<>]{{0,400}}>|[ ]{{2,}}+\r?\n|\\\r?\n|[ \t]*+\r?\n[ \t]*+\r?\n\s*+)
  | (?P<tag></?[A-Za-z][^<>]{{0,4000}}>)
  | \\(?P<escaped>[!-/:-@\[-`{{-~])
  | (?P<entity>&(?:\#\d{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});)
  | (?P<image>!\[(?:[^\[\]\\]|\\.){{0,4000}}\]\({_TARGET})
  | (?P<close>\]\({_TARGET})
  | (?P<open>\[)
  | (?P<end>\])
  | (?P<rule>^[ \t]*+(?:=++|(?:-[ \t]*+){{2,}}+|(?:\*[ \t]*+){{3,}}+|(?:_[ \t]*+){{3,}}+
      |\|?[ \t]*+:?-++:?[ \t]*+\|[-:| \t]*+|=++[ \t]*+)$)
  | (?P<mark>^(?:[ \t]*+>)*+[ \t]*+(?:(?:[*+-]|\#{{1,6}})[ \t]++|(?<=>)))
  | (?P<hashes>[ \t]++\#++[ \t]*+$)
  | (?P<emphasis>\*+|_+|~~|`+)
  | (?P<pipe>[ \t]*+\|[ \t]*+)
  | (?P<space>[ \t\r\n\f]+)
    """,
    re.MULTILINE | re.VERBOSE,
)
_DROPPED = frozenset({"image", "rule", "mark", "hashes"})
_SHOWN = frozenset({"close", "tag"})  # as they stand, where nothing was opened, or no tag is meant
_RUN = re.compile(r"\s+|\S+")


@dataclass(frozen=True)
class Visible:
    """The seen text of a passage; `starts` and `sources` are the first offsets of its pieces.

    A piece is either copied from the source character by character, or stands for one token.
    """

    text: str
    starts: tuple[int, ...]
    sources: tuple[int, ...]
    ends: tuple[int, ...]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in the source of a non-empty span of the seen text."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1) - 1
        begin = min(self.sources[first] + start - self.starts[first], self.ends[first])
        beyond = self.sources[last] + end - self.starts[last]
        return begin, self.ends[last] if end >= self._after(last) else beyond

    def copied(self, at: int) -> tuple[int, int]:
        """Where the copied piece with a character of the seen text ends, and how far its source is.

        The end is 0 for a character that stands for a token.
        """
        piece = bisect_right(self.starts, at) - 1
        after, shift = self._after(piece), self.sources[piece] - self.starts[piece]
        return (after if self.ends[piece] == after + shift else 0), shift

    def _after(self, piece: int) -> int:
        """Where a piece ends in the seen text."""
        return self.starts[piece + 1] if piece + 1 < len(self.starts) else len(self.text)


def visible(text: str, row: bool = False) -> Visible:
    """Take the markup away from `text`; in a table's `row` a pipe is the border of two cells."""
    row = row or text.lstrip().startswith("|")
    pieces: list[tuple[str, int, int]] = []
    opened: list[int] = []
    at, last = 0, text.rfind("-->")
    for token in _MARKUP.finditer(text):
        kind = token.lastgroup or ""
        if kind == "plain" or token.start() < at:
            continue
        if token.start() > at:
            pieces.append((text[at : token.start()], at, token.start()))
        at = token.end()
        if kind == "comment":
            at = text.find("-->", at) + 3 if last >= at else at
            continue
        if kind == "close" and opened:
            pieces[opened.pop()] = ("", 0, 0)
            continue
        if kind == "open":
            opened.append(len(pieces))
        elif kind == "end" and opened:
            opened.pop()
        seen = _seen(text, token, kind, row)
        if seen and kind in _SHOWN:
            pieces.extend(_as_it_stands(seen, token.start()))
        else:
            pieces.append((seen, token.start(), token.end()))
    if at < len(text):
        pieces.append((text[at:], at, len(text)))
    return _assemble(pieces)


def _as_it_stands(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """The pieces of what looked like markup and is none; white space is layout there, too."""
    for part in _RUN.finditer(text):
        seen = " " if part[0].isspace() else part[0]
        yield seen, start + part.start(), start + part.end()


def _seen(text: str, token: re.Match[str], kind: str, row: bool) -> str:
    """What a reader sees of one token."""
    if kind in _DROPPED:
        return ""
    if kind in {"escaped", "auto"}:
        return token[kind]
    if kind == "entity":
        return unescape(token[0]).replace("\n", " ")
    if kind == "tag":
        return token[0] if letters(token[0]) else ""
    if kind == "cell" or (kind == "pipe" and row):
        return "\t"
    if kind == "emphasis":
        return "" if _emphasises(text, token) else token[0]
    return {"forced": "\n", "space": " "}.get(kind, token[0])


def _emphasises(text: str, token: re.Match[str]) -> bool:
    """Tell marks of emphasis from asterisks between blanks and underscores inside a name."""
    before, after = text[token.start() - 1 : token.start()], text[token.end() : token.end() + 1]
    if not (before.strip() or after.strip()):
        return not before
    return token[0][0] != "_" or not (before.isalnum() and after.isalnum())


def _assemble(pieces: list[tuple[str, int, int]]) -> Visible:
    """Join the pieces, one white-space character for every run of them."""
    out: list[str] = []
    starts, sources, ends = [], [], []
    length, gap = 0, ""
    for seen, start, end in pieces:
        if seen in {" ", "\n", "\t"}:
            gap = max(gap, seen, key=" \n\t".find) if gap else seen
            where = (start, end)
            continue
        if not seen:
            continue
        if gap and length:
            starts.append(length)
            sources.append(where[0])
            ends.append(where[1])
            out.append(gap)
            length += 1
        gap = ""
        starts.append(length)
        sources.append(start)
        ends.append(end)
        out.append(seen)
        length += len(seen)
    return Visible("".join(out), tuple(starts), tuple(sources), tuple(ends))
