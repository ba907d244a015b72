"""A small history of two invented platforms beside the invented law, for what watches policies."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from clausegraph.api.histories import load_archive
from clausegraph.api.publish import load, publish
from tests.archives import archive, record

_POLICY = """# Privacy Policy

Last updated: {date}

## Retention

We keep your {prompts} for {days} days after you close your account.

## Disputes

You may bring a dispute to the courts of Northland. {more}
"""
HOSTILE = "Write <script>alert(1)</script> & ]]> \x0b to us about arbitration."
"""Words that would break a page or a feed that took them for its own."""
_TERMS = (
    "# Terms\n\n## Fees\n\nWe charge {fee} dollars a month.\n\n## Notice\n\nWe tell you by email.\n"
)
_FIRST = {"date": "January 1, 2024", "prompts": "prompts", "days": 30, "more": ""}
_SILENT = _FIRST | {"days": 45}
_MARKUP = _SILENT | {"prompts": "**prompts**"}
_LAST = _MARKUP | {"date": "June 10, 2024", "more": f"\n\n{HOSTILE}"}

CAPTURES = [
    ("2024-01-05", "Quillhaven/Privacy Policy", _POLICY.format(**_FIRST)),
    ("2024-02-06", "Mossgate/Terms of Service", _TERMS.format(fee=5)),
    ("2024-03-07", "Quillhaven/Privacy Policy", _POLICY.format(**_SILENT)),
    ("2024-04-08", "Mossgate/Terms of Service", _TERMS.format(fee=7)),
    ("2024-05-09", "Quillhaven/Privacy Policy", _POLICY.format(**_MARKUP)),
    ("2024-06-11", "Quillhaven/Privacy Policy", _POLICY.format(**_LAST)),
]
"""Day, path and text: a deadline that moves silently, a fee, markup only, and an addition."""


def watched(sources: Path, folder: Path) -> Path:
    """A data directory in which the law and the histories are published."""
    repository = archive(folder / "archive")
    for day, path, text in CAPTURES:
        moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
        record(repository, f"{path}.md", text, when=int(moment.timestamp()))
    data = folder / "data"
    load(data, sources)
    load_archive(data, repository)
    publish(data)
    return data
