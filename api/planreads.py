"""How a compiled plan reads one field for all objects of a level at once.

A read takes the objects that have the field and gives their values in the same order. What the
views of `clausegraph.api.nodes` read is read from their entities without a resolver; edges are
followed for all parents in one set-oriented read; any other resolver is called once an object,
with arguments that were converted once.

An object that stands several times in an answer is read once and paid for every time: `times` says
how often each stands there, None that each stands there once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLField
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

from clausegraph.api.listing import RelayPages
from clausegraph.api.nodes import CHARACTERS, TYPES, Budget, Node, View
from clausegraph.api.planarguments import arguments_of, info_of
from clausegraph.api.reader import slug

Times = Sequence[int] | None


@dataclass
class Run:
    """One execution of a plan."""

    values: VariableValues
    context: dict[str, Any]
    budget: Budget
    nodes: dict[tuple[Any, Any], Node] = field(default_factory=dict)

    def node(self, view: View, iri: str | None) -> Node | None:
        """The view of the node at an IRI on a day; the same one whenever it is asked for."""
        if iri is None:
            return None
        key = iri, view.day
        found = self.nodes.get(key)
        if found is None:
            entity = view.reader.entity(iri)
            if entity is None or entity.type not in TYPES:
                return None
            found = self.nodes[key] = TYPES[entity.type](entity=entity, view=view)
        return found

    def certain(self, view: View, iri: str) -> Node:
        """The view of a node that an index names. Raises `KeyError` where the store lacks it."""
        found = self.node(view, iri)
        if found is None:
            raise KeyError(iri)
        return found

    def known(self, node: Node) -> Node:
        """The one view that stands for all views of the same node on the same day."""
        return self.nodes.setdefault((node.entity.iri, node.view.day), node)


Read = Callable[[Run, Sequence[Any], Times], list[Any]]


def spent(times: Times, counts: Iterable[int]) -> int:
    """What so many nodes of each parent cost, each as often as its parent stands there."""
    if times is None:
        return sum(counts)
    return sum(count * often for count, often in zip(counts, times, strict=True))


def constant(value: Any) -> Read:
    """The same value for every object."""
    return lambda run, parents, times: [value] * len(parents)


def attribute(name: str) -> Read:
    """An attribute of the objects."""
    return lambda run, parents, times: [getattr(parent, name) for parent in parents]


def own_iri() -> Read:
    """The IRIs of views."""
    return lambda run, parents, times: [parent.entity.iri for parent in parents]


def own_label() -> Read:
    """The names of views."""
    return lambda run, parents, times: [
        str(parent.entity.one("label") or slug(parent.entity.iri)) for parent in parents
    ]


def one(key: str) -> Read:
    """The one value of a key."""
    return lambda run, parents, times: [
        found[0] if (found := parent.entity.values.get(key)) else None for parent in parents
    ]


def every(key: str) -> Read:
    """All values of a key."""
    return lambda run, parents, times: [parent.entity.values.get(key, ()) for parent in parents]


def paid(key: str) -> Read:
    """A text of the graph, paid for by its length."""
    plain = one(key)

    def read(run: Run, parents: Sequence[Any], times: Times) -> list[Any]:
        found = plain(run, parents, times)
        budget = run.budget
        total = spent(times, (len(text) if text else 0 for text in found))
        taken, budget.characters = divmod(budget.characters + total, CHARACTERS)
        budget.spend(taken)
        return found

    return read


def member(key: str, enum: Any) -> Read:
    """A concept of a closed list, as the member of its enum. Raises `ValueError`."""
    plain = one(key)
    members: dict[Any, Any] = {None: None}

    def read(run: Run, parents: Sequence[Any], times: Times) -> list[Any]:
        found = plain(run, parents, times)
        for each in set(found).difference(members):
            members[each] = enum(each)
        return [members[each] for each in found]

    return read


def edge(key: str) -> Read:
    """The node that a property names; all are fetched in one read."""
    plain = one(key)

    def read(run: Run, parents: Sequence[Any], times: Times) -> list[Any]:
        iris = plain(run, parents, times)
        _fetch(parents, iris)
        found = [run.node(parent.view, iri) for parent, iri in zip(parents, iris, strict=True)]
        run.budget.spend(spent(times, (node is not None for node in found)))
        return found

    return read


def edges(key: str) -> Read:
    """The nodes that a property names; all are fetched in one read."""

    def read(run: Run, parents: Sequence[Any], times: Times) -> list[Any]:
        iris = [parent.entity.values.get(key, ()) for parent in parents]
        _fetch(parents, [iri for some in iris for iri in some])
        return _nodes(run, parents, iris, times)

    return read


def _nodes(
    run: Run, parents: Sequence[Any], iris: Sequence[Iterable[str]], times: Times
) -> list[Any]:
    """The nodes of each parent; what the release lacks is left out. Raises `KeyError`."""
    found = []
    for parent, some in zip(parents, iris, strict=True):
        view = parent.view
        nodes = [run.node(view, iri) for iri in some]
        if None in nodes:
            nodes = [node for node in nodes if node is not None]
            if len(nodes) < len(view.reader.entities(list(some))):
                raise KeyError(parent.entity.iri)  # one without a view, which fails as elsewhere
        found.append(nodes)
    run.budget.spend(spent(times, map(len, found)))
    return found


def _fetch(parents: Sequence[Any], iris: Iterable[str | None]) -> None:
    """Read the entities of a level into the reader's cache, all at once."""
    wanted = {iri for iri in iris if iri is not None}
    if wanted:
        parents[0].view.reader.entities(list(wanted))


