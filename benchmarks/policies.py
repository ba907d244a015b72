"""Measure what policies with their histories cost: import, quotations, comparison.

    python -m benchmarks.policies [ARCHIVE] [RUNS]

ARCHIVE is a clone or bare repository of Open Terms Archive; without it, one is made in a temporary
folder from ``../shared/corpora/ota-genai-versions.bundle`` where that is at hand.

Import: `clausegraph load ota` into an empty data directory, by as many processes as there are
processors. Floor: the same blobs read through ``git cat-file --batch``, by Python, and by nobody
(into /dev/null). Stages are measured apart, one after the other in one process, so their sum is
more than the load takes.

Quotations: `verifyQuote` over everything that was captured, 300 sentences drawn with a fixed seed:
a third as they stand, a third in other typography, a third with one word changed. The index is
ready; what it takes to make it is told apart.

Figures are medians of RUNS (default 3) with the least and the most; memory is the peak of each
process by ``/proc``.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks import figures
from benchmarks.policyparts import show, timed
from clausegraph.loaders.gitopen import opened
from clausegraph.loaders.ota import history, plan
from tests.memory import Watched, watch
from tests.processes import COMMAND

ROOT = Path(__file__).parents[1]
BUNDLE = ROOT.parent / "shared" / "corpora" / "ota-genai-versions.bundle"
SMALL = 20_000_000
PARTS = ("stages", "sizes", "quotes", "changes")


def main(archive: Path | None, runs: int) -> None:
    """Measure everything and print it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if archive is None:
            if not BUNDLE.exists():
                print("no archive is given, and ../shared/corpora is not here: nothing is measured")
                return
            archive = folder / "clone.git"
            subprocess.run(["git", "clone", "-q", "--bare", str(BUNDLE), str(archive)], check=True)
        machine()
        data = folder / "data"
        floors = floor(archive, folder / "blobs", runs)
        load(archive, data, floors, runs)
        for part in PARTS:
            part_of_its_own(part, archive, data)


def part_of_its_own(part: str, archive: Path, data: Path) -> None:
    """Measure a part in a process of its own, which begins with empty caches."""
    words = [sys.executable, "-m", "benchmarks.policyparts", part, archive, data]
    subprocess.run(list(map(str, words)), cwd=ROOT, check=True)


def machine() -> None:
    """Print what this is measured on."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
    told = [f"{name} {value}" for name, value in figures.machine().items()]
    print(", ".join([*told, git.strip()]), end="\n\n")


def floor(archive: Path, blobs: Path, runs: int) -> dict[str, list[float]]:
    """Seconds to read the blobs of all captures through git, in Python and by nobody.

    Beside them: what the loader takes to plan and to read the same captures, and nothing more.
    """
    with opened(archive) as objects:
        planned = list(plan(objects, report=lambda notice: None))
    blobs.write_text("".join(f"{each.blob}\n" for each in planned))
    ours = [timed(lambda: list(history(archive, report=lambda notice: None))) for _ in range(runs)]
    command = ["git", "-C", str(archive), "cat-file", "--batch"]
    found: dict[str, list[float]] = {"Python": [], "/dev/null": []}
    for _ in range(runs):
        found["Python"].append(timed(lambda: _by_python(command, blobs)))
        found["/dev/null"].append(timed(lambda: _by_nobody(command, blobs)))
    size = _by_python(command, blobs)
    print(f"{len(planned)} captures, {size / 1e6:.1f} MB of text")
    for name, seconds in found.items():
        show(f"floor: git cat-file --batch, {name}", seconds)
    show("captures with names, days and hashes", ours)
    ratios(ours, found)
    return found


def ratios(ours: list[float], floors: dict[str, list[float]]) -> None:
    """Print how many times the floors some work takes."""
    for name, found in floors.items():
        ratio = statistics.median(ours) / statistics.median(found)
        print(f"  {ratio:.1f} times the floor ({name})")


def _by_python(command: list[str], blobs: Path) -> int:
    """Read each blob in Python; gives their bytes."""
    size = 0
    with (
        blobs.open("rb") as given,
        subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE) as git,
    ):
        assert git.stdout is not None
        while head := git.stdout.readline():
            text = git.stdout.read(int(head.split()[2]) + 1)
            size += len(text) - 1
    return size


def _by_nobody(command: list[str], blobs: Path) -> None:
    with blobs.open("rb") as given:
        subprocess.run(command, stdin=given, stdout=subprocess.DEVNULL, check=True)


def load(archive: Path, data: Path, floors: dict[str, list[float]], runs: int) -> None:
    """Import, then again, then publish; print time, ratios and memory."""
    words = [*COMMAND, "load", "ota", "--json", "--data"]
    firsts, seconds = list[Watched](), list[Watched]()
    for _ in range(runs):
        shutil.rmtree(data, ignore_errors=True)
        firsts.append(watch([*words, data, archive]))
        seconds.append(watch([*words, data, archive]))
    said = json.loads(firsts[0].output)
    took = [each.seconds for each in firsts]
    show("load", took)
    ratios(took, floors)
    print(f"  {said['captures'] / statistics.median(took):.0f} captures a second")
    base, again = floors["Python"], [each.seconds for each in seconds]
    beside = {"baseline": "the blobs read in Python", "against": statistics.median(base)}
    figures.note(
        replace(figures.median("load, by the clock", took, "s"), **beside),
        replace(figures.median("second load, nothing new", again, "s"), **beside),
        figures.median("load, memory", [each.together / 1e6 for each in firsts], "MB"),
    )
    show("second run", [each.seconds for each in seconds])
    memory(max(firsts, key=lambda each: each.together))
    published = watch([*COMMAND, "publish", "--data", data])
    show("publish, in a process of its own", [published.seconds])
    figures.note(
        figures.Figure("publish, by the clock", published.seconds, "s"),
        figures.Figure("publish, memory", published.together / 1e6, "MB"),
    )
    memory(published)


def memory(found: Watched) -> None:
    """Print the peaks of a command's processes, the small ones together."""
    print(f"  memory, all processes at once: {found.together / 1e6:.0f} MB")
    large = {name: size for name, size in found.peaks.items() if size >= SMALL}
    small = [size for size in found.peaks.values() if size < SMALL]
    for name, size in sorted(large.items(), key=lambda pair: -pair[1]):
        print(f"    {name.partition(' ')[2]:<10}{size / 1e6:6.0f} MB")
    if small:
        print(f"    {len(small)} others, each at most {max(small) / 1e6:.0f} MB")


if __name__ == "__main__":
    numbers = [each for each in sys.argv[1:] if each.isdigit()]
    paths = [Path(each) for each in sys.argv[1:] if not each.isdigit()]
    main(paths[0] if paths else None, int(numbers[0]) if numbers else 3)
