"""The benchmarks of loading and validation at their smallest, and the one report of all."""

from __future__ import annotations

import json
import math
import os
import time
import uuid
from pathlib import Path

import pytest

from benchmarks import aims
from benchmarks.__main__ import benchmarks, chosen, work
from benchmarks.figures import FILE, Figure, machine, median, note, noted
from benchmarks.loading import SIDES
from benchmarks.report import ROOT, Benchmark, as_json, as_markdown, run
from benchmarks.validation import EVERY, documents, fast, histories, judged, same, spoiled
from clausegraph.api.releases import Releases

NOTES = (
    "from benchmarks.figures import *; print('a table');"
    "show(Figure('kept', 2.0, 'ms', 1.0, 3.0, 'plain', 40.0, most=0.1));"
    "note(Figure('slow', 9.0, 's', most=5.0))"
)


def planted(name: str, code: str, seconds: float = 60.0) -> Benchmark:
    """A benchmark that runs some code."""
    return Benchmark(name, ("-c", code), ("-c", code), seconds)


### Figures


def test_a_figure_is_held_to_its_aim() -> None:
    """The aim is of the ratio, of the value where there is no baseline or where it says so."""
    beside = Figure("x", 60.0, "ms", baseline="plain", against=2.0, least=15)
    assert (beside.ratio, beside.aim, beside.met) == (30.0, "at least 15 times", True)
    value = Figure("x", 60.0, "ms", baseline="plain", against=2.0, most=50, of="value")
    assert (value.aim, value.met) == ("at most 50 ms", False)
    alone = Figure("x", 1.5, "s", most=1.5)
    assert (alone.ratio, alone.aim, alone.met) == (None, "at most 1.5 s", True)
    both = Figure("x", 3.0, "times", least=1, most=2)
    assert (both.aim, both.met) == ("at least 1 and at most 2 times", False)
    assert Figure("x", 3.0, "s").met is None
    assert not Figure("x", math.nan, "s", most=1).met


def test_notes_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is noted in turn is read as it was; without a file notes go nowhere."""
    figures = [median("a", [3.0, 1.0, 2.0], "s"), Figure("b", 1.0, "ms", least=2.0)]
    note(*figures)
    monkeypatch.setenv(FILE, str(tmp_path / "notes"))
    assert noted(tmp_path / "notes") == []
    for each in figures:
        note(each)

    assert noted(tmp_path / "notes") == figures
    assert (figures[0].value, figures[0].low, figures[0].high) == (2.0, 1.0, 3.0)


def test_the_machine_is_told() -> None:
    """Processors, system, and the versions of what is measured."""
    found = machine()

    assert found["processor"].startswith(f"{os.cpu_count()} x ")
    assert {"Python", "pyoxigraph", "pyshacl", "graphql-core"} <= found.keys()


### The report


def test_a_benchmark_that_fails_is_told_and_the_others_run(tmp_path: Path) -> None:
    """Its output and what it noted before are in the report; so is everything of the next one."""
    broken = planted("broken", f"{NOTES}; raise ValueError('planted')")
    found = work([broken, planted("sound", NOTES)], tmp_path, quick=True)
    told = (tmp_path / "report.md").read_text()
    data = json.loads((tmp_path / "report.json").read_bytes())

    assert [each.failure for each in found] == ["exit code 1", ""]
    assert f"| broken | 0.0 | {found[0].load:.1f} | FAILED: exit code 1 |" in told
    assert "ValueError: planted" in told
    assert f"| sound | 0.0 | {found[1].load:.1f} | 1 of 2 aims met |" in told
    line = "kept | 2 ms | 1 to 3 | 0.05 times plain | at most 0.1 times | yes |"
    assert told.count(f"| {line}") == 4  # among the aims, and in each chapter
    assert told.count(f"| broken | {line}") == told.count(f"| sound | {line}") == 1
    assert "| slow | 9 s |  |  | at most 5 s | **no** |" in told
    assert "A quick run" in told
    assert [each["name"] for each in data["benchmarks"]] == ["broken", "sound"]
    assert [each["met"] for each in data["benchmarks"][1]["figures"]] == [True, False]
    assert data["machine"] == machine()


def test_a_benchmark_that_is_too_slow_ends_with_all_that_it_started() -> None:
    """Nothing of it is left, and the report says so; what it printed is there."""
    mark = f"mark-{uuid.uuid4()}"
    code = f"""import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "{mark}"])
print("started", flush=True)
time.sleep(600)"""
    found = run(planted("slow", code, 5.0))
    end = time.monotonic() + 30
    while mark in _commands() and time.monotonic() < end:
        time.sleep(0.05)

    assert found.failure == "took more than 5 s"
    assert found.output == "started"
    assert mark not in _commands()


def _commands() -> str:
    """What runs on this machine, as far as it can be read."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(found)


def test_an_output_with_a_fence_stays_one_block() -> None:
    """What a benchmark prints cannot end its own block."""
    told = as_markdown([run(planted("fenced", "print('```\\n# no heading')"))])

    assert "````text\n```\n# no heading\n````" in told
    assert "no aim stated" in told
    assert json.loads(as_json([]))["benchmarks"] == []


def test_every_benchmark_can_be_run_by_its_name(tmp_path: Path) -> None:
    """The modules are there, and a name that nobody has is refused."""
    every = benchmarks(tmp_path)

    for each in every:
        assert each.words[0] == each.quick[0] == "-m"
        assert (ROOT / f"{each.words[1].replace('.', '/')}.py").exists()
    assert [each.name for each in chosen(["mixed", "law"], every)] == ["law", "mixed"]
    with pytest.raises(SystemExit, match="there is no benchmark 'laws'"):
        chosen(["laws"], every)


