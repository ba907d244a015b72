"""Invented documents that are held against the whole law: what the tests of findings look at.

Three platforms: Alphabird, whose policy gains a right to correct on 2024-06-01; Betafish, whose
policy says little and sells nothing; and Gammaroach, of which there are terms of service alone.
A fourth comes with the law, which tells of claims about it; nothing of it was captured.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from clausegraph.api.histories import File, load_files
from clausegraph.api.publish import load, publish
from clausegraph.loaders.historyjob import HandedOver
from tests.small_histories import at
from tests.test_examine import ALPHA, BETA, capture

ALPHABIRD = "alphabird/privacy-policy"
TERMS = (
    """# Gammaroach Terms

You may use the crumbs and all of the cracks free of charge.
"""
    * 3
)


def judged(folder: Path) -> Path:
    """A data directory below a folder, in which the law and the documents are published."""
    data = folder / "data"
    load(data)
    before = ALPHA.format(date="January 5, 2024", correct="")
    after = ALPHA.format(date="June 1, 2024", correct=", the right to correct it")
    files = [
        capture(folder, "Alphabird", before, "2024-01-10"),
        capture(folder, "Alphabird", after, "2024-06-01"),
        capture(folder, "Betafish", BETA * 3, "2024-03-01"),
        terms(folder),
    ]
    load_files(data, files)
    publish(data)
    return data


def terms(folder: Path) -> File:
    """A capture of terms of service."""
    path = folder / "terms.md"
    path.write_text(TERMS)
    moment = datetime.fromtimestamp(at("2024-01-10"), UTC)
    return File("Gammaroach", "Terms of Service", HandedOver(path, moment))
