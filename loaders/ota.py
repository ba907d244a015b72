"""Read an archive of policies as Open Terms Archive writes it: a git repository, a commit a version.

A document is the path ``<Service>/<Terms type>.md``; service and type come from there and never
from the commit's subject. The whole history is walked in commit order, parents first, for clocks of
archives run backwards.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.gitopen import opened
from clausegraph.loaders.gitread import Commit, Entry, Objects, TooLarge

LIMIT = 16 << 20
"""Largest document that is read, in bytes; the longest of the GenAI archive has 343,526."""

_log = logging.getLogger(__name__)

_FILE, _LINK, _MODULE = "100", "120000", "160000"
_NOT_SERVICES = {b".git", b".github", b".gitlab"}
_NOT_DOCUMENTS = {"readme", "license", "licence"}
_LABELS = (
    ("first-record", re.compile("First record of |Start tracking ")),
    ("change", re.compile("Record new changes of |Update ")),
    ("technical", re.compile("Apply technical or declaration upgrade on |Refilter ")),
)
_SNAPSHOT = re.compile(r"https://[\w.~%/+-]+/commit/(?:[0-9a-f]{64}|[0-9a-f]{40})\b", re.ASCII)
_ENGINE = re.compile(r"^X-engine-version: ?(\S{1,40})$", re.MULTILINE)


@dataclass(frozen=True)
class Notice:
    """Something in a history that is not a capture, or could not become one.

    `kind` is one of ``not-utf-8``, ``not-text``, ``too-large``, ``bad-name``, ``bad-date``,
    ``symlink`` and ``submodule``, for which nothing is given, and of ``deleted`` and ``renamed``
    (`path` is the new one), which are news.
    """

    kind: str
    commit: str
    path: str
    message: str


def _write_down(notice: Notice) -> None:
    level = logging.INFO if notice.kind in ("deleted", "renamed") else logging.WARNING
    _log.log(level, "%s %s %r: %s", notice.kind, notice.commit, notice.path, notice.message)


@dataclass(frozen=True)
class Planned:
    """A capture before its text is read: what the commit says of it, and the id of its file."""

    platform: str
    document: str
    commit: str
    recorded: datetime
    label: str
    snapshots: tuple[str, ...]
    engine: str | None
    blob: str

    @property
    def path(self) -> str:
        """The path of the document in the archive."""
        return f"{self.platform}/{self.document}.md"

    def __str__(self) -> str:
        """The capture's place, for an error."""
        return f"commit {self.commit}, {self.path!a}"


def history(
    repository: Path,
    platform: str | None = None,
    document: str | None = None,
    since: date | None = None,
    *,
    report: Callable[[Notice], None] = _write_down,
    limit: int = LIMIT,
) -> Iterator[Capture]:
    """Every capture of a clone or a bare repository in commit order, or those that are asked for.

    `since` leaves out what was recorded before that day (UTC), wherever it stands. A renamed service
    goes on under its new name, with the text it was renamed with as its first capture. A merge gives
    a capture only where the document's text after it is another than that given last. Whatever is
    passed over is told to `report`, as is a document of more than `limit` bytes. Memory holds a few
    commits and one text, whatever the archive's length.

    Raises `NotAnArchiveError` and `GitMissingError` where nothing can be read, and
    `ArchiveDamagedError` where an object is missing or broken, after the captures before it.
    """
    with (
        opened(repository) as objects,
        closing(plan(objects, platform, document, since, report)) as planned,
    ):
        yield from read(objects, planned, report, limit)


def plan(
    objects: Objects,
    platform: str | None = None,
    document: str | None = None,
    since: date | None = None,
    report: Callable[[Notice], None] = _write_down,
) -> Generator[Planned, None, None]:
    """What `history` would give, in its order, without reading a text."""
    return _Walk(platform, document, since, report).planned(objects)


def read(
    objects: Objects,
    planned: Iterable[Planned],
    report: Callable[[Notice], None] = _write_down,
    limit: int = LIMIT,
) -> Iterator[Capture]:
    """The captures of a plan with their texts; what is no text is told to `report`."""
    with closing(objects.files(((each.blob, each) for each in planned), limit)) as files:
        for each, data in files:
            if (text := _text(each, data, report)) is not None:
                yield Capture(
                    platform=each.platform,
                    document=each.document,
                    commit=each.commit,
                    recorded=each.recorded,
                    label=each.label,
                    snapshot=each.snapshots[0] if each.snapshots else None,
                    sha256=hashlib.sha256(text.encode()).hexdigest(),
                    text=text,
                    snapshots=each.snapshots,
                    engine=each.engine,
                )


