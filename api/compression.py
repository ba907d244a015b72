"""Answers compressed with br or gzip (RFC 9110, section 8.4), where the client takes that.

Only an answer that is sent whole is compressed, and only where that saves something: streams of
events and files go out as they are. An entity tag becomes a weak one, because the bytes differ from
those of the uncompressed answer; `clausegraph.api.conditional.kept` compares both alike.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import importlib.util
import re
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST = 1_000
"""Bytes from which an answer is compressed."""
THREAD = 100_000
"""Bytes from which that is done on a thread, so that others are answered meanwhile."""
_KINDS = re.compile(
    r"text/(?!event-stream)|application/(?!gzip|zip|octet|vnd\.apache|pdf)|image/svg"
)
_Q = re.compile(r"\s*([\w*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*")


@functools.cache
def codings() -> Mapping[str, Callable[[bytes], bytes]]:
    """What compresses, by its name in HTTP, the best first."""
    found: dict[str, Callable[[bytes], bytes]] = {}
    if importlib.util.find_spec("brotli"):
        found["br"] = _brotli
    return found | {"gzip": functools.partial(gzip.compress, compresslevel=5, mtime=0)}


def _brotli(body: bytes) -> bytes:
    import brotli  # type: ignore[import-untyped,unused-ignore]

    packed: bytes = brotli.compress(body, quality=4)
    return packed


@functools.lru_cache(256)
def coding(accepted: str) -> str | None:
    """The coding to use for an Accept-Encoding header (RFC 9110, section 12.5.3), if any."""
    weights = {}
    for part in accepted.lower().split(","):
        if found := _Q.fullmatch(part):
            weights[found[1]] = float(found[2] or 1)
    rest = weights.get("*", 0.0)
    offered = {name: weights.get(name, rest) for name in codings()}
    best = max(offered, key=lambda name: offered[name])
    return best if offered[best] > 0 else None


class Compress:
    """Compresses answers."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back, smaller."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Answer(scope, send))


class _Answer:
    """The send channel of one answer: holds the start back until the body is seen."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope, self.send = scope, send
        self.start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        start, self.start = self.start, None
        if start is None or message["type"] != "http.response.body":
            if start is not None:
                await self.send(start)
            await self.send(message)
            return
        await self.send_whole(start, message)

    async def send_whole(self, start: Message, message: Message) -> None:
        """Send start and body, compressed where that is right."""
        headers = MutableHeaders(scope=start)
        if _compressible(start, headers):
            headers.add_vary_header("Accept-Encoding")
            name = coding(Headers(scope=self.scope).get("accept-encoding", ""))
            body = message.get("body", b"")
            whole = not message.get("more_body") and len(body) >= LEAST
            if name and whole and self.scope["method"] != "HEAD":
                message = {"type": message["type"], "body": await _packed(name, body)}
                _relabel(headers, name, len(message["body"]))
        await self.send(start)
        await self.send(message)


def _compressible(start: Message, headers: MutableHeaders) -> bool:
    if start["status"] < 200 or start["status"] in (204, 206) or "content-encoding" in headers:
        return False
    kind = headers.get("content-type", "")
    return start["status"] == 304 or _KINDS.match(kind) is not None


def _relabel(headers: MutableHeaders, name: str, size: int) -> None:
    headers["Content-Encoding"] = name
    headers["Content-Length"] = str(size)
    tag = headers.get("etag", "")
    if tag.startswith('"'):
        headers["ETag"] = f"W/{tag}"


async def _packed(name: str, body: bytes) -> bytes:
    pack = codings()[name]
    if len(body) < THREAD:
        return pack(body)
    return await asyncio.to_thread(pack, body)
