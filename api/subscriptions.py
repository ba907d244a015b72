"""What is told when a newer release is served: that it is, and what has changed with it.

A subscription waits for the server's move to the next release. What it is told is read from the
release that is served then, on the day on which it is served.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import strawberry

from clausegraph.api.changetypes import NEWEST, Change
from clausegraph.api.nodes import Budget, View, make
from clausegraph.api.policyfilters import ChangeFilter
from clausegraph.api.policyselect import Choice, Chosen
from clausegraph.api.reader import Entity, Reader
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings

SERVED, SETTINGS = "served", "settings"
"""Where a subscription finds the server's `Served` and `Settings` in its context."""
MOST = 100
"""How many changes of one release are told at most; `totalCount` tells how many there are."""
_LOOK = 0.1


@strawberry.type(description="A release that is now served.")
class PublishedRelease:
    """What is told of every release."""

    view: strawberry.Private[View]

    @strawberry.field(description="The same content has the same id.")
    def id(self) -> strawberry.ID:
        """The id."""
        return strawberry.ID(self.view.reader.release.id)

    @strawberry.field(description="When it was published (UTC).")
    def published(self) -> str:
        """The moment."""
        return self.view.reader.release.published

    @strawberry.field(description="Number of triples.")
    def triples(self) -> int:
        """The size."""
        return self.view.reader.release.triples


@strawberry.type(description="The changes that a release has and the one served before had not.")
class NewChanges:
    """What is told of a release in which changes pass a filter."""

    view: strawberry.Private[View]
    found: strawberry.Private[list[Entity]]
    total_count: int = strawberry.field(description="How many changes are new.")

    @strawberry.field(description="The release that has them.")
    def release(self) -> PublishedRelease:
        """The release."""
        return PublishedRelease(view=self.view)

    @strawberry.field(description=f"The newest of them, at most {MOST}.")
    def nodes(self) -> list[Change]:
        """The changes."""
        return [make(self.view, each) for each in self.found]  # type: ignore[misc]


ChangesWanted = Annotated[
    ChangeFilter | None,
    strawberry.argument(description="Which changes, as `changes` of a query takes it."),
]


@strawberry.type(description="Everything that one can be told of.")
class Subscription:
    """Root of all subscriptions."""

    @strawberry.subscription(description="Every release, when it is served.")
    async def release_published(self, info: strawberry.Info) -> AsyncIterator[PublishedRelease]:
        """Each release that follows."""
        async for _, view in _moves(info):
            yield PublishedRelease(view=view)

    @strawberry.subscription(description="New changes, when a release that has them is served.")
    async def changes(
        self, info: strawberry.Info, filter: ChangesWanted = None
    ) -> AsyncIterator[NewChanges]:
        """New changes that pass a filter, by release; nothing where none does."""
        wanted = filter or ChangeFilter()
        await asyncio.to_thread(  # what it names is to be there
            wanted.clauses, fresh(info.context[SERVED].reader, info.context[SETTINGS])
        )
        async for before, after in _moves(info):
            told = await asyncio.to_thread(_new, before, after, wanted)
            if told.total_count:
                yield told


def fresh(reader: Reader, settings: Settings) -> View:
    """A release today (UTC), with the budget of a request."""
    budget = Budget(settings.max_nodes, time.monotonic() + settings.graphql_seconds)
    return View(reader, datetime.now(UTC).date(), budget)


async def _moves(info: strawberry.Info[Any, Any]) -> AsyncIterator[tuple[Reader, View]]:
    """Each move of the server: the reader before, and a view of the release after."""
    served: Served = info.context[SERVED]
    before = served.reader
    while True:
        await asyncio.sleep(_LOOK)
        after = served.reader
        if after.release.id != before.release.id:
            yield before, fresh(after, info.context[SETTINGS])
        before = after


def _new(before: Reader, view: View, wanted: ChangeFilter) -> NewChanges:
    """The changes that pass a filter and that the release before had not."""
    clauses = (*wanted.clauses(view), *wanted.weight())
    known = set(before.ids("Change"))
    found = Chosen(view, Choice("change", clauses, NEWEST)).iris(-1)
    new = [iri for iri in found if iri not in known]
    entities = view.reader.entities(new[:MOST])
    return NewChanges(view=replace(view), found=entities, total_count=len(new))
