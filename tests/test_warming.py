"""Indexing in the background leaves the interpreter to requests until somebody waits for it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from clausegraph.api.quoteservice import Question, ask, shelf, warm, yielding
from clausegraph.api.quoteshelf import NotReadyError
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases

ROOM = 10_000_000


class Watched(threading.Event):
    """An event that notes how long it was waited for."""

    def __init__(self) -> None:
        """Nobody has waited yet."""
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Note it, and do not wait."""
        self.waits.append(timeout)
        return self.is_set()


def work(seconds: float = 0.01) -> None:
    """Be busy."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def test_a_pause_follows_work() -> None:
    """It is longer than the work, and there is none where nothing was done."""
    wanted = Watched()
    pause = yielding(lambda: None, wanted)
    pause()
    work()
    pause()
    pause()
    assert len(wanted.waits) == 1
    assert (wanted.waits[0] or 0) > 0.02


def test_nobody_who_waits_is_kept_waiting() -> None:
    """Once it is wanted there are no pauses."""
    wanted = Watched()
    wanted.set()
    pause = yielding(lambda: None, wanted)
    work()
    pause()
    assert wanted.waits == []


def test_the_end_is_noticed() -> None:
    """What the check raises comes through, before a pause."""

    def check() -> None:
        raise NotReadyError("over")

    wanted = Watched()
    pause = yielding(check, wanted)
    work()
    with pytest.raises(NotReadyError):
        pause()
    assert wanted.waits == []


def test_a_question_hurries_what_is_being_indexed(data: Path) -> None:
    """Warming a reader does not want it; a quotation that is asked does."""
    reader = Reader(Releases(data).current())
    warm(reader, ROOM)
    assert not shelf(reader).wanted.is_set()
    ask(reader, Question("We sell nothing at all."), ROOM)
    assert shelf(reader).wanted.is_set()
