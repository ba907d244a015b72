"""What assessments need of the law, read from its quads once: who enforces what, how, from when.

Every question is asked for a day. All days are included in the spans that they begin and end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from pyoxigraph import Quad

from clausegraph.loaders.lawparts import (
    Action,
    Amending,
    Power,
    Regime,
    Relation,
    Span,
    Wording,
)
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import NS, PREFIXES, parse

_NAMES = {
    PREFIXES["rdf"] + "type": "type",
    PREFIXES["rdfs"] + "label": "label",
    PREFIXES["dcterms"] + "title": "title",
    PREFIXES["eli"] + "is_part_of": "isPartOf",
}
_INVERSE = {"subset": "superset", "superset": "subset"}
T = TypeVar("T")
Facts = Mapping[str, Mapping[str, list[str]]]


@dataclass(frozen=True)
class LawFacts:
    """The law as assessments see it; requirements and regimes by IRI, places by code (``us-ca``)."""

    versions: Mapping[str, tuple[Wording, ...]]
    places: Mapping[str, str]
    regimes: Mapping[str, Regime]
    all_powers: tuple[Power, ...]
    all_penalties: Mapping[str, tuple[Wording, ...]]
    amendments: tuple[Amending, ...]
    all_relations: Mapping[str, tuple[Relation, ...]]
    all_actions: tuple[Action, ...]
    days: tuple[date, ...]
    """The days on which a power, penalty, relation or action begins or has just ended."""

    def wording(self, requirement: str, day: date) -> Wording | None:
        """How a requirement reads on a day; None where it does not stand."""
        held = (each for each in self.versions.get(requirement, ()) if each.span.holds(day))
        return next(held, None)

    def powers(self, place: str, day: date) -> list[Power]:
        """The powers held under a place's regime on a day, in the order of enforcers and kinds."""
        mine = frozenset(self.regimes[place].instruments)
        return [
            each for each in self.all_powers if each.span.holds(day) and mine & each.instruments
        ]

    def penalties(self, place: str, day: date) -> list[Wording]:
        """The penalties of a place's regime on a day."""
        return [each for each in self.all_penalties.get(place, ()) if each.span.holds(day)]

    def changes(self, place: str, until: date | None) -> list[Amending]:
        """The acts that change a place's regime up to a day (None: all that are known)."""
        mine = self.regimes[place].instruments
        return [
            each
            for each in self.amendments
            if each.amends in mine and (until is None or each.first <= until)
        ]

    def relations(self, requirement: str, day: date) -> list[Relation]:
        """How a requirement relates to those of other places on a day."""
        return [each for each in self.all_relations.get(requirement, ()) if each.span.holds(day)]

    def actions(self, wordings: Sequence[Wording], day: date) -> tuple[Action, ...]:
        """The actions announced by a day that cite the rule of one of the wordings.

        That is a section which the wording cites, or one around it. An action over another part of
        a section says nothing of the rest of it.
        """
        return tuple(
            each
            for each in self.all_actions
            if each.announced <= day and any(each.cites(wording) for wording in wordings)
        )


def place_of(iri: str) -> str:
    """The code of the place to which a thing of law belongs: ``us-ca``."""
    return parse(iri)[1][0]


def lawfacts(quads: Iterable[Quad]) -> LawFacts:
    """Read the law from its quads, whatever else they hold."""
    facts = _facts(quads)
    of: dict[str, list[str]] = defaultdict(list)
    for iri in sorted(facts):
        for kind in facts[iri].get("type", ()):
            of[kind.rpartition("#")[2]].append(iri)
    wordings = sorted(
        (_wording(iri, facts) for iri in of["RequirementVersion"]),
        key=lambda each: (each.requirement, each.span.first),
    )
    powers = tuple(_power(iri, facts) for iri in of["Power"])
    penalties = _penalties(wordings, facts)
    relations = _relations(of["Alignment"], facts)
    actions = sorted(
        (_action(iri, facts) for iri in of["EnforcementAction"]),
        key=lambda each: (each.announced, each.iri),
    )
    spans = [each.span for each in powers]
    spans += [each.span for found in penalties.values() for each in found]
    spans += [each.span for found in relations.values() for each in found]
    spans += [Span(each.announced, None) for each in actions if each.cited]
    return LawFacts(
        versions=_grouped((each.requirement, each) for each in wordings),
        places={place_of(iri): _one(facts[iri], "label") for iri in of["Jurisdiction"]},
        regimes={place_of(iri): _regime(iri, of["Instrument"], facts) for iri in of["Regime"]},
        all_powers=powers,
        all_penalties=penalties,
        amendments=_amendments(of["Amendment"], facts),
        all_relations=relations,
        all_actions=tuple(actions),
        days=tuple(sorted({day for span in spans for day in _edges(span)})),
    )


