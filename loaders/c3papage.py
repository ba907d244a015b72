"""A page of a labelled corpus: its leaf blocks, and what annotators quoted from them.

All is found by letters and digits in the order of the product's own reading of the page, so that a
leaf knows the passages in which its words stand, and quotes need not agree in blanks and signs.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from clausegraph.loaders.blocks import Block, blocks
from clausegraph.loaders.html_text import markdown

AGREED: Final = 2
"""So many annotators make a label true."""
LONGER_THAN: Final = 15
"""Characters; leaf blocks that have no more are not scored."""
_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|"
    "figcaption|figure|footer|form|h[1-6]|header|hgroup|legend|li|main|menu|nav|ol|p|pre|search|"
    "section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_UNSEEN = "script, style, noscript, template, iframe, svg"
_HIDDEN = re.compile(r"(?:display|visibility)\s*:\s*(?:none|hidden|collapse)", re.IGNORECASE)
_SIGNS = re.compile("[^a-z0-9]+")
_SHORTEST_LINE = 12  # letters of a line of a quote that is looked for by itself


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf block of a page: the passages its words stand in, and each annotator's labels."""

    passages: tuple[Block, ...]
    labels: Mapping[str, frozenset[str]]

    @property
    def truth(self) -> frozenset[str]:
        """The labels that at least `AGREED` annotators gave."""
        given = [label for each in self.labels.values() for label in each]
        return frozenset(label for label in given if given.count(label) >= AGREED)


class Quote(NamedTuple):
    """What an annotator quoted under which label; the text as the table has it."""

    annotator: str
    label: str
    text: str


class Page:
    """A page as one string of letters and digits, with the place of every passage and leaf in it.

    Only ASCII is kept: what remains then of a wrongly decoded quote is what was right.
    """

    def __init__(self, html: str) -> None:
        """Read a page; nothing in it is run or fetched."""
        html = _opened(html)
        self.passages = blocks(markdown(html)[0])
        signs = [_bare(each.seen) for each in self.passages]
        self.signs = "".join(signs)
        self.starts, self.ends, at = [], [], 0
        for each in signs:
            self.starts.append(at)
            at += len(each)
            self.ends.append(at)
        self.places = list(self._places(_leaves(html)))

    def _places(self, leaves: Iterable[str]) -> Iterator[tuple[int, int]]:
        """Where the leaves stand; what the product does not show to a reader stands nowhere."""
        at = 0
        for leaf in leaves:
            signs = _bare(leaf)
            if signs and (start := self.signs.find(signs, at)) >= 0:
                at = start + len(signs)
                if len(leaf) > LONGER_THAN:
                    yield start, at

    def spans(self, quote: str) -> list[tuple[int, int]]:
        """Where a quote stands, as a whole or else line by line."""
        if found := self._span(quote):
            return [found]
        lines = [line for line in quote.split("\n") if len(_bare(line)) >= _SHORTEST_LINE]
        return [found for line in lines if (found := self._span(line))]

    def _span(self, quote: str) -> tuple[int, int] | None:
        signs = _bare(quote)
        start = self.signs.find(signs) if signs else -1
        return (start, start + len(signs)) if start >= 0 else None

    def leaves(
        self, people: Iterable[str], given: Iterable[tuple[Quote, list[tuple[int, int]]]]
    ) -> Iterator[Leaf]:
        """The leaves with their labels."""
        quoted = [(quote, *span) for quote, spans in given for span in spans]
        for start, end in self.places:
            labels: dict[str, set[str]] = {each: set() for each in people}
            for quote, first, last in quoted:
                if first < end and start < last and _covers((first, last), (start, end)):
                    labels[quote.annotator].add(quote.label)
            own = self.passages[bisect_right(self.ends, start) : bisect_left(self.starts, end)]
            yield Leaf(tuple(own), {each: frozenset(found) for each, found in labels.items()})


def _covers(quote: tuple[int, int], leaf: tuple[int, int]) -> bool:
    """Whether a quote covers a leaf: half of it, or the quote is a part of it."""
    common = min(quote[1], leaf[1]) - max(quote[0], leaf[0])
    return common > 0 and (2 * common >= leaf[1] - leaf[0] or common == quote[1] - quote[0])


def _opened(html: str) -> str:
    """A page with all that a click opens: annotators had it before them."""
    page = LexborHTMLParser(html)
    for node in page.css("[hidden], [style], dialog"):
        if _HIDDEN.search(node.attributes.get("style") or ""):
            del node.attrs["style"]
        if "hidden" in node.attributes:
            del node.attrs["hidden"]
        if node.tag == "dialog":
            node.attrs["open"] = ""
    return page.html or ""


def _leaves(html: str) -> Iterator[str]:
    """The texts of the blocks that hold no other block, in reading order."""
    body = LexborHTMLParser(html).body
    if body is None:
        return
    for node in body.css(_UNSEEN):
        node.decompose()
    last: LexborNode | None = None
    for node in body.traverse():
        if _BLOCKS.fullmatch(node.tag or ""):
            if last is not None and not _within(node, last):
                yield " ".join(last.text().split())
            last = node
    if last is not None:
        yield " ".join(last.text().split())


def _within(node: LexborNode, outer: LexborNode) -> bool:
    """Whether a node stands in another."""
    above = node.parent
    while above is not None and above.mem_id != outer.mem_id:
        above = above.parent
    return above is not None


def _bare(text: str) -> str:
    return _SIGNS.sub("", text.lower())
