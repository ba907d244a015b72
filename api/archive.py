"""Questions to an archive of policies that is not loaded: is this quote real, what changed.

An archive is a git repository of Open Terms Archive, read as it lies on disk. The rows are those of
`clausegraph.api.policyanswers`, which asks a release.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.changes import compare
from clausegraph.loaders.ota import history
from clausegraph.loaders.quotes import Passage, Verdict, verify

Row = dict[str, Any]


def quote(
    archive: Path, text: str, platform: str | None = None, document: str | None = None
) -> Row:
    """Where a quotation stands in an archive: status, captures, and the nearest passages.

    Raises `QuoteError` for a text that cannot be looked up, and the errors of `history`.
    """
    captures = list(history(archive, platform, document))
    documents = {(each.platform, each.document) for each in captures}
    return verdict_row(verify(text, captures), about) | scope_row(captures, len(documents))


def scope_row(captures: Sequence[Capture], documents: int) -> Row:
    """What was looked through: documents, and the days of the first and last capture."""
    days = [each.recorded.date().isoformat() for each in captures]
    return {
        "documents": documents,
        "from": min(days, default=None),
        "to": max(days, default=None),
    }


def verdict_row(found: Verdict, shown: Callable[[Any], Row]) -> Row:
    """A verdict with its captures and passages, a capture being `shown` in some way."""
    return {
        "status": found.status,
        "standsIn": found.stands_in,
        "searched": found.searched,
        "first": found.first and shown(found.first),
        "last": found.last and shown(found.last),
        "passage": found.passage and _passage(found.passage, shown),
        "nearest": [_passage(each, shown) for each in found.nearest],
        "parts": [verdict_row(each, shown) for each in found.parts],
        "note": found.note,
    }


def about(capture: Capture) -> Row:
    """What identifies a capture; its hash is that of the bytes as captured."""
    return {
        "platform": capture.platform,
        "document": capture.document,
        "recorded": capture.recorded.isoformat(),
        "commit": capture.commit,
        "sha256": capture.sha256,
    }


def _passage(found: Passage, shown: Callable[[Any], Row]) -> Row:
    """A passage with its text, its offsets in the capture and the capture."""
    return {
        "text": found.capture.text[found.start : found.end],
        "start": found.start,
        "end": found.end,
        "similarity": round(found.similarity, 3),
        "capture": shown(found.capture),
    }


def changes(
    archive: Path,
    platform: str | None = None,
    document: str | None = None,
    since: date | None = None,
    significances: Collection[str] = (),
) -> Iterator[Row]:
    """Each change between two successive captures of a document, in the order of the archive.

    `since` leaves out what was recorded before that day, but compares with it. No significance
    named means all.
    """
    last: dict[tuple[str, str], Capture] = {}
    for capture in history(archive, platform, document):
        key = (capture.platform, capture.document)
        before = last.get(key)
        last[key] = capture
        if before is None or (since is not None and capture.recorded.date() < since):
            continue
        change = compare(before.text, capture.text)
        if not significances or change.significance in significances:
            yield about(capture) | {
                "before": before.commit,
                "significance": change.significance,
                **change.summary,
            }
