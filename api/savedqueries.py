"""Which changes somebody wants: saved queries as filters, and what filters choose in a release."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import strawberry

from clausegraph.api.changetypes import NEWEST
from clausegraph.api.enums import DocumentKind, Significance
from clausegraph.api.nodes import Budget, View
from clausegraph.api.policyfilters import ChangeFilter
from clausegraph.api.policyselect import Choice, Chosen
from clausegraph.api.reader import Entity, Reader
from clausegraph.ontology.iris import concept

MEANING = Significance(concept("significance", "meaning"))
"""What is wanted where nobody says another significance: alerts are of changes of meaning."""
SECONDS = 10.0


def filter_of(query: Entity) -> ChangeFilter:
    """The filter that a saved query stands for."""
    kinds = [DocumentKind(iri) for iri in query.all("documentKinds")]
    portfolio = query.one("portfolio")
    return ChangeFilter(
        platform=_ids(query.all("platforms")),
        portfolio=_ids((portfolio,) if portfolio else ()),
        document=_ids(query.all("documents")),
        document_kind=kinds or None,
        significance=[Significance(iri) for iri in query.all("significances")] or [MEANING],
        silent=query.one("onlySilent") or None,
        text=query.one("contains"),
    )


def _ids(iris: Sequence[str]) -> list[strawberry.ID] | None:
    return [strawberry.ID(iri) for iri in iris] or None


def changes_of(
    reader: Reader, filters: Sequence[ChangeFilter], limit: int | None = None
) -> list[Entity]:
    """The newest changes that pass all filters, at most `limit` of them.

    Raises `UnknownIdError` where a filter names what the release does not have, `TooCostlyError`
    after ten seconds.
    """
    view = view_of(reader)
    clauses = [clause for each in filters for clause in (*each.clauses(view), *each.weight())]
    chosen = Chosen(view, Choice("change", tuple(clauses), NEWEST))
    return reader.entities(chosen.iris(-1 if limit is None else limit))


def view_of(reader: Reader) -> View:
    """A release as a feed looks at it: today, and not for ever."""
    budget = Budget(1, time.monotonic() + SECONDS)
    return View(reader, datetime.now(UTC).date(), budget)
