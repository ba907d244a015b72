"""Data directories that many tests look at: made once a session, whatever number of workers runs.

Nobody may change what is in them; a test that has to copies the folder first.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from clausegraph.api.demonstration import load_demonstration
from clausegraph.api.publish import load, publish


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make` has filled; the first who asks makes it, the others wait.

    What was left unfinished, because somebody was stopped, is made anew.
    """
    own = factory.getbasetemp()
    root = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own  # which all workers see
    folder, ready = root / f"once-{name}", root / f"once-{name}.ready"
    with FileLock(root / f"once-{name}.lock"):
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            ready.touch()
    return folder


def copied(data: Path, folder: Path) -> Path:
    """A copy of a data directory, which may be changed: much cheaper than to load one."""
    return Path(shutil.copytree(data, folder))


def with_law(factory: pytest.TempPathFactory, folder: Path) -> Path:
    """A data directory of one's own into which the installed law is loaded; nothing is published."""
    return copied(once(factory, "installed", load), folder)


def demonstrated(data: Path) -> None:
    """Publish the embedded law with the demonstration."""
    load(data)
    load_demonstration(data)
    publish(data)
