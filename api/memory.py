"""Memory that a release took, given back when the server has moved on from it."""

from __future__ import annotations

import ctypes
import functools
import gc
from collections.abc import Callable


def give_back() -> None:
    """Let go of what refers to itself, and of what the C library keeps for later.

    A reader with its entities and answers is one large piece of garbage, and nothing else makes
    the collector look at the old generation soon. The pieces that are freed lie scattered over
    the heaps of many threads: unasked, glibc gives few of them back to the system.
    """
    gc.collect()
    _trim()(0)


@functools.cache
def _trim() -> Callable[[int], object]:
    """The function of glibc; one that does nothing where there is another C library."""
    try:
        found: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return bool
    return found
