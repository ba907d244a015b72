"""Archives of quotations that are made in the background and kept while there is room.

Making one takes a second for every ten million characters or so. It is done by a thread of its
own, once however many ask, so that whoever waits can stop waiting while the work goes on.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from clausegraph.api.quotearchive import Captures
from clausegraph.ontology.errors import ClausegraphError

_LOOK = 0.05  # seconds between two looks at whether a caller still waits

Check = Callable[[], None]
"""A function that is called now and then and raises to end what is going on."""


class NotReadyError(ClausegraphError):
    """The texts that are to be searched are still being indexed."""

    code = "not-ready"


def anyhow() -> None:
    """Go on however long it takes."""


@dataclass(frozen=True)
class _Making:
    """An archive that is being made."""

    characters: int
    archive: Future[Captures] = field(default_factory=Future)
    stop: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Raise `NotReadyError` where nobody needs it any more."""
        if self.stop.is_set():
            raise NotReadyError(
                "the release that was asked is not served any more", hint="Ask again."
            )

    def run(
        self, make: Callable[[Check], Captures], done: Callable[[Captures | None], None]
    ) -> None:
        """Make it, and hand it or the error to whoever waits."""
        try:
            made = make(self.check)
        except BaseException as error:  # noqa: BLE001  # it is raised where the archive is awaited
            done(None)
            self.archive.set_exception(error)
        else:
            done(made)
            self.archive.set_result(made)


class Shelf:
    """The archives of one reader that were asked last; it holds nothing of the reader itself."""

    def __init__(self) -> None:
        """Start empty."""
        self._changed = threading.Condition()
        self._ready: OrderedDict[tuple[str, ...], tuple[Captures, int]] = OrderedDict()
        self._making: dict[tuple[str, ...], _Making] = {}
        self._closed = False
        self.wanted = threading.Event()
        """Set once somebody asks: what is made after that is made as fast as it can be."""

    def held(self, documents: tuple[str, ...]) -> Captures | None:
        """The archive of some documents where it is at hand."""
        with self._changed:
            if documents not in self._ready:
                return None
            self._ready.move_to_end(documents)
            return self._ready[documents][0]

    def get(
        self,
        documents: tuple[str, ...],
        characters: int,
        room: int,
        make: Callable[[Check], Captures],
        patience: Check = anyhow,
    ) -> Captures:
        """The archive of some documents, of which `characters` is the size.

        It and the others held take `room` characters at most. `make` is given a function to call
        now and then; `patience` is called while the caller waits. Raises what the two raise, and
        `NotReadyError` where the shelf is closed in the meantime.
        """
        while True:
            with self._changed:
                if (kept := self.held(documents)) is not None:
                    return kept
                making = self._making.get(documents)
                if making is None and self._cleared(room - characters):
                    making = self._start(documents, characters, make)
                if making is None:  # others are being made, and take the room
                    self._changed.wait(_LOOK)
            if making is not None:
                try:
                    return making.archive.result(_LOOK)
                except TimeoutError:
                    if making.archive.done():
                        raise
            patience()

    def _start(
        self, documents: tuple[str, ...], characters: int, make: Callable[[Check], Captures]
    ) -> _Making:
        making = self._making[documents] = _Making(characters)

        def done(made: Captures | None) -> None:
            with self._changed:
                del self._making[documents]
                if made is not None and not self._closed and not making.stop.is_set():
                    self._ready[documents] = made, characters
                self._changed.notify_all()

        threading.Thread(
            target=making.run, args=(make, done), name="clausegraph-quotes", daemon=True
        ).start()
        return making

    def _cleared(self, most: int) -> bool:
        """Let go of what was asked longest ago until `most` characters are held; False: cannot."""
        if self._making and sum(each.characters for each in self._making.values()) > most:
            return False
        while self._ready and self._held() > most:
            self._ready.popitem(last=False)
        return True

    def _held(self) -> int:
        made = sum(characters for _, characters in self._ready.values())
        return made + sum(each.characters for each in self._making.values())

    @property
    def characters(self) -> int:
        """The characters of what is held or being made."""
        with self._changed:
            return self._held()

    def stop(self) -> None:
        """End what is being made."""
        with self._changed:
            for each in self._making.values():
                each.stop.set()

    def close(self) -> None:
        """Let go of everything, and keep nothing any more."""
        self.stop()
        with self._changed:
            self._closed = True
            self._ready.clear()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is being made; False where it still is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._making, seconds)
