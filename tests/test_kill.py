"""Whatever is killed at whatever moment, the server has a whole release, and work resumes.

What is killed are processes of the command line that have their modules already: a kill while they
are still imported would show nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from clausegraph.api.cli import main
from clausegraph.api.releases import Releases
from tests.processes import get, run, server

KILLS = 50
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["clausegraph.api.cli", "clausegraph.api.publish"])


def variant(sources: Path, folder: Path, text: str) -> Path:
    """A copy of the sources in which one sentence reads differently."""
    shutil.copytree(sources, folder)
    path = min(folder.glob("*/jurisdiction.yaml"))
    lines = path.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.lstrip().startswith("says: "))
    lines[at] = lines[at].partition("says: ")[0] + f"says: {text}"
    path.write_text("\n".join(lines) + "\n")
    return folder


def command(words: list[str]) -> None:
    """Do what the words say, with nothing printed."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    main(words)


def started(*words: str | Path) -> ForkServerProcess:
    """A process that has just begun with a command."""
    process = PROCESSES.Process(target=command, args=([*map(str, words)],))
    process.start()
    return process


def seconds(*words: str | Path) -> float:
    """How long a command takes when nobody kills it."""
    start = time.monotonic()
    process = started(*words)
    process.join(120)
    assert process.exitcode == 0
    return time.monotonic() - start


def kill_after(delay: float, *words: str | Path) -> bool:
    """Start a command and kill it; False where it had ended before."""
    process = started(*words)
    process.join(delay)
    process.kill()
    process.join(120)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


@pytest.fixture
def variants(sources: Path, tmp_path: Path) -> list[Path]:
    """Two source folders that make two releases."""
    return [variant(sources, tmp_path / name, f"Variant {name}.") for name in ("a", "b")]


def test_kills_leave_a_whole_release(variants: list[Path], tmp_path: Path) -> None:
    """Fifty kills of load and publish at random moments under a running server."""
    data = tmp_path / "data"
    took = {"load": 0.0, "publish": 0.0}
    known = {}
    for folder in variants:
        took["load"] = seconds("load", "--data", data, folder)
        took["publish"] = seconds("publish", "--data", data)
        known[folder] = Releases(data).current().id
    assert len(set(known.values())) == 2
    chance = random.Random(20261124)
    killed = 0
    with server(data) as url:
        for turn in range(KILLS):
            name = chance.choice(["load", "publish"])
            words = [variants[turn % 2]] if name == "load" else []
            killed += kill_after(
                chance.uniform(0, took[name]), name, "--data", data, "--quiet", *words
            )
            assert get(f"{url}/health")["release"] in known.values()
            release = Releases(data).current()
            assert sum(1 for _ in release.open()) == release.triples
        assert killed > KILLS / 2
        for folder, own in known.items():
            run("load", "--data", data, folder)
            run("publish", "--data", data)
            assert Releases(data).current().id == own
