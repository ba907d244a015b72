"""Limits and headers that hold for every request, whatever answers it."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clausegraph.api.problems import problem
from clausegraph.ontology.errors import ClausegraphError


class BodyTooLargeError(ClausegraphError):
    """A request body is larger than the server takes."""

    code = "body-too-large"


class SlowBodyError(ClausegraphError):
    """A request body did not come in time."""

    code = "body-too-slow"


class LimitBody:
    """Refuses a body over `most` bytes, by its length header or while it is read, or too slow."""

    def __init__(self, app: ASGIApp, most: int, seconds: float) -> None:
        """Wrap an application; a body is to come within `seconds`."""
        self.app = app
        self.most = most
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, read in full, or answer 413."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        names = {name for name, _ in scope["headers"]}
        if not names & {b"content-length", b"transfer-encoding"}:  # no body (RFC 9112, 6.3)
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        body = None
        try:
            if length.isdigit() and int(length) <= self.most:
                async with asyncio.timeout(self.seconds):
                    body = await self._read(receive)
        except TimeoutError:
            await problem(408, self._late(), {"Connection": "close"})(scope, receive, send)
            return
        if body is None:
            error = BodyTooLargeError(
                f"the request body is larger than {self.most} bytes",
                hint="Send a smaller request; CLAUSEGRAPH_MAX_BODY sets the limit.",
            )
            await problem(413, error)(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)

    def _late(self) -> SlowBodyError:
        return SlowBodyError(
            f"the request body did not come within {self.seconds:g} seconds",
            hint="Send it again; CLAUSEGRAPH_BODY_SECONDS sets the limit.",
        )

    async def _read(self, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self.most:
                return None
            if message["type"] != "http.request" or not message.get("more_body", False):
                return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receive channel that gives the body once and then what the server says."""
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


_SECURE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)


class SecurityHeaders:
    """Adds headers that keep a browser from guessing or leaking."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to every response."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name for name, _ in message["headers"]}
                message["headers"] += [pair for pair in _SECURE if pair[0] not in there]
            await send(message)

        await self.app(scope, receive, add)
