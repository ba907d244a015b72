"""GraphQL type of what people hold of judgements."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from clausegraph.api.enums import Decision, FindingState
from clausegraph.api.nodes import Node, about, choice, edge, make, shows, text, value
from clausegraph.api.reader import Entity, Reader
from clausegraph.api.remember import per_reader
from clausegraph.ontology.iris import ID, parse

if TYPE_CHECKING:
    from clausegraph.api.enforcementtypes import Agent
    from clausegraph.api.lawtypes import Requirement
    from clausegraph.api.policytypes import Document

Laws = "clausegraph.api.lawtypes"
Policies = "clausegraph.api.policytypes"


@shows("Opinion")
@strawberry.type(description=about("Opinion"))
class Opinion(Node):
    """What a person holds of a mapping or finding."""

    judgement: Node | None = edge(
        "judgement", "The mapping or finding it was given on; null where that is there no more."
    )
    requirement: Annotated[Requirement, strawberry.lazy(Laws)] = edge("requirement")
    document: Annotated[Document, strawberry.lazy(Policies)] = edge("document")
    author: Annotated[Agent, strawberry.lazy("clausegraph.api.enforcementtypes")] = edge(
        "creator", "Who holds it."
    )
    given_at: datetime = value("givenAt")
    decision: Decision = choice("decision", Decision)
    state: FindingState | None = choice("findingState", FindingState)
    reason: str = text("reasoning")
    evidence_sha256: str = value("evidenceSha256")


def of_document(reader: Reader, kind: str, document: str) -> list[Entity]:
    """What is of a class and belongs to a document by its IRI (``kind/platform/document/...``)."""
    slug = kind[0].lower() + kind[1:]
    start = f"{ID}{slug}/{document.removeprefix(f'{ID}document/')}/"
    ids = reader.ids(kind)
    found = ids[bisect_left(ids, start) : bisect_left(ids, start[:-1] + "0")]  # "0" follows "/"
    return reader.entities(found)


_ByJudged = dict[tuple[str, str], list[Entity]]


@per_reader
def _documents(reader: Reader) -> dict[str, _ByJudged]:
    """The opinions on documents that were asked for so far."""
    return {}


def _on(reader: Reader, document: str) -> _ByJudged:
    """The opinions on a document by kind of judgement and requirement, the oldest first."""
    known = _documents(reader)
    if document not in known:
        found: _ByJudged = {}
        every = of_document(reader, "Opinion", document)
        for each in sorted(every, key=lambda each: (each.one("givenAt"), each.iri)):
            kind = parse(each.one("judgement"))[0]
            found.setdefault((kind, each.one("requirement")), []).append(each)
        known[document] = found
    return known[document]


def opinions(self: Node, kind: str, *, same: bool = True) -> list[Opinion]:
    """Opinions on judgements like this one, on the same words or on others, oldest first."""
    own = self.entity
    given = _on(self.view.reader, own.one("document"))
    return [
        cast(Opinion, make(self.view, each))
        for each in given.get((kind.lower(), own.one("requirement")), ())
        if (each.one("evidenceSha256") == own.one("evidenceSha256")) is same
    ]
