"""Has HTML and PDF read in a process of its own, which ends at a limit of time and memory.

A small file can ask for hours and for gigabytes: a stream that inflates a thousandfold, tags nested
a hundred thousand deep. Lexbor and PDFium are C and C++ besides. So the file's bytes go to a fresh
`contained_worker`, and no result but its own is worth the wait.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from typing import IO, Literal

FAILURES = {10: "memory", 11: "size", 12: "broken", 13: "locked", 14: "empty"}
"""Why a reading ended without a result, by the worker's exit code."""

_WORKER = "clausegraph.loaders.contained_worker"
_KEPT = ("PATH", "PYTHONHOME", "PYTHONPATH", "SYSTEMROOT", "LD_LIBRARY_PATH")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cost:
    """What reading one document may cost: seconds of processor and of the clock, bytes."""

    processor: int = 30
    clock: float = 60.0
    memory: int = 1 << 30
    result: int = 128 << 20


class ContainedError(Exception):
    """A reading ended without a result.

    `reason` is ``time``, ``memory``, ``size`` (of the result), ``crash``, what the reader says of
    the file: ``broken``, ``locked``, ``empty``, or ``fault`` for a fault of ours, which `detail`
    names.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        """Hold the reason."""
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def contained(kind: Literal["html", "pdf"], data: bytes, cost: Cost) -> tuple[str, list[str]]:
    """The Markdown of a file's bytes (``html`` in UTF-8) and notes on what was left out.

    Raises `ContainedError`.
    """
    command = [sys.executable, "-P", "-m", _WORKER, kind, json.dumps(asdict(cost))]
    env = {name: os.environ[name] for name in _KEPT if name in os.environ}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
        try:
            code = subprocess.run(
                command,
                input=data,
                stdout=out,
                stderr=told,
                timeout=cost.clock,
                env=env,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            raise ContainedError("time") from None
        if code:
            said = _last_line(told)
            _log.info("reading %s ended with code %d: %s", kind, code, said)
            raise ContainedError(_reason(code), said)
        out.seek(0)
        answer = json.loads(out.read())
    return answer["text"], answer["notes"]


def _reason(code: int) -> str:
    """Why the process ended, by its exit code; the kernel kills what goes on after its warning."""
    if sys.platform != "win32" and code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return "time"
    return FAILURES.get(code, "crash" if code < 0 else "fault")


def _last_line(told: IO[bytes]) -> str:
    """The last that a process said."""
    told.seek(0)
    return told.read(1 << 16).decode("utf-8", "replace").strip().rpartition("\n")[2]
