"""Documents that stand for themselves by their SHA-256, so that a request can name instead of send.

Two kinds. Trusted documents lie in a folder of ``.graphql`` files and are there from the start;
where a server takes only these, nobody can ask anything else. Others register themselves: a request
that sends a document with its hash (Apollo's automatic persisted queries) makes it known until it
is pushed out by newer ones.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path

from clausegraph.ontology.errors import ClausegraphError

KEPT = 1_000
"""How many documents that registered themselves are kept."""
LONGEST = 20_000
"""Longer documents, in characters, are answered and not kept."""


class DocumentError(ClausegraphError):
    """A document is not known by its hash, is not the one of its hash, or is not trusted."""

    code = "PERSISTED_QUERY_NOT_FOUND"  # as Apollo's clients expect it


class DocumentHashError(ClausegraphError):
    """The document sent is not the one of the hash sent."""

    code = "document-hash-differs"


class UntrustedDocumentError(ClausegraphError):
    """This server answers trusted documents alone."""

    code = "document-not-trusted"


def sha256_of(text: str) -> str:
    """The hash by which a document is named."""
    return hashlib.sha256(text.encode()).hexdigest()


class Documents:
    """The documents that a server knows by their hash. Threads may share it."""

    def __init__(self, folder: Path | None = None, only_trusted: bool = False) -> None:
        """Read the trusted documents of a folder and below."""
        files = sorted(folder.rglob("*.graphql")) if folder else []
        texts = [path.read_text("utf-8") for path in files]
        self.trusted = {sha256_of(text): text for text in texts}
        self.only_trusted = only_trusted
        self._known: OrderedDict[str, str] = OrderedDict()
        self._changing = threading.Lock()

    def text(self, query: str | None, sha256: str | None) -> str:
        """The document that a request means; one that is sent with its hash becomes known.

        Raises `DocumentError`, `DocumentHashError` and `UntrustedDocumentError`.
        """
        if query is not None and sha256 is not None and sha256_of(query) != sha256.lower():
            raise DocumentHashError(
                "the document is not the one of its hash",
                hint="Send the SHA-256 of the document's exact text, in hexadecimal digits.",
                value=sha256[:80],
            )
        own = (sha256 or sha256_of(query or "")).lower()
        if own in self.trusted:
            return self.trusted[own]
        if self.only_trusted:
            raise UntrustedDocumentError(
                "this server answers trusted documents alone",
                hint="Ask whoever runs it to add the document to its folder.",
                value=own[:80],
            )
        return self._registered(own, query, keep=sha256 is not None)

    def _registered(self, own: str, query: str | None, *, keep: bool) -> str:
        if query is None:
            with self._changing:
                found = self._known.get(own)
            if found is None:
                raise DocumentError(
                    "PersistedQueryNotFound",
                    hint="Send the document together with its hash once.",
                    value=own[:80],
                )
            return found
        if keep and len(query) <= LONGEST:
            with self._changing:
                self._known[own] = query
                if len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return query
