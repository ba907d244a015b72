"""Lists of findings and mappings: what the edges of documents, provisions and requirements share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from clausegraph.api.enums import MappingRelation
from clausegraph.api.findingfilters import FindingFilter, MappingFilter, OfMappings
from clausegraph.api.findingorders import PLACE, MappingOrder
from clausegraph.api.follow import Followed, Way, followed
from clausegraph.api.listing import Paged
from clausegraph.api.nodes import Node, View
from clausegraph.api.policyfilters import document_at, order_of
from clausegraph.api.policyrows import OPEN
from clausegraph.api.policyselect import Choice, Chosen, Clause, Key
from clausegraph.api.reader import Entity

_MAPPINGS = Way("provision", "mapping", "provision", (Key("requirement"),))


def mappings(
    view: View,
    of: tuple[Clause, ...],
    filter: OfMappings | None,
    order_by: list[MappingOrder] | None = None,
) -> Paged:
    """The mappings that meet conditions and a filter, by document where nobody says otherwise."""
    clauses = (*of, *(filter or MappingFilter()).own(view))
    return Paged(view, Chosen(view, Choice("mapping", clauses, order_of(order_by, ()))))


def of_version(view: View, version: Entity, wanted: FindingFilter) -> list[str]:
    """IRIs of findings that hold on days of a version, by requirement and first day."""
    start, end = version.one("validFrom"), version.one("validUntil")
    if start is None:
        return []
    days = (str(end) if end else OPEN, start.isoformat())
    own = document_at(version.one("document")), Clause("since <= ? AND until >= ?", days)
    wanted.ever = True
    choice = Choice("finding", (*own, *wanted.own(view)), PLACE)
    return Chosen(view, choice).iris()


def of_provisions(
    provisions: Sequence[Node],
    as_of: date | None = None,
    relation: list[MappingRelation] | None = None,
) -> list[Followed]:
    """The mappings of provisions that hold on the day, by requirement."""

    def wanted(view: View) -> tuple[Clause, ...]:
        return tuple(MappingFilter(relation=relation).own(view))

    return followed(provisions, lambda provision: provision.view.on(as_of), _MAPPINGS, wanted)
