"""What the sentences of assessments lead to: findings, words, rules of law, powers, actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from clausegraph.loaders.scene import Focus, Known, Scene, by_matter, wordings
from clausegraph.loaders.scoring import Judged
from clausegraph.ontology.iris import parse

_MANY, _FEW = 30, 6  # anchors of a kind

_PLACE = frozenset({"place"})


def _chosen(scene: Scene, focus: Focus) -> list[Judged]:
    """For one matter all findings, else one for each matter: that which brings points, or the first."""
    found = by_matter(focus.judged)
    if len(found) == 1:
        return list(focus.judged[:_FEW])
    decisive = scene.score.by_matter
    return [decisive[key] if decisive.get(key) in each else each[0] for key, each in found.items()][
        :_MANY
    ]


def _findings(scene: Scene, focus: Focus) -> Iterable[str]:
    return (scene.iri(each) for each in _chosen(scene, focus))


def _quotes(scene: Scene, focus: Focus) -> Iterable[str]:
    """The best passage of each finding, and one that pulls the other way."""
    found = []
    for each in _chosen(scene, focus):
        seen = each.found.seen
        found += [stand.quote for stand in (*seen.evidence[:1], *seen.counter[:1])]
    return list(dict.fromkeys(found))[:_FEW]


def _rules(scene: Scene, focus: Focus) -> Iterable[str]:
    return (each.iri for each in wordings(scene, focus)[:_FEW])


def _instruments(scene: Scene, focus: Focus) -> Iterable[str]:
    """The regime's own instruments and the acts that change them."""
    own = scene.law.regimes[focus.place].instruments
    return (*own, *(each.act for each in scene.law.changes(focus.place, scene.until)))


def _absences(scene: Scene, focus: Focus) -> Iterable[str]:
    return (each.other for each in focus.relations if parse(each.other)[0] == "absence")


def _of_place(tell: Callable[[Scene, str], Iterable[str]]) -> Known:
    return Known(lambda scene, focus: tell(scene, focus.place), _PLACE)


ANCHORS: Final[dict[str, Known]] = {
    "finding": Known(_findings),
    "quote": Known(_quotes),
    "requirement-version": Known(_rules),
    "law": Known(lambda scene, focus: [each.iri for each in focus.law]),
    "instrument": Known(_instruments, _PLACE),
    "power": _of_place(lambda scene, place: (e.iri for e in scene.law.powers(place, scene.day))),
    "enforcer": _of_place(
        lambda scene, place: (e.enforcer for e in scene.law.powers(place, scene.day))
    ),
    "penalty": _of_place(
        lambda scene, place: (e.iri for e in scene.law.penalties(place, scene.day))
    ),
    "action": Known(
        lambda scene, focus: [focus.action.iri] if focus.action else [], frozenset({"action"})
    ),
    "alignment": Known(
        lambda scene, focus: [each.iri for each in focus.relations], frozenset({"relation"})
    ),
    "absence": Known(_absences, frozenset({"relation"})),
}
"""What a template can name as its anchors, with the sorts of sentences for which it is known."""
