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
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
)

from clausegraph.api.execution import Prepared
from clausegraph.api.filters import UnknownIdError, identify
from clausegraph.api.reader import Reader

KINDS = frozenset({"instrument", "requirement", "platform", "document", "portfolio"})
"""The fields that look one thing up by its id, each named for the kind of what it gives."""
MOST = 5
"""How many ids of a request are looked at."""


def unmet(prepared: Prepared, data: bytes) -> list[FieldNode]:
    """The fields of an operation that looked something up and found nothing in an answer."""
    if prepared.operation is None or prepared.document is None:
        return []
    asked = {
        _key(each): each
        for each in _at_the_root(prepared.operation.selection_set, prepared.document, set())
        if each.name.value in KINDS
        and f'"{_key(each)}":null'.encode() in data  # may be one of a deeper object
    }
    found = orjson.loads(data) if asked else {}
    return [each for key, each in asked.items() if found.get(key, "") is None][:MOST]


def _at_the_root(
    selections: SelectionSetNode, document: DocumentNode, seen: set[str]
) -> Iterator[FieldNode]:
    """The fields of the answer's own object, those of fragments in their places, each once."""
    for each in selections.selections:
        if isinstance(each, FieldNode):
            yield each
        elif isinstance(each, InlineFragmentNode):
            yield from _at_the_root(each.selection_set, document, seen)
        elif isinstance(each, FragmentSpreadNode) and each.name.value not in seen:
            seen.add(each.name.value)
            for fragment in document.definitions:
                if (
                    isinstance(fragment, FragmentDefinitionNode)
                    and fragment.name.value == each.name.value
                ):
                    yield from _at_the_root(fragment.selection_set, document, seen)


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
