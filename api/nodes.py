"""GraphQL types of the law: thin views of a release's entities on a day.

A view carries the reader and the day (`asOf`); a field without an `asOf` of its own inherits the
day of the field it stands in. Descriptions come from the ontology, which is the only glossary.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import strawberry

from clausegraph.api.enums import Confidence
from clausegraph.api.errors import OtherOntologyError
from clausegraph.api.reader import Entity, Reader, known_as
from clausegraph.api.reader import slug as last_step
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.terms import vocabulary

if TYPE_CHECKING:
    from clausegraph.api.lawtypes import Section, Source

N = TypeVar("N", bound="Node")
F = TypeVar("F", bound=Callable[..., Any])
AsOf = Annotated[
    date | None,
    strawberry.argument(
        description="The day in the world; default: the day of the surrounding field, else today."
    ),
]


CHARACTERS = 1000
"""How many characters of text cost as much as a node."""


class TooCostlyError(ClausegraphError):
    """A request was ended because it made too many nodes, too much text, or took too long."""

    code = "too-costly"


@dataclass
class Budget:
    """How many nodes a request may still make, and until when (`time.monotonic`).

    A thousand characters of texts that are given out cost as much as a node.
    """

    nodes: int
    until: float
    characters: int = 0  # given out and not yet paid for

    def spend(self, nodes: int = 1) -> None:
        """Take nodes, or work as dear, from the budget. Raises `TooCostlyError` at its end."""
        self.nodes -= nodes
        self.check()

    def pay(self, text: str) -> str:
        """Take a text from the budget and give it back. Raises `TooCostlyError`."""
        taken, self.characters = divmod(self.characters + len(text), CHARACTERS)
        self.spend(taken)
        return text

    def over(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self.until

    def check(self) -> None:
        """Raise `TooCostlyError` where more was spent than there was, or the time is over."""
        if self.nodes < 0 or self.over():
            raise TooCostlyError(
                "the request makes too many nodes or too much text"
                if self.nodes < 0
                else "the request takes too long",
                hint="Ask for smaller pages, fewer nested lists or whole texts, or filter more.",
            )


@dataclass(frozen=True)
class View:
    """A release as seen on a day, within a request's budget."""

    reader: Reader
    day: date
    budget: Budget

    def on(self, day: date | None) -> View:
        """The same release on another day; on the same one where `day` is None."""
        return self if day is None or day == self.day else View(self.reader, day, self.budget)


def about(term: str) -> str:
    """The ontology's definition of a class or property, for the schema's documentation."""
    return vocabulary().term(term).definition


def _field(
    key: str, resolve: Callable[[Any], Any], reads: tuple[Any, ...], description: str | None = None
) -> Any:
    """A field with a resolver, and what compiled plans read for many nodes at once instead."""
    return strawberry.field(
        resolver=read_as(*reads)(resolve), description=description or about(key)
    )


def read_as(*reads: Any) -> Callable[[F], F]:
    """Tell compiled plans which read of `clausegraph.api.planreads` stands for a resolver."""

    def mark(resolver: F) -> F:
        vars(resolver)["reads"] = reads
        return resolver

    return mark


def value(key: str, description: str | None = None) -> Any:
    """A field that holds the one value of a key."""

    def resolve(self: Node) -> Any:
        return self.entity.one(key)

    return _field(key, resolve, ("one", key), description)


def values(key: str, description: str | None = None) -> Any:
    """A field that holds all values of a key."""

    def resolve(self: Node) -> Any:
        return list(self.entity.all(key))

    return _field(key, resolve, ("every", key), description)


def text(key: str, description: str | None = None) -> Any:
    """A field that holds a text of the graph, which is paid for by its length."""

    def resolve(self: Node) -> Any:
        found = self.entity.one(key)
        return found and self.view.budget.pay(found)

    return _field(key, resolve, ("paid", key), description)


def choice(key: str, enum: Any) -> Any:
    """A field that holds a concept of a closed list, as a member of its enum."""

    def resolve(self: Node) -> Any:
        found = self.entity.one(key)
        try:
            return None if found is None else enum(found)
        except ValueError as error:
            raise OtherOntologyError(
                f"this release has {found} as a {key}, which this version does not know",
                hint="Run `clausegraph load` and `clausegraph publish` with this version.",
                value=found,
            ) from error

    return _field(key, resolve, ("member", key, enum))


def edge(key: str, description: str | None = None) -> Any:
    """A field that follows a property to one node."""

    def resolve(self: Node) -> Any:
        return node_at(self.view, self.entity.one(key))

    return _field(key, resolve, ("edge", key), description)


def edges(key: str, description: str | None = None) -> Any:
    """A field that follows a property to all its nodes."""

    def resolve(self: Node) -> Any:
        return [make(self.view, found) for found in self.view.reader.entities(self.entity.all(key))]

    return _field(key, resolve, ("edges", key), description)


@strawberry.interface(description="Anything in the graph that has an IRI.")
class Node:
    """Base of all views of an entity."""

    entity: strawberry.Private[Entity]
    view: strawberry.Private[View]

    @strawberry.field(description="Global id: the IRI, which also dereferences.")
    @read_as("own_iri")
    def id(self) -> strawberry.ID:
        """The IRI."""
        return strawberry.ID(self.entity.iri)

    @strawberry.field(description="Name for people.")
    @read_as("own_label")
    def label(self) -> str:
        """The rdfs:label."""
        return str(self.entity.one("label") or last_step(self.entity.iri))

    def back(self, key: str, kind: str) -> list[Any]:
        """Views of the nodes of a class that point here by a property."""
        return [
            make(self.view, found) for found in self.view.reader.back(self.entity.iri, key, kind)
        ]


@strawberry.interface(
    description="A fact of law: with its citations, sources, the day they were read, and confidence."
)
class Fact(Node):
    """Mixed into every view of a fact."""

    citations: list[str] = values("citation")
    sections: list[Annotated[Section, strawberry.lazy("clausegraph.api.lawtypes")]] = edges("cites")
    sources: list[Annotated[Source, strawberry.lazy("clausegraph.api.lawtypes")]] = edges(
        "source", "Where the fact was read."
    )
    read_on: date | None = value("readOn")
    confidence: Confidence = choice("confidence", Confidence)
    fact_ids: list[str] = values("factId")
    note: str | None = value("note")


@strawberry.interface(description="Something that holds in an interval of days.")
class Dated(Node):
    """Mixed into every view of something with a first and perhaps a last day."""

    valid_from: date = value("validFrom")
    valid_until: date | None = value("validUntil")


TYPES: dict[str, type[Node]] = {}


def shows(kind: str) -> Callable[[type[N]], type[N]]:
    """Register the view of a class of the ontology, by the class's local name."""

    def register(cls: type[N]) -> type[N]:
        TYPES[kind] = cls
        return cls

    return register


def make(view: View, entity: Entity) -> Node:
    """The view of an entity; every one is paid for."""
    view.budget.spend()
    return TYPES[entity.type](entity=entity, view=view)


def node_at(view: View, iri: str | None) -> Node | None:
    """The view of the node at an IRI; None where there is none that has a view."""
    entity = None if iri is None else view.reader.entity(iri)
    return None if entity is None or entity.type not in TYPES else make(view, entity)


def typed(view: View, kind: str, text: str, cls: type[N]) -> N | None:
    """The view of what a person named, if it is of a class; a kind is the first step of an id."""
    found = node_at(view, known_as(kind, text))
    return found if isinstance(found, cls) else None