### Stated aims


def test_the_nested_query_is_held_to_what_was_stated() -> None:
    """Each way to answer it, in process and over HTTP; where `wrk` is not there, the first alone."""
    cpu = {"compiled": 1.0, "DataLoaders": 49.0, "raw SPARQL JSON": 15.0, "graphql-core": 12.5}
    cpu["compiled, nothing kept"] = 23.0
    served = {"SPARQL JSON, 1": 9.0, "SPARQL JSON, 2": 18.0}
    for number, kept, other in ((1, 1_000.0, 140.0), (2, 1_500.0, 250.0)):
        served[f"GraphQL, answers kept, {number}"] = kept
        served[f"GraphQL, answers not kept, {number}"] = other
    met = {each.name: each.met for each in aims.answers(cpu, served)}

    assert met == {
        "nested query, compiled": None,
        "nested query, DataLoaders": False,
        "nested query, raw SPARQL JSON": True,
        "nested query, graphql-core": True,
        "nested query, compiled, nothing kept": False,
        "over HTTP, answers kept, 1 worker to 1 of SPARQL": True,
        "over HTTP, answers kept, 1 worker to 2 of SPARQL": True,
        "over HTTP, answers kept, 2 workers": False,
        "over HTTP, answers not kept, 1 worker to 1 of SPARQL": True,
        "over HTTP, answers not kept, 1 worker to 2 of SPARQL": False,
        "over HTTP, answers not kept, 2 workers": True,
    }
    assert len(list(aims.answers(cpu, {}))) == 5


def test_lists_are_held_to_what_was_stated() -> None:
    """Milliseconds at 10,000 platforms only, pages at each size, growth to the next; memory."""
    high = {"filter, order, with three facets": 16.0, "search, rare word": 29.0, "page 1": 1.0}
    few, many = high | {"page 1000": 1.9}, {name: 2 * value for name, value in high.items()}
    many |= {"page 1000": 6.1}
    found = aims.lists({1_000: few, 10_000: few, 100_000: many})
    met = {(each.name, each.baseline): each.met for each in found}

    assert met["10000 platforms: filter, order, with three facets, p95", ""] is False
    assert met["10000 platforms: search, rare word, p95", ""] is True
    assert met["1000 platforms: filter, order, with three facets, p95", ""] is None
    assert met["10000 platforms: the thousandth page", "the first"] is True
    assert met["100000 platforms: the thousandth page", "the first"] is False
    assert met["100000 platforms: search, rare word, p95", "at 10000"] is True
    assert met["100000 platforms: page 1000, p95", "at 10000"] is False
    assert aims.memory(10_000, 999).met
    assert not aims.memory(100_000, 4_001).met
    assert aims.memory(1_000, 9_999).met is None


def test_a_mixed_load_is_held_to_what_was_stated() -> None:
    """No error, and a memory that stays what it is."""
    took = {"list": [0.01] * 98, "page": [0.5, 0.6]}
    sound = {each.name: each for each in aims.mixed(10.0, took, [1.05, 1.2], 0)}

    assert sound["mixed load, what did not hold"].met
    assert sound["mixed load, requests"].value == 10
    assert sound["mixed load, p50"].value == pytest.approx(10)
    assert sound["mixed load, memory of worker 1, last quarter to second"].met
    assert not sound["mixed load, memory of worker 2, last quarter to second"].met
    assert not next(aims.mixed(10.0, took, [], 1)).met


### The benchmarks at their smallest


def test_loading_runs() -> None:
    """Its figures are noted, with a ratio to the store's own load of the same quads."""
    found = run(Benchmark("loading", (), ("-m", "benchmarks.loading", "1"), 300), quick=True)
    figures = {each.name: each for each in found.figures}

    assert found.failure == "", found.output
    assert figures["load and publish, processor"].ratio
    assert figures["index, processor"].aim == "at most 0.3333 times"
    assert figures["load and publish, memory"].value > 50
    assert all(f"stages, {side}:" in found.output for side in SIDES if side != "index")
    assert "publish:examine" in found.output


def test_validators_are_held_to_the_same_report(
    demonstration: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By document, as it is and spoiled; a report that lacks something is seen."""
    monkeypatch.setenv(FILE, str(tmp_path / "notes"))
    (part,) = histories(Releases(demonstration).current().open())
    documents("history", [part], 1)
    valid, wrong = noted(tmp_path / "notes")
    found = fast(spoiled(part, EVERY["document"]))

    assert valid.name == "document, history, valid (0 breaches)"
    assert wrong.name == f"document, history, spoiled ({len(found)} breaches)"
    assert valid.ratio
    for kind, ours, theirs in (
        ("spoiled", found, set(sorted(found)[1:])),
        ("valid", found, found),
        ("spoiled", set[tuple[str, str]](), set[tuple[str, str]]()),
    ):
        with pytest.raises(AssertionError):
            same(kind, ours, theirs)


def test_what_was_judged_lies_beside_what_it_refers_to(demonstration: Path) -> None:
    """Its nodes are held to the shapes, and a fault in one of them is found, in the law none is."""
    (part,) = judged(Releases(demonstration).current().open())

    assert fast(part) == set()
    wrong = fast(spoiled(part, EVERY["document"]))
    assert len(wrong) > 10
    assert {node for node, _ in wrong} <= part.focus
