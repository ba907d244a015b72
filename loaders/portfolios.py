"""Portfolios and saved queries, as people write them into a file.

A portfolio is a named list of platforms; a saved query is a named choice of changes::

    portfolios:
      - {id: vendors, name: Our vendors, platforms: [inkwarren, Widgetly], note: Reviewed in May.}
    queries:
      - {id: vendor-privacy, name: Privacy at our vendors, portfolio: vendors, kinds: [privacy-policy]}

Platforms and documents stand there by their ids or names; which ones there are, the store knows.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from clausegraph.loaders.source import Mistake, Path_, SourceError, SourceFile, misfits, read
from clausegraph.loaders.unit import Node, filled
from clausegraph.ontology.iris import concept, graph, mint
from clausegraph.ontology.terms import vocabulary

MOST = 10_000
"""Most entries of one list."""


class PortfolioError(SourceError):
    """A file of portfolios and saved queries has mistakes; nothing of it was saved."""

    code = "portfolio-invalid"

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Hold all mistakes."""
        super().__init__(mistakes)
        self.hint = "Correct the lines named and run `clausegraph portfolio load` again."


@dataclass(frozen=True)
class Portfolio:
    """A named list of platforms: ids or names as somebody wrote them, or IRIs."""

    id: str
    name: str
    platforms: tuple[str, ...]
    note: str | None = None

    @property
    def iri(self) -> str:
        """The IRI of the portfolio."""
        return mint("portfolio", self.id)

    @property
    def graph(self) -> str:
        """The named graph that holds the portfolio and nothing else."""
        return graph(f"portfolios/{self.id}")

    def node(self) -> Node:
        """The portfolio as a node; its platforms are IRIs."""
        node = {
            "id": self.iri,
            "type": "Portfolio",
            "label": self.name,
            "platforms": sorted(set(self.platforms)),
            "note": self.note,
        }
        return filled(node)


@dataclass(frozen=True)
class SavedQuery:
    """A named choice of changes; an empty field limits nothing.

    `kinds` and `significance` are slugs of the closed lists, `portfolio` is the id of one.
    """

    id: str
    name: str
    portfolio: str | None = None
    platforms: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    significance: tuple[str, ...] = ()
    contains: str | None = None
    silent: bool = False

    @property
    def iri(self) -> str:
        """The IRI of the saved query."""
        return mint("saved-query", self.id)

    @property
    def graph(self) -> str:
        """The named graph that holds the saved query and nothing else."""
        return graph(f"saved-queries/{self.id}")

    def node(self) -> Node:
        """The saved query as a node; its platforms and documents are IRIs."""
        node = {
            "id": self.iri,
            "type": "SavedQuery",
            "label": self.name,
            "portfolio": self.portfolio and mint("portfolio", self.portfolio),
            "platforms": sorted(set(self.platforms)),
            "documents": sorted(set(self.documents)),
            "documentKinds": [concept("document-kind", slug) for slug in self.kinds],
            "significances": [concept("significance", slug) for slug in self.significance],
            "contains": self.contains,
            "onlySilent": self.silent or None,
        }
        return filled(node)


@dataclass(frozen=True)
class Kept:
    """What a file holds, with the file, so that later complaints name its lines."""

    source: SourceFile
    portfolios: tuple[Portfolio, ...]
    queries: tuple[SavedQuery, ...]


def read_portfolios(path: Path) -> Kept:
    """Read a file. Raises `PortfolioError` with every mistake that the file alone shows."""
    try:
        source = read(path.parent, path)
    except SourceError as error:
        raise PortfolioError(error.mistakes) from error
    return kept(source)


def kept(source: SourceFile) -> Kept:
    """What a parsed file holds. Raises `PortfolioError`."""
    if mistakes := [*misfits(source, _form())] or [*_twice(source)]:
        raise PortfolioError(mistakes)
    portfolios = [Portfolio(**_frozen(each)) for each in source.data.get("portfolios", ())]
    queries = [SavedQuery(**_frozen(each)) for each in source.data.get("queries", ())]
    return Kept(source, tuple(portfolios), tuple(queries))


def _frozen(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


def _twice(source: SourceFile) -> Iterator[Mistake]:
    """Entries of one kind that have the id of an earlier one."""
    for key in ("portfolios", "queries"):
        seen: set[str] = set()
        for number, entry in enumerate(source.data.get(key, ())):
            if entry["id"] in seen:
                path: Path_ = (key, number, "id")
                yield source.mistake(path, f"{entry['id']!r} is the id of an earlier entry")
            seen.add(entry["id"])


# Control characters, halves of characters and no-characters: neither XML nor a terminal shows them.
_UNSHOWN = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff\\ufffe\\uffff"


def _text(most: int, lines: bool = False) -> dict[str, Any]:
    """Text of at most so many characters, on one line or several."""
    refused = _UNSHOWN if lines else _UNSHOWN + "\\t\\n\\r"
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": most,
        "pattern": f"^(?=[^{refused}]*\\S)[^{refused}]*\\Z",
        "description": "text" if lines else "text on one line",
    }


def _list(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "maxItems": MOST}


def _members(scheme: str) -> dict[str, Any]:
    """A list of entries of a closed list, by their slugs."""
    return _list({"enum": sorted(vocabulary().scheme(scheme).concepts)})


def _entry(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    slug = {
        "type": "string",
        "maxLength": 64,
        "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*\Z",
        "description": "an id of small letters, digits and hyphens",
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "name", *required],
        "properties": {"id": slug, "name": _text(200), **properties},
    }


@functools.cache
def _form() -> Draft202012Validator:
    """The form of a file; closed lists are filled in from the ontology."""
    portfolio = _entry(
        ["platforms"],
        platforms=_list(_text(200), least=1),
        note=_text(2_000, lines=True),
    )
    query = _entry(
        [],
        portfolio=portfolio["properties"]["id"],
        platforms=_list(_text(200)),
        documents=_list(_text(400)),
        kinds=_members("document-kind"),
        significance=_members("significance"),
        contains=_text(200),
        silent={"type": "boolean"},
    )
    form = {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {"portfolios": _list(portfolio), "queries": _list(query)},
    }
    return Draft202012Validator(form)
