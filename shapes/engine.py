"""A fast validator for this project's shapes: SPARQL over the store instead of a walk over nodes.

pySHACL stays the reference, and tests hold both to the same reports. Three things differ. Values are
as the store keeps them, numbers, dates and truth values in one spelling, so that 15.0 and 15 are one
value. Queries of the shapes follow SPARQL where they compare a day to what is none; rdflib goes by
the names of datatypes. And a day that does not exist, which rdflib cannot order, is reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Store
from rdflib import RDF, RDFS, Graph
from rdflib.term import Node

from clausegraph.shapes.compile import Check, compile_shapes, select
from clausegraph.shapes.literals import to_term

_TYPE, _ABOVE = NamedNode(str(RDF.type)), NamedNode(str(RDFS.subClassOf))


@dataclass(frozen=True)
class Breach:
    """A node that breaks a check, with the value, path and message of this one breach."""

    check: Check
    focus: Node
    value: Node | None
    path: str
    message: str


class Engine:
    """The checks of a shapes graph, compiled once."""

    def __init__(self, shapes: Graph) -> None:
        """Compile the shapes. Raises `UnsupportedShapeError` where one would go unchecked."""
        self.checks = compile_shapes(shapes)

    def run(self, store: Store, focus: Collection[str] | None = None) -> list[Breach]:
        """All breaches in a store, over all its graphs; some may be there twice.

        With `focus` only those of nodes with these IRIs; checks that cannot be about any of them
        are left out, which are most where a few nodes stand beside the whole law.
        """
        checks: Iterable[Check] = self.checks
        if focus is not None:
            there = _borne(store, focus)
            checks = (each for each in checks if not each.sought or each.sought & there)
        return [breach for check in checks for breach in _breaches(check, store, focus)]


def _borne(store: Store, focus: Collection[str]) -> set[str]:
    """The properties that some nodes have, their classes, and all classes above these."""
    there: set[str] = set()
    waiting: set[NamedNode | BlankNode] = set()
    for iri in focus:
        for quad in store.quads_for_pattern(NamedNode(iri), None, None, None):
            there.add(quad.predicate.value)
            if quad.predicate == _TYPE and isinstance(quad.object, NamedNode | BlankNode):
                waiting.add(quad.object)
    met = set(waiting)
    while waiting:
        above = store.quads_for_pattern(waiting.pop(), _ABOVE, None, None)
        found = {quad.object for quad in above if isinstance(quad.object, NamedNode | BlankNode)}
        waiting |= found - met
        met |= found
    return there | {each.value for each in met}


def _breaches(check: Check, store: Store, focus: Collection[str] | None) -> Iterator[Breach]:
    solutions = select(store, check.query)
    names = [variable.value for variable in solutions.variables]
    for solution in solutions:
        if focus is not None and getattr(solution["this"], "value", "") not in focus:
            continue
        row = {n: to_term(term) for n, term in zip(names, solution, strict=True) if term}
        if check.itself:
            row.setdefault("value", row["this"])
        yield Breach(
            check=check,
            focus=row["this"],
            value=row.get("value"),
            path=str(row.get("path", check.path)),
            message=min(_filled(message, row) for message in check.messages),
        )


def _filled(message: str, row: Mapping[str, Node]) -> str:
    """A message with the values of its variables."""
    for name, value in row.items():
        message = message.replace(f"{{?{name}}}", str(value)).replace(f"{{${name}}}", str(value))
    return message
