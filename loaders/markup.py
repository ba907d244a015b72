"""What of Markdown, and of HTML inside Markdown, a reader does not see; in time linear in the text.

Rules of CommonMark 0.31 (https://spec.commonmark.org/0.31.2/), with two deliberate leanings. Where
it is in doubt whether letters are visible they stay: an unknown tag is text, and a reference
without a definition is text. And a link torn apart by blank lines, as archives write it, is a
link wherever its target looks like an address. Indented code is read as ordinary text.
"""

from __future__ import annotations

import html
import re
from collections import deque
from html.entities import html5
from typing import NamedTuple

BULLETS = "\u2022\u2023\u2043\u2219\u25cf\u25cb\u25e6\u25aa\u25ab\u25a0\u25a1\u25fe\u25fd\u2713\u2714\u27a2\u27a4\u25ba\u25b8"
# what stands in front of an item instead of Markdown's * - +

_FENCE = re.compile(r"^[ \t>]*(?:[-+*][ \t]+)?(`{3,}+(?=[^`\n]*$)|~{3,}+)([^\n]*)$", re.MULTILINE)
_MARKERS = re.compile(
    rf"^[ \t>]*+(?:(?:[-+*:{BULLETS}]|#{{1,6}})(?=[ \t\n]|\Z)[ \t>]*+)*+", re.MULTILINE
)
_UNDERLINE = re.compile(r"^[-=_*|:+ \t>]++$", re.MULTILINE)
_ATX = re.compile(r"^[ \t>]*+(?:[-+*][ \t]++)?#{1,6}[ \t][^\n]*$", re.MULTILINE)
_DEFINITION = re.compile(
    r"^ {0,3}\[(?!\^)((?:[^\[\]\\\n]|\\.){1,999}+)\]:[ \t]*+(<[^<>\n]*+>|[^\s<]\S*+)"
    r"""(?:[ \t]++(?:"[^"\n]*+"|'[^'\n]*+'|\([^()\n]*+\)))?[ \t]*+$""",
    re.MULTILINE,
)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:|[/#?.<]|www\.|[^/]*[/#]|\S*\.[a-z]{2,5}$", re.IGNORECASE)
_MARK = re.compile(r"\\[\\\[\]<&`!]|`+|<|&|!?\[|\]|\n[ \t]*\n")
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG = re.compile(r"""</?([A-Za-z][A-Za-z0-9-]*+)(?:[\s/](?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)?+>""")
_TARGET = re.compile(r"""\(\s*+([^\s()\\<>]*+)(?:\s++"[^"\\]*+")?\s*+\)""")
_ANGLE = re.compile(r"\(\s*+<([^<>\n]*+)>")
_BLANKS = re.compile(r"[ \t\n]*+")
_BARE = re.compile(r"(?:[^\s()\\]++|\\.)*+")
_TITLE = re.compile(
    r"""(?:\s++(?:"(?:[^"\\]++|\\.)*+"|'(?:[^'\\]++|\\.)*+'|\((?:[^()\\]++|\\.)*+\)))?+\s*+\)""",
    re.DOTALL,
)
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.){0,999}+)\]", re.DOTALL)
_INLINE = re.compile(
    r"a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|img|ins|kbd|label|mark|"
    r"nobr|q|s|samp|small|span|strike|strong|sub|sup|time|tt|u|var|wbr"
)
_BLOCK = re.compile(
    r"address|area|article|aside|audio|base|blockquote|body|br|button|canvas|caption|center|"
    r"col|colgroup|dd|details|dialog|div|dl|dt|embed|fieldset|figcaption|figure|footer|form|"
    r"frame|frameset|h1|h2|h3|h4|h5|h6|head|header|hgroup|hr|html|iframe|input|legend|li|link|"
    r"main|map|menu|meta|nav|noscript|object|ol|optgroup|option|output|p|param|picture|pre|"
    r"progress|script|search|section|select|source|style|summary|svg|table|tbody|td|template|"
    r"textarea|tfoot|th|thead|title|tr|track|ul|video"
)
_UNSEEN = frozenset({"script", "style"})
_LONGEST_SPAN = 4_000  # characters of a code span; a limit keeps hostile input linear
_DEEPEST = 1_000  # brackets open at once


