"""Measure what the nested query costs: compiled, and in the ways in which it is usually answered.

    python -m benchmarks.answers [DATA] [RUNS]

45 provisions with document, platform, mappings, requirements, instruments and jurisdictions, all of
the same release, in turn: the compiled plan; graphql-core over the same entities and resolvers;
DataLoaders over SPARQL with VALUES, one for each level; and the same triples as one SPARQL query
serialised to JSON. Figures are CPU milliseconds of this process, medians of RUNS (default 20).
`compiled` has the pieces that it wrote before (`clausegraph.api.pieces`), `pieces anew` only the
entities, and `nothing kept` is a fresh reader each time, of the store that
the raw query has open as well. Then the same over HTTP on loopback, with `wrk` where it
is installed, as requests a second: answers kept and not kept, one and two workers, and the SPARQL
in one process, as a worker of GraphQL is one, and in the two that a server has by default.
On a machine of two processors `wrk` takes part of what the second worker would: beside each figure
stands how much; the ratio of two workers to one is fair where that is little, answers not kept.

Without DATA the embedded law and demonstration are used.
"""

from __future__ import annotations

import asyncio
import os
import platform
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import strawberry
from pyoxigraph import QueryResultsFormat
from strawberry.dataloader import DataLoader

from benchmarks import aims
from benchmarks.figures import note
from benchmarks.load import Rate, posted, rate, settle
from clausegraph.api import pieces
from clausegraph.api.demonstration import load_demonstration
from clausegraph.api.execution import Executor
from clausegraph.api.graphql_http import today
from clausegraph.api.nodes import Budget, View
from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Reader, predicates
from clausegraph.api.releases import Releases
from clausegraph.api.schema import build
from clausegraph.ontology.iris import NS
from tests.processes import serving

QUERY = """{ provisions(first: 45, asOf: null, filter: { platform: ["inkwarren"] }) { nodes {
  id label normalisedText kind document { id label platform { id label } }
  mappings(asOf: "2026-07-14") { id label relation
    requirement { id label kind jurisdiction { id label }
      instrument { id label title kind jurisdiction { id label } } } } } } }"""
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
P = predicates()
RAW = f"""PREFIX cg: <{NS}>
SELECT * WHERE {{ {{ VALUES ?p {{ %s }}
  ?p {LABEL} ?label ; {P["normalisedText"]} ?text ; {P["segmentKind"]} ?kind ; {P["document"]} ?d .
  ?d {LABEL} ?dl ; {P["platform"]} ?pl . ?pl {LABEL} ?pll }} UNION {{ VALUES ?m {{ %s }}
  ?m {P["provision"]} ?p ; {LABEL} ?ml ; {P["mappingRelation"]} ?rel ; {P["requirement"]} ?r .
  ?r {LABEL} ?rl ; {P["kind"]} ?rk ; {P["jurisdiction"]} ?j ; {P["instrument"]} ?i .
  ?j {LABEL} ?jl . ?i {LABEL} ?il ; {P["title"]} ?it ; {P["instrumentKind"]} ?ik ;
  {P["jurisdiction"]} ?ij . ?ij {LABEL} ?ijl }} }}"""


def raw_of(nodes: list[dict[str, Any]]) -> str:
    """The query for the very triples of an answer."""
    mappings = [each["id"] for node in nodes for each in node["mappings"]]
    lists = ([node["id"] for node in nodes], mappings)
    return RAW % tuple(" ".join(f"<{iri}>" for iri in some) for some in lists)


def cpu(action: Callable[[], Any], runs: int) -> float:
    """The median CPU milliseconds of an action, after one that is not counted."""
    action()
    found = []
    for _ in range(runs):
        start = time.process_time()
        action()
        found.append((time.process_time() - start) * 1000)
    return statistics.median(found)


def fields(value: Any) -> int:
    """How many fields an answer has."""
    if isinstance(value, dict):
        return sum(1 + fields(each) for each in value.values())
    return sum(map(fields, value)) if isinstance(value, list) else 0


def context(reader: Reader) -> dict[str, Any]:
    """What a request brings."""
    return {"view": View(reader, today(), Budget(10**9, time.monotonic() + 600))}


def rows_of(reader: Reader, pattern: str, values: list[str]) -> list[tuple[Any, ...]]:
    """The rows of a level: a query with the values of all parents."""
    nodes = " ".join(f"<{value}>" for value in values)
    text = f"PREFIX cg: <{NS}> SELECT * WHERE {{ VALUES ?s {{ {nodes} }} {pattern} }}"
    found = reader.store.query(text, use_default_graph_as_union=True)
    names = dict.fromkeys(re.findall(r"\?(\w+)", f"?s {pattern}"))
    return [tuple(row[name].value for name in names) for row in found]


