"""Read the objects of a git repository that nobody vouches for, without running anything of it.

No command of git ever sees the repository's own folder: its configuration, hooks, attributes,
aliases, replacements and grafts are not read at all. Git works in an empty folder of our own, with
a configuration of our own, and is lent the repository's object store; the tip of the history is
looked up by `tip`. Only plumbing is used, nothing is checked out, nothing is fetched, and every
file is held to the hash under which it stands.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, ClassVar, Self, TypeVar

from clausegraph.ontology.errors import ClausegraphError

_T = TypeVar("_T")

_AHEAD = 64  # files asked for before the first is read; their ids fit into any pipe
_BUFFER = 1 << 16
_LONGEST = 4 << 20  # bytes of a path or of a commit's message
_SAFE = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.pager=cat"),
    *("-c", "protocol.allow=never", "-c", "safe.directory=*", "-c", "core.quotePath=false"),
    *("-c", "core.commitGraph=false", "-c", "i18n.logOutputEncoding=UTF-8"),
    *("-c", "core.bigFileThreshold=1m"),  # larger files are streamed, not held by git
)
_WALK = ("rev-list", "--reverse", "--topo-order", "--end-of-options")
_SHOW = (
    *("diff-tree", "--stdin", "-r", "-m", "-z", "--root", "--raw", "--no-renames", "--no-abbrev"),
    *("--no-ext-diff", "--no-textconv", "--format=C%H %P%x00%ct%x00%B%x00"),
)


class ArchiveDamagedError(ClausegraphError):
    """A git repository lacks objects, or holds broken ones; nothing after them can be read."""

    code: ClassVar[str] = "archive-damaged"


@dataclass(frozen=True)
class TooLarge:
    """Stands for a file that was not read since it has `size` bytes, more than were allowed."""

    size: int


@dataclass(frozen=True)
class Entry:
    """A path that a commit changed: modes and ids before and after, all zeros for none."""

    modes: tuple[str, str]
    ids: tuple[str, str]
    path: bytes


@dataclass(frozen=True)
class Commit:
    """A commit: id, committer's clock (``None`` where it is no date) and message.

    `entries` are the differences from its parent; those of a merge are from each of its parents.
    """

    id: str
    recorded: datetime | None
    message: str
    entries: tuple[Entry, ...]
    merge: bool


@dataclass(frozen=True)
class Objects:
    """A repository's objects and the last commit of its history, as `gitopen.opened` gives them."""

    tip: str
    git: str
    folder: Path
    environment: dict[str, str]

    def start(self, *words: str, source: int | IO[bytes] = subprocess.DEVNULL) -> _Process:
        """Start a plumbing command that reads `source`."""
        return _Process((self.git, *_SAFE, *words), self, source)

    def commits(self) -> Iterator[Commit]:
        """Every commit up to the tip, parents first, whatever their clocks say.

        Raises `ArchiveDamagedError` where a commit, or a folder of one, is missing or broken.
        """
        with self.start(*_WALK, self.tip) as walk, self.start(*_SHOW, source=walk.out) as show:
            walk.out.close()
            yield from _commits(_tokens(show.out))
            show.finish()
            walk.finish()

    def files(
        self, wanted: Iterable[tuple[str, _T]], limit: int
    ) -> Generator[tuple[_T, bytes | TooLarge], None, None]:
        """The bytes of each file by its id, in order, or `TooLarge` above `limit` bytes.

        The second half of a pair comes back with the answer, and names the file in an error. A file
        above the limit is not unpacked. Raises `ArchiveDamagedError` where one is missing or broken.
        """
        rest = iter(wanted)
        asked: deque[tuple[str, _T]] = deque()
        while True:  # once, and once more after each file above the limit
            with self.start("cat-file", "--batch", source=subprocess.PIPE) as process:
                process.ask(asked)
                answer: bytes | TooLarge = b""
                while not isinstance(answer, TooLarge):
                    new = list(islice(rest, _AHEAD - len(asked)))
                    process.ask(new)
                    asked.extend(new)
                    if not asked:
                        return
                    key, what = asked.popleft()
                    answer = process.answer(key, f"{what}", limit)
                    yield what, answer