def _facts(quads: Iterable[Quad]) -> Facts:
    facts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        name = quad.predicate.value
        key = _NAMES.get(name) or (name.removeprefix(NS) if name.startswith(NS) else "")
        if key:
            facts[iri_of(quad.subject)][key].append(str(getattr(quad.object, "value", "")))
    return facts


def _one(facts: Mapping[str, list[str]], key: str) -> str:
    return next(iter(facts.get(key, ())), "")


def _slug(facts: Mapping[str, list[str]], key: str) -> str:
    return _one(facts, key).rpartition("/")[2]


def _span(facts: Mapping[str, list[str]]) -> Span:
    last = _one(facts, "validUntil")
    first = date.fromisoformat(_one(facts, "validFrom"))
    return Span(first, date.fromisoformat(last) if last else None)


def _edges(span: Span) -> list[date]:
    """The first day of a span, and the first after it."""
    ended = [] if span.last is None else [date.fromordinal(span.last.toordinal() + 1)]
    return [span.first, *ended]


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    found: dict[str, list[T]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _wording(iri: str, facts: Facts) -> Wording:
    own = facts[iri]
    values = [facts[each] for each in own.get("value", ())]
    return Wording(
        iri=iri,
        requirement=_one(own, "versionOf"),
        name=_one(facts[_one(own, "versionOf")], "label"),
        span=_span(own),
        citations=tuple(own.get("citation", ())),
        sections=_around(own.get("cites", ()), facts),
        summary=_one(own, "summary"),
        periods=tuple(
            _one(each, "label") for each in values if _slug(each, "quantityRole") == "period"
        ),
        most=tuple(
            sorted(
                int(float(_one(each, "amount")))
                for each in values
                if _slug(each, "quantityRole").startswith("maximum")
                and _slug(each, "unit") == "usd"
            )
        ),
    )


def _power(iri: str, facts: Facts) -> Power:
    own = facts[iri]
    return Power(
        iri=iri,
        enforcer=_one(own, "enforcer"),
        name=_one(facts[_one(own, "enforcer")], "label"),
        kind=_slug(own, "powerKind"),
        exclusive=_one(own, "exclusive") == "true",
        instruments=frozenset(own.get("instrument", ())),
        span=_span(own),
    )


def _regime(iri: str, instruments: Sequence[str], facts: Facts) -> Regime:
    own = facts[iri]
    mine = tuple(each for each in instruments if iri in facts[each].get("regime", ()))
    return Regime(iri, _one(own, "label"), _one(own, "title"), mine)


def _penalties(wordings: Sequence[Wording], facts: Facts) -> dict[str, tuple[Wording, ...]]:
    """Wordings of penalties by place, of instruments that belong to a regime."""
    found = []
    for each in wordings:
        own = facts[each.requirement]
        lawful = facts.get(_one(own, "instrument"), {}).get("regime")
        if lawful and _slug(own, "kind") == "penalty":
            found.append((place_of(each.requirement), each))
    return _grouped(found)


def _amendments(iris: Sequence[str], facts: Facts) -> tuple[Amending, ...]:
    found = []
    for own in (facts[iri] for iri in iris):
        act, first = _one(own, "amendingAct"), date.fromisoformat(_one(own, "validFrom"))
        found.append(Amending(act, _one(facts[act], "label"), _one(own, "amends"), first))
    return tuple(sorted(found, key=lambda each: (each.first, each.act, each.amends)))


def _relations(iris: Sequence[str], facts: Facts) -> dict[str, tuple[Relation, ...]]:
    """Alignments by each of their two sides, seen from there."""
    found = []
    for iri in iris:
        own = facts[iri]
        one, other, relation = (
            _one(own, "alignsFrom"),
            _one(own, "alignsTo"),
            _slug(own, "relation"),
        )
        span = _span(own)
        found.append((one, Relation(iri, relation, other, span)))
        found.append((other, Relation(iri, _INVERSE.get(relation, relation), one, span)))
    return _grouped(found)


def _action(iri: str, facts: Facts) -> Action:
    own = facts[iri]
    amounts = [_one(facts[each], "amount") for each in own.get("value", ())]
    return Action(
        iri=iri,
        name=_one(own, "label"),
        announced=date.fromisoformat(_one(own, "announcedOn")),
        enforcers=tuple(_one(facts[each], "label") for each in own.get("enforcer", ())),
        amount=int(float(amounts[0])) if amounts else None,
        cited={each: _one(facts[each], "label") for each in own.get("cites", ())},
    )


def _around(sections: Iterable[str], facts: Facts) -> frozenset[str]:
    """Sections with all that they are part of."""
    found: set[str] = set()
    wanted = list(sections)
    while wanted:
        if (each := wanted.pop()) not in found:
            found.add(each)
            wanted += facts.get(each, {}).get("isPartOf", ())
    return frozenset(found)
