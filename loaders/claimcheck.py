"""Check claims of others: does the document, or the law, bear out what a page says of them.

Every check says in a sentence of our own why it came out so, and leads to what decided it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from clausegraph.loaders import methods
from clausegraph.loaders.claimcase import Case, Check, Claim, holds_on, listed, local, one
from clausegraph.loaders.claimchange import change
from clausegraph.loaders.claimlaw import deadline, duty, enforcer, law_engaged
from clausegraph.loaders.claimrights import right, rights, told
from clausegraph.loaders.claimtext import excerpt, flag, reason
from clausegraph.loaders.unit import Node, filled
from clausegraph.ontology.iris import concept, graph, mint

_ADVICE = {
    "implication": "Advice to the page's readers on their own affairs is not checked",
    "action-item": "Advice on what to do is not checked",
    "open-question": "A question is not checked",
}


def graph_of(stem: str) -> str:
    """The named graph of the checks of a page's claims."""
    return graph(f"claim-checks/{stem}")


def _level(case: Case, claim: Claim) -> Check:
    """A level given to the document: only a rating whose rubric is known could be computed again."""
    text = "The page gives no rubric and no inputs, so its level cannot be computed again."
    for iri, each in sorted(case.judged.items()):
        if "Assessment" in each.get("type", ()) and holds_on(each, claim.day):
            level, points = local(one(each, "exposureLevel")), one(each, "points")
            return Check(
                "not-checkable",
                f"{text} By the rubric published here the level is {level} ({points} points); the page "
                f"says {claim.level or 'nothing'}.",
                anchors=(iri,),
            )
    return Check("not-checkable", text)


def _advice(case: Case, claim: Claim) -> Check:
    """Advice and questions; what they rest on is said where it can be looked up."""
    text = _ADVICE[claim.kind]
    versions = case.versions(claim)[-1:]
    found = [told(case, each, versions) for each in claim.of_kind("requirement")]
    known = [each for each in found if each.state != "unknown"]
    if not known:
        reads = tuple(
            r for each in claim.of_kind("requirement") if (r := case.version_on(each, claim.day))
        )
        more = f"; the rules that it names are in force on {claim.day}." if reads else "."
        return Check("not-checkable", text + more, reads=reads)
    said = listed(f"{each.label} ({each.state.replace('-', ' ')})" for each in known)
    return Check(
        "not-checkable",
        f"{text}. What it rests on reads thus in the newest capture: {said}.",
        evidence=tuple(dict.fromkeys(stand for each in known for stand in each.shown))[:3],
        reads=tuple(iri for each in known for iri in each.reads),
        anchors=tuple(iri for each in known for iri in each.findings),
        searched=versions,
    )


def _told(case: Case, claim: Claim) -> Check:
    """What a page makes of the provision: it stands and falls with the rights that it refers to."""
    requirements = claim.of_kind("requirement")
    if not requirements:
        return Check("not-checkable", "It refers to no right that could be looked for.")
    more = " What it says beyond these rights was not checked."
    return rights(case, requirements, case.versions(claim), more)


def _own(case: Case, claim: Claim) -> Check:
    """What a page says of itself."""
    return Check("not-checkable", "The page says it of itself; it is about neither text nor law.")


KINDS: Final[dict[str, Callable[[Case, Claim], Check]]] = {
    "summary": _told,
    "significance": _told,
    "impact": _told,
    "excerpt": excerpt,
    "right-asserted": right,
    "law-engaged": law_engaged,
    "enforcer-named": enforcer,
    "deadline-named": deadline,
    "quality-duty": duty,
    "exposure-level": _level,
    "exposure-reason": reason,
    "jurisdiction-flag": flag,
    "implication": _advice,
    "action-item": _advice,
    "open-question": _advice,
    "change-reported": change,
    "independence": _own,
}
"""How a claim is checked, by its kind."""


def check(case: Case) -> Iterator[Node]:
    """The checks of all claims of a page, with their near passages."""
    for claim in case.claims:
        yield from _nodes(case, claim, KINDS[claim.kind](case, claim))


def _nodes(case: Case, claim: Claim, made: Check) -> Iterator[Node]:
    iri = mint("claim-check", case.stem, claim.slug)
    near = [f"{iri}/near-{at}" for at in range(1, len(made.nearest) + 1)]
    texts = dict.fromkeys(each.text for each in made.searched)
    yield filled(
        {
            "id": iri,
            "type": "ClaimCheck",
            "label": f"{claim.slug.replace('-', ' ')}: {made.outcome.replace('-', ' ')}",
            "claim": claim.iri,
            "claimOutcome": concept("claim-outcome", made.outcome),
            "quoteStatus": made.status and concept("quote-status", made.status),
            "evidence": _distinct(each.quote for each in made.evidence),
            "nearest": near,
            "anchor": _distinct(each for each in made.anchors if each not in made.reads),
            "requirementVersion": _distinct(made.reads),
            "searchedVersion": _distinct(each.iri for each in made.searched),
            "passagesSearched": sum(len(case.readings[each].blocks) for each in texts) or None,
            "charactersSearched": sum(case.readings[each].characters for each in texts) or None,
            "sentence": made.why,
            "madeBy": methods.method("claim-check"),
        }
    )
    for at, (stand, score) in enumerate(made.nearest):
        yield {
            "id": near[at],
            "type": "NearPassage",
            "quote": stand.quote,
            "similarity": score,
            "order": at + 1,
        }


def _distinct(iris: Iterator[str] | tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(iris))
