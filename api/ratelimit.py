"""How much one client may ask: a bucket of points for each, filled at a steady rate.

A request takes one point; one to the query languages takes more (`POINTS`). The answer says how
things stand (`RateLimit` and `RateLimit-Policy`, IETF draft-ietf-httpapi-ratelimit-headers), and one
that is refused says when to come again. Buckets of clients that were not seen for longest are
forgotten, so that memory is bounded whoever comes; a full bucket and none are the same.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clausegraph.api.problems import problem
from clausegraph.ontology.errors import ClausegraphError

CLIENTS = 50_000
"""How many clients' buckets are kept (about 10 MB)."""
POINTS = {"/graphql": 5, "/sparql": 10}
"""Points of a request by path; any other takes one."""


class RateLimitError(ClausegraphError):
    """A client has asked more than it may for now."""

    code = "rate-limit"


class Buckets:
    """Points left by client. Not shared between processes: each has its part of the rate."""

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Fill `rate` points a second, up to `burst`."""
        self.rate, self.burst, self.clock = rate, burst, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, points: float) -> tuple[bool, float]:
        """Whether a client may take points, and how many are left then."""
        now = self.clock()
        left, then = self._left.pop(client, (self.burst, now))
        left = min(self.burst, left + (now - then) * self.rate)
        allowed = left >= points
        left -= points if allowed else 0
        self._left[client] = left, now
        if len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        return allowed, left

    def wait(self, left: float, points: float) -> int:
        """Seconds until so many points are there."""
        return max(1, math.ceil((points - left) / self.rate))


class RateLimit:
    """Refuses clients that ask too much, with 429."""

    def __init__(self, app: ASGIApp, rate: float, burst: float, proxies: int) -> None:
        """Wrap an application; `proxies` of ours stand before it and add to X-Forwarded-For."""
        self.app, self.proxies = app, proxies
        self.buckets = Buckets(rate, burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        points = POINTS.get(scope["path"], 1)
        allowed, left = self.buckets.take(client_of(scope, self.proxies), points)
        told = self._told(left, points)
        if not allowed:
            seconds = self.buckets.wait(left, points)
            error = RateLimitError(
                "too many requests", hint=f"Come again in {seconds} seconds.", value=points
            )
            response = problem(429, error, {**told, "Retry-After": str(seconds)})
            await response(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        await self.app(scope, receive, add)

    def _told(self, left: float, points: float) -> dict[str, str]:
        """How things stand, in the words of the draft."""
        window = math.ceil(self.buckets.burst / self.buckets.rate)
        return {
            "RateLimit-Policy": f'"client";q={int(self.buckets.burst)};w={window}',
            "RateLimit": f'"client";r={int(left)};t={self.buckets.wait(left, points)}',
        }


def client_of(scope: Scope, proxies: int) -> str:
    """The address of a client: the peer's, or what the outermost of our own proxies saw."""
    peer = (scope.get("client") or ("", 0))[0]
    if proxies < 1:
        return str(peer)
    hops = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    named = [hop.strip() for hop in hops if hop.strip()]
    return named[-proxies] if len(named) >= proxies else str(peer)
