"""The rule files beside topics and disclosures, read and held to their form and to each other.

`duties.yaml`, `tensions.yaml`, `populations.yaml`, `acts.yaml` and `reading.yaml` lie in the folder
of rules (`cues.folder`), which may be a user's own. What they name (disclosures, conditions,
populations, speech acts, kinds of tensions) is closed; anything else is refused with file, line
and path, before a document is read by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from clausegraph.loaders.cues import declared, folder, problem
from clausegraph.loaders.forms import Form, filled, listed, mapping, some
from clausegraph.loaders.rubric import CONDITIONAL
from clausegraph.loaders.source import Mistake, Path_, SourceError, SourceFile, misfits, read

FILES: Final = ("acts", "duties", "populations", "reading", "tensions")
"""The files by their stems."""
AUDIENCE: Final = ("solely", "introduces", "depends", "adds", "addresses")
"""What the patterns on audiences in `reading.yaml` are for."""
_TEXT: Final[Form] = {"type": "string", "minLength": 1}
_SHARE: Final[Form] = {
    "type": "string",
    "pattern": r"^(0|1|0\.[0-9]+|1\.0+)$",
    "description": "a share between 0 and 1",
}
_NAME: Final[Form] = {
    "type": "string",
    "pattern": "^[a-z0-9-]+(/[a-z0-9-]+){2}$",
    "description": "the id of a requirement, such as us-ca/ccpa/right-to-delete",
}


def declaration(name: str) -> dict[str, Any]:
    """The data of a rule file by its stem.

    Raises `SourceError` with all that is wrong: a form that does not fit, a pattern that RE2 does not
    take, a name of something that is declared nowhere, with those that there are.
    """
    root = folder()
    source = _source(root, name)
    if mistakes := _mistakes(root, source):
        raise SourceError(mistakes)
    return source.data


def check_declarations() -> None:
    """See that all files are there and right; `SourceError` with every mistake of every file."""
    mistakes: list[Mistake] = []
    for name in FILES:
        try:
            declaration(name)
        except SourceError as error:
            mistakes += error.mistakes
    if mistakes:
        raise SourceError(mistakes)


def _source(root: Path, name: str) -> SourceFile:
    path = root / f"{name}.yaml"
    if not path.is_file():
        text = "is missing; begin with the one of the installed rules"
        raise SourceError([Mistake(path.name, 1, "(file)", text)])
    return read(root, path)


def _mistakes(root: Path, source: SourceFile) -> list[Mistake]:
    """What is wrong with a file: its form, or else its patterns and what it names."""
    if wrong := misfits(source, Draft202012Validator(mapping(*_FORMS[source.stem]()))):
        return wrong
    found = [source.mistake(path, text) for path, text in _patterns((), source.data)]
    match source.stem:
        case "duties":
            found += _duties(source)
        case "tensions":
            found += _tensions(source, _duty_names(root))
        case "reading":
            found += _reading(source)
    return found


# Forms


def _acts() -> tuple[Form, list[str]]:
    act = mapping({"act": {"enum": listed("speech-act")}, "pattern": _TEXT})
    return {"version": {"type": "integer"}, "acts": filled(act)}, ["acts"]


def _populations() -> tuple[Form, list[str]]:
    people = mapping({"own": {"type": "boolean"}, "pattern": _TEXT})
    codes = mapping(dict.fromkeys(listed("population"), people), ())
    return {"version": {"type": "integer"}, "populations": codes}, ["populations"]


def _duties_form() -> tuple[Form, list[str]]:
    duty = mapping(
        {
            "by": _one_or_more("the name of a disclosure, or a list of such names"),
            "if": {"enum": list(CONDITIONAL)},
            "link": {"type": "boolean"},
        },
        (),
    )
    named = {"type": "object", "propertyNames": _NAME}
    part: Form = {
        "documents": some(listed("document-kind")),
        "duties": {**named, "additionalProperties": duty},
    }
    topics = {"type": "object", "additionalProperties": _NAME}
    whole = {**part, "contracts": mapping(part), "topics": topics}
    return {"version": {"type": "integer"}, **whole}, sorted(whole)


def _tensions_form() -> tuple[Form, list[str]]:
    names = dict.fromkeys(("shows", "beside", "longer", "note"), _TEXT)
    kind: Form = {"enum": listed("tension-kind")}
    lists = dict.fromkeys(("requirements", "against"), filled(_NAME))
    tension = mapping({"kind": kind, **names, **lists}, ["kind", "note", "requirements"])
    return {"version": {"type": "integer"}, "tensions": filled(tension)}, ["tensions"]


def _reading_form() -> tuple[Form, list[str]]:
    words, counted = filled(_TEXT), {"type": "integer", "minimum": 1}
    whole: Form = {
        "language": mapping({"words": words, "least": _SHARE, "shortest": counted}),
        "audience": mapping(dict.fromkeys(AUDIENCE, _TEXT)),
        "silent": {"type": "object", "additionalProperties": some(listed("population"))},
        "together": {"type": "array", "items": _TEXT},
        "anywhere": {"type": "array", "items": _TEXT},
        "links": _TEXT,
        "other-version": _TEXT,
        "keywords": {"type": "object", "additionalProperties": words},
        "sure": filled(filled(_SHARE, 2) | {"maxItems": 2}),
    }
    return {"version": {"type": "integer"}, **whole}, sorted(whole)


_FORMS: Final = {
    "acts": _acts,
    "duties": _duties_form,
    "populations": _populations,
    "reading": _reading_form,
    "tensions": _tensions_form,
}


def _one_or_more(what: str) -> Form:
    return {"anyOf": [_TEXT, filled(_TEXT)], "description": what}


# What a form cannot tell


def _patterns(path: Path_, value: object) -> Iterator[tuple[Path_, str]]:
    """Patterns that cannot be read, wherever they stand."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = (*path, str(key))
            whole = key in {"pattern", "links", "other-version"} or path == ("audience",)
            if whole and isinstance(inner, str):
                if (wrong := problem(inner)) is not None:
                    yield here, wrong
            else:
                yield from _patterns(here, inner)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _patterns((*path, at), inner)


