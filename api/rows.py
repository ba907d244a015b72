"""Read what an embedded store says of many things in one query, without an object for each term.

SPARQL's tab-separated rows (SPARQL 1.1 Query Results CSV and TSV Formats, section 4) are written by
the store in one go. Against a pattern for each thing that saves two terms of each quad (the subject
and the graph), the objects of Python around the others, and reading a document's whole text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pyoxigraph import QueryResultsFormat

FEWEST = 4
"""Fewer things than that are read faster by a pattern each."""
_AT_ONCE = 500
_XSD = "http://www.w3.org/2001/XMLSchema#"
READ: dict[str, Callable[[str], Any]] = {
    _XSD + "date": date.fromisoformat,
    _XSD + "dateTime": datetime.fromisoformat,
    _XSD + "boolean": lambda text: text in ("true", "1"),
    _XSD + "integer": int,
    _XSD + "decimal": Decimal,
}
"""What reads a literal, by its datatype; any other is the text that it is."""
_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
Values = dict[str, list[Any]]
"""What is said of a thing: the values of each key, in no order."""


def told(
    query: Callable[..., Any], iris: Sequence[str], keys: Mapping[str, str]
) -> dict[str, Values]:
    """What is said of some things, by key; `keys` has those that are read, by property in `<>`.

    `iris` are such as `NamedNode` takes, which none does that could not stand in a query (SPARQL
    1.1, rule 139). What nothing is said of is left out.
    """
    found: dict[str, Values] = {}
    for start in range(0, len(iris), _AT_ONCE):
        some = iris[start : start + _AT_ONCE]
        listed = " ".join(f"(<{iri}> {number})" for number, iri in enumerate(some))
        text = f"SELECT ?n ?p ?o {{ VALUES (?s ?n) {{ {listed} }} ?s ?p ?o }}"
        answer = query(text, use_default_graph_as_union=True)
        lines = answer.serialize(format=QueryResultsFormat.TSV).decode().split("\n")
        _gather(lines[1:-1], some, keys, found)
    return found


def _gather(
    lines: Iterable[str], iris: Sequence[str], keys: Mapping[str, str], found: dict[str, Values]
) -> None:
    """Add the rows' values, the numbers of whose things are those of `iris`."""
    last, values = "", {}
    for line in lines:
        number, name, term = line.split("\t")
        key = keys.get(name)
        if key is None:
            continue
        if number != last:
            last, values = number, found.setdefault(iris[int(number)], {})
        if term[0] == "<" or (term[0] == term[-1] == '"' and "\\" not in term):
            value = term[1:-1]
        else:
            value = _literal(term)
        if key in values:
            values[key].append(value)
        else:
            values[key] = [value]


def _literal(term: str) -> Any:
    """The value of any other literal: escaped, typed, with a language, or a bare number."""
    if term[0] != '"':
        return _bare(term)
    text, _, kind = term[1:].rpartition('"')
    if "\\" in text:
        text = _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), text)
    return _typed(text, kind[3:-1]) if kind.startswith("^^") else text


@functools.lru_cache(10_000)
def _typed(text: str, kind: str) -> Any:
    convert = READ.get(kind)
    return convert(text) if convert else text


@functools.lru_cache(1_000)
def _bare(term: str) -> Any:
    """The value of what is written without quotes (Turtle, section 2.5)."""
    if term in ("true", "false"):
        return term == "true"
    if term.lstrip("+-").isdigit():
        return int(term)
    if "e" in term or "E" in term:  # a double is the text that it is
        return term
    return Decimal(term)
