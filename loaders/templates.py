"""The sentences of assessments as declared in `assessment/templates.yaml`, read and checked.

The file's head explains its small language. What a template may name (parts, states, matters,
placeholders, kinds of anchors) is closed; everything else is refused with file, line and path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from clausegraph.loaders.forms import Form, filled, listed, mapping, some
from clausegraph.loaders.leads import ANCHORS
from clausegraph.loaders.phrases import PLACEHOLDERS
from clausegraph.loaders.rubric import ASKED, CONDITIONAL, LEVELS, folder, rubric
from clausegraph.loaders.scene import EACH
from clausegraph.loaders.scoring import Judged, Score
from clausegraph.loaders.source import Mistake, SourceError, SourceFile, misfits, read
from clausegraph.ontology.iris import mint

PLACES: Final = ("us-ca", "us-va", "us-co", "us-ct")
VERDICTS: Final = re.compile(
    r"\b(compliant|compli(es|ed)|violat\w*|illegal\w*|unlawful\w*|breach\w*|guilty|grades?)\b",
    re.IGNORECASE,
)
"""Words that decide what no analysis of text can decide."""
_HOLE = re.compile(r"{([^{}]*)}")
_LISTS: Final = {
    "state": "finding-state",
    "scope": "text-scope",
    "polarity": "polarity",
    "reason": "finding-reason",
    "tension": "tension-kind",
}


@dataclass(frozen=True, slots=True)
class Find:
    """A selection of findings: all of its keys have to fit; `flags` are `counts`, `uncounted`, `cited`."""

    keys: Mapping[str, frozenset[str]]
    flags: frozenset[str]

    def select(self, judged: Sequence[Judged], score: Score) -> Sequence[Judged]:
        """The findings that fit, in their order."""
        for key, wanted in self.keys.items():
            judged = [each for each in judged if each.facts[key] in wanted]
        if "counts" in self.flags:
            judged = [each for each in judged if score.by_matter.get(each.matter.id) is each]
        if "uncounted" in self.flags:
            judged = [each for each in judged if each.matter.id not in score.by_matter]
        if "cited" in self.flags:
            judged = [each for each in judged if each.actions]
        return judged


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with its holes, and when it is written; slugs as declared, `law` as IRIs."""

    id: str
    part: str
    each: str
    say: str
    find: Find
    beside: tuple[Find, ...]
    unless: tuple[Find, ...]
    documents: frozenset[str]
    level: frozenset[str]
    law: tuple[str, ...]
    anchors: tuple[str, ...]
    condition: str
    assignee: str
    evidence_kind: str

    @property
    def holes(self) -> tuple[str, ...]:
        """The placeholders in the sentence."""
        return tuple(dict.fromkeys(_HOLE.findall(self.say)))

    def filled(self, values: Mapping[str, str]) -> str:
        """The sentence; values are put in once, whatever braces they hold."""
        return _HOLE.sub(lambda hole: values[hole[1]], self.say)


@dataclass(frozen=True)
class Templates:
    """All templates in their order; `most` statements of each part, in the order of parts."""

    version: int
    sha256: str
    most: Mapping[str, int]
    templates: tuple[Template, ...]


@lru_cache(maxsize=1)
def templates() -> Templates:
    """The templates that come with the package."""
    return read_templates(folder() / "templates.yaml")


def read_templates(path: Path) -> Templates:
    """Read templates from their file; raises `SourceError` with all that is wrong."""
    source = read(path.parent, path)
    mistakes = misfits(source, _form(frozenset(source.data.get("groups") or ())))
    if mistakes := mistakes or list(_mistakes(source)):
        raise SourceError(mistakes)
    groups = source.data["groups"]
    return Templates(
        version=source.data["version"],
        sha256=source.sha256,
        most=source.data["parts"],
        templates=tuple(_template(entry, groups) for entry in source.data["templates"]),
    )


def _template(entry: Mapping[str, Any], groups: Mapping[str, Sequence[str]]) -> Template:
    return Template(
        id=entry["id"],
        part=entry["part"],
        each=entry["each"],
        say=entry["say"],
        find=_find(entry["find"], groups),
        beside=tuple(_find(each, groups) for each in entry.get("with", ())),
        unless=tuple(_find(each, groups) for each in entry.get("unless", ())),
        documents=frozenset(entry.get("documents", ("privacy-policy",))),
        level=frozenset(entry.get("level", ("none", *LEVELS))),
        law=tuple(mint("requirement", *name.split("/")) for name in entry.get("law", ())),
        anchors=tuple(entry["anchors"]),
        condition=entry.get("condition", ""),
        assignee=entry.get("assignee", ""),
        evidence_kind=entry.get("evidence-kind", ""),
    )


