"""The time line of an instrument: everything about it that has a day, in one order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import strawberry

from clausegraph.api.nodes import Node, View, make
from clausegraph.api.reader import Entity


@strawberry.type(description="One thing that happened to an instrument on a day.")
class TimelineEntry:
    """An entry of a time line."""

    on: date = strawberry.field(description="The day; where it is not exactly known, the latest.")
    what: str = strawberry.field(description="What happened, in a few words.")
    node: Node = strawberry.field(description="The event, amendment, suspension or version itself.")


def timeline(
    view: View, instrument: str, since: date | None, until: date | None
) -> list[TimelineEntry]:
    """Entries from `since` to `until`, both included, oldest first; ties in the order of IRIs."""
    found = [
        TimelineEntry(on=day, what=what, node=make(view, entity))
        for day, what, entity in _entries(view, instrument)
        if (since is None or since <= day) and (until is None or day <= until)
    ]
    return sorted(found, key=lambda entry: (entry.on, entry.what, entry.node.entity.iri))


def _entries(view: View, instrument: str) -> Iterator[tuple[date, str, Entity]]:
    back = view.reader.back
    for event in back(instrument, "instrument", "Event"):
        yield event.one("onOrBefore"), str(event.one("label")), event
    for key in ("amends", "amendingAct"):
        for amendment in back(instrument, key, "Amendment"):
            yield amendment.one("validFrom"), str(amendment.one("label")), amendment
    for suspension in back(instrument, "instrument", "Suspension"):
        yield from _interval(suspension, "suspended", "suspension ends")
    for requirement in back(instrument, "instrument", "Requirement"):
        name = str(requirement.one("label"))
        for version in back(requirement.iri, "versionOf", "RequirementVersion"):
            yield from _interval(version, f"starts: {name}", f"ends: {name}")


def _interval(entity: Entity, starts: str, ends: str) -> Iterator[tuple[date, str, Entity]]:
    yield entity.one("validFrom"), starts, entity
    last = entity.one("validUntil")
    if last is not None and last < date.max:
        yield last + timedelta(days=1), ends, entity
