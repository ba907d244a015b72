"""The parts of the law that assessments tell of, each with its days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included; None: until further notice."""

    first: date
    last: date | None

    def holds(self, day: date) -> bool:
        """Whether a day is among them."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Wording:
    """A requirement as it reads for a while; `name` is the requirement's.

    `sections` are the places that it cites, and all that these are part of; `periods` what time it gives, in words; `most` the
    amounts that it allows, the plain one first, in US dollars.
    """

    iri: str
    requirement: str
    name: str
    span: Span
    citations: tuple[str, ...]
    sections: frozenset[str]
    summary: str
    periods: tuple[str, ...]
    most: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """What an enforcer may do under some instruments; `kind` is a slug."""

    iri: str
    enforcer: str
    name: str
    kind: str
    exclusive: bool
    instruments: frozenset[str]
    span: Span


@dataclass(frozen=True, slots=True)
class Regime:
    """The law of a place on privacy: a principal law as amended, with its regulations."""

    iri: str
    name: str
    title: str
    instruments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Amending:
    """An act that changes an instrument from a day on."""

    act: str
    name: str
    amends: str
    first: date


@dataclass(frozen=True, slots=True)
class Relation:
    """How a requirement relates to another, seen from the first; `other` may be a known absence.

    `relation` is a slug of the set relations, ``subset`` where the first asks for less.
    """

    iri: str
    relation: str
    other: str
    span: Span


@dataclass(frozen=True, slots=True)
class Action:
    """A public step of enforcers; `cited` has the citation of each section that it cites.

    `amount` is in US dollars, None where none is told.
    """

    iri: str
    name: str
    announced: date
    enforcers: tuple[str, ...]
    amount: int | None
    cited: Mapping[str, str]

    def cites(self, wording: Wording) -> list[str]:
        """The citations of a wording's own places, or of those that these are part of."""
        return [text for section, text in self.cited.items() if section in wording.sections]
