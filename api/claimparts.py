"""Parts of the page of checked claims that come from findings: gaps, tensions, other states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clausegraph.api.claimrows import DutyRow, Link, Words, concept, link, name, natural, words
from clausegraph.api.reader import Entity, Reader, slug
from clausegraph.ontology.iris import mint


@dataclass(frozen=True)
class Count:
    """A name with its number, of which it is a part."""

    text: str
    number: int
    of: int


@dataclass(frozen=True)
class Group:
    """Requirements of one section with what the document says of them, and how many it states."""

    title: str
    rows: tuple[DutyRow, ...]
    counts: tuple[Count, ...]


@dataclass(frozen=True)
class Strain:
    """A tension: the words, those beside them, the rules, and actions that cite the same section."""

    kind: str
    requirements: tuple[Link, ...]
    words: tuple[Words, ...]
    beside: tuple[Words, ...]
    against: tuple[tuple[Link, str], ...]
    actions: tuple[tuple[Link, str], ...]


@dataclass(frozen=True)
class State:
    """What another state asks: what the text does not say, kept apart from what it says."""

    place: str
    silent: tuple[DutyRow, ...]
    says: tuple[DutyRow, ...]
    strained: tuple[DutyRow, ...]
    unexamined: tuple[DutyRow, ...]
    counts: tuple[Count, ...]


def tally(names: Iterable[str]) -> tuple[Count, ...]:
    """How often each name stands, of how many."""
    counted = Counter(names)
    total = sum(counted.values())
    return tuple(Count(text, number, total) for text, number in sorted(counted.items()))


def groups(duties: Sequence[DutyRow], home: str) -> tuple[Group, ...]:
    """What notices must say in the home place, letter by letter under each section."""
    grouped: dict[str, list[DutyRow]] = {}
    for each in duties:
        if each.place == home and "/notice-" in each.name.href:
            grouped.setdefault(_section(each), []).append(each)
    return tuple(
        Group(
            title=title,
            rows=tuple(
                sorted(rows, key=lambda row: (natural(" ".join(row.citations)), row.name.text))
            ),
            counts=tally([row.label for row in rows]),
        )
        for title, rows in sorted(grouped.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    )


def _section(row: DutyRow) -> str:
    """The section of a row's first citation, down to its first letter: ``… §7011(e)``."""
    first, bracket, rest = (row.citations or ("",))[0].partition("(")
    return first + bracket + rest.partition(")")[0] + (")" if bracket else "")


def state(reader: Reader, place: str, duties: Sequence[DutyRow]) -> State:
    """What a place asks, by what the text says of it."""
    mine = sorted((each for each in duties if each.place == place), key=_in_order)
    by_state = {
        state: tuple(each for each in mine if each.state == state)
        for state in ("not-stated", "stated", "denied", "tension", "not-examined")
    }
    return State(
        place=name(reader, mint("jurisdiction", place)),
        silent=by_state["not-stated"],
        says=(*by_state["stated"], *by_state["denied"]),
        strained=by_state["tension"],
        unexamined=by_state["not-examined"],
        counts=tally([each.label for each in mine]),
    )


def _in_order(row: DutyRow) -> tuple[list[tuple[int, str]], str]:
    return natural(" ".join(row.citations)), row.name.text


def strains(reader: Reader, findings: Sequence[Entity]) -> tuple[Strain, ...]:
    """The tensions, one for each kind and the rules it is against, whatever requirements show it."""
    grouped: dict[tuple[str, tuple[str, ...]], list[Entity]] = {}
    for each in findings:
        if slug(str(each.one("findingState"))) == "tension":
            key = str(each.one("tensionKind")), tuple(map(str, each.all("against")))
            grouped.setdefault(key, []).append(each)
    return tuple(_strain(reader, *key, each) for key, each in sorted(grouped.items()))


def _strain(
    reader: Reader, kind: str, against: Sequence[str], findings: Sequence[Entity]
) -> Strain:
    rules = reader.entities(against)
    shared = [set(each.all("evidence")) for each in findings]
    common = set.intersection(*shared) or set.union(*shared)
    beside = sorted({str(iri) for each in findings for iri in each.all("counterEvidence")})
    return Strain(
        kind=concept(reader, kind),
        requirements=tuple(link(reader, str(each.one("requirement"))) for each in findings),
        words=words(reader, sorted(map(str, common))),
        beside=words(reader, beside),
        against=tuple((link(reader, e.iri), ", ".join(e.all("citation"))) for e in rules),
        actions=_actions(reader, {str(iri) for each in rules for iri in each.all("cites")}),
    )


def _actions(reader: Reader, sections: set[str]) -> tuple[tuple[Link, str], ...]:
    """The enforcement actions that cite one of some sections, or one above or below it."""
    found = []
    for each in reader.of_type("EnforcementAction"):
        cited = {str(iri) for iri in each.all("cites")}
        same = sorted(iri for iri in cited if any(_within(iri, other) for other in sections))
        if same:
            at = ", ".join(name(reader, iri) for iri in same)
            found.append((link(reader, each.iri), f"{each.one('announcedOn')}, cites {at}"))
    return tuple(found)


def _within(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")
