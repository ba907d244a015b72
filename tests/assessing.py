"""Invented documents with findings made by hand, over the real law: what assessments are tested on.

A document is a history of small captures and a rule that says what each duty's outcome is, so that
no test of assessments depends on the words by which passages are recognised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

from pyoxigraph import Quad, RdfFormat, Store, parse

from clausegraph.loaders import methods
from clausegraph.loaders.assess import assessment_nodes
from clausegraph.loaders.capture import Capture
from clausegraph.loaders.duties import Duty, duties
from clausegraph.loaders.eras import Era, eras
from clausegraph.loaders.examination import detector
from clausegraph.loaders.findingnodes import finding_nodes
from clausegraph.loaders.findings import Found, Seen
from clausegraph.loaders.historyjob import Job, run
from clausegraph.loaders.historytexts import sha256_of
from clausegraph.loaders.law import embedded
from clausegraph.loaders.lawfacts import LawFacts, lawfacts
from clausegraph.loaders.lawread import LawRead, lawread
from clausegraph.loaders.outcomes import Outcome
from clausegraph.loaders.policies import Identity
from clausegraph.loaders.textreading import read_text
from clausegraph.loaders.tracked import Stand, Tracked, tracked
from clausegraph.loaders.unit import Node, to_quads
from clausegraph.ontology.iris import mint
from tests.small_histories import at

Say = Callable[[Duty], Outcome]

PAGE = """# Hollowmere papers

The first passage speaks of herons that stand in the shallows and wait for the evening.

The second passage speaks of reeds, of boats between them, and of a lamp on the pier.

The third passage speaks of weather, {words}
"""
STATED = Outcome("stated", "general", "positive", evidence=(1,), rules=(), confidence=0.9)
BY_NAME = Outcome("stated", "state", "positive", evidence=(2,), confidence=0.9)
DENIAL = Outcome(
    "stated",
    "general",
    "negative",
    evidence=(2,),
    rules=("sold-shared/no-sale-or-sharing", "sensitive-use/not-used"),
    confidence=0.9,
)
SALE_DENIAL = replace(DENIAL, rules=("sold-shared/no-sale",))
SHARING_DENIAL = replace(DENIAL, rules=("sold-shared/no-sharing",))
REFUSED = Outcome("denied", "general", "negative", evidence=(1,), confidence=0.9)
MISSING = Outcome("not-stated", reason="no-passage", nearest=((1, 0.2),), confidence=0.9)
LINKED = Outcome("not-stated", reason="linked", linked=True, nearest=((3, 0.5),), confidence=0.9)
ELSEWHERE = Outcome("not-stated", "other", reason="elsewhere-only", nearest=((1, 1.0),))
AMBIGUOUS = Outcome("not-examined", "general", reason="ambiguous", nearest=((1, 0.8),))
NO_RULE = Outcome("not-examined", reason="no-rule")
FOREIGN = Outcome("not-examined", reason="language")


def requirement(name: str) -> str:
    """A requirement's IRI from its short name."""
    return mint("requirement", *name.split("/"))


def tension(kind: str, *against: str, otherwise: str = "stated") -> Outcome:
    """A tension of a kind with requirements, which hides that the thing is stated."""
    names = tuple(map(requirement, against))
    scope = "other" if kind == "one-state-only" else "state"
    return Outcome(
        "tension",
        scope,
        evidence=(1,),
        counter=(2,),
        tension=kind,
        otherwise=otherwise,
        against=names,
    )


@lru_cache(maxsize=1)
def law_quads() -> tuple[Quad, ...]:
    """The installed law."""
    return tuple(quad for unit in embedded() for quad in unit.quads())


@lru_cache(maxsize=1)
def law() -> LawFacts:
    """The installed law as assessments see it."""
    return lawfacts(law_quads())


@lru_cache(maxsize=1)
def law_read() -> LawRead:
    """The installed law as findings see it."""
    return lawread(law_quads())


@lru_cache(maxsize=1)
def all_duties() -> Mapping[str, Duty]:
    """The duties of the installed law by their short names."""
    return {each.name: each for each in duties(law_read().versions)}


def history(*days: str, platform: str = "Hollowmere", document: str = "Privacy Policy") -> Tracked:
    """A document with a capture of other words on each day."""
    captures = tuple(_capture(day, platform, document) for day in days)
    own = document.lower().replace(" ", "-")
    identity = Identity(platform, document, "hollowmere", own, invented=True)
    (result,) = run([Job(identity, captures)])
    return tracked(parse(result.data, RdfFormat.N_QUADS))