class _Process:
    """A running command whose end is checked, and which does not outlive its ``with``."""

    def __init__(self, words: Sequence[str], store: Objects, source: int | IO[bytes]) -> None:
        self.complaints = tempfile.TemporaryFile(dir=store.folder)  # noqa: SIM115 -- see __exit__
        self.process = subprocess.Popen(
            words,
            bufsize=_BUFFER,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            cwd=store.folder,
            env=store.environment,
        )
        assert self.process.stdout is not None
        self.out = self.process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.out.close()
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
        self.process.wait()
        self.complaints.close()

    def finish(self) -> None:
        """Wait for the end. Raises `ArchiveDamagedError` where it is a bad one."""
        if self.process.wait() != 0:
            raise self.damage("the history cannot be read to its end")

    def damage(self, what: str, value: str | None = None) -> ArchiveDamagedError:
        """The error that says what cannot be read, with git's own last words."""
        self.complaints.seek(max(0, self.complaints.seek(0, 2) - 500))
        said = self.complaints.read().decode("utf-8", "replace").strip()
        return ArchiveDamagedError(
            f"{what}: {said!a}" if said else what,
            hint="Fetch the repository anew; `git fsck` shows what it lacks.",
            value=value,
        )

    def ask(self, wanted: Iterable[tuple[str, _T]]) -> None:
        """Ask `cat-file` for files; where it has ended, reading its answer will say so."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write("".join(f"{key}\n" for key, _ in wanted).encode())
            self.process.stdin.flush()

    def answer(self, key: str, what: str, limit: int) -> bytes | TooLarge:
        """Read what `cat-file` says to the oldest open question."""
        head = self.out.readline(_BUFFER).split()
        if not head:
            self.process.wait()  # it has ended, and said why
        if len(head) != 3 or head[1] != b"blob":
            state = "missing" if head[1:] == [b"missing"] else "broken"
            raise self.damage(f"{what}: the file {key} is {state}", key)
        if (size := int(head[2])) > limit:
            return TooLarge(size)
        data = self.out.read(size + 1)[:size]
        if len(data) < size:
            self.process.wait()
        known = hashlib.sha1(usedforsecurity=False) if len(key) == 40 else hashlib.sha256()
        known.update(b"blob %d\0" % size + data)
        if known.hexdigest() != key:
            raise self.damage(f"{what}: the file {key} is broken", key)
        return data


def _tokens(out: IO[bytes]) -> Iterator[bytes]:
    """What stands before each NUL; none is held that is longer than `_LONGEST` and a buffer."""
    kept = b""
    while block := out.read1(_BUFFER):  # type: ignore[attr-defined]
        *whole, kept = (kept + block).split(b"\0")
        yield from whole
        if len(kept) > _LONGEST:
            raise ArchiveDamagedError(
                f"a path or a commit's message has more than {_LONGEST} bytes",
                hint="Look at the repository's last commits; no archive writes such.",
            )


def _commits(tokens: Iterator[bytes]) -> Iterator[Commit]:
    """Commits from the output of `_SHOW`; a merge comes once for each parent it differs from."""
    made: Commit | None = None
    entries: list[Entry] = []
    for token in tokens:
        if token.startswith(b"C"):
            head = token[1:].decode().split(" ")
            if made is not None and made.id != head[0]:
                yield _with(made, entries)
                entries = []
            moment, message = next(tokens, b""), next(tokens, b"")
            text = message.decode("utf-8", "replace")
            made = Commit(head[0], _moment(moment), text, (), len(head) > 2)
        elif (words := token.lstrip(b"\n").decode("ascii", "replace").split(" "))[0][:1] == ":":
            path = next(tokens, b"")
            entries.append(Entry((words[0][1:], words[1]), (words[2], words[3]), path))
    if made is not None:
        yield _with(made, entries)


def _with(commit: Commit, entries: Iterable[Entry]) -> Commit:
    return Commit(commit.id, commit.recorded, commit.message, tuple(entries), commit.merge)


def _moment(seconds: bytes) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
