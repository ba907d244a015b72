"""The arguments of a compiled plan's fields, converted for resolvers once for the same values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import strawberry
from graphql import FieldNode, GraphQLField, VariableNode
from graphql.execution.values import get_argument_values
from strawberry.schema.schema_converter import get_arguments
from strawberry.types.field import StrawberryField

if TYPE_CHECKING:
    from clausegraph.api.planreads import Run


@dataclass
class Raw:
    """What resolvers may know of a request: its context."""

    context: dict[str, Any]


def arguments_of(
    own: StrawberryField, definition: GraphQLField, node: FieldNode, schema: Any
) -> Callable[[Run], dict[str, Any]]:
    """The arguments of a field, converted for its resolver: once for the same values.

    Resolvers do not change what they are given (`tests/test_compiled.py` looks).
    """
    config, registry = schema.config, schema.schema_converter.scalar_registry
    inner = own.base_resolver.info_parameter if own.base_resolver else None
    fixed = _fixed(node)
    known: dict[str, dict[str, Any]] = {}

    def convert(run: Run) -> dict[str, Any]:
        given = get_argument_values(definition, node, run.values)
        key = "" if fixed else repr(given)
        found = known.get(key)
        if found is None:
            _, found = get_arguments(
                field=own,
                source=None,
                info=info_of(run, own),
                kwargs=given,
                config=config,
                scalar_registry=registry,
            )
            if inner is not None:  # a request that is over would be kept, and with it its release
                found.pop(inner.name, None)
            if len(key) <= LONGEST:
                if len(known) >= CONVERTED:
                    known.clear()
                known[key] = found
        return found

    def arguments(run: Run) -> dict[str, Any]:
        found = known.get("") if fixed else None
        if found is None:
            found = convert(run)
        return found if inner is None else {**found, inner.name: info_of(run, own)}

    return arguments


LONGEST = 2_000
"""Characters of the longest arguments that are kept converted."""
CONVERTED = 32
"""How many sets of arguments are kept converted for a field of a plan."""


def _fixed(node: FieldNode) -> bool:
    """Whether no variable stands in a field's arguments."""
    found: list[Any] = [argument.value for argument in node.arguments or ()]
    while found:
        value = found.pop()
        if isinstance(value, VariableNode):
            return False
        found += [*(getattr(value, "values", None) or ())]
        found += [each.value for each in getattr(value, "fields", None) or ()]
    return True


def info_of(run: Run, own: StrawberryField) -> Any:
    """What a resolver is told of a request."""
    return strawberry.Info(_raw_info=Raw(run.context), _field=own)  # type: ignore[arg-type]
