"""Names of platforms and types of documents as people type them, and what they may have meant.

A name that nothing has is an error wherever an empty answer would look like knowledge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path

from clausegraph.api.errors import NothingToRemoveError
from clausegraph.api.ledger import Ledger
from clausegraph.api.named import shortened
from clausegraph.api.policyanswers import NothingCapturedError
from clausegraph.api.quotescope import scope
from clausegraph.api.reader import Reader
from clausegraph.loaders.gitopen import opened
from clausegraph.loaders.names import kind_of
from clausegraph.loaders.ota import plan
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.terms import vocabulary

_MOST = 12  # names that an error lists
_ALIKE = 0.75  # of two words, the share of letters in order from which one may be meant


class UnknownTypeError(ClausegraphError):
    """A type of document that looks like a known one and is none."""

    code = "document-type-unknown"


def advice(text: str, known: Iterable[str]) -> str:
    """What may have been meant, and what there is."""
    names = sorted(set(known), key=str.casefold)
    folded = {each.casefold(): each for each in names}
    near = [folded[each] for each in get_close_matches(text.casefold(), folded, 3, 0.6)]
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{meant}Known: {', '.join(names[:_MOST]) or 'none'}{more}."


def refuse_unknown(archive: Path, platform: str | None, document: str | None) -> None:
    """Raise `NothingCapturedError` where an archive on disk has nothing of what is named."""
    with opened(archive) as objects:
        found = {(each.platform, each.document) for each in plan(objects)}
    if platform is not None:
        _hold("platform", platform, {own for own, _ in found})
    if document is not None:
        _hold("document", document, {own for _, own in found})
        here = {own for its, own in found if platform in (None, its)}
        _hold(f"document of {platform}", document, here)


def refuse_unknown_type(reader: Reader, document: str) -> None:
    """Raise `NothingCapturedError` where a release has no document of a name or type."""
    if scope(reader, None, document).note:
        types = {own for e in reader.of_type("Document") if (own := e.one("documentType"))}
        _hold("document", document, types - {document})


def _hold(kind: str, text: str, known: Collection[str]) -> None:
    if text not in known:
        raise NothingCapturedError(
            f"there is no {kind} {shortened(text)!r} that was captured",
            hint=advice(text, known),
            value=shortened(text),
        )


def check_type(text: str) -> None:
    """Raise `UnknownTypeError` where a type looks like a known one and is none.

    It would be kept as some other document, which nothing examines. Other types are free.
    """
    known = [
        each.label
        for each in vocabulary().scheme("document-kind").concepts.values()
        if each.slug != "other"
    ]
    if kind_of(text) == "other" and any(_alike(text, each) for each in known):
        raise UnknownTypeError(
            f"there is no document type {shortened(text)!r}", hint=advice(text, known), value=text
        )


def _alike(text: str, known: str) -> bool:
    """Whether two names have as many words, each like its counterpart."""
    pairs = (text.casefold().split(), known.casefold().split())
    return len(pairs[0]) == len(pairs[1]) and all(
        SequenceMatcher(None, one, other).ratio() >= _ALIKE
        for one, other in zip(*pairs, strict=True)
    )


def nothing_to_remove(data: Path, platform: str, document: str | None) -> NothingToRemoveError:
    """The error for a name of which nothing is loaded, with what is."""
    with Ledger(data) as ledger:
        held = [each.identity for each in ledger.documents().values()]
    own = [each.document for each in held if platform in (each.platform, each.platform_id)]
    hint = advice(document or "", own) if own else advice(platform, {e.platform for e in held})
    named = shortened(platform) if document is None or not own else None
    said = repr(named) if named else f"{shortened(platform)!r} / {shortened(document or '')!r}"
    return NothingToRemoveError(f"nothing of {said} is loaded", hint=hint, value=platform)
