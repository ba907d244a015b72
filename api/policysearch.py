"""Full-text search over provisions, with ranking and highlights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import strawberry

from clausegraph.api.cursors import Place
from clausegraph.api.listing import Paged, at
from clausegraph.api.nodes import View
from clausegraph.api.policyfilters import ProvisionFilter
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Choice, Chosen, Clause, Key, among, fetch
from clausegraph.api.provisiontypes import Provision
from clausegraph.api.textquery import expression, whole
from clausegraph.ontology.iris import ID

RANKED = 1_000
"""How many provisions a search ranks; words that stand in more of them tell none apart."""
_RANK = "-bm25(search, 0.5, 1.0)"
"""What stands in the heading path counts half of what the passage itself says."""
_START, _END = "\x02", "\x03"  # signs that no normalised text has
_MARKED = ", ".join(f"highlight(search, {column}, '{_START}', '{_END}')" for column in (1, 0))


class Marks:
    """The highlighted texts of one search, read for a whole page at once when one is asked for."""

    def __init__(self, view: View, match: str) -> None:
        """Know no hit yet."""
        self.view, self.match = view, match
        self.asked: list[str] = []
        self.known: dict[str, tuple[str, str]] = {}

    def of(self, iri: str) -> tuple[str, str]:
        """The text and the heading path of a hit, with signs around what was searched for."""
        if iri not in self.known:
            ids = among("iri", self.asked)
            sql = (
                f"SELECT (SELECT iri FROM provision WHERE id = search.rowid), {_MARKED} FROM search "
                f"WHERE search MATCH ? AND +rowid IN (SELECT id FROM provision WHERE {ids.sql})"
            )  # the plus: one pass over all hits, where a look-up by number would search each anew
            for own, text, heading in fetch(self.view, Clause(sql, (self.match, *ids.args))):
                self.known[own] = whole(text), whole(heading)
        return self.known[iri]


@strawberry.type(description="A stretch of a text, and whether it is what was searched for.")
class Stretch:
    """Part of a highlighted text."""

    text: str = strawberry.field(description="The characters.")
    hit: bool = strawberry.field(description="Whether they are among the words searched for.")


@strawberry.type(description="A provision that a search found.")
class SearchHit:
    """A provision with how well it fits."""

    marks: strawberry.Private[Marks]
    iri: strawberry.Private[str]
    score: float | None = strawberry.field(
        description="How well it fits (BM25), the higher the better; to be compared within one "
        "search. Null where the words stand in so many provisions that none fits better: these are "
        "given in the order of documents."
    )

    @strawberry.field(description="What was found.")
    def provision(self) -> Provision:
        """The provision."""
        return cast(Provision, at(self.marks.view, ID + self.iri))

    @strawberry.field(description="Its normalised text in stretches.")
    def text(self) -> list[Stretch]:
        """The text."""
        return self._paid(0)

    @strawberry.field(description="The heading path over it, where it stood last, in stretches.")
    def heading(self) -> list[Stretch]:
        """The heading path."""
        return self._paid(1)

    def _paid(self, column: int) -> list[Stretch]:
        marked = self.marks.of(self.iri)[column]
        return stretches(self.marks.view.budget.pay(marked))


def search(view: View, text: str, filter: ProvisionFilter, day: date | None) -> Paged:
    """The provisions that hold a text, the best first. Raises `SearchTextError`."""
    match = expression(text)
    clauses = filter.clauses(view, day)
    where = "".join(f" AND ({clause.sql})" for clause in clauses)
    args = (match, *(arg for clause in clauses for arg in clause.args))
    if _common(view, match):
        return Paged(view, Common(view, where, args), _unranked(view, match))
    ids = f"SELECT rowid AS id, {_RANK} AS score FROM search WHERE search MATCH ?"
    hits = (
        f"WITH found AS MATERIALIZED ({ids}), hit AS MATERIALIZED ("
        "SELECT provision.iri AS iri, found.score AS score FROM found "
        f"JOIN provision ON provision.id = found.id WHERE TRUE{where})"
    )
    score = Key("score", float, descending=True)
    marks = Marks(view, match)

    def hit(place: Place) -> SearchHit:
        marks.asked.append(short(place[-1]))
        return SearchHit(marks=marks, iri=short(place[-1]), score=place[0])

    return Paged(view, Chosen(view, Choice("hit", (), (score,), Clause(hits, args))), hit)


def _common(view: View, match: str) -> bool:
    """Whether more provisions hold the words than are worth ranking; looks at no more of them."""
    some = f"SELECT 1 FROM search WHERE search MATCH ? LIMIT {RANKED + 1}"
    ((found,),) = fetch(view, Clause(f"SELECT count(*) FROM ({some})", (match,)))
    return bool(found > RANKED)


def _unranked(view: View, match: str) -> Callable[[Place], SearchHit]:
    marks = Marks(view, match)

    def hit(place: Place) -> SearchHit:
        marks.asked.append(short(place[-1]))
        return SearchHit(marks=marks, iri=short(place[-1]), score=None)

    return hit


@dataclass(frozen=True)
class Common:
    """Provisions that hold common words, in the order of documents (`paging.Places`).

    The full-text index has them in that order, so a page costs what is on it, wherever it begins.
    """

    view: View
    where: str
    args: tuple[Any, ...]

    @property
    def types(self) -> tuple[type, ...]:
        """The number of the provision, and its IRI."""
        return (int, str)

    def read(
        self, after: Place | None, before: Place | None, limit: int, backwards: bool
    ) -> list[Place]:
        """Up to `limit` places between two others."""
        bounds = [(">", after), ("<", before)]
        given = [(sign, place[0]) for sign, place in bounds if place is not None]
        more = "".join(f" AND search.rowid {sign} ?" for sign, _ in given)
        way = "DESC" if backwards else "ASC"
        text = (
            f"SELECT search.rowid, iri FROM search JOIN provision ON provision.id = search.rowid "
            f"WHERE search MATCH ?{self.where}{more} ORDER BY search.rowid {way} LIMIT {limit:d}"
        )
        args = (*self.args, *(number for _, number in given))
        return [(number, ID + iri) for number, iri in fetch(self.view, Clause(text, args))]

    def count(self) -> int:
        """How many there are."""
        text = (
            "SELECT count(*) FROM search JOIN provision ON provision.id = search.rowid "
            f"WHERE search MATCH ?{self.where}"
        )
        return int(fetch(self.view, Clause(text, self.args))[0][0])


def stretches(marked: str) -> list[Stretch]:
    """A text with signs around what was searched for, in stretches."""
    found = []
    for number, part in enumerate(marked.split(_START)):
        inside, _, rest = part.partition(_END) if number else ("", "", part)
        found += [Stretch(text=each, hit=hit) for each, hit in ((inside, True), (rest, False))]
    return [stretch for stretch in found if stretch.text]
