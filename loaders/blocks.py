"""The passages of a text with what stands around them: headings, the line over a list, neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clausegraph.loaders.deltas import Passage, passages

_COLONS = ":\uff1a"
_FOLLOWS = frozenset({"item", "row", "definition"})
_LONGEST_LEAD = 1_500  # characters of a lead-in that are looked at
_SENTENCE = re.compile(r"(?<=[.!?;])[\"')\]]*\s+(?=[\"'(\[]*[A-Z0-9\u00c0-\u00de])")
_ABBREVIATED = re.compile(
    r"\b(?:[A-Za-z]|e\.g|i\.e|etc|inc|ltd|co|no|nos|art|sec|cal|civ|va|vs|mr|ms|dr|u\.s|st)\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A passage as a reader sees it, in context.

    `seen` is normalised; `kind` and `headings` are those of its segment; `lead` is the passage that
    introduces the list or table in which it stands; `head` the first row of its table; `before` the
    two passages before it under the same headings. `start` and `end` are offsets in the text.
    """

    seen: str
    kind: str
    headings: tuple[str, ...] = ()
    lead: str = ""
    head: str = ""
    before: tuple[str, ...] = ()
    start: int = 0
    end: int = 0

    @property
    def context(self) -> tuple[object, ...]:
        """Everything on which detection depends: two blocks with one context are judged alike."""
        return (self.seen, self.kind, self.headings, self.lead, self.head, self.before)


def blocks(text: str) -> list[Block]:
    """The visible passages of a text, in order, each in its context. Never raises."""
    return list(_in_context([each for each in passages(text) if each.seen]))


def _in_context(parts: list[Passage]) -> Iterator[Block]:
    lead = head = ""
    before: tuple[str, ...] = ()
    headings: tuple[str, ...] | None = None
    for each in parts:
        part = each.segment
        if part.headings != headings:
            lead = head = ""
            before, headings = (), part.headings
        if part.kind not in _FOLLOWS:
            lead = head = ""
        elif part.kind != "row":
            head = ""
        yield Block(each.seen, part.kind, part.headings, lead, head, before, part.start, part.end)
        if part.kind not in _FOLLOWS:
            lead = each.seen[-_LONGEST_LEAD:] if _leads(each.seen) else ""
        elif part.kind == "row" and not head:
            head = each.seen
        before = (*before[-1:], each.seen)


def _leads(seen: str) -> bool:
    """Whether a passage ends with a colon, signs after it aside; looks at the end alone."""
    for character in reversed(seen):
        if character in _COLONS:
            return True
        if character.isalnum() or character == "_":
            return False
    return False


def sentences(seen: str) -> list[tuple[int, int]]:
    """Where the sentences of a normalised passage begin and end; there is at least one."""
    spans, start = [], 0
    for gap in _SENTENCE.finditer(seen):
        if not _ABBREVIATED.search(seen, max(0, gap.start() - 8), gap.start()):
            spans.append((start, gap.start()))
            start = gap.end()
    return [*spans, (start, len(seen))]
