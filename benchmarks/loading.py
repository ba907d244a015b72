"""Measure what loading and publishing cost beside the store's own load of the same quads.

    python -m benchmarks.loading [PLATFORMS] [RUNS]

The captures of PLATFORMS invented platforms (default 1000; `benchmarks.synthetic`, three texts each)
are files. Ours: load the law; read, segment, compare, hold to the shapes and store the captures as
histories; then publish: examine each document against the law, digest, validate, check quotes,
optimize, copy, index. Baseline: every quad of the release that came of it, from an N-Quads file into
an empty store by `pyoxigraph`'s `bulk_load`, and then `optimize`, without which a store of that size
is slow. The index is built once more by itself, for its share.

Seconds are of the processor, of a process with all that it starts; medians of RUNS (default 1), the
sides in turn. Memory is resident, of all processes of a command at once, as seen twenty times a
second.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, Store

from benchmarks.figures import median, show
from benchmarks.synthetic import VERSIONS, platform
from clausegraph.api.histories import File, load_files
from clausegraph.api.historypool import TOGETHER
from clausegraph.api.policyindex import build
from clausegraph.api.publish import load, publish
from clausegraph.api.releases import Releases
from clausegraph.api.store import writing
from clausegraph.loaders.capture import Capture
from clausegraph.loaders.documents import read_document
from clausegraph.loaders.historyjob import HandedOver, Result, check
from clausegraph.loaders.names import slug
from clausegraph.loaders.ntriples import lines
from clausegraph.loaders.policies import HistoryBuilder, Identity
from tests.memory import watch

PARTS = 100
"""The most platforms of which the parts of a load are measured."""
MOST = 1 / 3
"""What building the index may add to the load."""


@dataclass(frozen=True)
class Taken:
    """What a process took: seconds of processor and of clock, megabytes; seconds of its stages."""

    cpu: float
    clock: float
    memory: float
    stages: Mapping[str, float]


def main(platforms: int, runs: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "captures", platforms)
        taken: dict[str, list[Taken]] = {side: [] for side in SIDES}
        for turn in range(runs):
            for side in SIDES:
                taken[side].append(apart(side, folder, str(turn)))
                if side == "ours":
                    dump(folder, str(turn))
        release = Releases(folder / "data-0").current()
        print(f"{platforms} platforms, {platforms * VERSIONS} captures, {release.triples} quads")
        tell(taken)


def write(folder: Path, platforms: int) -> None:
    """The texts of platforms as files, with a list of what they are."""
    folder.mkdir()
    rows = []
    for made in map(platform, range(platforms)):
        for number, (text, day) in enumerate(zip(made.texts, made.days, strict=True)):
            path = folder / f"{made.own}-{number}.md"
            path.write_text(text)
            rows.append((made.name, made.type, str(path), day.isoformat()))
    (folder / "list.json").write_text(json.dumps(rows))


def apart(side: str, folder: Path, turn: str) -> Taken:
    """Do one side in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = watch([sys.executable, "-m", "benchmarks.loading", side, folder, turn])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(cpu, found.seconds, found.together / 1e6, json.loads(found.output))


class Stages:
    """Seconds of the processor by stage, with those of processes that ended meanwhile."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.took: Counter[str] = Counter()
        self._last: tuple[str, float] | None = None

    def __call__(self, name: str) -> None:
        """A stage begins, and the last one ends; only one's first word counts."""
        times = os.times()
        used = sum(times[:4])
        if self._last:
            stage, before = self._last
            self.took[stage] += used - before  # type: ignore[assignment]  # a sum of seconds
        self._last = (name.partition(" ")[0], used)


def ours(folder: Path, turn: str) -> Stages:
    """Load and publish."""
    data, step = folder / f"data-{turn}", Stages()
    step("law")
    load(data)
    step("load")
    load_captures(data, folder / "captures")
    publish(data, lambda name: step(f"publish:{name}"))
    step("end")
    return step


def load_captures(data: Path, captures: Path) -> None:
    """Load what `write` wrote."""
    load_files(data, [_file(*row) for row in _rows(captures)])


def _rows(captures: Path) -> list[tuple[str, str, str, str]]:
    return [tuple(row) for row in json.loads((captures / "list.json").read_text())]


