"""Run the command line and the server as users do: in processes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "clausegraph.api")


def run(*words: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and hold it to its exit code."""
    done = subprocess.run(
        [*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done


def free_port() -> int:
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str, seconds: float = 30.0) -> Any:
    """The JSON at an address, as soon as somebody answers there."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)
        except OSError:  # no answer, or none in time
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


@contextlib.contextmanager
def server(data: Path, *words: str, **settings: object) -> Iterator[str]:
    """A running server of a data directory; gives its address."""
    with serving(data, *words, **settings) as (url, _):
        yield url


@contextlib.contextmanager
def serving(
    data: Path, *words: str, **settings: object
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A running server, with settings of one's own, and its process."""
    port = free_port()
    command = [*COMMAND, "serve", "--data", str(data), "--port", str(port), *words]
    own = {f"CLAUSEGRAPH_{name.upper()}": str(value) for name, value in settings.items()}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | own)
    try:
        get(f"http://127.0.0.1:{port}/ready")
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(20)
