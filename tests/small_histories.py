"""A small archive of invented policies: what the tests of the index and of GraphQL look at.

Two platforms, three documents, in UTC:

- Tidepool Privacy Policy: 2024-01-10, a silent change of a deadline on 2024-02-10, other markup on
  2024-03-10, an error page on 2024-04-10, repaired with another wording and date on 2024-04-12;
- Tidepool Terms of Service: 2024-01-10, a change without any date on 2024-02-10;
- Saltmarsh Privacy Policy: 2024-01-20, an announced change on 2024-02-10, at the same moment.
"""

from __future__ import annotations

import functools
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from clausegraph.api.histories import load_archive
from clausegraph.api.nodes import Budget, View
from clausegraph.api.publish import publish
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.schema import build
from tests.archives import archive, record

TODAY = date(2026, 11, 24)
schema = functools.cache(build)
PRIVACY = """# Tidepool privacy

Last updated: {date}

## Keeping

{first}We keep your letters for {days} days after you close your account.

## Your choices

### California

You may ask us to delete your drafts, and we shall answer you in writing.

We do not sell what you write to anybody, "whatever they may offer" for a look at it.
"""
TERMS = """# Tidepool terms

You may use the desk and everything on it free of charge, by day and by night.

Whoever breaks a lamp, tears a page or wakes the cat has to make good for it without delay.

Any dispute goes to {court}, and to nobody else.
"""
SALTMARSH = """# Saltmarsh privacy

Last updated: {date}

We keep your maps for {days} days, and we delete them then, whether or not you ask us to do so.

We do not sell what you write to anybody, and we do not read it to each other in the evenings.
"""
PRIVACY_PATH = "Tidepool/Privacy Policy.md"
TERMS_PATH = "Tidepool/Terms of Service.md"
SALTMARSH_PATH = "Saltmarsh/Privacy Policy.md"
CHANGED = "2024-02-10"
"""The day on which all three documents changed, at one moment."""
POLICY = "tidepool/privacy-policy"
OLD, NEW = "30 days", "45 days"
"""The deadline before and after the silent change."""
PAGES = """query($first: Int, $after: String, $last: Int, $before: String, $f: ChangeFilter,
    $by: [ChangeOrder!]) { changes(first: $first, after: $after, last: $last, before: $before,
    filter: $f, orderBy: $by) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor
    endCursor } edges { cursor node { id observedAt } } } }"""
"""A page of changes."""
SEARCH = """query($text: String!, $f: ProvisionFilter, $day: Date, $first: Int, $after: String) {
    searchProvisions(text: $text, filter: $f, asOf: $day, first: $first, after: $after) { totalCount
    pageInfo { hasNextPage endCursor } nodes { score text { text hit } heading { text hit }
    provision { normalisedText document { id } } } } }"""
"""A page of a search in passages."""


def at(day: str, hour: int = 12) -> int:
    """A moment of a day as git's clock has it."""
    return int(datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC).timestamp())


def privacy(days: int = 30, when: str = "January 1, 2024", first: str = "") -> str:
    """The privacy policy of Tidepool."""
    return PRIVACY.format(days=days, date=when, first=first)


def small_archive(folder: Path) -> Path:
    """The archive that the docstring above tells of."""
    archive(folder)
    marked = privacy(45).replace("## Keeping", "**Keeping**").replace("You may", "You *may*")
    marked += "\n<!-- a note that nobody sees -->\n"
    error = "# Error 503\n\nService unavailable. Please try again later.\n"
    later = privacy(45, "April 11, 2024", "We keep nothing that you throw away. ")
    record(folder, PRIVACY_PATH, privacy(), when=at("2024-01-10"))
    record(folder, TERMS_PATH, TERMS.format(court="the courts of Norwick"), when=at("2024-01-10"))
    record(folder, SALTMARSH_PATH, SALTMARSH.format(days=90, date="1 January 2024"),
           when=at("2024-01-20"))  # fmt: skip
    record(folder, PRIVACY_PATH, privacy(45), when=at(CHANGED))
    record(folder, TERMS_PATH, TERMS.format(court="arbitration in Norwick"), when=at(CHANGED))
    record(folder, SALTMARSH_PATH, SALTMARSH.format(days=60, date="9 February 2024"),
           when=at(CHANGED))  # fmt: skip
    record(folder, PRIVACY_PATH, marked, when=at("2024-03-10"))
    record(folder, PRIVACY_PATH, error, when=at("2024-04-10"))
    record(folder, PRIVACY_PATH, later, when=at("2024-04-12"))
    return folder


def small_release(folder: Path) -> Path:
    """A data directory in which the archive is published."""
    load_archive(folder / "data", small_archive(folder / "clone"))
    publish(folder / "data")
    return folder / "data"


def reader_of(data: Path) -> Reader:
    """A reader of the release that is served."""
    return Reader(Releases(data).current())


class Asker:
    """Asks a release in GraphQL."""

    def __init__(self, reader: Reader, nodes: int = 100_000) -> None:
        """Answer with so many nodes at most."""
        self.reader, self.nodes = reader, nodes
        self.schema = schema()
        self.spent = 0

    def result(self, query: str, **variables: Any) -> Any:
        """The result with its errors."""
        view = View(self.reader, TODAY, Budget(self.nodes, time.monotonic() + 60))
        found = self.schema.execute_sync(query, variables, context_value={"view": view})
        self.spent = self.nodes - view.budget.nodes
        return found

    def __call__(self, query: str, **variables: Any) -> Any:
        """The data of an answer that has no errors."""
        found = self.result(query, **variables)
        assert found.errors is None, found.errors
        return found.data

    def error(self, query: str, **variables: Any) -> Any:
        """The error of ours that an answer has."""
        errors = self.result(query, **variables).errors
        assert errors
        return errors[0].original_error
