"""Does a quotation stand in what was captured, to the character, and since when until when.

What the statuses mean, so that each can be trusted without reading on:

- ``VERIFIED``: a reader of the capture sees exactly these characters, in one run, from whole word
  to whole word. Markup is not seen (emphasis, link targets, tags, escapes are), and white space is
  layout: a run of it in a paragraph is one blank. A border between two paragraphs, items or rows is
  a line break and one between two cells of a table is a tab; the quotation must have it too. The
  source's own characters, markup included, are accepted as well. White space around the quotation
  does not count.
- ``REPAIRED``: only spacing, case or typography differ, which is to say that `letters` are equal
  and so are all numbers with their sign and unit (the letters of 1.5 and of 15 are equal).
- ``NOT_FOUND``: anything else, if only one word. A quotation with a gap ("…") inside is never
  better than this, for a gap can hide a "not"; its parts are looked up one by one.
- ``OUT_OF_SCOPE``: nothing was captured, so nothing can be said.

A word that is cut is not found: "able" does not stand in "unable", nor 30 in 30.5, "We can" in
"We can't", "refundable" in "non-refundable".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.nearest import Near, nearest
from clausegraph.loaders.normalise import letters
from clausegraph.loaders.quoteindex import Hit, Index
from clausegraph.loaders.quotematch import (
    Sought,
    Span,
    joined_text,
    run,
    seen_span,
    source_span,
)
from clausegraph.loaders.visible import visible
from clausegraph.ontology.errors import ClausegraphError

LONGEST = 20_000
"""The most characters a quotation may have."""

# A run of blanks is read from its start only: tried from each of its blanks, 20,000 take seconds.
_GAP = re.compile(
    r"(?:(?<!\s)\s++)?(?:\[\s*+(?:…|\.{3,}+)\s*+\]|\(\s*+(?:…|\.{3,}+)\s*+\)|…|\.{3,}+|(?:\. ){2,}\.)"
    r"\s*+"
)


class QuoteError(ClausegraphError):
    """The quotation cannot be looked up; `value` is its beginning."""

    code: ClassVar[str] = "quote-unusable"


@dataclass(frozen=True)
class Passage:
    """Characters `start` to `end` (exclusive) of a capture's text; `similarity` is 0 to 1."""

    capture: Capture
    start: int
    end: int
    similarity: float


