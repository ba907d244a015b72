"""How much one client may ask: a bucket of points for each, filled at a steady rate.

A request takes one point; one to the query languages takes more (`POINTS`). The answer says how
things stand (`RateLimit` and `RateLimit-Policy`, IETF draft-ietf-httpapi-ratelimit-headers), and one
that is refused says when to come again. Buckets of clients that were not seen for longest are
forgotten, so that memory is bounded whoever comes; a full bucket and none are the same.
"""

from __future__ import annotations

import functools
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Network, ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clausegraph.api.problems import respond
from clausegraph.ontology.errors import ClausegraphError

CLIENTS = 50_000
"""How many clients' buckets are kept (about 10 MB)."""
FREE = ("/health", "/ready")
"""Paths by which others watch the server: never refused."""
POINTS = {"/graphql": 5, "/sparql": 10}
"""Points of a request by path; any other takes one. `charge` takes more."""
_ACCOUNT = "clausegraph.account"


class RateLimitError(ClausegraphError):
    """A client has asked more than it may for now."""

    code = "rate-limit"

    def __init__(self, points: float, seconds: int) -> None:
        """So many points were asked; they are there in so many seconds."""
        super().__init__(
            "too many requests", hint=f"Come again in {seconds} seconds.", value=points
        )
        self.retry_seconds = seconds


class Buckets:
    """Points left by client. Not shared between processes: each has its part of the rate."""

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Fill `rate` points a second, up to `burst`."""
        self.rate, self.burst, self.clock = rate, burst, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, points: float) -> tuple[bool, float]:
        """Whether a client may take points, and how many are left then.

        What takes more than a bucket holds needs a full one, and leaves a debt.
        """
        now = self.clock()
        left, then = self._left.pop(client, (self.burst, now))
        left = min(self.burst, left + (now - then) * self.rate)
        allowed = left >= min(points, self.burst)
        left -= points if allowed else 0
        self._left[client] = left, now
        if len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        return allowed, left

    def wait(self, left: float, points: float) -> int:
        """Seconds until so many points are there."""
        return max(1, math.ceil((min(points, self.burst) - left) / self.rate))


class RateLimit:
    """Refuses clients that ask too much, with 429."""

    def __init__(self, app: ASGIApp, rate: float, burst: float, proxies: int) -> None:
        """Wrap an application; `proxies` of ours stand before it and add to X-Forwarded-For."""
        self.app, self.proxies = app, proxies
        self.buckets = Buckets(rate, burst) if rate > 0 else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        buckets = self.buckets
        if scope["type"] != "http" or buckets is None or scope["path"] in FREE:
            await self.app(scope, receive, send)
            return
        points = POINTS.get(scope["path"], 1)
        account = _Account(buckets, client_of(scope, self.proxies))
        try:
            account.charge(points)
        except RateLimitError as error:
            await respond(error, account.told(points))(scope, receive, send)
            return
        scope[_ACCOUNT] = account

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *account.raw(points)]
            await send(message)

        await self.app(scope, receive, add)


class _Account:
    """The bucket of the client of one request."""

    def __init__(self, buckets: Buckets, client: str) -> None:
        self.buckets, self.client, self.left = buckets, client, 0.0

    def charge(self, points: float) -> None:
        """Take points. Raises `RateLimitError` where they are not there."""
        allowed, self.left = self.buckets.take(self.client, points)
        if not allowed:
            raise RateLimitError(points, self.buckets.wait(self.left, points))

    def told(self, points: float) -> dict[str, str]:
        """How things stand, in the words of the draft."""
        window = math.ceil(self.buckets.burst / self.buckets.rate)
        left, wait = max(0, int(self.left)), self.buckets.wait(self.left, points)
        return {
            "RateLimit-Policy": f'"client";q={int(self.buckets.burst)};w={window}',
            "RateLimit": f'"client";r={left};t={wait}',
        }

    def raw(self, points: float) -> list[tuple[bytes, bytes]]:
        """The same, as headers of an ASGI message."""
        return [(name.lower().encode(), text.encode()) for name, text in self.told(points).items()]


def charge(scope: Scope, points: float) -> None:
    """Take more points for a request whose cost is known now. Raises `RateLimitError`."""
    account: _Account | None = scope.get(_ACCOUNT)
    if account is not None and points > 0:
        account.charge(points)


def client_of(scope: Scope, proxies: int) -> str:
    """Whom a bucket belongs to: the peer, or what the outermost of our own proxies saw.

    An IPv6 address stands for its network (/64), which is what one client is given.
    """
    peer = str((scope.get("client") or ("", 0))[0])
    if proxies < 1:
        return _network(peer)
    hops = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    named = [hop.strip() for hop in hops if hop.strip()]
    return _network(named[-proxies] if len(named) >= proxies else peer)


@functools.lru_cache(10_000)
def _network(address: str) -> str:
    """The address, or the network of an IPv6 one; what is neither is cut short."""
    try:
        found = ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, IPv4Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found) >> 64 << 64, 64)))
