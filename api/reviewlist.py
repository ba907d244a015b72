"""What can be reviewed in a release: findings and mappings with their review state and words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from clausegraph.api.filters import identify
from clausegraph.api.reader import Entity, Reader, slug
from clausegraph.ontology.iris import ID


def reviewable(
    reader: Reader,
    document: str,
    state: str | None = None,
    kind: str = "Finding",
    most: int = 50,
) -> list[dict[str, Any]]:
    """The findings (or mappings) of a document, as `platform/document`, with this review state.

    Each has its id, requirement, state, review state, days, the words it rests on and all opinions.
    Raises `UnknownIdError` where the release has no such document.
    """
    (iri,) = identify(reader, "document", [document])
    rows = (_row(reader, each) for each in reader.back(iri, "document", kind))
    wanted = (row for row in rows if state in (None, row["review"]))
    return list(islice(wanted, most))


def _row(reader: Reader, each: Entity) -> dict[str, Any]:
    quotes = each.all("evidence") or tuple(_near(reader, each))
    state = each.one("findingState") or each.one("mappingRelation")
    return {
        "id": each.iri.removeprefix(ID),
        "requirement": str(each.one("requirement")).removeprefix(f"{ID}requirement/"),
        "state": slug(str(state)),
        "review": slug(str(each.one("reviewState"))),
        "from": each.one("validFrom"),
        "until": each.one("validUntil"),
        "words": [_words(reader, quote) for quote in quotes[:1]],
        "opinions": [_opinion(reader, one) for one in reader.back(each.iri, "judgement")],
    }


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
