"""Read the curated YAML files, with the line of every value.

A file is composed once; each value keeps the line it stands on, so that every later complaint
names file, line and path. Scalars stay what a lawyer typed: only ``true``, ``false``, plain integers
and the empty value are converted, for YAML would turn section 1798.100 into the number 1798.1,
section 56:8 into the number 3368 and a date into an object. Keys are always text.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.terms import vocabulary

Path_ = tuple[str | int, ...]

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_DEEPEST = 20  # values in values; the forms of all files have fewer
_SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "object": "a mapping of keys",
    "string": "text (a number as text stands in quotes)",
}


@dataclass(frozen=True)
class Mistake:
    """One mistake in a source file: where it stands, what is wrong and what to do."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        """Read as compilers write it: ``file:line: path: message``."""
        return f"{self.file}:{self.line}: {self.path}: {self.message}"


class SourceError(ClausegraphError):
    """One or more source files cannot be loaded; nothing was."""

    code = "source-invalid"

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Hold all mistakes, so that one run shows everything there is to mend."""
        self.mistakes = sorted(set(mistakes), key=lambda m: (m.file, m.line, m.path, m.message))
        super().__init__(
            "\n".join(map(str, self.mistakes)),
            hint="Correct the lines named and run `clausegraph check` again.",
            value=[str(m) for m in self.mistakes],
        )


