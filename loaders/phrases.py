"""What can be put into the sentences of assessments.

All values are ours or the law's: names, citations, days, numbers, and the platform's name, which
is data of an archive and is put in as plain characters of one line. No word of a policy is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from clausegraph.loaders.lawfacts import place_of
from clausegraph.loaders.lawparts import Action, Wording
from clausegraph.loaders.scene import Focus, Known, Scene, by_matter, wordings
from clausegraph.loaders.scoring import Judged

_WORST: Final = ("tension", "denied", "not-stated", "stated", "not-examined")
_ITEMS, _CITATIONS = 9, 4  # names and citations in a sentence
_RELATIONS: Final = {
    "equal": "asks the same as",
    "superset": "asks for more than",
    "subset": "asks for less than",
    "intersects": "overlaps in part with",
    "none": "has no counterpart in",
}


def listed(words: Iterable[str]) -> str:
    """Some words as people list them: ``a, b and c``."""
    *most, last = [*dict.fromkeys(words)] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _names(focus: Focus, judged: Iterable[Judged]) -> str:
    """The names of matters, with the places where not all that ask for one are meant."""
    asked = {key: _codes(found) for key, found in by_matter(focus.all).items()}
    names = []
    for key, found in by_matter(judged).items():
        codes, name = _codes(found), found[0].matter.name
        names.append(name if codes == asked.get(key, codes) else f"{name} ({_states(found)})")
    kept = names[:_ITEMS]
    more = len(names) - len(kept)
    return listed([*kept, f"{more} more"] if more else kept)


def _matters(scene: Scene, focus: Focus) -> str:
    return listed(each[0].matter.name for each in by_matter(focus.judged).values())


def _counted(scene: Scene, focus: Focus) -> str:
    """The matters with what each brings."""
    return listed(f"{each.matter.name} ({each.points})" for each in focus.judged)


def _codes(judged: Iterable[Judged]) -> set[str]:
    return {each.place for each in judged}


def _states(judged: Iterable[Judged]) -> str:
    short = {
        "us-ca": "California",
        "us-va": "Virginia",
        "us-co": "Colorado",
        "us-ct": "Connecticut",
    }
    held = _codes(judged)
    return listed(name for code, name in short.items() if code in held)


def _count(state: str) -> Callable[[Scene, Focus], str]:
    """How many matters are in a state; each is counted once, by the worst of its findings."""

    def counted(scene: Scene, focus: Focus) -> str:
        return str(sum(_state(each) == state for each in by_matter(focus.all).values()))

    return counted


def _state(judged: Sequence[Judged]) -> str:
    """The state of a matter: the worst that is not lifted, else ``lifted``, ``stated`` or unknown."""
    held = {each.state for each in judged if each.facts["condition"] != "lifted"}
    for state in _WORST:
        if state in held:
            return state
    states = {each.state for each in judged}
    return states.pop() if states in ({"stated"}, {"not-examined"}) else "lifted"


def _citations(scene: Scene, focus: Focus) -> str:
    """The rules, by the first citation of each; of an action those places that it cites itself."""
    found = wordings(scene, focus)
    if focus.action is not None:
        texts = [text for each in found for text in focus.action.cites(each)]
    else:
        texts = [text for each in found for text in each.citations[:1]]
    texts = list(dict.fromkeys(texts))
    more = len(texts) - _CITATIONS
    return "; ".join(texts[:_CITATIONS]) + (f" and {more} more" if more > 0 else "")


def _clock(scene: Scene, focus: Focus) -> str:
    return listed(period for each in focus.judged for period in each.wording.periods[:1])


def _conditional(scene: Scene, focus: Focus) -> str:
    return str(sum(each.points for each in focus.judged))


def _left_out(scene: Scene, focus: Focus) -> str:
    return _names(focus, [each for each in focus.all if each.facts["scope"] == "other"])


def _acts(scene: Scene, focus: Focus) -> str:
    days: dict[str, list[str]] = {}
    for each in scene.law.changes(focus.place, scene.until):
        days.setdefault(each.name, []).append(str(each.first))
    return (
        "; ".join(f"{name} from {listed(each)}" for name, each in days.items()) or "none recorded"
    )


def _powers(scene: Scene, focus: Focus) -> str:
    """Enforcers with their powers: ``X (alone: rulemaking; shared: audit, civil action)``."""
    held: dict[str, dict[str, list[str]]] = {}
    for each in scene.law.powers(focus.place, scene.day):
        ways = held.setdefault(each.name, {})
        ways.setdefault("alone" if each.exclusive else "shared", []).append(each.kind)
    return listed(f"{name} ({_ways(ways)})" for name, ways in held.items())


def _ways(ways: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(
        f"{how}: {', '.join(sorted({kind.replace('-', ' ') for kind in kinds}))}"
        for how, kinds in sorted(ways.items())
    )


def _penalties(scene: Scene, focus: Focus) -> str:
    held = scene.law.penalties(focus.place, scene.day)
    return "; ".join(map(_penalty, held)) or "none recorded"


def _penalty(wording: Wording) -> str:
    name = wording.name[:1].lower() + wording.name[1:]
    text = f"{name} up to {wording.most[0]:,} USD" if wording.most else name
    worse = f" ({wording.most[-1]:,} USD in aggravated cases)" if len(wording.most) > 1 else ""
    return text + worse


def _relations(scene: Scene, focus: Focus) -> str:
    """How other places' rules relate, the same relations together."""
    held: dict[str, list[str]] = {}
    for each in focus.relations:
        wording = scene.law.wording(each.other, scene.day)
        place = scene.law.places[place_of(each.other)]
        name = wording.citations[0] if wording and wording.citations else place
        held.setdefault(each.relation, []).append(name)
    return "; ".join(f"{_RELATIONS[relation]} {listed(names)}" for relation, names in held.items())


