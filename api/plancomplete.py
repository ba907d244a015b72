"""Complete the values of a field for a whole level of a plan: nulls, lists, distinct objects.

Lists are completed together and parted again; an object that is reached by several ways is
completed once (GraphQL, section 6.4.3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from graphql import GraphQLLeafType, GraphQLObjectType, is_abstract_type

from clausegraph.api.leaves import leaf_column
from clausegraph.api.nodes import TYPES
from clausegraph.api.planreads import Run, Times

Complete = Callable[[Run, list[Any], Times], list[Any]]

VIEWS = frozenset(TYPES.values())
"""The views that hold nothing but an entity and how it is looked at."""


class NotCoveredError(Exception):
    """A document that plans do not cover; never seen by a client."""


class NullError(Exception):
    """A value that may not be null is null; never seen by a client."""


class RuntimeTypes:
    """The runtime types of objects, asked of the schema once a Python class."""

    def __init__(self, core: Any, declared: Any) -> None:
        """Take the schema and the type that the field declares."""
        self.core, self.declared = core, declared
        self.known: dict[type, GraphQLObjectType] = {}

    def of(self, objects: Sequence[Any]) -> Mapping[GraphQLObjectType, Sequence[int]]:
        """The places of the objects of each type. Raises `NotCoveredError` where one has none."""
        known = self.known
        classes = set(map(type, objects))
        if len(classes) == 1 and (kind := known.get(classes.pop())):
            return {kind: range(len(objects))}
        found: dict[GraphQLObjectType, list[int]] = {}
        for place, each in enumerate(objects):
            kind = known.get(each.__class__) or self._ask(each)
            found.setdefault(kind, []).append(place)
        return found

    def _ask(self, value: Any) -> GraphQLObjectType:
        info: Any = SimpleNamespace(schema=self.core, field_name="", is_awaitable=lambda _: False)
        kind = self.declared
        if is_abstract_type(kind):
            name = kind.resolve_type(value, info, kind) if kind.resolve_type else None
            kind = self.core.get_type(name) if isinstance(name, str) else None
            if not isinstance(kind, GraphQLObjectType):
                raise NotCoveredError(str(self.declared))
            if not self.core.is_sub_type(self.declared, kind):
                raise NotCoveredError(str(kind))
        if kind.is_type_of and not kind.is_type_of(value, info):
            raise NotCoveredError(str(kind))
        self.known[value.__class__] = kind
        found: GraphQLObjectType = kind
        return found


class Distinct:
    """The distinct objects of a column, where they stand in it, and how often in the answer."""

    def __init__(self, run: Run, values: list[Any], times: Times) -> None:
        """Take a column's values and how often each stands in the answer."""
        known = run.known
        values = [known(value) if value.__class__ in VIEWS else value for value in values]
        ids = list(map(id, values))
        self.known = dict(zip(ids, values, strict=True))
        self.known.pop(_NOTHING, None)
        self.ids, self.objects = ids, list(self.known.values())
        self.times: Times = None
        if times is not None or len(ids) > len(self.objects):
            self.times = _counts(ids, times, self.known)

    def spread(self, rows: list[Any]) -> list[Any]:
        """What was made of the distinct objects, wherever they stand."""
        if len(rows) == len(self.ids):
            return rows
        made = dict(zip(self.known, rows, strict=True))
        return [made.get(each) for each in self.ids]


_NOTHING = id(None)


def _counts(ids: list[int], times: Times, known: Mapping[int, Any]) -> list[int]:
    """How often each distinct object stands in the answer."""
    if times is None:
        found: Mapping[int, int] = Counter(ids)
    else:
        found = dict.fromkeys(known, 0)
        for each, often in zip(ids, times, strict=True):
            if each in found:
                found[each] += often
    return [found[each] for each in known]


def never_null(inner: Complete) -> Complete:
    """Complete values that may not be null; raises `NullError` where one is."""

    def complete(run: Run, values: list[Any], times: Times) -> list[Any]:
        found = inner(run, values, times)
        if None in found:
            raise NullError
        return found

    return complete


def listed(inner: Complete) -> Complete:
    """Complete the entries of all lists together, and part them again."""

    def complete(run: Run, values: list[Any], times: Times) -> list[Any]:
        lists = [None if value is None else _entries(value) for value in values]
        flat = [entry for some in lists if some for entry in some]
        often = times and [
            count for some, count in zip(lists, times, strict=True) if some for _ in some
        ]
        done = iter(inner(run, flat, often))
        return [some if some is None else [next(done) for _ in some] for some in lists]

    return complete


def _entries(value: Any) -> Sequence[Any]:
    """The entries of a list. Raises `TypeError` where it is none."""
    if isinstance(value, str | Mapping):
        raise TypeError(value)
    return value if isinstance(value, list | tuple) else list(value)


def leaf(type_: GraphQLLeafType) -> Complete:
    """Complete scalars and enums."""
    column = leaf_column(type_)
    return lambda run, values, times: column(values)
