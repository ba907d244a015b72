"""Releases that tell themselves apart: an invented platform whose documents all name one number.

Each edition replaces the documents of the one before, at the same time of capture, so that the graph
does not grow; everything in an answer that names the number must name the same.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from clausegraph.api.histories import File, load_files, remove
from clausegraph.api.publish import publish
from clausegraph.api.releases import Releases
from clausegraph.api.store import writing
from clausegraph.loaders.historyjob import HandedOver

PLATFORM = "marrowfen"
DOCUMENTS = ("Privacy Policy", "Terms of Service", "Trackers Policy")
PAGE = f"/id/document/{PLATFORM}/privacy-policy"
"""The page of the first document, which names its version by the start of its digest."""
KEPT = 3
"""Releases that stay on the disk; a server still answers from one or two of them."""
_CAPTURED = datetime(2026, 3, 1, tzinfo=UTC)


def sentence(number: int) -> str:
    """What every document of an edition says."""
    return f"We keep your email address for {number} days."


def text(document: str, number: int) -> str:
    """A document of an edition."""
    return (
        f"# {document}\n\nEdition {number} of the document.\n\n{sentence(number)}\n\n"
        "We do not sell your personal information.\n"
    )


def digest(number: int) -> str:
    """The start of the digest of an edition's first document, as its version's id has it."""
    return hashlib.sha256(text(DOCUMENTS[0], number).encode()).hexdigest()[:12]


def bring_out(data: Path, number: int) -> str:
    """Publish an edition; gives the release's id."""
    remove(data, PLATFORM)
    folder = data / "edition"
    folder.mkdir(exist_ok=True)
    files = []
    for name in DOCUMENTS:
        path = folder / f"{name}.md"
        path.write_text(text(name, number), encoding="utf-8")
        files.append(
            File(PLATFORM, name, HandedOver(path, _CAPTURED), "Marrowfen Ltd", invented=True)
        )
    load_files(data, files)
    release = publish(data)
    with writing(data):
        Releases(data).prune(KEPT)
    return release.id
