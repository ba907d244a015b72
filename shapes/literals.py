"""What the fast engine cannot leave to SPARQL: terms as rdflib reads them.

SPARQL engines differ in what a well-formed date is, in the syntax of regular expressions and in how
they order values of two sorts. The reference validator goes by rdflib and by Python, and so do the
functions here, which the engine's queries call where the store's own operators do not settle it.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Triple
from pyoxigraph import Literal as OxLiteral
from rdflib import BNode, Literal, URIRef
from rdflib.namespace import XSD
from rdflib.term import Node

Term = NamedNode | BlankNode | OxLiteral | Triple

_YES, _NO = OxLiteral(True), OxLiteral(False)
_BASE = "urn:clausegraph:function:"

WELL_FORMED = NamedNode(f"{_BASE}well-formed")
MATCHES = NamedNode(f"{_BASE}matches")
LESS = NamedNode(f"{_BASE}less")
AT_MOST = NamedNode(f"{_BASE}at-most")
SIDE = NamedNode(f"{_BASE}side")


def to_term(term: object) -> Node:
    """The rdflib term of a pyoxigraph term.

    pyoxigraph gives every plain string the datatype xsd:string, which rdflib holds unequal to a
    plain literal; strings are made plain here.
    """
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    assert isinstance(term, OxLiteral)
    if term.language:
        return Literal(term.value, lang=term.language)
    kind = term.datatype.value
    return Literal(term.value, datatype=None if kind == str(XSD.string) else URIRef(kind))


@functools.lru_cache(65536)
def well_formed(literal: Term) -> OxLiteral:
    """Whether a literal has a value in its datatype."""
    term = to_term(literal)
    return _answer(isinstance(term, Literal) and term.ill_typed is not True)


def matches(value: Term, pattern: OxLiteral, flags: OxLiteral) -> OxLiteral:
    """Whether a pattern is found anywhere in a literal or IRI."""
    if isinstance(value, BlankNode):
        return _NO
    return _answer(regex(pattern.value, flags.value).search(str(to_term(value))) is not None)


@functools.lru_cache(256)
def regex(pattern: str, flags: str) -> re.Pattern[str]:
    """A pattern with SHACL's flags; raises `re.error` or `KeyError` for one that is none."""
    known = {"i": re.IGNORECASE, "m": re.MULTILINE}
    return re.compile(pattern, functools.reduce(operator.or_, (known[f] for f in flags), 0))


def compared(test: Callable[[Any, Any], bool]) -> Callable[[Term, Term], OxLiteral]:
    """Hold two values against each other as pySHACL does; a string only compares to a string."""

    @functools.lru_cache(65536)  # the days of a graph are few, and each stands in many statements
    def compare(value: Term, other: Term) -> OxLiteral:
        if isinstance(value, BlankNode) or isinstance(other, BlankNode):
            return _NO
        ours, theirs = _comparable(value), _comparable(other)
        alike = isinstance(ours, Literal) == isinstance(theirs, Literal)
        return _answer(alike and bool(test(ours, theirs)))

    return compare


@functools.lru_cache(65536)
def side(value: Term, limit: Term) -> OxLiteral | None:
    """-1, 0 or 1 for a value below, at or above a limit; None for what has no order."""
    ours, theirs = to_term(value), to_term(limit)
    if not isinstance(ours, Literal) or not isinstance(theirs, Literal):
        return None
    if isinstance(ours.value, str) != isinstance(theirs.value, str):
        return None
    return OxLiteral(0 if ours.eq(theirs) else 1 if ours > theirs else -1)


FUNCTIONS: dict[NamedNode, Callable[..., Term | None]] = {
    WELL_FORMED: well_formed,
    MATCHES: matches,
    LESS: compared(operator.lt),
    AT_MOST: compared(operator.le),
    SIDE: side,
}
"""The functions by the name that queries call them. One that raises has no value in a query."""


def _comparable(term: Term) -> object:
    """A plain `str` for strings and IRIs, the literal itself for everything else."""
    node = to_term(term)
    if isinstance(node, Literal):
        return node.value if isinstance(node.value, str) else node
    return str(node)


def _answer(yes: bool) -> OxLiteral:
    return _YES if yes else _NO
