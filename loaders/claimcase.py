"""What the check of claims looks at: the law, one document's history, what was found in it.

Facts are read from quads by the local names of properties, so that everything here is pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from pyoxigraph import Quad

from clausegraph.loaders.duties import Duty, Reads, duties
from clausegraph.loaders.textreading import TextReading
from clausegraph.loaders.tracked import Stand, Tracked, TrackedVersion
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import mint, parse

Values = Mapping[str, tuple[str, ...]]
Facts = Mapping[str, Values]


def facts_of(quads: Iterable[Quad]) -> dict[str, dict[str, tuple[str, ...]]]:
    """The values of each node by the local names of properties; a type by its local name."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        value = str(getattr(quad.object, "value", ""))
        key = local(quad.predicate.value)
        found[iri_of(quad.subject)][key].append(local(value) if key == "type" else value)
    return {
        iri: {key: tuple(sorted(values)) for key, values in each.items()}
        for iri, each in found.items()
    }


def local(iri: str) -> str:
    """The last step of an IRI: a property's name, a concept's slug."""
    return iri[max(iri.rfind("#"), iri.rfind("/")) + 1 :]


def one(values: Values, key: str) -> str:
    """The first value of a key; empty where there is none."""
    return next(iter(values.get(key, ())), "")


def day_of(values: Values, key: str) -> date | None:
    """A day that a node has; None where it has none."""
    text = one(values, key)
    return date.fromisoformat(text[:10]) if text else None


def holds_on(values: Values, day: date) -> bool:
    """Whether a day lies in the interval of a node; both ends belong to it."""
    first, last = day_of(values, "validFrom"), day_of(values, "validUntil")
    return first is not None and first <= day and (last is None or day <= last)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim: who says what of which document, and the day on which it is held against the law."""

    iri: str
    slug: str
    kind: str
    says: str
    refers: tuple[str, ...]
    level: str
    values: tuple[str, ...]
    day: date
    order: int

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """What it refers to of one kind: ``requirement``, ``instrument``, ``topic`` …"""
        return tuple(each for each in self.refers if parse(each)[0] == kind)


def claims_of(law: Facts) -> dict[str, list[Claim]]:
    """The claims of each page, by the name of its file; each in the order of its page."""
    found: dict[str, list[Claim]] = defaultdict(list)
    for iri, values in law.items():
        if "Claim" in values.get("type", ()):
            found[parse(iri)[1][0]].append(_claim(iri, values))
    return {stem: sorted(each, key=lambda claim: claim.order) for stem, each in found.items()}


def _claim(iri: str, values: Values) -> Claim:
    day = day_of(values, "claimedOn") or day_of(values, "readOn")
    assert day is not None  # a shape asks for it
    return Claim(
        iri=iri,
        slug=parse(iri)[1][1],
        kind=local(one(values, "claimKind")),
        says=one(values, "summary"),
        refers=values.get("refersTo", ()),
        level=local(one(values, "claimedLevel")),
        values=values.get("value", ()),
        day=day,
        order=int(one(values, "order") or 0),
    )


@dataclass(frozen=True)
class Case:
    """A page of claims with all that they are held against.

    `law` has the facts of the law and of the claims, `judged` those of the document's findings and
    assessments, `past` those of its history (changes, quotes); `readings` are by text IRI. `shown`
    has the words that the page shows as a quotation, by the claim's IRI.
    """

    stem: str
    claims: Sequence[Claim]
    law: Facts
    history: Tracked
    past: Facts
    judged: Facts
    readings: Mapping[str, TextReading]
    shown: Mapping[str, str] = field(default_factory=dict)

    def versions(self, claim: Claim) -> tuple[TrackedVersion, ...]:
        """The whole versions that were captured by the day of a claim, in order."""
        return tuple(
            each
            for each in self.history.versions
            if each.whole and each.first_day is not None and each.first_day <= claim.day
        )

    def label(self, iri: str) -> str:
        """The name of a node of the law; its id where it has none."""
        known = self.law.get(iri, {})
        return one(known, "prefLabel") or one(known, "label") or "/".join(parse(iri)[1])

    def place(self, requirement: str) -> str:
        """The name of the place that a requirement belongs to."""
        return self.label(mint("jurisdiction", parse(requirement)[1][0]))

    def version_on(self, requirement: str, day: date) -> str:
        """The version of a requirement that is in force on a day; empty where there is none."""
        return next((each.iri for each in self._reads.get(requirement, ()) if _in(each, day)), "")

    @cached_property
    def _reads(self) -> dict[str, list[Reads]]:
        found: dict[str, list[Reads]] = defaultdict(list)
        for iri, values in self.law.items():
            requirement, first = one(values, "versionOf"), day_of(values, "validFrom")
            if requirement and first:
                found[requirement].append(Reads(iri, first, day_of(values, "validUntil")))
        return {iri: sorted(each, key=lambda reads: reads.first) for iri, each in found.items()}

    @cached_property
    def duties(self) -> dict[str, Duty]:
        """What documents are held against, by the requirement's IRI."""
        return {each.requirement: each for each in duties(self._reads)}

    @cached_property
    def _findings(self) -> dict[str, list[tuple[str, Values]]]:
        found: dict[str, list[tuple[str, Values]]] = defaultdict(list)
        for iri, values in self.judged.items():
            if "Finding" in values.get("type", ()):
                found[one(values, "requirement")].append((iri, values))
        return {iri: sorted(each, key=_begins) for iri, each in found.items()}

    def finding(self, requirement: str, version: TrackedVersion) -> tuple[str, Values] | None:
        """The last finding on a requirement that lasted on a day of a version."""
        assert version.first_day is not None
        held = [
            each
            for each in self._findings.get(requirement, ())
            if _shares(each[1], version.first_day, version.last_day)
        ]
        return held[-1] if held else None

    def of_class(self, kind: str) -> Iterator[tuple[str, Values]]:
        """The nodes of a class of the law, in the order of their IRIs."""
        for iri in sorted(self.law):
            if kind in self.law[iri].get("type", ()):
                yield iri, self.law[iri]

    @cached_property
    def quoted(self) -> dict[str, Stand]:
        """The presence that each quote is of."""
        return {each.quote: each for stands in self.history.stands.values() for each in stands}

    @cached_property
    def changes(self) -> list[tuple[str, Values]]:
        """The changes between the document's versions, the oldest first."""
        found = [(iri, each) for iri, each in self.past.items() if "Change" in each.get("type", ())]
        return sorted(found, key=lambda each: one(each[1], "observedAt"))

    def passages(
        self, version: TrackedVersion, items: Iterable[str], place: str = ""
    ) -> tuple[Stand, ...]:
        """Where a version states or denies one of some disclosures, for people of a place if named."""
        text = self.readings[version.text]
        at = [
            each.block
            for item in items
            for each in (text.readings[item].evidence if item in text.readings else ())
            if each.detection.polarity != "unclear" and speaks(each.detection.populations, place)
        ]
        return self.stands(version, at)

    def stands(self, version: TrackedVersion, at: Iterable[int]) -> tuple[Stand, ...]:
        """The presences of some passages of a version, by their places in its text."""
        places = self.readings[version.text].places
        found = (self.history.stand(*places[each], version.ordinal) for each in at)
        return tuple(dict.fromkeys(each for each in found if each is not None))


