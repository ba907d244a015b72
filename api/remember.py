"""Keep what was computed from a release for as long as its reader lives, and no longer."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

from clausegraph.api.reader import Reader

T = TypeVar("T")


def per_reader(function: Callable[[Reader], T]) -> Callable[[Reader], T]:
    """Compute once a reader. Two threads may both compute; they get equal results."""
    kept: WeakKeyDictionary[Reader, T] = WeakKeyDictionary()

    @functools.wraps(function)
    def remembered(reader: Reader) -> T:
        if reader not in kept:
            kept[reader] = function(reader)
        return kept[reader]

    return remembered
