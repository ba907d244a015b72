"""Compile a validated GraphQL query to a plan that is run level by level.

graphql-core completes one field of one object at a time. A plan takes the objects of a level
together: each field is read once for all of them (`clausegraph.api.planreads`), an object that is
reached by several ways is completed once, and what comes out are the dictionaries that the answer's
JSON is written from. Aliases, fragments, directives, variables and interfaces are resolved when the
plan is made, by graphql-core's own field collection (GraphQL, section 6.3.2).

A plan raises whatever a field raises, and `NullError` where a value may not be null: the executor
then asks graphql-core, which knows where errors belong and which nulls they leave (section 6.4.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
    TypeNameMetaFieldDef,
    VariableNode,
    Visitor,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    visit,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

from clausegraph.api import pieces
from clausegraph.api import planreads as reads
from clausegraph.api.listing import RelayPages
from clausegraph.api.plancomplete import (
    VIEWS,
    Complete,
    NotCoveredError,
    NullError,
    RuntimeTypes,
    leaf,
    listed,
    never_null,
)
from clausegraph.api.planreads import Run
from clausegraph.api.planselection import Column, Selection, completing, edge_column, value_column

__all__ = ["NotCoveredError", "NullError", "Plan", "Planner", "switches"]


def switches(document: DocumentNode) -> tuple[str, ...]:
    """The variables on which it depends which fields a document asks for: those of directives."""
    found: set[str] = set()

    class Switches(Visitor):
        """Collects the variables of `@skip` and `@include`."""

        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    found.add(argument.value.name.value)

    visit(document, Switches())
    return tuple(sorted(found))


@dataclass(frozen=True)
class Plan:
    """A compiled query."""

    root: Selection

    def run(self, values: VariableValues, context: dict[str, Any]) -> dict[str, Any]:
        """The `data` of the answer. Raises whatever goes wrong in a field."""
        found = Run(values, context, context["view"].budget)
        return self.root.run(found, [None], None)[0]


class Planner:
    """Makes plans for the queries of one schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        """Take Strawberry's schema; fields without a Strawberry definition are not covered."""
        self.schema = schema
        self.core = schema._schema

    def plan(
        self, document: DocumentNode, operation: OperationDefinitionNode, values: VariableValues
    ) -> Plan:
        """Compile an operation for some values of its switches. Raises `NotCoveredError`."""
        return Plan(_Compiler(self, document, operation, values).root())


class _Compiler:
    """Compiles one operation."""

    def __init__(
        self,
        planner: Planner,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        values: VariableValues,
    ) -> None:
        self.planner, self.core = planner, planner.core
        self.operation, self.values = operation, values
        self.fragments = {
            each.name.value: FragmentDetails(each)
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }

    def root(self) -> Selection:
        """The selection of the query type."""
        kind = self.core.query_type
        assert kind is not None
        found = collect_fields(self.core, self.fragments, self.values, kind, self.operation)
        return self._selection(kind, found.grouped_field_set)

    def _selection(
        self, kind: GraphQLObjectType, groups: Mapping[str, FieldDetailsList]
    ) -> Selection:
        columns = [self._column(kind, key, details) for key, details in groups.items()]
        parts = tuple(column.part for column in columns if column.part)
        if len(parts) < len(columns):
            return Selection(kind.name, columns)
        types = RuntimeTypes(self.core, kind)
        return Selection(kind.name, columns, pieces.Still(kind.name, types, parts))

    def _below(self, type_: GraphQLOutputType, details: FieldDetailsList) -> Selection | None:
        """What is asked of the objects of a field, where they all are of one type."""
        kind = get_named_type(type_)
        if not isinstance(kind, GraphQLObjectType):
            return None
        found = collect_subfields(
            self.core, self.fragments, self.values, self.operation, kind, details
        )
        return self._selection(kind, found.grouped_field_set)

    def _column(self, kind: GraphQLObjectType, key: str, details: FieldDetailsList) -> Column:
        node = details[0].node
        definition = self.core.get_field(kind, node.name.value)
        if definition is None or node.name.value in ("__schema", "__type"):
            raise NotCoveredError(node.name.value)
        below = self._below(definition.type, details)
        if definition is TypeNameMetaFieldDef:
            name = "constant", kind.name
            return value_column(
                key, name, definition, self._complete(definition.type, details, None)
            )
        own = definition.extensions.get("strawberry-definition")
        if not isinstance(own, StrawberryField):
            raise NotCoveredError(node.name.value)
        complete = self._complete(definition.type, details, below)
        if own.is_basic_field:
            return Column(key, reads.attribute(own.python_name), complete)
        resolver = own.base_resolver
        if resolver is None or resolver.is_async or not _plain(own):
            raise NotCoveredError(node.name.value)
        function: Any = resolver.wrapped_func
        shortcut = getattr(function, "reads", None)
        if shortcut is not None and shortcut[0] in ("edge", "edges"):
            return edge_column(key, shortcut, definition, complete, below)
        if shortcut is not None:
            return value_column(key, shortcut, definition, complete)
        if hasattr(function, "at_once"):
            return self._followed(key, own, definition, node, complete, below)
        if not own.arguments and not own.extensions and not resolver.info_parameter:
            call = function if resolver.self_parameter else lambda _: function()
            return Column(key, reads.method(call), complete)
        return Column(key, reads.resolved(own, definition, node, self.planner.schema), complete)

    def _followed(
        self,
        key: str,
        own: StrawberryField,
        definition: GraphQLField,
        node: FieldNode,
        complete: Complete,
        below: Selection | None,
    ) -> Column:
        """A field that is answered for many objects at once."""
        if below is None or below.still is None:
            nodes = reads.followed(own, definition, node, self.planner.schema)
            return Column(key, nodes, complete)
        iris, many = reads.leading(own, definition, node, self.planner.schema)
        if many:
            return Column(key, iris, pieces.edges(below.still, True))
        nullable = not is_non_null_type(definition.type)
        return Column(key, iris, pieces.edge(below.still, nullable, True))

    def _complete(
        self, type_: GraphQLOutputType, details: FieldDetailsList, below: Selection | None
    ) -> Complete:
        """How the values of a field become JSON, by its type (section 6.4.3)."""
        if is_non_null_type(type_):
            return never_null(self._complete(type_.of_type, details, below))
        if is_list_type(type_):
            return listed(self._complete(type_.of_type, details, below))
        if is_leaf_type(type_):
            return leaf(type_)
        if below is None:
            return self._objects(type_, details)
        known = {below.kind: below}
        plain = completing(RuntimeTypes(self.core, type_), lambda kind: known[kind.name])
        return pieces.objects(below.still, plain, VIEWS) if below.still else plain

    def _objects(self, type_: Any, details: FieldDetailsList) -> Complete:
        """Complete objects of several types: what is asked of a type is known when one is met."""
        selections: dict[str, Selection] = {}

        def selection(kind: GraphQLObjectType) -> Selection:
            if kind.name not in selections:
                selections[kind.name] = below = self._below(kind, details)  # type: ignore[assignment]
                assert below is not None
            return selections[kind.name]

        return completing(RuntimeTypes(self.core, type_), selection)


def _plain(own: StrawberryField) -> bool:
    """Whether a field has no permissions and no extensions but pages."""
    return not own.permission_classes and all(
        isinstance(each, RelayPages) for each in own.extensions
    )
