"""Answers that were given before, for as long as the release that they were read from is served.

A release never changes, so a document with the same variables on the same day has the same answer.
What is kept is bounded by its size; the longest unused goes first. Only answers without errors are
kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from clausegraph.api.reader import Reader
from clausegraph.api.remember import per_reader

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Kept:
    """An answer's data as JSON, and how many nodes were made for it."""

    data: bytes
    made: int


_OWN = 500
"""Bytes that an answer takes besides its own: key and places."""


class Answers:
    """Answers of one release, at most so many bytes of them. Threads may share it."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self.size = 0
        self.given = self.made = 0
        """How often an answer was at hand, and how often it was not."""
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._changing = threading.Lock()

    def get(self, key: Key) -> Kept | None:
        """The answer to a question, if it is kept."""
        with self._changing:
            found = self._kept.get(key)
            if found is None:
                self.made += 1
                return None
            self.given += 1
            self._kept.move_to_end(key)
            return found

    def put(self, key: Key, answer: Kept, most: int) -> None:
        """Keep an answer, and let go of others until all together have at most `most` bytes."""
        size = _size(answer)
        if size > most // 8:
            return
        with self._changing:
            before = self._kept.pop(key, None)
            self.size += size - (_size(before) if before else 0)
            self._kept[key] = answer
            while self.size > most:
                _, old = self._kept.popitem(last=False)
                self.size -= _size(old)


def _size(answer: Kept) -> int:
    """The bytes that an answer takes with its key."""
    return len(answer.data) + _OWN


@per_reader
def answers(reader: Reader) -> Answers:
    """The answers that were read from a reader's release."""
    return Answers()
