"""What ends a GraphQL request that asks too much: its shape before it runs, then time.

Each fragment is measured once. Fragments that spread one another have exponentially many paths
through them, and a measure that walks every path is itself the attack.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from clausegraph.api.nodes import Budget, TooCostlyError
from clausegraph.ontology.errors import ClausegraphError

MOST_VARIABLES = 100
"""How many variables an operation may define; each is coerced before anything is counted."""


class TooManyVariablesError(ClausegraphError):
    """An operation defines more variables than are read."""

    code = "too-many-variables"


def depth_and_aliases(max_depth: int, max_aliases: int) -> type[ValidationRule]:
    """A validation rule that refuses operations nested deeper or with more aliases than that."""

    class Limits(ValidationRule):
        """Reports before any other rule looks at the document."""

        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            measure = _Measure(context.document)
            for operation in context.document.definitions:
                if not isinstance(operation, OperationDefinitionNode):
                    continue
                if len(operation.variable_definitions or ()) > MOST_VARIABLES:
                    context.report_error(_too_many(operation))
                depth, aliases = measure.of(operation.selection_set)
                if depth > max_depth:
                    message = (
                        f"the operation is {depth} levels deep; the maximum depth is {max_depth}"
                    )
                    context.report_error(GraphQLError(message, operation))
                if aliases > max_aliases:
                    message = (
                        f"the operation has {aliases} aliases; at most {max_aliases} are allowed"
                    )
                    context.report_error(GraphQLError(message, operation))

    return Limits


def _too_many(operation: OperationDefinitionNode) -> GraphQLError:
    """What an operation with too many variables is told."""
    number = len(operation.variable_definitions or ())
    error = TooManyVariablesError(
        f"the operation has {number} variables; at most {MOST_VARIABLES} are allowed",
        hint="Give lists and filters as one variable each.",
        value=number,
    )
    return GraphQLError(error.message, operation, original_error=error)


class _Measure:
    """Depth and number of aliases of selections, with fragments in the place of their spreads."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self.known: dict[str, tuple[int, int]] = {}

    def of(self, selections: SelectionSetNode | None) -> tuple[int, int]:
        """Levels below, and aliases in, a selection set; introspection adds no depth."""
        depth = aliases = 0
        for each in selections.selections if selections else ():
            if isinstance(each, FragmentSpreadNode):
                deep, named = self._fragment(each.name.value)
            else:
                deep, named = self.of(getattr(each, "selection_set", None))
            if isinstance(each, FieldNode):
                named += each.alias is not None
                nested = each.selection_set and not each.name.value.startswith("__")
                deep = deep + 1 if nested else 0
            depth, aliases = max(depth, deep), aliases + named
        return depth, aliases

    def _fragment(self, name: str) -> tuple[int, int]:
        if name not in self.known:
            self.known[name] = 0, 0  # while measured: other rules refuse a fragment in itself
            fragment = self.fragments.get(name)
            self.known[name] = self.of(fragment.selection_set if fragment else None)
        return self.known[name]


class Stopped(BaseException):
    """Ends an execution at once; no resolver and no executor takes it for an error of a field."""

    def __init__(self, error: GraphQLError) -> None:
        """Hold what the client is told."""
        self.error = error


class TimedExecutor(StrawberryGraphQLCoreExecutionContext):
    """Looks at the request's budget before each field, also before those that make no node."""

    def execute_field(
        self, parent_type: Any, source: Any, field_details_list: Any, path: Any, *rest: Any
    ) -> Any:
        """Execute a field. Raises `Stopped` where nothing is left to spend."""
        budget: Budget = self.context_value["view"].budget
        try:
            budget.check()
        except TooCostlyError as error:
            node = field_details_list[0].node
            raise Stopped(
                GraphQLError(error.message, node, path=path.as_list(), original_error=error)
            ) from error
        return super().execute_field(parent_type, source, field_details_list, path, *rest)
