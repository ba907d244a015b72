"""Assessments: what follows from the findings of a document, for each run of days of its own.

An assessment lasts as long as the findings stay the same and the law that it tells of does too.
Everything in it is derived from findings and law, so it can be made again from the graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from clausegraph.loaders import methods
from clausegraph.loaders.drafting import Draft, draft
from clausegraph.loaders.findings import Found, short
from clausegraph.loaders.lawfacts import LawFacts
from clausegraph.loaders.rubric import rubric
from clausegraph.loaders.scene import Scene, plain
from clausegraph.loaders.scoring import Score, score
from clausegraph.loaders.templates import templates
from clausegraph.loaders.tracked import Tracked, TrackedVersion
from clausegraph.loaders.unit import Node, filled
from clausegraph.ontology.iris import concept, mint
from clausegraph.ontology.terms import vocabulary

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Run:
    """An unbroken run of days with the same findings; `last` is None where it goes on."""

    first: date
    last: date | None
    found: tuple[Found, ...]


@dataclass(frozen=True)
class Assessed:
    """What is said of a run of days."""

    run: Run
    score: Score
    drafts: tuple[Draft, ...]


def assessment_nodes(
    history: Tracked, found: Sequence[Found], law: LawFacts, name: str
) -> Iterator[Node]:
    """The nodes of a document's assessments; `name` is its platform's, as an archive has it."""
    iris = {id(each): each.iri(history.ids) for each in found}
    for each in assessed(found, law, name, iris):
        yield from _nodes(history, each, iris, name)


def assessed(
    found: Sequence[Found], law: LawFacts, name: str, iris: dict[int, str]
) -> Iterator[Assessed]:
    """The assessments of a document in the order of their days; `iris` of findings by identity."""
    for whole in runs(found):
        before: Assessed | None = None
        for part in _parts(whole, law):
            made = _assessed(part, whole, law, name, iris)
            if before and (before.score.points, before.drafts) == (made.score.points, made.drafts):
                before = Assessed(
                    Run(before.run.first, part.last, whole.found), before.score, before.drafts
                )
                continue
            if before:
                yield before
            before = made
        if before:
            yield before


def runs(found: Sequence[Found]) -> Iterator[Run]:
    """The runs of days on which the same findings hold; days without any are left out."""
    edges = {each.first_day for each in found}
    edges |= {each.last_day + _DAY for each in found if each.last_day is not None}
    ordered: list[date | None] = [*sorted(edges), None]
    for first, after in pairwise(ordered):
        assert first is not None
        held = tuple(
            each
            for each in found
            if each.first_day <= first and (each.last_day is None or each.last_day >= first)
        )
        if held:
            yield Run(first, after and after - _DAY, held)


def _parts(run: Run, law: LawFacts) -> Iterator[Run]:
    """A run, cut on the days on which something of the law may be told otherwise."""
    cuts = [day for day in law.days if run.first < day and (run.last is None or day <= run.last)]
    starts = [run.first, *cuts]
    ends = [*(day - _DAY for day in cuts), run.last]
    for first, last in zip(starts, ends, strict=True):
        yield Run(first, last, run.found)


def _assessed(part: Run, whole: Run, law: LawFacts, name: str, iris: dict[int, str]) -> Assessed:
    kind = _kind(part.found)
    made = score(part.found, law, part.first)
    scene = Scene(
        platform=plain(name),
        text=_text(kind),
        score=made,
        rules=rubric(),
        law=law,
        iris=iris,
        day=part.first,
        until=whole.last,
    )
    return Assessed(part, made, draft(scene, templates(), kind))


def _kind(found: Sequence[Found]) -> str:
    """The kind of document that the findings are held against, as a slug."""
    return min(found[0].duty.documents)


def _text(kind: str) -> str:
    """The kind of document in words."""
    return vocabulary().concept("document-kind", kind).label.lower()


def _nodes(history: Tracked, each: Assessed, iris: dict[int, str], name: str) -> Iterator[Node]:
    run, level = each.run, each.score.level
    versions = _versions(history, run)
    key = short(f"{versions[0].iri} {run.first}")
    iri = mint("assessment", *history.ids, key)
    said = f"exposure {level} by rubric" if level else "no exposure level"
    yield filled(
        {
            "id": iri,
            "type": "Assessment",
            "label": f"{plain(name)}, {_text(_kind(run.found))} from {run.first}: {said}",
            "document": history.document,
            "firstVersion": versions[0].iri,
            "lastVersion": versions[-1].iri if run.last else None,
            "validFrom": run.first,
            "validUntil": run.last,
            "exposureLevel": concept("exposure-level", level) if level else None,
            "points": each.score.points if level else None,
            "input": sorted(iris[id(one)] for one in run.found),
            "madeBy": methods.method("assessment"),
        }
    )
    numbers: dict[str, int] = {}
    for order, made in enumerate(each.drafts, 1):
        part = made.template.part
        numbers[part] = numbers.get(part, 0) + 1
        yield _statement(f"{iri}/{part}-{numbers[part]}", iri, order, made)


def _statement(iri: str, assessment: str, order: int, made: Draft) -> Node:
    declared = made.template
    chosen = {
        "condition": ("profile-condition", declared.condition),
        "assignee": ("assignee", declared.assignee),
        "evidenceKind": ("evidence-kind", declared.evidence_kind),
    }
    return {
        "id": iri,
        "type": "Statement",
        "assessment": assessment,
        "part": concept("statement-part", declared.part),
        "order": order,
        "sentence": made.sentence,
        "anchor": list(made.anchors),
        "template": declared.id,
        "madeBy": methods.method("assessment"),
        **{key: concept(scheme, slug) for key, (scheme, slug) in chosen.items() if slug},
    }


def _versions(history: Tracked, run: Run) -> list[TrackedVersion]:
    """The whole versions that share days with a run, in order."""
    return [
        each
        for each in history.versions
        if each.whole
        and each.first_day is not None
        and (run.last is None or each.first_day <= run.last)
        and (each.last_day is None or each.last_day >= run.first)
    ]
