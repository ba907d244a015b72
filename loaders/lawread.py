"""What judgement needs of the law, read back from its quads: how requirements read on which days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Quad

from clausegraph.loaders.duties import Reads
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import NS

_DAY = "calendar-day"


@dataclass(frozen=True)
class LawRead:
    """The versions of each requirement, and the days that a version allows, where it is a deadline."""

    versions: Mapping[str, tuple[Reads, ...]]
    days: Mapping[str, int]


def lawread(quads: Iterable[Quad]) -> LawRead:
    """Read versions and periods from the quads of the law."""
    facts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        if quad.predicate.value.startswith(NS):
            value = str(getattr(quad.object, "value", ""))
            facts[iri_of(quad.subject)][quad.predicate.value.removeprefix(NS)].append(value)
    versions: dict[str, list[Reads]] = defaultdict(list)
    for iri, each in facts.items():
        if "versionOf" in each and "validFrom" in each:
            versions[each["versionOf"][0]].append(_reads(iri, each))
    return LawRead(
        {name: tuple(sorted(found, key=lambda one: one.first)) for name, found in versions.items()},
        {iri: days for iri, each in facts.items() if (days := _days(each, facts)) is not None},
    )


def _reads(iri: str, facts: Mapping[str, list[str]]) -> Reads:
    last = facts.get("validUntil")
    first = date.fromisoformat(facts["validFrom"][0])
    return Reads(iri, first, date.fromisoformat(last[0]) if last else None)


def _days(
    facts: Mapping[str, list[str]], all_facts: Mapping[str, Mapping[str, list[str]]]
) -> int | None:
    """The calendar days of the period that a requirement version gives first, if one does."""
    if "versionOf" not in facts:
        return None
    found = []
    for value in facts.get("value", ()):
        quantity = all_facts[value]
        unit = quantity.get("unit", [""])[0].rpartition("/")[2]
        role = quantity.get("quantityRole", [""])[0].rpartition("/")[2]
        if unit == _DAY and role == "period":
            found.append(int(float(quantity["amount"][0])))
    return min(found, default=None)
