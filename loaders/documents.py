"""Reads a user's own document file as Markdown: HTML, Markdown, PDF or plain text.

The common form of a text is Markdown as Open Terms Archive writes it, so that the same text in
another format gives the same provisions. Markdown is taken as it is; what is made of the others,
and what is left out, `html_text`, `pdf_text` and `plain_text` say.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from clausegraph.loaders import plain_text
from clausegraph.loaders.contained import ContainedError, Cost, contained
from clausegraph.loaders.document_errors import (
    DocumentFormatError,
    DocumentTooCostlyError,
    DocumentTooLargeError,
    DocumentUnreadableError,
)
from clausegraph.loaders.encoding import EncodingError, decoded, decoded_html
from clausegraph.loaders.ota import LIMIT

KINDS = {
    "html": "text/html",
    "markdown": "text/markdown",
    "pdf": "application/pdf",
    "text": "text/plain",
}
"""What a file can be said to be, with its media type."""

_SUFFIXES = {
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".pdf": "pdf",
    ".txt": "text",
    ".text": "text",
    "": "text",
}
_HTML = re.compile(
    rb"(?:\s|<\?xml[^>]{0,200}>|<!--(?:[^-]|-(?!->)){0,900}-->)*+<(?:!doctype\s+html|html|head|body)[\s>]",
    re.IGNORECASE,
)
_OTHERS = (
    (b"PK\x03\x04", "an office document or another ZIP file"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
_HEAD = 1024  # bytes in which a file says what it is
_LESS = "Save the document in another format, or only the part that matters."
_WHY = {
    "time": ("took longer to read than it may", _LESS),
    "memory": ("needs more memory to read than it may", _LESS),
    "size": ("becomes a larger text than it may", _LESS),
    "crash": ("ended its reader, which ran out of memory or met a fault of the file", _LESS),
    "broken": ("is not a PDF that can be read", "Open it in a viewer and print it to a new PDF."),
    "locked": ("is locked with a password", "Save it without a password."),
    "empty": (
        "has no text; its pages may be pictures",
        "Have the text recognised (OCR), or save the document in another format.",
    ),
    "fault": ("cannot be read: {}", "This is a fault of ClauseGraph: report it, with the file."),
}
"""Why a file could not be read, and what to do about it."""


@dataclass(frozen=True)
class DocumentText:
    """A document file as Markdown, with the SHA-256 and the size of the file's bytes.

    `notes` say what a reader should know of the conversion: what was left out, which pages of a PDF
    have no text.
    """

    text: str = field(repr=False)
    media_type: str
    sha256: str
    size: int
    notes: tuple[str, ...] = ()


def read_document(
    path: Path, *, kind: str | None = None, limit: int = LIMIT, cost: Cost | None = None
) -> DocumentText:
    """Read a file of at most `limit` bytes as Markdown.

    `kind` is one of `KINDS`; without it the content says what the file is (a PDF, a page of HTML),
    or else the suffix. Raises `DocumentTooLargeError`, `DocumentUnreadableError`,
    `DocumentFormatError`, and `DocumentTooCostlyError` where HTML or PDF goes over the `cost`.
    """
    data = _bytes(path, limit)
    kind = kind or _kind(path, data)
    if kind not in KINDS:
        hint = f"Say one of {', '.join(KINDS)}."
        raise DocumentFormatError(path, f"cannot be read as {kind!r}", hint=hint)
    text, notes = _read(path, kind, data, cost or Cost())
    if not text.strip():
        hint = "A page that scripts put together must be saved from a browser that has shown it."
        raise DocumentUnreadableError(path, "has no text", hint=hint)
    digest = hashlib.sha256(data).hexdigest()
    return DocumentText(text, KINDS[kind], digest, len(data), tuple(notes))


def _bytes(path: Path, limit: int) -> bytes:
    """The bytes of a file, of which no more than the limit are ever read."""
    try:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise DocumentUnreadableError(path, "is not a file", hint="Name a single file.")
            data = file.read(limit + 1) if about.st_size <= limit else b""
    except OSError as error:
        why = f"cannot be opened: {error.strerror}"
        raise DocumentUnreadableError(path, why, hint="Check the path and its rights.") from error
    if max(about.st_size, len(data)) > limit:
        raise DocumentTooLargeError(
            path,
            f"has {max(about.st_size, len(data))} bytes; {limit} are read at most",
            hint="Leave out what is not the document, or raise the limit.",
        )
    return data


def _kind(path: Path, data: bytes) -> str:
    """What a file is, by its content or else by its suffix."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        head = head.replace(b"\0", b"")[2:]
    if b"%PDF-" in head:
        return "pdf"
    if _HTML.match(head):
        return "html"
    for sign, name in _OTHERS:
        if head.startswith(sign):
            _unknown(path, f"is {name}")
    kind = _SUFFIXES.get(path.suffix.lower())
    return kind or _unknown(path, f"has the suffix {path.suffix!r}, which says nothing here")


def _unknown(path: Path, why: str) -> NoReturn:
    raise DocumentFormatError(
        path,
        why,
        hint=f"Save it as HTML, Markdown, PDF or text, or say which of {', '.join(KINDS)} it is.",
    )


def _read(path: Path, kind: str, data: bytes, cost: Cost) -> tuple[str, list[str]]:
    """The Markdown of a file's bytes and the notes on it."""
    try:
        match kind:
            case "pdf":
                return contained("pdf", data, cost)
            case "html":
                page, notes = decoded_html(data)
                text, more = contained("html", page.encode(), cost)
                return text, notes + more
            case "text":
                plain, notes = decoded(data)
                return plain_text.markdown(plain)[0], notes
            case _:
                return decoded(data)
    except EncodingError as error:
        raise DocumentUnreadableError(path, error.why, hint=error.hint) from None
    except ContainedError as error:
        raise _failure(path, error) from None


def _failure(path: Path, error: ContainedError) -> DocumentUnreadableError | DocumentTooCostlyError:
    """The error for a reading that ended without a result."""
    why, hint = _WHY[error.reason]
    if error.reason in {"time", "memory", "size", "crash"}:
        return DocumentTooCostlyError(path, why, hint=hint)
    return DocumentUnreadableError(path, why.format(error.detail), hint=hint)
