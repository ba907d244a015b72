"""What can be wrong with a user's own document file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from clausegraph.ontology.errors import ClausegraphError


class DocumentError(ClausegraphError):
    """A document file cannot be taken in; a more precise error says why."""

    code: ClassVar[str] = "document-error"

    def __init__(self, path: Path, why: str, *, hint: str) -> None:
        """Hold the file, what is wrong with it and what to do."""
        super().__init__(f"{str(path)!r} {why}", hint=hint, value=str(path))
        self.path = path


class DocumentTooLargeError(DocumentError):
    """A document file has more bytes than are read."""

    code: ClassVar[str] = "document-too-large"


class DocumentUnreadableError(DocumentError):
    """A document file is missing, damaged, locked, empty, or not in the encoding it should be in."""

    code: ClassVar[str] = "document-unreadable"


class DocumentFormatError(DocumentError):
    """A document file is neither HTML nor Markdown nor PDF nor plain text."""

    code: ClassVar[str] = "document-format-unknown"


class DocumentTooCostlyError(DocumentError):
    """Reading a document file took more time or memory than it may, or ended its reader."""

    code: ClassVar[str] = "document-too-costly"