def _find(entry: Mapping[str, Any], groups: Mapping[str, Sequence[str]]) -> Find:
    keys = {key: frozenset(value) for key, value in entry.items() if isinstance(value, list)}
    if "asked" in keys.get("condition", ()):
        keys["condition"] |= ASKED
    if "matter" in keys:
        keys["matter"] = frozenset(
            name for each in keys["matter"] for name in groups.get(each, (each,))
        )
    return Find(keys, frozenset(key for key, value in entry.items() if value is True))


def _mistakes(source: SourceFile) -> Iterator[Mistake]:
    """What a form cannot tell: sentences, their holes, their conditions, names given twice."""
    seen: set[str] = set()
    for at, entry in enumerate(source.data["templates"]):
        path = ("templates", at)
        if entry["id"] in seen:
            yield source.mistake((*path, "id"), f"{entry['id']!r} stands twice")
        seen.add(entry["id"])
        if not entry["id"].startswith(f"{entry['part']}/"):
            yield source.mistake((*path, "id"), f"must begin with its part, {entry['part']}/")
        for text in (*_sentence(entry), *_hedged(entry)):
            yield source.mistake((*path, "say"), text)
        for kind in entry["anchors"]:
            if entry["each"] not in ANCHORS[kind].each:
                text = f"{kind} is not among what is known once a {entry['each']}"
                yield source.mistake((*path, "anchors"), text)
        if entry["part"] in {"action", "question"} and not {"assignee", "evidence-kind"} <= {
            *entry
        }:
            yield source.mistake(path, "needs an assignee and an evidence-kind")


def _sentence(entry: Mapping[str, Any]) -> Iterator[str]:
    say = entry["say"]
    if not say.endswith("."):
        yield "a sentence ends with a full stop"
    if found := VERDICTS.search(say):
        yield f"{found[0]!r} is a word of judgement"
    if re.search("[{}]", _HOLE.sub("", say)):
        yield "a brace is not closed"
    for name in _HOLE.findall(say):
        if name not in PLACEHOLDERS:
            yield f"{{{name}}} is not one of: {', '.join(sorted(PLACEHOLDERS))}"
        elif entry["each"] not in PLACEHOLDERS[name].each:
            yield f"{{{name}}} is not known once a {entry['each']}"


def _hedged(entry: Mapping[str, Any]) -> Iterator[str]:
    """Sentences on what is asked of some only have to say so."""
    find = entry["find"]
    states = {*find.get("state", ())}
    if states & {"not-stated", "denied"} and "stated" not in states:
        asked = find.get("condition")
        if asked is None:
            yield "gaps need a `condition`: a sentence on those asked of some only has an if"
        elif {*CONDITIONAL, "asked"} & {*asked} and not re.search(
            r"\bif\b", entry["say"], re.IGNORECASE
        ):
            yield "the gap is one only under a condition, so the sentence needs an if"
    if entry.get("condition") and not re.match("If ", entry["say"]):
        yield "the sentence depends on a condition, so it begins with If"


@lru_cache(maxsize=8)
def _form(groups: frozenset[str]) -> Draft202012Validator:
    """The form of the file, whose groups of matters are known by name."""
    parts, positive = listed("statement-part"), {"type": "integer", "minimum": 1}
    matters = {matter.id for matter in rubric().matters}
    return Draft202012Validator(
        mapping(
            {
                "version": positive,
                "parts": mapping(dict.fromkeys(parts, positive)),
                "groups": {"type": "object", "additionalProperties": some(matters)},
                "templates": filled(_template_form(_find_form(matters | groups))),
            }
        )
    )


def _find_form(matters: Iterable[str]) -> Form:
    """The form of a selection of findings."""
    keys: Form = {
        "matter": some(matters),
        "place": some(PLACES),
        "condition": some((*ASKED, "asked", "lifted")),
        "counts": {"const": True},
        "uncounted": {"const": True},
        "cited": {"const": True},
        **{key: some(listed(scheme)) for key, scheme in _LISTS.items()},
    }
    return mapping(keys, ())


def _template_form(find: Form) -> Form:
    text = {"type": "string", "minLength": 1}
    needed: Form = {
        "id": {"type": "string", "pattern": "^[a-z-]+/[a-z-]+$"},
        "part": {"enum": listed("statement-part")},
        "each": {"enum": sorted(EACH)},
        "find": find,
        "say": text,
        "anchors": some(ANCHORS),
    }
    more: Form = {
        "with": filled(find),
        "unless": filled(find),
        "documents": some(listed("document-kind")),
        "level": some(("none", *LEVELS)),
        "law": filled(text),
        "condition": {"enum": listed("profile-condition")},
        "assignee": {"enum": listed("assignee")},
        "evidence-kind": {"enum": listed("evidence-kind")},
    }
    return mapping(needed | more, sorted(needed))
