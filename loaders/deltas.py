"""Which passages of two captures belong together: kept, moved, reworded, added, removed.

Passages are held against each other by their normalised text; only what has no equal is compared
by similarity, so the time grows with the length of the documents and with the number of passages
that changed, not with their product.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from operator import eq
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq
from rapidfuzz.process import extract

from clausegraph.loaders.normalise import normalise, seen_letters
from clausegraph.loaders.segment import Segment, segment

SIMILAR = 0.5
"""From this ratio on two passages of one gap are one passage reworded."""
_FAR = 0.75
_PRODUCT = 40_000
_MATRIX = 400_000_000
_NEAR = 20


class Passage(NamedTuple):
    """A segment with its source text, that normalised (`seen`), and the letters in it."""

    segment: Segment
    text: str
    seen: str
    letters: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two passages that belong together, or one that has none; `joined`: one text, cut otherwise.

    `similarity` is 0 for a passage that stands alone and 1 for equal texts.
    """

    kind: str
    before: Passage | None
    after: Passage | None
    similarity: float
    joined: bool = False


@lru_cache(maxsize=4)
def passages(text: str) -> tuple[Passage, ...]:
    """The passages of a text in order; those of the last few texts are kept."""
    found = segment(text)
    sources = (text[each.start : each.end] for each in found)
    return tuple(
        Passage(each, source, *_read(source)) for each, source in zip(found, sources, strict=True)
    )


@lru_cache(maxsize=16_384)
def _read(source: str) -> tuple[str, str]:
    """What a reader sees of a passage, and its letters; archives repeat passages many times."""
    seen = normalise(source)
    return seen, seen_letters(seen)


def pairs(before: Sequence[Passage], after: Sequence[Passage]) -> list[Pair]:
    """Everything that is not the same passage at the same place, in reading order."""
    left = [passage.seen for passage in before]
    right = [passage.seen for passage in after]
    found: list[Pair] = []
    alone: list[Pair] = []
    for (i, j), (k, m) in gaps(left, right):
        for pair in _gap(before[i:j], after[k:m]):
            (alone if pair.kind in {"added", "removed"} else found).append(pair)
    return sorted([*found, *_across(alone)], key=_place)


def _place(pair: Pair) -> tuple[int, int]:
    """Reading order, by the later text where there is one."""
    first = pair.after or pair.before
    return (first.segment.start if first else 0, 0 if pair.after is None else 1)


