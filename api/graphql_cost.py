"""What a GraphQL operation may cost, counted before anything is read.

The cost is the most nodes that it can make: every object field counts once for each object that it
may stand in; a page counts as many as it may hold, a plain list as `LIST`. A fragment is counted
once for each type and page size that it stands under, so a mesh of fragments takes no longer to
count than to read. Objects that are reached by several ways count every time (`planreads.Times`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

from clausegraph.api.paging import DEFAULT_PAGE
from clausegraph.ontology.errors import ClausegraphError

LIST = 5
"""How many entries a list without pages is taken to have."""
_PARTS = ("edges", "nodes")


class CostLimitError(ClausegraphError):
    """An operation could make more nodes than a request may."""

    code = "cost-limit"


@dataclass(frozen=True)
class Cost:
    """The most nodes of an operation, and the field that is answerable for most of them."""

    nodes: int
    field: str
    share: int

    def check(self, limit: int) -> None:
        """Raise `CostLimitError` where it is over a limit."""
        if self.nodes > limit:
            raise CostLimitError(
                f"the request may make {self.nodes} nodes; at most {limit} are allowed",
                hint=f"`{self.field}` alone stands for {self.share}: ask for smaller pages "
                "(`first`), fewer lists within lists, or filter more.",
                value=self.nodes,
            )


def cost_of(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: dict[str, FragmentDefinitionNode],
    variables: dict[str, Any],
) -> Cost:
    """The cost of a valid operation with these values of its variables."""
    count = _Count(schema, fragments, variables)
    root = schema.get_root_type(operation.operation)
    parts = count.fields(operation.selection_set, root, 1)
    name, share = max(parts.items(), key=lambda part: part[1], default=("", 0))
    return Cost(sum(parts.values()), name, share)


class _Count:
    def __init__(
        self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode], variables: Any
    ) -> None:
        self.schema, self.fragments, self.variables = schema, fragments, variables
        self.known: dict[tuple[str, str, int], int] = {}

    def fields(self, selections: SelectionSetNode, kind: Any, size: int) -> dict[str, int]:
        """The cost of each field of a selection by its key; of fragments under their own names."""
        found: dict[str, int] = {}
        for each in selections.selections:
            if isinstance(each, FieldNode):
                key = each.alias.value if each.alias else each.name.value
                found[key] = found.get(key, 0) + self._field(each, kind, size)
            elif isinstance(each, InlineFragmentNode):
                on = self._on(each, kind)
                found["..."] = found.get("...", 0) + self._sum(each.selection_set, on, size)
            elif isinstance(each, FragmentSpreadNode):
                name = f"...{each.name.value}"
                found[name] = found.get(name, 0) + self._fragment(each.name.value, size)
        return found

    def _sum(self, selections: SelectionSetNode, kind: Any, size: int) -> int:
        return sum(self.fields(selections, kind, size).values())

    def _on(self, each: InlineFragmentNode | FragmentDefinitionNode, kind: Any) -> Any:
        named = each.type_condition
        return self.schema.get_type(named.name.value) if named else kind

    def _fragment(self, name: str, size: int) -> int:
        fragment = self.fragments[name]
        kind = self._on(fragment, None)
        key = name, kind.name, size
        if key not in self.known:
            self.known[key] = self._sum(fragment.selection_set, kind, size)
        return self.known[key]

    def _field(self, node: FieldNode, kind: Any, size: int) -> int:
        """A field's own nodes and those below it; leaves and introspection cost nothing."""
        definition = None if kind is None else self.schema.get_field(kind, node.name.value)
        if definition is None or node.selection_set is None or node.name.value[:2] == "__":
            return 0
        inner = get_named_type(definition.type)
        if not is_composite_type(inner):
            return 0
        own = _times(definition.type)
        if node.name.value in _PARTS and kind.name.endswith("Connection"):
            own = size
        page = self._page(node, definition) if inner.name.endswith("Connection") else 1
        return own * (1 + self._sum(node.selection_set, inner, page))

    def _page(self, node: FieldNode, definition: Any) -> int:
        """How many entries a page may have: `first` or `last`, else the usual number."""
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                size = self._number(argument.value)
                if size is not None:
                    return max(0, size)
        return DEFAULT_PAGE

    def _number(self, value: Any) -> int | None:
        if isinstance(value, IntValueNode):
            return int(value.value)
        found = self.variables.get(value.name.value) if isinstance(value, VariableNode) else None
        return found if isinstance(found, int) else None


def _times(type_: Any) -> int:
    """How many objects a field gives: one, or the usual number for each list around it."""
    if is_non_null_type(type_):
        return _times(type_.of_type)
    return LIST * _times(type_.of_type) if is_list_type(type_) else 1
