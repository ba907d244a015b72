"""What a speaker does with a passage: grants, promises, reserves, demands, rejects or reports."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import re2

from clausegraph.loaders.declarations import declaration

REPORTS: Final = "describes"


@lru_cache(maxsize=16_384)
def speech_act(seen: str) -> str:
    """The speech act of a passage, a slug of the closed list, by `detection/acts.yaml`."""
    small = seen.lower()
    return next((act for act, pattern in _declared() if pattern.search(small) is not None), REPORTS)


@lru_cache(maxsize=1)
def _declared() -> tuple[tuple[str, Any], ...]:
    data = declaration("acts")["acts"]
    return tuple((each["act"], re2.compile(each["pattern"])) for each in data)
