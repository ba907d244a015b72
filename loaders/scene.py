"""What one sentence of an assessment is about: a document in a run of days, and some findings."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from clausegraph.loaders.lawfacts import LawFacts
from clausegraph.loaders.lawparts import Action, Relation, Wording
from clausegraph.loaders.rubric import Rubric
from clausegraph.loaders.scoring import Judged, Score

EACH: Final = frozenset({"document", "matter", "place", "action", "relation"})
"""The sorts of sentences: one about a whole document, or one about each of what was found."""
_LONGEST = 60


@dataclass(frozen=True)
class Scene:
    """A document in a run of days on which its findings and the law told of it stay the same.

    `platform` is a name made plain; `text` says what the document is; `until` is the last day of
    its findings' run, None where it goes on.
    """

    platform: str
    text: str
    score: Score
    rules: Rubric
    law: LawFacts
    iris: dict[int, str]
    day: date
    until: date | None

    def iri(self, judged: Judged) -> str:
        """The IRI of a finding."""
        return self.iris[id(judged.found)]


@dataclass(frozen=True)
class Focus:
    """What one sentence is about: findings, and the place, action or relations where there is one.

    `all` are the findings among which it was selected; `law` are wordings that are cited first.
    """

    judged: tuple[Judged, ...]
    all: tuple[Judged, ...]
    law: tuple[Wording, ...] = ()
    place: str = ""
    action: Action | None = None
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """How a value or anchors are found, and for which sorts of sentence they are known."""

    find: Callable[[Scene, Focus], Any]
    each: frozenset[str] = EACH


def plain(name: str) -> str:
    """A name from an archive as harmless characters of one line, cut where it is long."""
    seen = "".join(
        " " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each
        for each in name
        if unicodedata.category(each) not in {"Cf", "Cs", "Co", "Cn"}
    )
    seen = " ".join(seen.split())
    return (seen[:_LONGEST].rstrip() + "…" if len(seen) > _LONGEST else seen) or "the platform"


def by_matter(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    """Findings by matter, in their order."""
    found: dict[str, list[Judged]] = {}
    for each in judged:
        found.setdefault(each.matter.id, []).append(each)
    return found


def wordings(scene: Scene, focus: Focus) -> list[Wording]:
    """The rules that a sentence is about: those declared, those collided with, or those held against."""
    if focus.law:
        return list(focus.law)
    found = [
        wording
        for each in focus.judged
        for wording in (
            (each.against or (each.wording,)) if each.state == "tension" else (each.wording,)
        )
    ]
    if focus.action is not None:
        both = (one for each in focus.judged for one in (each.wording, *each.against))
        found = [each for each in both if focus.action.cites(each)]
    if focus.relations:
        others = (scene.law.wording(each.other, scene.day) for each in focus.relations)
        found = [focus.judged[0].wording, *(each for each in others if each is not None)]
    return list({each.iri: each for each in found}.values())
