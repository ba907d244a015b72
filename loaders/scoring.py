"""What a rubric makes of the findings of a day: points by matter, and a level.

Points follow only from what the graph says of a finding: its requirement, state, tension, polarity
and rules, and the enforcement actions that cite its rule; `rubricquery` writes the same in SPARQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from clausegraph.loaders.findings import Found
from clausegraph.loaders.lawfacts import LawFacts
from clausegraph.loaders.lawparts import Action, Wording
from clausegraph.loaders.rubric import CONDITIONAL, Lift, Matter, Rubric, rubric


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding in its matter, on a day, with the rule as it reads and those that it is against.

    `facts` are what templates select by; their ``condition`` is ``lifted`` where the text itself
    denies it. `actions` cite the rule; `points` are what it brings, before its matter counts once.
    """

    found: Found
    matter: Matter
    wording: Wording
    against: tuple[Wording, ...]
    facts: Mapping[str, str]
    points: int
    actions: tuple[Action, ...]

    @property
    def state(self) -> str:
        """The finding's state, as a slug."""
        return self.facts["state"]

    @property
    def place(self) -> str:
        """The place whose law it is held against: ``us-ca``."""
        return self.facts["place"]


@dataclass(frozen=True)
class Score:
    """What a rubric makes of the findings of a day; without a `level` too few matters were examined.

    `by_matter` has the finding that decides each matter which brings points.
    """

    judged: tuple[Judged, ...]
    by_place: Mapping[str, tuple[Judged, ...]]
    by_matter: Mapping[str, Judged]
    examined: int
    points: int
    level: str | None


def score(found: Sequence[Found], law: LawFacts, day: date, rules: Rubric | None = None) -> Score:
    """Judge the findings that hold on a day by the rubric."""
    rules = rules or rubric()
    judged = tuple(_judged(found, law, day, rules, lifted(found, rules)))
    decisive: dict[str, Judged] = {}
    for each in judged:
        best = decisive.get(each.matter.id)
        if each.points and (best is None or _weight(each) > _weight(best)):
            decisive[each.matter.id] = each
    examined = {each.matter.id for each in judged if each.state != "not-examined"}
    points = sum(each.points for each in decisive.values())
    return Score(
        judged=judged,
        by_place={
            place: tuple(each for each in judged if each.place == place)
            for place in {each.place for each in judged}
        },
        by_matter=decisive,
        examined=len(examined),
        points=points,
        level=rules.level(points) if len(examined) >= rules.least else None,
    )


def _weight(judged: Judged) -> tuple[int, bool]:
    """What decides a matter: most points, and of equals what is asked of everybody."""
    return judged.points, judged.facts["condition"] not in CONDITIONAL


def lifted(found: Sequence[Found], rules: Rubric) -> set[str]:
    """The conditions that the document itself denies."""
    own = {
        name
        for name, lift in rules.lifts.items()
        if not lift.parts and any(_denies(each, lift) for each in found)
    }
    return own | {
        name for name, lift in rules.lifts.items() if lift.parts and own.issuperset(lift.parts)
    }


def _denies(found: Found, lift: Lift) -> bool:
    """Whether a finding is the document's own denial of what a condition asks for."""
    made = found.seen.outcome
    denial = made.state == "stated" and made.polarity == "negative"
    return denial and found.duty.requirement in lift.by and not lift.rules.isdisjoint(made.rules)


def _judged(
    found: Sequence[Found], law: LawFacts, day: date, rules: Rubric, denied: set[str]
) -> Iterator[Judged]:
    """The findings that have a matter, in the rubric's order of matters and requirements."""
    held = {each.duty.requirement: each for each in found}
    for requirement, matter in rules.of.items():
        each, wording = held.get(requirement), law.wording(requirement, day)
        if each is None or wording is None:
            continue
        condition, made = matter.requirements[requirement], each.seen.outcome
        if condition == "tension" and made.state != "tension":
            continue
        condition = "lifted" if condition in denied else condition
        against = tuple(one for name in made.against if (one := law.wording(name, day)) is not None)
        points = _points(made.state, made.tension, condition, matter, rules)
        actions = law.actions((wording, *against), day)
        yield Judged(
            found=each,
            matter=matter,
            wording=wording,
            against=against,
            facts={
                "matter": matter.id,
                "condition": "always" if condition == "tension" else condition,
                "place": each.duty.jurisdiction,
                "state": made.state,
                "scope": made.scope,
                "polarity": made.polarity,
                "reason": made.reason,
                "tension": made.tension,
            },
            points=points + (rules.cited if points and actions else 0),
            actions=actions,
        )


def _points(state: str, tension: str, condition: str, matter: Matter, rules: Rubric) -> int:
    """What a state brings; nothing where the condition is lifted, or where silence is no gap."""
    if condition == "lifted" or (condition == "outside" and state == "not-stated"):
        return 0
    if state == "tension":
        return rules.tensions[tension]
    return matter.points * rules.states.get(state, 0)
