"""Read an archive of policies as Open Terms Archive writes it: a git repository, a commit a version.

A document is the path ``<Service>/<Terms type>.md``; service and type come from there and never
from the commit's subject. The whole history is walked in commit order, parents first, for clocks of
archives run backwards.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

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
class Capture:
    """A document's text as an archive recorded it in a commit.

    `recorded` is the committer's clock in UTC, which says when the page was fetched and may run
    backwards from one capture to the next. `label` is what the archive's subject says of it, one of
    ``first-record``, ``change``, ``technical`` and ``other``; it proves nothing about the text.
    `sha256` is of the bytes, and ``text.encode()`` gives them back. A text put together from several
    pages has several `snapshots`, of which `snapshot` is the first.
    """

    platform: str
    document: str
    commit: str
    recorded: datetime
    label: str
    snapshot: str | None
    sha256: str
    text: str = field(repr=False)
    snapshots: tuple[str, ...] = ()
    engine: str | None = None


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
    reader = _Reader(platform, document, since, report)
    with (
        opened(repository) as objects,
        closing(reader.wanted(objects)) as wanted,
        closing(objects.files(wanted, limit)) as files,
    ):
        for version, data in files:
            if capture := reader.capture(version, data):
                yield capture


@dataclass(frozen=True)
class _Version:
    """A capture before its text is read."""

    commit: Commit
    path: str
    recorded: datetime

    def __str__(self) -> str:
        return f"commit {self.commit.id}, {self.path!a}"


@dataclass
class _Reader:
    platform: str | None
    document: str | None
    since: date | None
    report: Callable[[Notice], None]
    last: dict[str, str] = field(default_factory=dict)

    def tell(self, kind: str, commit: Commit, path: str, message: str) -> None:
        self.report(Notice(kind, commit.id, path, message))

    def wanted(self, objects: Objects) -> Generator[tuple[str, _Version], None, None]:
        """The id of each text that is to be read."""
        for commit in objects.commits():
            for path, entry in self.changed(commit).items():
                if version := self.version(commit, path):
                    yield entry.ids[1], version

    def version(self, commit: Commit, path: str) -> _Version | None:
        """A version that is wanted by its date."""
        if commit.recorded is None:
            self.tell("bad-date", commit, path, "the commit's date is none")
            return None
        if self.since and commit.recorded.date() < self.since:
            return None
        return _Version(commit, path, commit.recorded)

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

    def capture(self, version: _Version, data: bytes | TooLarge) -> Capture | None:
        """The capture with its text, unless that is none."""
        commit = version.commit
        if isinstance(data, TooLarge):
            self.tell("too-large", commit, version.path, f"{data.size} bytes are not read")
            return None
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            self.tell("not-utf-8", commit, version.path, f"byte {error.start} is not UTF-8")
            return None
        if "\0" in text:
            self.tell("not-text", commit, version.path, "the file holds NUL, so it is no text")
            return None
        platform, document = _names(version.path)
        links = tuple(dict.fromkeys(_SNAPSHOT.findall(commit.message)))
        engine = _ENGINE.search(commit.message)
        return Capture(
            platform=platform,
            document=document,
            commit=commit.id,
            recorded=version.recorded,
            label=label(commit.message),
            snapshot=links[0] if links else None,
            sha256=hashlib.sha256(data).hexdigest(),
            text=text,
            snapshots=links,
            engine=engine[1] if engine else None,
        )


def _names(path: str) -> tuple[str, str]:
    platform, _, document = path.partition("/")
    return platform, document.removesuffix(".md")


def label(message: str) -> str:
    """What an archive's commit message says of a version; ``other`` where it is no known wording."""
    return next((name for name, form in _LABELS if form.match(message)), "other")
