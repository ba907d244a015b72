"""Follow edges of the index for all parents at once: one read a level, whatever their number.

A field that lists what belongs to its object says so twice: as an ordinary resolver for one object,
and, with `at_once`, as a function of many, which compiled plans call (`clausegraph.api.planreads`).
The function gives for each parent the view to look through and the IRIs in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from clausegraph.api.listing import at
from clausegraph.api.nodes import Node, View
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Choice, Clause, Key, among, fetch
from clausegraph.api.reader import Reader
from clausegraph.api.remember import per_reader
from clausegraph.ontology.iris import ID

F = TypeVar("F", bound=Callable[..., Any])
Followed = tuple[View, Sequence[str]]
"""What an edge leads to from one parent: how to look at it, and the IRIs."""

KEPT = 200_000
"""How many parents' answers a release keeps in memory (about 60 MB when full)."""
_AT_ONCE = 5_000  # SQLite takes 32,766 arguments in a statement


@dataclass(frozen=True)
class Way:
    """From the rows of one table to those of another, whose `column` holds the former's ids."""

    owner: str
    table: str
    column: str
    order: tuple[Key, ...] = ()


class _Kept:
    """The answers of a release, by way and conditions, then by parent; the oldest go first."""

    def __init__(self) -> None:
        self.groups: dict[Any, dict[str, tuple[str, ...]]] = {}
        self.parents = 0

    def group(self, key: Any) -> dict[str, tuple[str, ...]]:
        """The answers for a way and its conditions."""
        return self.groups.setdefault(key, {})

    def add(self, key: Any, found: dict[str, tuple[str, ...]]) -> None:
        """Keep more answers."""
        self.group(key).update(found)
        self.parents += len(found)
        while self.parents > KEPT and len(self.groups) > 1:
            oldest = next(iter(self.groups))
            self.parents -= len(self.groups.pop(oldest, {}))


@per_reader
def _kept(reader: Reader) -> _Kept:
    return _Kept()


def follow(
    view: View, way: Way, parents: Sequence[str], clauses: tuple[Clause, ...] = ()
) -> list[tuple[str, ...]]:
    """The IRIs to which a way leads from each parent, where they meet the conditions, in order."""
    kept, key = _kept(view.reader), (way, clauses)
    known = kept.group(key)
    missing = [iri for iri in parents if iri not in known]
    if missing:
        found = _read(view, way, list(dict.fromkeys(missing)), clauses)
        kept.add(key, found)
        known = {**known, **found}
    return [known[iri] for iri in parents]


def _read(
    view: View, way: Way, parents: list[str], clauses: tuple[Clause, ...]
) -> dict[str, tuple[str, ...]]:
    """Read what the parents lead to from the index; an IRI that it lacks leads nowhere."""
    found: dict[str, list[str]] = {iri: [] for iri in parents}
    for some in _parts(parents):
        owners = Choice(way.owner, (among("iri", list(map(short, some))),))
        ids = dict(fetch(view, owners.sql("id, iri")))
        keys = ", ".join(f"{k.sql}{' DESC' if k.descending else ''}" for k in (*way.order, _IRI))
        rows = Choice(way.table, (among(way.column, list(ids)), *clauses))
        statement = rows.sql(f"{way.column}, iri", (), f"ORDER BY {keys}")
        for owner, iri in fetch(view, statement) if ids else ():
            found[ID + ids[owner]].append(ID + iri)
    return {iri: tuple(iris) for iri, iris in found.items()}


_IRI = Key("iri")


def _parts(parents: list[str]) -> Iterator[list[str]]:
    return (parents[n : n + _AT_ONCE] for n in range(0, len(parents), _AT_ONCE))


def followed(
    parents: Sequence[Node],
    view_of: Callable[[Node], View],
    way: Way,
    clauses_of: Callable[[View], tuple[Clause, ...]] = lambda view: (),
) -> list[Followed]:
    """Follow a way from views of nodes, all of those that look through the same day at once."""
    views = [view_of(parent) for parent in parents]
    answers: list[Followed] = [(view, ()) for view in views]
    for day in dict.fromkeys(view.day for view in views):
        places = [n for n, view in enumerate(views) if view.day == day]
        view = views[places[0]]
        iris = [parents[n].entity.iri for n in places]
        for n, some in zip(places, follow(view, way, iris, clauses_of(view)), strict=True):
            answers[n] = view, some
    return answers


def at_once(function: Callable[..., list[Followed]], many: bool = True) -> Callable[[F], F]:
    """Tell compiled plans what answers a field for many objects; not `many`: the first, or null."""

    def mark(resolver: F) -> F:
        vars(resolver)["at_once"] = function, many
        return resolver

    return mark


def nodes(followed: Followed) -> list[Any]:
    """The nodes of one parent. Raises `StoreError` where the store lacks one."""
    view, iris = followed
    return [at(view, iri) for iri in iris]


def first(followed: Followed) -> Any:
    """The first node of one parent, None where there is none."""
    view, iris = followed
    return at(view, iris[0]) if iris else None
