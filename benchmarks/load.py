"""Requests a second that a server gives, as `wrk` counts them."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass

import orjson


@dataclass(frozen=True)
class Rate:
    """Requests a second, and of the machine's processors how many `wrk` took for itself."""

    requests: float
    taken: float


def rate(url: str, script: str, connections: int = 64, seconds: int = 5) -> Rate:
    """What `wrk` gets with so many connections. Raises `AssertionError` on errors."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "--timeout=30s",
            "-s",
            file.name,
            url,
        ]
        before, began = os.times(), time.monotonic()
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        after, took = os.times(), time.monotonic() - began
    assert "Non-2xx" not in told, told
    assert "Socket errors" not in told, told
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert found, told
    spent = sum(after[2:4]) - sum(before[2:4])
    return Rate(float(found[1]), spent / took)


def settle(url: str, workers: int) -> None:
    """Wait until each worker has indexed what it serves: a quotation is looked up in all of it."""
    body = orjson.dumps({"query": '{ verifyQuote(text: "personal information") { status } }'})
    headers = {"Content-Type": "application/json", "Connection": "close"}
    for _ in range(8 * workers):  # each on a connection of its own, which may reach any of them
        asked = urllib.request.Request(f"{url}/graphql", body, headers)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            assert answer.status == 200


def posted(body: bytes, kind: str) -> str:
    """A script of `wrk` that posts a body."""
    text = body.decode().replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return (
        f'wrk.method = "POST"\nwrk.body = "{text}"\nwrk.headers["Content-Type"] = "{kind}"\n'
        'wrk.headers["Accept"] = "application/json"\n'
    )
