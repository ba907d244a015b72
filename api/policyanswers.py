"""Questions to a release from the command line: is this quote real, what changed.

The rows have the keys of `clausegraph.api.archive`, which asks an archive as it lies on disk, and
besides what only a release knows: ids and states of versions, passages of changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date

from clausegraph.api.archive import Row, about, scope_row, verdict_row
from clausegraph.api.policyrows import Facts, place, short, slug
from clausegraph.api.quotescope import Captured, scope
from clausegraph.api.quoteservice import Question, ask
from clausegraph.api.reader import Entity, Reader
from clausegraph.api.releases import Releases
from clausegraph.api.settings import Settings
from clausegraph.ontology.errors import ClausegraphError

KINDS = ("added", "removed", "reworded", "moved", "split", "merged")


class NothingCapturedError(ClausegraphError):
    """A platform or document that was asked for was never captured."""

    code = "nothing-captured"


def quote(settings: Settings, question: Question, today: date) -> Row:
    """Where a quotation stands in the current release, and whether it stands there on a day.

    Raises `NoReleaseError` and what `quoteservice.ask` raises.
    """
    reader = Reader(Releases(settings.data).current())
    answer = ask(reader, question, settings.quote_characters)
    parts = [{"text": text} | verdict_row(verdict, _capture) for text, verdict in answer.parts]
    return (
        verdict_row(answer.verdict, _capture)
        | scope_row(answer.searched, answer.documents)
        | {
            "standsOnDay": answer.stands_on(question.until or today),
            "repairedIn": len(answer.alike),
            "versions": [short(each.iri) for each in answer.versions],
            "parts": parts,
            "note": answer.note,
            "release": reader.release.id,
        }
    )


def changes(
    settings: Settings,
    platform: str | None = None,
    document: str | None = None,
    portfolio: Collection[str] = (),
    since: date | None = None,
    significances: Collection[str] = (),
) -> Iterator[Row]:
    """Each change of the current release that is asked for, in the order in which it was observed.

    No significance named means all. Raises `NothingCapturedError` where what is named has no
    captures, `UnknownIdError` for a portfolio, and `NoReleaseError`.
    """
    reader = Reader(Releases(settings.data).current())
    found = scope(reader, platform, document, portfolio or None)
    if found.note:
        raise NothingCapturedError(
            found.note.partition(". ")[0], hint=found.note.partition(". ")[2]
        )
    for change in _chosen(reader, set(found.documents), since, significances):
        yield _row(reader, change)


def _chosen(
    reader: Reader, documents: Collection[str], since: date | None, significances: Collection[str]
) -> list[Entity]:
    """The changes, by the moments at which they were observed."""
    facts = Facts(reader.store, None)
    kept = [
        (when, iri)
        for iri, when in facts["observedAt"].items()
        if facts["document"][iri] in documents
        and (since is None or when >= since.isoformat())
        and (not significances or slug(facts["significance"][iri]) in significances)
    ]
    return reader.entities([iri for _, iri in sorted(kept)])


def _capture(capture: Captured) -> Row:
    """What identifies a version."""
    return about(capture) | {"version": short(capture.iri), "state": capture.state}


def _row(reader: Reader, change: Entity) -> Row:
    """A change with its passages and terms."""
    document, before, after = reader.entities(
        [change.one(key) for key in ("document", "fromVersion", "toVersion")]
    )
    platform = reader.entity(document.one("platform"))
    deltas = _numbered(reader.back(change.iri, "change", "Delta"))
    accident = change.one("accident")
    return {
        "platform": platform and platform.one("label"),
        "document": document.one("documentType"),
        "recorded": change.one("observedAt").isoformat(),
        "commit": after.one("commit") or "",
        "sha256": after.one("sha256"),
        "version": short(after.iri),
        "state": slug(after.one("captureState")),
        "before": before.one("commit") or short(before.iri),
        "change": short(change.iri),
        "significance": slug(change.one("significance")),
        "accident": accident and slug(accident),
        "silent": change.one("silent"),
        "bridges": bool(change.one("bridges")),
        "counts": {kind: n for kind in KINDS if (n := change.one(f"{kind}Count"))},
        "signals": dict(sorted(Counter(s for each in deltas for s in each.all("signal")).items())),
        "facts": _facts(_numbered(reader.back(change.iri, "change", "ChangedTerm"))),
        "deltas": [_delta(reader, each) for each in deltas],
    }


def _numbered(parts: list[Entity]) -> list[Entity]:
    """The parts of a change in their order."""
    return sorted(parts, key=lambda each: place(each.iri))


def _facts(terms: list[Entity]) -> dict[str, list[Row]]:
    """The words that were exchanged, by their sort."""
    found: dict[str, list[Row]] = {}
    for each in terms:
        sides = {"before": each.one("termBefore"), "after": each.one("termAfter")}
        found.setdefault(slug(each.one("termGroup")), []).append(
            {key: text and {"text": text} for key, text in sides.items()}
        )
    return found


def _delta(reader: Reader, delta: Entity) -> Row:
    similarity = delta.one("similarity")
    return {
        "kind": slug(delta.one("deltaKind")),
        "similarity": None if similarity is None else float(similarity),
        "signals": list(delta.all("signal")),
        "before": _quote(reader, delta.one("before")),
        "after": _quote(reader, delta.one("after")),
    }


def _quote(reader: Reader, iri: str | None) -> Row | None:
    found = reader.entity(iri) if iri else None
    if found is None:
        return None
    return {"text": found.one("exact"), "start": found.one("start"), "end": found.one("end")}
