"""A capture: a document's text as somebody recorded it at a moment, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Capture:
    """A document's text as an archive recorded it in a commit, or as a person handed it over.

    `recorded` is the clock of whoever fetched it, in UTC, which may run backwards from one capture
    to the next. `commit` is empty for a file that was handed over. `label` is what the archive's
    subject says of it, one of ``first-record``, ``change``, ``technical``, ``manual`` and
    ``other``; it proves nothing about the text. `sha256` is of the bytes; for Markdown
    ``text.encode()`` gives them back. A text put together from several pages has several
    `snapshots`, of which `snapshot` is the first.
    """

    platform: str
    document: str
    commit: str
    recorded: datetime
    label: str
    snapshot: str | None
    sha256: str
    text: str = field(repr=False)
    snapshots: tuple[str, ...] = ()
    engine: str | None = None
    media_type: str = "text/markdown"

    @property
    def key(self) -> str:
        """What tells the capture from others of its document, the same on every machine."""
        if self.commit:
            return f"{self.recorded:%Y-%m-%d}-{self.commit[:12]}"
        return f"{self.recorded:%Y-%m-%dT%H%M%SZ}-{self.sha256[:12]}"
