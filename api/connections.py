"""Connections that are not waited for without end: for a head, or for a client that does not read.

uvicorn limits the time between requests, not that within one: whoever sends half a line, or asks
for much and reads nothing, would hold a connection and its memory for ever. With httptools it does
not limit the size of a head either. Time and size of bodies: `clausegraph.api.limits`.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from clausegraph.api.settings import Settings

HEAD_BYTES = 64 * 1024
"""Most bytes of a request's line and headers."""
PROGRESS_BYTES = 16 * 1024
"""What a client is to take of a waiting answer within the time of a head."""
STOP = "clausegraph.stop"
"""Key of a scope's `state` under which an event is set when the server stops."""

if TYPE_CHECKING or importlib.util.find_spec("httptools"):
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as _Base
else:
    from uvicorn.protocols.http.h11_impl import H11Protocol as _Base

_FULL = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n"


class Patient(_Base):
    """uvicorn's protocol with a deadline for each head and for each answer that is not taken."""

    seconds = 10.0
    """How long a head may take; set for the process by `limit`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self.stop = asyncio.Event()
        self.app_state = {**self.app_state, STOP: self.stop}
        self._in_head = True
        self._upgraded = False
        self._head_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave no timer behind."""
        self._forget_head()
        self._resumed()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops: say so to what would go on for ever."""
        self.stop.set()
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Read on, up to the size of a head."""
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self._between():
            return
        self._wait_for_head()
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self.transport.write(_FULL)
            self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins (httptools)."""
        super().on_message_begin()
        self._in_head = True
        self._parsed = 0

    def on_url(self, url: bytes) -> None:
        """Part of a line came (httptools)."""
        self._measure(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header came (httptools)."""
        self._measure(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A head is complete (httptools)."""
        self._in_head = False
        self._forget_head()
        super().on_headers_complete()

    def handle_websocket_upgrade(self, *event: Any) -> None:
        """A web socket begins, which has rules of its own."""
        self._upgraded = True
        self._forget_head()
        super().handle_websocket_upgrade(*event)

    def pause_writing(self) -> None:
        """The client does not read; see whether it goes on."""
        super().pause_writing()
        if self._stalled is None:
            self._look_again(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """The client has read."""
        self._resumed()
        super().resume_writing()

    def _measure(self, size: int) -> None:
        """Count what a head has. Raises `ValueError`, which the parser takes for a bad request."""
        self._parsed += size
        if self._parsed > HEAD_BYTES:
            raise ValueError("the head is too large")

    def _between(self) -> bool:
        """Whether a head is expected or half read, and nothing else limits the wait."""
        if self._upgraded or self.timeout_keep_alive_task is not None:
            return False
        parser: Any = getattr(self, "conn", None)
        if parser is not None:  # h11 limits the size by itself
            idle = str(parser.their_state) == "IDLE"
            if not idle:
                self._forget_head()
            return idle
        return self._in_head or self.cycle is None or self.cycle.response_complete

    def _wait_for_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.seconds, self.transport.close)

    def _forget_head(self) -> None:
        self._head_bytes = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _look_again(self, before: int) -> None:
        self._stalled = self.loop.call_later(self.seconds, self._check, before)

    def _check(self, before: int) -> None:
        """End a connection whose client has taken next to nothing since."""
        now = self.transport.get_write_buffer_size()
        if before - now < PROGRESS_BYTES:
            self.transport.abort()
        else:
            self._look_again(now)

    def _resumed(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


def stop_of(scope: MutableMapping[str, Any]) -> asyncio.Event:
    """What is set when the server of a request stops; never where another server runs it."""
    found: asyncio.Event = (scope.get("state") or {}).get(STOP) or asyncio.Event()
    return found


def limit(settings: Settings) -> None:
    """Set the time that the connections of this process have."""
    Patient.seconds = settings.head_seconds


def allow_many() -> None:
    """Let this process and its workers open as many files as the system lets them."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if most == resource.RLIM_INFINITY else most
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
