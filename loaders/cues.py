"""The declared patterns by which passages are recognised, read from the files in `detection/`.

Each file is one topic: what it is about, from how many points a passage counts, and its cues. A cue
is a pattern in RE2's syntax over small letters, with the place where it is looked for, points, and
sentences that it must and must not match; those are tests. RE2 takes linear time whatever a policy
holds. A cue's digest is that of all it says, so a changed rule is known without its number.

There are two kinds: `topics` (what a passage is about) and `disclosures` (a passage that does what
a requirement of law asks). `populations.yaml` and `acts.yaml` say for whom and with what force.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import orjson
import re2
from jsonschema import Draft202012Validator

from clausegraph.loaders.source import Mistake, SourceError, SourceFile, misfits, read
from clausegraph.ontology.errors import ClausegraphError

PLACES: Final = ("sentence", "passage", "heading", "lead", "before", "head")
"""Where a cue may be looked for.

``sentence`` and ``passage`` are the words themselves, sentence by sentence or all at once;
``heading`` any heading above; ``lead`` the line that introduces a list or table; ``before`` the two
passages before; ``head`` the first row of the table.
"""
KINDS: Final = ("topics", "disclosures")
"""The kinds of topics, each a folder of files."""
PASSAGES: Final = ("heading", "paragraph", "item", "row", "definition", "code")
"""The kinds of passages (`segment.Segment.kind`) to which a cue may be limited."""
POLARITIES: Final = ("stated", "denied", "unclear")
"""What a cue says: that a thing is stated, that it is refused, or that readers would differ."""
_ESCAPE = re.compile(r"\\.|\(\?[a-zA-Z-]+[:)]")


@dataclass(frozen=True, slots=True)
class Cue:
    """One declared pattern. `id` is the topic's and its own: ``right-to-delete/asks``.

    `unless` keeps the cue from counting where it matches in the same place. `kinds` limits it to
    passages of some kinds (`segment.Segment.kind`); empty: all.
    """

    id: str
    version: int
    topic: str
    place: str
    pattern: str
    unless: str
    points: int
    polarity: str
    kinds: frozenset[str]
    yes: tuple[str, ...]
    no: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of everything by which the cue decides."""
        facts = [self.id, self.place, self.pattern, self.unless, self.points, self.polarity]
        return hashlib.sha256(orjson.dumps([*facts, sorted(self.kinds)])).hexdigest()


