"""The schema as a subgraph of Apollo Federation 2: `_service` and `_entities`, off by default.

A gateway asks `_service` for the schema, in which every type with an id is an entity with the key
`id`, and `_entities` for things that another subgraph knows by their ids alone. What it may cost is
limited as for every other field; a reference that cannot be read is an error of its own entry.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Annotated, Any, NewType

import strawberry
from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    ObjectTypeDefinitionNode,
    parse,
    print_ast,
)

from clausegraph.api.graphql_http import Endpoint, executor_of
from clausegraph.api.listing import view_of
from clausegraph.api.nodes import TYPES, View, node_at
from clausegraph.api.reader import known_as
from clausegraph.api.schema import Query, build
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from clausegraph.ontology.errors import ClausegraphError

MOST = 500
"""How many representations may be resolved at once, as many as a page has entries at most."""
_LINK = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
"""
_SHARED = ("PageInfo",)
_Any = NewType("_Any", object)


class BadRepresentationError(ClausegraphError):
    """A gateway refers to something in a way that names nothing of this subgraph."""

    code = "bad-representation"


@strawberry.type(name="_Service", description="This subgraph, as a gateway composes it.")
class Service:
    """The schema as text."""

    sdl: str = strawberry.field(description="The schema with its keys.")


def _union() -> Any:
    members = tuple(TYPES[kind] for kind in sorted(TYPES))
    text = "Whatever a gateway can refer to by its id."
    joined: Any = members[0]
    for each in members[1:]:
        joined = joined | each
    return Annotated[joined, strawberry.union("_Entity", description=text)]


@functools.cache
def build_federated() -> strawberry.Schema:
    """The schema with the two fields of a subgraph."""

    def service(info: strawberry.Info) -> Service:
        return Service(sdl=view_of(info).budget.pay(subgraph()))

    def entities(info: strawberry.Info, representations: list[_Any]) -> list[Any]:
        return resolve(view_of(info), representations)

    entities.__annotations__["return"] = list[_union() | None]  # type: ignore[misc]
    added = {
        "service": strawberry.field(
            resolver=service, name="_service", description="This subgraph itself."
        ),
        "entities": strawberry.field(
            resolver=entities, name="_entities", description="Things by their type and id."
        ),
    }
    root = strawberry.type(
        type("Query", (Query,), added), description="Everything that can be asked."
    )
    raw = strawberry.scalar(
        name="_Any",
        description="A reference: an object with `__typename` and `id`.",
        serialize=lambda each: each,
        parse_value=lambda each: each,
    )
    return build(root, {_Any: raw})


def resolve(view: View, representations: list[Any]) -> list[Any]:
    """What representations stand for, in their order; null where the release has no such thing.

    An entry that cannot be read is the error of this entry. Raises `BadRepresentationError` where
    there are too many.
    """
    if len(representations) > MOST:
        raise BadRepresentationError(
            f"there are {len(representations)} representations; at most {MOST} are resolved at once",
            hint="Ask for them in several requests.",
            value=len(representations),
        )
    view.budget.spend(len(representations))  # also for those that stand for nothing
    iris = [each.get("id") for each in representations if isinstance(each, dict)]
    view.reader.entities([_named(iri) for iri in iris if isinstance(iri, str)])  # in one read
    return [_entity(view, each) for each in representations]


def _named(iri: str) -> str:
    return known_as(iri.partition("/")[0], iri)


def _entity(view: View, given: Any) -> Any:
    kind, iri = (
        (given.get(key) for key in ("__typename", "id"))
        if isinstance(given, dict)
        else (None, None)
    )
    if not isinstance(kind, str) or kind not in TYPES or not isinstance(iri, str):
        return _bad(given, "is no object with the `__typename` of an entity and an `id`")
    found = node_at(view, _named(iri))
    if found is not None and not isinstance(found, TYPES[kind]):
        return _bad(given, f"is no {kind} but a {type(found).__name__}")
    return found


def _bad(given: Any, why: str) -> BadRepresentationError:
    shown = repr(given)
    shown = shown if len(shown) <= 200 else f"{shown[:197]}..."
    return BadRepresentationError(
        f"the representation {shown} {why}",
        hint="Every type of this subgraph that has an id has the key `id`.",
        value=shown,
    )


@functools.cache
def subgraph() -> str:
    """The schema that a gateway composes: without the fields of a subgraph, with keys."""
    plain = parse(build().as_str())
    made = tuple(
        _keyed(each) if isinstance(each, ObjectTypeDefinitionNode) else each
        for each in plain.definitions
    )
    return _LINK.lstrip() + "\n" + print_ast(DocumentNode(definitions=made)) + "\n"


def _keyed(node: ObjectTypeDefinitionNode) -> ObjectTypeDefinitionNode:
    """A type with the directive that gateways look for."""
    if any(each.name.value == "Node" for each in node.interfaces or ()):
        text = '@key(fields: "id")'
    elif node.name.value in _SHARED:
        text = "@shareable"
    else:
        return node
    return replace(node, directives=(*(node.directives or ()), *_directives(text)))


def _directives(text: str) -> tuple[ConstDirectiveNode, ...]:
    (found,) = parse(f"type T {text} {{ t: Int }}").definitions
    assert isinstance(found, ObjectTypeDefinitionNode)
    return tuple(found.directives or ())


def endpoint_of(served: Served, settings: Settings) -> Endpoint:
    """The endpoint of a subgraph: as any other, over the schema with the two fields."""
    made = Endpoint(served, settings)
    made.schema = build_federated()
    made.executor = executor_of(settings, made.schema)
    return made
