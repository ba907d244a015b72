"""Pieces of answers that depend on nothing but an entity: their JSON is written once a release.

Where a selection asks for an entity's own values and for such selections of what its properties
name, no argument, day or variable has a part in the answer. A compiled plan then takes the piece
that was written before, together with what its nodes and texts cost. Pieces are shared by all
documents that ask for the same fields, and bounded by their size; the oldest selections go first.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from clausegraph.api.nodes import CHARACTERS, TYPES, Budget, Node, View
from clausegraph.api.plancomplete import Complete, NotCoveredError, NullError, RuntimeTypes
from clausegraph.api.planreads import Read, Run, Times
from clausegraph.api.reader import Reader
from clausegraph.api.remember import per_reader

Piece = tuple[orjson.Fragment | None, int, int]
"""The JSON of an object, what it costs with all that is in it (in characters), and its bytes."""
NOWHERE: Piece = (None, 0, 0)
"""What stands for an entity that the release lacks."""
VIEWLESS: Piece = (None, 0, -1)
"""What stands for an entity that is there and of which there is no view."""
MOST = 32_000_000
"""How many bytes of pieces a release keeps."""
_OWN = 250  # bytes of memory that a piece takes besides its characters
How = Literal["leaf", "text", "edge", "edges"]


@dataclass(frozen=True)
class Part:
    """A field of a piece: how it is read for many nodes, and what selection is below it."""

    key: str
    how: How
    read: Read
    complete: Complete
    below: Still | None
    nullable: bool
    sign: str


@dataclass(frozen=True)
class Still:
    """A selection of which pieces are made; equal signs mean equal pieces."""

    kind: str
    types: RuntimeTypes
    parts: tuple[Part, ...]

    @functools.cached_property
    def sign(self) -> str:
        """What is asked, in full; of a text the hash is computed once."""
        return f"{self.kind}({' '.join(part.sign for part in self.parts)})"

    def of(self, run: Run, iris: Collection[str]) -> Mapping[str, Piece]:
        """The pieces of some entities. Raises what reading one of their fields raises."""
        view: View = run.context["view"]
        kept = _kept(view.reader)
        known = kept.group(self.sign)
        missing = {iri for iri in iris if iri not in known}
        if not missing:
            return known
        run.budget.check()
        made = self._made(run, view, sorted(missing))
        kept.add(self.sign, made)
        return {iri: made[iri] if iri in missing else known[iri] for iri in iris}

    def _made(self, run: Run, view: View, iris: Sequence[str]) -> dict[str, Piece]:
        found = dict.fromkeys(iris, NOWHERE)
        nodes: list[Node] = []
        for entity in view.reader.entities(iris):
            found[entity.iri] = VIEWLESS
            if entity.type in TYPES:
                nodes.append(TYPES[entity.type](entity=entity, view=view))
        if {kind.name for kind in self.types.of(nodes)} - {self.kind}:
            raise NotCoveredError(self.kind)
        for node, piece in zip(nodes, self._written(run, nodes), strict=True):
            found[node.entity.iri] = piece
        return found

    def _written(self, run: Run, nodes: list[Node]) -> list[Piece]:
        """The pieces of nodes of the type, field by field for all of them."""
        costs = [CHARACTERS] * len(nodes)
        free = Run(run.values, run.context, Budget(1 << 60, run.budget.until))
        columns = [_column(part, free, nodes, costs) for part in self.parts]
        keys = [part.key for part in self.parts]
        rows = zip(*columns, strict=True) if columns else ((),) * len(nodes)
        written = [orjson.dumps(dict(zip(keys, row, strict=True))) for row in rows]
        return [(orjson.Fragment(d), cost, len(d)) for d, cost in zip(written, costs, strict=True)]


def _column(part: Part, run: Run, nodes: list[Node], costs: list[int]) -> list[Any]:
    """The values of a field; what they cost is added to the nodes' costs."""
    values = part.read(run, nodes, None)
    if part.below is None:
        if part.how == "text":
            costs[:] = [c + len(v or "") for c, v in zip(costs, values, strict=True)]
        return part.complete(run, values, None)
    lists = _lists(values, part.how == "edge")
    pieces = _pieces(part.below, run, lists)
    if part.how == "edges":
        pieces = [_there(some) for some in pieces]
    costs[:] = [c + _cost(some) for c, some in zip(costs, pieces, strict=True)]
    return _shown(pieces, part.how == "edge", part.nullable)


def _lists(values: list[Any], one: bool) -> list[Sequence[str]]:
    """What the objects' edges name; of the value of one edge a list as well."""
    return [() if value is None else (value,) for value in values] if one else values