def _duties(source: SourceFile) -> Iterator[Mistake]:
    """Disclosures and topics that are declared nowhere."""
    for part in ((), ("contracts",)):
        held = source.data["contracts"] if part else source.data
        for requirement, entry in held["duties"].items():
            path = (*part, "duties", requirement, "by")
            by = entry.get("by", [])
            for name in [by] if isinstance(by, str) else by:
                if name not in _disclosures():
                    text = f"{requirement} is met by {name!r}, which is {_nowhere(name)}"
                    yield source.mistake(path, text)
    known = {topic.id for topic in declared()}
    for topic in source.data["topics"]:
        if topic not in known:
            text = f"{topic!r} is declared nowhere; {_meant(topic, known)}"
            yield source.mistake(("topics", topic), text)


def _tensions(source: SourceFile, duties: Collection[str]) -> Iterator[Mistake]:
    """Tensions that nothing shows, in which disclosures are unknown, or on what is no duty."""
    for at, entry in enumerate(source.data["tensions"]):
        path: Path_ = ("tensions", at)
        if ("shows" in entry) == ("longer" in entry):
            yield source.mistake(path, "a tension has either `shows` or `longer`")
        if "beside" in entry and "shows" not in entry:
            yield source.mistake((*path, "beside"), "goes with `shows` alone")
        for key in ("shows", "beside", "longer"):
            if key in entry and entry[key] not in _disclosures():
                text = f"{entry[key]!r} is {_nowhere(entry[key])}"
                yield source.mistake((*path, key), text)
        for number, name in enumerate(entry["requirements"]):
            if name not in duties:
                text = f"{name!r} is no duty of duties.yaml; {_meant(name, duties)}"
                yield source.mistake((*path, "requirements", number), text)


def _reading(source: SourceFile) -> Iterator[Mistake]:
    """Items that are declared nowhere, and shares that leave some nearness out."""
    for key in ("silent", "together", "anywhere", "keywords"):
        for at, name in enumerate(source.data[key]):
            if name not in _disclosures():
                place = name if isinstance(source.data[key], dict) else at
                yield source.mistake((key, place), f"{name!r} is {_nowhere(name)}")
    limits = [float(limit) for limit, _ in source.data["sure"]]
    if limits != sorted(limits) or limits[-1] != 1:
        yield source.mistake(("sure",), "the limits must rise, and the last must be 1.0")


def _disclosures() -> set[str]:
    return {topic.id for topic in declared() if topic.kind == "disclosures"}


def _duty_names(root: Path) -> set[str]:
    """The requirements of `duties.yaml`; its own mistakes are told when it is read itself."""
    data: Any = _source(root, "duties").data
    parts = [each for each in (data, data.get("contracts")) if isinstance(each, dict)]
    held = [each.get("duties") for each in parts]
    return {name for each in held if isinstance(each, dict) for name in each}


def _nowhere(name: str) -> str:
    """That no disclosure has a name, and which have one like it."""
    if any(topic.id == name for topic in declared()):
        return f"a topic and no disclosure; {_meant(name, _disclosures())}"
    return f"declared nowhere; {_meant(name, _disclosures())}"


def _meant(name: str, known: Iterable[str]) -> str:
    """The names like one that is unknown; all where none is like it."""
    names = sorted(known)
    if near := get_close_matches(name, names, 3, 0.6):
        return f"did you mean {' or '.join(near)}?"
    return f"it is one of: {', '.join(names)}"
