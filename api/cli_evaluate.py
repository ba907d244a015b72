"""Commands that hold the software's own readings against people's: evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clausegraph.api.cli_load import QUIET
from clausegraph.api.console import JSON, command, counted, main, say
from clausegraph.loaders.c3pa import PARTS

if TYPE_CHECKING:
    from clausegraph.loaders.c3pascore import LabelScore, Report

_HEAD = ("label", "prec.", "recall", "F1", "95 %", "people", "kappa", "people")


@main.group()
def evaluate() -> None:
    """Measure what is found against what people labelled; reads files, stores nothing."""


@command(evaluate)
@JSON
@QUIET
@click.option(
    "--part", default="all", type=click.Choice(PARTS),
    help="The documents on which patterns were tuned, the others, or all.",
)  # fmt: skip
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def c3pa(as_json: bool, quiet: bool, part: str, path: Path) -> None:
    """Score the topics on a corpus of annotated policies: a folder or a .tar.xz.

    PATH holds Annotations/<part>/<n>.csv and Htmls/<part>/<n>.html. A block is a leaf of the page;
    a label is true of it where two annotators gave it. `people` is annotator against annotator,
    `kappa` is about the label's presence in a document.
    """
    from clausegraph.loaders.c3pa import read_corpus
    from clausegraph.loaders.c3pascore import evaluate as score

    with counted(quiet, "documents read") as tick:
        corpus = read_corpus(path, part, tick)
    with counted(quiet, "documents searched") as tick:
        report = score(corpus, tick=tick)
    say(as_json, _table(report), **_facts(report, part))


def _table(report: Report) -> str:
    """The report as people read it."""
    rows = [_HEAD, *(_row(each) for each in report.labels)]
    low, high = report.interval
    rows.append(("macro-F1", "", "", f"{report.macro:.3f}", f"{low:.2f}-{high:.2f}",
                 f"{report.people:.2f}", "", ""))  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in rows
    ]
    lines.append(f"{report.documents} documents, {report.blocks} blocks")
    if report.alone:
        lines.append(f"left out, one annotator only: {', '.join(report.alone)}")
    if report.captured_badly:
        lines.append(f"left out, captured badly: {', '.join(report.captured_badly)}")
    return "\n".join(lines)


def _row(score: LabelScore) -> tuple[str, ...]:
    low, high = score.interval
    counts = score.counts
    return (score.label, _shown(counts.precision), _shown(counts.recall), _shown(counts.f1),
            f"{low:.2f}-{high:.2f}", _shown(score.people), _shown(score.presence),
            _shown(score.people_presence))  # fmt: skip


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _facts(report: Report, part: str) -> dict[str, Any]:
    """The report as JSON says it; figures are rounded to four decimals."""
    return {
        "part": part,
        "documents": report.documents,
        "blocks": report.blocks,
        "macro_f1": round(report.macro, 4),
        "macro_f1_interval": [round(each, 4) for each in report.interval],
        "people_macro_f1": round(report.people, 4),
        "labels": [_label_facts(each) for each in report.labels],
        "captured_badly": report.captured_badly,
        "one_annotator": report.alone,
    }


def _label_facts(score: LabelScore) -> dict[str, Any]:
    figures = {
        "precision": score.counts.precision,
        "recall": score.counts.recall,
        "f1": score.counts.f1,
        "people_f1": score.people,
        "presence_kappa": score.presence,
        "people_presence_kappa": score.people_presence,
    }
    rounded = {key: None if value is None else round(value, 4) for key, value in figures.items()}
    interval = [round(each, 4) for each in score.interval]
    return {"label": score.label, "topic": score.topic, **rounded, "f1_interval": interval}
