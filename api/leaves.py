"""Complete columns of scalars and enums, the common ones without a call for each value.

`GraphQLLeafType.coerce_output_value` decides; what it gives for values whose class already is that
of the answer is known (GraphQL, section 3.5), and of enums it is asked once a member.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from graphql import GraphQLEnumType, GraphQLLeafType, Undefined

Leaves = Callable[[list[Any]], list[Any]]


def leaf_column(type_: GraphQLLeafType) -> Leaves:
    """What completes the values of a leaf type; raises what their coercion raises."""
    if isinstance(type_, GraphQLEnumType):
        return _enum(type_)
    coerce = _coercion(type_)
    own = _OWN.get(type_.name)

    def complete(values: list[Any]) -> list[Any]:
        if own and own.issuperset(map(type, values)):
            return values
        return [None if value is None else coerce(value) for value in values]

    return complete


_OWN = {
    "String": {str, type(None)},
    "ID": {str, type(None)},
    "Boolean": {bool, type(None)},
}
"""The classes of values that a type leaves as they are."""


def _coercion(type_: GraphQLLeafType) -> Callable[[Any], Any]:
    """The type's own coercion of one value. Raises `TypeError` where it gives nothing."""

    def coerce(value: Any) -> Any:
        found = type_.coerce_output_value(value)
        if found is Undefined or found is None:
            raise TypeError(f"{type_} cannot represent {value!r}")
        return found

    return coerce


def _enum(type_: GraphQLEnumType) -> Leaves:
    """The names of members, each asked for once; members are known by their identity."""
    coerce = _coercion(type_)
    names: dict[int, Any] = {}

    def name(value: Any) -> Any:
        found = coerce(value)
        if isinstance(value, Enum):  # a member lives as long as its class, so its id is its own
            names[id(value)] = found
        return found

    return lambda values: [
        None if value is None else names.get(id(value)) or name(value) for value in values
    ]
