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
_WIDEST = 2**31


def leaf_column(type_: GraphQLLeafType) -> Leaves:
    """What completes the values of a leaf type; raises what their coercion raises."""
    if isinstance(type_, GraphQLEnumType):
        return _enum(type_)
    coerce = _coercion(type_)
    if type_.name in ("String", "ID"):
        return lambda values: [v if v is None or v.__class__ is str else coerce(v) for v in values]
    if type_.name == "Boolean":
        return lambda values: [v if v is None or v.__class__ is bool else coerce(v) for v in values]
    if type_.name == "Int":
        return lambda values: [
            v if v is None or (v.__class__ is int and -_WIDEST <= v < _WIDEST) else coerce(v)
            for v in values
        ]
    return lambda values: [None if v is None else coerce(v) for v in values]


def _coercion(type_: GraphQLLeafType) -> Callable[[Any], Any]:
    """The type's own coercion of one value. Raises `TypeError` where it gives nothing."""

    def coerce(value: Any) -> Any:
        found = type_.coerce_output_value(value)
        if found is Undefined or found is None:
            raise TypeError(f"{type_} cannot represent {value!r}")
        return found

    return coerce


def _enum(type_: GraphQLEnumType) -> Leaves:
    """The names of members, each asked for once."""
    coerce = _coercion(type_)
    known: dict[Enum, Any] = {}

    def complete(values: list[Any]) -> list[Any]:
        for value in {v for v in values if isinstance(v, Enum)} - known.keys():
            known[value] = coerce(value)
        return [
            None if v is None else known[v] if isinstance(v, Enum) else coerce(v) for v in values
        ]

    return complete
