"""How a wording spread over documents: how many hold it on which day, and since when each does."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import cast

import strawberry

from clausegraph.api.cursors import Place
from clausegraph.api.listing import Paged, at, paged
from clausegraph.api.nodes import View
from clausegraph.api.paging import Listed, Order
from clausegraph.api.policyfilters import ProvisionFilter
from clausegraph.api.policyselect import Choice, Clause, fetch
from clausegraph.api.policytypes import Document
from clausegraph.api.problems import BadParameterError
from clausegraph.api.versiontypes import Version
from clausegraph.ontology.iris import ID

MOST = 400
"""Most days of one answer."""
_FIRST = """
WITH began AS MATERIALIZED (
    SELECT document, min(first) AS ordinal FROM presence
    WHERE whole AND provision IN ({}) GROUP BY document)
SELECT document.iri, version.captured, version.iri,
    (SELECT iri FROM version AS other
        WHERE other.document = began.document AND other.whole AND other.ordinal < began.ordinal
        ORDER BY other.ordinal DESC LIMIT 1)
FROM began JOIN document ON document.id = began.document
JOIN version ON version.document = began.document AND version.ordinal = began.ordinal"""
"""Document, moment of the first version that holds one of some provisions, it, the one before."""


@strawberry.enum(description="How far apart two days of a series are.")
class Interval(Enum):
    """Distances between days."""

    MONTH = strawberry.enum_value("month", description="The same day of each month, or its last.")
    QUARTER = strawberry.enum_value("quarter", description="The same day of each third month.")
    YEAR = strawberry.enum_value("year", description="The same day of each year.")


_MONTHS = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}


@strawberry.type(description="How many documents held a wording on a day, and of how many.")
class AdoptionPoint:
    """A day with its numbers, each among those before it."""

    day: date = strawberry.field(description="The day.")
    tracked: int = strawberry.field(description="Documents that the filter takes in.")
    captured: int = strawberry.field(
        description="Of these, those of which a whole version was captured by the end of the day."
    )
    standing: int = strawberry.field(
        description="Of these, those in whose last whole version of the day such a provision stands."
    )


@strawberry.type(description="Between which two whole versions a wording came into a document.")
class FirstSeen:
    """An interval: the wording came after the one version and no later than the other."""

    document: Document = strawberry.field(description="The document.")
    last_without: Version | None = strawberry.field(
        description="The last whole version before it; null where the first one has it already."
    )
    first_with: Version = strawberry.field(description="The first whole version that has it.")


@strawberry.type(description="How a wording spread over documents.")
class Adoption:
    """A series of days, and the first version of each document that has the wording."""

    view: strawberry.Private[View]
    matching: strawberry.Private[Choice]
    points: list[AdoptionPoint] = strawberry.field(description="The days, in order.")

    @paged(FirstSeen, "Documents that ever held it, in the order in which they first did.")
    def first_seen(self) -> Paged:
        """First versions by the moment of their capture."""
        inner = self.matching.sql("id")
        found = {
            ID + row[0]: row
            for row in fetch(self.view, Clause(_FIRST.format(inner.sql), inner.args))
        }
        order = Order((((lambda entity: entity.iri), False),))
        places = Listed([(captured, iri) for iri, (_, captured, *_) in found.items()], order)

        def seen(place: Place) -> FirstSeen:
            _, _, holding, lacking = found[place[-1]]
            return FirstSeen(
                document=cast(Document, at(self.view, place[-1])),
                last_without=cast(Version, at(self.view, ID + lacking)) if lacking else None,
                first_with=cast(Version, at(self.view, ID + holding)),
            )

        return Paged(self.view, places, seen)


def adoption(view: View, text: str, filter: ProvisionFilter, days: Sequence[date]) -> Adoption:
    """How a text spread over the documents of a filter. Raises `SearchTextError`."""
    wanted = ProvisionFilter(text=text).clauses(view, None)
    matching = Choice("provision", (*filter.clauses(view, None), *wanted))
    return Adoption(view=view, matching=matching, points=_points(view, matching, filter, days))


@dataclass(frozen=True)
class _Known:
    """When each document was first captured whole, and the days on which a wording stood in it."""

    captured: dict[int, str | None]
    standing: list[tuple[int, str, str]]


def _points(
    view: View, matching: Choice, filter: ProvisionFilter, days: Sequence[date]
) -> list[AdoptionPoint]:
    tracked = Choice("document", tuple(filter.documents(view))).sql(
        "id, (SELECT min(since) FROM version WHERE version.document = document.id)"
    )
    inner = matching.sql("id")
    stood = f"""SELECT DISTINCT document, since, until FROM presence
        WHERE since IS NOT NULL AND provision IN ({inner.sql})"""
    known = _Known(
        dict(fetch(view, tracked)),
        cast(list[tuple[int, str, str]], fetch(view, Clause(stood, inner.args))),
    )
    return [_point(view, known, day) for day in days]


def _point(view: View, known: _Known, day: date) -> AdoptionPoint:
    view.budget.spend()
    text = day.isoformat()
    return AdoptionPoint(
        day=day,
        tracked=len(known.captured),
        captured=sum(since is not None and since <= text for since in known.captured.values()),
        standing=len({own for own, since, until in known.standing if since <= text <= until}),
    )


def series(start: date, end: date, interval: Interval) -> list[date]:
    """The days from `start` to `end`, both included. Raises `BadParameterError`."""
    if end < start:
        raise BadParameterError(
            f"{end} is before {start}", hint="Give the earlier day as `from`.", value=str(end)
        )
    days = [
        day for _, day in zip(range(MOST + 1), _steps(start, end, _MONTHS[interval]), strict=False)
    ]
    if len(days) > MOST:
        raise BadParameterError(
            f"from {start} to {end} there are more than {MOST} days to look at",
            hint="Take a longer interval or fewer years.",
            value=str(end),
        )
    return days


def _steps(start: date, end: date, months: int) -> Iterator[date]:
    """Every so many months from a day on; a month that is too short gives its last day."""
    month = start.year * 12 + start.month - 1
    while True:
        year, at_ = divmod(month, 12)
        if year > end.year:
            return
        day = date(year, at_ + 1, min(start.day, monthrange(year, at_ + 1)[1]))
        if day > end:
            return
        yield day
        month += months
