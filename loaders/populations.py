"""For whom a passage speaks: the places named in its headings, its list's lead-in or its own words.

The patterns are data (`detection/populations.yaml`). No place named means that it speaks to all.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from clausegraph.loaders.blocks import Block
from clausegraph.loaders.declarations import declaration


def populations(block: Block) -> frozenset[str]:
    """The populations of a passage, by the codes of `detection/populations.yaml`.

    Its own words decide where they name somebody, then the line that introduces it, then the
    headings from the innermost; empty where nobody is named.
    """
    for text in (block.seen, block.lead, *reversed(block.headings)):
        if text and (found := named(text)):
            return found
    return frozenset()


@lru_cache(maxsize=16_384)
def named(text: str) -> frozenset[str]:
    """The populations that a text names."""
    small = text.lower()
    return frozenset(code for code, pattern, _ in _declared() if pattern.search(small) is not None)


def elsewhere(found: frozenset[str]) -> bool:
    """Whether a passage speaks only to people of other places than the four regimes."""
    return bool(found) and not any(code in found for code, _, ours in _declared() if ours)


@lru_cache(maxsize=1)
def _declared() -> tuple[tuple[str, Any, bool], ...]:
    data = declaration("populations")["populations"]
    return tuple((code, re2.compile(each["pattern"]), each["own"]) for code, each in data.items())