def _file(name: str, type_: str, path: str, day: str) -> File:
    recorded = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    return File(name, type_, HandedOver(Path(path), recorded, "markdown"), invented=True)


def dump(folder: Path, turn: str) -> None:
    """The quads of the release that came of ours, as a file."""
    store = Releases(folder / f"data-{turn}").current().open()
    store.dump(str(folder / "quads.nq"), RdfFormat.N_QUADS)


def bulk_load(folder: Path, turn: str) -> Stages:
    """Load the quads as the store itself does."""
    step = Stages()
    step("bulk_load")
    store = Store(str(folder / f"bulk-{turn}"))
    store.bulk_load(path=str(folder / "quads.nq"), format=RdfFormat.N_QUADS)
    store.flush()
    step("optimize")
    store.optimize()
    step("end")
    return step


def index(folder: Path, turn: str) -> Stages:
    """Build the index of the release again, beside no other, of which it would make use."""
    release, step = Releases(folder / f"data-{turn}").current(), Stages()
    aside = folder / f"indexes-{turn}" / "index"
    aside.mkdir(parents=True)
    step("index")
    build(release.source(), aside, release.graphs)
    step("end")
    return step


def parts(folder: Path, turn: str) -> Stages:
    """What a load does with histories, one part after the other in one process."""
    own: dict[Identity, list[Capture]] = {}
    step = Stages()
    step("read")
    for name, type_, path, day in _rows(folder / "captures")[: PARTS * VERSIONS]:
        document = read_document(Path(path), kind="markdown")
        recorded = _file(name, type_, path, day).file.recorded
        own.setdefault(Identity(name, type_, slug(name), slug(type_), invented=True), []).append(
            Capture(name, type_, "", recorded, "manual", None, document.sha256, document.text)
        )
    step("history")  # segments, comparison, nodes
    made = [_result(identity, captures) for identity, captures in own.items()]
    step("shapes")
    size = TOGETHER // VERSIONS
    for at in range(0, len(made), size):
        check(made[at : at + size])
    step("store")
    with writing(folder / f"parts-{turn}") as writer:
        writer.put(b"".join(each.data for each in made))
    step("end")
    return step


def _result(identity: Identity, captures: list[Capture]) -> Result:
    nodes = HistoryBuilder(identity, captures).nodes()
    return Result(identity, tuple(captures), (), tuple(sorted(set(lines(nodes)))), "", ())


SIDES = {"ours": ours, "bulk_load": bulk_load, "index": index, "parts": parts}


def tell(taken: Mapping[str, Sequence[Taken]]) -> None:
    """Print the figures, and the share of each stage."""
    took = {side: [each.cpu for each in some] for side, some in taken.items()}
    held = {side: median(side, [t.memory for t in some], "MB") for side, some in taken.items()}
    base = median("bulk_load and optimize, processor", took["bulk_load"], "s")
    beside: dict[str, Any] = {"baseline": base.name.partition(",")[0], "against": base.value}
    indexed = [each.stages["index"] for each in taken["index"]]
    show(
        base,
        replace(median("load and publish, processor", took["ours"], "s"), **beside),
        median("load and publish, by the clock", [each.clock for each in taken["ours"]], "s"),
        replace(median("index, processor", indexed, "s"), **beside, most=MOST),
        replace(held["bulk_load"], name="bulk_load and optimize, memory"),
        replace(held["ours"], name="load and publish, memory", baseline=beside["baseline"],
                against=held["bulk_load"].value),
    )  # fmt: skip
    for side in ("ours", "parts", "bulk_load"):
        shares(side, [each.stages for each in taken[side]])


def shares(side: str, runs: Sequence[Mapping[str, float]]) -> None:
    """Print the median of each stage and its share."""
    names = dict.fromkeys(name for each in runs for name in each)
    found = {name: statistics.median(each.get(name, 0) for each in runs) for name in names}
    print(f"stages, {side}:")
    for name, seconds in found.items():
        print(f"    {name:<28}{seconds:8.2f} s {seconds / sum(found.values()):5.0%}")


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in SIDES:
        stages = SIDES[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
        print(json.dumps(stages.took))
    else:
        numbers = [int(each) for each in sys.argv[1:]]
        main(numbers[0] if numbers else 1_000, numbers[1] if len(numbers) > 1 else 1)
