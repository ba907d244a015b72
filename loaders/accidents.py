"""Accidents of capturing: the text is missing, cut off, hidden, or in another language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from clausegraph.loaders.deltas import Pair, Passage
from clausegraph.loaders.signals import is_error

EMPTY = 80
"""A capture with fewer letters holds no document."""
_LOST = 0.6
_LATIN = re.compile(r"[\x00-\u036f]+")
_SCRIPTS = (
    ("cjk", re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")),
    ("hangul", re.compile(r"[\uac00-\ud7af]")),
    ("cyrillic", re.compile(r"[\u0400-\u04ff]")),
    ("arabic", re.compile(r"[\u0600-\u06ff]")),
    ("hebrew", re.compile(r"[\u0590-\u05ff]")),
    ("greek", re.compile(r"[\u0370-\u03ff]")),
    ("devanagari", re.compile(r"[\u0900-\u097f]")),
    ("thai", re.compile(r"[\u0e00-\u0e7f]")),
)
_COMMON = {
    "en": "the and of to you your we our or for is this with",
    "de": "der die und das sie wir ihre nicht zu für mit oder werden",
    "fr": "les des vous nous et le la votre pour dans une est que",
    "es": "los las usted que el para nuestros una con del sus por se",
    "it": "il di che per gli della sono con nostri una i dei dati",
    "pt": "os que você para uma com não nossos dos seus do ao são",
    "nl": "het een van en wij uw voor niet met op dat zijn worden",
}
_WORDS = {name: frozenset(words.split()) for name, words in _COMMON.items()}


def language(passages: Sequence[Passage]) -> str | None:
    """The script or language in which most of a text stands; None where it is too short to say."""
    text = " ".join(passage.seen for passage in passages[:200])[:40_000]
    letters = sum(map(str.isalpha, text))
    if letters < EMPTY * 4:
        return None
    foreign = _LATIN.sub("", text)
    for name, pattern in _SCRIPTS:
        if len(pattern.findall(foreign)) * 3 > letters:
            return name
    counts = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    scores = {name: sum(counts[word] for word in words) for name, words in _WORDS.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] * 12 > sum(counts.values()) else None


def accident(
    before: Sequence[Passage], after: Sequence[Passage], found: Sequence[Pair]
) -> str | None:
    """Name the accident (``empty``, ``error``, ``language``, ``truncated``) or its repair."""
    sizes = [len("".join([passage.letters for passage in side])) for side in (before, after)]
    if min(sizes) < EMPTY and max(sizes) > 3 * min(sizes):
        return "empty"
    if _error(found, sizes):
        return "error"
    changed = sum(len(pair.after.letters) for pair in found if pair.after)
    if changed * 2 > sizes[1] and len({language(before), language(after)} - {None}) == 2:
        return "language"
    return "truncated" if _truncated(found, sizes) else None


def _error(found: Sequence[Pair], sizes: Sequence[int]) -> bool:
    """Whether an error notice stands on one side only, in the place of real text."""
    left = any(is_error(p.before.seen) for p in found if p.before)
    right = any(is_error(p.after.seen) for p in found if p.after)
    if left == right:
        return False
    lost = sum(len(p.after.letters) for p in found if p.after) if left else 0
    lost = lost or sum(len(p.before.letters) for p in found if p.before and right)
    return lost > 400 or min(sizes) < 400


def _truncated(found: Sequence[Pair], sizes: Sequence[int]) -> bool:
    """Whether most of the text went, or came, and nothing else changed."""
    if abs(sizes[0] - sizes[1]) < _LOST * max(sizes):
        return False
    gone = [pair for pair in found if (pair.after is None) == (sizes[0] > sizes[1])]
    lone = [pair for pair in found if pair.kind in {"added", "removed"}]
    wrong = [p for p in lone if (p.kind == "removed") != (sizes[0] > sizes[1])]
    rest = sum(len(side.letters) for p in wrong for side in (p.before, p.after) if side)
    return bool(gone) and rest * 20 < max(sizes)
