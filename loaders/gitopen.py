"""Find the object store and the last commit of a git repository, and lend both to `gitread`.

The few files that say where a history ends are read here rather than by git, since git would read
the repository's configuration first, and a configuration can name commands to run.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from clausegraph.loaders.gitread import Objects
from clausegraph.ontology.errors import ClausegraphError

_ID = re.compile("[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(r"ref: (refs/(?!.*\.\.)[^\x00-\x20\x7f~^:?*\[\\]+)")
_LONGEST_REF = 4096


class NotAnArchiveError(ClausegraphError):
    """The path is not a git repository that holds a whole history."""

    code: ClassVar[str] = "not-an-archive"


class GitMissingError(ClausegraphError):
    """The program git, which reads archives, is not installed."""

    code: ClassVar[str] = "git-missing"


@contextmanager
def opened(repository: Path) -> Iterator[Objects]:
    """Lend the objects of a clone or a bare repository, for as long as the ``with`` lasts.

    Raises `NotAnArchiveError` where the path is no repository, reaches out of its own folder, has no
    commit or lacks a part of its history (a shallow clone); `GitMissingError` without git.
    """
    folder = _git_folder(repository)
    tip = _tip(folder)
    git = shutil.which("git")
    if git is None:
        raise GitMissingError("git is not installed", hint="Install git, and have it on the PATH.")
    with tempfile.TemporaryDirectory(prefix="clausegraph-git-") as name:
        empty = Path(name)
        _lay_out(empty, tip)
        yield Objects(tip, os.path.abspath(git), empty, _environment(empty, folder / "objects"))


def _git_folder(repository: Path) -> Path:
    """The folder that holds HEAD and objects, all of it within `repository`."""
    if not repository.is_dir():
        raise _no(repository, "is not a folder", "Of a bundle make a clone: git clone FILE FOLDER.")
    if (repository / ".git").is_file():
        raise _no(repository, "is a work tree of another repository", "Name that one.")
    inner = repository / ".git"
    folder = (inner if inner.exists() else repository).resolve()
    objects = folder / "objects"
    if not (folder / "HEAD").is_file() or not objects.is_dir():
        raise _no(repository, "is not a git repository", "Name a clone, or a bare repository.")
    if not objects.resolve().is_relative_to(repository.resolve()) or not _plain(objects):
        hint = "Make a clone that holds all it needs: git clone --dissociate --no-hardlinks."
        raise _no(repository, "takes objects from outside its own folder", hint)
    if (folder / "shallow").exists():
        raise _no(
            repository,
            "is a shallow clone, whose first commit looks as if it had written every document",
            "Run `git fetch --unshallow` in it.",
        )
    return folder


def _plain(objects: Path) -> bool:
    """Whether there are only files and folders: no link, no pipe to wait at, no other store."""
    for name in ("alternates", "http-alternates"):
        if os.path.lexists(objects / "info" / name):
            return False
    folders = [os.fspath(objects)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif not entry.is_file(follow_symlinks=False):
                    return False
    return True


def _no(repository: Path, why: str, hint: str) -> NotAnArchiveError:
    return NotAnArchiveError(f"{str(repository)!r} {why}", hint=hint, value=str(repository))


def _tip(folder: Path) -> str:
    """The id of the commit that HEAD stands for."""
    name = "HEAD"
    for _ in range(5):
        text = _ref(folder, name)
        if _ID.fullmatch(text):
            return text
        if not (link := _REF.fullmatch(text)):
            break
        name = link[1]
    raise _no(
        folder,
        f"has no commit at {name!r}",
        "Check out a branch that has one; branches kept as `reftable` are not read.",
    )


def _ref(folder: Path, name: str) -> str:
    """What a reference says, ``""`` if it says nothing or stands outside the folder."""
    path, packed = folder / name, folder / "packed-refs"
    if path.is_file():
        if not path.resolve().is_relative_to(folder):
            return ""
        with path.open("rb") as file:
            return file.read(_LONGEST_REF).decode("utf-8", "replace").strip()
    if packed.is_file() and packed.resolve().is_relative_to(folder):
        with packed.open("rb") as file:
            while line := file.readline(_LONGEST_REF):
                key, _, of = line.decode("utf-8", "replace").rstrip("\n").partition(" ")
                if of == name:
                    return key
    return ""


def _lay_out(folder: Path, tip: str) -> None:
    """Make the least that git takes for a repository, without any object."""
    (folder / "refs").mkdir()
    (folder / "objects").mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/none\n")
    config = "[core]\n\tbare = true\n\trepositoryformatversion = "
    config += "0\n" if len(tip) == 40 else "1\n[extensions]\n\tobjectformat = sha256\n"
    (folder / "config").write_text(config)


def _environment(folder: Path, objects: Path) -> dict[str, str]:
    """All that a command of git is told: nothing of the caller's environment but the objects."""
    return {
        "GIT_DIR": str(folder),
        "GIT_OBJECT_DIRECTORY": str(objects),
        "HOME": str(folder),
        "LC_ALL": "C",
        "PATH": os.defpath,
        "TZ": "UTC",
        "GIT_ALLOC_LIMIT": "512m",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