def loaders(reader: Reader) -> dict[str, DataLoader[str, Any]]:
    """A DataLoader for each level, over SPARQL with VALUES."""

    def one(pattern: str) -> DataLoader[str, Any]:
        async def batch(keys: list[str]) -> list[Any]:
            known = {row[0]: row for row in rows_of(reader, pattern, keys)}
            return [known.get(key) for key in keys]

        return DataLoader(load_fn=batch)

    def many(pattern: str) -> DataLoader[str, Any]:
        async def batch(keys: list[str]) -> list[Any]:
            known: dict[str, list[Any]] = {key: [] for key in keys}
            for row in rows_of(reader, pattern, keys):
                known[row[0]].append(row)
            return [known[key] for key in keys]

        return DataLoader(load_fn=batch)

    label = f"?s {LABEL} ?l"
    return {
        "provision": one(
            f"{label} ; {P['normalisedText']} ?t ; {P['segmentKind']} ?k ; {P['document']} ?d"
        ),
        "document": one(f"{label} ; {P['platform']} ?p"),
        "named": one(label),
        "mappings": many(
            f"?m {P['provision']} ?s ; a cg:Mapping ; {LABEL} ?l ; {P['mappingRelation']} ?r ; "
            f"{P['requirement']} ?q"
        ),
        "requirement": one(
            f"{label} ; {P['kind']} ?k ; {P['jurisdiction']} ?j ; {P['instrument']} ?i"
        ),
        "instrument": one(
            f"{label} ; {P['title']} ?t ; {P['instrumentKind']} ?k ; {P['jurisdiction']} ?j"
        ),
    }


@strawberry.type
class Named:
    """Something with a label."""

    id: str

    @strawberry.field
    async def label(self, info: strawberry.Info) -> str:
        """From its level's loader."""
        row = await info.context["named"].load(self.id)
        return str(row[1])


@strawberry.type
class LoadedDocument(Named):
    """A document."""

    @strawberry.field
    async def platform(self, info: strawberry.Info) -> Named:
        """Its platform."""
        return Named(id=(await info.context["document"].load(self.id))[2])


@strawberry.type
class LoadedInstrument(Named):
    """An instrument."""

    @strawberry.field
    async def title(self, info: strawberry.Info) -> str:
        """Its title."""
        return str((await info.context["instrument"].load(self.id))[2])

    @strawberry.field
    async def kind(self, info: strawberry.Info) -> str:
        """Its kind."""
        return str((await info.context["instrument"].load(self.id))[3])

    @strawberry.field
    async def jurisdiction(self, info: strawberry.Info) -> Named:
        """Its jurisdiction."""
        return Named(id=(await info.context["instrument"].load(self.id))[4])


@strawberry.type
class LoadedRequirement(Named):
    """A requirement."""

    @strawberry.field
    async def kind(self, info: strawberry.Info) -> str:
        """Its kind."""
        return str((await info.context["requirement"].load(self.id))[2])

    @strawberry.field
    async def jurisdiction(self, info: strawberry.Info) -> Named:
        """Its jurisdiction."""
        return Named(id=(await info.context["requirement"].load(self.id))[3])

    @strawberry.field
    async def instrument(self, info: strawberry.Info) -> LoadedInstrument:
        """Its instrument."""
        return LoadedInstrument(id=(await info.context["requirement"].load(self.id))[4])


@strawberry.type
class LoadedMapping:
    """A mapping, read with its provision's."""

    id: str
    label: str
    relation: str
    about: strawberry.Private[str]

    @strawberry.field
    def requirement(self) -> LoadedRequirement:
        """Its requirement."""
        return LoadedRequirement(id=self.about)


@strawberry.type
class LoadedProvision(Named):
    """A provision."""

    @strawberry.field
    async def normalised_text(self, info: strawberry.Info) -> str:
        """Its words."""
        return str((await info.context["provision"].load(self.id))[2])

    @strawberry.field
    async def kind(self, info: strawberry.Info) -> str:
        """Its kind."""
        return str((await info.context["provision"].load(self.id))[3])

    @strawberry.field
    async def document(self, info: strawberry.Info) -> LoadedDocument:
        """Its document."""
        return LoadedDocument(id=(await info.context["provision"].load(self.id))[4])

    @strawberry.field
    async def mappings(self, info: strawberry.Info) -> list[LoadedMapping]:
        """Its mappings."""
        rows = await info.context["mappings"].load(self.id)
        return [
            LoadedMapping(id=r[1], label=r[2], relation=r[3], about=r[4])
            for r in rows
            if r[1] in info.context["asked"]
        ]


@strawberry.type
class LoadedQuery:
    """Root."""

    @strawberry.field
    def provisions(self, info: strawberry.Info) -> list[LoadedProvision]:
        """Those that the other side's page has."""
        return [LoadedProvision(id=iri) for iri in info.context["iris"]]


