"""What a GraphQL answer says of an id that nothing has: the ids that are most like it.

`requirement(id: "…")` and its like are null where nothing has the id, which is no error: who asks may
want to know just that. So that a slip of the pen does not look like knowledge, the answer's
`extensions.hints` tell it, as a filter's error would (`clausegraph.api.filters.identify`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from graphql import (
    FieldNode,
    IntValueNode,
    OperationDefinitionNode,
    StringValueNode,
    VariableNode,
)

from clausegraph.api.filters import UnknownIdError, identify
from clausegraph.api.reader import Reader

KINDS = frozenset({"instrument", "requirement", "platform", "document", "portfolio"})
"""The fields that look one thing up by its id, each named for the kind of what it gives."""
MOST = 5
"""How many ids of a request are looked at."""


def unmet(operation: OperationDefinitionNode, data: bytes) -> list[FieldNode]:
    """The fields of an operation that looked something up and found nothing in an answer."""
    asked = [
        each
        for each in operation.selection_set.selections
        if isinstance(each, FieldNode)
        and each.name.value in KINDS
        and f'"{_key(each)}":null'.encode() in data  # may be one of a deeper object
    ]
    found = orjson.loads(data) if asked else {}
    return [each for each in asked if found.get(_key(each), "") is None][:MOST]


def hints(
    reader: Reader, fields: list[FieldNode], variables: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """For each field whose id the release does not have: where it stands, and ids like it."""
    for each in fields:
        try:
            identify(reader, each.name.value, [_id(each, variables)])
        except UnknownIdError as error:
            yield {"path": [_key(each)], "message": error.message, "hint": error.hint}


def _key(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value


def _id(field: FieldNode, variables: dict[str, Any]) -> str:
    """The value of the argument `id`, which these fields require."""
    (value,) = (each.value for each in field.arguments or () if each.name.value == "id")
    if isinstance(value, VariableNode):
        return str(variables[value.name.value])
    assert isinstance(value, StringValueNode | IntValueNode)
    return value.value
