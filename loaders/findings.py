"""Findings: what a document says about each requirement, over runs of versions and days.

A finding lasts while state and evidence stay the same and the requirement reads the same. Its id
follows from the requirement's version and the run's first version, so that a new run of the
method finds the same findings again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from clausegraph.loaders import methods
from clausegraph.loaders.duties import Duty, Reads
from clausegraph.loaders.opinions import Opinion, review_state
from clausegraph.loaders.outcomes import Outcome, outcome
from clausegraph.loaders.tensions import strained
from clausegraph.loaders.textreading import TextReading
from clausegraph.loaders.tracked import Stand, Tracked, TrackedVersion, holds_in
from clausegraph.loaders.unit import Node, filled
from clausegraph.ontology.iris import concept, mint

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
        return (made.state, made.otherwise, made.scope, made.polarity, made.reason, made.tension)

    @property
    def near(self) -> float:
        """How near the nearest passage is; 0 where words show the finding."""
        return 0.0 if self.evidence else max((score for _, score in self.nearest), default=0.0)


@dataclass(frozen=True, slots=True)
class Found:
    """A finding: a duty as it reads, versions `first` to `last` (None: goes on), and days."""

    duty: Duty
    reads: Reads
    seen: Seen
    first: TrackedVersion
    last: TrackedVersion | None
    first_day: date
    last_day: date | None

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
    days: Mapping[str, int],
) -> list[Found]:
    """All findings of a document; `readings` by text IRI, `days` allowed by requirement version.

    Versions that are accidents, or that were never the last of a day, take no part.
    """
    versions = [each for each in history.versions if each.whole and each.first_day is not None]
    found: list[Found] = []
    for duty in duties:
        for allowed in dict.fromkeys(days.get(each.iri) for each in duty.reads):
            runs = _runs(history, versions, readings, duty, allowed)
            reads = [each for each in duty.reads if days.get(each.iri) == allowed]
            for at, (seen, held) in enumerate(runs):
                found += _dated(duty, reads, seen, held, last=at == len(runs) - 1)
    return found


def _runs(
    history: Tracked,
    versions: Sequence[TrackedVersion],
    readings: Mapping[str, TextReading],
    duty: Duty,
    allowed: int | None,
) -> list[tuple[Seen, list[TrackedVersion]]]:
    """The runs of versions that show the same of a duty which allows so many days."""
    results: dict[str, Outcome] = {}
    runs: list[tuple[Seen, list[TrackedVersion]]] = []
    for version in versions:
        text = readings[version.text]
        if version.text not in results:
            results[version.text] = strained(outcome(duty, text), duty, text, allowed)
        seen = _seen(results[version.text], history, version, text.places)
        if runs and runs[-1][0].lasts(seen, version.ordinal):
            runs[-1][1].append(version)
        else:
            runs.append((seen, [version]))
    return runs


def _seen(
    made: Outcome, history: Tracked, version: TrackedVersion, places: Sequence[tuple[str, str]]
) -> Seen:
    """An outcome's places as presences of this version."""

    def stands(wanted: Sequence[int]) -> tuple[Stand, ...]:
        held = (history.stand(places[at][0], places[at][1], version.ordinal) for at in wanted)
        return tuple(dict.fromkeys(each for each in held if each is not None))

    nearest = {stand: score for at, score in made.nearest for stand in stands([at])}
    return Seen(made, stands(made.evidence), stands(made.counter), tuple(nearest.items()))


def _dated(
    duty: Duty,
    ways: Sequence[Reads],
    seen: Seen,
    held: Sequence[TrackedVersion],
    *,
    last: bool,
) -> Iterator[Found]:
    """The findings of a run: one for each way in which the requirement reads on its days."""
    begin, end = held[0].first_day, None if last else held[-1].last_day
    assert begin is not None
    for reads in ways:
        first = max(begin, reads.first)
        until = _earlier(end, reads.last)
        if until is not None and first > until:
            continue
        inside = [each for each in held if _shares(each, first, until)]
        ends = None if until is None else inside[-1]
        yield Found(duty, reads, seen, inside[0], ends, first, until)