@dataclass(frozen=True, slots=True)
class Topic:
    """What a passage may be about, with its cues; it counts from `threshold` points.

    `kind` is ``topics`` or ``disclosures``. `confidence` is the share of passages (or documents) with
    this topic that readers found right, a little below what was counted where few were seen (rule of
    succession); 0 where nobody measured it; see `docs/evaluation.md`.
    `denial` says what a denial is: ``denies`` where it refuses what is asked for, ``states`` where it
    is itself the statement asked for ("we do not sell").
    """

    id: str
    kind: str
    name: str
    threshold: int
    confidence: float
    label: str
    denial: str
    cues: tuple[Cue, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of everything by which the topic decides."""
        parts = [str(self.threshold), *(cue.digest for cue in self.cues)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class NoRulesError(ClausegraphError):
    """`CLAUSEGRAPH_RULES` names a folder in which there are no declared patterns."""

    code = "no-rules"


def folder() -> Path:
    """Where the declared patterns lie: `CLAUSEGRAPH_RULES`, or with the package.

    It is read from the environment, which the processes that examine documents inherit. Raises
    `NoRulesError` where the variable names no folder with rule files.
    """
    own = os.environ.get("CLAUSEGRAPH_RULES")
    if not own:
        return Path(str(files("clausegraph.loaders").joinpath("detection")))
    path = Path(own)
    if not any(next(path.glob(f"{kind}/*.yaml"), None) for kind in KINDS):
        raise NoRulesError(
            f"CLAUSEGRAPH_RULES names no folder with rule files: {own}",
            hint=f"It needs {' or '.join(KINDS)} with .yaml files in it; without the variable, the "
            "rules that are installed hold.",
            value=own,
        )
    return path


@lru_cache(maxsize=1)
def declared() -> tuple[Topic, ...]:
    """The topics that come with the package, in the order of their names."""
    return read_topics(folder())


def read_topics(root: Path) -> tuple[Topic, ...]:
    """Read every topic below a folder.

    Raises `SourceError` naming file, line and path of all that is wrong: a form that does not fit, a
    pattern that RE2 does not take, an example that its cue judges otherwise, an id given twice.
    """
    mistakes: list[Mistake] = []
    topics = []
    for kind in KINDS:
        for path in sorted((root / kind).glob("*.yaml")):
            source = read(root, path)
            if wrong := misfits(source, _form()):
                mistakes += wrong
                continue
            topic = _topic(source, kind)
            mistakes += _mistakes(source, topic)
            topics.append(topic)
    if mistakes:
        raise SourceError(mistakes)
    return tuple(topics)


def compiled(pattern: str) -> Any:
    """A pattern ready for use; it is looked for in text in small letters."""
    return _compiled(pattern)


@lru_cache(maxsize=4_096)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern, _quiet())


@lru_cache(maxsize=1)
def _quiet() -> Any:
    """RE2 raises what is wrong; it is not to write it to standard error as well."""
    options = re2.Options()
    options.log_errors = False
    return options


def _topic(source: SourceFile, kind: str) -> Topic:
    data = source.data
    return Topic(
        id=source.stem,
        kind=kind,
        name=data["name"],
        threshold=data.get("threshold", 3),
        confidence=float(data.get("confidence", "0")),
        label=data.get("label", ""),
        denial=data.get("denial", "denies"),
        cues=tuple(
            _cue(source.stem, entry, place)
            for entry in data["cues"]
            for place in _listed(entry.get("in", "sentence"))
        ),
    )


def _cue(topic: str, entry: dict[str, Any], place: str) -> Cue:
    """A cue as declared; one that is looked for in several places is several."""
    several = len(_listed(entry.get("in", "sentence"))) > 1
    return Cue(
        id=f"{topic}/{entry['id']}" + (f"-{place}" if several else ""),
        version=entry.get("version", 1),
        topic=topic,
        place=place,
        pattern=entry["pattern"],
        unless=entry.get("unless", ""),
        points=entry.get("points", 3),
        polarity=entry.get("polarity", "stated"),
        kinds=frozenset(entry.get("kinds", ())),
        yes=tuple(entry["yes"]),
        no=tuple(entry.get("no", ())),
    )


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _mistakes(source: SourceFile, topic: Topic) -> Iterator[Mistake]:
    """Patterns that cannot be read, examples judged otherwise, names given twice."""
    seen: set[str] = set()
    for at, entry in enumerate(source.data["cues"]):
        path = ("cues", at)
        if entry["id"] in seen:
            yield source.mistake((*path, "id"), f"{entry['id']!r} is given twice")
        seen.add(entry["id"])
        for key in ("pattern", "unless"):
            if (wrong := problem(entry.get(key, ""))) is not None:
                yield source.mistake((*path, key), wrong)
                break
        else:
            yield from _examples(source, (*path,), entry)


def problem(pattern: str) -> str | None:
    """Why a pattern cannot be used; None where it can."""
    if re.search("[A-Z]", _ESCAPE.sub("", pattern)):
        return "patterns are written in small letters"
    try:
        compiled(pattern)
    except re2.error as error:
        told = error.args[0]
        text = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
        return f"RE2 does not take this pattern: {text}"
    return None


def _examples(
    source: SourceFile, path: tuple[str | int, ...], entry: dict[str, Any]
) -> Iterator[Mistake]:
    for key, wanted in (("yes", True), ("no", False)):
        for at, example in enumerate(entry.get(key, ())):
            if matches(entry["pattern"], entry.get("unless", ""), example) is not wanted:
                word = "must" if wanted else "must not"
                yield source.mistake((*path, key, at), f"the cue {word} match {example!r}")


def matches(pattern: str, unless: str, text: str) -> bool:
    """Whether a cue's pattern stands in a text and what speaks against it does not."""
    small = text.lower()
    if compiled(pattern).search(small) is None:
        return False
    return not unless or compiled(unless).search(small) is None


@lru_cache(maxsize=1)
def _form() -> Draft202012Validator:
    text = {"type": "string", "minLength": 1}
    examples = {"type": "array", "items": text, "minItems": 1}
    slug = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
    place = {"enum": list(PLACES)}
    cue = {
        "type": "object",
        "required": ["id", "pattern", "yes"],
        "additionalProperties": False,
        "properties": {
            "id": slug,
            "version": {"type": "integer", "minimum": 1},
            "in": {
                "anyOf": [place, {"type": "array", "items": place, "minItems": 2}],
                "description": f"one of: {', '.join(PLACES)}, or a list of several",
            },
            "pattern": text,
            "unless": text,
            "points": {"type": "integer", "minimum": -9, "maximum": 9},
            "polarity": {"enum": list(POLARITIES)},
            "kinds": {"type": "array", "items": {"enum": list(PASSAGES)}, "minItems": 1},
            "yes": examples,
            "no": examples,
            "note": text,
        },
    }
    return Draft202012Validator(
        {
            "type": "object",
            "required": ["name", "cues"],
            "additionalProperties": False,
            "properties": {
                "name": text,
                "label": text,
                "note": text,
                "denial": {"enum": ["denies", "states"]},
                "threshold": {"type": "integer", "minimum": 1, "maximum": 30},
                "confidence": {"type": "string", "pattern": "^[01]\\.[0-9]{1,3}$"},
                "cues": {"type": "array", "items": cue, "minItems": 1},
            },
        }
    )
