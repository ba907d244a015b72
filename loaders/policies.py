"""From the captures of one document to the nodes of its history.

A history is built as a whole from all captures in the order of their archive, so the same captures
give the same nodes whether they came at once or one by one. Its parts:

- `Version`s in order, and the `Text`s they lead to (one for all versions equal to the byte);
- `Provision`s, once for all versions that hold the same words, their `Presence`s (unbroken runs of
  versions) and the `Quote` with which each run begins;
- `Change`s between neighbours, with `Delta`s and `ChangedTerm`s unless it is an accident.

Whole captures and accidents make two sequences: a run of one is not broken by the other. After an
accident the repaired capture is compared with the last whole one as well (`bridges`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

from clausegraph.loaders.announced import announced_date
from clausegraph.loaders.capture import Capture
from clausegraph.loaders.capturestate import WHOLE, states
from clausegraph.loaders.changes import Change, compare
from clausegraph.loaders.historychanges import change_nodes
from clausegraph.loaders.historytexts import TextReader
from clausegraph.loaders.names import kind_of
from clausegraph.loaders.presences import presence_nodes, validity
from clausegraph.loaders.unit import Node, filled
from clausegraph.ontology.iris import concept, graph, mint

METHODS = ("normalise 1", "segment 1", "changes 1", "history 1")
"""What makes a history, each with its version; another version is another history."""

Compare = Callable[[str, str], Change]


@dataclass(frozen=True)
class Identity:
    """A document by its names and ids."""

    platform: str
    document: str
    platform_id: str
    document_id: str
    provider: str | None = None
    provider_id: str | None = None
    invented: bool = False
    source_address: str | None = None

    @property
    def label(self) -> str:
        """The document's name for people."""
        return f"{self.platform} {self.document}"

    def iri(self, kind: str, *parts: str) -> str:
        """The IRI of something within the document's history.

        The parts are made of letters, digits and hyphens, which need no encoding.
        """
        return "/".join((_base(kind, self.platform_id, self.document_id), *parts))

    @property
    def graph(self) -> str:
        """The named graph of the history."""
        return graph(f"policies/{self.platform_id}/{self.document_id}")

    def nodes(self) -> Iterator[Node]:
        """The provider, platform and document, which other sources may speak of too."""
        provider = self.provider_id and mint("provider", self.provider_id)
        if provider:
            yield {"id": provider, "type": "Provider", "label": self.provider}
        platform = {
            "id": mint("platform", self.platform_id),
            "type": "Platform",
            "label": self.platform,
            "provider": provider,
            "invented": self.invented or None,
        }
        yield filled(platform)
        document = {
            "id": self.iri("document"),
            "type": "Document",
            "label": self.label,
            "platform": mint("platform", self.platform_id),
            "documentType": self.document,
            "documentKind": concept("document-kind", kind_of(self.document)),
            "sourceAddress": self.source_address,
        }
        yield filled(document)


@cache
def _base(kind: str, platform_id: str, document_id: str) -> str:
    return mint(kind, platform_id, document_id)


class HistoryBuilder:
    """Makes the nodes of one document's history."""

    def __init__(
        self, identity: Identity, captures: Sequence[Capture], compared: Compare = compare
    ) -> None:
        """Take all captures in the order of their archive; `compared` may remember results."""
        self.identity = identity
        self.captures = captures
        self.compared = compared
        self.texts = TextReader(identity)
        self.changes = list(self._compare())
        self.states = states(captures, self.changes)

    def _compare(self) -> Iterator[Change]:
        """Compare neighbours; each text is read here, while its passages are at hand."""
        for before, after in pairwise(self.captures):
            self.texts.places(before)
            yield self.compared(before.text, after.text)

    @cached_property
    def versions(self) -> list[str]:
        """The IRI of each capture's version."""
        return [self.identity.iri("version", capture.key) for capture in self.captures]

    @cached_property
    def whole(self) -> list[int]:
        """Which captures hold the document."""
        return [at for at, state in enumerate(self.states) if state in WHOLE]

    @cached_property
    def first(self) -> dict[str, int]:
        """The place of the first whole capture that holds each provision."""
        found: dict[str, int] = {}
        for at in self.whole:
            for key in self.texts.places(self.captures[at]):
                found.setdefault(key, at)
        return found

    @cached_property
    def announced(self) -> list[str | None]:
        """The day that each capture gives of itself."""
        days = [announced_date(capture.text) for capture in self.captures]
        return [day.isoformat() if day else None for day in days]

    def nodes(self) -> Iterator[Node]:
        """All nodes of the history."""
        yield self._history()
        yield from self._versions()
        yield from presence_nodes(self)
        yield from change_nodes(self)
        yield from self.texts.nodes()

    def _history(self) -> Node:
        return {
            "id": self.identity.graph,
            "type": "History",
            "label": f"History of {self.identity.label}",
            "document": self.identity.iri("document"),
            "method": list(METHODS),
        }

    def _versions(self) -> Iterator[Node]:
        days = validity(self.captures, self.whole)
        last: dict[str, int] = {}
        for at, capture in enumerate(self.captures):
            earlier = last.get(capture.sha256)
            returns = earlier is not None and earlier < at - 1
            node = {
                "id": self.versions[at],
                "type": "Version",
                "label": f"{self.identity.label}, {capture.recorded:%Y-%m-%d}",
                "document": self.identity.iri("document"),
                "text": self.texts.text(capture),
                "sha256": capture.sha256,
                "ordinal": at + 1,
                "capturedAt": capture.recorded,
                "announcedDate": self.announced[at],
                "captureState": concept("capture-state", self.states[at]),
                "archiveLabel": concept("archive-label", capture.label),
                "commit": capture.commit,
                "snapshot": list(capture.snapshots),
                "engine": capture.engine,
                "mediaType": capture.media_type,
                "wasRevisionOf": self.versions[at - 1] if at else None,
                "returnsTo": self.versions[earlier] if returns and earlier is not None else None,
                "validFrom": days[at][0],
                "validUntil": days[at][1],
            }
            yield filled(node)
            last[capture.sha256] = at
        if self.captures:
            current = self.versions[self.whole[-1] if self.whole else -1]
            yield {"id": self.identity.iri("document"), "currentVersion": current}