def _amount(scene: Scene, focus: Focus) -> str:
    assert focus.action is not None
    return f"{focus.action.amount:,} USD" if focus.action.amount else "no amount told"


def _action(tell: Callable[[Action], str]) -> Callable[[Scene, Focus], str]:
    def told(scene: Scene, focus: Focus) -> str:
        assert focus.action is not None
        return tell(focus.action)

    return told


def _regime(tell: Callable[[Scene, str], str]) -> Callable[[Scene, Focus], str]:
    return lambda scene, focus: tell(scene, focus.place)


_PLACE, _STEP = frozenset({"place"}), frozenset({"action"})
PLACEHOLDERS: Final[dict[str, Known]] = {
    "platform": Known(lambda scene, focus: scene.platform),
    "text": Known(lambda scene, focus: scene.text),
    "items": Known(lambda scene, focus: _names(focus, focus.judged)),
    "matters": Known(_matters),
    "counted": Known(_counted),
    "item": Known(
        lambda scene, focus: focus.judged[0].matter.name, frozenset({"matter", "relation"})
    ),
    "places": Known(lambda scene, focus: _states(focus.judged)),
    "citations": Known(_citations),
    "clock": Known(_clock),
    "asked": Known(lambda scene, focus: str(len(by_matter(focus.all)))),
    "stated": Known(_count("stated")),
    "denied": Known(_count("denied")),
    "missing": Known(_count("not-stated")),
    "strained": Known(_count("tension")),
    "lifted": Known(_count("lifted")),
    "open": Known(_count("not-examined")),
    "examined": Known(lambda scene, focus: str(scene.score.examined)),
    "least": Known(lambda scene, focus: str(scene.rules.least)),
    "rubric": Known(lambda scene, focus: str(scene.rules.version)),
    "level": Known(lambda scene, focus: scene.score.level or ""),
    "points": Known(lambda scene, focus: str(scene.score.points)),
    "conditional": Known(_conditional),
    "place": Known(_regime(lambda scene, place: scene.law.places[place]), _PLACE),
    "regime": Known(_regime(lambda scene, place: scene.law.regimes[place].name), _PLACE),
    "title": Known(_regime(lambda scene, place: scene.law.regimes[place].title), _PLACE),
    "acts": Known(_acts, _PLACE),
    "powers": Known(_powers, _PLACE),
    "penalties": Known(_penalties, _PLACE),
    "left-out": Known(_left_out, _PLACE),
    "action": Known(_action(lambda action: action.name), _STEP),
    "announced": Known(_action(lambda action: str(action.announced)), _STEP),
    "enforcers": Known(_action(lambda action: listed(action.enforcers)), _STEP),
    "amount": Known(_amount, _STEP),
    "rule": Known(
        lambda scene, focus: focus.judged[0].wording.citations[0], frozenset({"relation"})
    ),
    "relations": Known(_relations, frozenset({"relation"})),
}
