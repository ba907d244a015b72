"""Moments as GraphQL writes and reads them: as the graph has them, in UTC with a Z."""

from __future__ import annotations

from datetime import UTC, datetime

import strawberry
from graphql import GraphQLError


def written(moment: datetime) -> str:
    """A moment as the graph writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read(text: object) -> datetime:
    """A moment from what a client writes; a day is its first moment, and UTC goes without saying."""
    try:
        found = datetime.fromisoformat(str(text))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise GraphQLError(
            f"{text!r} is not a moment such as 2024-03-07T12:30:05Z or a day such as 2024-03-07"
        ) from error


MOMENT = strawberry.scalar(
    name="DateTime",
    description="A moment (ISO 8601), given out in UTC; a day stands for its first moment.",
    serialize=written,
    parse_value=read,
)
"""What stands for `datetime` in the schema."""
