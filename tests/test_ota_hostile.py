"""A repository that nobody vouches for runs nothing, hangs nothing, and a broken one says so."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from clausegraph.loaders.gitread import ArchiveDamagedError
from clausegraph.loaders.ota import history
from tests.archives import A, B, archive, blob, git, planted, record, texts


class Trap:
    """A command that leaves a mark when it is run."""

    def __init__(self, folder: Path) -> None:
        """Write the command."""
        self.mark = folder / "it-was-run"
        self.command = folder / "trap.sh"
        self.command.write_text(f'#!/bin/sh\necho "$0 $*" >> "{self.mark}"\nexit 0\n')
        self.command.chmod(0o755)

    def sprung(self) -> bool:
        """Whether it was run since it was last asked."""
        was = self.mark.exists()
        self.mark.unlink(missing_ok=True)
        return was


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    """A command that must never run."""
    return Trap(tmp_path)


def hostile(folder: Path, trap: Trap) -> Path:
    """An archive in which every setting that can name a command names the trap."""
    archive(folder)
    record(folder, "S/T.md", A)
    attributes = "*.md filter=evil diff=evil merge=evil\n"
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "attributes").write_text(attributes)
    raw = git(folder, "cat-file", "commit", "HEAD")
    signed = raw.replace("\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n\n", 1) + "\n"
    made = git(folder, "hash-object", "-t", "commit", "-w", "--stdin", stdin=signed.encode())
    git(folder, "update-ref", "refs/heads/main", made)
    run = str(trap.command)
    for key in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy"),
        *("core.askPass", "core.alternateRefsCommand", "diff.external", "diff.evil.textconv"),
        *("diff.evil.command", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process"),
        *("merge.evil.driver", "gpg.program", "credential.helper", "pager.log", "pager.rev-list"),
        *("pager.diff-tree", "pager.cat-file", "interactive.diffFilter", "sequence.editor"),
        *("alias.rev-list", "alias.diff-tree", "alias.cat-file", "uploadpack.packObjectsHook"),
    ):
        git(folder, "config", key, f"!{run}" if key.startswith("alias") else run)
    for key, value in {
        "core.hooksPath": str(folder / ".git" / "hooks"),
        "log.showSignature": "true",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "remote.origin.url": f"ext::{run}",
        "remote.origin.promisor": "true",
        "remote.origin.partialCloneFilter": "blob:none",
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
    }.items():
        git(folder, "config", key, value)
    (folder / ".git" / "hooks").mkdir(exist_ok=True)
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        shutil.copy(trap.command, folder / ".git" / "hooks" / name)
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("log", "-1"),
        ("diff", "HEAD"),
        ("cat-file", "--textconv", "HEAD:S/T.md"),
        ("checkout", "-b", "other"),
        ("cat-file", "-p", "1" * 40),
    ],
)
def test_the_trap_works(tmp_path: Path, trap: Trap, words: tuple[str, ...]) -> None:
    """Everyday commands in such a repository run what it names, by more than one way."""
    folder = hostile(tmp_path / "a", trap)
    trap.sprung()
    (folder / "S" / "T.md").write_text(B)
    subprocess.run(["git", *words], cwd=folder, capture_output=True, check=False)
    assert trap.sprung()


def test_nothing_of_a_hostile_repository_is_run(
    tmp_path: Path, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading it gives its text and runs nothing, wherever one stands and whatever is in the air."""
    folder = hostile(tmp_path / "a", trap)
    (folder / "S" / "T.md").write_text(B)
    trap.sprung()
    monkeypatch.chdir(folder)
    for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_EDITOR"):
        monkeypatch.setenv(name, str(trap.command))
    monkeypatch.setenv("GIT_DIR", str(folder / "nowhere"))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    before = sorted(folder.rglob("*"))
    assert texts(folder) == [A]
    assert texts(folder / ".git") == [A]
    assert not trap.sprung()
    assert not (tmp_path / "trace").exists()
    assert sorted(folder.rglob("*")) == before


def test_what_is_missing_is_not_fetched(tmp_path: Path, trap: Trap) -> None:
    """A file that is not there is an error with commit and path, also where a remote promises it."""
    folder = hostile(tmp_path / "a", trap)
    (folder / "S" / "T.md").write_text(B)
    tree = git(folder, "mktree", "--missing", stdin=b"100644 blob " + b"1" * 40 + b"\tT.md\n")
    parent = git(folder, "rev-parse", "HEAD")
    made = planted(folder, f"040000 tree {tree}\tS\0".encode(), parent)
    trap.sprung()
    captures = history(folder)
    assert next(captures).text == A
    with pytest.raises(ArchiveDamagedError) as caught:
        next(captures)
    assert not trap.sprung()
    assert caught.value.code == "archive-damaged"
    assert made in caught.value.message
    assert "'S/T.md'" in caught.value.message
    assert caught.value.value == "1" * 40


def test_the_repository_s_settings_are_not_even_read(tmp_path: Path) -> None:
    """A configuration that is no configuration, and one that waits at a pipe, change nothing."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A)
    (folder / ".git" / "config").write_text("[this is\nnot it")
    assert texts(folder) == [A]
    (folder / ".git" / "config").unlink()
    os.mkfifo(folder / ".git" / "config")
    assert texts(folder) == [A]


def test_replacements_and_grafts_do_not_rewrite_history(tmp_path: Path) -> None:
    """What stands in for objects in a repository is not what was recorded."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A)
    last = record(folder, "S/T.md", B)
    git(folder, "replace", git(folder, "rev-parse", "HEAD:S/T.md"), blob(folder, b"false"))
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "grafts").write_text(f"{last}\n")
    assert git(folder, "cat-file", "-p", "HEAD:S/T.md") == "false"
    assert texts(folder) == [A, B]
