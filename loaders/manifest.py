"""Reads a folder's `manifest.yaml`, which lists a user's own document files and when each was captured.

``platforms`` holds platforms (``name``, ``provider``, ``invented``) with ``documents`` (``type``,
``source_url``) with ``versions`` (``file``, ``captured-at``). Files are named from the
folder on and stay within it. The form is the JSON Schema of `manifest.yaml` beside this module.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

import yaml
from jsonschema import Draft202012Validator

from clausegraph.loaders.source import Mistake, Path_, SourceError, SourceFile, misfits, read
from clausegraph.ontology.errors import ClausegraphError

NAME = "manifest.yaml"
LIMIT = 4 << 20
"""Largest manifest that is read, in bytes."""


class ManifestError(ClausegraphError):
    """A manifest of documents has mistakes, or is not there; nothing of it was taken in."""

    code: ClassVar[str] = "manifest-invalid"

    def __init__(self, mistakes: list[Mistake]) -> None:
        """Hold all mistakes, so that one run shows everything there is to mend."""
        self.mistakes = sorted(set(mistakes), key=lambda m: (m.line, m.path, m.message))
        super().__init__(
            "\n".join(map(str, self.mistakes)),
            hint="Correct the lines named; nothing was loaded.",
            value=[str(mistake) for mistake in self.mistakes],
        )


@dataclass(frozen=True)
class Entry:
    """A version of a document: the file that holds it, and when it was captured (UTC).

    `document` is its type (Privacy Policy), `line` the line of the manifest that declares it.
    """

    platform: str
    document: str
    file: Path
    captured_at: datetime
    line: int
    provider: str | None = None
    invented: bool = False
    source_url: str | None = None


def read_manifest(folder: Path) -> list[Entry]:
    """Every version that a folder's manifest lists, in the order listed; times may run backwards.

    Raises `ManifestError` with every mistake: a wrong type, an unknown key, an empty list, a file
    that is missing or stands outside of the folder, the same thing twice.
    """
    source = _source(folder)
    mistakes = misfits(source, Draft202012Validator(_schema()))
    reader = _Reader(folder, source)
    entries = list(reader.entries())
    if mistakes or reader.mistakes:
        raise ManifestError(mistakes + reader.mistakes)
    return entries


def _source(folder: Path) -> SourceFile:
    """The manifest of a folder, parsed."""
    path = folder / NAME
    if not path.is_file():
        raise ManifestError([Mistake(str(path), 1, "(file)", "there is no such file")])
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ManifestError([Mistake(NAME, 1, "(file)", "is a link out of its folder")])
    if path.stat().st_size > LIMIT:
        why = f"has {path.stat().st_size} bytes; {LIMIT} are read at most"
        raise ManifestError([Mistake(NAME, 1, "(file)", why)])
    try:
        return read(folder, path)
    except SourceError as error:
        raise ManifestError(error.mistakes) from error


@functools.cache
def _schema() -> dict[str, Any]:
    """The form of a manifest."""
    text = files("clausegraph.loaders").joinpath(NAME).read_text(encoding="utf-8")
    schema: dict[str, Any] = yaml.safe_load(text)
    return schema


class _Reader:
    """Goes through a manifest that need not have the right form, and gathers further mistakes."""

    def __init__(self, folder: Path, source: SourceFile) -> None:
        self.folder, self.source = folder.resolve(), source
        self.mistakes: list[Mistake] = []
        self.seen: dict[object, Path_] = {}

    def entries(self) -> Iterator[Entry]:
        """The versions that can be read, each of a document, each of a platform."""
        for path, platform in _items(self.source.data, "platforms", ()):
            self._once((*path, "name"), (platform.get("name"),), "platform")
            for inner, document in _items(platform, "documents", path):
                name = (platform.get("name"), document.get("type"))
                self._once((*inner, "type"), name, "document")
                for last, version in _items(document, "versions", inner):
                    if entry := self._entry(platform, document, version, last):
                        yield entry

    def _entry(
        self,
        platform: dict[str, Any],
        document: dict[str, Any],
        version: dict[str, Any],
        path: Path_,
    ) -> Entry | None:
        """One version, unless a mistake stands in its way."""
        file = self._file(version.get("file"), (*path, "file"))
        moment = self._moment(version.get("captured-at"), (*path, "captured-at"))
        if file is None or moment is None:
            return None
        same = (platform.get("name"), document.get("type"), str(file), moment.isoformat())
        self._once(path, same, "version (the same file at the same time)")
        return Entry(
            platform=platform.get("name", ""),
            document=document.get("type", ""),
            file=file,
            captured_at=moment,
            line=self.source.line(path),
            provider=platform.get("provider"),
            invented=platform.get("invented") is True,
            source_url=document.get("source_url"),
        )

    def _file(self, name: object, path: Path_) -> Path | None:
        """The file of a name, if it is one within the folder."""
        if not isinstance(name, str) or not name.strip():
            return None
        why = ""
        try:
            file = (self.folder / name).resolve()
            if Path(name).is_absolute() or not file.is_relative_to(self.folder):
                why = "leaves the folder of the manifest"
            elif not file.is_file():
                why = "is not a file" if file.exists() else "there is no such file"
        except (OSError, RuntimeError):  # too long a name, a ring of links
            why = "cannot be looked up"
        if why:
            self._mistake(path, f"{name!r}: {why}")
            return None
        return file

    def _moment(self, text: object, path: Path_) -> datetime | None:
        """The moment that a text in the right form names, in UTC."""
        form = _schema()["$defs"]["moment"]["pattern"]
        if not isinstance(text, str) or not re.search(form, text):
            return None
        try:
            moment = datetime.fromisoformat(text.replace(" Z", "Z").replace(" +", "+"))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self._mistake(path, f"{text!r} is no day or time of the calendar")
            return None

    def _once(self, path: Path_, key: tuple[object, ...], what: str) -> None:
        """Complain where a thing is declared again; what is no text is a mistake of the form."""
        if not all(isinstance(part, str) for part in key):
            return
        first = self.seen.setdefault((what, key), path)
        if first != path:
            self._mistake(path, f"the same {what} as on line {self.source.line(first)}")

    def _mistake(self, path: Path_, message: str) -> None:
        self.mistakes.append(self.source.mistake(path, message))


def _items(data: dict[str, Any], key: str, path: Path_) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """The mappings in the list of a key, with the path of each."""
    items = data.get(key)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (*path, key, index), item
