"""The eras of a duty: days on which it reads one way and its tensions have the same rules to be against.

Words collide with a rule only while the rule is in force: a tension begins with it and ends with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from clausegraph.loaders.duties import Duty, Reads
from clausegraph.loaders.lawread import LawRead
from clausegraph.loaders.outcomes import Outcome
from clausegraph.loaders.tensions import tensions

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Era:
    """Days from `first` to `last`, both included (None: until changed), of a way a duty reads.

    `allowed` are the calendar days that its deadline gives, `rules` the versions in force by
    requirement, and `kinds` the tensions that have one to be against.
    """

    reads: Reads
    first: date
    last: date | None
    allowed: int | None
    rules: Mapping[str, str]
    kinds: frozenset[str]

    def against(self, made: Outcome) -> tuple[str, ...]:
        """The versions of rules that the words of an outcome collide with."""
        return tuple(self.rules[name] for name in made.against if name in self.rules)


def eras(duty: Duty, law: LawRead) -> list[Era]:
    """The eras of a duty, in the order of its versions and days."""
    mine = [each for each in tensions() if duty.requirement in each.on]
    named = dict.fromkeys(name for each in mine for name in each.against)
    others = {name: law.versions.get(name, ()) for name in named}
    made = []
    for reads in duty.reads:
        for first, last in _cut(reads, (each for held in others.values() for each in held)):
            rules = {
                name: each.iri
                for name, held in others.items()
                for each in held
                if holds(each, first)
            }
            rules[duty.requirement] = reads.iri
            made.append(
                Era(
                    reads,
                    first,
                    last,
                    law.days.get(reads.iri),
                    rules,
                    frozenset(
                        each.kind
                        for each in mine
                        if not each.against or rules.keys() & set(each.against)
                    ),
                )
            )
    return made


def holds(reads: Reads, day: date) -> bool:
    """Whether a requirement reads so on a day."""
    return reads.first <= day and (reads.last is None or day <= reads.last)


def _cut(reads: Reads, others: Iterable[Reads]) -> Iterator[tuple[date, date | None]]:
    """The days of a version, cut where another begins or has just ended."""
    held = list(others)
    edges = {each.first for each in held}
    edges |= {each.last + _DAY for each in held if each.last is not None}
    inside = {day for day in edges if day > reads.first and holds(reads, day)}
    starts = [reads.first, *sorted(inside)]
    ends = [day - _DAY for day in starts[1:]]
    yield from zip(starts, [*ends, reads.last], strict=True)