@dataclass(frozen=True)
class Verdict:
    """What became of a quotation.

    `first`, `last` and `stands_in` (a count) are of the captures, in the order given, in which it
    stands with this status; `repaired_in` counts those others in which a verified quotation stands
    but for spacing, case or typography. `searched` counts all captures. `passage` lies in the last
    one. `nearest` and `parts` (the verdicts on the pieces around gaps) belong to ``NOT_FOUND``.
    """

    status: str
    first: Capture | None
    last: Capture | None
    stands_in: int
    searched: int
    passage: Passage | None
    nearest: tuple[Passage, ...]
    repaired_in: int = 0
    parts: tuple[Verdict, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class _Found:
    """A place of the quotation: exact or not; exact to the `literal` source or as it is seen."""

    exact: bool
    hit: Hit
    span: Span | None
    literal: bool = False


class Archive:
    """Captures that are asked often: the index is made once, and belongs to these captures."""

    def __init__(self, captures: Sequence[Capture]) -> None:
        """Index the captures, each distinct text and each distinct segment once."""
        self.captures = tuple(captures)
        numbers: dict[str, int] = {}
        self._texts = [numbers.setdefault(item.text, len(numbers)) for item in self.captures]
        self._index = Index(list(numbers))

    def verify(self, quote: str) -> Verdict:
        """Look the quotation up.

        Raises `QuoteError` where it has no letter and no digit, or more than `LONGEST` characters.
        """
        wanted = _checked(quote)
        if not self.captures:
            return Verdict("OUT_OF_SCOPE", None, None, 0, 0, None, (), note="Nothing was captured.")
        standing = self._standing(quote.strip(), wanted)
        return self._found(quote.strip(), standing) if standing else self._missing(quote.strip())

    def _standing(self, quote: str, wanted: str) -> dict[int, _Found]:
        """The distinct texts in which the quotation stands, each with its best place."""
        best: dict[int, tuple[_Found, int]] = {}
        sought, settled = Sought(quote), set[int]()
        for hit in self._hits(wanted):
            number = run(self._index, hit)[0] if hit.count == 1 else -1
            if number in settled:
                continue
            places = self._places(hit)
            if all(text in best and best[text][0].exact for text, _ in places):
                continue
            found = self._exactly(hit, sought)
            if not found and any(text not in best for text, _ in places):
                found = self._alike(hit, sought)
            if found:
                _keep(best, found, places)
            # Further hits in this segment are no better: "the" stands in it a hundred times.
            if number >= 0 and all(text in best for text, _ in places):
                settled.add(number)
        return {
            text: replace(found, hit=replace(found.hit, text=text, place=place))
            for text, (found, place) in best.items()
        }

    def _hits(self, wanted: str) -> Iterator[Hit]:
        """Runs of segments with the quotation's letters, a distinct segment once."""
        for number, start in self._index.within(wanted):
            text, place = self._index.places[number][0]
            yield Hit(text, place, 1, start, start + len(wanted))
        yield from self._index.across(wanted)

    def _places(self, hit: Hit) -> Sequence[tuple[int, int]]:
        """All texts with the segment of a hit, or the one text where it is a run of several."""
        if hit.count > 1:
            return [(hit.text, hit.place)]
        return self._index.places[run(self._index, hit)[0]]

    def _exactly(self, hit: Hit, sought: Sought) -> _Found | None:
        """The place where the segments of a hit hold the quotation's very characters."""
        numbers = run(self._index, hit)
        if span := sought.exact(joined_text(self._index, numbers)):
            return _Found(True, hit, span)
        if hit.count == 1 and (span := sought.exact(self._index.sources[numbers[0]])):
            return _Found(True, hit, span, literal=True)
        return None

    def _alike(self, hit: Hit, sought: Sought) -> _Found | None:
        """A repaired place; None where a number or, after all, a letter is another."""
        start, end = seen_span(self._index, hit, sought.quote)
        seen = joined_text(self._index, run(self._index, hit))[start:end]
        return _Found(False, hit, None) if sought.like(seen) else None

    def _found(self, quote: str, standing: dict[int, _Found]) -> Verdict:
        """The verdict on a quotation that stands somewhere."""
        verified = any(found.exact for found in standing.values())
        where = [at for at, text in enumerate(self._texts) if text in standing]
        best = [at for at in where if standing[self._texts[at]].exact or not verified]
        last = self.captures[best[-1]]
        found = standing[self._texts[best[-1]]]
        span = self._offsets(found, quote)
        likeness = 1.0
        return Verdict(
            "VERIFIED" if verified else "REPAIRED",
            self.captures[best[0]],
            last,
            len(best),
            len(self.captures),
            Passage(last, *span, likeness),
            (),
            len(where) - len(best),
            (),
            _across_note(found.hit.count),
        )

    def _offsets(self, found: _Found, quote: str) -> Span:
        """The offsets of a place in its text."""
        if found.literal and found.span:
            base = self._index.offsets[found.hit.text][found.hit.place]
            return base + found.span[0], base + found.span[1]
        span = found.span or seen_span(self._index, found.hit, quote)
        return source_span(self._index, found.hit, span)

    def _missing(self, quote: str) -> Verdict:
        """The verdict on a quotation that stands nowhere, with what comes nearest."""
        parts = tuple(self.verify(part) for part in _parts(quote))
        words = self._index.words(visible(quote).text)
        near = tuple(self._passage(item) for item in nearest(self._index, words))
        note = _gap_note(parts) if parts else ""
        return Verdict(
            "NOT_FOUND", None, None, 0, len(self.captures), None, near, parts=parts, note=note
        )

    def _passage(self, near: Near) -> Passage:
        """A near passage in the last capture that has it."""
        texts = dict(self._index.places[near.segment])
        at = next(at for at in reversed(range(len(self._texts))) if self._texts[at] in texts)
        text = self._texts[at]
        hit = Hit(text, texts[text], 1, 0, 0)
        span = source_span(self._index, hit, (near.start, near.end))
        return Passage(self.captures[at], *span, near.similarity)


def verify(quote: str, captures: Sequence[Capture]) -> Verdict:
    """Look a quotation up in some captures; make an `Archive` to ask them more than once.

    Raises `QuoteError` as `Archive.verify` does.
    """
    return Archive(captures).verify(quote)


def _keep(
    best: dict[int, tuple[_Found, int]], found: _Found, places: Sequence[tuple[int, int]]
) -> None:
    """Note a place of the quotation for every text that has no better one."""
    for text, place in places:
        if text not in best or (found.exact and not best[text][0].exact):
            best[text] = found, place


def _checked(quote: str) -> str:
    """The quotation's letters."""
    if len(quote) > LONGEST:
        raise QuoteError(
            f"The quotation has {len(quote)} characters.",
            hint=f"Quote at most {LONGEST} characters at a time.",
            value=quote[:80],
        )
    if not (wanted := letters(quote)):
        raise QuoteError(
            "The quotation has no letter and no digit.", hint="Quote words.", value=quote[:80]
        )
    return wanted


def _parts(quote: str) -> list[str]:
    """The pieces around the gaps of a quotation; none where it has no gap inside."""
    pieces = [piece for piece in _GAP.split(quote) if letters(piece)]
    return pieces if len(pieces) > 1 else []


def gaps(quote: str) -> int:
    """How many gaps a quotation has, before it is looked up; at most `LONGEST` characters count."""
    return sum(1 for _ in _GAP.finditer(quote[:LONGEST]))


def _gap_note(parts: Sequence[Verdict]) -> str:
    """Say what became of the parts of a quotation with gaps."""
    standing = sum(part.status in {"VERIFIED", "REPAIRED"} for part in parts)
    return (
        f"The quotation leaves words out; {standing} of its {len(parts)} parts stand by themselves."
    )


def _across_note(count: int) -> str:
    """Say that a passage runs over more than one segment."""
    return f"The passage runs over {count} paragraphs, items or rows." if count > 1 else ""
