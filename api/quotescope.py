"""What a quotation is looked for in: which documents a person names, and their captures.

Captures are rebuilt from a release: a version with the characters of its text. Accidents of
capturing are taken in like whole captures, for a quotation may come from one; each says its state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from pyoxigraph import NamedNode

from clausegraph.api.filters import identify
from clausegraph.api.named import names, shortened
from clausegraph.api.policyrows import Facts, short, slug
from clausegraph.api.reader import Entity, Reader
from clausegraph.loaders.capture import Capture
from clausegraph.loaders.names import slug as named
from clausegraph.ontology.iris import graph

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Captured(Capture):
    """A version of a release as a capture.

    `moment` is when it was captured, or the latest capture before it in its document where the
    archive's clock ran backwards. `days` are the first and last day on which it was the last whole
    version (no last one: it still is; no first one: on no day).
    """

    iri: str = ""
    document_iri: str = ""
    state: str = ""
    ordinal: int = 0
    moment: datetime = _NEVER
    days: tuple[date | None, date | None] = (None, None)

    def valid_on(self, day: date) -> bool:
        """Whether it was the last whole version of its document on a day."""
        first, last = self.days
        return first is not None and first <= day and (last is None or day <= last)


@dataclass(frozen=True)
class Scope:
    """The documents of a question (IRIs, sorted); `note` says why there are none."""

    documents: tuple[str, ...]
    note: str = ""


def scope(
    reader: Reader,
    platform: str | None = None,
    document: str | None = None,
    portfolio: Iterable[str] | None = None,
) -> Scope:
    """The documents that a person named; all of the release where nothing is named.

    Platforms and documents may be named by IRI, id or name, documents also by their type. What the
    release does not have leaves nothing to search, and the note names what comes near. Raises
    `UnknownIdError` for an unknown portfolio, which is the person's own.
    """
    chosen = reader.of_type("Document")
    if portfolio is not None:
        lists = reader.entities(sorted(identify(reader, "portfolio", portfolio)))
        members = {iri for each in lists for iri in each.all("platforms")}
        chosen = [each for each in chosen if each.one("platform") in members]
    if platform is not None:
        own = names(reader, "platform").find(platform)
        if own is None:
            return _unknown(reader, "platform", platform)
        chosen = [each for each in chosen if each.one("platform") == own]
    if document is not None:
        own = names(reader, "document").find(document)
        wanted = [each for each in chosen if each.iri == own or _is_type(each, document)]
        if not wanted:
            return _unknown(reader, "document", document, chosen if platform else ())
        chosen = wanted
    return Scope(tuple(each.iri for each in chosen))


def _is_type(document: Entity, text: str) -> bool:
    """Whether a text names the type of a document: as its id ends, as its kind, or in words."""
    if text.casefold() == str(document.one("documentType")).casefold():
        return True
    return named(text) in (slug(document.iri), slug(str(document.one("documentKind"))))


def _unknown(reader: Reader, kind: str, text: str, among: Sequence[Entity] = ()) -> Scope:
    """No documents, and what may have been meant: `among` are the documents of the platform."""
    if among:
        advice = f"There are {', '.join(slug(each.iri) for each in among[:5])}."
    else:
        advice = names(reader, kind).advice(text)
    return Scope((), f"Nothing was captured of a {kind} {shortened(text)!r}. {advice}")


class History:
    """The versions of one document in a release, read when they are needed."""

    def __init__(self, reader: Reader, document: str) -> None:
        """Take the IRI of a document."""
        self._document = document
        own = short(document).partition("/")[2]
        self._facts = Facts(reader.store, NamedNode(f"{graph('policies')}/{own}"))
        self._labels = _labels(reader, document)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The characters of each distinct text, by its SHA-256."""
        hashes = self._facts["sha256"]
        return {hashes[iri]: int(size) for iri, size in self._facts["characters"].items()}

    def captures(self, texts: dict[str, str]) -> list[Captured]:
        """The versions in the order of their archive; `texts` has those read so far, by SHA-256."""
        facts = self._facts
        own = {iri: facts["sha256"][iri] for iri in facts["content"]}
        for iri, sha in own.items():
            texts.setdefault(sha, facts["content"][iri])
        found: list[Captured] = []
        for iri in sorted(facts["ordinal"], key=lambda each: int(facts["ordinal"][each])):
            before = found[-1].moment if found else None
            found.append(self._capture(iri, texts[own[facts["text"][iri]]], before))
        return found

    def _capture(self, iri: str, text: str, before: datetime | None) -> Captured:
        facts = self._facts
        recorded = datetime.fromisoformat(facts["capturedAt"][iri])
        days = (facts[key].get(iri) for key in ("validFrom", "validUntil"))
        first, last = (date.fromisoformat(day) if day else None for day in days)
        return Captured(
            *self._labels,
            commit=facts["commit"].get(iri, ""),
            recorded=recorded,
            label=slug(facts["archiveLabel"].get(iri, "")),
            snapshot=None,
            sha256=facts["sha256"][iri],
            text=text,
            iri=iri,
            document_iri=self._document,
            state=slug(facts["captureState"][iri]),
            ordinal=int(facts["ordinal"][iri]),
            moment=max(recorded, before) if before else recorded,
            days=(first, last),
        )


def _labels(reader: Reader, document: str) -> tuple[str, str]:
    """The names of a document's platform and of its type."""
    own = reader.entity(document)
    platform = reader.entity(own.one("platform")) if own else None
    return str(platform and platform.one("label")), str(own and own.one("documentType"))


def size(reader: Reader, documents: Iterable[str]) -> int:
    """How many characters the distinct texts of some documents have."""
    sizes: dict[str, int] = {}
    for each in documents:
        sizes |= History(reader, each).sizes
    return sum(sizes.values())


def captures(
    reader: Reader, documents: Iterable[str], check: Callable[[], None] = lambda: None
) -> list[Captured]:
    """The captures of some documents, in the order of their moments; equal texts are one object.

    `check` is called between documents, and may raise to end it.
    """
    texts: dict[str, str] = {}
    found: list[Captured] = []
    for each in documents:
        check()
        found += History(reader, each).captures(texts)
    return sorted(found, key=lambda each: (each.moment, each.document_iri, each.ordinal))
