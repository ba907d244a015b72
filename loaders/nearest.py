"""The passages that come nearest to words which do not stand anywhere as they were quoted."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from clausegraph.loaders.quoteindex import WORD, Index

_POSTINGS = 20_000  # sentences looked at by their rare words; bounds the time for common words
_CANDIDATES = 30  # segments that are compared word by word
_LEAST = 0.25  # likeness below which a passage has nothing to do with the quotation
_LONGEST = 2_000  # words of a quotation that are compared


@dataclass(frozen=True)
class Near:
    """A span of a distinct segment's seen text and its likeness to the quotation, 0 to 1.

    `whole` says that it is one sentence or several, without a part of another.
    """

    segment: int
    start: int
    end: int
    similarity: float
    whole: bool


def nearest(index: Index, quote: Sequence[str], most: int = 3) -> list[Near]:
    """The passages of different wording that are most like the quotation's folded words.

    Likeness is the share of words in common in their order (rapidfuzz's normalised Indel).
    """
    wanted = list(quote[:_LONGEST])
    found = [
        near for number in _candidates(index, wanted) if (near := _best(index, number, wanted))
    ]
    found.sort(key=lambda near: (-near.similarity, not near.whole, near.segment))
    distinct: dict[str, Near] = {}
    for near in found:
        seen = index.seen[near.segment][near.start : near.end]
        distinct.setdefault("".join(index.words(seen)), near)
        if len(distinct) == most:
            break
    return list(distinct.values())


def _candidates(index: Index, wanted: Sequence[str]) -> list[int]:
    """Segments with a sentence that shares rare words with the quotation, the best first."""
    sizes = {word: len(index.postings[word]) for word in wanted if word in index.postings}
    scores: dict[int, float] = {}
    spent, total = 0, len(index.units)
    for word, size in sorted(sizes.items(), key=lambda pair: pair[1]):
        if spent and spent + size > _POSTINGS:
            break
        weight = math.log(1 + total / size)
        for unit in index.postings[word]:
            scores[unit] = scores.get(unit, 0.0) + weight
        spent += size
    width, unit_sizes = len(set(wanted)), index.sizes
    ranked = heapq.nlargest(
        4 * _CANDIDATES,
        [(score / (width + unit_sizes[unit]), -unit) for unit, score in scores.items()],
    )
    return list(dict.fromkeys(index.units[-unit] for _, unit in ranked))[:_CANDIDATES]


def _best(index: Index, number: int, wanted: list[str]) -> Near | None:
    """The span of a segment that is most like the quotation: whole sentences where they are."""
    matches = list(WORD.finditer(index.seen[number]))
    have = [index.key(match[0]) for match in matches]
    borders = index.sentences(number)
    spans = _spans(borders, have, wanted)
    if not spans:
        return None
    likeness = {
        span: Indel.normalized_similarity(wanted, have[span[0] : span[1]]) for span in spans
    }
    first, last = max(spans, key=likeness.__getitem__)
    if likeness[first, last] < _LEAST:
        return None
    start, end = matches[first].start(), matches[last - 1].end()
    return Near(number, start, end, likeness[first, last], {first, last} <= set(borders))


def _spans(borders: list[int], have: list[str], wanted: list[str]) -> list[tuple[int, int]]:
    """The sentences around the best window of the quotation's length, and that window."""
    if len(have) <= len(wanted):
        first, last = 0, len(have)
    else:
        found = fuzz.partial_ratio_alignment(wanted, have)
        if found is None or found.dest_end <= found.dest_start:
            return []
        first, last = found.dest_start, found.dest_end
    begins = [border for border in borders if border <= first][-2:]
    begins += [border for border in borders if first < border < last][:1]
    stops = [border for border in borders if border >= last][:2]
    stops += [border for border in borders if first < border < last][-1:]
    sentences = [(begin, stop) for begin in begins for stop in stops if begin < stop]
    return list(dict.fromkeys([*sentences, (first, last)]))
