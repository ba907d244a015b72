"""Claims about changes, held against the changes between a document's captures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from clausegraph.loaders.claimcase import Case, Check, Claim, captures, day_of, listed, local, one
from clausegraph.loaders.claimrights import MOST
from clausegraph.loaders.tracked import Stand, TrackedVersion, holds_in
from clausegraph.ontology.terms import vocabulary

TOPICS: Final = {
    "notice-disclosures": ("recipients",),
    "notice-minors": ("children",),
    "notice-update": ("policy-change-notice", "last-updated"),
    "security": ("security",),
    "children": ("children",),
    "retention": ("retention",),
}
"""Disclosures that are about a topic beside those by which its rules are met."""
_LOST = re.compile(r"\b(lost|removed?|dropped|no longer|deleted|gone|taken out)\b")
_ADDED = re.compile(r"\b(added|new|gained|introduced)\b")


def change(case: Case, claim: Claim) -> Check:
    """A change that is said to have been made."""
    versions = case.versions(claim)
    if not versions:
        return Check("not-checkable", f"Nothing was captured by {claim.day}.")
    topics = claim.of_kind("topic")
    if topics and _LOST.search(claim.says):
        return _lost(case, versions, topics)
    if topics and _ADDED.search(claim.says):
        return _lost(case, versions[::-1], topics, turned=True)
    if _LOST.search(claim.says) or _ADDED.search(claim.says):
        return Check(
            "not-checkable", f"It names no topic that could be looked for. {_count(case, claim)}"
        )
    done = _done(case, claim)
    real = [iri for iri, significance in done if significance != "capture"]
    meant = [iri for iri, significance in done if significance == "meaning"]
    return Check(
        "holds" if meant else "holds-in-part" if real else "does-not-hold",
        _count(case, claim),
        anchors=tuple(meant or real) or tuple(each.iri for each in versions),
        searched=versions,
    )


def _done(case: Case, claim: Claim) -> list[tuple[str, str]]:
    """The changes seen by the day of a claim, with their significance."""
    return [
        (iri, local(one(each, "significance")))
        for iri, each in case.changes
        if (day := day_of(each, "observedAt")) and day <= claim.day
    ]


def _count(case: Case, claim: Claim) -> str:
    """How many changes there were, of which significance."""
    counted = Counter(significance for _, significance in _done(case, claim))
    kinds = (
        listed(f"{number} of {kind}" for kind, number in sorted(counted.items()))
        if counted
        else "none"
    )
    total = sum(counted.values())
    return f"Between {captures(case.versions(claim))}: {total} changes ({kinds})."


def _topic(iri: str) -> str:
    """The name of a topic, in small letters."""
    return vocabulary().concept("topic", local(iri)).label.lower()


def _items(case: Case, topics: Iterable[str]) -> tuple[str, ...]:
    """The disclosures about some topics: those by which its rules are met, and declared ones."""
    found: list[str] = []
    for topic in topics:
        found += TOPICS.get(local(topic), ())
        for iri, each in case.duties.items():
            if topic in case.law.get(iri, {}).get("topic", ()):
                found += each.by
    return tuple(dict.fromkeys(found))


def _lost(
    case: Case, versions: Sequence[TrackedVersion], topics: Sequence[str], *, turned: bool = False
) -> Check:
    """Whether after some version no passage on a topic stands that stood before.

    `turned`: the versions are given backwards, to find what was added.
    """
    names = listed(_topic(each) for each in topics)
    items = _items(case, topics)
    if not items:
        return Check("not-checkable", f"No rule looks for passages on {names}.")
    held = [case.passages(each, items) for each in versions]
    before = dict.fromkeys(stand for each in held[:-1] for stand in each)
    missing = _gone(case, before, versions[-1])
    gone = [stand for stand in before if stand in missing]
    ordered = tuple(versions[::-1] if turned else versions)
    outcome, told = _fate(len(before), len(held[-1]), len(gone), turned=turned)
    return Check(
        outcome,
        f"In {captures(ordered)}, passages on {names}: {told}.",
        evidence=tuple(dict.fromkeys((*gone, *held[-1])))[:MOST],
        anchors=tuple(iri for iri, _ in case.changes),
        searched=ordered,
    )


def _fate(before: int, after: int, gone: int, *, turned: bool) -> tuple[str, str]:
    """What became of passages, and in words: their numbers before, after, and gone in between."""
    word, end = ("new", "oldest") if turned else ("gone", "newest")
    if not before and not after:
        return "does-not-hold", "none in any of them"
    if not after:
        return "holds", f"{before} in the others, none in the {end}, so that all are {word}"
    if gone:
        return "holds-in-part", f"{gone} of {before} {word}, {after} in the {end}"
    return "does-not-hold", f"{after} in the {end}, none {word}"


def _gone(case: Case, stands: Iterable[Stand], version: TrackedVersion) -> set[Stand]:
    """Those passages that do not stand in a version, in no earlier or later wording either."""
    standing = {
        each.provision
        for held in case.history.stands.values()
        for each in held
        if holds_in(each, version.ordinal)
    }
    older = {wording for each in standing for wording in case.history.earlier(each)}
    return {
        each
        for each in stands
        if each.provision not in standing | older
        and standing.isdisjoint(case.history.earlier(each.provision))
    }
