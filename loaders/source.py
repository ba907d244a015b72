"""Read the curated YAML files, with the line of every value.

A file is composed once; each value keeps the line it stands on, so that every later complaint
names file, line and path. Scalars stay what a lawyer typed: only ``true``, ``false``, integers
and the empty value are converted, for YAML would turn section 1798.100 into the number 1798.1
and a date into an object.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.terms import vocabulary

Path_ = tuple[str | int, ...]


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
        self.mistakes = sorted(mistakes, key=lambda m: (m.file, m.line, m.path, m.message))
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


_Text.yaml_implicit_resolvers = {
    first: [pair for pair in resolvers if pair[0].rpartition(":")[2] in {"int", "null"}]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
# YAML 1.1 also reads `on`, `off`, `yes` and `no` as truth values; `on` is a key of ours.
_Text.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def _walk(node: yaml.Node, path: Path_) -> Iterator[tuple[Path_, yaml.Node]]:
    yield path, node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _walk(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _walk(value, (*path, index))


def _compose(name: str, text: str) -> yaml.Node:
    try:
        node = yaml.compose(text, Loader=_Text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SourceError([Mistake(name, line, "(file)", f"not YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise SourceError([Mistake(name, 1, "(file)", f"not YAML: {error}")]) from error
    if not isinstance(node, yaml.MappingNode):
        raise SourceError([Mistake(name, 1, "(file)", "the file must be a mapping of keys")])
    return node


def _twice(name: str, nodes: Iterable[tuple[Path_, yaml.Node]]) -> list[Mistake]:
    found = []
    for path, node in nodes:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.value in seen:
                line = key.start_mark.line + 1
                found.append(Mistake(name, line, dotted((*path, key.value)), "key stands twice"))
            seen.add(key.value)
    return found


def read(root: Path, path: Path) -> SourceFile:
    """Parse one file below `root`.

    Raises `SourceError` where the file is not UTF-8, not YAML, not a mapping or repeats a key.
    """
    name = path.relative_to(root).as_posix()
    raw = path.read_bytes()
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SourceError([Mistake(name, line, "(file)", "not UTF-8 text")]) from error
    node = _compose(name, text)
    nodes = list(_walk(node, ()))
    if mistakes := _twice(name, nodes):
        raise SourceError(mistakes)
    data = yaml.load(text, Loader=_Text)
    lines = {path: node.start_mark.line + 1 for path, node in nodes}
    return SourceFile(name, hashlib.sha256(raw).hexdigest(), data, lines)


def read_all(root: Path) -> list[SourceFile]:
    """Parse and check every ``*.yaml`` below `root`, in the order of their names.

    Raises `SourceError` with every mistake of every file, also where there is no file at all.
    """
    paths = sorted(root.rglob("*.yaml"))
    if not paths:
        raise SourceError([Mistake(str(root), 1, "(folder)", "holds no .yaml file")])
    found: list[SourceFile] = []
    mistakes: list[Mistake] = []
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
        members = [key for key, concept in scheme.concepts.items() if concept.broader or not grouped]
        schema["$defs"][f"scheme-{slug}"] = {"enum": sorted(members)}
    kinds = schema.pop("kinds")
    return {
        kind: Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})
        for kind in kinds
    }


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
    errors = _validators()[kind].iter_errors(source.data)
    return [source.mistake(tuple(error.absolute_path), _plain(error)) for error in errors]


def _plain(error: Any) -> str:
    """Say what is wrong in a sentence a lawyer can act on, the offending value included."""
    value = repr(error.instance)
    shown = value if len(value) < 80 else value[:77] + "..."
    match error.validator:
        case "enum":
            return f"{shown} is not one of: {', '.join(map(str, error.validator_value))}"
        case "required":
            return str(error.message).replace("is a required property", "is missing here")
        case "additionalProperties":
            known = ", ".join(sorted(error.schema.get("properties", ())))
            return f"{error.message}; known keys: {known}"
        case "pattern":
            return f"{shown} is not {error.schema.get('description', 'of the allowed form')}"
        case "anyOf" | "oneOf":
            return f"{shown} is not {error.schema.get('description', 'of an allowed form')}"
        case _:
            return str(error.message)
