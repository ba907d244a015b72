"""What a question about findings looks at: platforms, their documents of a kind, the version of the day.

Every answer that counts says of how many platforms it speaks (`Denominators`), and carries the
method's notice as data (`Answer`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, cast

import strawberry

from clausegraph.api.cursors import Place
from clausegraph.api.filters import Ids
from clausegraph.api.listing import Paged
from clausegraph.api.methodtypes import Method
from clausegraph.api.nodes import View, about, node_at
from clausegraph.api.paging import Listed, Order
from clausegraph.api.policyfilters import platforms
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Choice, Clause, among, fetch
from clausegraph.loaders import methods
from clausegraph.ontology.iris import ID

NOTICE = "privacy-policy"
AGREEMENT = "data-processing-agreement"
_HELD = """document.iri, document.kind, (SELECT iri FROM version WHERE version.document = document.id
    AND ? BETWEEN since AND until LIMIT 1), document.id IN (SELECT document FROM presence
    WHERE ? BETWEEN since AND until)"""
"""A document of a platform, its kind, its version of the day, and whether passages stand in that."""

PortfolioIds = Annotated[
    Ids, strawberry.argument(description="Portfolios: the platforms that any of them names.")
]
PlatformIds = Annotated[Ids, strawberry.argument(description="Platforms; all where null.")]


@strawberry.type(description="Of how many platforms an answer speaks, each among those before it.")
class Denominators:
    """The numbers that every count of platforms is a share of."""

    tracked: int = strawberry.field(description="Platforms that the question takes in.")
    captured: int = strawberry.field(
        description="Of these, those of which a whole version of such a document stood on the day."
    )
    parsed: int = strawberry.field(description="Of these, those in whose version are passages.")
    examined: int = strawberry.field(
        description="Of these, those in which the rules could look for what was asked."
    )


@strawberry.interface(description="What every answer about findings carries.")
class Answer:
    """Day, denominators, method and notice."""

    as_of: date = strawberry.field(description="The day in the world of which it tells.")
    denominators: Denominators = strawberry.field(description="Of how many platforms it speaks.")
    method: Method | None = strawberry.field(
        description="By which rules documents were read; null where none have been."
    )
    notice: str = strawberry.field(description=about("notice"))


@dataclass(frozen=True)
class Held:
    """A document of a platform on the day; IRIs.

    `document` is None where the platform has none of the kinds, and so is `kind`, its slug;
    `version` is None where none stood.
    """

    platform: str
    label: str
    document: str | None
    kind: str | None
    version: str | None
    parsed: bool

    @property
    def key(self) -> str:
        """What tells it apart from all others."""
        return self.document or self.platform


@dataclass(frozen=True)
class Scope:
    """The documents of some kinds that a question takes in, by the names of their platforms."""

    view: View
    held: tuple[Held, ...]

    @property
    def documents(self) -> frozenset[str]:
        """Those of which a version stood on the day."""
        return frozenset(each.document for each in self.held if each.document and each.version)

    def denominators(self, examined: Collection[str]) -> Denominators:
        """The numbers of platforms; `examined` are IRIs of documents."""
        return Denominators(
            tracked=_platforms(self.held),
            captured=_platforms([each for each in self.held if each.version]),
            parsed=_platforms([each for each in self.held if each.parsed]),
            examined=_platforms([e for e in self.held if e.parsed and e.document in examined]),
        )

    def more(self, examined: Collection[str]) -> dict[str, Any]:
        """What an `Answer` carries beside its rows."""
        method = node_at(self.view, methods.method("reading"))
        return {
            "as_of": self.view.day,
            "denominators": self.denominators(examined),
            "method": cast(Method | None, method),
            "notice": notice_of(self.view),
        }


def scope(view: View, portfolio: Ids, platform: Ids, kinds: Collection[str] = (NOTICE,)) -> Scope:
    """The documents of some kinds (slugs) of the platforms named. Raises `UnknownIdError`."""
    clauses = platforms(view, platform, portfolio, "platform.id")
    marks = ", ".join("?" * len(kinds))
    joined = (
        "platform LEFT JOIN document ON document.platform = platform.id "
        f"AND document.kind IN ({marks})"
    )
    choice = Choice(joined, tuple(clauses))
    day = view.day.isoformat()
    found = choice.sql(
        f"platform.iri, platform.label, {_HELD}", end="ORDER BY platform.label, document.iri"
    )
    rows = fetch(view, Clause(found.sql, (day, day, *sorted(kinds), *found.args)))
    return Scope(view, tuple(_held(*row) for row in rows))


def kinds_held(view: View, requirements: Iterable[str]) -> dict[str, set[str]]:
    """The kinds (slugs) of the documents that the release holds against each requirement (IRIs)."""
    found: dict[str, set[str]] = {iri: set() for iri in requirements}
    asked = among("requirement", {short(iri) for iri in found})
    text = f"""SELECT DISTINCT requirement, kind FROM finding
        JOIN document ON document.id = finding.document WHERE {asked.sql}"""
    for requirement, kind in fetch(view, Clause(text, asked.args)):
        found[ID + requirement].add(kind)
    return found


def _held(
    platform: str,
    label: str,
    document: str | None,
    kind: str | None,
    version: str | None,
    seen: int,
) -> Held:
    def full(iri: str | None) -> str | None:
        return None if iri is None else ID + iri

    return Held(ID + platform, label, full(document), kind, full(version), bool(seen and version))


def _platforms(held: Sequence[Held]) -> int:
    return len({each.platform for each in held})


def notice_of(view: View) -> str:
    """The notice of the method that made the release's findings; else that of this version."""
    method = view.reader.entity(methods.method("reading"))
    return str(method.one("notice")) if method else methods.NOTICE


def rows_of(
    view: View,
    rows: Sequence[tuple[Place, Callable[[], Any]]],
    descending: Sequence[bool],
    more: dict[str, Any],
) -> Paged:
    """A list of rows in the order of their places, a page at a time, each made when it is shown.

    The last value of a place names the row; `descending` has the direction of the others.
    """
    made = dict(rows)
    order = Order(tuple((cast(Any, None), way) for way in descending))
    return Paged(view, Listed(list(made), order), lambda place: made[tuple(place)](), more)
