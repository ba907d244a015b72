"""The coverage table for the command line, as text or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import orjson

from clausegraph.api.coverage import Coverage, CoverageCell, cover
from clausegraph.api.filters import identify, with_narrower
from clausegraph.api.graphql_http import view_now
from clausegraph.api.reader import slug
from clausegraph.api.releases import Releases
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings


def coverage_table(
    settings: Settings,
    day: date | None,
    jurisdictions: Sequence[str],
    topics: Sequence[str],
    as_json: bool,
) -> str:
    """Coverage on a day. Raises `UnknownIdError` for a jurisdiction or topic that is not there."""
    view = view_now(Served(Releases(settings.data)), replace(settings, max_nodes=10**9)).on(day)
    places = identify(view.reader, "jurisdiction", jurisdictions) if jurisdictions else None
    wanted = identify(view.reader, "topic", topics) if topics else None
    found = cover(view, places, wanted and with_narrower(view.reader, wanted))
    if as_json:
        return orjson.dumps(facts(found, view.day), option=orjson.OPT_INDENT_2).decode()
    return text(found, view.day)


def facts(found: Coverage, day: date) -> dict[str, Any]:
    """Coverage as plain data: the day, the counts with their denominator, the cells."""
    return {
        "asOf": day,
        "counts": {slug(c.state.value): {"cells": c.cells, "of": c.of} for c in found.counts()},
        "cells": [
            {
                "jurisdiction": slug(cell.jurisdiction.entity.iri),
                "topic": slug(cell.topic.entity.iri),
                "state": slug(cell.state.value),
                "nodes": [node.entity.iri for node in (*cell.versions, *cell.absences)],
            }
            for cell in found.cells
        ],
    }


def text(found: Coverage, day: date) -> str:
    """Coverage as a table of topics by jurisdictions."""
    from clausegraph.api.ask import written

    rows: dict[str, dict[str, str]] = {}
    for cell in found.cells:
        topic = slug(cell.topic.entity.iri)
        place = slug(cell.jurisdiction.entity.iri)
        rows.setdefault(topic, {"topic": topic})[place] = shown(cell)
    counts = ", ".join(f"{slug(c.state.value)} {c.cells} of {c.of}" for c in found.counts())
    return f"{written(list(rows.values()), 'table').decode()}as of {day}: {counts}"


def shown(cell: CoverageCell) -> str:
    """A cell in words; the kinds of emptiness never look the same."""
    if cell.versions:
        return f"{len(cell.versions)} in force"
    if cell.absences:
        return "none (known)"
    words = {"uncertain": "perhaps in force", "other-days": "on other days only"}
    return words.get(slug(cell.state.value), "not examined")