@dataclass(frozen=True)
class SourceFile:
    """A parsed file: its name below the source root, its data and the line of each value."""

    name: str
    sha256: str
    data: dict[str, Any]
    lines: dict[Path_, int] = field(repr=False)

    @property
    def folder(self) -> str:
        """The jurisdiction's id, which is the folder's name."""
        return self.name.rpartition("/")[0]

    @property
    def stem(self) -> str:
        """The file's name without folder and suffix."""
        return self.name.rpartition("/")[2].removesuffix(".yaml")

    def line(self, path: Path_) -> int:
        """Line of the value at `path`, or of the nearest value around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)

    def mistake(self, path: Path_, message: str) -> Mistake:
        """Complain about the value at `path`."""
        return Mistake(self.name, self.line(path), dotted(path), message)


def dotted(path: Path_) -> str:
    """Write a path as people do: ``requirements[3].versions[0].from``."""
    text = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)
    return text.removeprefix(".") or "(file)"


class _Text(yaml.CSafeLoader):
    """Safe YAML in which all but integers, ``true``, ``false`` and nothing stays text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Take keys as text, also those that look like numbers."""
        for key, _ in node.value:
            key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


_Text.yaml_implicit_resolvers = {
    first: [pair for pair in resolvers if pair[0].rpartition(":")[2] == "null"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
# YAML 1.1 also reads `on`, `off`, `yes` and `no` as truth values; `on` is a key of ours.
_Text.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
# YAML 1.1 also reads 010, 0x10, 1_000 and 56:8 as integers; they may be sections.
_DECIMAL = re.compile("^(?:0|-?[1-9][0-9]*)$")
_Text.add_implicit_resolver("tag:yaml.org,2002:int", _DECIMAL, list("-0123456789"))


def _walk(node: yaml.Node, path: Path_) -> Iterator[tuple[Path_, yaml.Node]]:
    yield path, node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _walk(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _walk(value, (*path, index))


def _parse(name: str, text: str) -> tuple[dict[str, Any], dict[Path_, int]]:
    """The data of a text and the line of every value."""
    line, problem = 1, ""
    if deep := _too_deep(text):
        raise SourceError([Mistake(name, deep, "(file)", "not YAML: a value is nested too deeply")])
    loader = _Text(text)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise SourceError([Mistake(name, 1, "(file)", "the file must be a mapping of keys")])
        if mistake := _repeated(name, node):
            raise SourceError([mistake])
        nodes = list(_walk(node, ()))
        if mistakes := [*_keys(name, nodes), *_controls(name, nodes)]:
            raise SourceError(mistakes)
        lines = {path: node.start_mark.line + 1 for path, node in nodes}
        return loader.construct_document(node), lines
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = str(error.problem)
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        problem = f"character number {error.character} is not text"
    except ValueError as error:  # of a value with a tag, such as `!!int five`
        problem = str(error)
    finally:
        loader.dispose()
    raise SourceError([Mistake(name, line, "(file)", f"not YAML: {problem}")])


def _too_deep(text: str) -> int:
    """The line on which values are nested too deeply for the parser to survive; 0 if none is."""
    depth = 0
    with contextlib.suppress(yaml.YAMLError):  # `_parse` says what is wrong
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                return event.start_mark.line + 1 if event.start_mark else 1
    return 0


def _repeated(name: str, root: yaml.Node) -> Mistake | None:
    """The first value that stands in two places, through an alias; a few lines can mean billions."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            line = node.start_mark.line + 1
            return Mistake(name, line, "(file)", "no value is named with & and repeated with *")
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            waiting += [each for pair in node.value for each in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    return None


def _controls(name: str, nodes: Iterable[tuple[Path_, yaml.Node]]) -> list[Mistake]:
    """Texts with characters that XML and terminals cannot show."""
    return [
        Mistake(name, node.start_mark.line + 1, dotted(path), "holds a control character")
        for path, node in nodes
        if isinstance(node, yaml.ScalarNode) and _CONTROL.search(node.value)
    ]


def _keys(name: str, nodes: Iterable[tuple[Path_, yaml.Node]]) -> list[Mistake]:
    """Keys that stand twice, or are not single words."""
    found = []
    for path, node in nodes:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                found.append(Mistake(name, line, dotted(path), "a list or mapping is no key"))
            elif key.value in seen:
                found.append(Mistake(name, line, dotted((*path, key.value)), "key stands twice"))
            else:
                seen.add(key.value)
    return found


def read(root: Path, path: Path) -> SourceFile:
    """Parse one file below `root`.

    Raises `SourceError` where the file cannot be read, as a link to nothing, is not UTF-8, not YAML,
    not a mapping or repeats a key.
    """
    name = path.relative_to(root).as_posix()
    try:
        raw = path.read_bytes()
    except OSError as error:
        told = f"cannot be read: {error.strerror or error}"
        raise SourceError([Mistake(name, 1, "(file)", told)]) from error
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SourceError([Mistake(name, line, "(file)", "not UTF-8 text")]) from error
    return SourceFile(name, hashlib.sha256(raw).hexdigest(), *_parse(name, text))


def read_all(root: Path) -> list[SourceFile]:
    """Parse and check every ``*.yaml`` below `root` but hidden ones, in the order of their names.

    Raises `SourceError` with every mistake of every file, also where there is no file at all.
    """
    paths = sorted(
        path for path in root.rglob("*.yaml") if path.is_file() and not path.name.startswith(".")
    )
    if not paths:
        raise SourceError([Mistake(str(root), 1, "(folder)", "holds no .yaml file")])
    found: list[SourceFile] = []
    mistakes = [
        Mistake(path.relative_to(root).as_posix(), 1, "(file)", "rename it: the suffix is .yaml")
        for path in root.rglob("*.yml")
    ]
    for path in paths:
        try:
            source = read(root, path)
        except SourceError as error:
            mistakes += error.mistakes
        else:
            found.append(source)
            mistakes += check(source)
    if mistakes:
        raise SourceError(mistakes)
    return found


@functools.cache
def _validators() -> dict[str, Draft202012Validator]:
    """One validator a kind of file; closed lists are filled in from the ontology."""
    schema = yaml.safe_load(files("clausegraph.loaders").joinpath("format.yaml").read_text())
    for slug, scheme in vocabulary().schemes.items():
        grouped = any(concept.broader for concept in scheme.concepts.values())
        members = [
            key for key, concept in scheme.concepts.items() if concept.broader or not grouped
        ]
        schema["$defs"][f"scheme-{slug}"] = {"enum": sorted(members)}
    kinds = schema.pop("kinds")
    days = FormatChecker(["date"])
    return {
        kind: Draft202012Validator(
            _inlined(schema["$defs"][kind], schema["$defs"]), format_checker=days
        )
        for kind in kinds
    }


def _inlined(form: Any, forms: dict[str, Any]) -> Any:
    """A form with the forms that it refers to in their places.

    A validator looks up each reference again for every value; no form refers to itself.
    """
    if isinstance(form, list):
        return [_inlined(each, forms) for each in form]
    if not isinstance(form, dict):
        return form
    if "$ref" in form:
        assert len(form) == 1, f"a reference stands alone in {form}"
        return _inlined(forms[form["$ref"].removeprefix("#/$defs/")], forms)
    return {key: _inlined(each, forms) for key, each in form.items()}


def kind_of(source: SourceFile) -> str:
    """Which of the file kinds this is, told by its top key; ``""`` for none of them."""
    for key in ("jurisdiction", "instrument", "actions", "alignments", "claims"):
        if key in source.data:
            return key
    return ""


def check(source: SourceFile) -> list[Mistake]:
    """Hold a file to the format; an empty list says it fits."""
    kind = kind_of(source)
    if not kind:
        return [
            source.mistake(
                (), "needs one of the keys jurisdiction, instrument, actions, alignments, claims"
            )
        ]
    found = misfits(source, _validators()[kind])
    if kind in ("jurisdiction", "instrument", "actions") and not _SLUG.fullmatch(source.folder):
        found.append(source.mistake((), "must stand in the folder of its jurisdiction (us-ca/)"))
    return found


def misfits(source: SourceFile, form: Draft202012Validator) -> list[Mistake]:
    """Hold a file to a form; an empty list says it fits."""
    return [
        source.mistake(path, message)
        for error in form.iter_errors(source.data)
        for inner in innermost(error)
        for path, message in in_plain_words(inner)
    ]


def innermost(error: ValidationError) -> Iterator[ValidationError]:
    """The error; where one of several forms fits but for what stands in it, the errors in there."""
    forms: dict[str | int, list[ValidationError]] = defaultdict(list)
    for each in error.context or ():
        forms[each.relative_schema_path[0]].append(each)
    for errors in forms.values():
        if all(each.relative_path for each in errors):
            for each in errors:
                yield from innermost(each)
            return
    yield error


def in_plain_words(error: ValidationError) -> Iterator[tuple[Path_, str]]:
    """Say where and what is wrong in a sentence a lawyer can act on, the value included."""
    path: Path_ = tuple(error.absolute_path)
    value: Any = error.instance
    assert isinstance(error.schema, dict)
    form = error.schema.get("description", "of the allowed form")
    match error.validator:
        case "enum":
            members = ", ".join(map(str, error.schema["enum"]))
            yield path, f"{_shown(value)} is not one of: {members}"
        case "required":
            yield path, error.message.replace("is a required property", "is missing here")
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for key in value:
                if key not in known:
                    yield (*path, key), f"unknown key; known keys: {', '.join(sorted(known))}"
        case "type":
            types = error.schema["type"]
            names = [types] if isinstance(types, str) else types
            said = " or ".join(_TYPES[name] for name in names)
            yield path, f"{_shown(value)} is not {said}"
        case "pattern" if "propertyNames" in error.relative_schema_path:
            yield (*path, value), f"the key is not {form}"
        case "pattern" | "format" | "anyOf":
            yield path, f"{_shown(value)} is not {form}"
        case _:
            yield path, error.message


def _shown(value: object) -> str:
    """A value as people write it, cut where it is long."""
    text = repr(value)
    text = {"None": "nothing", "True": "true", "False": "false"}.get(text, text)
    return text if len(text) < 80 else text[:77] + "..."
