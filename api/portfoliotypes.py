"""GraphQL types of what people keep: portfolios and saved queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import strawberry

from clausegraph.api.changetypes import ChangeConnection, changes
from clausegraph.api.enums import DocumentKind, Significance
from clausegraph.api.listing import Paged, paged
from clausegraph.api.nodes import Node, about, edge, edges, shows, value
from clausegraph.api.reader import slug
from clausegraph.api.savedqueries import filter_of

if TYPE_CHECKING:
    from clausegraph.api.policytypes import Document, Platform

Policies = "clausegraph.api.policytypes"


@shows("Portfolio")
@strawberry.type(description=about("Portfolio"))
class Portfolio(Node):
    """A named list of platforms."""

    platforms: list[Annotated[Platform, strawberry.lazy(Policies)]] = edges("platforms")
    note: str | None = value("note", "What its maker wrote down about it.")

    @strawberry.field(description="The saved queries that are limited to it.")
    def saved_queries(self) -> list[SavedQuery]:
        """Saved queries of this portfolio."""
        return self.back("portfolio", "SavedQuery")


def _choices(key: str, enum: Any) -> Any:
    """A field that holds concepts of a closed list, as members of its enum."""

    def resolve(self: Node) -> list[Any]:
        return [enum(iri) for iri in self.entity.all(key)]

    return strawberry.field(resolver=resolve, description=about(key))


@shows("SavedQuery")
@strawberry.type(description=about("SavedQuery"))
class SavedQuery(Node):
    """A named choice of changes."""

    portfolio: Portfolio | None = edge("portfolio")
    platforms: list[Annotated[Platform, strawberry.lazy(Policies)]] = edges("platforms")
    documents: list[Annotated[Document, strawberry.lazy(Policies)]] = edges("documents")
    document_kinds: list[DocumentKind] = _choices("documentKinds", DocumentKind)
    significances: list[Significance] = _choices("significances", Significance)
    contains: str | None = value("contains")

    @strawberry.field(description=about("onlySilent"))
    def only_silent(self) -> bool:
        """Whether it takes in silent changes only."""
        return self.entity.one("onlySilent") is True

    @strawberry.field(description="The path of its Atom feed; with .json, its JSON Feed.")
    def feed(self) -> str:
        """Path of the feed."""
        return f"/feeds/changes.atom?{urlencode({'query': slug(self.entity.iri)})}"

    @paged(
        ChangeConnection,
        "The changes that it chooses, the newest first; changes of meaning where it names no "
        "significance.",
    )
    def changes(self) -> Paged:
        """Changes of this choice."""
        return changes(self.view, (), filter_of(self.entity), None)
