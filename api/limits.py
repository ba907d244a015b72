"""Limits and headers that hold for every request, whatever answers it."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clausegraph.api.problems import problem
from clausegraph.ontology.errors import ClausegraphError


class BodyTooLargeError(ClausegraphError):
    """A request body is larger than the server takes."""

    code = "body-too-large"


class LimitBody:
    """Refuses a body over `most` bytes, by its length header or while it is read."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        """Wrap an application."""
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, read in full, or answer 413."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        body = await self._read(receive) if length.isdigit() and int(length) <= self.most else None
        if body is None:
            error = BodyTooLargeError(
                f"the request body is larger than {self.most} bytes",
                hint="Send a smaller request; CLAUSEGRAPH_MAX_BODY sets the limit.",
            )
            await problem(413, error)(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)

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


class SecurityHeaders:
    """Adds headers that keep a browser from guessing or leaking."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to every response."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("X-Frame-Options", "DENY")
            await send(message)

        await self.app(scope, receive, add)
