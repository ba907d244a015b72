"""Changes in numbers: by group and significance, and how many of meaning were silent.

No number stands without the one that it is a part of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import sqrt
from typing import cast

import strawberry

from clausegraph.api.cursors import Place
from clausegraph.api.enums import DocumentKind, Significance
from clausegraph.api.listing import Paged, at
from clausegraph.api.nodes import View
from clausegraph.api.paging import Listed, Order
from clausegraph.api.policyfilters import ChangeFilter
from clausegraph.api.policyselect import Choice, fetch
from clausegraph.api.policytypes import Document, Platform
from clausegraph.ontology.iris import ID, concept

_Z = 1.959963984540054  # the normal deviate of a 95 % interval


_DOCUMENT = "FROM document WHERE document.id = change.document"


@strawberry.enum(description="What changes are counted by.")
class ChangeGroup(Enum):
    """The groups that can be crossed with one another."""

    PLATFORM = strawberry.enum_value("platform", description="Platforms.")
    DOCUMENT = strawberry.enum_value("document", description="Documents.")
    DOCUMENT_KIND = strawberry.enum_value("kind", description="Kinds of document.")
    YEAR = strawberry.enum_value("year", description="Years of observation (UTC).")


_COLUMNS = {
    ChangeGroup.PLATFORM: "(SELECT iri FROM platform "
    f"WHERE platform.id = (SELECT document.platform {_DOCUMENT}))",
    ChangeGroup.DOCUMENT: f"(SELECT document.iri {_DOCUMENT})",
    ChangeGroup.DOCUMENT_KIND: f"(SELECT document.kind {_DOCUMENT})",
    ChangeGroup.YEAR: "substr(observed, 1, 4)",
}


@strawberry.type(description="A share with what it is a share of.")
class Share:
    """A number among others, with Wilson's interval."""

    count: int = strawberry.field(description="How many.")
    of: int = strawberry.field(description="Of how many.")
    share: float | None = strawberry.field(description="`count` by `of`; null where `of` is 0.")
    low: float | None = strawberry.field(description="Lower end of Wilson's 95 % interval.")
    high: float | None = strawberry.field(description="Upper end of Wilson's 95 % interval.")


@strawberry.type(description="How many changes of a group have a significance.")
class SignificanceShare:
    """A significance with its number."""

    significance: Significance = strawberry.field(description="The significance.")
    count: int = strawberry.field(description="How many changes.")
    of: int = strawberry.field(description="All changes of the group.")


@strawberry.type(description="The changes of one group in numbers.")
class ChangeStats:
    """A group; what it is not grouped by is null."""

    platform: Platform | None = strawberry.field(description="The platform of the group.")
    document: Document | None = strawberry.field(description="The document of the group.")
    document_kind: DocumentKind | None = strawberry.field(description="The kind of document.")
    year: int | None = strawberry.field(description="The year in which they were observed.")
    total: int = strawberry.field(description="All changes of the group that the filter takes in.")
    by_significance: list[SignificanceShare] = strawberry.field(
        description="The same by significance, of every one that the closed list has."
    )
    meaning: int = strawberry.field(description="Those of meaning: silent, announced and unknown.")
    silent: int = strawberry.field(
        description="Of these, those under an announced date that stayed the same."
    )
    announced: int = strawberry.field(description="Of these, those under another announced date.")
    unknown: int = strawberry.field(
        description="Of these, those where one of the two versions announces no date."
    )
    silent_share: Share = strawberry.field(
        description="The silent ones among those of which it is known."
    )


@dataclass
class _Group:
    """The numbers of one group."""

    by_significance: dict[str, int] = field(default_factory=dict)
    by_silence: dict[int | None, int] = field(default_factory=dict)

    def add(self, significance: str, silent: int | None, count: int) -> None:
        """Count some changes."""
        known = self.by_significance
        known[significance] = known.get(significance, 0) + count
        if significance == "meaning":
            self.by_silence[silent] = self.by_silence.get(silent, 0) + count


def stats(view: View, groups: Sequence[ChangeGroup], filter: ChangeFilter) -> Paged:
    """The changes of a filter by groups, in the order of these."""
    by = list(dict.fromkeys(groups))
    columns = "".join(f"{_COLUMNS[group]}, " for group in by) + "significance, silent"
    chosen = Choice("change", (*filter.clauses(view), *filter.weight()))
    found: dict[Place, _Group] = {}
    for *key, significance, silent, count in fetch(
        view, chosen.sql(f"{columns}, count(*)", (), f"GROUP BY {columns}")
    ):
        found.setdefault((*key, ""), _Group()).add(significance, silent, count)
    order = Order(tuple((str, False) for _ in by))
    return Paged(view, Listed(list(found), order), lambda place: _shown(view, by, place, found))


def _shown(
    view: View, by: Sequence[ChangeGroup], place: Place, found: dict[Place, _Group]
) -> ChangeStats:
    numbers, key = found[place], dict(zip(by, place, strict=False))
    total = sum(numbers.by_significance.values())
    silent, announced = (numbers.by_silence.get(known, 0) for known in (1, 0))
    platform, document = key.get(ChangeGroup.PLATFORM), key.get(ChangeGroup.DOCUMENT)
    kind, year = key.get(ChangeGroup.DOCUMENT_KIND), key.get(ChangeGroup.YEAR)
    return ChangeStats(
        platform=cast(Platform, at(view, ID + platform)) if platform else None,
        document=cast(Document, at(view, ID + document)) if document else None,
        document_kind=DocumentKind(concept("document-kind", kind)) if kind else None,
        year=int(year) if year else None,
        total=total,
        by_significance=_significances(numbers, total),
        meaning=numbers.by_significance.get("meaning", 0),
        silent=silent,
        announced=announced,
        unknown=numbers.by_silence.get(None, 0),
        silent_share=share(silent, silent + announced),
    )


def _significances(numbers: _Group, total: int) -> list[SignificanceShare]:
    found = [(member, str(member.value).rpartition("/")[2]) for member in Significance]
    return [
        SignificanceShare(significance=member, count=numbers.by_significance.get(name, 0), of=total)
        for member, name in found
    ]


def share(count: int, of: int) -> Share:
    """A share with Wilson's interval, which stays within 0 and 1 for small numbers, too."""
    if not of:
        return Share(count=count, of=of, share=None, low=None, high=None)
    part, weight = count / of, 1 + _Z * _Z / of
    middle = (part + _Z * _Z / (2 * of)) / weight
    half = _Z * sqrt(part * (1 - part) / of + _Z * _Z / (4 * of * of)) / weight
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Share(count=count, of=of, share=part, low=low, high=high)
