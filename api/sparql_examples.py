"""Tested example queries, served by the endpoint itself as SHACL executables.

They are files of `examples`, the same bytes as the tested questions: the first line is the
question, the rest the query. The form is the one of SIB's endpoints: `sh:SPARQLExecutable` with
`rdfs:comment`, `sh:select` and `sh:prefixes`, so that editors which know it show them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clausegraph.api.conditional import POLICY
from clausegraph.api.problems import respond
from clausegraph.api.render import _environment as environment
from clausegraph.api.sparql_answers import (
    GRAPH_FORMATS,
    GRAPH_TYPES,
    HEADERS,
    address,
    etag,
    has,
    negotiate,
)
from clausegraph.ontology.errors import ClausegraphError

_SH = "http://www.w3.org/ns/shacl#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_SCHEMA = "https://schema.org/"
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_HTML = "text/html"
_PREFIX = re.compile(r"^PREFIX\s+(\S*):\s+<([^<>]*)>", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A query and the question that it answers."""

    name: str
    question: str
    query: str


@functools.cache
def examples() -> tuple[Example, ...]:
    """All examples, by name."""
    folder = files("clausegraph.api").joinpath("examples")
    found = (each for each in folder.iterdir() if each.name.endswith(".rq"))
    return tuple(_read(each.name, each.read_text()) for each in sorted(found, key=lambda f: f.name))


def _read(name: str, text: str) -> Example:
    question, _, query = text.partition("\n")
    return Example(name.removesuffix(".rq"), question.removeprefix("# "), query)


def routes(path: str, prefixes: Mapping[str, str]) -> list[Route]:
    """The list of the examples below the endpoint."""

    def answer(request: Request) -> Response:
        try:
            return _answer(request, path, prefixes)
        except ClausegraphError as error:
            return respond(error)

    return [Route(f"{path}/examples", answer)]


def _answer(request: Request, path: str, prefixes: Mapping[str, str]) -> Response:
    offered = (*GRAPH_TYPES, _HTML)
    formats = {**GRAPH_FORMATS, "html": _HTML}
    media_type = negotiate(request, request.query_params.get("format"), formats, offered)
    base = address(request)
    tag = etag(media_type, base, [each.query for each in examples()])
    headers = {**HEADERS, "ETag": tag, "Access-Control-Allow-Origin": "*"}
    if has(request, tag):
        return Response(status_code=304, headers=headers)
    if media_type == _HTML:
        page = environment().get_template("examples.html")
        headers["Content-Security-Policy"] = POLICY
        return Response(page.render(examples=examples(), endpoint=path), headers=headers,
                        media_type=_HTML)  # fmt: skip
    form = RdfFormat.from_media_type(media_type)
    found = serialize(triples(base), format=form, prefixes={**prefixes, "sh": _SH})
    return Response(found, headers=headers, media_type=media_type)


def triples(base: str) -> Iterator[Triple]:
    """The examples at an address, which is the node that declares their prefixes."""
    endpoint = NamedNode(base.removesuffix("/examples"))
    declared: dict[str, str] = {}
    for example in examples():
        node = NamedNode(f"{base}#{example.name}")
        yield Triple(node, _TYPE, _sh("SPARQLExecutable"))
        yield Triple(node, _TYPE, _sh("SPARQLSelectExecutable"))
        yield Triple(node, NamedNode(_RDFS + "comment"), Literal(example.question, language="en"))
        yield Triple(node, _sh("select"), Literal(example.query))
        yield Triple(node, _sh("prefixes"), NamedNode(base))
        yield Triple(node, NamedNode(_SCHEMA + "target"), endpoint)
        declared |= dict(_PREFIX.findall(example.query))
    for number, (name, iri) in enumerate(sorted(declared.items())):
        part = BlankNode(f"p{number}")
        yield Triple(NamedNode(base), _sh("declare"), part)
        yield Triple(part, _TYPE, _sh("PrefixDeclaration"))
        yield Triple(part, _sh("prefix"), Literal(name))
        yield Triple(part, _sh("namespace"), Literal(iri, datatype=NamedNode(_XSD + "anyURI")))


def _sh(name: str) -> NamedNode:
    return NamedNode(_SH + name)
