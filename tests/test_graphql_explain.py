"""`explain`: the SPARQL query that it gives has the answer that GraphQL has."""

from __future__ import annotations

import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import (
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    print_ast,
    visit,
)
from starlette.testclient import TestClient

from clausegraph.api.demonstration import load_demonstration
from clausegraph.api.graphql_explain import Shape, meaning, nodes_at
from clausegraph.api.graphql_http import executor_of, view_now
from clausegraph.api.publish import publish
from clausegraph.api.releases import Releases
from clausegraph.api.schema import build
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from tests.test_graphql import client_of

NESTED = """query Nested($platform: [ID!], $day: Date) {
  provisions(first: 45, asOf: $day, filter: {platform: $platform}) {
    nodes { id label kind normalisedText
      document { id label platform { id label } }
      mappings { id relation requirement { id label kind jurisdiction { id label }
        instrument { id label title kind jurisdiction { id label } } } } } } }"""
DOCUMENTS = [
    NESTED,
    "{ platforms { nodes { id label provider { id label } } } }",
    "{ platforms { nodes { label provisions(first: 3) { nodes { normalisedText } } } } }",
    "{ documents { nodes { kind type platform { label } } } }",
    "{ requirements(first: 3) { nodes { kind bearer topics { label } jurisdiction { code } } } }",
    "{ a: requirements { nodes { ...R } } } fragment R on Requirement { id i: instrument { id } }",
    "{ requirements { nodes { id @skip(if: true) label ... on Node { label } } } }",
    '{ requirement(id: "xx-north/npa/right-to-delete") { label version { citations confidence } } }',
]


@pytest.fixture(scope="module")
def own(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The law with the demonstration."""
    path = tmp_path_factory.mktemp("explain") / "data"
    shutil.copytree(data, path)
    load_demonstration(path)
    publish(path)
    return path


@pytest.fixture(scope="module")
def client(own: Path) -> TestClient:
    """A client of `/graphql`."""
    return client_of(own)


def values_of(rows: Any) -> dict[tuple[str, str], set[str]]:
    """The rows of the query: values by place and node."""
    found = defaultdict(set)
    for row in rows:
        own = row["from"].value if row["from"] else ""
        found[row["at"].value, own].add(row["value"].value)
    return found


def flat(shapes: list[Shape], answer: Any, own: str) -> dict[tuple[str, str], set[str]]:
    """The values of an answer of GraphQL, in the form of the rows; enums by their concepts."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for shape in shapes:
        if shape.leaf:
            value = answer[shape.key]
            for each in value if isinstance(value, list) else [value]:
                if each is not None:
                    member = shape.reads[0] == "member"
                    found[shape.at, own].add(str(shape.reads[2][each].value if member else each))
            continue
        for each in nodes_at(shape, answer):
            found[shape.at, own].add(each["_id"])
            for key, values in flat(shape.below, each, each["_id"]).items():
                found[key] |= values
    return found


class _Ids(Visitor):
    """Asks for the id of every node."""

    def __init__(self, types: TypeInfo, nodes: set[str]) -> None:
        super().__init__()
        self.types, self.nodes = types, nodes

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode | None:
        """Add `_id` where the type has an id."""
        kind = self.types.get_parent_type()
        if kind is None or kind.name not in self.nodes:
            return None
        own = parse("{ _id: id }").definitions[0].selection_set.selections  # type: ignore[attr-defined]
        return SelectionSetNode(selections=(*own, *node.selections))


def with_ids(query: str) -> str:
    """The document with the id of every node beside what it asks for."""
    core = build()._schema
    node: Any = core.type_map["Node"]
    nodes = {"Node", *(each.name for each in core.get_implementations(node).objects)}
    types = TypeInfo(core)
    visitor = TypeInfoVisitor(types, _Ids(types, nodes))
    return print_ast(visit(parse(query), visitor))


def explain(client: TestClient, query: str, **variables: Any) -> Any:
    """The answer with its explanation."""
    body = {"query": query, "variables": variables, "extensions": {"explain": True}}
    return client.post("/graphql", json=body).json()


VARIABLES = {"platform": ["inkwarren"], "day": "2026-06-01"}


@pytest.mark.parametrize("query", DOCUMENTS)
def test_sparql_and_graphql_agree(own: Path, query: str) -> None:
    """Each value of each node, and nothing else."""
    settings, served = Settings(data=own), Served(Releases(own))
    executor, schema = executor_of(settings), build()
    context = {"view": view_now(served, settings)}
    given = VARIABLES if query is NESTED else {}
    prepared = executor.prepare(query)
    told = meaning(executor, schema, prepared, given, context)
    answer = executor.execute(executor.prepare(with_ids(query)), given, context)
    rows = served.reader.store.query(told.sparql, use_default_graph_as_union=True)

    assert answer.errors == ()
    expected = flat(told.roots, orjson.loads(answer.data or b""), "")
    assert len(expected) > 3
    assert values_of(rows) == expected


def test_the_explanation_travels_with_the_answer(client: TestClient) -> None:
    """Levels, query and what it does not express; the data is that without explanation."""
    found = explain(client, NESTED, **VARIABLES)
    told = found["extensions"]["explain"]
    plain = client.post("/graphql", json={"query": NESTED, "variables": VARIABLES}).json()

    assert found["data"] == plain["data"]
    assert told["levels"][0] == ["provisions"]
    assert "provisions.mappings.requirement.instrument.jurisdiction" in told["levels"][4]
    assert told["notExpressed"] == [
        "provisions: which nodes these are is told by VALUES",
        "provisions.mappings: which nodes these are is told by VALUES",
    ]
    assert told["sparql"].startswith("SELECT DISTINCT ?at ?from ?value WHERE {")


def test_what_is_not_expressed_is_named(client: TestClient) -> None:
    """Counts, edges and computed values are left out, and a query of these alone is none."""
    told = explain(client, "{ platforms { totalCount edges { cursor } } release { id } }")
    found = told["extensions"]["explain"]

    assert found["notExpressed"] == [
        "platforms: left out, `totalCount` of a page",
        "platforms: left out, `edges` of a page",
        "platforms: which nodes these are is told by VALUES",
        "release: left out, it is not a node of the graph of one class",
    ]
