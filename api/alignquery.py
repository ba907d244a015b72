"""How the requirements of one law relate to those of others: a matrix with its empty cells.

A cell without an alignment was not examined; that is another thing than the relation `none`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, cast

import strawberry

from clausegraph.api.enums import SetRelation
from clausegraph.api.facttypes import Alignment
from clausegraph.api.filters import Ids, UnknownIdError, identify, version_on, with_narrower
from clausegraph.api.findingdays import TopicIds
from clausegraph.api.findingscope import rows_of
from clausegraph.api.lawtypes import Requirement, RequirementVersion
from clausegraph.api.listing import Paged, paged, view_of
from clausegraph.api.named import shortened
from clausegraph.api.nodes import AsOf, Node, View, make, node_at
from clausegraph.api.paging import Connection
from clausegraph.api.reader import Entity, Reader
from clausegraph.ontology.iris import ID, concept

_TURNED = {
    concept("set-relation", "subset"): concept("set-relation", "superset"),
    concept("set-relation", "superset"): concept("set-relation", "subset"),
}
_KINDS = ("requirement", "absence")


@strawberry.type(description="A relation as it reads from the row's requirement.")
class AlignedPair:
    """An alignment with the other side named."""

    relation: SetRelation = strawberry.field(
        description="How the row's requirement relates to the counterpart."
    )
    counterpart: Node = strawberry.field(
        description="The other side: a requirement, or a known absence."
    )
    version: RequirementVersion | None = strawberry.field(
        description="What the counterpart says on the day; null for an absence."
    )
    alignment: Alignment = strawberry.field(
        description="The comparison, with its rationale, author and days."
    )


@strawberry.type(description="What is known of a requirement beside one other law.")
class AlignCell:
    """A cell of the matrix."""

    target: strawberry.ID = strawberry.field(description="The other law or place, as asked for.")
    examined: bool = strawberry.field(
        description="Whether anybody compared them; false says nothing about the law."
    )
    pairs: list[AlignedPair] = strawberry.field(description="The comparisons.")


@strawberry.type(description="A requirement with what is known beside each target.")
class AlignRow:
    """A row of the matrix."""

    requirement: Requirement = strawberry.field(description="The requirement.")
    version: RequirementVersion = strawberry.field(description="What it says on the day.")
    cells: list[AlignCell] = strawberry.field(description="A cell for each target.")


@strawberry.type(description="A matrix of requirements by targets.")
class AlignConnection(Connection[AlignRow]):
    """Rows with the numbers of cells."""

    cells: int = strawberry.field(description="How many cells the whole matrix has.")
    cells_examined: int = strawberry.field(description="In how many of them a comparison stands.")


@dataclass(frozen=True)
class _Row:
    """A requirement with its version of the day, and its alignments by target."""

    requirement: Entity
    version: Entity
    cells: tuple[tuple[str, tuple[Entity, ...]], ...]


@strawberry.type
class AlignQuery:
    """Questions that compare laws."""

    @paged(
        AlignConnection,
        "How requirements relate to those of other laws on the day, cell by cell; what nobody "
        "compared is shown as not examined.",
    )
    def align_requirements(
        self,
        info: strawberry.Info,
        source_: Annotated[
            strawberry.ID,
            strawberry.argument(
                name="source",
                description="A jurisdiction, instrument, requirement, or the beginning of the ids of "
                "some: us-ca, us-ca/ccpa, us-ca/ccpa-regulations/notice.",
            ),
        ],
        targets: Annotated[
            list[strawberry.ID],
            strawberry.argument(description="Jurisdictions, instruments or requirements likewise."),
        ],
        topic: TopicIds = None,
        as_of: AsOf = None,
    ) -> Paged:
        """A matrix by requirement."""
        return align(view_of(info, as_of), source_, targets, topic)


def align(view: View, source: str, targets: Sequence[str], topic: Ids = None) -> Paged:
    """The matrix of a source by targets. Raises `UnknownIdError` for what names nothing."""
    reader = view.reader
    columns = list(dict.fromkeys(targets))
    for each in columns:
        _known(reader, each)
    wanted = None
    if topic is not None:
        wanted = with_narrower(reader, identify(reader, "topic", topic))
    found = [
        _Row(each, version, tuple((target, _pairs(view, each, target)) for target in columns))
        for each in reader.entities(_known(reader, source))
        if (wanted is None or not wanted.isdisjoint(each.all("topic")))
        and (version := version_on(view, each.iri)) is not None
    ]
    rows = [
        ((str(each.requirement.one("label")), each.requirement.iri), partial(_made, view, each))
        for each in found
    ]
    cells = [pairs for each in found for _, pairs in each.cells]
    more = {"cells": len(cells), "cells_examined": sum(bool(pairs) for pairs in cells)}
    return rows_of(view, rows, [False], more)


def _known(reader: Reader, text: str) -> list[str]:
    """The requirements that a text names, or whose ids it begins. Raises `UnknownIdError`."""
    found = [iri for iri in reader.ids("Requirement") if _under(iri, text)]
    path = _path(text)
    if f"{ID}requirement/{path}" in found:
        return [f"{ID}requirement/{path}"]
    if not found:
        raise UnknownIdError(
            f"no requirement begins with {shortened(text)!r}",
            hint="Give a jurisdiction, an instrument or the beginning of the id of a requirement.",
            value=shortened(text),
        )
    return found


def _path(text: str) -> str:
    """What a text names, without the kind that it may begin with."""
    path = text.removeprefix(ID)
    kind, _, rest = path.partition("/")
    return rest if kind in ("jurisdiction", "instrument", *_KINDS) else path


def _under(iri: str, text: str) -> bool:
    """Whether a node of law belongs to what a text names; the beginning of a name ends at a dash."""
    path = _path(text)
    own = iri.removeprefix(ID).partition("/")[2]
    begins = path.count("/") == 2 and own.startswith(f"{path}-")
    return own == path or own.startswith(f"{path}/") or begins


def _pairs(view: View, requirement: Entity, target: str) -> tuple[Entity, ...]:
    """The alignments of the day that lead from a requirement to a target, either way round."""
    return tuple(
        each
        for key, other in (("alignsFrom", "alignsTo"), ("alignsTo", "alignsFrom"))
        for each in view.reader.back(requirement.iri, key, "Alignment")
        if each.holds_on(view.day) and _under(each.one(other), target)
    )


def _made(view: View, row: _Row) -> AlignRow:
    return AlignRow(
        requirement=cast(Any, make(view, row.requirement)),
        version=cast(Any, make(view, row.version)),
        cells=[
            AlignCell(
                target=strawberry.ID(target),
                examined=bool(pairs),
                pairs=list(_shown(view, row.requirement.iri, pairs)),
            )
            for target, pairs in row.cells
        ],
    )


def _shown(view: View, requirement: str, pairs: Sequence[Entity]) -> Iterator[AlignedPair]:
    for each in pairs:
        away = each.one("alignsFrom") == requirement
        other, relation = each.one("alignsTo" if away else "alignsFrom"), each.one("relation")
        version = version_on(view, other)
        yield AlignedPair(
            relation=SetRelation(relation if away else _TURNED.get(relation, relation)),
            counterpart=cast(Any, node_at(view, other)),
            version=cast(Any, version and make(view, version)),
            alignment=cast(Any, make(view, each)),
        )
