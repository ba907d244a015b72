"""Claims about a document's words: a quotation, a reason given for a rating, for whom it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.claimabsence import claims_absence
from clausegraph.loaders.claimcase import Case, Check, Claim, captures, listed, local, one
from clausegraph.loaders.claimlaw import aligned, law_engaged
from clausegraph.loaders.claimrights import MOST, Told, right, told
from clausegraph.loaders.quotes import Archive, Passage, QuoteError, Verdict
from clausegraph.loaders.tracked import Stand, TrackedVersion
from clausegraph.ontology.iris import parse

METHODS: Final = (
    "methods",
    "request-account",
    "request-email",
    "request-form",
    "request-mail",
    "request-phone",
)
"""The disclosures that tell how to make a request."""
_STATUS = {
    "VERIFIED": ("verified", "holds"),
    "REPAIRED": ("repaired", "holds"),
    "NOT_FOUND": ("not-found", "does-not-hold"),
    "OUT_OF_SCOPE": ("out-of-scope", "not-checkable"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # the order of versions is theirs; nobody asks the moment


def excerpt(case: Case, claim: Claim) -> Check:
    """Words that are shown as a quotation: do they stand in a version."""
    words = case.shown.get(claim.iri, "")
    if not words.strip():
        return Check(
            "not-checkable",
            "The words that are shown as a quotation are not kept here; hand them over "
            "(`--excerpt FILE`) to have them looked for.",
        )
    versions = case.history.versions
    archive = Archive([_capture(case, each) for each in versions])
    try:
        verdict = archive.verify(unquoted(words))
    except QuoteError as error:
        return Check("not-checkable", f"The words cannot be looked for: {error.message}")
    status, outcome = _STATUS[verdict.status]
    found = (verdict.passage,) if verdict.passage else ()
    return Check(
        outcome=outcome,
        why=_found_in(verdict, versions),
        status=status,
        evidence=tuple(stand for each in found for stand, _ in _stand(case, each)),
        nearest=tuple(pair for each in verdict.nearest for pair in _stand(case, each)),
        searched=versions,
    )


def unquoted(words: str) -> str:
    """Words without quotation marks around them, which are the page's own."""
    return words.strip().strip("\"'\u201c\u201d\u2018\u2019\u00ab\u00bb").strip()


def _found_in(verdict: Verdict, versions: Sequence[TrackedVersion]) -> str:
    where = captures(versions)
    if verdict.status == "NOT_FOUND":
        near = (
            f"{verdict.nearest[0].similarity:.0%} of the words in order"
            if verdict.nearest
            else "nothing"
        )
        return (
            f"In {where} it stands neither word for word nor but for spacing, case and typography; "
            f"the nearest passage shares {near}."
        )
    stands = f"{verdict.stands_in} of {verdict.searched}"
    how = "word for word" if verdict.status == "VERIFIED" else "but for spacing, case or typography"
    return f"In {where}: it stands in {stands} {how}."


def _capture(case: Case, version: TrackedVersion) -> Capture:
    text = case.history.texts[version.text]
    return Capture("", "", version.iri, _EPOCH, "other", None, version.text, text)


def _stand(case: Case, passage: Passage) -> list[tuple[Stand, float]]:
    """The presences that a passage of a capture runs over, the first of them only where it is near."""
    version = next(each for each in case.history.versions if each.iri == passage.capture.commit)
    at = [
        number
        for number, block in enumerate(case.readings[version.text].blocks)
        if block.start < passage.end and passage.start < block.end
    ]
    return [(stand, round(passage.similarity, 3)) for stand in case.stands(version, at)[:1]]


def reason(case: Case, claim: Claim) -> Check:
    """The reason given for a rating: that the text does not say something, or that it does."""
    versions = case.versions(claim)
    requirements = claim.of_kind("requirement")
    if not requirements:
        return Check("not-checkable", "The reason names no rule that a text could be held against.")
    if not claims_absence(claim.says):
        return right(case, claim)
    found = [told(case, each, versions) for each in requirements]
    known = [each for each in found if each.state != "unknown"]
    if not known:
        return Check("not-checkable", f"No rule looks for {listed(each.label for each in found)}.")
    said = [each for each in known if each.stated_in]
    places = {parse(each.requirement)[1][0] for each in said}
    shown = tuple(stand for each in said for stand in each.shown)
    if any("request-methods" in local(each.requirement) for each in said):
        for version in reversed(versions):
            for place in sorted(places):
                shown += case.passages(version, METHODS, place)
    return Check(
        outcome=_absence(known, versions),
        why=_absent(known, versions),
        evidence=tuple(dict.fromkeys(shown))[:MOST],
        nearest=() if said else tuple(pair for each in known for pair in each.near)[:3],
        reads=tuple(iri for each in known for iri in each.reads),
        anchors=tuple(iri for each in known for iri in each.findings),
        searched=versions,
    )