def _capture(day: str, platform: str, document: str) -> Capture:
    text = PAGE.format(words=f"and it was written on the day that the clerks call {day}.")
    moment = datetime.fromtimestamp(at(day), UTC)
    commit = sha256_of(day + document)[:40]
    return Capture(platform, document, commit, moment, "change", None, sha256_of(text), text)


@dataclass(frozen=True)
class Invented:
    """A document with its findings."""

    history: Tracked
    found: tuple[Found, ...]
    platform: str = "Hollowmere"

    def nodes(self, rules: LawFacts | None = None) -> list[Node]:
        """The nodes of its assessments."""
        return list(assessment_nodes(self.history, self.found, rules or law(), self.platform))

    def findings(self) -> Iterator[Node]:
        """The nodes of its findings."""
        texts = {iri: read_text(text, detector()) for iri, text in self.history.texts.items()}
        return finding_nodes(self.history, self.found, texts)

    def store(self) -> Store:
        """The law, the document as far as judgements refer to it, and everything judged of it."""
        made = Store()
        made.bulk_extend(law_quads())
        judged = [*self.findings(), *self.nodes()]
        quads = list(to_quads(judged, "https://hollowmere.example/findings"))
        named = frozenset(str(getattr(quad.object, "value", "")) for quad in quads)
        made.bulk_extend(self.history.around(named))
        made.bulk_extend(to_quads(methods.nodes(), methods.GRAPH))
        made.bulk_extend(quads)
        return made


def invented(
    say: Say | Sequence[Say],
    *days: str,
    kind: str = "privacy-policy",
    platform: str = "Hollowmere",
) -> Invented:
    """A document that says the same in all captures, or what the rule for each capture has."""
    days = days or ("2026-02-01",)
    document = "Privacy Policy" if kind == "privacy-policy" else "Data Processor Agreement"
    own = history(*days, document=document)
    rules = list(say) if isinstance(say, Sequence) else [say]
    found: list[Found] = []
    for number, rule in enumerate(rules):
        last = number == len(rules) - 1
        found += _found(own, rule, kind, number, last=last)
    return Invented(own, tuple(found), platform)


def _found(own: Tracked, say: Say, kind: str, number: int, *, last: bool) -> Iterator[Found]:
    """The findings of the capture with a number, which goes on if it is the last."""
    version = own.versions[number]
    begin, end = version.first_day, None if last else version.last_day
    assert begin is not None
    for duty in all_duties().values():
        if kind not in duty.documents:
            continue
        for era in eras(duty, law_read()):
            first, until = max(begin, era.first), _earlier(end, era.last)
            if until is not None and first > until:
                continue
            seen = _seen(own, _then(say(duty), era), version.ordinal)
            ends = version if until else None
            against = era.against(seen.outcome)
            yield Found(duty, era.reads, seen, version, ends, first, until, against)


def _then(made: Outcome, era: Era) -> Outcome:
    """An outcome, or what a tension hides while no rule is in force that it would be against."""
    if made.state != "tension" or era.against(made):
        return made
    return replace(made, state=made.otherwise, tension="", otherwise="", against=())


def _seen(own: Tracked, made: Outcome, ordinal: int) -> Seen:
    """An outcome whose places are the passages of the capture, in their order."""
    stands = [
        each
        for found in own.stands.values()
        for each in found
        if each.first <= ordinal and (each.last is None or ordinal <= each.last)
    ]
    stands.sort(key=lambda each: (each.headings, each.provision))

    def of(places: Sequence[int]) -> tuple[Stand, ...]:
        return tuple(stands[at % len(stands)] for at in places)

    nearest = tuple((of([at])[0], score) for at, score in made.nearest)
    return Seen(made, of(made.evidence), of(made.counter), nearest)


def _earlier(one: date | None, other: date | None) -> date | None:
    days = [each for each in (one, other) if each is not None]
    return min(days) if days else None


def saying(default: Outcome, **outcomes: Outcome | Mapping[str, Outcome]) -> Say:
    """A rule by short names: keys are ends of names with underscores, ``right_to_delete``.

    A mapping has the outcome by place, ``us-va``; places that it leaves out have the default.
    Duties for which there is no rule are not examined unless they are named.
    """

    def say(duty: Duty) -> Outcome:
        other = default if duty.by else NO_RULE
        for key, made in outcomes.items():
            if duty.name.rpartition("/")[2] == key.replace("_", "-"):
                return made if isinstance(made, Outcome) else made.get(duty.jurisdiction, other)
        return other

    return say
