"""Quotations looked up in a release: what is asked is indexed when it is first asked, and kept.

An index belongs to the documents that it was made of and to one reader; those asked last are kept,
up to a number of characters of text (`Settings.quote_characters`).
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

from clausegraph.api.quotearchive import Answer, Captures
from clausegraph.api.quotescope import Scope, captures, scope, size
from clausegraph.api.quoteshelf import Check, NotReadyError, Shelf, anyhow
from clausegraph.api.reader import Reader
from clausegraph.api.served import Served
from clausegraph.ontology.errors import ClausegraphError

log = logging.getLogger("clausegraph.quotes")
_LAST = 1.0  # seconds that the end of a server waits for the index that it was making
_SLICE, _PAUSE = 0.002, 4
"""Seconds of indexing before others get their turn, and how many times as long they have it."""
_shelves: WeakKeyDictionary[Reader, Shelf] = WeakKeyDictionary()
_lock = threading.Lock()


class TooMuchTextError(ClausegraphError):
    """A quotation is asked of more text than is indexed at once."""

    code = "too-much-text"


@dataclass(frozen=True)
class Question:
    """A quotation and where to look for it, as a person names it; `until` is a last day."""

    text: str
    platform: str | None = None
    document: str | None = None
    portfolio: Iterable[str] | None = None
    until: date | None = None


def ask(
    reader: Reader,
    question: Question,
    room: int,
    patience: Check = anyhow,
    check: Check = anyhow,
) -> Answer:
    """Look a quotation up in a release.

    Raises `QuoteError`, `TooMuchTextError` where what is asked has more than `room` characters,
    `UnknownIdError` for a portfolio, and what `patience` raises, which is called while the texts
    are being indexed, or `check`, which is called while the quotation is looked up.
    """
    found = scope(reader, question.platform, question.document, question.portfolio)
    shelf(reader).wanted.set()
    if not found.documents:
        return Captures(()).ask(question.text, note=found.note)
    archive = archive_of(reader, found, room, patience)
    return archive.ask(question.text, question.until, check=check)


def archive_of(reader: Reader, found: Scope, room: int, patience: Check = anyhow) -> Captures:
    """The archive of a scope. Raises `TooMuchTextError` and what `patience` raises."""
    own = shelf(reader)
    if (kept := own.held(found.documents)) is not None:
        return kept
    characters = size(reader, found.documents)
    if characters > room:
        raise _too_much(found, characters, room)

    def make(check: Check) -> Captures:
        paced = yielding(check, own.wanted)
        return Captures(captures(reader, found.documents, paced), paced)

    return own.get(found.documents, characters, room, make, patience)


def yielding(check: Check, wanted: threading.Event) -> Check:
    """A check that also leaves the interpreter to requests, most of the time, until it is wanted.

    Indexing is nothing but Python: a request that comes meanwhile would wait for its turn each time
    that it has read or written something.
    """
    resumed = time.perf_counter()

    def pause() -> None:
        nonlocal resumed
        check()
        worked = time.perf_counter() - resumed
        if worked > _SLICE and not wanted.is_set():
            wanted.wait(worked * _PAUSE)
            check()
        if worked > _SLICE:
            resumed = time.perf_counter()

    return pause


def shelf(reader: Reader) -> Shelf:
    """The shelf of a reader."""
    with _lock:
        return _shelves.setdefault(reader, Shelf())


def _too_much(found: Scope, characters: int, room: int) -> TooMuchTextError:
    several = len(found.documents) > 1
    name = "Name a platform or a document, or raise" if several else "Raise"
    return TooMuchTextError(
        f"the captures asked have {characters} characters of text; at most {room} are indexed",
        hint=f"{name} CLAUSEGRAPH_QUOTE_CHARACTERS.",
        value=characters,
    )


async def keep_warm(served: Served, room: int, seconds: float) -> None:
    """Index whatever release is served, in the background, for ever; let go of the one before.

    Looks for a newer release every so many `seconds`, and before the first time waits as long, so
    that a server's first answers come first.
    """
    reader: Reader | None = None
    try:
        while True:
            await asyncio.sleep(seconds)
            if served.reader is not reader:
                if reader is not None:
                    shelf(reader).close()
                reader = served.reader
                threading.Thread(
                    target=warm, args=(reader, room), name="clausegraph-warm", daemon=True
                ).start()
    finally:
        if reader is not None:
            shelf(reader).stop()
            await asyncio.to_thread(shelf(reader).wait, _LAST)


def warm(reader: Reader, room: int) -> bool:
    """Index all of a release; False where that cannot be done, which is logged."""
    try:
        archive = archive_of(reader, scope(reader), room)
    except NotReadyError:
        return False
    except TooMuchTextError as error:
        log.info("quotations are indexed when they are asked: %s", error)
        return False
    except Exception:
        log.exception("release %s is not indexed for quotations", reader.release.id)
        return False
    log.info("%d captures indexed for quotations", len(archive.captures))
    return True
