"""What a GraphQL operation may cost, counted before anything is read.

The cost estimates the most nodes that it can make: every object field counts once for each object
that it may stand in; a page counts as many as it may hold, a plain list as `LIST`, though it may have
more (what is made is limited too, while it runs: `clausegraph.api.nodes.Budget`). Fields are merged as
they are when executed, each fragment once an object, so a mesh of fragments takes no longer to count
than to read. Objects that are reached by several ways count every time (`planreads.Times`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as declared
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from clausegraph.api.paging import DEFAULT_PAGE
from clausegraph.ontology.errors import ClausegraphError

TRIED = 20
"""How many fields with pages are looked at for one whose smaller page would do."""
MOST_FIELDS = 20_000
"""How many fields of objects are counted: fragments within fragments can ask for any number."""
MOST_OBJECTS = 200
"""How many input objects, those within others counted, an operation may give to its fields: each is
a filter or an order, and becomes a condition of a statement."""
LIST = 5
"""How many entries a list without pages is taken to have."""
_PARTS = ("edges", "nodes")


class CostLimitError(ClausegraphError):
    """An operation could make more nodes than a request may."""

    code = "cost-limit"


class TooManyConditionsError(ClausegraphError):
    """An operation gives more filters, orders and other input objects than are read."""

    code = "too-many-conditions"


@dataclass
class Given:
    """The input objects of an operation: written in it, and how often it gives each variable."""

    literal: int = 0
    variables: Counter[str] = declared(default_factory=Counter)

    def add(self, value: ValueNode) -> None:
        """Count the value of an argument."""
        if isinstance(value, VariableNode):
            self.variables[value.name.value] += 1
        elif isinstance(value, ListValueNode):
            for each in value.values:
                self.add(each)
        elif isinstance(value, ObjectValueNode):
            self.literal += 1
            for entry in value.fields:
                self.add(entry.value)

    def check(self, variables: dict[str, Any]) -> None:
        """Raise `TooManyConditionsError` where there are too many with some values."""
        many = self.variables.items()
        number = self.literal + sum(times * _objects(variables.get(name)) for name, times in many)
        if number > MOST_OBJECTS:
            raise TooManyConditionsError(
                f"the operation gives {number} filters, orders and other input objects to its "
                f"fields; at most {MOST_OBJECTS} are allowed",
                hint="Give ids as lists within one filter, or ask in several requests.",
                value=number,
            )


def _objects(value: Any) -> int:
    """How many objects a value of a variable has, itself included."""
    if isinstance(value, dict):
        return 1 + sum(map(_objects, value.values()))
    return sum(map(_objects, value)) if isinstance(value, list) else 0


@dataclass(frozen=True)
class Cost:
    """The most nodes of an operation, and the field that is answerable for most of them."""

    nodes: int
    field: str
    share: int
    fields: int
    """How many fields of objects it asks for, once its fragments are spread."""
    given: Given
    fitting: Callable[[int], tuple[str, int] | None] = declared(compare=False, repr=False)
    """A field with pages, and the size of its page with which the whole is within a limit."""

    def check(self, limit: int) -> None:
        """Raise `CostLimitError` where it is over a limit."""
        if self.nodes > limit:
            raise CostLimitError(
                f"the request may make {self.nodes} nodes; at most {limit} are allowed",
                hint=f"`{self.field}` alone stands for {self.share}: {self._advice(limit)}",
                value=self.nodes,
            )

    def _advice(self, limit: int) -> str:
        fits = self.fitting(limit)
        if fits is None:
            return "no size of one page makes it fit; ask for fewer lists within lists."
        return f"`first: {fits[1]}` on `{fits[0]}` fits, as do fewer lists within lists."


def cost_of(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: dict[str, FragmentDefinitionNode],
    variables: dict[str, Any],
) -> Cost:
    """The cost of a valid operation with these values of its variables."""
    numbers = {name: each for name, each in variables.items() if isinstance(each, int)}
    lists = {name: len(each) for name, each in variables.items() if isinstance(each, list)}
    count = _Count(schema, fragments, numbers, lists)
    whole: Selections = [(operation.selection_set, schema.get_root_type(operation.operation))]
    parts = count.parts(whole, 1)
    name, share = max(parts.items(), key=lambda part: part[1], default=("", 0))
    return Cost(
        sum(parts.values()),
        name,
        share,
        count.fields,
        count.given,
        lambda limit: _fitting(count, whole, limit),
    )


def _fitting(count: _Count, whole: Selections, limit: int) -> tuple[str, int] | None:
    """The field whose smaller page saves most, of those that can save enough, and that page."""
    found = []
    for node in count.paged[:TRIED]:
        least, more = (sum(count.with_page(node, size).parts(whole, 1).values()) for size in (0, 1))
        entry = more - least
        if entry and limit - least >= entry:
            found.append((least, node.alias or node.name, (limit - least) // entry))
    _, name, size = min(found, key=lambda each: each[0], default=(0, None, 0))
    return (name.value, size) if name else None


Selections = list[tuple[SelectionSetNode, Any]]
"""Selections of one object, each with the type on which it is asked."""


class _Count:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        variables: Any,
        lists: dict[str, int],
    ) -> None:
        self.schema, self.fragments, self.variables = schema, fragments, variables
        self.lists = lists
        self.paged: list[FieldNode] = []  # the outer ones before those in them
        self.sizes: dict[int, int] = {}
        self.fields = 0
        self.given = Given()

    def with_page(self, node: FieldNode, size: int) -> _Count:
        """A count with another page of one field."""
        found = _Count(self.schema, self.fragments, self.variables, self.lists)
        found.sizes = {id(node): size}
        return found

    def parts(self, selections: Selections, size: int) -> dict[str, int]:
        """The cost of each key of an object, as they are merged (GraphQL, section 6.3.2)."""
        found: dict[str, list[tuple[FieldNode, Any]]] = {}
        seen: set[str] = set()
        for selection, kind in selections:
            self._collect(selection, kind, found, seen)
        return {key: self._field(fields, size) for key, fields in found.items()}

    def _collect(
        self,
        selections: SelectionSetNode,
        kind: Any,
        found: dict[str, list[tuple[FieldNode, Any]]],
        seen: set[str],
    ) -> None:
        for each in selections.selections:
            if isinstance(each, FieldNode):
                key = each.alias.value if each.alias else each.name.value
                found.setdefault(key, []).append((each, kind))
            elif isinstance(each, InlineFragmentNode):
                self._collect(each.selection_set, self._on(each, kind), found, seen)
            elif isinstance(each, FragmentSpreadNode) and each.name.value not in seen:
                seen.add(each.name.value)
                fragment = self.fragments[each.name.value]
                self._collect(fragment.selection_set, self._on(fragment, kind), found, seen)

    def _on(self, each: InlineFragmentNode | FragmentDefinitionNode, kind: Any) -> Any:
        named = each.type_condition
        return self.schema.get_type(named.name.value) if named else kind

    def _field(self, fields: list[tuple[FieldNode, Any]], size: int) -> int:
        """A field's own nodes and those below it; leaves and introspection cost nothing."""
        node, kind = fields[0]
        for argument in node.arguments or ():
            if argument.name.value != "representations":  # of a federated graph: ids, no conditions
                self.given.add(argument.value)
        definition = self.schema.get_field(kind, node.name.value)
        if definition is None or node.selection_set is None or node.name.value[:2] == "__":
            return 0
        self.fields += 1
        if self.fields > MOST_FIELDS:
            raise CostLimitError(
                f"the request asks for more than {MOST_FIELDS} fields once its fragments are spread",
                hint="Spread fewer fragments within fragments.",
                value=MOST_FIELDS,
            )
        inner = get_named_type(definition.type)
        own = self._entries(node) or _times(definition.type)
        if node.name.value in _PARTS and kind.name.endswith("Connection"):
            own = size
        page = 1
        if inner.name.endswith("Connection"):
            self.paged.append(node)
            page = self._page(node)
        below: Selections = [(n.selection_set, inner) for n, _ in fields if n.selection_set]
        return own * (1 + sum(self.parts(below, page).values()))

    def _entries(self, node: FieldNode) -> int:
        """How many representations or ids a field is given; 0 where it takes none."""
        for argument in node.arguments or ():
            if argument.name.value in ("representations", "ids"):
                value = argument.value
                if isinstance(value, VariableNode):
                    given = self.lists.get(value.name.value)
                    return given or 0
                return len(getattr(value, "values", ())) or 1
        return 0

    def _page(self, node: FieldNode) -> int:
        """How many entries a page may have: `first` or `last`, else the usual number."""
        if id(node) in self.sizes:
            return self.sizes[id(node)]
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
