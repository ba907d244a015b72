"""GraphQL types of what documents say: provisions, where they stand, quotes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from clausegraph.api.enums import MappingRelation, SegmentKind
from clausegraph.api.findinglists import of_provisions
from clausegraph.api.follow import Followed, Way, at_once, first, followed, nodes
from clausegraph.api.listing import Paged, at, paged
from clausegraph.api.nodes import AsOf, Node, View, about, choice, edge, node_at, shows, text, value
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Clause, Key, fetch
from clausegraph.api.versiontypes import Version, versions
from clausegraph.ontology.iris import ID

if TYPE_CHECKING:
    from clausegraph.api.changetypes import Delta
    from clausegraph.api.mappingtypes import Mapping
    from clausegraph.api.policytypes import Document

Changes = "clausegraph.api.changetypes"
Policies = "clausegraph.api.policytypes"
OWN = "(SELECT id FROM provision WHERE iri = ?)"
PLACE = (Key("home"), Key("start", int))
"""The order of provisions where a client asks for none: by document, in reading order."""


@shows("Quote")
@strawberry.type(description=about("Quote"))
class Quote(Node):
    """Exact characters of one version."""

    version: Version = edge("version")
    provision: Provision = edge("provision")
    start: int = value("start")
    end: int = value("end")
    exact: str = text("exact")


@shows("Presence")
@strawberry.type(description=about("Presence"))
class Presence(Node):
    """A run of versions in which a provision stands."""

    provision: Provision = edge("provision")
    first_version: Version = edge("firstVersion")
    last_version: Version | None = edge("lastVersion")
    valid_from: date | None = value(
        "validFrom", "First day on which it stood in the last whole capture; null where on none."
    )
    valid_until: date | None = value(
        "validUntil", "Last day on which it stood in the last whole capture; null while it does."
    )
    quote: Quote = edge("quote")

    @strawberry.field(description=about("headingPath"))
    def heading_path(self) -> str:
        """The path; empty where no heading stands over it."""
        return str(self.entity.one("headingPath") or "")


@strawberry.type(description="That a wording follows an earlier one.")
class Succession:
    """A provision next to another in time."""

    provision: Provision = strawberry.field(description="The wording before, or after.")
    similarity: Decimal | None = strawberry.field(description=about("similarity"))
    delta: Annotated[Delta, strawberry.lazy(Changes)] | None = strawberry.field(
        description="The passage of a change in which the one took the other's place."
    )


_RUNS = Way("provision", "presence", "provision", (Key("first", int),))


def _presences(provisions: Sequence[Node]) -> list[Followed]:
    """The runs of provisions."""
    return followed(provisions, lambda provision: provision.view, _RUNS)


def _presence(provisions: Sequence[Node], as_of: date | None = None) -> list[Followed]:
    """The runs in which provisions stand on the day."""
    return followed(provisions, lambda provision: provision.view.on(as_of), _RUNS, _stands)


def _stands(view: View) -> tuple[Clause, ...]:
    return (Clause("? BETWEEN since AND until", (view.day.isoformat(),)),)


@shows("Provision")
@strawberry.type(description=about("Provision"))
class Provision(Node):
    """A passage of a document through its versions."""

    document: Annotated[Document, strawberry.lazy(Policies)] = edge("document")
    normalised_text: str = text("normalisedText")
    normalised_sha256: str = value("normalisedSha256")
    kind: SegmentKind = choice("segmentKind", SegmentKind)

    @strawberry.field(description="The unbroken runs of versions in which it stands, oldest first.")
    @at_once(_presences)
    def presences(self) -> list[Presence]:
        """All runs."""
        return nodes(_presences([self])[0])

    @strawberry.field(description="The run in which it stands on the day; null where in none.")
    @at_once(_presence, many=False)
    def presence(self, as_of: AsOf = None) -> Presence | None:
        """The run of the day."""
        return cast(Presence | None, first(_presence([self], as_of)[0]))

    @strawberry.field(
        description="The requirements that it touches on the day, by requirement; `INFERS` is our "
        "reasoning, not the text's."
    )
    @at_once(of_provisions)
    def mappings(
        self, as_of: AsOf = None, relation: list[MappingRelation] | None = None
    ) -> list[Annotated[Mapping, strawberry.lazy("clausegraph.api.mappingtypes")]]:
        """Mappings that hold on the day."""
        return nodes(of_provisions([self], as_of, relation)[0])

    @paged(Version, "The versions in which it stands, in the order of their archive.")
    def versions(self) -> Paged:
        """Versions of all runs; runs over accidents of capturing are apart from those over others."""
        run = (
            "EXISTS (SELECT 1 FROM presence WHERE presence.document = version.document "
            "AND presence.whole = version.whole AND version.ordinal BETWEEN first AND last "
            f"AND provision = {OWN}) AND document = (SELECT document FROM provision WHERE iri = ?)"
        )
        return versions(self.view, Clause(run, (short(self.entity.iri),) * 2))

    @strawberry.field(
        description="The first version that holds it, accidents of capturing included."
    )
    def first_seen(self) -> Version:
        """First version of all runs."""
        return self._version("first")

    @strawberry.field(
        description="The last version that holds it, accidents of capturing included."
    )
    def last_seen(self) -> Version:
        """Last version of all runs."""
        return self._version("last")

    def _version(self, column: str) -> Version:
        sql = f"SELECT iri FROM version WHERE id = (SELECT {column} FROM provision WHERE iri = ?)"
        found = fetch(self.view, Clause(sql, (short(self.entity.iri),)))
        return cast(Version, at(self.view, ID + found[0][0]))

    @strawberry.field(description="The earlier wording that it goes back to.")
    def predecessor(self) -> Succession | None:
        """The provision before."""
        own, earlier = self.entity.iri, self.entity.one("wasRevisionOf")
        return None if earlier is None else _succession(self.view, earlier, own, earlier)

    @strawberry.field(description="The later wordings that go back to it.")
    def successors(self) -> list[Succession]:
        """The provisions after."""
        own = self.entity.iri
        later = self.view.reader.referrers(own, "wasRevisionOf")
        return [_succession(self.view, own, iri, iri) for iri in later]


def _succession(view: View, earlier: str, later: str, shown: str) -> Succession:
    """One wording after another, with the first passage that shows it."""
    side = "(SELECT id FROM provision WHERE iri = ?)"
    sql = (
        "SELECT delta.iri FROM delta JOIN change ON change.id = delta.change "
        f"WHERE before = {side} AND after = {side} ORDER BY placed, place LIMIT 1"
    )
    found = fetch(view, Clause(sql, (short(earlier), short(later))))
    delta = at(view, ID + found[0][0]) if found else None
    return Succession(
        provision=cast(Provision, node_at(view, shown)),
        similarity=delta.entity.one("similarity") if delta else None,
        delta=cast(Any, delta),
    )
