"""In which versions, and on which days, the provisions of a document stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.historytexts import SHORT, Place
from clausegraph.loaders.unit import Node, filled

if TYPE_CHECKING:
    from clausegraph.loaders.policies import HistoryBuilder

SEPARATOR = " \u203a "
"""What stands between the headings of a path."""

Days = tuple[date | None, date | None]


def validity(captures: Sequence[Capture], whole: Sequence[int]) -> list[Days]:
    """The days, both included, for which each capture was the last whole one; none for the others.

    The order of the archive decides; where its clocks run backwards, a capture counts from the
    latest moment recorded so far. A capture followed by another on its day has no day.
    """
    days: list[Days] = [(None, None)] * len(captures)
    starts: list[date] = []
    for at in whole:
        day = captures[at].recorded.date()
        starts.append(max(day, starts[-1]) if starts else day)
    for place, at in enumerate(whole):
        until = starts[place + 1] - timedelta(days=1) if place + 1 < len(whole) else None
        if until is None or until >= starts[place]:
            days[at] = starts[place], until
    return days


@dataclass
class _Run:
    """A run of versions that hold a provision under the same headings; `last` None: it goes on."""

    key: str
    first: int
    headings: tuple[str, ...]
    last: int | None = None


def presence_nodes(history: HistoryBuilder) -> Iterator[Node]:
    """The runs of all provisions, over whole captures and over accidents apart."""
    whole = set(history.whole)
    broken = [at for at in range(len(history.captures)) if at not in whole]
    days = validity(history.captures, history.whole)
    for sequence in (history.whole, broken):
        for run in _runs(history, sequence):
            yield _node(history, run, _days(days, run, sequence))


def _runs(history: HistoryBuilder, sequence: Sequence[int]) -> list[_Run]:
    """The runs over some captures, in the order in which they begin."""
    done: list[_Run] = []
    going: dict[str, _Run] = {}
    before: int | None = None
    for at in sequence:
        here = history.texts.places(history.captures[at])
        for key in [k for k, run in going.items() if k not in here or _moved(run, here[k])]:
            going.pop(key).last = before
        for key, place in here.items():
            if key not in going:
                going[key] = run = _Run(key, at, place.headings)
                done.append(run)
        before = at
    return done


def _moved(run: _Run, place: Place) -> bool:
    """Whether a provision now stands under other headings."""
    return run.headings != place.headings


def _days(days: Sequence[Days], run: _Run, sequence: Sequence[int]) -> Days:
    """The first and last day of a run; none where no version of it has a day."""
    last = sequence[-1] if run.last is None else run.last
    held = [days[at] for at in sequence if run.first <= at <= last and days[at][0] is not None]
    return (held[0][0], held[-1][1]) if held else (None, None)


def _node(history: HistoryBuilder, run: _Run, days: Days) -> Node:
    capture = history.captures[run.first]
    place = history.texts.places(capture)[run.key]
    version = history.versions[run.first]
    node = {
        "id": history.identity.iri("presence", run.key[:SHORT], capture.key),
        "type": "Presence",
        "provision": history.texts.provision(run.key),
        "firstVersion": version,
        "lastVersion": None if run.last is None else history.versions[run.last],
        "headingPath": SEPARATOR.join(place.headings),
        "quote": history.texts.quote(capture, version, (place.start, place.end), run.key),
        "validFrom": days[0],
        "validUntil": days[1],
    }
    return filled(node)
