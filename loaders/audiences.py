"""For whom each passage of a document speaks, read from its own words and from what stands above.

A policy says once for whom a section is meant, and then writes on; sections of scraped pages have
lost some of their headings. This walks a document in order and carries what was said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import re2

from clausegraph.loaders.blocks import Block
from clausegraph.loaders.declarations import declaration
from clausegraph.loaders.populations import elsewhere, named

ALL: Final[frozenset[str]] = frozenset()
"""The audience of a passage that speaks to everybody."""
_LONGEST_TITLE = 70
_TITLE = re.compile(r"([0-9]{1,2})[.)] [A-Z][^.;]{2,70}$")

_BESIDES = re.compile(
    r"\b(?:residents|people|consumers|if you live) (?:of|in) [^.;]{2,80}? (?:can|may|you (?:can|may)) "
    r"(?:also )?(?:turn to|contact|complain to|reach|write to) [^.;]*attorneys? general[^.;]*",
    re.IGNORECASE,
)


def audiences(blocks: Sequence[Block]) -> list[frozenset[str]]:
    """For whom each passage speaks, by codes of `detection/populations.yaml`; empty: for all.

    Its own words decide where they address people of a place; then the line that introduces it;
    then a passage of its section that says for whom what follows is meant; then the headings.
    """
    walk = _Walk()
    return [walk.read(block) for block in blocks]


@lru_cache(maxsize=16_384)
def addressed(text: str) -> frozenset[str]:
    """The people whom a text's own words address, not those of places that it only names.

    Whom people of some states may turn to besides is no limit of what the rest says.
    """
    text = _BESIDES.sub(" ", text)
    found = named(text) if text else ALL
    return found if not found or not elsewhere(found) or _says("addresses", text) else ALL


class _Walk:
    """What was said so far: `told` is what the section was told, None if nothing."""

    def __init__(self) -> None:
        self.told: frozenset[str] | None = None
        self.where: tuple[str, ...] = ()  # the headings under which it was told
        self.solely = False  # it was told for all that comes below the heading above
        self.counted: tuple[str, ...] | None = None  # headings under which a numbering began
        self.outside: tuple[str, ...] | None = None  # headings that a numbered title has ended
        self.title = ALL
        self.listed = False  # the passage before is such a title: a table of contents
        self.last: tuple[tuple[str, ...], frozenset[str]] = (), ALL

    def read(self, block: Block) -> frozenset[str]:
        """The audience of the next passage."""
        if block.headings[: len(self.where)] != self.where or self._other(block):
            self.told, self.where, self.solely = None, (), False
        self._numbered(block)
        own = (named if _short(block) else addressed)(block.seen)
        if elsewhere(own) and _says("depends", block.seen):
            own = ALL  # rights that depend on where one lives are for all, whoever is named too
        people = own or addressed(block.lead)
        if not people:
            people = self._above(block) if self.told is None else self.told
        if block.kind != "item":
            self._listen(block, own)
            self.last = block.headings, own
        return people

    def _listen(self, block: Block, own: frozenset[str]) -> None:
        """Keep for whom the passage says that what follows is meant."""
        headings, before = self.last
        if self.solely and own == self.told:
            return  # told already, and for more than this section
        if own and _short(block):
            self.told, self.where = own, block.headings
        if not _says("introduces", block.seen):
            return
        if own:
            self.told = own
            if len(block.headings) > 1 and _says("solely", block.seen):
                self.where, self.solely = block.headings[:-1], True
                return
        elif elsewhere(self.told or ALL) and _says("depends", block.seen):
            self.told = None
        elif before and headings == block.headings and _says("adds", block.seen):
            self.told = before
        else:
            return
        self.where = block.headings

    def _other(self, block: Block) -> bool:
        """Whether a heading names other people than those for whom all of this was meant."""
        named_by = named(block.headings[-1]) if self.solely and block.headings else ALL
        return bool(named_by) and named_by != self.told

    def _numbered(self, block: Block) -> None:
        """A short numbered line is a title whose signs are lost; it ends what was told.

        Titles that follow each other are a table of contents. Where its numbers began before the heading above it, it stands outside of that heading.
        """
        title = _TITLE.match(block.seen) if block.kind != "heading" else None
        listed, self.listed = self.listed, title is not None
        if title is None:
            return
        self.told, self.where, self.title = None, (), named(block.seen)
        if self.title and not listed:
            self.told, self.where = self.title, block.headings
        if title[1] == "1":
            self.counted = block.headings
        elif self.counted != block.headings:
            self.outside = block.headings

    def _above(self, block: Block) -> frozenset[str]:
        """The people whom the headings name, the innermost first."""
        if block.headings == self.outside:
            return self.title
        people = (found for each in reversed(block.headings) if (found := named(each)))
        return next(people, ALL)


def _short(block: Block) -> bool:
    """Whether a passage may be a heading whose signs are lost."""
    ends = block.seen.endswith((".", ":", ";", "!", "?", ","))
    return block.kind == "paragraph" and len(block.seen) <= _LONGEST_TITLE and not ends


@lru_cache(maxsize=65_536)
def _says(what: str, text: str) -> bool:
    return _patterns()[what].search(text.lower()) is not None


@lru_cache(maxsize=1)
def _patterns() -> dict[str, Any]:
    data = declaration("reading")["audience"]
    return {name: re2.compile(pattern) for name, pattern in data.items()}
