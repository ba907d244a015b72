"""What findings and mappings can be ordered by, as keys of the index of a release."""

from __future__ import annotations

from enum import Enum

import strawberry

from clausegraph.api.clauses import Key, nullable
from clausegraph.api.filters import NULLS, Direction, Nulls
from clausegraph.api.policyfilters import sort_key
from clausegraph.api.policyrows import OPEN

PLACE = (Key("home"), Key("requirement"), Key("since"))
"""The order of findings: by document, then requirement, then first day."""
_UNTIL = f"nullif(until, '{OPEN}')"
_NULLABLE = ("reason", "tension", _UNTIL)


@strawberry.enum(description="What findings can be ordered by.")
class FindingSort(Enum):
    """Keys of `findings`."""

    DOCUMENT = "home"
    REQUIREMENT = "requirement"
    STATE = "state"
    REVIEW = "review"
    REASON = "reason"
    TENSION = "tension"
    VALID_FROM = "since"
    VALID_UNTIL = _UNTIL


@strawberry.input(description="One sort key of findings.")
class FindingOrder:
    """A key and its direction."""

    by: FindingSort
    direction: Direction = Direction.ASC
    nulls: Nulls = strawberry.field(default=Nulls.LAST, description=NULLS)

    def key(self) -> tuple[Key, ...]:
        """The keys of the index."""
        return _keys(self.by.value, self.direction, self.nulls)


@strawberry.enum(description="What mappings can be ordered by.")
class MappingSort(Enum):
    """Keys of `mappings`."""

    DOCUMENT = "(SELECT iri FROM document WHERE document.id = mapping.document)"
    REQUIREMENT = "requirement"
    RELATION = "relation"
    REVIEW = "review"
    VALID_FROM = "since"
    VALID_UNTIL = _UNTIL


@strawberry.input(description="One sort key of mappings.")
class MappingOrder:
    """A key and its direction."""

    by: MappingSort
    direction: Direction = Direction.ASC
    nulls: Nulls = strawberry.field(default=Nulls.LAST, description=NULLS)

    def key(self) -> tuple[Key, ...]:
        """The keys of the index."""
        return _keys(self.by.value, self.direction, self.nulls)


def _keys(sql: str, direction: Direction, nulls: Nulls) -> tuple[Key, ...]:
    """A key, after one that says where its nulls stand where it may have any."""
    key = sort_key(Key(sql), direction)
    return nullable(key, nulls is Nulls.FIRST) if sql in _NULLABLE else (key,)
