"""The release that a server answers from, and its move to the next one.

A request takes the reader once and keeps it: its answer comes from one release, even while the
server moves on. A release that cannot be opened is reported and the old one keeps serving.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time

from clausegraph.api.endpointrelease import EndpointReleases
from clausegraph.api.memory import give_back
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Release, Releases
from clausegraph.ontology.errors import ClausegraphError

log = logging.getLogger("clausegraph.served")


class Served:
    """Holds the reader of the current release of a data directory."""

    def __init__(self, releases: Releases | EndpointReleases) -> None:
        """Open the current release. Raises `NoReleaseError` where there is none."""
        self.releases = releases
        self.reader = Reader(releases.current())
        self._moving = threading.Lock()

    def current(self) -> Release:
        """The release that answers now."""
        return self.reader.release

    def move(self) -> bool:
        """Move to the release that ``current`` names; False where that is the one served."""
        with self._moving:  # else a slow move could go back to an older release
            release = self.releases.current()
            if release.id == self.reader.release.id:
                return False
            self.reader = Reader(release)
            return True

    async def follow(self, settle: float) -> bool:
        """Move to the release that ``current`` names, at the moment at which all workers move.

        That is `settle` seconds after it was named: each worker opens the release beforehand, and
        then all change over at once. False where that release is served already.
        """
        reader, due = await asyncio.to_thread(self._next, settle)
        if reader is None:
            return False
        await asyncio.sleep(max(0.0, due - time.time()))
        with self._moving:
            if self.releases.current().id == reader.release.id:
                self.reader = reader
        return True

    def _next(self, settle: float) -> tuple[Reader | None, float]:
        """The reader of the release to come, and when to change over."""
        release = self.releases.current()
        if release.id == self.reader.release.id:
            return None, 0.0
        return Reader(release), self.releases.pointer.stat().st_mtime + settle

    async def watch(self, seconds: float) -> None:
        """Look for a newer release for ever; what stands in the way is logged once."""
        said = ""
        while True:
            await asyncio.sleep(seconds)
            try:
                if await self.follow(2 * seconds):
                    log.info("now serving release %s", self.reader.release.id)
                    await asyncio.sleep(2 * seconds)  # until nobody is answered from the one before
                    await asyncio.to_thread(give_back)
            except (ClausegraphError, OSError, RuntimeError) as error:
                if str(error) != said:
                    log.error("release %s keeps serving: %s", self.reader.release.id, error)
                said = str(error)
            else:
                said = ""
