"""Content negotiation: which of the media types on offer an Accept header prefers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_PART = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*"?)+')


@dataclass(frozen=True)
class _Range:
    """One element of an Accept header: a media range, its parameters and its quality."""

    kind: str
    subtype: str
    parameters: Mapping[str, str]
    quality: float

    def rank(self, offer: _Range) -> int:
        """How exactly this range names an offer: 0 not at all, 1 `*/*`, 2 `text/*`, 3 or more."""
        if self.kind == "*":
            return 1
        if self.kind != offer.kind:
            return 0
        if self.subtype == "*":
            return 2
        if self.subtype != offer.subtype:
            return 0
        shared = self.parameters.keys() & offer.parameters.keys()
        if any(self.parameters[key] != offer.parameters[key] for key in shared):
            return 0
        return 3 + len(shared)


def choose(accept: str, offered: Sequence[str]) -> str | None:
    """The offer that `accept` prefers, or None where it accepts none of them.

    The most exact range that names an offer gives its quality. Of equal quality, an offer named
    exactly wins over one that only a wildcard covers, then the first in `offered`. A header that
    is empty accepts everything. A parameter that an offer does not have is not compared.
    """
    ranges = [each for text in _ELEMENT.findall(accept) if (each := _parse(text)) is not None]
    if not ranges:
        return offered[0] if offered and not accept.strip() else None
    best: tuple[float, int] = (0.0, 0)
    chosen = None
    for offer in offered:
        score = _score(ranges, offer)
        if score[0] > 0 and score > best:
            best, chosen = score, offer
    return chosen


def _score(ranges: Sequence[_Range], offer: str) -> tuple[float, int]:
    """Quality of an offer and how exactly it was named."""
    parsed = _parse(offer)
    assert parsed is not None, f"{offer!r} is not a media type"
    rank, quality = max((each.rank(parsed), each.quality) for each in ranges)
    return (quality if rank else 0.0, rank)


def _parse(text: str) -> _Range | None:
    """Read a media range; None where it is malformed, so that the element is passed over."""
    name, _, rest = text.partition(";")
    kind, slash, subtype = name.strip().lower().partition("/")
    if (kind, slash) == ("*", ""):  # what Java's URLConnection sends for */*
        subtype = "*"
    if not kind or not subtype or (kind == "*" and subtype != "*"):
        return None
    pairs = [part.partition("=")[::2] for part in _PART.findall(rest)]
    parameters = {key.strip().lower(): value.strip().strip('"') for key, value in pairs}
    quality = _quality(parameters.pop("q", "1"))
    return None if quality is None else _Range(kind, subtype, parameters, quality)


def _quality(text: str) -> float | None:
    """A quality between 0 and 1; None where the text is not one."""
    if re.fullmatch(r"[0-9]*\.?[0-9]+|[0-9]+\.", text) is None:
        return None
    return min(float(text), 1.0)
