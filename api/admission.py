"""How many requests are worked on at once: so many, some more wait a little, the rest come again.

Without a bound a crowd makes every answer late; with one, those that are let in are answered as
usual and the others know at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from clausegraph.api.metrics import WAITING
from clausegraph.api.problems import respond
from clausegraph.ontology.errors import ClausegraphError

HEAVY = ("/graphql", "/sparql")
"""The paths whose requests are counted; pages and entities are cheap."""


class BusyServerError(ClausegraphError):
    """So many requests are worked on, and so many wait, that this one is refused."""

    code = "server-busy"


class Admission:
    """Lets `at_once` requests in, lets `queue` more wait `patience` seconds, refuses with 503."""

    def __init__(
        self,
        app: ASGIApp,
        at_once: int,
        queue: int,
        patience: float,
        paths: Collection[str] = HEAVY,
    ) -> None:
        """Wrap an application."""
        self.app, self.queue, self.patience, self.paths = app, queue, patience, paths
        self.inside = asyncio.Semaphore(at_once)
        self.waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when its turn comes, or answer 503."""
        if scope["type"] != "http" or scope["path"] not in self.paths:
            await self.app(scope, receive, send)
            return
        if not await self._enter():
            error = BusyServerError(
                "the server works on as many requests as it can", hint="Come again in a second."
            )
            await respond(error)(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self.inside.release()

    async def _enter(self) -> bool:
        """Wait for a place; whether there was one in time."""
        if not self.inside.locked():
            return await self.inside.acquire()
        if self.waiting >= self.queue:
            return False
        self.waiting += 1
        try:
            with WAITING.track_inprogress():
                async with asyncio.timeout(self.patience):
                    return await self.inside.acquire()
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1
