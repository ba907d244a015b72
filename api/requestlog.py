"""One line of JSON for each request, and an id by which client and log speak of the same one.

Neither a query nor a token is written: the line has method, path, status, time and size.
"""

from __future__ import annotations

import logging
import os
import re
import time
from contextvars import ContextVar

import orjson
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("clausegraph.requests")
HEADER = "X-Request-ID"
_current: ContextVar[str] = ContextVar("request", default="")
_SANE = re.compile(r"[A-Za-z0-9._:-]{8,100}")


class RequestLog:
    """Gives each request an id, kept from its client where it is sane, and logs its end."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        own = request_id(scope)
        scope["request_id"] = own
        _current.set(own)  # each request is a task of its own
        start, status, size = time.perf_counter(), 0, 0

        async def told(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", own.encode())]
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, told)
        finally:
            if log.isEnabledFor(logging.INFO):
                log.info(_line(scope, own, status, time.perf_counter() - start, size))


def current_request() -> str:
    """The id of the request that is worked on; empty outside of one."""
    return _current.get()


def request_id(scope: Scope) -> str:
    """The id that a client gave, or a new one."""
    given = Headers(scope=scope).get(HEADER, "")
    return given if _SANE.fullmatch(given) else os.urandom(16).hex()


def _line(scope: Scope, own: str, status: int, seconds: float, size: int) -> str:
    facts = {
        "request": own,
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round(seconds * 1000, 2),
        "bytes": size,
    }
    return orjson.dumps(facts).decode()
