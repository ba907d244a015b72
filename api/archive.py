"""Questions to an archive of policies that is not loaded: is this quote real, what changed.

An archive is a git repository of Open Terms Archive, read as it lies on disk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
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
    return _verdict(verify(text, list(history(archive, platform, document))))


def _verdict(found: Verdict) -> Row:
    return {
        "status": found.status,
        "standsIn": found.stands_in,
        "searched": found.searched,
        "first": _capture(found.first),
        "last": _capture(found.last),
        "passage": _passage(found.passage),
        "nearest": [_passage(each) for each in found.nearest],
        "parts": [_verdict(each) for each in found.parts],
        "note": found.note,
    }


def _capture(found: Capture | None) -> Row | None:
    return None if found is None else _about(found)


def _about(capture: Capture) -> Row:
    """What identifies a capture; its hash is that of the bytes as captured."""
    return {
        "platform": capture.platform,
        "document": capture.document,
        "recorded": capture.recorded.isoformat(),
        "commit": capture.commit,
        "sha256": capture.sha256,
    }


def _passage(found: Passage | None) -> Row | None:
    """A passage with its text, its offsets in the capture and the capture."""
    if found is None:
        return None
    return {
        "text": found.capture.text[found.start : found.end],
        "start": found.start,
        "end": found.end,
        "similarity": round(found.similarity, 3),
        "capture": _about(found.capture),
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
            yield _about(capture) | {
                "before": before.commit,
                "significance": change.significance,
                **change.summary,
            }
