"""Measure how fast the law starts and reloads, side by side with a stated baseline.

    python -m benchmarks.law [RUNS]

Start: from the start of the process to the first answered GraphQL query, on a published release.
Baseline: a bare Starlette application under uvicorn, from the start of its process to its first
answer; what is above it is ours.

Reload: read, check, compile, validate, store, publish the four states' law. Baseline: the same
quads parsed by rdflib and validated by pySHACL against the same shapes, stored nowhere.

Figures are seconds of wall time, medians of RUNS (default 5), the two sides in turn.
"""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.figures import median, show

START = 1.0
"""Seconds that a start may take with a release present."""
BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
async def answer(request): return JSONResponse({"data": None})
uvicorn.run(Starlette(routes=[Route("/graphql", answer)]), port=int(sys.argv[1]), log_level="error")
"""
BASELINE = """
import sys, pyshacl
from rdflib import Dataset, Graph
from clausegraph.shapes.validator import shapes
data = Graph()
for s, p, o, _ in Dataset().parse(sys.argv[1], format="nquads").quads():
    data.add((s, p, o))
assert pyshacl.validate(data, shacl_graph=shapes(), inference="none")[0]
"""
RELOAD = """
import json, sys, time
from pathlib import Path
from clausegraph.api.publish import load, publish
times, last = {}, None
def step(name):
    global last
    now = time.perf_counter()
    if last: times[last[0]] = times.get(last[0], 0) + now - last[1]
    last = (name, now)
load(Path(sys.argv[1]), None, step); publish(Path(sys.argv[1]), step); step("end")
print(json.dumps(times))
"""


def main(runs: int) -> None:
    """Measure both and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        timed(lambda: command("load", "--data", str(data)))
        command("publish", "--data", str(data))
        start(data, runs)
        reload(Path(folder), data, runs)


def start(data: Path, runs: int) -> None:
    """Compare the two starts."""
    ours, bare = [], []
    for _ in range(runs):
        port = free_port()
        words = ["-m", "clausegraph.api", "serve", "--data", str(data), "--port", str(port)]
        ours.append(first_answer(words, port))
        port = free_port()
        bare.append(first_answer(["-c", BARE, str(port)], port))
    told("start to first answer", ours, "bare Starlette and uvicorn", bare, most=START, of="value")


def reload(folder: Path, data: Path, runs: int) -> None:
    """Compare the two reloads and show the share of each stage."""
    dump = folder / "law.nq"
    command("export", "--data", str(data), "--format", "nquads", "--output", str(dump))
    ours, plain, stages = [], [], []
    for turn in range(runs):
        fresh = folder / f"fresh-{turn}"
        began = time.perf_counter()
        stages.append(json.loads(python("-c", RELOAD, str(fresh))))
        ours.append(time.perf_counter() - began)
        plain.append(timed(lambda: python("-c", BASELINE, str(dump))))
    told("reload with validation", ours, "rdflib and pySHACL alone", plain)
    total = statistics.median(sum(each.values()) for each in stages)
    for name in stages[0]:
        share = statistics.median(each[name] for each in stages)
        print(f"    {name:<14}{share:7.2f} s {share / total:5.0%}")


def told(name: str, ours: list[float], against: str, baseline: list[float], **aim: Any) -> None:
    """Show medians, extremes, the ratio of the medians, and the aim where there is one."""
    plain = median(against, baseline, "s")
    show(replace(median(name, ours, "s"), baseline=against, against=plain.value, **aim), plain)


def first_answer(words: list[str], port: int) -> float:
    """Seconds from the start of a server process to its first answer."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], stderr=subprocess.DEVNULL)
    try:
        query = "%7Bjurisdictions%7BtotalCount%7D%7D"
        while True:
            try:
                url = f"http://127.0.0.1:{port}/graphql?query={query}"
                with urllib.request.urlopen(url, timeout=10) as answer:
                    json.load(answer)
                return time.perf_counter() - began
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.005)
    finally:
        process.terminate()
        process.wait()


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def command(*words: str) -> str:
    """Run a command of ours to its end."""
    return python("-m", "clausegraph.api", *words)


def python(*words: str) -> str:
    """Run this Python to its end and give what it printed."""
    done = subprocess.run([sys.executable, *words], check=True, capture_output=True, text=True)
    return done.stdout


def free_port() -> int:
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