class _Open(NamedTuple):
    """A bracket that waits for its other half: an image or not, where its text starts."""

    image: bool
    piece: int
    after: int


def unmarked(text: str) -> str:
    """Give the text with markup taken away, blanks and typography as they were, for `normalise`.

    Emphasis marks, pipes and stray brackets may remain: `normalise` folds single characters.
    Line ends must be line feeds. Never raises; time is linear in the length.
    """
    references: set[str] = set()
    pieces: list[str] = []
    for code, part in _by_fences(text):
        pieces.append(part if code else _blocks(part, references))
    out = [
        part if index % 2 else _Scanner(part, references).run() for index, part in enumerate(pieces)
    ]
    return "\n".join(out)


def is_address(target: str) -> bool:
    """Tell whether a link's target looks like an address rather than like a remark in brackets."""
    return _ADDRESS.match(target) is not None


def link_end(text: str, at: int) -> tuple[int, str] | None:
    """Read `(target "title")` at an offset; give the offset behind it and the target, or None."""
    if quick := _TARGET.match(text, at):
        return quick.end(), quick[1]
    if angle := _ANGLE.match(text, at):
        target, end = angle[1], angle.end()
    else:
        start = _BLANKS.match(text, at + 1)
        at = start.end() if start else at + 1
        end = _bare_end(text, at)
        target = text[at:end]
    close = _TITLE.match(text, end) if end >= 0 else None
    return (close.end(), target) if close else None


def _bare_end(text: str, at: int) -> int:
    """Find where an unquoted target with balanced brackets (8 deep at most) ends, or give -1."""
    depth = 0
    while True:
        stretch = _BARE.match(text, at)
        at = stretch.end() if stretch else at
        sign = text[at : at + 1]
        depth += (sign == "(") - (sign == ")")
        if depth > 8:
            return -1
        if depth < 0 or sign not in {"(", ")"}:
            return at if depth <= 0 else -1
        at += 1


def _by_fences(text: str) -> list[tuple[bool, str]]:
    """Part the text into prose and fenced code, in turn, prose first; fences and info are gone."""
    parts: list[tuple[bool, str]] = []
    at, opener = 0, ""
    for found in _FENCE.finditer(text) if "```" in text or "~~~" in text else ():
        mark, info = found[1], found[2].strip()
        if opener and (info or not mark.startswith(opener)):
            continue
        parts.append((bool(opener), text[at : found.start()]))
        at, opener = found.end(), "" if opener else mark
    parts.append((bool(opener), text[at:]))
    return parts


def _blocks(text: str, references: set[str]) -> str:
    """Take away what marks lines, and add the labels of the link definitions found."""

    def define(found: re.Match[str]) -> str:
        if not is_address(found[2]):
            return found[0]
        references.add(_label(found[1]))
        return ""

    if "]:" in text:
        text = _DEFINITION.sub(define, text)
    if "#" in text:
        text = _ATX.sub(_plain_heading, text)
    return _MARKERS.sub("", _UNDERLINE.sub("", text))


def _plain_heading(found: re.Match[str]) -> str:
    """Take the closing signs and the `{#anchor}` off an ATX heading."""
    line = found[0].rstrip()
    start = line.rfind("{#") if line.endswith("}") else -1
    if start > 0 and " " not in line[start:]:
        line = line[:start].rstrip()
    bare = line.rstrip("#")
    return bare.rstrip() if bare != line and bare[-1:] in " \t" and bare.strip() else line


def _label(text: str) -> str:
    """Give a link label as CommonMark compares it: case and runs of blanks do not count."""
    return " ".join(text.split()).casefold()