def _text(planned: Planned, data: bytes | TooLarge, report: Callable[[Notice], None]) -> str | None:
    """The text of a file, unless that is none."""
    if isinstance(data, TooLarge):
        kind, message = "too-large", f"{data.size} bytes are not read"
    else:
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            kind, message = "not-utf-8", f"byte {error.start} is not UTF-8"
        else:
            if "\0" not in text:
                return text
            kind, message = "not-text", "the file holds NUL, so it is no text"
    report(Notice(kind, planned.commit, planned.path, message))
    return None


@dataclass
class _Walk:
    """One walk through the history, with the last text of each document."""

    platform: str | None
    document: str | None
    since: date | None
    report: Callable[[Notice], None]
    last: dict[str, str] = field(default_factory=dict)

    def tell(self, kind: str, commit: Commit, path: str, message: str) -> None:
        self.report(Notice(kind, commit.id, path, message))

    def planned(self, objects: Objects) -> Generator[Planned, None, None]:
        """Each text that is to be read."""
        for commit in objects.commits():
            for path, entry in self.changed(commit).items():
                if version := self.version(commit, path, entry):
                    yield version

    def version(self, commit: Commit, path: str, entry: Entry) -> Planned | None:
        """A version that is wanted by its date."""
        if commit.recorded is None:
            self.tell("bad-date", commit, path, "the commit's date is none")
            return None
        if self.since and commit.recorded.date() < self.since:
            return None
        platform, document = _names(path)
        engine = _ENGINE.search(commit.message)
        return Planned(
            platform=platform,
            document=document,
            commit=commit.id,
            recorded=commit.recorded,
            label=label(commit.message),
            snapshots=tuple(dict.fromkeys(_SNAPSHOT.findall(commit.message))),
            engine=engine[1] if engine else None,
            blob=entry.ids[1],
        )

    def changed(self, commit: Commit) -> dict[str, Entry]:
        """The documents, of those asked for, that the commit gives another text."""
        found: dict[str, Entry] = {}
        gone: dict[str, str] = {}
        for entry in {each.path: each for each in commit.entries}.values():
            if not (path := self.path(commit, entry)):
                continue
            before = self.last.get(path) if commit.merge else self.old(entry)
            if not self.is_file(commit, path, entry):
                self.last.pop(path, None)
                if before:
                    gone[before] = path
            elif entry.ids[1] != before:
                self.last[path] = entry.ids[1]
                found[path] = entry
        for path, entry in found.items():
            if old := gone.pop(entry.ids[1], None):
                self.tell("renamed", commit, path, f"was {old!a}")
        for path in gone.values():
            self.tell("deleted", commit, path, "the document ends here")
        return found

    @staticmethod
    def old(entry: Entry) -> str | None:
        return entry.ids[0] if entry.modes[0].startswith(_FILE) else None

    def path(self, commit: Commit, entry: Entry) -> str:
        """The path of a document that was asked for, or nothing."""
        parts = entry.path.split(b"/")
        if len(parts) != 2 or not parts[1].endswith(b".md") or parts[0] in _NOT_SERVICES:
            return ""
        try:
            path = entry.path.decode()
        except UnicodeDecodeError:
            path = entry.path.decode("utf-8", "backslashreplace")
            self.tell("bad-name", commit, path, "the path is not UTF-8")
            return ""
        platform, document = _names(path)
        if document.casefold() in _NOT_DOCUMENTS:
            return ""
        if {platform, document} & {"", ".", ".."}:
            self.tell("bad-name", commit, path, "the path leaves its folder, or names nothing")
            return ""
        asked = self.platform in (None, platform) and self.document in (None, document)
        return path if asked else ""

    def is_file(self, commit: Commit, path: str, entry: Entry) -> bool:
        """Whether the commit leaves an ordinary file at the path."""
        mode = entry.modes[1]
        if mode == _LINK:
            self.tell("symlink", commit, path, "a symbolic link holds no text")
        elif mode == _MODULE:
            self.tell("submodule", commit, path, "another repository holds no text")
        return mode.startswith(_FILE)


def _names(path: str) -> tuple[str, str]:
    platform, _, document = path.partition("/")
    return platform, document.removesuffix(".md")


def label(message: str) -> str:
    """What an archive's commit message says of a version; ``other`` where it is no known wording."""
    return next((name for name, form in _LABELS if form.match(message)), "other")
