"""Findings: what a document says about each requirement, over runs of versions and days.

A finding lasts while state and evidence stay the same and the requirement reads the same. Its id
follows from the requirement's version and the run's first version, so that a new run of the
method finds the same findings again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from clausegraph.loaders.duties import Duty, Reads
from clausegraph.loaders.eras import Era, eras
from clausegraph.loaders.lawread import LawRead
from clausegraph.loaders.outcomes import Outcome, outcome
from clausegraph.loaders.tensions import strained
from clausegraph.loaders.textreading import TextReading
from clausegraph.loaders.tracked import Stand, Tracked, TrackedVersion, holds_in
from clausegraph.ontology.iris import mint

SHORT = 16
_NEARER = 0.1  # a passage that is nearer by more than this begins a finding of its own


@dataclass(frozen=True, slots=True)
class Seen:
    """An outcome whose places are presences of the document: what makes one finding of a run."""

    outcome: Outcome
    evidence: tuple[Stand, ...]
    counter: tuple[Stand, ...]
    nearest: tuple[tuple[Stand, float], ...]

    @property
    def words(self) -> str:
        """The digest of the words on which it rests, or of the nearest."""
        used = (*self.evidence, *self.counter) or tuple(each for each, _ in self.nearest)
        return digest_of(each.provision for each in used)

    def lasts(self, later: Seen, ordinal: int) -> bool:
        """Whether a later version says the same by words that still stand where they stood."""
        if self.said != later.said:
            return False
        used = (*self.evidence, *self.counter, *(each for each, _ in self.nearest))
        if not all(holds_in(each, ordinal) for each in used):
            return False
        return later.near <= self.near + _NEARER

    @property
    def said(self) -> tuple[object, ...]:
        """What a reader is told, but for the words."""
        made = self.outcome
        denied = made.rules if made.polarity == "negative" else ()  # which says what is denied
        return (
            made.state,
            made.otherwise,
            made.scope,
            made.polarity,
            made.reason,
            made.tension,
            denied,
        )

    @property
    def near(self) -> float:
        """How near the nearest passage is; 0 where words show the finding."""
        return 0.0 if self.evidence else max((score for _, score in self.nearest), default=0.0)


@dataclass(frozen=True, slots=True)
class Step:
    """What a version shows of a duty on some of its days, and the versions of rules it is against."""

    version: TrackedVersion
    first_day: date
    last_day: date | None
    seen: Seen
    against: tuple[str, ...]

    def lasts(self, later: Step) -> bool:
        """Whether a later step says the same by words that still stand, against the same rules."""
        same = self.against == later.against
        return same and self.seen.lasts(later.seen, later.version.ordinal)


@dataclass(frozen=True, slots=True)
class Found:
    """A finding: a duty as it reads, versions `first` to `last` (None: goes on), and days.

    `against` are the versions of the rules that a tension's words collide with.
    """

    duty: Duty
    reads: Reads
    seen: Seen
    first: TrackedVersion
    last: TrackedVersion | None
    first_day: date
    last_day: date | None
    against: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The digest of what it rests on: words, and the collision of a tension with its rules.

        So what people hold of words under one rule is told apart from their tension with another.
        """
        made = self.seen.outcome
        if made.state != "tension":
            return self.seen.words
        return digest_of((self.seen.words, made.tension, *self.against))

    def iri(self, ids: tuple[str, str]) -> str:
        """The finding's IRI within a document."""
        key = f"{self.reads.iri} {self.first.iri} {self.first_day}"
        return mint("finding", *ids, short(key))


def short(text: str) -> str:
    """The digits that tell apart what one document holds."""
    return hashlib.sha256(text.encode()).hexdigest()[:SHORT]


def digest_of(parts: Iterator[str] | Sequence[str]) -> str:
    """SHA-256 over some names, whatever their order."""
    return hashlib.sha256("\n".join(sorted(set(parts))).encode()).hexdigest()


