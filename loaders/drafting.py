"""Sentences from templates over the findings of a document in a run of days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from clausegraph.loaders.lawparts import Relation
from clausegraph.loaders.leads import ANCHORS
from clausegraph.loaders.phrases import PLACEHOLDERS
from clausegraph.loaders.scene import Focus, Scene, by_matter
from clausegraph.loaders.scoring import Judged
from clausegraph.loaders.templates import PLACES, Template, Templates
from clausegraph.ontology.iris import parse


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence with its template and what it leads to."""

    template: Template
    sentence: str
    anchors: tuple[str, ...]


def draft(scene: Scene, declared: Templates, kind: str) -> tuple[Draft, ...]:
    """The sentences for a document of a kind (a slug), part by part, no sentence twice."""
    count: Counter[str] = Counter()
    found: dict[tuple[str, str], Draft] = {}
    level = scene.score.level or "none"
    for template in declared.templates:
        if kind not in template.documents or level not in template.level:
            continue
        for focus in _focuses(template, scene):
            made = _written(template, scene, focus)
            if made is None or (template.part, made.sentence) in found:
                continue
            if count[template.part] < declared.most[template.part]:
                count[template.part] += 1
                found[template.part, made.sentence] = made
    order = list(declared.most)
    return tuple(sorted(found.values(), key=lambda each: order.index(each.template.part)))


def _written(template: Template, scene: Scene, focus: Focus) -> Draft | None:
    """The sentence; None where a value is missing, or where it leads to nothing."""
    values = {name: str(PLACEHOLDERS[name].find(scene, focus)) for name in template.holes}
    if not all(values.values()):
        return None
    anchors = [iri for kind in template.anchors for iri in ANCHORS[kind].find(scene, focus)]
    if not anchors:
        return None
    return Draft(template, template.filled(values), tuple(dict.fromkeys(anchors)))


def _focuses(template: Template, scene: Scene) -> Iterator[Focus]:
    """What a template is about, each time it is used."""
    judged = scene.score.judged
    law = tuple(
        held for name in template.law if (held := scene.law.wording(name, scene.day)) is not None
    )
    if template.law and not law:
        return
    if template.each == "place":
        for place in PLACES:
            for focus in _selected(template, scene, scene.score.by_place.get(place, ())):
                yield replace(focus, place=place, law=law)
        return
    for focus in _selected(template, scene, judged):
        yield from _split(template.each, scene, replace(focus, law=law))


def _selected(template: Template, scene: Scene, judged: Sequence[Judged]) -> Iterator[Focus]:
    """The findings that a template selects among some, where it is used at all."""
    score = scene.score
    found = template.find.select(judged, score)
    if not found or any(each.select(judged, score) for each in template.unless):
        return
    if all(each.select(judged, score) for each in template.beside):
        yield Focus(tuple(found), tuple(judged))


def _split(each: str, scene: Scene, focus: Focus) -> Iterator[Focus]:
    """One focus for a document, or one for each of what its findings lead to."""
    if each == "document":
        yield focus
    elif each == "action":
        actions = {one.iri: one for judged in focus.judged for one in judged.actions}
        for action in sorted(actions.values(), key=lambda one: one.announced, reverse=True):
            mine = tuple(one for one in focus.judged if action in one.actions)
            yield replace(focus, judged=mine, action=action)
    else:
        for found in by_matter(focus.judged).values():
            if each == "matter":
                yield replace(focus, judged=tuple(found))
            else:
                yield from _related(scene, focus, found)


def _related(scene: Scene, focus: Focus, found: Iterable[Judged]) -> Iterator[Focus]:
    """The first finding whose rule relates to rules of other places, with these relations."""
    for judged in found:
        relations = tuple(
            each
            for each in scene.law.relations(judged.wording.requirement, scene.day)
            if _stands(scene, each)
        )
        if relations:
            yield replace(focus, judged=(judged,), relations=relations)
            return


def _stands(scene: Scene, relation: Relation) -> bool:
    """Whether the other side stands on the day; a known absence does."""
    other = relation.other
    return parse(other)[0] == "absence" or scene.law.wording(other, scene.day) is not None
