"""Pages of other sites may ask and read (the CORS protocol of the Fetch standard).

What is served here is public and read-only, so that every origin may read it unless
`Settings.origins` names some or none. Credentials are never allowed: a browser sends no cookie, and
a mutation needs a token that only its owner has.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EXPOSED = "Content-Location, ETag, Link, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
_ALLOWED = "Accept, Authorization, Content-Type, If-None-Match, X-Request-ID"

_OPEN = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
)
_NAMES = frozenset(name for name, _ in _OPEN)


class CrossOrigin:
    """Answers preflights, and says who may read the other answers."""

    def __init__(self, app: ASGIApp, origins: str) -> None:
        """Wrap an application; `origins` are separated by spaces, ``*`` is everybody."""
        self.app = app
        self.origins = frozenset(origins.split())
        self.open = "*" in self.origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer a preflight."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            asked = Headers(scope=scope)
            if "origin" in asked and "access-control-request-method" in asked:
                await send(self._preflight(asked["origin"]))
                await send({"type": "http.response.body", "body": b""})
                return
        origin = "" if self.open else Headers(scope=scope).get("origin", "")

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                if self.open:
                    kept = [pair for pair in message["headers"] if pair[0] not in _NAMES]
                    message["headers"] = [*kept, *_OPEN]
                else:
                    self._mark(MutableHeaders(scope=message), origin)
            await send(message)

        await self.app(scope, receive, add)

    def _mark(self, headers: MutableHeaders, origin: str) -> None:
        """Say who may read; where not everybody may, nobody else is told so."""
        if allowed := self._allowed(origin):
            headers["Access-Control-Allow-Origin"] = allowed
            headers["Access-Control-Expose-Headers"] = EXPOSED
        elif "access-control-allow-origin" in headers:
            del headers["Access-Control-Allow-Origin"]
        if not self.open:
            headers.add_vary_header("Origin")

    def _allowed(self, origin: str) -> str:
        if self.open:
            return "*"
        return origin if origin in self.origins else ""

    def _preflight(self, origin: str) -> Message:
        message: Message = {"type": "http.response.start", "status": 204, "headers": []}
        headers = MutableHeaders(scope=message)
        self._mark(headers, origin)
        if self._allowed(origin):
            headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
            headers["Access-Control-Allow-Headers"] = _ALLOWED
            headers["Access-Control-Max-Age"] = "86400"
        return message