def speaks(people: frozenset[str], place: str) -> bool:
    """Whether words for these people (empty: for all) speak to those of a place (empty: anybody)."""
    return not place or not people or place in people or "us" in people


def _in(reads: Reads, day: date) -> bool:
    return reads.first <= day and (reads.last is None or day <= reads.last)


def _begins(finding: tuple[str, Values]) -> str:
    return one(finding[1], "validFrom")


def _shares(values: Values, first: date, last: date | None) -> bool:
    """Whether a node's interval shares a day with another."""
    begins, ends = day_of(values, "validFrom"), day_of(values, "validUntil")
    assert begins is not None
    return (last is None or begins <= last) and (ends is None or ends >= first)


@dataclass(frozen=True)
class Check:
    """What came of a claim: an outcome, why in a sentence, and what it rests on.

    `outcome` and `status` (of a quotation) are slugs of closed lists. `evidence` and `nearest` are
    quotes of the document, `reads` versions of requirements, `anchors` whatever else it leads to;
    `searched` are the versions in which it was looked for.
    """

    outcome: str
    why: str
    status: str = ""
    evidence: tuple[Stand, ...] = ()
    nearest: tuple[tuple[Stand, float], ...] = ()
    reads: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    searched: tuple[TrackedVersion, ...] = ()


def captures(versions: Sequence[TrackedVersion]) -> str:
    """Some versions in words: ``3 captures from 2023-10-17 to 2024-08-12``."""
    if not versions:
        return "no capture"
    first, last = versions[0].first_day, versions[-1].first_day
    if len(versions) == 1:
        return f"the capture of {first}"
    return f"{len(versions)} captures from {first} to {last}"


def listed(names: Iterable[str]) -> str:
    """Names in a row: ``a, b and c``; each once."""
    *rest, last = dict.fromkeys(names)
    return f"{', '.join(rest)} and {last}" if rest else last
