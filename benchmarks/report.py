"""One report of all benchmarks: run each in a process of its own, gather what it notes.

A benchmark that fails, or that takes too long, is told as such, and the others are run all the same.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from benchmarks.figures import FILE, Figure, machine, noted, short

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Benchmark:
    """A benchmark: its name, what it runs after this Python's name, in full and in a quick run.

    It is ended after so many `seconds`.
    """

    name: str
    words: tuple[str, ...]
    quick: tuple[str, ...]
    seconds: float = 7_200


@dataclass(frozen=True)
class Outcome:
    """What came of a benchmark; `failure` is empty where it ran to its end.

    `load` is how many processes wanted a processor in the minute before it.
    """

    name: str
    command: str
    seconds: float
    load: float
    failure: str
    output: str
    figures: tuple[Figure, ...]

    @property
    def state(self) -> str:
        """In a word: failed, or how many aims are met."""
        held = [each.met for each in self.figures if each.met is not None]
        if self.failure:
            return f"FAILED: {self.failure}"
        return f"{sum(held)} of {len(held)} aims met" if held else "no aim stated"


def run(benchmark: Benchmark, *, quick: bool = False) -> Outcome:
    """Run a benchmark to its end, or to its limit."""
    words = benchmark.quick if quick else benchmark.words
    began, load = time.monotonic(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        notes, output = Path(folder) / "figures", Path(folder) / "output"
        failure = _ended(words, notes, output, benchmark.seconds)
        return Outcome(
            name=benchmark.name,
            command=" ".join(("python", *words)),
            seconds=time.monotonic() - began,
            load=load,
            failure=failure,
            output=output.read_text(errors="replace").rstrip(),
            figures=tuple(noted(notes)),
        )


def _ended(words: Sequence[str], notes: Path, output: Path, seconds: float) -> str:
    """Run a command with all that it starts, and tell how it failed, if it did."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, *words],
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=os.environ | {FILE: str(notes), "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            return f"took more than {seconds:.0f} s"
        finally:  # whatever it started, when it is too slow or somebody interrupts
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return f"exit code {code}" if code else ""


def as_json(outcomes: Sequence[Outcome], *, quick: bool = False) -> bytes:
    """The report for programs."""
    found = {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "machine": machine(),
        "benchmarks": [
            asdict(each) | {"figures": [_facts(figure) for figure in each.figures]}
            for each in outcomes
        ],
    }
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def _facts(figure: Figure) -> dict[str, object]:
    return asdict(figure) | {"ratio": figure.ratio, "aim": figure.aim, "met": figure.met}


def as_markdown(outcomes: Sequence[Outcome], *, quick: bool = False) -> str:
    """The report for people: the aims first, then the figures and the output of each benchmark."""
    parts = ["# Benchmarks", f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC."]
    if quick:
        parts.append("A quick run at small sizes: whether the aims are met, only a full run tells.")
    parts.append("\n".join(f"- {name}: {value}" for name, value in machine().items()))
    parts.append(_table(("benchmark", "minutes", "load before", "came of it"), [
        (each.name, f"{each.seconds / 60:.1f}", f"{each.load:.1f}", each.state)
        for each in outcomes
    ]))  # fmt: skip
    parts.append("Load before: how many processes wanted a processor. More than none make times by "
                 "the clock longer than they are on an idle machine.")  # fmt: skip
    held = [(each.name, f) for each in outcomes for f in each.figures if f.met is not None]
    if held:
        parts += ["## Stated aims", _table(("benchmark", *_HEAD), [
            (name, *_row(figure)) for name, figure in held
        ])]  # fmt: skip
    for each in outcomes:
        parts += _chapter(each)
    return "\n\n".join(parts) + "\n"


_HEAD = ("figure", "median", "least to most", "ratio", "aim", "met")


def _chapter(outcome: Outcome) -> list[str]:
    """The part of one benchmark."""
    parts = [f"## {outcome.name}", f"`{outcome.command}`"]
    if outcome.failure:
        parts.append(f"**Failed: {outcome.failure}.** What it printed before is below.")
    if outcome.figures:
        parts.append(_table(_HEAD, [_row(each) for each in outcome.figures]))
    if outcome.output:
        fence = "````" if "```" in outcome.output else "```"
        parts.append(f"{fence}text\n{outcome.output}\n{fence}")
    return parts


def _row(figure: Figure) -> tuple[str, ...]:
    spread = ""
    if figure.low is not None and figure.high is not None:
        spread = f"{short(figure.low)} to {short(figure.high)}"
    ratio = "" if figure.ratio is None else f"{short(figure.ratio)} times {figure.baseline}"
    met = {None: "", True: "yes", False: "**no**"}[figure.met]
    return figure.name, f"{short(figure.value)} {figure.unit}", spread, ratio, figure.aim, met


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines
    )