class _Scanner:
    """One pass over the inline markup of a text; `out` holds the pieces that stay."""

    def __init__(self, text: str, references: set[str]) -> None:
        self.text, self.references = text, references
        self.out: list[str] = []
        self.open: deque[_Open] = deque(maxlen=_DEEPEST)
        self.missing: set[str] = set()  # closing signs known not to come any more

    def run(self) -> str:
        """Give what is left of the text."""
        text, out, at = self.text, self.out, 0
        while found := _MARK.search(text, at):
            start = found.start()
            if start > at:
                out.append(text[at:start])
            at = self._step(found[0], start, found.end())
        out.append(text[at:])
        return "".join(out)

    def _step(self, token: str, start: int, end: int) -> int:
        """Deal with one token and give the offset at which to go on."""
        match token[0]:
            case "]":
                return self._close(start, end)
            case "[" | "!":
                self.open.append(_Open(token[0] == "!", len(self.out), end))
                self.out.append(token[:-1])
                return end
            case "\\":
                self.out.append(token[1])
            case "\n":
                self.open.clear()
                self.out.append("\n")
                return end - 1
            case "`":
                return self._code(token, end)
            case "&":
                return self._entity(start)
            case _:
                return self._angle(start)
        return end

    def _code(self, ticks: str, at: int) -> int:
        """Copy a code span as it stands, or only pass over the ticks."""
        text, width = self.text, len(ticks)
        stop = min(len(text), at + _LONGEST_SPAN)
        close = text.find(ticks, at, stop)
        while close >= 0:
            end = close + width
            while text[end : end + 1] == "`":
                end += 1
            if end - close == width:
                break
            close = text.find(ticks, end, stop)
        if close < 0 or "\n\n" in text[at:close]:
            return at
        self.out.append(text[at:close])
        return close + width

    def _entity(self, at: int) -> int:
        """Decode an entity, or keep the ampersand."""
        found = _ENTITY.match(self.text, at)
        sign = _decoded(found[1]) if found else None
        self.out.append("&" if sign is None else sign)
        return found.end() if found and sign is not None else at + 1

    def _angle(self, at: int) -> int:
        """Pass over a comment, a tag, or a script with all it holds; keep any other sign."""
        if self.text.startswith("<!--", at):
            end = self._find("-->", at + 4)
            return end + 3 if end >= 0 else at + 4
        tag = _TAG.match(self.text, at)
        name = tag[1].lower() if tag else ""
        if not tag or not (_BLOCK.fullmatch(name) or _INLINE.fullmatch(name)):
            self.out.append(" ")
            return at + 1
        if _BLOCK.fullmatch(name):
            self.out.append(" ")
        if name in _UNSEEN and tag[0][1] != "/":
            return max(tag.end(), self._find(f"</{name}", tag.end()))
        return tag.end()

    def _find(self, sign: str, at: int) -> int:
        """Find a sign from an offset on, without ever searching in vain twice."""
        if sign in self.missing:
            return -1
        found = self.text.find(sign, at)
        if found < 0:
            self.missing.add(sign)
        return found

    def _close(self, start: int, end: int) -> int:
        """Deal with a closing bracket: the target goes, and so does an image with its text."""
        opened = self.open.pop() if self.open else None
        ahead = self.text[end : end + 1]
        link = link_end(self.text, end) if ahead == "(" else None
        if link and (opened or is_address(link[1])):
            behind, target = link
            if opened and (opened.image or target.startswith("#")):
                self._drop(opened)
            return behind
        if opened and self.references:
            return self._reference(opened, start, end)
        return end

    def _reference(self, opened: _Open, start: int, end: int) -> int:
        """Deal with `[text][label]`, `[text][]` and `[text]`, where the label is defined."""
        second = _LABEL.match(self.text, end)
        label = second[1] if second and second[1] else self.text[opened.after : min(start, end)]
        if len(label) > 999 or _label(label) not in self.references:
            return end
        if opened.image:
            self._drop(opened)
        return second.end() if second else end

    def _drop(self, opened: _Open) -> None:
        """Forget an image's text, or that of a heading's anchor if it holds no letter or digit."""
        if opened.image or not any(map(str.isalnum, "".join(self.out[opened.piece :]))):
            del self.out[opened.piece :]


def _decoded(name: str) -> str | None:
    """Decode the inside of an entity; None if there is no such entity."""
    return html.unescape(f"&{name};") if name[0] == "#" else html5.get(f"{name};")