def gaps(
    left: Sequence[Hashable], right: Sequence[Hashable]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The stretches between the items that two sequences have in common, in order."""
    i = k = 0
    for a, b, size in _blocks(left, right):
        if a > i or b > k:
            yield (i, a), (k, b)
        i, k = a + size, b + size
    if i < len(left) or k < len(right):
        yield (i, len(left)), (k, len(right))


def _blocks(left: Sequence[Hashable], right: Sequence[Hashable]) -> Iterator[tuple[int, int, int]]:
    """Matching blocks: the exact longest common subsequence, or by anchors where that is dear."""
    start, end = ends(left, right)
    yield 0, 0, start
    inner = left[start : len(left) - end], right[start : len(right) - end]
    if len(inner[0]) * len(inner[1]) > _MATRIX:
        yield from ((a + start, b + start, 1) for a, b in _anchors(*inner))
    else:
        for block in LCSseq.opcodes(*_numbered(*inner)):
            if block.tag == "equal":
                yield (
                    block.src_start + start,
                    block.dest_start + start,
                    block.src_end - block.src_start,
                )
    yield len(left) - end, len(right) - end, end


def ends(left: Sequence[Hashable], right: Sequence[Hashable]) -> tuple[int, int]:
    """How many items two sequences have in common at their start, and at their end after that."""
    start = sum(takewhile(bool, map(eq, left, right)))
    end = sum(takewhile(bool, map(eq, reversed(left), reversed(right))))
    return start, min(end, len(left) - start, len(right) - start)


def _numbered(left: Sequence[Hashable], right: Sequence[Hashable]) -> tuple[list[int], list[int]]:
    """Small whole numbers in place of the items, which need no hashing of long texts."""
    numbers: dict[Hashable, int] = {}
    first = [numbers.setdefault(item, len(numbers)) for item in left]
    return first, [numbers.setdefault(item, len(numbers)) for item in right]


def _anchors(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Items that stand once on either side, in the greatest number that keeps both orders."""
    once, again = Counter(left), Counter(right)
    places = {item: k for k, item in enumerate(right) if again[item] == 1}
    points = [
        (i, places[item]) for i, item in enumerate(left) if once[item] == 1 and item in places
    ]
    return _rising(points)


def _rising(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of points that rises in the second number (patience sorting)."""
    tops: list[int] = []
    at: list[int] = []
    back: list[int] = []
    for index, (_, value) in enumerate(points):
        pile = bisect_left(tops, value)
        back.append(at[pile - 1] if pile else -1)
        tops[pile:] = [value, *tops[pile + 1 :]] if pile < len(tops) else [value]
        at[pile:] = [index, *at[pile + 1 :]] if pile < len(at) else [index]
    chain: list[tuple[int, int]] = []
    index = at[-1] if at else -1
    while index >= 0:
        chain.append(points[index])
        index = back[index]
    return chain[::-1]


def _gap(before: Sequence[Passage], after: Sequence[Passage]) -> Iterator[Pair]:
    """Pair the passages of one gap: cut otherwise, then by similarity, best first."""
    left, right = dict(enumerate(before)), dict(enumerate(after))
    for i, k in _recut(before, after):
        if len(i) == len(k) == 1:
            continue
        for a in i:
            left.pop(a, None)
        for b in k:
            right.pop(b, None)
        for n in range(max(len(i), len(k))):
            yield Pair(
                "reworded", before[i[min(n, len(i) - 1)]], after[k[min(n, len(k) - 1)]], 1.0, True
            )
    for score, a, b in _scores(left, right, SIMILAR):
        if a in left and b in right:
            yield Pair("reworded", left.pop(a), right.pop(b), score)
    yield from (Pair("removed", passage, None, 0.0) for passage in left.values())
    yield from (Pair("added", None, passage, 0.0) for passage in right.values())


def _recut(
    before: Sequence[Passage], after: Sequence[Passage]
) -> Iterator[tuple[list[int], list[int]]]:
    """Runs of passages that are one text on both sides but cut at other places.

    Only two places count at which both sides have shown the same letters from the gap's start.
    """
    starts = defaultdict(list)
    for k, passage in enumerate(after):
        starts[passage.letters[:12]].append(k)
    used = 0
    i = 0
    while i < len(before):
        for k in starts.get(before[i].letters[:12], ()) if before[i].letters else ():
            run = _run(before, after, i, k) if k >= used else None
            if run is not None:
                yield list(range(i, run[0])), list(range(k, run[1]))
                i, used = run[0] - 1, run[1]
                break
        i += 1


def _run(
    before: Sequence[Passage], after: Sequence[Passage], i: int, k: int
) -> tuple[int, int] | None:
    """Where two runs that start at `i` and `k` come to the same letters; None if they do not."""
    left, right = before[i].letters, after[k].letters
    i, k = i + 1, k + 1
    while left != right:
        if left.startswith(right) and k < len(after):
            left, right, k = left[len(right) :], after[k].letters, k + 1
        elif right.startswith(left) and i < len(before):
            right, left, i = right[len(left) :], before[i].letters, i + 1
        else:
            return None
        if not left or not right:
            return None
    return i, k


def _scores(
    left: dict[int, Passage], right: dict[int, Passage], least: float
) -> list[tuple[float, int, int]]:
    """Similar pairs, the best first, those nearer in order before the farther."""
    far = len(left) * len(right) > _PRODUCT
    seen = {b: other.seen for b, other in right.items()}
    found = []
    for a, one in left.items():
        near = range(a - _NEAR, a + _NEAR + 1)
        others = {b: seen[b] for b in near if b in seen} if far else seen
        like = extract(one.seen, others, scorer=fuzz.ratio, score_cutoff=least * 100, limit=None)
        found += [(score / 100, a, b) for _, score, b in like]
    return sorted(found, key=lambda each: (-round(each[0], 2), abs(each[1] - each[2]), *each[1:]))


def _across(alone: Sequence[Pair]) -> Iterator[Pair]:
    """Pair what stands alone in different gaps: moved if equal, reworded if very similar."""
    left = {n: pair.before for n, pair in enumerate(alone) if pair.before is not None}
    right = {n: pair.after for n, pair in enumerate(alone) if pair.after is not None}
    places = defaultdict(list)
    for b, passage in right.items():
        places[passage.letters].append(b)
    for a, passage in list(left.items()):
        if passage.letters and places[passage.letters]:
            yield Pair("moved", left.pop(a), right.pop(places[passage.letters].pop(0)), 1.0)
    for score, a, b in _scores(left, right, _FAR):
        if a in left and b in right:
            yield Pair("reworded", left.pop(a), right.pop(b), score)
    yield from (Pair("removed", passage, None, 0.0) for passage in left.values())
    yield from (Pair("added", None, passage, 0.0) for passage in right.values())
