"""Claims about the law: instruments, enforcers, periods and duties, held against the law of the day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from clausegraph.loaders.claimcase import (
    Case,
    Check,
    Claim,
    Values,
    captures,
    day_of,
    holds_on,
    listed,
    local,
    one,
)
from clausegraph.loaders.claimrights import MOST
from clausegraph.loaders.tracked import Stand, TrackedVersion
from clausegraph.ontology.iris import parse

PRACTICES: Final = {
    "opt-out-of-sale": ("sale",),
    "opt-out-of-targeted-advertising": ("advertising-sharing",),
}
"""The disclosures of the practice on which a right bears, by the last step of its requirement."""
_FIRST_DATES = ("effective", "operative", "enforceable")


def law_engaged(case: Case, claim: Claim) -> Check:
    """A law that is said to be engaged: is it in force, does the text name it or its practice."""
    instruments = claim.of_kind("instrument")
    if requirements := claim.of_kind("requirement"):
        return _practice(case, claim, requirements)
    if not instruments:
        return Check("not-checkable", "The claim names no law that is known here.")
    forces = [_in_force(case, each, claim) for each in instruments]
    if not all(forces):
        missing = listed(case.label(each) for each in instruments)
        return Check(
            "does-not-hold", f"{missing}: not in force on {claim.day}.", anchors=instruments
        )
    anchors = (*instruments, *(each for iris in forces for each in iris))
    since = f"{listed(case.label(each) for each in instruments)}: in force on {claim.day}"
    if claim.of_kind("jurisdiction"):
        return Check("holds", f"{since}, in {_places(case, claim)}.", anchors=anchors)
    return _named(case, claim, instruments, since, anchors)


def _named(
    case: Case, claim: Claim, instruments: Sequence[str], since: str, anchors: tuple[str, ...]
) -> Check:
    """Whether the text itself names a law that is in force."""
    versions = case.versions(claim)
    names = [_names(case, each) for each in instruments]
    found = [
        stand
        for version in reversed(versions)
        for stand in case.stands(version, _naming(case, version.text, names))
    ]
    by_name = "names it" if len(names) == 1 else "names them"
    return Check(
        "holds" if found else "holds-in-part",
        f"{since}. In {captures(versions)} the text {'' if found else 'nowhere '}{by_name}.",
        evidence=tuple(dict.fromkeys(found))[:MOST],
        anchors=anchors,
        searched=versions,
    )


def _naming(case: Case, text: str, names: Sequence[re.Pattern[str]]) -> Iterator[int]:
    blocks = case.readings[text].blocks
    return (at for at, block in enumerate(blocks) if any(each.search(block.seen) for each in names))


def _names(case: Case, instrument: str) -> re.Pattern[str]:
    """The names of an instrument: short name, full name, other names; without a year in brackets."""
    known = case.law.get(instrument, {})
    names = {each for key in ("label", "altLabel", "title") for each in known.get(key, ())}
    names |= {re.sub(r"\s*\([^)]*\)| of \d{4}$", "", each) for each in names}
    longest = sorted((each for each in names if len(each) > 2), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest))})\b")


def _in_force(case: Case, instrument: str, claim: Claim) -> tuple[str, ...]:
    """What shows that an instrument is in force on the day: amendments by it, or the law itself."""
    known = case.law.get(instrument, {})
    first = [day for key in _FIRST_DATES if (day := day_of(known, key))]
    if not first or min(first) > claim.day:
        return ()
    amendments = (
        iri
        for iri, each in case.of_class("Amendment")
        if one(each, "amendingAct") == instrument and _begun(each, claim)
    )
    return (instrument, *amendments)


def _begun(values: Values, claim: Claim) -> bool:
    first = day_of(values, "validFrom")
    return first is not None and first <= claim.day


def _practice(case: Case, claim: Claim, requirements: Sequence[str]) -> Check:
    """Requirements that are said to bear on what the document tells of its practice."""
    reads = _reads(case, claim, requirements)
    if not all(reads):
        return _not_in_force(case, claim, requirements, reads)
    versions = case.versions(claim)
    items = [item for each in requirements for item in PRACTICES.get(local(each), ())]
    names = listed(case.label(each) for each in requirements)
    if not items:
        return Check("holds", f"In force on {claim.day}: {names}.", reads=tuple(reads))
    told = [stand for each in reversed(versions) for stand in _does(case, each, items)]
    found = "tells of" if told else "nowhere tells of"
    return Check(
        "holds" if told else "holds-in-part",
        f"In force on {claim.day}: {names}. In {captures(versions)} the text {found} the practice "
        "that they are about, a sale of data or their disclosure for advertising.",
        evidence=tuple(dict.fromkeys(told))[:MOST],
        reads=tuple(reads),
        searched=versions,
    )


def _does(case: Case, version: TrackedVersion, items: Sequence[str]) -> tuple[Stand, ...]:
    """The passages that affirm a practice; those that deny it do not count."""
    readings = case.readings[version.text].readings
    at = [
        each.block
        for item in items
        for each in (readings[item].evidence if item in readings else ())
        if each.detection.polarity == "stated"
    ]
    return case.stands(version, at)


def enforcer(case: Case, claim: Claim) -> Check:
    """A body that is said to enforce: has it a power under the instrument on the day."""
    bodies, instruments = claim.of_kind("enforcer"), claim.of_kind("instrument")
    if not bodies or not instruments:
        return Check("not-checkable", "The claim does not name both a body and a law known here.")
    powers = [
        (iri, each)
        for iri, each in case.of_class("Power")
        if one(each, "enforcer") in bodies and set(each.get("instrument", ())) & set(instruments)
    ]
    held = [(iri, each) for iri, each in powers if holds_on(each, claim.day)]
    body = listed(case.label(each) for each in bodies)
    law = listed(case.label(each) for each in instruments)
    if held:
        kinds = listed(local(one(each, "powerKind")).replace("-", " ") for _, each in held)
        why = f"On {claim.day} the {body} has powers under the {law}: {kinds}."
        return Check("holds", why, anchors=tuple(iri for iri, _ in held))
    days = (
        listed(f"from {one(each, 'validFrom')} {_until(each)}" for _, each in powers)
        if powers
        else ""
    )
    why = f"On {claim.day} the {body} has no power under the {law} that is known here"
    more = f"; it has on other days ({days})." if powers else "."
    anchors = tuple(iri for iri, _ in powers) or (*bodies, *instruments)
    return Check("does-not-hold", why + more, anchors=anchors)


def _until(values: Values) -> str:
    last = one(values, "validUntil")
    return f"to {last}" if last else "on"


def deadline(case: Case, claim: Claim) -> Check:
    """A period that the law is said to set: the requirement's value and unit on the day."""
    requirements = claim.of_kind("requirement")
    if not requirements or not claim.values:
        return Check("not-checkable", "The claim does not name both a rule and a period.")
    reads = _reads(case, claim, requirements)
    if not all(reads):
        return _not_in_force(case, claim, requirements, reads)
    said = {_quantity(case, iri) for iri in claim.values}
    law = {_quantity(case, iri) for each in reads for iri in case.law[each].get("value", ())}
    names = listed(case.label(each) for each in requirements)
    if said <= law:
        outcome, word = "holds", "sets just that"
    else:
        outcome = "holds-in-part" if said & law else "does-not-hold"
        word = "sets something else" if law else "sets no period"
    periods = (
        listed(case.label(iri) for each in reads for iri in case.law[each].get("value", ()))
        if law
        else ""
    )
    at = listed(cite for each in reads for cite in case.law[each].get("citation", ()))
    told = f": {periods}" if periods else ""
    return Check(outcome, f"On {claim.day} {names} ({at}) {word}{told}.", reads=tuple(reads))


