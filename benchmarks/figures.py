"""The figures of a benchmark in one form, so that one report can hold those of all.

A benchmark prints what it likes; each figure that somebody may be held to it gives to `note` (or to
`show`, which prints it as well). Where the environment names a file in `FILE`, as `python -m
benchmarks` does, notes are appended to it, one JSON object a line; processes that a benchmark
starts for its parts inherit it. Elsewhere they go nowhere.
"""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import orjson

FILE = "CLAUSEGRAPH_BENCHMARK_FIGURES"
PACKAGES = (
    "pyoxigraph", "rdflib", "pyshacl", "graphql-core", "strawberry-graphql", "starlette",
    "uvicorn", "uvloop", "orjson", "numpy", "pyroaring", "rapidfuzz",
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """What was measured: a median with its extremes, beside a baseline, held to an aim.

    `against` is what the baseline takes, in the same unit; the ratio is `value / against`. The aim is
    `least`, `most` or both, of the ratio where there is a baseline, unless `of` says of the value.
    """

    name: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    baseline: str = ""
    against: float | None = None
    least: float | None = None
    most: float | None = None
    of: Literal["ratio", "value"] = "ratio"

    @property
    def ratio(self) -> float | None:
        """How many times the baseline; None without one."""
        return self.value / self.against if self.against else None

    @property
    def aim(self) -> str:
        """The aim in words; empty where there is none."""
        parts = [("at least", self.least), ("at most", self.most)]
        told = [f"{word} {limit:.4g}" for word, limit in parts if limit is not None]
        unit = self.unit if self._plain else "times"
        return f"{' and '.join(told)} {unit}" if told else ""

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None where there is none."""
        if self.least is None and self.most is None:
            return None
        low = self._held if self.least is None else self.least
        high = self._held if self.most is None else self.most
        return low <= self._held <= high

    @property
    def _held(self) -> float:
        """What the aim is about."""
        return self.value if self._plain or self.ratio is None else self.ratio

    @property
    def _plain(self) -> bool:
        """Whether the aim is of the value itself."""
        return self.of == "value" or self.ratio is None

    def told(self) -> str:
        """One line for people."""
        line = f"{self.name:<44}{short(self.value):>9} {self.unit}"
        if self.low is not None and self.high is not None:
            line += f" (min {short(self.low)}, max {short(self.high)})"
        if self.ratio is not None:
            line += f", {short(self.ratio)} times {self.baseline} ({short(self.against or 0)})"
        if self.met is not None:
            line += f"; aim: {self.aim}, {'met' if self.met else 'NOT met'}"
        return line


def median(name: str, found: Sequence[float], unit: str) -> Figure:
    """The figure of several runs."""
    return Figure(name, statistics.median(found), unit, min(found), max(found))


def note(*figures: Figure) -> None:
    """Give figures to whoever gathers them."""
    if path := os.environ.get(FILE):
        with Path(path).open("ab") as file:
            file.writelines(orjson.dumps(asdict(each)) + b"\n" for each in figures)


def show(*figures: Figure) -> None:
    """Print figures and note them."""
    note(*figures)
    for each in figures:
        print(each.told(), flush=True)


def noted(path: Path) -> list[Figure]:
    """What was noted in a file, which need not be there."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [Figure(**orjson.loads(line)) for line in lines]


def machine() -> dict[str, str]:
    """What this is measured on: processor, memory, system, versions."""
    cpu = re.findall(r"model name\s*: (.*)", _read("/proc/cpuinfo"))
    kilobytes = re.findall(r"MemTotal:\s+(\d+)", _read("/proc/meminfo"))
    found = {
        "processor": f"{os.cpu_count()} x {cpu[0] if cpu else platform.machine()}",
        "memory": f"{int(kilobytes[0]) / 1e6:.0f} GB" if kilobytes else "",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
    }
    return {name: value for name, value in (found | dict(_versions(PACKAGES))).items() if value}


def _versions(names: Iterable[str]) -> Iterable[tuple[str, str]]:
    for name in names:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def short(value: float) -> str:
    """Three figures that count, without exponents."""
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.3g}"