def _pieces(still: Still, run: Run, lists: list[Sequence[str]]) -> list[list[Piece]]:
    known = still.of(run, {iri for some in lists for iri in some})
    return [[known[iri] for iri in some] for some in lists]


def _there(pieces: list[Piece]) -> list[Piece]:
    """Those of entities that the release has. Raises `KeyError` where one has no view."""
    if all(piece[0] for piece in pieces):
        return pieces
    if VIEWLESS in pieces:
        raise KeyError
    return [piece for piece in pieces if piece[0]]


def _cost(pieces: list[Piece]) -> int:
    return sum([piece[1] for piece in pieces])


def _shown(pieces: list[list[Piece]], one: bool, nullable: bool) -> list[Any]:
    """What stands in the answer. Raises `NullError` where that is null and may not be."""
    if not one:
        return [[piece[0] for piece in some] for some in pieces]
    found = [some[0][0] if some else None for some in pieces]
    if not nullable and None in found:
        raise NullError
    return found


def pay(run: Run, costs: Iterable[int], times: Times) -> None:
    """Take what pieces cost, as often as each stands there. Raises `TooCostlyError`."""
    if times is None:
        total = sum(costs)
    else:
        total = sum(cost * often for cost, often in zip(costs, times, strict=True))
    taken, run.budget.characters = divmod(run.budget.characters + total, CHARACTERS)
    run.budget.spend(taken)


def edge(still: Still, nullable: bool, certain: bool) -> Complete:
    """Complete IRIs, or null, as pieces; `certain`: each has a view, else `KeyError`."""

    def complete(run: Run, values: list[Any], times: Times) -> list[Any]:
        known = still.of(run, {value for value in values if value is not None})
        pieces = [NOWHERE if value is None else known[value] for value in values]
        if certain and any(not p[0] for p, v in zip(pieces, values, strict=True) if v is not None):
            raise KeyError
        pay(run, [piece[1] for piece in pieces], times)
        return _shown([[piece] for piece in pieces], True, nullable)

    return complete


def edges(still: Still, certain: bool) -> Complete:
    """Complete lists of IRIs as pieces; `certain`: each has a view, else `KeyError`."""

    def complete(run: Run, values: list[Any], times: Times) -> list[Any]:
        pieces = _pieces(still, run, values)
        if certain and not all(piece[0] for some in pieces for piece in some):
            raise KeyError
        pieces = pieces if certain else [_there(some) for some in pieces]
        pay(run, map(_cost, pieces), times)
        return [[piece[0] for piece in some] for some in pieces]

    return complete


def objects(still: Still, plain: Complete, views: frozenset[type]) -> Complete:
    """Complete views that were paid for; what is not a plain view is completed by `plain`."""

    def complete(run: Run, values: list[Any], times: Times) -> list[Any]:
        if not {each.__class__ for each in values} <= views:
            return plain(run, values, times)
        iris = [each.entity.iri for each in values]
        known = still.of(run, iris)
        pieces = [known[iri] for iri in iris]
        if any(piece[0] is None for piece in pieces):  # made from an entity read elsewhere
            return plain(run, values, times)
        pay(run, [piece[1] - CHARACTERS for piece in pieces], times)
        return [piece[0] for piece in pieces]

    return complete


@dataclass
class _Kept:
    """The pieces of a release, by sign and IRI. Threads may share it."""

    size: int = 0
    groups: dict[str, dict[str, Piece]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    changing: threading.Lock = field(default_factory=threading.Lock)

    def group(self, sign: str) -> Mapping[str, Piece]:
        return self.groups.get(sign, {})

    def add(self, sign: str, made: Mapping[str, Piece]) -> None:
        """Keep what is there, and let go of others where all together become too large."""
        there = {iri: piece for iri, piece in made.items() if piece[0]}
        size = sum(_OWN + piece[2] for piece in there.values())
        with self.changing:
            size += 0 if sign in self.groups else len(sign)
            self.groups.setdefault(sign, {}).update(there)
            self.sizes[sign] = self.sizes.get(sign, 0) + size
            self.size += size
            while self.size > MOST:
                oldest = next(iter(self.groups))
                del self.groups[oldest]
                self.size -= self.sizes.pop(oldest)


@per_reader
def _kept(reader: Reader) -> _Kept:
    return _Kept()


def forget(reader: Reader) -> None:
    """Let go of the pieces of a release, to measure what writing them takes."""
    kept = _kept(reader)
    with kept.changing:
        kept.size = 0
        kept.groups.clear()
        kept.sizes.clear()