def find(
    history: Tracked,
    readings: Mapping[str, TextReading],
    duties: Sequence[Duty],
    law: LawRead,
) -> list[Found]:
    """All findings of a document; `readings` by text IRI.

    Versions that are accidents, or that were never the last of a day, take no part.
    """
    versions = [each for each in history.versions if each.whole and each.first_day is not None]
    found: list[Found] = []
    for duty in duties:
        held = eras(duty, law)
        look = _Look(history, readings, duty)
        for reads in duty.reads:
            mine = [era for era in held if era.reads is reads]
            found += _runs(duty, reads, _steps(versions, mine, look))
    return found


class _Look:
    """What each version shows of a duty, worked out once for all eras in which that is the same."""

    def __init__(self, history: Tracked, readings: Mapping[str, TextReading], duty: Duty) -> None:
        self.history, self.readings, self.duty = history, readings, duty
        self._plain: dict[str, Outcome] = {}
        self._strained: dict[tuple[str, int | None, frozenset[str]], Outcome] = {}
        self._seen: dict[tuple[str, int | None, frozenset[str]], Seen] = {}

    def seen(self, version: TrackedVersion, era: Era) -> Seen:
        """What a version shows on the days of an era."""
        key = (version.iri, era.allowed, era.kinds)
        if key not in self._seen:
            places = self.readings[version.text].places
            self._seen[key] = _seen(self._outcome(version.text, era), self.history, version, places)
        return self._seen[key]

    def _outcome(self, iri: str, era: Era) -> Outcome:
        text = self.readings[iri]
        if iri not in self._plain:
            self._plain[iri] = outcome(self.duty, text)
        key = (iri, era.allowed, era.kinds)
        if key not in self._strained:
            self._strained[key] = strained(
                self._plain[iri], self.duty, text, era.allowed, era.kinds
            )
        return self._strained[key]


def _steps(versions: Sequence[TrackedVersion], held: Sequence[Era], look: _Look) -> Iterator[Step]:
    """Each version on the days of each era in which it stood, in order; the last goes on."""
    for at, version in enumerate(versions):
        assert version.first_day is not None
        ends = None if at == len(versions) - 1 else version.last_day
        for era in held:
            first, until = max(version.first_day, era.first), _earlier(ends, era.last)
            if until is None or first <= until:
                seen = look.seen(version, era)
                yield Step(version, first, until, seen, era.against(seen.outcome))


def _runs(duty: Duty, reads: Reads, steps: Iterable[Step]) -> Iterator[Found]:
    """The findings that steps make up: each lasts while the same words show the same."""
    run: list[Step] = []
    for step in steps:
        if run and not run[0].lasts(step):
            yield _found(duty, reads, run)
            run = []
        run.append(step)
    if run:
        yield _found(duty, reads, run)


def _found(duty: Duty, reads: Reads, run: Sequence[Step]) -> Found:
    begin, end = run[0], run[-1]
    return Found(
        duty=duty,
        reads=reads,
        seen=begin.seen,
        first=begin.version,
        last=end.version if end.last_day else None,
        first_day=begin.first_day,
        last_day=end.last_day,
        against=begin.against,
    )


def _seen(
    made: Outcome, history: Tracked, version: TrackedVersion, places: Sequence[tuple[str, str]]
) -> Seen:
    """An outcome's places as presences of this version."""

    def stands(wanted: Sequence[int]) -> tuple[Stand, ...]:
        held = (history.stand(places[at][0], places[at][1], version.ordinal) for at in wanted)
        return tuple(dict.fromkeys(each for each in held if each is not None))

    nearest = {stand: score for at, score in made.nearest for stand in stands([at])}
    return Seen(made, stands(made.evidence), stands(made.counter), tuple(nearest.items()))


def _earlier(one: date | None, other: date | None) -> date | None:
    days = [each for each in (one, other) if each is not None]
    return min(days) if days else None
