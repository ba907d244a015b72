"""From the names in a portfolio or saved query to the IRIs that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from clausegraph.api.named import Names, shortened
from clausegraph.api.textquery import SearchTextError, words
from clausegraph.loaders.portfolios import Portfolio, SavedQuery
from clausegraph.loaders.source import Mistake, Path_, SourceFile
from clausegraph.ontology.iris import ID

ADVISED = 20
"""Mistakes for which near matches are looked up, which takes time."""


class Resolver:
    """Resolves the entries of a file, and collects what names nothing as mistakes of the file."""

    def __init__(self, source: SourceFile, known: Mapping[str, Names]) -> None:
        """Take the file and what there is, by kind."""
        self.source = source
        self.known = known
        self.mistakes: list[Mistake] = []

    def portfolio(self, number: int, entry: Portfolio) -> Portfolio:
        """The portfolio at a place of the file, with IRIs."""
        path: Path_ = ("portfolios", number, "platforms")
        return replace(entry, platforms=self._all(path, "platform", entry.platforms))

    def query(self, number: int, entry: SavedQuery) -> SavedQuery:
        """The saved query at a place of the file, with IRIs; its portfolio stays an id."""
        path: Path_ = ("queries", number)
        if entry.contains is not None:
            self._search((*path, "contains"), entry.contains)
        own = entry.portfolio
        iri = "" if own is None else self._found((*path, "portfolio"), "portfolio", own)
        return replace(
            entry,
            portfolio=iri.removeprefix(f"{ID}portfolio/") or None,
            platforms=self._all((*path, "platforms"), "platform", entry.platforms),
            documents=self._all((*path, "documents"), "document", entry.documents),
        )

    def _all(self, path: Path_, kind: str, texts: Sequence[str]) -> tuple[str, ...]:
        """The IRIs of what a list names."""
        return tuple(self._found((*path, at), kind, text) for at, text in enumerate(texts))

    def _found(self, path: Path_, kind: str, text: str) -> str:
        """The IRI of what a text names, empty where that is a mistake."""
        names = self.known[kind]
        iri = names.find(text)
        if iri is None:
            advice = f". {names.advice(text)}" if len(self.mistakes) < ADVISED else ""
            message = f"there is no {kind} {shortened(text)!r}{advice}"
            self.mistakes.append(self.source.mistake(path, message))
        return iri or ""

    def _search(self, path: Path_, text: str) -> None:
        """Hold words to what can be searched for."""
        try:
            words(text)
        except SearchTextError as error:
            self.mistakes.append(self.source.mistake(path, error.message))
