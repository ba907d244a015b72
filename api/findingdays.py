"""The findings of a release by requirement, document and day, read when they are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Annotated

import strawberry

from clausegraph.api.filters import Ids, identify, with_narrower
from clausegraph.api.nodes import View
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Choice, Chosen, Clause, among, fetch
from clausegraph.api.problems import BadParameterError
from clausegraph.api.reader import Entity, slug
from clausegraph.ontology.iris import ID

UNREAD = frozenset({"language", "too-short"})
"""Reasons for which the rules read nothing of a text."""

TopicIds = Annotated[
    Ids, strawberry.argument(description="Topics, or groups of topics, such as right-to-correct.")
]
RequirementIds = Annotated[
    Ids, strawberry.argument(description="Requirements, such as us-ca/ccpa/right-to-correct.")
]
JurisdictionIds = Annotated[
    Ids, strawberry.argument(description="Jurisdictions, such as us-ca; all where null.")
]


def state(finding: Entity) -> str:
    """The slug of a finding's state."""
    return slug(finding.one("findingState"))


def findings(view: View, requirements: Iterable[str], *, every_day: bool = False) -> list[Entity]:
    """The findings on some requirements that hold on the day, or on any, of all documents."""
    asked = among("requirement", {short(iri) for iri in requirements})
    return _chosen(view, "finding", [asked], every_day=every_day)


def findings_on(
    view: View, requirements: Iterable[str], documents: Collection[str]
) -> list[Entity]:
    """The findings on some requirements that hold on the day, of some documents."""
    return [each for each in findings(view, requirements) if each.one("document") in documents]


def tensions_on(view: View, documents: Collection[str]) -> list[Entity]:
    """The findings of tension that hold on the day, of some documents."""
    found = _chosen(view, "finding", [Clause("state = 'tension'")])
    return [each for each in found if each.one("document") in documents]


def limits_on(
    view: View, requirements: Collection[str], documents: Collection[str]
) -> list[Entity]:
    """The mappings by which documents limit some requirements on the day."""
    asked = among("requirement", {short(iri) for iri in requirements})
    found = _chosen(view, "mapping", [asked, Clause("relation = 'limits'")])
    return [each for each in found if each.one("document") in documents]


def _chosen(
    view: View, table: str, clauses: Sequence[Clause], *, every_day: bool = False
) -> list[Entity]:
    of_day = Clause("? BETWEEN since AND until", (view.day.isoformat(),))
    choice = Choice(table, tuple(clauses) if every_day else (*clauses, of_day))
    return view.reader.entities(Chosen(view, choice).iris())


def examined(found: Iterable[Entity]) -> set[str]:
    """The documents of findings of which at least one says more than that nobody could look."""
    return {each.one("document") for each in found if state(each) != "not-examined"}


def unread(found: Iterable[Entity]) -> set[str]:
    """The documents of findings whose text no rule could read."""
    return {
        each.one("document")
        for each in found
        if state(each) == "not-examined" and slug(each.one("findingReason") or "") in UNREAD
    }


def asked(view: View, topic: Ids, requirement: Ids, jurisdiction: Ids = None) -> list[str]:
    """The requirements that are named, or are on a topic named and that documents are held against.

    Raises `UnknownIdError`, and `BadParameterError` where neither is named or nothing is found.
    """
    reader = view.reader
    named = identify(reader, "requirement", requirement or ())
    wanted = with_narrower(reader, identify(reader, "topic", topic or ()))
    on_topic = {each for iri in wanted for each in reader.referrers(iri, "topic")}
    rows = fetch(view, Clause("SELECT DISTINCT requirement FROM finding"))
    held = on_topic.intersection(ID + iri for (iri,) in rows)
    found = sorted(named | held)
    if jurisdiction is not None:
        places = identify(reader, "jurisdiction", jurisdiction)
        entities = reader.entities(found)
        found = [each.iri for each in entities if each.one("jurisdiction") in places]
    if not found:
        raise BadParameterError(
            "no requirement that documents are held against is asked for",
            hint="Name requirements, or a topic on which findings exist.",
            value=", ".join([*(topic or ()), *(requirement or ())]),
        )
    return found
