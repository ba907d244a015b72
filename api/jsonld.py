"""Write triples as JSON-LD in the terms of our own context.

The context stands in the document itself, so that a reader needs no network; a document holds the
part of it that it uses. There are neither blank nodes nor triple terms to write.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pyoxigraph import Literal, NamedNode, Triple

from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.context import Definition, compact, context
from clausegraph.ontology.iris import PREFIXES

Object = dict[str, Any]
_XSD = PREFIXES["xsd"]
_TYPE = PREFIXES["rdf"] + "type"
_SAFE = 2**53
"""JSON readers hold integers below this exactly."""


def document(triples: Iterable[Triple]) -> bytes:
    """A JSON-LD document: one node, or a list of nodes under ``@graph``."""
    used: set[str] = set()
    found = nodes(triples, used)
    about = {"@context": used_context(used)}
    body = about | found[0] if len(found) == 1 else about | {"@graph": found}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def nodes(triples: Iterable[Triple], used: set[str]) -> list[Object]:
    """Node objects in the order of the triples; adds to `used` the names that they need."""
    found: dict[str, Object] = {}
    for triple in triples:
        iri = iri_of(triple.subject)
        node = found.setdefault(iri, {"id": iri})
        key, value = _pair(triple, used)
        node.setdefault(key, []).append(value)
    return [{key: _single(value) for key, value in node.items()} for node in found.values()]


def used_context(used: set[str]) -> dict[str, Definition]:
    """The part of the context that defines the names used, and the prefixes which these need."""
    known = context()["@context"]
    wanted = {"id", "type"} | {name for name in used if name in known}
    for name in set(wanted):
        definition = known[name]
        parts = definition.values() if isinstance(definition, dict) else [definition]
        wanted |= {part.partition(":")[0] for part in parts if part.partition(":")[0] in known}
    return {key: value for key, value in known.items() if key in wanted}


@functools.cache
def _keys() -> Mapping[str, tuple[str, str | None]]:
    """Key and kind of values (``@id``, a datatype's IRI, None for strings) by property."""
    found: dict[str, tuple[str, str | None]] = {}
    for key, definition in context()["@context"].items():
        if isinstance(definition, dict):
            kind = definition.get("@type")
            found[_expand(definition["@id"])] = (key, _expand(kind) if kind else None)
    return found


@functools.cache
def _classes() -> Mapping[str, str]:
    """Key of a class by its IRI."""
    pairs = context()["@context"].items()
    return {_expand(v): k for k, v in pairs if isinstance(v, str) and k[0].isupper()}


def _pair(triple: Triple, used: set[str]) -> tuple[str, Any]:
    property_ = triple.predicate.value
    if property_ == _TYPE:
        class_ = iri_of(triple.object)
        return "type", _named(_classes().get(class_) or compact(class_), used)
    key, kind = _keys().get(property_, (compact(property_), None))
    return _named(key, used), _value(triple.object, kind, used)


def _value(term: object, kind: str | None, used: set[str]) -> Any:
    """A value as short as its key allows: ``kind`` says what the key turns a bare value into."""
    if isinstance(term, NamedNode):
        return term.value if kind == "@id" else {"id": term.value}
    assert isinstance(term, Literal), term
    if term.language:
        return {"@value": term.value, "@language": term.language}
    datatype = term.datatype.value
    if datatype == _XSD + "string":
        return term.value if kind is None else {"@value": term.value}
    if datatype == kind:
        return _native(term.value, datatype)
    return {"@value": term.value, "@type": _named(compact(datatype), used)}


def _native(text: str, datatype: str) -> Any:
    """A JSON boolean or integer where it reads back as the same text, else the text."""
    if datatype == _XSD + "boolean" and text in ("true", "false"):
        return text == "true"
    if datatype == _XSD + "integer" and text.lstrip("-").isdecimal():
        number = int(text)
        return number if str(number) == text and abs(number) < _SAFE else text
    return text


def _named(name: str, used: set[str]) -> str:
    """Note a name, or the prefix of a name, as used."""
    used |= {name, name.partition(":")[0]}
    return name


def _single(values: Any) -> Any:
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def _expand(name: str) -> str:
    prefix, colon, local = name.partition(":")
    return PREFIXES[prefix] + local if colon and prefix in PREFIXES else name
