"""The constraints that a shape may use, each as a SPARQL expression that is true where it is kept.

Two tables: `VALUES` holds the constraints that look at one value at a time, `COUNTS` those that
look at all values of a node at once. Whatever stands in neither is not known to the engine.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pyoxigraph import NamedNode
from rdflib import RDF, RDFS, SH, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from clausegraph.ontology.errors import ClausegraphError
from clausegraph.shapes.literals import AT_MOST, LESS, MATCHES, SIDE, WELL_FORMED, regex

INSTANCE = f"{RDF.type.n3()}/{RDFS.subClassOf.n3()}*"
"""The path from a node to its classes and all classes above them."""


class UnsupportedShapeError(ClausegraphError):
    """A shape uses something that the fast engine does not know, and would not check."""

    code: ClassVar[str] = "shape-unsupported"

    def __init__(self, shape: Node, what: str) -> None:
        """Name the shape and what is wrong with it."""
        super().__init__(
            f"The shape {shape} {what}.",
            hint="Write it otherwise, or teach shapes/constraints.py; pySHACL is the reference.",
            value=str(shape),
        )


@dataclass(frozen=True)
class Site:
    """Where a constraint applies.

    `path` holds the steps from the variable `focus` to the variable `value`. On a node shape there
    are none and both are one node. `fresh` makes new variables; `conforms` gives the expression
    that a variable's node conforms to another shape.
    """

    graph: Graph
    shape: Node
    path: tuple[str, ...]
    focus: str
    value: str
    fresh: Callable[[], str]
    conforms: Callable[[Node, str], str]

    def walk(self, value: str) -> str:
        """The pattern that leads from the focus to a variable."""
        return walk(self.focus, self.path, value, self.fresh)

    def members(self, head: Node) -> Iterator[str]:
        """The expressions that the value conforms to each shape of a list."""
        return (self.conforms(each, self.value) for each in self.graph.items(head))

    def several(self, count: int, *shapes: Node) -> str:
        """The expression that the focus has `count` different values that conform to `shapes`."""
        names = [self.fresh() for _ in range(count)]
        kinds = {n: "".join(f" FILTER({self.conforms(s, n)})" for s in shapes) for n in names}
        steps = " LATERAL ".join(f"{{ {self.walk(name)}{kinds[name]} }}" for name in names)
        pairs = itertools.combinations(names, 2)
        return exists(steps, *(f"FILTER(!sameTerm({a}, {b}))" for a, b in pairs))


def walk(focus: str, path: Sequence[str], value: str, fresh: Callable[[], str]) -> str:
    """The pattern that leads along a path, each step from where the one before it led.

    Inside of EXISTS the store does not know what is bound outside, and may start a join at the far
    end, once for every focus node. LATERAL keeps the order.
    """
    first, *rest = path
    if not rest:
        return f"{focus} {first} {value}"
    between = fresh()
    return f"{focus} {first} {between} LATERAL {{ {walk(between, rest, value, fresh)} }}"


def exists(*patterns: str) -> str:
    """The expression that a pattern has a solution."""
    return f"EXISTS {{ {' '.join(patterns)} }}"


def written(site: Site, term: Node) -> str:
    """A constant of a shape in SPARQL; a blank node is none."""
    if isinstance(term, URIRef | Literal):
        return term.n3()
    raise UnsupportedShapeError(site.shape, "has a blank node where a constant belongs")


def kept(expression: str) -> str:
    """An expression that is false where it would have been an error, so that errors are found."""
    return f"COALESCE({expression}, false)"


def _datatype(site: Site, datatype: Node) -> str:
    same = f"(isLiteral({site.value}) && DATATYPE({site.value}) = {written(site, datatype)}"
    if datatype in (XSD.string, RDF.langString):
        return same + ")"
    return f"{same} && {WELL_FORMED}({site.value}))"


def _class(site: Site, class_: Node) -> str:
    return exists(f"{site.value} {INSTANCE} {written(site, class_)}")


_KINDS: Mapping[Node, str] = {
    SH.IRI: "isIRI({0})",
    SH.Literal: "isLiteral({0})",
    SH.BlankNode: "isBlank({0})",
    SH.BlankNodeOrIRI: "!isLiteral({0})",
    SH.BlankNodeOrLiteral: "!isIRI({0})",
    SH.IRIOrLiteral: "!isBlank({0})",
}


def _kind(site: Site, kind: Node) -> str:
    if kind not in _KINDS:
        raise UnsupportedShapeError(site.shape, f"asks for the unknown kind of node {kind}")
    return _KINDS[kind].format(site.value)


def _length(compare: str) -> Callable[[Site, Node], str]:
    # STR has no value for a blank node, which never keeps a length but the least of none.
    def length(site: Site, limit: Node) -> str:
        if compare == ">=" and number(site, limit) == 0:
            return "true"
        return f"STRLEN(STR({site.value})) {compare} {number(site, limit)}"

    return length


def _pattern(site: Site, pattern: Node) -> str:
    flags = Literal(site.graph.value(site.shape, SH.flags) or "")
    try:
        regex(str(pattern), str(flags))
    except (re.error, KeyError) as error:
        raise UnsupportedShapeError(site.shape, f"has an unusable pattern ({error})") from error
    return f"{MATCHES}({site.value}, {Literal(str(pattern)).n3()}, {flags.n3()})"


# The store's own comparison settles nearly all pairs below and is fast; what it says no to, or
# cannot compare, is put to the order of the reference.


def _bound(compare: str) -> Callable[[Site, Node], str]:
    def bound(site: Site, limit: Node) -> str:
        end = written(site, limit)
        return f"{site.value} {compare} {end} || {SIDE}({site.value}, {end}) {compare} 0"

    return bound


def _in(site: Site, head: Node) -> str:
    same = [f"sameTerm({site.value}, {written(site, each)})" for each in site.graph.items(head)]
    return f"({' || '.join(same) or 'false'})"


def _before(compare: str, function: NamedNode) -> Callable[[Site, Node], str]:
    def before(site: Site, other: Node) -> str:
        theirs = site.fresh()
        fine = f"{site.value} {compare} {theirs} || {function}({site.value}, {theirs})"
        step = f"{site.focus} {written(site, other)} {theirs}"
        return "!" + exists(step, f"FILTER(!{kept(fine)})")

    return before


def _shared(site: Site, other: Node) -> str:
    return exists(f"{site.focus} {written(site, other)} {site.value}")


def _one(site: Site, head: Node) -> str:
    return f"({' + '.join(f'IF({each}, 1, 0)' for each in site.members(head))} = 1)"


def _least(site: Site, count: Node) -> str:
    wanted = number(site, count)
    return site.several(wanted) if wanted else "true"


def _qualified(site: Site) -> Node:
    shape = site.graph.value(site.shape, SH.qualifiedValueShape)
    if shape is None:
        raise UnsupportedShapeError(site.shape, "counts values without saying of what shape")
    return shape


def _qualified_least(site: Site, count: Node) -> str:
    wanted = number(site, count)
    return site.several(wanted, _qualified(site)) if wanted else "true"


def _has(site: Site, value: Node) -> str:
    if site.path:
        return exists(site.walk(written(site, value)))
    return f"sameTerm({site.focus}, {written(site, value)})"


def _unique(site: Site, wanted: Node) -> str:
    if not isinstance(wanted, Literal) or wanted.value is not True:
        raise UnsupportedShapeError(site.shape, "has sh:uniqueLang without meaning it")
    one, two = site.fresh(), site.fresh()
    steps = f"{site.walk(one)} LATERAL {{ {site.walk(two)} }}"
    same = f'LANG({one}) != "" && LCASE(LANG({one})) = LCASE(LANG({two}))'
    return "!" + exists(steps, f"FILTER({same} && !sameTerm({one}, {two}))")


def number(site: Site, count: Node) -> int:
    """A count or length, which is a whole number that is not negative."""
    if isinstance(count, Literal) and isinstance(count.value, int) and count.value >= 0:
        return count.value
    raise UnsupportedShapeError(site.shape, f"counts to {count}")


VALUES: Mapping[Node, Callable[[Site, Node], str]] = {
    SH.datatype: _datatype,
    SH["class"]: _class,
    SH.nodeKind: _kind,
    SH.minLength: _length(">="),
    SH.maxLength: _length("<="),
    SH.pattern: _pattern,
    SH.minInclusive: _bound(">="),
    SH.minExclusive: _bound(">"),
    SH.maxInclusive: _bound("<="),
    SH.maxExclusive: _bound("<"),
    SH["in"]: _in,
    SH.lessThan: _before("<", LESS),
    SH.lessThanOrEquals: _before("<=", AT_MOST),
    SH.equals: _shared,
    SH.disjoint: lambda site, other: "!" + _shared(site, other),
    SH.node: lambda site, shape: site.conforms(shape, site.value),
    SH["not"]: lambda site, shape: f"!({site.conforms(shape, site.value)})",
    SH["and"]: lambda site, head: f"({' && '.join(site.members(head))})",
    SH["or"]: lambda site, head: f"({' || '.join(site.members(head))})",
    SH.xone: _one,
}
"""Constraints on single values: each breach names the value."""

COUNTS: Mapping[Node, Callable[[Site, Node], str]] = {
    SH.minCount: _least,
    SH.maxCount: lambda site, count: "!" + site.several(number(site, count) + 1),
    SH.hasValue: _has,
    SH.uniqueLang: _unique,
    SH.qualifiedMinCount: _qualified_least,
    SH.qualifiedMaxCount: lambda site, count: (
        "!" + site.several(number(site, count) + 1, _qualified(site))
    ),
}
"""Constraints on all values together: a breach names no value."""

NEED_PATH = COUNTS.keys() - {SH.hasValue} | {SH.lessThan, SH.lessThanOrEquals, SH.equals}
"""Constraints that mean nothing on a node shape, or that none of ours needs there."""
