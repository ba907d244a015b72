"""Reads HTML as Markdown: what stands in the body, without what a reader does not see.

The tree is made by Lexbor, which follows the HTML standard for any input, and is walked without
recursion. Nothing is run or fetched. A hostile page can cost much time and memory to parse, so this
is called in a process of its own (`contained`).
"""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from clausegraph.loaders.html_inline import Inline
from clausegraph.loaders.markdown_text import Block, row, written
from clausegraph.loaders.plain_text import blocks as plain_blocks

_BLOCKS = re.compile(
    r"address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|"
    r"dl|dt|fieldset|figcaption|figure|footer|form|h1|h2|h3|h4|h5|h6|header|"
    r"hgroup|hr|legend|li|main|menu|nav|ol|optgroup|option|p|pre|search|section|"
    r"summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_SPACED = frozenset({"button", "input", "label", "select", "textarea"})
_NEVER_SEEN = re.compile(
    r"audio|base|canvas|datalist|desc|embed|head|link|meta|metadata|object|param|"
    r"script|style|template|title|video"
)
_NOTED = {"script": "scripts", "iframe": "embedded pages", "noscript": "texts without scripts"}
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BOLD = frozenset({"b", "strong"})
_UNSEEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))")
_WEIGHT = re.compile(r"(?:^|;)\s*font-weight\s*:\s*([a-z0-9]+)")
_SCHEME = re.compile(r"\s*(?!(?:https?|mailto|tel):)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_LONGEST_TARGET = 2_000
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def markdown(html: str) -> tuple[str, list[str]]:
    """The Markdown of a page and notes on what was left out; empty where nothing is to be seen."""
    walker = _Walker()
    try:
        body = LexborHTMLParser(html).body
    except (
        SelectolaxError
    ) as error:  # the parser takes any input, and fails for want of memory only
        raise MemoryError from error
    if body is not None:
        walker.walk(body)
    text = written(walker.done)
    return text, [f"{count} {name} left out" for name, count in sorted(walker.left_out.items())]


class _List:
    """A list that is open: the kind of its numbers, and the next one."""

    def __init__(self, node: LexborNode) -> None:
        attributes = node.attributes
        self.kind = (attributes.get("type") or "1") if node.tag == "ol" else ""
        start = attributes.get("start") or ""
        self.next = int(start) if re.fullmatch("-?[0-9]{1,6}", start) else 1

    def mark(self, value: str | None) -> str:
        """The mark of the next item, as a reader sees it."""
        if not self.kind:
            return "*"
        if value and re.fullmatch("-?[0-9]{1,6}", value):
            self.next = int(value)
        number, self.next = self.next, self.next + 1
        return f"{_numbered(number, self.kind)}."


def _numbered(number: int, kind: str) -> str:
    """A number as a list of a kind shows it."""
    shown = str(number)
    if kind in "aA" and 0 < number <= len(_LETTERS):
        shown = _LETTERS[number - 1]
    elif kind in "iI" and 0 < number < 40:
        shown, rest = "", number
        for value, sign in _ROMAN:
            while rest >= value:
                shown, rest = shown + sign, rest - value
    return shown.upper() if kind in "AI" else shown


class _Walker:
    """Goes through a tree from element to element and gathers passages in `done`."""

    def __init__(self) -> None:
        self.done: list[Block] = []
        self.left_out: Counter[str] = Counter()
        self.inline = Inline()
        self.lists: list[_List] = []
        self.items = self.quoted = self.heading = 0
        self.mark = ""  # of the item or definition whose first passage is still to come
        self.verbatim: list[str] | None = None  # what stands in a <pre>
        self.cells: list[str] | None = None  # of the row that is open
        self.tables: list[bool] = []  # for each open table, whether it is read by row

    def walk(self, body: LexborNode) -> None:
        """Go through all that a node holds."""
        node, depth = body, 0
        while True:
            entered = self._enter(node)
            below = node.first_child if entered else None
            if below is not None:
                node, depth = below, depth + 1
                continue
            if entered:
                self._leave(node)
            while depth and (after := node.next) is None:
                parent = node.parent
                assert parent is not None
                node, depth = parent, depth - 1
                self._leave(node)
            if not depth:
                return
            assert after is not None
            node = after

    def _enter(self, node: LexborNode) -> bool:
        """Begin a node; whether it is an element that a reader sees."""
        tag = node.tag or "-other"
        if tag == "-text":
            self._text(node.text_content or "")
        if tag[0] == "-" or (style := self._style(node, tag)) is None:
            return False
        self.inline.enter(_bold(tag, style), _target(node, tag))
        if _BLOCKS.fullmatch(tag):
            self._block(node, tag)
        else:
            self._phrase(tag)
        return True

    def _style(self, node: LexborNode, tag: str) -> str | None:
        """The inline style of an element; None where the element is not to be seen."""
        if name := _NOTED.get(tag):
            self.left_out[name] += 1
            return None
        attributes = node.attributes
        style = (attributes.get("style") or "").lower()
        hidden = "hidden" in attributes and attributes["hidden"] != "until-found"
        if hidden or _UNSEEN_STYLE.search(style) or (tag == "dialog" and "open" not in attributes):
            self.left_out["hidden elements"] += 1
            return None
        return None if _NEVER_SEEN.fullmatch(tag) else style

    def _text(self, text: str) -> None:
        """Take text as it stands in the tree."""
        if self.verbatim is not None:
            self.verbatim.append(text)
        else:
            self.inline.add(text)

    def _phrase(self, tag: str) -> None:
        """Begin an element within a line."""
        if tag == "br":
            if self.verbatim is not None:
                self.verbatim.append("\n")
            else:
                self.inline.line_break()
        elif tag in _SPACED:
            self.inline.add(" ")
        elif tag == "q":
            self.inline.add('"')

    def _block(self, node: LexborNode, tag: str) -> None:
        """Begin an element that stands on lines of its own."""
        self._flush()
        if tag in _LISTS:
            self.lists.append(_List(node))
        elif tag == "li":
            self.items += 1
            self.mark = self.lists[-1].mark(node.attributes.get("value")) if self.lists else "*"
        elif tag == "dd":
            self.mark = ":"
        elif tag == "blockquote":
            self.quoted += 1
        elif tag in _HEADINGS:
            self.heading = int(tag[1])
        elif tag == "pre" and self.cells is None:
            self.verbatim = []
        elif tag == "table":
            self.tables.append(_is_data(node) and self.cells is None)
        elif tag == "tr" and self.tables and self.tables[-1]:
            self.cells = []
        if node.attributes.get("role") == "heading":
            level = node.attributes.get("aria-level") or ""
            self.heading = int(level) if level in set("123456") else 2

    def _leave(self, node: LexborNode) -> None:
        """End a node."""
        tag = node.tag or ""
        if _BLOCKS.fullmatch(tag):
            self._end(node, tag)
        elif tag in _SPACED:
            self.inline.add(" ")
        elif tag == "q":
            self.inline.add('"')
        self.inline.leave()

    def _end(self, node: LexborNode, tag: str) -> None:
        """End an element that stands on lines of its own."""
        if tag == "pre" and self.verbatim is not None:
            self._end_verbatim(node)
        if tag in {"td", "th"} and self.cells is not None:
            self.cells.append(" ".join(self.inline.take().split()))
        elif tag == "tr" and self.cells is not None:
            self._end_row()
        else:
            self._flush()
        if tag in _LISTS:
            self.lists.pop()
        elif tag == "li":
            self.items -= 1
        elif tag == "blockquote":
            self.quoted -= 1
        elif tag == "table":
            self.tables.pop()
        if tag in _HEADINGS or node.attributes.get("role") == "heading":
            self.heading = 0
        if tag in {"li", "dd"}:
            self.mark = ""

    def _end_verbatim(self, node: LexborNode) -> None:
        """End a text with the line breaks of its author: code, or a plain text."""
        text, self.verbatim = "".join(self.verbatim or ()), None
        if not text.strip():
            return
        if node.css_first("code") is not None and "```" not in text:
            self.done.append(Block("code", text.strip("\n"), depth=self.items, quoted=self.quoted))
        else:
            self.done.extend(plain_blocks(text))

    def _end_row(self) -> None:
        """End a row of a table."""
        cells, self.cells = self.cells or [], None
        if any(cells):
            self.done.append(Block("row", row(cells), quoted=self.quoted))

    def _flush(self) -> None:
        """End the passage that is open, in a cell only its line."""
        if self.cells is not None:
            self.inline.add(" ")
            return
        for text in self.inline.passages():
            self.done.append(self._passage(text))
            self.mark = ""

    def _passage(self, text: str) -> Block:
        """A passage of the kind that the open elements make it."""
        depth, quoted = self.items, self.quoted
        if self.mark == ":":
            return Block("definition", text, depth=depth, quoted=quoted)
        if self.mark:
            return Block("item", text, depth=depth, quoted=quoted, marker=self.mark)
        if self.heading:
            return Block("heading", text, level=self.heading, quoted=quoted)
        return Block("paragraph", text, depth=depth, quoted=quoted)


def _target(node: LexborNode, tag: str) -> str:
    """Where a link leads, if it is one that Markdown can say."""
    target = (node.attributes.get("href") or "").strip() if tag == "a" else ""
    if len(target) > _LONGEST_TARGET or _SCHEME.match(target):
        return ""
    return quote(target, safe="!#$%&'*+,/:;=?@~-._")


def _bold(tag: str, style: str) -> bool | None:
    """Whether an element makes its text bold, or not bold; None if it leaves that as it is."""
    if weight := _WEIGHT.search(style):
        return weight[1] in {"bold", "bolder", "600", "700", "800", "900"}
    return True if tag in _BOLD else None


def _is_data(table: LexborNode) -> bool:
    """Tell a table of data from one that only lays out a page."""
    if (table.attributes.get("role") or "") in {"presentation", "none"}:
        return False
    inner = table.css("table, h1, h2, h3, h4, h5, h6")
    if any(node.mem_id != table.mem_id for node in inner):
        return False
    return table.css_first("td ~ td, th ~ td, th ~ th, td ~ th") is not None
