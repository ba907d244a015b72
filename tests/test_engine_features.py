"""Each feature of SHACL that the fast engine knows, on a small graph; whatever else is refused.

``tests/shacl/`` holds the cases. Each says what breaks its shape, and pySHACL is asked too: both
have to find that, in the same words.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyshacl
import pytest
import yaml
from pyoxigraph import Quad, RdfFormat, Store, parse
from rdflib import SH, Graph, URIRef

from clausegraph.ontology.iris import PREFIXES
from clausegraph.shapes.constraints import UnsupportedShapeError
from clausegraph.shapes.engine import Engine
from clausegraph.shapes.validator import to_rdflib

Case = Mapping[str, Any]
Row = tuple[str, str, str, str, str]

FOLDER = Path(__file__).parent / "shacl"
HERE = "https://a.example/"
HEAD = f"@prefix : <{HERE}> .\n@prefix sh: <{SH}> .\n" + "".join(
    f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items()
)
STARTS = {
    "whole": "",
    "shape": ':Shape sh:message "Not so." ; ',
    "nodes": ':Shape a sh:NodeShape ; sh:message "Not so." ; sh:targetClass :C ; ',
    "values": ':Shape sh:message "Not so." ; sh:targetClass :C ; sh:path :p ; ',
}
QUERY = """
:Shape a sh:NodeShape ; sh:targetClass :C ; sh:sparql :Query .
:Query a sh:SPARQLConstraint ; sh:prefixes :prefixes ; sh:message "{?value} of {$this}." ;
  sh:select '''%s''' .
:prefixes sh:declare [ sh:prefix "" ; sh:namespace "https://a.example/"^^xsd:anyURI ] .
"""


def cases(name: str) -> dict[str, Case]:
    """The cases of a file by name."""
    found: dict[str, Case] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return found


DATA = cases("data")
FEATURES = cases("features")
QUERIES = cases("queries")
UNKNOWN = cases("unknown")


def shapes(case: Case) -> Graph:
    """The shapes graph of a case."""
    (start,) = case.keys() & {*STARTS, "select"}
    body = case[start]
    text = QUERY % body if start == "select" else f"{STARTS[start]}{body} ."
    return Graph().parse(data=HEAD + text, format="turtle")


def data(case: Case) -> list[Quad]:
    """The data of a case, as a store keeps them."""
    text = HEAD + str(DATA.get(case["data"], case["data"]))
    store = Store()
    read = parse(io.BytesIO(text.encode()), RdfFormat.TURTLE)
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in read)
    return list(store)


def fast(graph: Graph, quads: Iterable[Quad]) -> set[Row]:
    """Shape, focus, value, path and message of what the engine finds."""
    store = Store()
    store.extend(quads)
    return {
        (b.check.shape, str(b.focus), "" if b.value is None else str(b.value), b.path, b.message)
        for b in Engine(graph).run(store)
    }


def slow(graph: Graph, quads: Iterable[Quad]) -> set[Row]:
    """The same of what pySHACL finds."""
    _, found, _ = pyshacl.validate(to_rdflib(quads), shacl_graph=graph)
    assert isinstance(found, Graph)
    rows = set()
    for each in found.objects(predicate=SH.result):
        shape = found.value(each, SH.sourceConstraint) or found.value(each, SH.sourceShape)
        focus, value = found.value(each, SH.focusNode), found.value(each, SH.value)
        path = found.value(each, SH.resultPath)
        shown = str(path) if isinstance(path, URIRef) else ""
        message = min(map(str, found.objects(each, SH.resultMessage)))
        rows.add((str(shape), str(focus), "" if value is None else str(value), shown, message))
    return rows


def short(row: Row) -> str:
    """Focus and value of a breach as the cases write them."""
    _, focus, value, _, _ = (term.removeprefix(HERE) for term in row)
    return f"{focus}={value}" if value else focus


@pytest.mark.parametrize("name", FEATURES)
def test_feature_is_found_alike(name: str) -> None:
    """The engine finds what the case says, and pySHACL finds the same."""
    case = FEATURES[name]
    graph, quads = shapes(case), data(case)

    found = fast(graph, quads)

    assert {short(row) for row in found} == set(case["breaks"])
    assert found == slow(graph, quads)


@pytest.mark.parametrize("name", QUERIES)
def test_query_is_answered_alike(name: str) -> None:
    """A query is answered for each of its nodes, though it runs once for all of them."""
    case = QUERIES[name]
    graph, quads = shapes(case), data(case)

    found = fast(graph, quads)

    assert {short(row) for row in found} == set(case["breaks"])
    assert found == slow(graph, quads)


def test_query_on_values_names_their_path() -> None:
    """On a property shape the path is the shape's, and the node is no value."""
    query = QUERY % "SELECT $this WHERE { $this :p ?x . ?x a :E }"
    text = query.replace("a sh:NodeShape", 'sh:path :p ; sh:message "A first word"')
    graph = Graph().parse(data=HEAD + text, format="turtle")
    quads = data({"data": "nest"})

    found = fast(graph, quads)

    assert found == {
        (f"{HERE}Query", HERE + node, "", f"{HERE}p", "A first word") for node in "bcd"
    }
    assert found == slow(graph, quads)


def test_day_that_does_not_exist_has_no_order() -> None:
    """rdflib cannot compare such a day, and pySHACL ends there; the engine reports it."""
    text = ':a a :C ; :p "2026-02-30"^^xsd:date ; :q "2020-01-01"^^xsd:date .'

    found = fast(shapes({"values": "sh:lessThanOrEquals :q"}), data({"data": text}))

    assert {short(row) for row in found} == {"a=2026-02-30"}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_refused(name: str) -> None:
    """A shape that would go unchecked is an error as soon as the engine is made."""
    case = UNKNOWN[name]

    with pytest.raises(UnsupportedShapeError) as caught:
        Engine(shapes(case))

    assert caught.value.code == "shape-unsupported"
    assert case["says"] in caught.value.message


def test_known_shape_is_not_refused() -> None:
    """What stands around the unknown words above is sound."""
    plain = {"values": "sh:minCount 1"}, {"nodes": "sh:nodeKind sh:IRI"}
    query = {"select": "SELECT $this WHERE { $this :p 1 }"}

    assert [len(Engine(shapes(case)).checks) for case in (*plain, query)] == [1, 1, 1]
