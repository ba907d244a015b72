"""What a feed says of a change: made of its deltas alone, in numbers, places, words and quotes.

A policy's text is data. It is cut, freed of the signs that XML forbids, and escaped by whatever
writes it (`clausegraph.api.feedformats`, the template of an entry).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clausegraph.api.changetypes import KINDS, OWN
from clausegraph.api.nodes import View
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Clause, fetch
from clausegraph.api.reader import Entity, slug
from clausegraph.ontology.iris import ID
from clausegraph.ontology.terms import vocabulary

MOST_QUOTED = 3
MOST_NAMED = 10
LONGEST = 400
"""Characters of one quote, heading path or word that are shown."""
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ROOT = ID.removesuffix("id/")
_DELTAS = (
    "SELECT delta.iri, kind, path FROM delta LEFT JOIN heading "
    f"ON heading.id = coalesce(heading_after, heading_before) WHERE change = {OWN} ORDER BY place"
)
_TERMS = (
    f"SELECT sort, before, after, count(*) FROM term WHERE change = {OWN} "
    "GROUP BY sort, before, after ORDER BY min(place)"
)


@dataclass(frozen=True)
class Passage:
    """A passage that a change touched: what happened, where, and its words before and after."""

    kind: str
    heading: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One change as a feed shows it. Addresses are of the server; `id` is the change's IRI."""

    id: str
    title: str
    updated: datetime
    page: str
    before: str
    after: str
    significance: str
    silent: bool | None
    counts: dict[str, int]
    sentences: tuple[str, ...]
    passages: tuple[Passage, ...]
    more: int

    @property
    def summary(self) -> str:
        """Numbers, places and words as one line of text."""
        return " ".join(self.sentences)


def entry(view: View, base: str, change: Entity) -> Entry:
    """What a feed says of a change; `base` is the server's address."""
    significance = slug(change.one("significance"))
    silent: bool | None = change.one("silent")
    counts = {kind: n for kind in KINDS if (n := change.one(f"{kind}Count"))}
    accident = change.one("accident")
    deltas = fetch(view, Clause(_DELTAS, (short(change.iri),)))
    shown = deltas[:MOST_QUOTED]
    return Entry(
        id=change.iri,
        title=_title(view, change, significance, silent, counts),
        updated=change.one("observedAt"),
        page=_address(base, change.iri),
        before=_address(base, change.one("fromVersion")),
        after=_address(base, change.one("toVersion")),
        significance=significance,
        silent=silent,
        counts=counts,
        sentences=tuple(
            each
            for each in (
                f"Accident of capturing: {_label('capture-state', accident)}." if accident else "",
                "Compared across an accident of capturing." if change.one("bridges") else "",
                _counted(counts),
                _places([path or "" for _, _, path in deltas]),
                _words(fetch(view, Clause(_TERMS, (short(change.iri),)))),
            )
            if each
        ),
        passages=tuple(_passage(view, *delta) for delta in shown),
        more=len(deltas) - len(shown),
    )


def _title(
    view: View, change: Entity, significance: str, silent: bool | None, counts: dict[str, int]
) -> str:
    document = view.reader.entity(change.one("document"))
    name = str(document.one("label")) if document else slug(change.one("document"))
    what = _label("significance", significance) + (", silent" if silent else "")
    numbers = ", ".join(f"{n} {kind}" for kind, n in counts.items())
    day = change.one("observedAt").date()
    return cleaned(f"{name}, {day}: {what}" + (f" ({numbers})" if numbers else ""))


def _label(scheme: str, iri: str) -> str:
    """The name of a concept within a sentence."""
    return vocabulary().concept(scheme, slug(iri)).label.lower()


def _counted(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    numbers = ", ".join(f"{n} {kind}" for kind, n in counts.items())
    return f"{total} passage{'s'[: total != 1]}: {numbers}." if total else ""


def _places(paths: Sequence[str]) -> str:
    """Under which headings how many passages were touched, in the order of the text."""
    numbers: dict[str, int] = {}
    for path in paths:
        numbers[path] = numbers.get(path, 0) + 1
    named = [f"{cut(path)} ({n})" for path, n in numbers.items() if path]
    return f"Under: {_some(named, '; ')}." if named else ""


def _words(terms: Iterable[tuple[Any, ...]]) -> str:
    """Which words gave way to which."""
    named = [
        f"{cut(before or '') or 'nothing'} → {cut(after or '') or 'nothing'}"
        f" ({_label('term-group', sort)}{f', {n} times' if n > 1 else ''})"
        for sort, before, after, n in terms
    ]
    return f"Words: {_some(named, ', ')}." if named else ""


def _some(texts: Sequence[str], between: str) -> str:
    left = len(texts) - MOST_NAMED
    return between.join(texts[:MOST_NAMED]) + (f"{between}and {left} more" if left > 0 else "")


def _passage(view: View, delta: str, kind: str, path: str | None) -> Passage:
    entity = view.reader.entity(ID + delta)
    iris = [entity.one(side) if entity else None for side in ("before", "after")]
    quotes = [view.reader.entity(iri) if iri else None for iri in iris]
    before, after = (str(quote.one("exact")) if quote else "" for quote in quotes)
    return Passage(_label("delta-kind", kind), cut(path or ""), *sides(before, after))


def sides(before: str, after: str) -> tuple[str, str]:
    """Two wordings of a passage, each cut; of long ones, from where they begin to differ."""
    before, after = cleaned(before).strip(), cleaned(after).strip()
    start = max(0, _alike(before, after) - LONGEST // 2)
    if start and max(len(before), len(after)) > LONGEST:
        before, after = (f"…{text[start:]}" for text in (before, after))
    return cut(before), cut(after)


def _alike(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginnings."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def cut(text: str) -> str:
    """A text without signs that XML forbids, its end left out where it is long."""
    text = cleaned(text).strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def cleaned(text: str) -> str:
    """A text without the control signs and half characters that XML forbids."""
    return _FORBIDDEN.sub("", text)


def _address(base: str, iri: str) -> str:
    """Where a server shows what an IRI of ours names."""
    return f"{base}/{iri.removeprefix(_ROOT)}"