def _quantity(case: Case, iri: str) -> tuple[str, ...]:
    """What makes two quantities the same: amount, unit and comparison."""
    known = case.law.get(iri, {})
    return (
        str(float(one(known, "amount") or "nan")),
        local(one(known, "unit")),
        local(one(known, "comparison")),
    )


def duty(case: Case, claim: Claim) -> Check:
    """A quality that the law is said to ask for: is there such a rule on the day."""
    requirements = claim.of_kind("requirement")
    if not requirements:
        return Check("not-checkable", "The claim names no rule that is known here.")
    reads = _reads(case, claim, requirements)
    if not all(reads):
        return _not_in_force(case, claim, requirements, reads)
    names = listed(case.label(each) for each in requirements)
    at = listed(cite for each in reads for cite in case.law[each].get("citation", ()))
    return Check(
        "holds-in-part",
        f"On {claim.day} there are rules on it ({names}; {at}). They are known here by what they ask "
        "to be there; whether they ask for this quality in so many words was not recorded, and "
        "whether a product has it shows in the product only.",
        reads=tuple(reads),
    )


def _reads(case: Case, claim: Claim, requirements: Sequence[str]) -> list[str]:
    return [case.version_on(each, claim.day) for each in requirements]


def _not_in_force(
    case: Case, claim: Claim, requirements: Sequence[str], reads: Sequence[str]
) -> Check:
    """Rules of which some are not in force on the day."""
    gone = [case.label(each) for each, iri in zip(requirements, reads, strict=True) if not iri]
    there = tuple(iri for iri in reads if iri)
    return Check(
        "holds-in-part" if there else "does-not-hold",
        f"Not in force on {claim.day}: {listed(gone)}.",
        reads=there,
        anchors=() if there else _laws(case, requirements),
    )


def _laws(case: Case, requirements: Sequence[str]) -> tuple[str, ...]:
    """The instruments of some requirements."""
    found = (one(case.law.get(each, {}), "instrument") for each in requirements)
    return tuple(dict.fromkeys(iri for iri in found if iri))


def _places(case: Case, claim: Claim) -> str:
    return listed(case.label(each) for each in claim.of_kind("jurisdiction"))


def aligned(case: Case, claim: Claim, home: Sequence[str]) -> tuple[str, ...]:
    """The alignments on the day between rules of a home place and rules of those that a claim names."""
    places = {parse(each)[1][0] for each in claim.of_kind("jurisdiction")}
    found = []
    for iri, each in case.of_class("Alignment"):
        ends = [parse(one(each, key))[1][0] for key in ("alignsFrom", "alignsTo")]
        between = bool(set(ends) & places and set(ends) & set(home))
        if between and holds_on(each, claim.day) and local(one(each, "relation")) != "none":
            found.append(iri)
    return tuple(found)
