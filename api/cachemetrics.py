"""Numbers for Prometheus about what a server keeps: answers given again, entities read once.

Whoever answers only counts with plain numbers, for it is done for every request; they are moved to
the registry now and then, and whenever somebody asks this process.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass

from prometheus_client import Counter, Gauge

from clausegraph.api.graphql_answers import answers
from clausegraph.api.reader import Reader
from clausegraph.api.remember import per_reader
from clausegraph.api.served import Served

ANSWERS = Counter(
    "clausegraph_answers", "GraphQL questions whose answer was kept, or was not.", ("kept",)
)
ANSWER_BYTES = Gauge(
    "clausegraph_answer_bytes", "Bytes of answers that are kept.", multiprocess_mode="livesum"
)
READ = Counter("clausegraph_entities_read", "Entities read from the store, as they were not kept.")
ENTITIES = Gauge(
    "clausegraph_entities_kept", "Entities that are kept.", multiprocess_mode="livesum"
)
_lock = threading.Lock()


@dataclass
class _Told:
    """How far a reader's numbers are in the registry."""

    given: int = 0
    made: int = 0
    read: int = 0


@per_reader
def _told(reader: Reader) -> _Told:
    return _Told()


def observe(reader: Reader) -> None:
    """Move a reader's numbers to the registry."""
    with _lock:
        told, kept = _told(reader), answers(reader)
        given, made, read = kept.given, kept.made, reader.read
        ANSWERS.labels("yes").inc(given - told.given)
        ANSWERS.labels("no").inc(made - told.made)
        READ.inc(read - told.read)
        told.given, told.made, told.read = given, made, read
        ANSWER_BYTES.set(kept.size)
        ENTITIES.set(len(reader.kept))


async def keep_counting(served: Served, seconds: float) -> None:
    """Move the numbers for ever, so that whichever worker is asked tells those of all."""
    before = served.reader
    while True:
        await asyncio.sleep(seconds)
        observe(before)  # what was answered from a release until the server moved on
        if before is not served.reader:
            before = served.reader
            observe(before)
