"""Run the benchmarks in turn and write one report.

    python -m benchmarks [--quick] [--output FOLDER] [--releases FOLDER] [NAME ...]

Without NAME all are run, which takes hours; `--quick` measures small sizes, to see that everything
runs. The report is written to ``report.md`` and ``report.json`` in `--output` (default
``build/benchmarks``) after each benchmark anew. Synthetic releases are made in `--releases` where
that is given, and kept there for the next run. The exit code is 1 where a benchmark failed; an aim
that is not met is told and is no failure, for it depends on the machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.report import ROOT, Benchmark, Outcome, as_json, as_markdown, run
from clausegraph.api.console import progress

_HOUR = 3_600.0


def benchmarks(releases: Path) -> tuple[Benchmark, ...]:
    """All benchmarks, in the order in which they are run."""
    own = str(releases)
    return (
        Benchmark("law", ("-m", "benchmarks.law"), ("-m", "benchmarks.law", "1"), _HOUR),
        Benchmark("policies", ("-m", "benchmarks.policies"), ("-m", "benchmarks.policies", "1")),
        Benchmark("answers", ("-m", "benchmarks.answers"), ("-m", "benchmarks.answers"), _HOUR),
        Benchmark(
            "lists",
            ("-m", "benchmarks.lists", own, "1000", "10000"),
            ("-m", "benchmarks.lists", own, "100"),
            4 * _HOUR,
        ),
        Benchmark("loading", ("-m", "benchmarks.loading"), ("-m", "benchmarks.loading", "10")),
        Benchmark(
            "validation", ("-m", "benchmarks.validation"), ("-m", "benchmarks.validation", "2", "1")
        ),
        Benchmark("mixed", ("-m", "benchmarks.mixed"), ("-m", "benchmarks.mixed", "0.5"), _HOUR),
    )


def chosen(names: Sequence[str], every: Sequence[Benchmark]) -> list[Benchmark]:
    """Those of some names, in the order of all. Raises `SystemExit` for a name nobody has."""
    known = {each.name for each in every}
    if strange := [name for name in names if name not in known]:
        sys.exit(f"there is no benchmark {strange[0]!r}; there are {', '.join(sorted(known))}")
    return [each for each in every if not names or each.name in names]


def work(some: Sequence[Benchmark], output: Path, *, quick: bool) -> list[Outcome]:
    """Run benchmarks and write the report after each."""
    output.mkdir(parents=True, exist_ok=True)
    found: list[Outcome] = []
    with progress(quiet=False) as step:
        for number, each in enumerate(some, 1):
            step(f"{each.name} ({number} of {len(some)})")
            found.append(run(each, quick=quick))
            (output / "report.md").write_text(as_markdown(found, quick=quick))
            (output / "report.json").write_bytes(as_json(found, quick=quick))
    return found


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    """A folder that somebody gives, or one that is gone afterwards."""
    if given:
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def main(words: Sequence[str]) -> int:
    """Do what the words say; gives the exit code."""
    parser = argparse.ArgumentParser("python -m benchmarks", description="Run the benchmarks.")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that all runs")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "benchmarks",
                        metavar="FOLDER", help="where the report is written")  # fmt: skip
    parser.add_argument("--releases", type=Path, metavar="FOLDER",
                        help="where synthetic releases are made and kept")  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks; all without")
    given = parser.parse_args(words)
    with _folder(given.releases) as releases:
        some = chosen(given.names, benchmarks(releases))
        found = work(some, given.output, quick=given.quick)
    print(as_markdown(found, quick=given.quick), end="")
    return int(any(each.failure for each in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
