"""The subgraph of Apollo Federation: what a gateway asks, over a real server."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from graphql import ObjectTypeDefinitionNode, build_ast_schema, parse
from starlette.applications import Starlette
from starlette.routing import Route

from clausegraph.api.graphql_federation import MOST, build_federated, endpoint_of, subgraph
from clausegraph.api.nodes import TYPES
from clausegraph.api.publish import load, publish
from clausegraph.api.releases import Releases
from clausegraph.api.schema import sdl
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from clausegraph.ontology.iris import mint
from tests.processes import free_port

SERVICE = "{ _service { sdl } }"
ENTITIES = """query($r: [_Any!]!) { _entities(representations: $r) { __typename
    ... on Instrument { id label kind jurisdiction { code } } ... on Topic { id slug } } }"""
CCPA, TOPIC = mint("instrument", "us-ca", "ccpa"), mint("topic", "appeal")
_DIRECTIVES = """
directive @link(url: String!, import: [String]) repeatable on SCHEMA
directive @key(fields: String!) on OBJECT
directive @shareable on OBJECT
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a subgraph of the law, served in this process on loopback."""
    data: Path = tmp_path_factory.mktemp("subgraph") / "data"
    load(data)
    publish(data)
    endpoint = endpoint_of(Served(Releases(data)), Settings(data=data))
    port = free_port()
    app = Starlette(routes=[Route("/graphql", endpoint)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    with contextlib.ExitStack() as stack:
        stack.callback(thread.join)
        stack.callback(setattr, server, "should_exit", True)
        yield f"http://127.0.0.1:{port}/graphql"


def ask(url: str, query: str, **variables: Any) -> Any:
    """The answer of the server, errors and all."""
    found = httpx.post(url, json={"query": query, "variables": variables})
    assert found.status_code == 200, found.text
    return found.json()


def test_a_gateway_gets_the_schema_with_its_keys(url: str) -> None:
    """Every entity has its key; the fields of a subgraph are not in it."""
    text = ask(url, SERVICE)["data"]["_service"]["sdl"]
    schema = build_ast_schema(parse(text + _DIRECTIVES))
    keyed = {
        node.name.value
        for node in parse(text).definitions
        if isinstance(node, ObjectTypeDefinitionNode)
        and any(each.name.value == "key" for each in node.directives or ())
    }
    union = build_federated()._schema.get_type("_Entity")

    assert text == subgraph()
    assert text.startswith("extend schema @link(")
    assert "_entities" not in text
    assert schema.query_type is not None
    assert "requirements" in schema.query_type.fields
    assert keyed == {each.name for each in union.types}  # type: ignore[union-attr]
    assert len(keyed) == len(set(TYPES.values()))


def test_entities_are_resolved_in_their_order(url: str) -> None:
    """By type and id; what the release does not have is null."""
    gone = mint("instrument", "us-ca", "gone")
    given = [
        {"__typename": "Topic", "id": TOPIC},
        {"__typename": "Instrument", "id": gone},
        {"__typename": "Instrument", "id": "us-ca/ccpa"},
        {"__typename": "Instrument", "id": CCPA},
    ]
    found = ask(url, ENTITIES, r=given)
    topic, none, short, law = found["data"]["_entities"]

    assert "errors" not in found
    assert topic == {"__typename": "Topic", "id": TOPIC, "slug": "appeal"}
    assert none is None
    assert short is None
    assert law["id"] == CCPA
    assert law["jurisdiction"] == {"code": "US-CA"}


@pytest.mark.parametrize(
    "bad",
    [
        {"id": CCPA},
        {"__typename": "Instrument"},
        {"__typename": "Instrument", "id": 7},
        {"__typename": "Query", "id": CCPA},
        {"__typename": ["Instrument"], "id": CCPA},
        {"__typename": "Topic", "id": CCPA},
        "instrument",
        ["x" * 1000],
    ],
)
def test_a_bad_representation_is_an_error_of_its_entry(url: str, bad: Any) -> None:
    """With a code and a place; the others are resolved."""
    found = ask(url, ENTITIES, r=[{"__typename": "Topic", "id": TOPIC}, bad])
    (error,) = found["errors"]

    assert found["data"]["_entities"] == [
        {"__typename": "Topic", "id": TOPIC, "slug": "appeal"},
        None,
    ]
    assert error["path"] == ["_entities", 1]
    assert error["extensions"]["code"] == "bad-representation"
    assert len(error["message"]) < 400


def test_no_gateway_asks_for_too_much_at_once(url: str) -> None:
    """Neither for too many things, nor for too much of each."""
    many = [{"__typename": "Topic", "id": TOPIC}] * (MOST + 1)
    found = ask(url, ENTITIES, r=many)
    assert found["data"] is None
    assert found["errors"][0]["extensions"]["code"] == "bad-representation"

    deep = """query($r: [_Any!]!) { _entities(representations: $r) { ... on Topic {
        requirements { findings(first: 500) { nodes { mappings: document { findings(first: 500) {
            nodes { id } } } } } } } } }"""
    refused = httpx.post(url, json={"query": deep, "variables": {"r": many[:1]}})
    assert refused.json()["errors"][0]["extensions"]["code"] == "cost-limit"


def test_other_questions_are_answered_as_ever(url: str) -> None:
    """The rest of the schema is the same."""
    query = '{ requirements(first: 3) { totalCount nodes { id } } node(id: "topic/appeal") { id } }'
    found = ask(url, query)["data"]
    assert len(found["requirements"]["nodes"]) == 3
    assert found["node"]["id"] == TOPIC


def test_without_the_setting_there_is_no_subgraph() -> None:
    """It is off by default."""
    assert "_entities" not in sdl()
    assert "_Any" not in sdl()