LOADED = """{ provisions { id label normalisedText kind document { id label platform { id label } }
  mappings { id label relation requirement { id label kind jurisdiction { id label }
    instrument { id label title kind jurisdiction { id label } } } } } }"""


def in_process(release: Any, runs: int) -> dict[str, float]:
    """CPU milliseconds of each way."""
    executor, reader = Executor(build()), Reader(release)
    prepared = executor.prepare(QUERY)
    outcome = executor.execute(prepared, None, context(reader))
    assert outcome.compiled, outcome.errors
    answer = orjson.loads(outcome.data or b"")
    iris = [node["id"] for node in answer["provisions"]["nodes"]]
    print(f"{fields(answer)} fields, {len(outcome.data or b'')} bytes, {len(iris)} provisions")
    raw = raw_of(answer["provisions"]["nodes"])
    asked = {each["id"] for node in answer["provisions"]["nodes"] for each in node["mappings"]}
    schema = strawberry.Schema(LoadedQuery)

    def loaded() -> None:
        given = loaders(reader) | {"iris": iris, "asked": asked}
        found = asyncio.run(schema.execute(LOADED, context_value=given))
        assert not found.errors, found.errors
        orjson.dumps(found.data)

    def anew() -> None:
        pieces.forget(reader)
        executor.execute(prepared, None, context(reader))

    def cold() -> None:
        executor.execute(prepared, None, context(Reader(release, reader.store)))

    return {
        "compiled": cpu(lambda: executor.execute(prepared, None, context(reader)), runs * 5),
        "graphql-core": cpu(lambda: executor.reference(prepared, None, context(reader)), runs),
        "DataLoaders": cpu(loaded, runs),
        "raw SPARQL JSON": cpu(
            lambda: reader.store.query(raw, use_default_graph_as_union=True).serialize(
                format=QueryResultsFormat.JSON
            ),
            runs,
        ),
        "compiled, pieces anew": cpu(anew, runs),
        "compiled, nothing kept": cpu(cold, runs),
    }


def over_http(data: Path, release: Any) -> dict[str, Rate]:
    """Requests a second, once the server's own indexing is done."""
    reader = Reader(release)
    outcome = Executor(build()).execute(Executor(build()).prepare(QUERY), None, context(reader))
    nodes = orjson.loads(outcome.data or b"")["provisions"]["nodes"]
    raw = raw_of(nodes)
    asked = posted(orjson.dumps({"query": QUERY}), "application/json")
    sparql = posted(f"query={quote(raw)}".encode(), "application/x-www-form-urlencoded")
    free = {"rate": 0, "sparql_seconds": 60, "queue": 1000, "patience": 30}
    found = {}
    for workers in (1, 2):
        for name, kept in (("kept", 64_000_000), ("not kept", 1)):
            with serving(data, "--workers", str(workers), answer_bytes=kept, **free) as (url, _):
                settle(url, workers)
                found[f"GraphQL, answers {name}, {workers}"] = rate(f"{url}/graphql", asked)
    for processes in (1, 2):
        with serving(data, sparql_workers=processes, **free) as (url, _):
            settle(url, 1)
            found[f"SPARQL JSON, {processes}"] = rate(f"{url}/sparql", sparql, 16)
    return found


def main(given: list[str]) -> None:
    """Measure and print."""
    runs = int(given[1]) if len(given) > 1 else 20
    with tempfile.TemporaryDirectory() as folder:
        data = Path(given[0]) if given else Path(folder)
        if not given:
            load(data)
            load_demonstration(data)
            publish(data)
        release = Releases(data).current()
        print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()},")
        print(", ".join(f"{each} {version(each)}" for each in ("graphql-core", "pyoxigraph")))
        found = in_process(release, runs)
        base = found["compiled"]
        for name, value in found.items():
            print(f"{name:28}{value:10.2f} ms CPU {value / base:8.1f} times the compiled")
        cold = found["compiled, nothing kept"] / found["raw SPARQL JSON"]
        print(f"nothing kept against raw: {cold:.2f}")
        served = over_http(data, release) if shutil.which("wrk") else {}
        note(*aims.answers(found, {name: each.requests for name, each in served.items()}))
        if served:
            base = served["SPARQL JSON, 2"].requests
            for name, each in served.items():
                print(f"{name:28}{each.requests:10.0f} requests/s {each.requests / base:8.1f} times "
                      f"SPARQL in two processes; wrk itself took {each.taken:.2f} processors")  # fmt: skip
            for kept in ("kept", "not kept"):
                one, two = (served[f"GraphQL, answers {kept}, {each}"].requests for each in (1, 2))
                print(f"two workers against one, answers {kept}: {two / one:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