SHORTCUTS: dict[str, Callable[..., Read]] = {
    "constant": constant,
    "own_iri": own_iri,
    "own_label": own_label,
    "one": one,
    "every": every,
    "paid": paid,
    "member": member,
    "edge": edge,
    "edges": edges,
}


def of(how: str, *what: Any) -> Read:
    """The read that stands for a resolver of `clausegraph.api.nodes`."""
    return SHORTCUTS[how](*what)


def method(function: Callable[[Any], Any]) -> Read:
    """What a method of the objects without arguments gives."""
    return _each(lambda run: function)


def followed(own: StrawberryField, definition: GraphQLField, node: FieldNode, schema: Any) -> Read:
    """What a function that answers for many objects gives (`clausegraph.api.follow`)."""
    assert own.base_resolver is not None
    function, many = vars(own.base_resolver.wrapped_func)["at_once"]
    arguments = arguments_of(own, definition, node, schema)

    def read(run: Run, parents: Sequence[Any], times: Times) -> list[Any]:
        answers = function(parents, **arguments(run))
        iris = [some if many else some[:1] for _, some in answers]
        wanted = {iri for some in iris for iri in some}
        if wanted:
            parents[0].view.reader.entities(list(wanted))
        found = [
            [run.certain(view, iri) for iri in some]
            for (view, _), some in zip(answers, iris, strict=True)
        ]
        run.budget.spend(spent(times, map(len, found)))
        return found if many else [some[0] if some else None for some in found]

    return read


def leading(
    own: StrawberryField, definition: GraphQLField, node: FieldNode, schema: Any
) -> tuple[Read, bool]:
    """The IRIs of the same, and whether they are many: else one IRI or None."""
    assert own.base_resolver is not None
    function, many = vars(own.base_resolver.wrapped_func)["at_once"]
    arguments = arguments_of(own, definition, node, schema)

    def read(run: Run, parents: Sequence[Any], times: Times) -> list[Any]:
        answers = function(parents, **arguments(run))
        return [some if many else some[0] if some else None for _, some in answers]

    return read, many


def resolved(own: StrawberryField, definition: GraphQLField, node: FieldNode, schema: Any) -> Read:
    """What a resolver with arguments gives, whose arguments are converted once a request."""
    assert own.base_resolver is not None
    function, named = own.base_resolver.wrapped_func, own.base_resolver.self_parameter is not None
    assert callable(function)
    pages = next((each for each in own.extensions if isinstance(each, RelayPages)), None)
    arguments = arguments_of(own, definition, node, schema)

    def call_of(run: Run) -> Callable[[Any], Any]:
        kwargs = arguments(run)
        if pages is None:
            return lambda parent: function(*((parent,) if named else ()), **kwargs)
        info = info_of(run, own)
        inner = own.base_resolver.info_parameter  # type: ignore[union-attr]
        asked = {key: value for key, value in kwargs.items() if key != "info"}

        def next_(source: Any, info: Any, **rest: Any) -> Any:
            more = {inner.name: info} if inner else {}
            return function(*((source,) if named else ()), **rest, **more)

        return lambda parent: pages.resolve(next_, parent, info, **asked)

    return _each(call_of)


def _each(call_of: Callable[[Run], Callable[[Any], Any]]) -> Read:
    """Call something once an object; what a call costs is paid as often as the object stands."""

    def read(run: Run, parents: Sequence[Any], times: Times) -> list[Any]:
        call = call_of(run)
        if times is None:
            return [call(parent) for parent in parents]
        found = []
        for parent, often in zip(parents, times, strict=True):
            before = _account(run.budget)
            found.append(call(parent))
            if often > 1:
                _again(run.budget, before, often - 1)
        return found

    return read


def _account(budget: Budget) -> int:
    """What is left, in characters."""
    return budget.nodes * CHARACTERS - budget.characters


def _again(budget: Budget, before: int, times: int) -> None:
    """Pay what was paid since `before` so many times more."""
    left = _account(budget) - (before - _account(budget)) * times
    budget.nodes = -(-left // CHARACTERS)
    budget.characters = budget.nodes * CHARACTERS - left
    budget.spend(0)
