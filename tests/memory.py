"""Processes and what they take: who descends from whom, how much memory, told by ``/proc``."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LOOK = 0.05

Process = tuple[int, str]
"""A process by its number and the moment of its start: numbers are given away again."""


@dataclass
class Watched:
    """What a command printed, how long it took, and what it and its descendants held at most.

    `together` is the largest sum of resident memory at one look (what processes share is counted
    for each), `peaks` the largest of each process by its number and what it runs, in bytes.
    """

    output: str
    seconds: float
    together: int
    peaks: dict[str, int] = field(default_factory=dict)

    @property
    def largest(self) -> int:
        """The most that one process held."""
        return max(self.peaks.values())


def watch(words: Sequence[str | Path], code: int = 0) -> Watched:
    """Run a command to its end, looking at its memory twenty times a second."""
    began = time.monotonic()
    found = Watched("", 0.0, 0)
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(list(map(str, words)), stdout=output)
        while process.poll() is None:
            _look(process.pid, found)
            time.sleep(_LOOK)
        found.seconds = time.monotonic() - began
        output.seek(0)
        found.output = output.read()
    assert process.returncode == code, found.output
    return found


def _look(root: int, found: Watched) -> None:
    together = 0
    for number, _ in family(root):
        held = _status(number, "VmRSS")
        together += held
        name = f"{number} {'main' if number == root else _name(number)}"
        found.peaks[name] = max(found.peaks.get(name, 0), _status(number, "VmHWM"))
    found.together = max(found.together, together)


def family(root: int) -> list[Process]:
    """A process and its descendants, as far as they are there."""
    parents = dict(_all())
    found = [each for each in parents if each[0] == root]
    while more := [p for p, parent in parents.items()
                   if p not in found and parent in {n for n, _ in found}]:  # fmt: skip
        found += more
    return found


def alive(processes: Sequence[Process]) -> list[Process]:
    """Those of some processes that have not ended."""
    here = {process for process, _ in _all()}
    return [each for each in processes if each in here]


def _all() -> list[tuple[Process, int]]:
    """Every process that has not ended, with the number of its parent."""
    found = []
    for path in PROC.glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        state, parent, *rest = text.rpartition(")")[2].split()
        if state not in "ZX":
            found.append(((int(path.parent.name), rest[17]), int(parent)))
    return found


def _status(number: int, key: str) -> int:
    """A size in a process's status, in bytes; 0 where the process has ended."""
    try:
        lines = (PROC / str(number) / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith(key)), 0)


def _name(number: int) -> str:
    """What a process runs."""
    try:
        words = (PROC / str(number) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return "ended"
    text = b" ".join(words)
    if b"spawn_main" in text:
        return "worker"
    return (
        "tracker" if b"resource_tracker" in text else os.path.basename(words[0]).decode() or "ended"
    )
