"""What the lists of law can be ordered by: keys of entities, ties broken by IRI, nulls where asked."""

from __future__ import annotations

from enum import Enum

import strawberry

from clausegraph.api.filters import NULLS, Direction, Nulls


@strawberry.enum(description="What instruments can be ordered by.")
class InstrumentSort(Enum):
    """Keys of `instruments`."""

    LABEL = "label"
    ENACTED = "enacted"
    EFFECTIVE = "effective"
    OPERATIVE = "operative"


@strawberry.input(description="One sort key of instruments.")
class InstrumentOrder:
    """A key and its direction."""

    by: InstrumentSort
    direction: Direction = Direction.ASC
    nulls: Nulls = strawberry.field(default=Nulls.LAST, description=NULLS)


@strawberry.enum(description="What requirements can be ordered by.")
class RequirementSort(Enum):
    """Keys of `requirements`."""

    LABEL = "label"
    KIND = "kind"
    INSTRUMENT = "instrument"
    JURISDICTION = "jurisdiction"


@strawberry.input(description="One sort key of requirements.")
class RequirementOrder:
    """A key and its direction."""

    by: RequirementSort
    direction: Direction = Direction.ASC


@strawberry.enum(description="What regimes can be ordered by.")
class RegimeSort(Enum):
    """Keys of `regimes`."""

    LABEL = "label"
    TITLE = "title"
    JURISDICTION = "jurisdiction"


@strawberry.input(description="One sort key of regimes.")
class RegimeOrder:
    """A key and its direction."""

    by: RegimeSort
    direction: Direction = Direction.ASC


@strawberry.enum(description="What enforcement actions can be ordered by.")
class ActionSort(Enum):
    """Keys of `enforcementActions`."""

    ANNOUNCED = "announcedOn"
    LABEL = "label"


@strawberry.input(description="One sort key of enforcement actions.")
class ActionOrder:
    """A key and its direction."""

    by: ActionSort
    direction: Direction = Direction.ASC


@strawberry.enum(description="What powers can be ordered by.")
class PowerSort(Enum):
    """Keys of `powers`."""

    LABEL = "label"
    ENFORCER = "enforcer"
    INSTRUMENT = "instrument"
    KIND = "powerKind"
    VALID_FROM = "validFrom"
    VALID_UNTIL = "validUntil"


@strawberry.input(description="One sort key of powers.")
class PowerOrder:
    """A key and its direction."""

    by: PowerSort
    direction: Direction = Direction.ASC
    nulls: Nulls = strawberry.field(default=Nulls.LAST, description=NULLS)
