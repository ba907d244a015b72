"""What can be reviewed in a release: findings and mappings with their review state and words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from clausegraph.api.filters import identify
from clausegraph.api.opiniontypes import of_document
from clausegraph.api.reader import Entity, Reader, slug
from clausegraph.loaders.opinions import MERGED, taken
from clausegraph.ontology.iris import ID, parse


def reviewable(
    reader: Reader,
    document: str,
    state: str | None = None,
    kind: str = "Finding",
    most: int = 50,
) -> list[dict[str, Any]]:
    """The findings (or mappings) of a document, as `platform/document`, with this review state.

    Each has its id, requirement, state (with the kind of a tension and what the state were without
    it), review state, days, the words it rests on, all opinions, and what of these counts: `held`
    is the state that all hold together (None where there is none), `held_by` the last opinion of
    each author, but for what confirms another state. Raises `UnknownIdError` where the release has
    no such document.
    """
    (iri,) = identify(reader, "document", [document])
    rows = (_row(reader, each) for each in reader.back(iri, "document", kind))
    wanted = (row for row in rows if state in (None, row["review"]))
    return list(islice(wanted, most))


def _row(reader: Reader, each: Entity) -> dict[str, Any]:
    quotes = each.all("evidence") or tuple(_near(reader, each))
    state = each.one("findingState") or each.one("mappingRelation")
    given = sorted(_given(reader, each), key=lambda one: (str(one.one("givenAt")), one.iri))
    opinions = [_opinion(reader, one) for one in given]
    now = [one.one("evidenceSha256") == each.one("evidenceSha256") for one in given]
    counting = {
        one["author"]: one
        for one, same in zip(opinions, now, strict=True)
        if same and taken(one["decision"], one["state"] or "")
    }
    held_by = [
        {key: one[key] for key in ("author", "decision", "state")}
        for one in holding(counting.values(), slug(str(state)))
    ]
    return {
        "id": each.iri.removeprefix(ID),
        "requirement": str(each.one("requirement")).removeprefix(f"{ID}requirement/"),
        "state": slug(str(state)),
        "tension": _slug(each.one("tensionKind")),
        "otherwise": _slug(each.one("otherwiseState")),
        "review": slug(str(each.one("reviewState"))),
        "from": each.one("validFrom"),
        "until": each.one("validUntil"),
        "words": [_words(reader, quote) for quote in quotes[:1]],
        "opinions": opinions,
        "held": _held(held_by),
        "held_by": held_by,
    }


def holding(counting: Iterable[dict[str, Any]], state: str) -> list[dict[str, Any]]:
    """The opinions that hold something of a judgement: not what confirms another state than its."""
    return [
        one for one in counting if one["decision"] != "confirm" or one["state"] in (None, state)
    ]


def _slug(iri: Any) -> str | None:
    return slug(str(iri)) if iri else None


def _given(reader: Reader, each: Entity) -> list[Entity]:
    """The opinions on a judgement: given on it, or on the same words for the same requirement."""
    document = str(each.one("document"))
    kind, same = parse(each.iri)[0], ("requirement", "evidenceSha256")
    return [
        one
        for one in of_document(reader, "Opinion", document)
        if one.one("judgement") == each.iri
        or (
            parse(str(one.one("judgement")))[0] == kind
            and all(one.one(key) == each.one(key) for key in same)
        )
    ]


def _held(held_by: Sequence[dict[str, Any]]) -> str | None:
    """The one state that all who hold something hold; None where they differ or only reject."""
    states = {one["state"] for one in held_by}
    return states.pop() if len(states) == 1 else None


def in_words(row: dict[str, Any]) -> str:
    """State and review of a row of `reviewable` in one line, with who holds what."""
    by: dict[str, list[str]] = {}
    for one in row["held_by"]:
        target = f" to {one['state']}" if one["decision"] == "amend" else ""
        by.setdefault(f"{MERGED[one['decision']]}{target}", []).append(one["author"])
    held = "; ".join(f"{what} by {', '.join(authors)}" for what, authors in by.items())
    state = row["state"]
    if row["tension"]:
        state += f" ({row['tension']})"
    if row["otherwise"]:
        state += f", otherwise {row['otherwise']}"
    if not held:
        return f"{state} ({row['review']})"
    disputed = "disputed: " if row["review"] == "disputed" else ""
    return f"{state}, {disputed}{held}"


def _near(reader: Reader, each: Entity) -> Iterator[str]:
    for near in reader.entities(each.all("nearest")):
        yield str(near.one("quote"))


def _words(reader: Reader, iri: str) -> str:
    quote = reader.entity(iri)
    provision = reader.entity(str(quote.one("provision"))) if quote else None
    return str(provision.one("normalisedText")) if provision else ""


def _opinion(reader: Reader, each: Entity) -> dict[str, Any]:
    author = reader.entity(str(each.one("creator")))
    state = each.one("findingState")
    return {
        "author": author.one("label") if author else "",
        "at": each.one("givenAt"),
        "decision": slug(str(each.one("decision"))),
        "state": slug(str(state)) if state else None,
        "reason": each.one("reasoning"),
    }
