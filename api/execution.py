"""Execute GraphQL documents: as compiled plans where one covers them, through graphql-core elsewhere.

A document is parsed and validated once; what was found valid is kept by its text. A plan
(`clausegraph.api.plan`) answers a request in which nothing goes wrong. Whatever it does not cover,
and every request in which a field fails, is executed by graphql-core from the start: so errors,
their paths and the nulls that they leave are those of the reference by construction.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import strawberry
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    ValidationRule,
    parse,
    specified_rules,
    validate,
)
from graphql.execution import execute_sync
from graphql.execution.values import VariableValues, get_variable_values
from graphql.utilities import get_operation_ast

from clausegraph.api.graphql_cost import Cost, cost_of
from clausegraph.api.graphql_limits import Stopped, TimedExecutor
from clausegraph.api.nodes import Budget
from clausegraph.api.plan import NotCoveredError, Plan, Planner, switches

__all__ = ["Executor", "Outcome", "Prepared"]

KEPT = 500
"""How many valid documents are kept, with their plans."""
LONGEST = 20_000
"""Documents of more characters are not kept."""
PLANS = 16
"""How many plans are kept of one document: one for each set of switches that was asked with."""


FEW = 500
"""Of so many fields of objects the cost is counted in a few milliseconds."""


@dataclass
class Pace:
    """How long a document took when it last ran, and whether its cost is soon counted."""

    slow: bool = False
    narrow: bool = False


@dataclass(frozen=True)
class Prepared:
    """A document, parsed and validated; where it has errors there is no operation."""

    document: DocumentNode | None
    operation: OperationDefinitionNode | None
    errors: tuple[GraphQLError, ...] = ()
    switches: tuple[str, ...] = ()
    costs: dict[tuple[Any, ...], Cost] = field(default_factory=dict)
    plans: dict[tuple[Any, ...], Plan | None] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)

    @property
    def kind(self) -> str:
        """`query`, `mutation` or `subscription`; empty where it has errors."""
        return self.operation.operation.value if self.operation else ""


@dataclass(frozen=True)
class Outcome:
    """The result of an execution: `data` as JSON, None where nothing was executed."""

    data: bytes | None
    errors: tuple[GraphQLError, ...] = ()
    compiled: bool = False


class Executor:
    """Prepares and executes documents over one schema. Threads may share it."""

    def __init__(
        self,
        schema: strawberry.Schema,
        rules: tuple[type[ValidationRule], ...] = (),
        max_tokens: int | None = None,
        compiled: bool = True,
    ) -> None:
        """`rules` come before those of the specification; without `compiled` no plan is used."""
        self.core = schema._schema
        self.rules = (*rules, *specified_rules)
        self.max_tokens = max_tokens
        self.planner = Planner(schema) if compiled else None
        self._known: OrderedDict[tuple[str, str | None], Prepared] = OrderedDict()
        self._changing = threading.Lock()

    def prepare(self, query: str, operation_name: str | None = None) -> Prepared:
        """Parse and validate; what is wrong with a document are its errors."""
        key = query, operation_name
        known = self._known.get(key)
        if known is not None:
            return known
        made = self._prepare(query, operation_name)
        if not made.errors and len(query) <= LONGEST:
            with self._changing:
                self._known[key] = made
                if len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return made

    def known(self, query: str, operation_name: str | None = None) -> Prepared | None:
        """What was prepared before, if it is kept."""
        return self._known.get((query, operation_name))

    def _prepare(self, query: str, operation_name: str | None) -> Prepared:
        try:
            document = parse(query, max_tokens=self.max_tokens)
        except GraphQLError as error:
            return Prepared(None, None, (error,))
        errors = validate(self.core, document, self.rules)
        if errors:
            return Prepared(document, None, tuple(errors))
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            return Prepared(document, None, (_no_operation(operation_name),))
        return Prepared(document, operation, (), switches(document))

    def variables(
        self, prepared: Prepared, given: Mapping[str, Any] | None
    ) -> VariableValues | tuple[GraphQLError, ...]:
        """The values of an operation's variables, or what is wrong with those given."""
        assert prepared.operation is not None
        definitions = prepared.operation.variable_definitions or ()
        found = get_variable_values(self.core, definitions, dict(given or {}), 50)
        return tuple(found) if isinstance(found, list) else found

    def cost(self, prepared: Prepared, values: VariableValues) -> Cost:
        """The most nodes that an operation can make with these variables.

        Raises `CostLimitError` and `TooManyConditionsError` for what is not even counted.
        """
        assert prepared.document is not None
        assert prepared.operation is not None
        key = tuple(each for each in values.coerced.items() if isinstance(each[1], int))
        if key not in prepared.costs:
            fragments = {
                each.name.value: each
                for each in prepared.document.definitions
                if isinstance(each, FragmentDefinitionNode)
            }
            found = cost_of(self.core, prepared.operation, fragments, values.coerced)
            prepared.pace.narrow = found.fields <= FEW
            if len(prepared.costs) < PLANS:
                prepared.costs[key] = found
        else:
            found = prepared.costs[key]
        found.given.check(values.coerced)
        return found

    def execute(
        self, prepared: Prepared, given: Mapping[str, Any] | None, context: dict[str, Any]
    ) -> Outcome:
        """Execute a prepared operation; `context` holds the `view` and what resolvers need."""
        if prepared.operation is None:
            return Outcome(None, prepared.errors)
        values = self.variables(prepared, given)
        if not isinstance(values, VariableValues):
            return Outcome(None, values)
        return self.planned(prepared, values, context) or self.reference(prepared, given, context)

    def planned(
        self, prepared: Prepared, values: VariableValues, context: dict[str, Any]
    ) -> Outcome | None:
        """Execute through a plan; None where none covers the document, or anything goes wrong."""
        plan = self._plan(prepared, values)
        if plan is None:
            return None
        budget: Budget = context["view"].budget
        before = budget.nodes, budget.characters
        try:
            return Outcome(orjson.dumps(plan.run(values, context)), (), True)
        except Exception:  # noqa: BLE001  # it fails again elsewhere, with its place in the answer
            budget.nodes, budget.characters = before
            return None

    def _plan(self, prepared: Prepared, values: VariableValues) -> Plan | None:
        """The plan of a query for these switches; None where there is none."""
        if self.planner is None or prepared.kind != "query":
            return None
        key = tuple(values.coerced.get(name) for name in prepared.switches)
        if key not in prepared.plans:
            assert prepared.document is not None
            assert prepared.operation is not None
            try:
                plan = self.planner.plan(prepared.document, prepared.operation, values)
            except NotCoveredError:
                plan = None
            if len(prepared.plans) >= PLANS:
                return plan
            prepared.plans[key] = plan
        return prepared.plans[key]

    def reference(
        self, prepared: Prepared, given: Mapping[str, Any] | None, context: dict[str, Any]
    ) -> Outcome:
        """Execute through graphql-core."""
        assert prepared.document is not None
        assert prepared.operation is not None
        name = prepared.operation.name
        try:
            result = execute_sync(
                self.core,
                prepared.document,
                variable_values=dict(given or {}),
                context_value=context,
                operation_name=name.value if name else None,
                executor_class=TimedExecutor,
            )
        except Stopped as stopped:
            return Outcome(b"null", (stopped.error,))
        errors = tuple(result.errors or ())
        if result.data is None and all(error.path is None for error in errors):
            return Outcome(None, errors)
        return Outcome(orjson.dumps(result.data, default=str), errors)


def _no_operation(name: str | None) -> GraphQLError:
    if name is None:
        return GraphQLError("Must provide operation name if query contains multiple operations.")
    return GraphQLError(f"Unknown operation named {name!r}.")
