"""Claims about rights: does the document tell the people of a state of them, version by version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clausegraph.loaders.claimcase import (
    Case,
    Check,
    Claim,
    Values,
    captures,
    listed,
    local,
    one,
    speaks,
)
from clausegraph.loaders.tracked import Stand, TrackedVersion
from clausegraph.ontology.iris import parse

NARROWER: Final = {
    "us-ca/ccpa/opt-out-of-sale": re.compile(r"\bs(ells?|elling|old|ales?)\b"),
    "us-ca/ccpa/opt-out-of-targeted-advertising": re.compile(
        r"\bshar(e|es|ed|ing)\b|\bcross[- ]context\b|\b(targeted|behaviou?ral) advertis"
    ),
}
"""Rights that a finding tells from a passage on either of two, and the words that a passage needs."""
_AROUND = 60  # characters on either side of the matched words in which those words are looked for
MOST: Final = 6
"""Quotes that a check shows."""
NEAREST: Final = 3
"""Near passages that a check shows."""


@dataclass(frozen=True)
class InVersion:
    """What one version says of a right: a state, the finding, passages that show it or come near."""

    version: TrackedVersion
    state: str
    finding: str
    values: Values
    shown: tuple[Stand, ...] = ()
    near: tuple[tuple[Stand, float], ...] = ()


@dataclass(frozen=True)
class Told:
    """What all versions say of one requirement."""

    requirement: str
    label: str
    each: tuple[InVersion, ...]

    @property
    def state(self) -> str:
        """``stated``, ``denied``, ``not-stated`` in all that were examined, ``partly``, or ``unknown``."""
        states = {each.state for each in self.each} - {"not-examined"}
        if not states:
            return "unknown"
        return next(iter(states)) if len(states) == 1 else "partly"

    @property
    def stated_in(self) -> list[TrackedVersion]:
        """The versions that state it."""
        return [each.version for each in self.each if each.state == "stated"]

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings on it."""
        return tuple(dict.fromkeys(each.finding for each in self.each if each.finding))

    @property
    def reads(self) -> tuple[str, ...]:
        """The versions of the requirement that the findings are about."""
        found = (one(each.values, "requirementVersion") for each in self.each)
        return tuple(dict.fromkeys(iri for iri in found if iri))

    @property
    def shown(self) -> tuple[Stand, ...]:
        """The passages that show it, those of the newest version first."""
        stands = [each.shown for each in reversed(self.each)]
        return tuple(dict.fromkeys(stand for shown in stands for stand in shown))[:MOST]

    @property
    def near(self) -> tuple[tuple[Stand, float], ...]:
        """Passages that come near to it in the newest version that does not state it."""
        return next((each.near for each in reversed(self.each) if each.near), ())

    @property
    def tensions(self) -> tuple[str, ...]:
        """The collisions that its findings show, in words."""
        found = (one(each.values, "tensionKind") for each in self.each if each.state == "stated")
        return tuple(dict.fromkeys(local(iri).replace("-", " ") for iri in found if iri))


def told(case: Case, requirement: str, versions: Sequence[TrackedVersion]) -> Told:
    """What versions say of a requirement, by the findings on it."""
    label = case.label(requirement)
    return Told(requirement, label, tuple(_in(case, requirement, each) for each in versions))


def _in(case: Case, requirement: str, version: TrackedVersion) -> InVersion:
    found = case.finding(requirement, version)
    if found is None:
        return InVersion(version, "not-examined", "", {})
    iri, values = found
    state = local(one(values, "findingState"))
    if state == "tension":
        state = local(one(values, "otherwiseState"))
    shown = _shown(case, requirement, version, state)
    if shown or state not in {"stated", "denied"}:
        near = () if shown else _near(case, values)
        return InVersion(version, state, iri, values, shown, near)
    if "/".join(parse(requirement)[1]) in NARROWER:
        # What the finding rests on is about the other of the two.
        other = _wider(case, requirement, version)
        return InVersion(version, "not-stated", iri, values, (), other)
    return InVersion(version, state, iri, values, _quoted(case, values.get("evidence", ())))


