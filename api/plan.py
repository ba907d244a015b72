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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    is_abstract_type,
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

from clausegraph.api import planreads as reads
from clausegraph.api.listing import RelayPages
from clausegraph.api.plancomplete import (
    Complete,
    Distinct,
    NotCoveredError,
    NullError,
    RuntimeTypes,
    leaf,
    listed,
    never_null,
)
from clausegraph.api.planreads import Read, Run, Times

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
class Column:
    """A field of a selection: its key in the answer, how it is read and completed."""

    key: str
    read: Read
    complete: Complete


@dataclass
class Selection:
    """The fields asked of objects of one type."""

    kind: str
    columns: list[Column] = field(default_factory=list)

    def run(self, run: Run, parents: Sequence[Any], times: Times) -> list[dict[str, Any]]:
        """The answer's objects, in the order of the parents; each field once for all of them."""
        if not self.columns:  # fragments on other types alone
            return [{} for _ in parents]
        keys = [column.key for column in self.columns]
        values = []
        for column in self.columns:
            run.budget.check()
            values.append(column.complete(run, column.read(run, parents, times), times))
        return [dict(zip(keys, row, strict=True)) for row in zip(*values, strict=True)]


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
        return Selection(kind.name, columns)

    def _column(self, kind: GraphQLObjectType, key: str, details: FieldDetailsList) -> Column:
        node = details[0].node
        definition = self.core.get_field(kind, node.name.value)
        if definition is None or node.name.value in ("__schema", "__type"):
            raise NotCoveredError(node.name.value)
        read = self._read(kind, definition, node)
        return Column(key, read, self._complete(definition.type, details))

    def _read(self, kind: GraphQLObjectType, definition: GraphQLField, node: FieldNode) -> Read:
        if definition is TypeNameMetaFieldDef:
            return reads.constant(kind.name)
        own = definition.extensions.get("strawberry-definition")
        if not isinstance(own, StrawberryField):
            raise NotCoveredError(node.name.value)
        if own.is_basic_field:
            return reads.attribute(own.python_name)
        resolver = own.base_resolver
        if resolver is None or resolver.is_async or not _plain(own):
            raise NotCoveredError(node.name.value)
        shortcut = getattr(resolver.wrapped_func, "reads", None)
        if shortcut is not None:
            return reads.of(*shortcut)
        if hasattr(resolver.wrapped_func, "at_once"):
            return reads.followed(own, definition, node, self.planner.schema)
        if not own.arguments and not own.extensions and not resolver.info_parameter:
            function: Any = resolver.wrapped_func
            return reads.method(function if resolver.self_parameter else lambda _: function())
        return reads.resolved(own, definition, node, self.planner.schema)

    def _complete(self, type_: GraphQLOutputType, details: FieldDetailsList) -> Complete:
        """How the values of a field become JSON, by its type (section 6.4.3)."""
        if is_non_null_type(type_):
            return never_null(self._complete(type_.of_type, details))
        if is_list_type(type_):
            return listed(self._complete(type_.of_type, details))
        if is_leaf_type(type_):
            return leaf(type_)
        return self._objects(type_, details)

    def _objects(self, type_: Any, details: FieldDetailsList) -> Complete:
        """Complete objects: each distinct one once, those of each type together."""
        selections: dict[str, Selection] = {}
        types = RuntimeTypes(self.core, type_)

        def selection(kind: GraphQLObjectType) -> Selection:
            if kind.name not in selections:
                groups = collect_subfields(
                    self.core, self.fragments, self.values, self.operation, kind, details
                ).grouped_field_set
                selections[kind.name] = self._selection(kind, groups)
            return selections[kind.name]

        if not is_abstract_type(type_):
            selection(type_)  # so that what is not covered is known before the plan runs

        def complete(run: Run, values: list[Any], times: Times) -> list[Any]:
            distinct = Distinct(run, values, times)
            objects, often = distinct.objects, distinct.times
            kinds = types.of(objects)
            if len(kinds) == 1:
                (kind,) = kinds
                return distinct.spread(selection(kind).run(run, objects, often))
            rows: list[Any] = [None] * len(objects)
            for kind, places in kinds.items():
                some = [objects[place] for place in places]
                made = selection(kind).run(run, some, often and [often[n] for n in places])
                for place, row in zip(places, made, strict=True):
                    rows[place] = row
            return distinct.spread(rows)

        return complete


def _plain(own: StrawberryField) -> bool:
    """Whether a field has no permissions and no extensions but pages."""
    return not own.permission_classes and all(
        isinstance(each, RelayPages) for each in own.extensions
    )
