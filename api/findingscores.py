"""Findings against labels given by hand: the texts come out of an archive, commit by commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from clausegraph.loaders.cues import declared
from clausegraph.loaders.examination import detector
from clausegraph.loaders.findingscore import SCORED, Score, Scores, read_labels, score
from clausegraph.loaders.gitopen import opened
from clausegraph.loaders.ota import Planned, plan, read
from clausegraph.loaders.textreading import read_text
from clausegraph.ontology.errors import ClausegraphError

Tick = Callable[[int, int], None]


class NotInArchiveError(ClausegraphError):
    """A label is about a text that the archive does not have."""

    code = "text-not-in-archive"


def scores(labels: Path, archive: Path, tick: Tick = lambda done, total: None) -> Scores:
    """Read every labelled document as it stood at its commit, and score what is read.

    Raises `LabelError` with file and line, `NotInArchiveError`, and the errors of an archive that
    is none.
    """
    given = read_labels(labels, {each.id for each in declared() if each.kind == "disclosures"})
    wanted = list(dict.fromkeys(each.document for each in given))
    states: dict[tuple[str, str], Mapping[str, tuple[str, str]]] = {}
    for at, (key, text) in enumerate(_texts(archive, wanted)):
        readings = read_text(text, detector()).readings
        states[key] = {item: (each.state, each.polarity) for item, each in readings.items()}
        tick(at + 1, len(wanted))
    return score(given, states)


def _texts(archive: Path, wanted: list[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], str]]:
    """The texts of commits and paths, as they come. Raises `NotInArchiveError`."""
    left = set(wanted)
    with opened(archive) as objects:
        planned = [each for each in plan(objects) if (each.commit, _path(each)) in left]
        for capture in read(objects, planned):
            key = capture.commit, f"{capture.platform}/{capture.document}.md"
            left.discard(key)
            yield key, capture.text
    if left:
        commit, path = min(left)
        raise NotInArchiveError(
            f"{archive} has no {path!r} at {commit}",
            hint="Give the archive that the labels were made from.",
            value=path,
        )


def _path(planned: Planned) -> str:
    return f"{planned.platform}/{planned.document}.md"


def rows(found: Scores) -> list[dict[str, Any]]:
    """The scores as a table: one row an item, and one for all."""
    named = [*found.items.items(), ("all", found.total)]
    return [_row(name, each) for name, each in named]


def _row(name: str, each: Score) -> dict[str, Any]:
    shares = {
        f"{state} {kind}": (each.precision if kind == "precision" else each.recall)(state)
        for state in SCORED
        for kind in ("precision", "recall")
    }
    return {
        "item": name,
        "scored": each.scored,
        "abstained": each.abstained,
        "unclear": each.unclear,
        **shares,
    }
