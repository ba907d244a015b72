"""Invented documents that are held against the whole law: what the tests of findings look at.

Three platforms: Alphabird, whose policy gains a right to correct on 2024-06-01; Betafish, whose
policy says little and sells nothing; and Gammaroach, of which there are terms of service alone.
A fourth comes with the law, which tells of claims about it; nothing of it was captured.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clausegraph.api.histories import File, load_files
from clausegraph.api.publish import load, publish
from clausegraph.loaders.historyjob import HandedOver
from tests.published import once
from tests.small_histories import at

ALPHA = """# Alphabird Privacy Policy

Last updated: {date}

## What we collect

We collect the following categories of personal information:

- Identifiers, such as your name and email address
- Internet activity, such as pages that you look at

We collect it from you directly and from your device. We use it to provide the service to you, to
keep it safe, and to answer your questions.

## Your rights

You have the right to request access to your personal information{correct}, and the right to
request that we delete it. We will not discriminate against you for using these rights.

## Contact

Write to us at privacy@alphabird.example with any question about this policy.
"""
BETA = """# Betafish Privacy Policy

## What we do with data

We take names and addresses of people who write to us and keep them in a drawer for as long as the
account is open. We share them with nobody, and we do not sell personal information.

## Changes

We may change this notice and then post the new one here, so that you can read it at leisure.
"""
ALPHABIRD = "alphabird/privacy-policy"
TERMS = (
    """# Gammaroach Terms

You may use the crumbs and all of the cracks free of charge.
"""
    * 3
)


def capture(folder: Path, name: str, text: str, day: str) -> File:
    """A capture of a platform's policy."""
    path = folder / f"{name}-{day}.md"
    path.write_text(text)
    moment = datetime.fromtimestamp(at(day), UTC)
    return File(name, "Privacy Policy", HandedOver(path, moment))


def shared(factory: pytest.TempPathFactory) -> Path:
    """The data directory that `judged` makes, once a session; nobody may change it."""
    return once(factory, "judged", judged) / "data"


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
