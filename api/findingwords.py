"""The words that a finding or mapping rests on, as its page shows them, each with its quote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clausegraph.api import facts
from clausegraph.api.facts import Shown
from clausegraph.api.reader import Entity
from clausegraph.api.sites import Site

_SIDES = (
    ("evidence", "Words that decide it"),
    ("counterEvidence", "Words that stand against it"),
)
_NEAREST = "Nearest passages, which are not it"


@dataclass(frozen=True)
class Words:
    """Exact words of a document, the quote they are kept as, and how near they come, if only near."""

    exact: str
    quote: Shown
    similarity: str = ""


@dataclass(frozen=True)
class Side:
    """A heading with the words below it."""

    heading: str
    words: tuple[Words, ...]


def sides(site: Site, judged: Entity | None) -> list[Side]:
    """What speaks for a finding or mapping, what against it, what comes near; empty ones left out.

    Words are those of the document, unescaped: a template escapes them.
    """
    if judged is None or judged.type not in ("Finding", "Mapping"):
        return []
    found = [Side(heading, tuple(_words(site, judged.all(key)))) for key, heading in _SIDES]
    found.append(Side(_NEAREST, tuple(_near(site, judged))))
    return [each for each in found if each.words]


def _words(site: Site, quotes: tuple[str, ...]) -> Iterator[Words]:
    for each in site.reader.entities(list(quotes)):
        yield Words(str(each.one("exact")), facts.shown(site, each.iri))


def _near(site: Site, judged: Entity) -> Iterator[Words]:
    passages = site.reader.entities(list(judged.all("nearest")))
    for each in sorted(passages, key=lambda each: int(each.one("order"))):
        for quote in site.reader.entities([str(each.one("quote"))]):
            exact, shown = str(quote.one("exact")), facts.shown(site, quote.iri)
            yield Words(exact, shown, str(each.one("similarity")))
