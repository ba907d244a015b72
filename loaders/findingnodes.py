"""Findings as nodes of the graph, each with its evidence, what was searched, and what people hold of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from clausegraph.loaders import methods
from clausegraph.loaders.findings import Found
from clausegraph.loaders.opinions import Opinion, review_state
from clausegraph.loaders.textreading import TextReading
from clausegraph.loaders.tracked import Tracked
from clausegraph.loaders.unit import Node, filled
from clausegraph.ontology.iris import concept


def finding_nodes(
    history: Tracked,
    found: Sequence[Found],
    readings: Mapping[str, TextReading],
    opinions: Sequence[Opinion] = (),
) -> Iterator[Node]:
    """The nodes of findings, with what people hold of them."""
    for each in found:
        mine = [
            one
            for one in opinions
            if one.kind == "Finding" and one.requirement == each.duty.requirement
        ]
        earlier = {one.evidence for one in mine} - (_later(found, each) if mine else set())
        state = review_state(mine, each.digest, earlier, each.seen.outcome.state)
        yield from _nodes(history, each, readings[each.first.text], state)


def _later(found: Sequence[Found], each: Found) -> set[str]:
    """The digests that only later findings on the same requirement have."""
    same = [one for one in found if one.duty.requirement == each.duty.requirement]
    before = {one.digest for one in same if one.first_day <= each.first_day}
    return {one.digest for one in same} - before


def _nodes(
    history: Tracked,
    found: Found,
    text: TextReading,
    review: str,
) -> Iterator[Node]:
    iri, made = found.iri(history.ids), found.seen.outcome
    nearest = found.seen.nearest if made.state in {"not-stated", "not-examined"} else ()
    near = [f"{iri}/near-{at}" for at in range(1, len(nearest) + 1)]
    yield filled(
        {
            "id": iri,
            "type": "Finding",
            "label": f"{found.duty.name}: {made.state.replace('-', ' ')}",
            "document": history.document,
            "requirement": found.duty.requirement,
            "requirementVersion": found.reads.iri,
            "findingState": concept("finding-state", made.state),
            "otherwiseState": made.otherwise and concept("finding-state", made.otherwise),
            "textScope": made.scope and concept("text-scope", made.scope),
            "polarity": made.polarity and concept("polarity", made.polarity),
            "findingReason": made.reason and concept("finding-reason", made.reason),
            "tensionKind": made.tension and concept("tension-kind", made.tension),
            "linked": made.linked or None,
            "evidence": [each.quote for each in found.seen.evidence],
            "counterEvidence": [each.quote for each in found.seen.counter],
            "against": list(found.against),
            "nearest": near,
            "searchedVersion": found.first.iri,
            "passagesSearched": len(text.blocks),
            "charactersSearched": text.characters,
            "rule": [methods.rule(each) for each in made.rules],
            "expectedPrecision": made.confidence or None,
            "evidenceSha256": found.digest,
            "reviewState": concept("review-state", review),
            "madeBy": methods.method("reading"),
            "firstVersion": found.first.iri,
            "lastVersion": found.last.iri if found.last else None,
            "validFrom": found.first_day,
            "validUntil": found.last_day,
        }
    )
    for at, (stand, score) in enumerate(nearest):
        yield {
            "id": near[at],
            "type": "NearPassage",
            "quote": stand.quote,
            "similarity": round(score, 3),
            "order": at + 1,
        }
