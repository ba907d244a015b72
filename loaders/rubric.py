"""The exposure level of a set of findings on a day, by a published rubric (`assessment/rubric.yaml`).

Points follow only from what the graph says of a finding: its requirement, state, tension and
polarity, and the enforcement actions that cite its rule; `rubricquery` writes the same sum in SPARQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from clausegraph.loaders.findings import Found
from clausegraph.loaders.lawfacts import LawFacts
from clausegraph.loaders.lawparts import Action, Wording
from clausegraph.loaders.source import Mistake, SourceError, SourceFile, misfits, read
from clausegraph.ontology.iris import mint
from clausegraph.ontology.terms import vocabulary

CONDITIONS: Final = ("always", "sale", "sensitive", "tension")
LEVELS: Final = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that laws ask for; `requirements` has the condition of each by IRI."""

    id: str
    name: str
    points: int
    requirements: Mapping[str, str]


@dataclass(frozen=True)
class Rubric:
    """Matters, and what their findings bring; `lifts` has the requirements whose denial lifts a condition.

    `bounds` are the first points of each level; `of` finds a requirement's matter.
    """

    version: int
    sha256: str
    states: Mapping[str, int]
    tensions: Mapping[str, int]
    cited: int
    least: int
    bounds: Mapping[str, int]
    lifts: Mapping[str, frozenset[str]]
    elsewhere: frozenset[str]
    matters: tuple[Matter, ...]
    of: Mapping[str, Matter]

    def level(self, points: int) -> str:
        """The level that some points give."""
        return max(self.bounds, key=lambda name: (self.bounds[name] <= points, self.bounds[name]))


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
    lifted = {name for name, given in rules.lifts.items() if any(_denies(f, given) for f in found)}
    judged = tuple(_judged(found, law, day, rules, lifted))
    decisive: dict[str, Judged] = {}
    for each in judged:
        best = decisive.get(each.matter.id)
        if each.points > (best.points if best else 0):
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


def _denies(found: Found, given: frozenset[str]) -> bool:
    """Whether a finding is the document's own denial of what a condition asks for."""
    made = found.seen.outcome
    return (
        found.duty.requirement in given and made.state == "stated" and made.polarity == "negative"
    )


def _judged(
    found: Sequence[Found], law: LawFacts, day: date, rules: Rubric, lifted: set[str]
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
        condition = "lifted" if condition in lifted else condition
        against = tuple(one for name in made.against if (one := law.wording(name, day)) is not None)
        points = 0 if condition == "lifted" else _points(made.state, made.tension, matter, rules)
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


def _points(state: str, tension: str, matter: Matter, rules: Rubric) -> int:
    if state == "tension":
        return rules.tensions[tension]
    return matter.points * rules.states.get(state, 0)


def folder() -> Path:
    """Where the rubric and the templates lie."""
    return Path(str(files("clausegraph.loaders").joinpath("assessment")))


@lru_cache(maxsize=1)
def rubric() -> Rubric:
    """The rubric that comes with the package."""
    return read_rubric(folder() / "rubric.yaml")


def read_rubric(path: Path) -> Rubric:
    """Read a rubric from its file.

    Raises `SourceError` naming file, line and path of all that is wrong: a form that does not fit,
    a requirement in two matters, levels that overlap or leave a gap.
    """
    source = read(path.parent, path)
    mistakes = misfits(source, _form()) or [*_levels(source), *_repeated(source)]
    if mistakes:
        raise SourceError(mistakes)
    data = source.data
    matters = tuple(_matter(entry) for entry in data["matters"])
    return Rubric(
        version=data["version"],
        sha256=source.sha256,
        states=data["states"],
        tensions=data["tensions"],
        cited=data["cited"],
        least=data["least"],
        bounds={name: entry["from"] for name, entry in data["levels"].items()},
        lifts={name: frozenset(map(_iri, given)) for name, given in data["lifts"].items()},
        elsewhere=frozenset(map(_iri, data["elsewhere"])),
        matters=matters,
        of={iri: matter for matter in matters for iri in matter.requirements},
    )


def _matter(entry: Mapping[str, Any]) -> Matter:
    given = {_iri(name): key for key in CONDITIONS for name in entry.get(key, ())}
    return Matter(entry["id"], entry["name"], entry["points"], given)


def _iri(name: str) -> str:
    return mint("requirement", *name.split("/"))


def _levels(source: SourceFile) -> Iterator[Mistake]:
    """Levels that do not follow each other without overlap or gap, from 0 on."""
    after = 0
    for at, name in enumerate(LEVELS):
        entry, last = source.data["levels"][name], at == len(LEVELS) - 1
        if entry["from"] != after:
            text = f"must be {after}, so that levels neither overlap nor leave a gap"
            yield source.mistake(("levels", name, "from"), text)
        if last == ("to" in entry):
            yield source.mistake(("levels", name), "every level but the highest needs an end, `to`")
            return
        if not last and entry["to"] < entry["from"]:
            yield source.mistake(("levels", name, "to"), "must not be below `from`")
        after = entry.get("to", 0) + 1


def _repeated(source: SourceFile) -> Iterator[Mistake]:
    """Requirements and matters that stand twice."""
    seen: set[str] = set()
    for at, entry in enumerate(source.data["matters"]):
        for key in ("id", *CONDITIONS):
            for name in [entry[key]] if key == "id" else entry.get(key, ()):
                if name in seen:
                    yield source.mistake(("matters", at, key), f"{name!r} stands twice")
                seen.add(name)
    for at, name in enumerate(source.data["elsewhere"]):
        if name in seen:
            yield source.mistake(("elsewhere", at), f"{name!r} belongs to a matter")


@lru_cache(maxsize=1)
def _form() -> Draft202012Validator:
    slug = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
    name = {"type": "string", "pattern": "^us-[a-z]{2}(/[a-z0-9]+(-[a-z0-9]+)*){2}$"}
    names = {"type": "array", "items": name, "minItems": 1}
    points = {"type": "integer", "minimum": 0, "maximum": 9}
    kinds = sorted(vocabulary().schemes["tension-kind"].concepts)
    level = _object({"from": {"type": "integer"}, "to": {"type": "integer"}}, ["from"])
    matter = {"id": slug, "name": {"type": "string", "pattern": "^[^,;{}]+$"}, "points": points}
    return Draft202012Validator(
        _object(
            {
                "version": {"type": "integer", "minimum": 1},
                "states": _object(dict.fromkeys(("not-stated", "denied"), points)),
                "tensions": _object(dict.fromkeys(kinds, points)),
                "cited": points,
                "least": {"type": "integer", "minimum": 1},
                "levels": _object(dict.fromkeys(LEVELS, level)),
                "lifts": _object({"sale": names, "sensitive": names}),
                "matters": {
                    "type": "array",
                    "minItems": 1,
                    "items": _object(
                        {**matter, **dict.fromkeys(CONDITIONS, names)}, sorted(matter)
                    ),
                },
                "elsewhere": {"type": "array", "items": name},
            }
        )
    )


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """The form of a mapping whose keys are known; all of them are needed unless told otherwise."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties) if required is None else required,
        "additionalProperties": False,
    }