def _absence(known: Sequence[Told], versions: Sequence[TrackedVersion]) -> str:
    """Whether it is true that nothing of the sort is said."""
    if all(not each.stated_in for each in known):
        return "holds"
    everywhere = all(len(each.stated_in) == len(versions) for each in known)
    return "does-not-hold" if everywhere else "holds-in-part"


def _absent(known: Sequence[Told], versions: Sequence[TrackedVersion]) -> str:
    parts = [f"{each.label} stated in {len(each.stated_in)} of {len(versions)}" for each in known]
    held = "It is said to be absent. " if any(each.stated_in for each in known) else ""
    return f"{held}In {captures(versions)}: {'; '.join(dict.fromkeys(parts))}."


def flag(case: Case, claim: Claim) -> Check:
    """For whom a provision is said to be: people of one place only, of no other, or also of others."""
    if claim.of_kind("instrument"):
        return _comparable(case, claim)
    claimed = [
        iri
        for each in case.claims
        if each.kind == "right-asserted"
        for iri in each.of_kind("requirement")
    ]
    if not claimed:
        return Check("not-checkable", "The page names no right whose reach could be looked at.")
    if claim.of_kind("jurisdiction"):
        return _only_there(case, claim, claimed)
    return _elsewhere(case, claim, claimed)


def _comparable(case: Case, claim: Claim) -> Check:
    """Another place's law that is said to ask for something similar: are rules aligned."""
    law = law_engaged(case, claim)
    if law.outcome != "holds":
        return law
    home = sorted(
        {
            parse(iri)[1][0]
            for each in case.claims
            if each.kind == "right-asserted"
            for iri in each.of_kind("requirement")
        }
    )
    found = aligned(case, claim, home)
    if not found:
        return Check(
            "holds-in-part",
            f"{law.why} No rule of it is aligned with the rights named.",
            anchors=law.anchors,
        )
    why = f"{law.why} {len(found)} alignments tie rules of both places on that day."
    return Check("holds", why, anchors=(*law.anchors, *found[:10]))


def _only_there(case: Case, claim: Claim, claimed: Sequence[str]) -> Check:
    """Rights that are said to be for people of one place only."""
    place = parse(claim.of_kind("jurisdiction")[0])[1][0]
    versions = case.versions(claim)[-1:]
    found = [told(case, each, versions) for each in claimed if parse(each)[1][0] == place]
    stated = [each for each in found if each.state == "stated"]
    own = [each for each in stated if _scope(each) == "state"]
    if not stated:
        return Check(
            "not-checkable",
            "No right named on the page is stated, so none has a reach.",
            searched=versions,
        )
    outcome = "holds" if len(own) == len(stated) else "holds-in-part" if own else "does-not-hold"
    why = (
        f"In {captures(versions)} {len(own)} of the {len(stated)} rights named on the page that the text "
        f"states stand in words for people of the place by name; the others stand without a place."
    )
    return _reach(outcome, why, stated, versions)


def _elsewhere(case: Case, claim: Claim, claimed: Sequence[str]) -> Check:
    """Rights that are said not to be for people of other places: do other places' people have them."""
    versions = case.versions(claim)[-1:]
    home = {parse(each)[1][0] for each in claimed}
    names = {local(each) for each in claimed}
    others = [iri for iri in case.duties if local(iri) in names and parse(iri)[1][0] not in home]
    found = [each for iri in others if (each := told(case, iri, versions)).state != "unknown"]
    if not found:
        return Check(
            "not-checkable", "No rule looks for these rights elsewhere.", searched=versions
        )
    stated = [each for each in found if each.state == "stated"]
    outcome = (
        "holds" if not stated else "holds-in-part" if len(stated) < len(found) else "does-not-hold"
    )
    places = sorted({case.place(each.requirement) for each in found})
    why = (
        f"In {captures(versions)}, of the {len(found)} like rights in {listed(places)}, {len(stated)} are "
        f"stated in words that speak to people there too, {len(found) - len(stated)} are not."
    )
    return _reach(outcome, why, stated or found, versions)


def _scope(each: Told) -> str:
    return local(one(each.each[-1].values, "textScope"))


def _reach(
    outcome: str, why: str, found: Sequence[Told], versions: tuple[TrackedVersion, ...]
) -> Check:
    return Check(
        outcome,
        why,
        evidence=tuple(dict.fromkeys(stand for each in found for stand in each.shown))[:MOST],
        reads=tuple(iri for each in found for iri in each.reads),
        anchors=tuple(iri for each in found for iri in each.findings),
        searched=versions,
    )
