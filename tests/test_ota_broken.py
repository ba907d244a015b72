"""A repository that is none, reaches out of its folder or is broken is an error, never a text."""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from clausegraph.loaders.gitopen import GitMissingError, NotAnArchiveError
from clausegraph.loaders.gitread import ArchiveDamagedError
from clausegraph.loaders.ota import history
from tests.archives import A, B, archive, blob, git, planted, record, texts


def outside(folder: Path) -> None:
    """Objects that are a link to another place."""
    shutil.move(folder / ".git" / "objects", folder.parent / "objects")
    (folder / ".git" / "objects").symlink_to(folder.parent / "objects")


def linked(folder: Path) -> None:
    """A ``.git`` that is a link to another place."""
    shutil.move(folder / ".git", folder.parent / "other")
    (folder / ".git").symlink_to(folder.parent / "other")


def elsewhere(folder: Path) -> None:
    """A ``.git`` that is a file naming another place."""
    shutil.move(folder / ".git", folder.parent / "other")
    (folder / ".git").write_text(f"gitdir: {folder.parent / 'other'}\n")


def borrowed(folder: Path) -> None:
    """Objects that are to be taken from another store."""
    (folder / ".git" / "objects" / "info" / "alternates").write_text("/srv/objects\n")


def waiting(folder: Path) -> None:
    """A pack that is a pipe, at which git would wait for ever."""
    os.mkfifo(folder / ".git" / "objects" / "pack" / "pack-1.idx")


def escaping(folder: Path) -> None:
    """A HEAD that names a file outside."""
    (folder.parent / "tip").write_text(git(folder, "rev-parse", "HEAD"))
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/../../../../tip\n")


def leading(folder: Path) -> None:
    """A branch that is a link to a file outside."""
    branch = folder / ".git" / "refs" / "heads" / "main"
    branch.rename(folder.parent / "tip")
    branch.symlink_to(folder.parent / "tip")


def circular(folder: Path) -> None:
    """A branch that stands for itself."""
    (folder / ".git" / "refs" / "heads" / "main").write_text("ref: refs/heads/main\n")


def unborn(folder: Path) -> None:
    """A branch without any commit."""
    git(folder, "symbolic-ref", "HEAD", "refs/heads/other")


def shallow(folder: Path) -> None:
    """A history that is cut off."""
    (folder / ".git" / "shallow").write_text(git(folder, "rev-parse", "HEAD") + "\n")


def removed(folder: Path) -> None:
    """No folder at all."""
    shutil.rmtree(folder)


def plain(folder: Path) -> None:
    """A folder that is no repository, though one lies around it."""
    shutil.rmtree(folder / ".git")
    archive(folder.parent / "around")
    shutil.copytree(folder.parent / "around" / ".git", folder.parent / ".git")


@pytest.mark.parametrize(
    "change",
    [
        *(outside, linked, elsewhere, borrowed, waiting, escaping, leading, circular, unborn),
        *(shallow, removed, plain),
    ],
)
def test_what_is_not_a_whole_repository_of_its_own(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    """Each is refused with its name and a hint before anything of it is read."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A)
    assert texts(folder) == [A]
    change(folder)
    with pytest.raises(NotAnArchiveError) as caught:
        texts(folder)
    assert caught.value.code == "not-an-archive"
    assert str(folder) in caught.value.message
    assert caught.value.hint


def objects(folder: Path, kind: str) -> list[Path]:
    """The files of a repository that hold objects of a kind."""
    found = []
    for path in sorted((folder / ".git" / "objects").glob("??/*")):
        if git(folder, "cat-file", "-t", path.parent.name + path.name) == kind:
            found.append(path)
    return found


@pytest.mark.parametrize("kind", ["commit", "tree", "blob"])
@pytest.mark.parametrize("harm", ["gone", "cut", "junk", "other"])
def test_a_repository_with_a_broken_object(tmp_path: Path, kind: str, harm: str) -> None:
    """Whichever object is gone, cut off, filled with junk or exchanged: an error, never a text."""
    folder = archive(tmp_path / "a")
    for text in (A, B):
        record(folder, "S/T.md", text)
    path = objects(folder, kind)[0]
    path.chmod(0o644)
    if harm == "gone":
        path.unlink()
    elif harm == "other":
        path.write_bytes(zlib.compress(zlib.decompress(path.read_bytes()).replace(b"e", b"a")))
    else:
        path.write_bytes(path.read_bytes()[:20] if harm == "cut" else b"junk")
    with pytest.raises(ArchiveDamagedError) as caught:
        texts(folder)
    assert caught.value.hint


def test_a_truncated_pack(tmp_path: Path) -> None:
    """A clone whose pack was cut off is an error with git's reason."""
    folder = archive(tmp_path / "a")
    for number in range(50):
        record(folder, "S/T.md", "".join(f"{number * other} " for other in range(500)))
    git(folder, "gc", "--quiet")
    (pack,) = (folder / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[: pack.stat().st_size // 2])
    with pytest.raises(ArchiveDamagedError, match=r"truncated|mismatch|far too short|missing|bad"):
        texts(folder)


def test_a_commit_s_message_without_an_end(tmp_path: Path) -> None:
    """A message of forty megabytes is refused and not gathered."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A, body="x " * 20_000)
    assert texts(folder) == [A]
    text = git(folder, "cat-file", "commit", "HEAD").encode() + b"\n" + b"x " * 20_000_000
    made = git(folder, "hash-object", "-t", "commit", "-w", "--stdin", stdin=text)
    git(folder, "update-ref", "refs/heads/main", made)
    with pytest.raises(ArchiveDamagedError, match="message has more than"):
        texts(folder)


def test_an_empty_name_in_a_folder(tmp_path: Path) -> None:
    """What git itself holds for no folder is an error with its reason."""
    folder = archive(tmp_path / "a")
    inner = git(folder, "mktree", stdin=f"100644 blob {blob(folder, b'x')}\tT.md\n".encode())
    planted(folder, f"040000 tree {inner}\t\0".encode())
    with pytest.raises(ArchiveDamagedError, match="empty filename"):
        texts(folder)


def test_stopping_in_the_middle_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes one capture and goes leaves no process and no folder."""
    folder = archive(tmp_path / "a")
    for number in range(80):
        (folder / f"P{number}").mkdir()
        (folder / f"P{number}" / "T.md").write_text(f"{number} " * 50_000)
    record(folder, "S/T.md", A)
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    before = children()  # of tests that ran earlier in this process
    captures = history(folder)
    next(captures)
    assert len(list(own.iterdir())) == 1
    assert len(children() - before) == 3
    captures.close()  # type: ignore[attr-defined]
    assert (list(own.iterdir()), children() - before) == ([], set())


def children() -> set[str]:
    """The ids of this process's children."""
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    if not own.exists():
        pytest.skip("only Linux lists the children of a process")
    return set(own.read_text().split())


def test_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git is told what to install."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitMissingError) as caught:
        texts(folder)
    assert (caught.value.code, caught.value.message) == ("git-missing", "git is not installed")