def _shown(case: Case, requirement: str, version: TrackedVersion, state: str) -> tuple[Stand, ...]:
    """The passages of a version that state (or deny) a requirement to the people of its state."""
    place, *_ = parse(requirement)[1]
    words = NARROWER.get("/".join(parse(requirement)[1]))
    text, at = case.readings[version.text], []
    for item in case.duties[requirement].by if requirement in case.duties else ():
        for each in text.readings[item].evidence if item in text.readings else ():
            start, end = each.detection.span
            seen = text.blocks[each.block].seen.lower()[max(0, start - _AROUND) : end + _AROUND]
            if (
                each.detection.polarity == state
                and speaks(each.detection.populations, place)
                and (words is None or words.search(seen))
            ):
                at.append(each.block)
    return case.stands(version, at)


def _wider(
    case: Case, requirement: str, version: TrackedVersion
) -> tuple[tuple[Stand, float], ...]:
    """Passages on the other of two rights: whole matches, as passages for other people are."""
    found = case.passages(version, case.duties[requirement].by, parse(requirement)[1][0])
    return tuple((stand, 1.0) for stand in found[:NEAREST])


def _near(case: Case, values: Values) -> tuple[tuple[Stand, float], ...]:
    """The nearest passages of a finding, the nearest first."""
    found = []
    for iri in values.get("nearest", ()):
        near = case.judged.get(iri, {})
        score = float(one(near, "similarity") or 0)
        found += [(stand, score) for stand in _quoted(case, (one(near, "quote"),))]
    return tuple(sorted(found, key=lambda pair: -pair[1])[:NEAREST])


def _quoted(case: Case, quotes: Sequence[str]) -> tuple[Stand, ...]:
    """The presences of some quotes."""
    return tuple(case.quoted[quote] for quote in quotes if quote in case.quoted)


def right(case: Case, claim: Claim) -> Check:
    """A right that the document is said to state."""
    versions = case.versions(claim)
    requirements = claim.of_kind("requirement")
    if not requirements:
        return Check("not-checkable", "The claim names no right of any law.")
    return rights(case, requirements, versions)


def rights(
    case: Case, requirements: Sequence[str], versions: Sequence[TrackedVersion], more: str = ""
) -> Check:
    """Rights that the document is said to state, all of them."""
    found = [told(case, each, versions) for each in requirements]
    known = [each for each in found if each.state != "unknown"]
    searched = tuple(versions)
    if not known:
        why = f"No rule looks for {listed(each.label for each in found)} in this document."
        return Check("not-checkable", why)
    stated = [each for each in known if each.state == "stated"]
    some = [each for each in known if each.state == "partly"]
    if len(stated) == len(found):
        outcome = "holds"
    else:
        outcome = "holds-in-part" if stated or some else "does-not-hold"
    return Check(
        outcome=outcome,
        why=f"{_sentence(case, found, versions)}{more}",
        evidence=tuple(dict.fromkeys(s for each in (*stated, *some) for s in each.shown))[:MOST],
        nearest=_nearest(found),
        reads=tuple(iri for each in known for iri in each.reads),
        anchors=tuple(iri for each in known for iri in each.findings),
        searched=searched,
    )


def _nearest(found: Sequence[Told]) -> tuple[tuple[Stand, float], ...]:
    """What comes nearest to the rights that are not stated, a passage once."""
    near: dict[Stand, float] = {}
    for each in found:
        for stand, score in each.near if each.state in {"not-stated", "partly"} else ():
            near[stand] = max(score, near.get(stand, 0.0))
    return tuple(sorted(near.items(), key=lambda pair: -pair[1])[:NEAREST])


def _sentence(case: Case, found: Sequence[Told], versions: Sequence[TrackedVersion]) -> str:
    """What the captures say of some rights, in our own words."""
    groups = {
        "stated": "stated",
        "denied": "denied",
        "not-stated": "not stated",
        "unknown": "looked for by no rule",
    }
    alone = len(found) == 1
    parts = [
        f"{names[0]} {words}"
        if alone
        else f"{len(names)} of {len(found)} {words} ({listed(names)})"
        for state, words in groups.items()
        if (names := [each.label for each in found if each.state == state])
    ]
    parts += [
        f"{each.label} stated in {len(each.stated_in)} of {len(versions)} captures only"
        for each in found
        if each.state == "partly"
    ]
    people = listed(sorted({case.place(each.requirement) for each in found}))
    text = f"To people of {people}, in {captures(versions)}: {'; '.join(parts)}."
    if strained := [kind for each in found for kind in each.tensions]:
        text += f" What states it collides with a rule, for review: {listed(strained)}."
    return text
