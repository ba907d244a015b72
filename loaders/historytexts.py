"""The texts of one document's versions, the provisions in them, and quotes from them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.deltas import passages
from clausegraph.loaders.unit import Node
from clausegraph.ontology.iris import concept

if TYPE_CHECKING:
    from clausegraph.loaders.policies import Identity

SHORT = 16
"""Hexadecimal digits of a hash that tell apart what one document holds."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a provision first stands in a text, and under which headings."""

    start: int
    end: int
    headings: tuple[str, ...]


def sha256_of(text: str) -> str:
    """The SHA-256 of a text or passage in UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class TextReader:
    """Reads each distinct text once and keeps what was found in all of them."""

    def __init__(self, identity: Identity) -> None:
        """Start with nothing read."""
        self.identity = identity
        self.revised: dict[str, list[str]] = {}
        self._texts: dict[str, Capture] = {}
        self._seen: dict[str, str] = {}
        self._places: dict[str, dict[str, Place]] = {}
        self._provisions: dict[str, tuple[str, str]] = {}
        self._quotes: dict[str, Node] = {}

    def text(self, capture: Capture) -> str:
        """The IRI of a capture's text."""
        sha = sha256_of(capture.text)
        self._texts[sha] = capture
        return self.identity.iri("text", sha[:SHORT])

    def places(self, capture: Capture) -> dict[str, Place]:
        """The provisions of a capture, by the SHA-256 of their words, in reading order."""
        if (found := self._places.get(capture.text)) is None:
            found = self._places[capture.text] = {}
            parts = passages(capture.text)
            seen = " ".join(each.seen for each in parts if each.seen)
            self._seen[capture.text] = sha256_of(seen)
            for each in parts:
                if each.seen:
                    part, key = each.segment, sha256_of(each.seen)
                    found.setdefault(key, Place(part.start, part.end, part.headings))
                    self._provisions.setdefault(key, (each.seen, part.kind))
        return found

    def provision(self, key: str) -> str:
        """The IRI of a provision by the SHA-256 of its words."""
        return self.identity.iri("provision", key[:SHORT])

    def quote(self, capture: Capture, version: str, span: tuple[int, int], key: str) -> str:
        """The IRI of a quote of a whole provision at its offsets in a capture."""
        start, end = span
        iri = self.identity.iri("quote", capture.key, f"{start}-{end}")
        if iri not in self._quotes:
            self._quotes[iri] = {
                "id": iri,
                "type": "Quote",
                "version": version,
                "provision": self.provision(key),
                "start": start,
                "end": end,
                "exact": capture.text[start:end],
            }
        return iri

    def _earlier(self, key: str) -> str | list[str] | None:
        """What a provision was a revision of: of several where they were merged."""
        found = [self.provision(each) for each in self.revised.get(key, ())]
        return found if len(found) > 1 else next(iter(found), None)

    def nodes(self) -> Iterator[Node]:
        """Everything that was read: texts, provisions, quotes."""
        for sha, capture in self._texts.items():
            self.places(capture)
            yield {
                "id": self.identity.iri("text", sha[:SHORT]),
                "type": "Text",
                "sha256": sha,
                "normalisedSha256": self._seen[capture.text],
                "content": capture.text,
                "characters": len(capture.text),
            }
        for key, (seen, kind) in self._provisions.items():
            yield {
                "id": self.provision(key),
                "type": "Provision",
                "label": shorten(seen, 80, placeholder="…"),
                "document": self.identity.iri("document"),
                "normalisedText": seen,
                "normalisedSha256": key,
                "segmentKind": concept("segment-kind", kind),
                "wasRevisionOf": self._earlier(key),
            }
        yield from self._quotes.values()