def _shares(version: TrackedVersion, first: date, last: date | None) -> bool:
    assert version.first_day is not None
    ends = version.last_day
    return (last is None or version.first_day <= last) and (ends is None or ends >= first)


def _earlier(one: date | None, other: date | None) -> date | None:
    days = [each for each in (one, other) if each is not None]
    return min(days) if days else None


def finding_nodes(
    history: Tracked,
    found: Sequence[Found],
    readings: Mapping[str, TextReading],
    versions: Mapping[str, Sequence[Reads]],
    opinions: Sequence[Opinion] = (),
) -> Iterator[Node]:
    """The nodes of findings; `versions` of all requirements, for what a tension is against."""
    for each in found:
        mine = [
            one
            for one in opinions
            if one.kind == "Finding" and one.requirement == each.duty.requirement
        ]
        later = {
            one.seen.words
            for one in found
            if mine
            and one.duty.requirement == each.duty.requirement
            and one.first_day > each.first_day
        }
        earlier = {one.evidence for one in mine} - later
        state = review_state(mine, each.seen.words, earlier)
        yield from _nodes(history, each, readings[each.first.text], state, versions)


def _nodes(
    history: Tracked,
    found: Found,
    text: TextReading,
    review: str,
    versions: Mapping[str, Sequence[Reads]],
) -> Iterator[Node]:
    iri, made = found.iri(history.ids), found.seen.outcome
    nearest = found.seen.nearest if made.state in {"not-stated", "not-examined"} else ()
    near = [f"{iri}/near-{at}" for at in range(1, len(nearest) + 1)]
    yield filled(
        {
            "id": iri,
            "type": "Finding",
            "label": f"{found.duty.name}: {made.state.replace('-', ' ')}",
            "document": history.document,
            "requirement": found.duty.requirement,
            "requirementVersion": found.reads.iri,
            "findingState": concept("finding-state", made.state),
            "otherwiseState": made.otherwise and concept("finding-state", made.otherwise),
            "textScope": made.scope and concept("text-scope", made.scope),
            "polarity": made.polarity and concept("polarity", made.polarity),
            "findingReason": made.reason and concept("finding-reason", made.reason),
            "tensionKind": made.tension and concept("tension-kind", made.tension),
            "linked": made.linked or None,
            "evidence": [each.quote for each in found.seen.evidence],
            "counterEvidence": [each.quote for each in found.seen.counter],
            "against": _against(made, versions, found),
            "nearest": near,
            "searchedVersion": found.first.iri,
            "passagesSearched": len(text.blocks),
            "charactersSearched": text.characters,
            "rule": [methods.rule(each) for each in made.rules],
            "expectedPrecision": made.confidence or None,
            "evidenceSha256": found.seen.words,
            "reviewState": concept("review-state", review),
            "madeBy": methods.method("reading"),
            "firstVersion": found.first.iri,
            "lastVersion": found.last.iri if found.last else None,
            "validFrom": found.first_day,
            "validUntil": found.last_day,
        }
    )
    for at, (stand, score) in enumerate(nearest):
        yield {
            "id": near[at],
            "type": "NearPassage",
            "quote": stand.quote,
            "similarity": round(score, 3),
            "order": at + 1,
        }


def _against(made: Outcome, versions: Mapping[str, Sequence[Reads]], found: Found) -> list[str]:
    """The versions, on its first day, of the requirements that a tension's words collide with.

    Where none of them is in force yet, it is the finding's own requirement.
    """
    known = [each for name in made.against for each in versions.get(name, ())]
    held = [each.iri for each in known if holds(each, found.first_day)]
    return held or [found.reads.iri] * bool(made.against)


def holds(reads: Reads, day: date) -> bool:
    """Whether a requirement reads so on a day."""
    return reads.first <= day and (reads.last is None or day <= reads.last)
