"""Small archives of policies, as real git repositories, for tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.ota import Notice, history

_WHO = {"NAME": "An archive", "EMAIL": "archive@example.org"}
START = 1_700_000_000
"""2023-11-14T22:13:20Z, the recorded time of a commit that is given none."""


A, B, C = "# A\n\nWe keep little.\n", "# A\n\nWe keep more.\n", "# A\n\nWe keep it all.\n"
"""Three short policies."""


def git(folder: Path, *words: str, stdin: bytes = b"", when: int = START) -> str:
    """What an ordinary git says in a folder, its clock set to `when`; a failure is an error."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_{key}": value for key, value in _WHO.items()}
        environment[f"GIT_{role}_DATE"] = f"{when} +0000"
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    done = subprocess.run(
        ["git", *words], cwd=folder, env=environment, input=stdin, capture_output=True, check=True
    )
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def archive(folder: Path) -> Path:
    """An empty repository on the branch ``main``."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def record(
    folder: Path, path: str, text: str | bytes, subject: str = "", body: str = "", when: int = START
) -> str:
    """Commit one document and give the commit's id."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    git(folder, "add", "--all")
    return commit(folder, f"{subject or f'Record new changes of {path}'}\n\n{body}", when)


def commit(folder: Path, message: str, when: int = START) -> str:
    """Commit what is staged and give the commit's id."""
    git(folder, "commit", "--quiet", "--cleanup=verbatim", "-m", message, when=when)
    return git(folder, "rev-parse", "HEAD")


def planted(folder: Path, tree: bytes, parent: str | None = None, when: int = START) -> str:
    """Commit a folder as ``git mktree -z`` writes it, move ``main`` there, and give the id."""
    name = git(folder, "mktree", "-z", "--missing", stdin=tree)
    after = ("-p", parent) if parent else ()
    made = git(folder, "commit-tree", name, *after, "-m", "Record new changes of it", when=when)
    git(folder, "update-ref", "refs/heads/main", made)
    return made


def blob(folder: Path, text: bytes) -> str:
    """Store a text and give its id."""
    return git(folder, "hash-object", "-w", "--stdin", stdin=text)


def read(folder: Path, **asked: object) -> tuple[list[Capture], list[Notice]]:
    """The captures of an archive and what was told beside them."""
    notices: list[Notice] = []
    captures = list(history(folder, report=notices.append, **asked))  # type: ignore[arg-type]
    return captures, notices


def paths(captures: Sequence[Capture]) -> list[str]:
    """Where each capture stands."""
    return [f"{each.platform}/{each.document}.md" for each in captures]


def texts(folder: Path) -> list[str]:
    """The text of each capture."""
    return [each.text for each in history(folder)]
