"""The published rubric of exposure levels (`assessment/rubric.yaml`), read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from clausegraph.loaders.forms import Form, filled, listed, mapping
from clausegraph.loaders.source import Mistake, SourceError, SourceFile, misfits, read
from clausegraph.ontology.iris import mint

CONDITIONAL: Final = ("sale", "advertising", "sale-or-advertising", "sensitive")
ASKED: Final = frozenset(("always", *CONDITIONAL, "outside"))
CONDITIONS: Final = ("always", *CONDITIONAL, "outside", "tension")
LEVELS: Final = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that laws ask for; `requirements` has the condition of each by IRI."""

    id: str
    name: str
    points: int
    requirements: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lift:
    """What lifts a condition: each of `parts`, or a denial of one of `by` that one of `rules` read."""

    by: frozenset[str]
    rules: frozenset[str]
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Rubric:
    """Matters, and what their findings bring; `lifts` has what lifts each condition.

    `bounds` are the first points of each level; `of` finds a requirement's matter.
    """

    version: int
    sha256: str
    states: Mapping[str, int]
    tensions: Mapping[str, int]
    cited: int
    least: int
    bounds: Mapping[str, int]
    lifts: Mapping[str, Lift]
    elsewhere: frozenset[str]
    matters: tuple[Matter, ...]
    of: Mapping[str, Matter]

    def level(self, points: int) -> str:
        """The level that some points give."""
        return max(self.bounds, key=lambda name: (self.bounds[name] <= points, self.bounds[name]))


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
        lifts={name: _lift(entry) for name, entry in data["lifts"].items()},
        elsewhere=frozenset(map(_iri, data["elsewhere"])),
        matters=matters,
        of={iri: matter for matter in matters for iri in matter.requirements},
    )


def _matter(entry: Mapping[str, Any]) -> Matter:
    given = {_iri(name): key for key in CONDITIONS for name in entry.get(key, ())}
    return Matter(entry["id"], entry["name"], entry["points"], given)


def _lift(entry: Mapping[str, Sequence[str]]) -> Lift:
    return Lift(
        by=frozenset(map(_iri, entry.get("by", ()))),
        rules=frozenset(entry.get("rules", ())),
        parts=tuple(entry.get("all", ())),
    )


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
    names = filled(name)
    points = {"type": "integer", "minimum": 0, "maximum": 9}
    kinds = listed("tension-kind")
    level = mapping({"from": {"type": "integer"}, "to": {"type": "integer"}}, ["from"])
    matter = {"id": slug, "name": {"type": "string", "pattern": "^[^,;{}]+$"}, "points": points}
    return Draft202012Validator(
        mapping(
            {
                "version": {"type": "integer", "minimum": 1},
                "states": mapping(dict.fromkeys(("not-stated", "denied"), points)),
                "tensions": mapping(dict.fromkeys(kinds, points)),
                "cited": points,
                "least": {"type": "integer", "minimum": 1},
                "levels": mapping(dict.fromkeys(LEVELS, level)),
                "lifts": mapping(dict.fromkeys(CONDITIONAL, _lift_form(names))),
                "matters": filled(
                    mapping({**matter, **dict.fromkeys(CONDITIONS, names)}, sorted(matter))
                ),
                "elsewhere": {"type": "array", "items": name},
            }
        )
    )


def _lift_form(names: Form) -> Form:
    """Requirements with rules that read a denial of them, or other conditions."""
    rules = filled({"type": "string", "pattern": "^[a-z0-9-]+/[a-z0-9-]+$"})
    parts = filled({"enum": list(CONDITIONAL)}, 2) | {"uniqueItems": True}
    return {"oneOf": [mapping({"by": names, "rules": rules}), mapping({"all": parts})]}
