"""The command that holds findings against a file labelled by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from clausegraph.api.cli_evaluate import evaluate
from clausegraph.api.cli_load import QUIET
from clausegraph.api.console import JSON, command, counted, say

_STATES = ("stated", "not-stated")
_HEAD = ("item", "labels", "unclear", "abstained", "stated p", "r", "not-stated p", "r")


@command(evaluate)
@JSON
@QUIET
@click.option(
    "--archive",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The Open Terms Archive repository that the labels were made from.",
)
@click.option("--misses", is_flag=True, help="List every label that was read otherwise.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def findings(as_json: bool, quiet: bool, archive: Path, misses: bool, file: Path) -> None:
    """Score what is found in policies against FILE, in which people noted what they state.

    FILE is tab-separated: commit, path, item, state, scope, polarity, linked, reason. Labels that
    are unclear are counted and left out; `abstained` is what the rules leave open (not examined).
    `p` is precision, `r` recall.
    """
    from clausegraph.api.findingscores import rows, scores

    with counted(quiet, "documents read") as tick:
        found = scores(file, archive, tick)
    table = rows(found)
    missed = [
        {
            "path": each.label.path,
            "item": each.label.item,
            "label": each.label.state,
            "read": each.read,
            "line": each.label.line,
        }
        for each in found.misses
    ]
    text = _table(table)
    if misses:
        text += "".join(
            f"\n{file}:{each['line']}: {each['path']}, {each['item']}: {each['label']}, read {each['read']}"
            for each in missed
        )
    say(as_json, text, scores=table, misses=missed)


def _table(table: list[dict[str, Any]]) -> str:
    rows = [_HEAD, *(_row(each) for each in table)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    )


def _row(each: dict[str, Any]) -> tuple[str, ...]:
    shares = [
        _shown(each[f"{state} {kind}"]) for state in _STATES for kind in ("precision", "recall")
    ]
    counts = [str(each[key]) for key in ("scored", "unclear", "abstained")]
    return (str(each["item"]), *counts, *shares)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
