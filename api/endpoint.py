"""Read a release from a SPARQL 1.1 endpoint over HTTP, with standard queries alone.

Every query names graphs with `GRAPH ?g`, so that it means the same whatever the endpoint's default
graph is; values are given in lists of at most `AT_ONCE`, and there is no OPTIONAL around several
patterns: engines take hundreds of times longer for either. A query that fails for a reason that
passes is sent again, later each time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import orjson
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from clausegraph.api.source import node_of
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.errors import ClausegraphError

AT_ONCE = 400
"""How many values stand in one query."""
TRIES = 3
PASSING = (429, 502, 503, 504)
"""Statuses of what passes by itself."""
_XSD = "http://www.w3.org/2001/XMLSchema#"
_JSON = "application/sparql-results+json"


class EndpointError(ClausegraphError):
    """A SPARQL endpoint is not there, refuses, is too slow, or answers what cannot be read."""

    code = "endpoint-failed"


class EndpointSource:
    """The graphs of an endpoint. Threads may share it."""

    def __init__(
        self, url: str, user: str = "", password: str = "", token: str = "", seconds: float = 30.0
    ) -> None:
        """Connect when first asked; with a name and password, or a bearer token, where given."""
        self.url = url
        headers = {"Accept": _JSON, "User-Agent": "clausegraph"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.client = httpx.Client(
            headers=headers,
            auth=(user, password) if user else None,
            timeout=httpx.Timeout(seconds, connect=5.0),
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=16),
            follow_redirects=False,
        )

    def __del__(self) -> None:
        """Close the connections: what is left to the collector is warned of."""
        self.client.close()

    def select(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query: terms by variable, those without a value left out.

        Raises `EndpointError`.
        """
        try:
            rows = orjson.loads(self._post(query))["results"]["bindings"]
            return [{name: _term(value) for name, value in row.items()} for row in rows]
        except (KeyError, TypeError, ValueError) as error:
            raise self._failed(f"its answer cannot be read: {error}") from error

    def _post(self, query: str) -> bytes:
        """The body of an answer; tried again where what stands in the way may pass."""
        for attempt in range(1, TRIES + 1):
            last = attempt == TRIES
            try:
                answer = self.client.post(self.url, data={"query": query})
            except httpx.TransportError as error:
                if last:
                    raise self._failed(str(error) or type(error).__name__) from error
            else:
                if answer.status_code == 200:
                    return answer.content
                if last or answer.status_code not in PASSING:
                    raise self._failed(f"it answers {answer.status_code}: {answer.text[:200]}")
            time.sleep(0.2 * 2**attempt)
        raise self._failed("it does not answer")

    def _failed(self, why: str) -> EndpointError:
        return EndpointError(
            f"the SPARQL endpoint {self.url} fails: {why}",
            hint="Look whether it runs, whether it may be asked, and whether it has the release.",
            value=self.url,
        )

    def quads_for_pattern(
        self, subject: Any, predicate: Any, object: Any, graph_name: Any = None
    ) -> Iterator[Quad]:
        """The quads that fit; where nothing is given but a graph, all of it."""
        given = {"s": subject, "p": predicate, "o": object, "g": graph_name}
        words = {name: f"?{name}" if term is None else str(term) for name, term in given.items()}
        asked = " ".join(f"?{name}" for name, term in given.items() if term is None) or "(1 AS ?x)"
        pattern = f"GRAPH {words['g']} {{ {words['s']} {words['p']} {words['o']} }}"
        for row in self.select(f"SELECT {asked} WHERE {{ {pattern} }}"):
            terms = [row.get(name) if term is None else term for name, term in given.items()]
            found: Any = terms
            yield Quad(*found)

    def named_graphs(self) -> Iterator[Any]:
        """The names of the graphs that hold anything."""
        yield from self.graphs()

    def graphs(self) -> dict[NamedNode, int]:
        """The number of triples of each graph that is one of ours or of any: by its name."""
        text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        return {row["g"]: int(row["n"].value) for row in self.select(text)}

    def describe(self, iris: Sequence[str]) -> dict[str, list[Quad]]:
        """Everything that is said of some things, some hundreds in a query."""
        found: dict[str, list[Quad]] = {}
        for values in _lists(iris):
            text = (
                f"SELECT ?s ?p ?o ?g WHERE {{ VALUES ?s {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }}"
            )
            for row in self.select(text):
                quad = Quad(row["s"], row["p"], row["o"], row["g"])
                found.setdefault(iri_of(row["s"]), []).append(quad)
        return found

    def referrers(self, iris: Sequence[str], predicate: NamedNode) -> dict[str, list[str]]:
        """What points at some things by a property, some hundreds in a query."""
        found: dict[str, set[str]] = {iri: set() for iri in iris}
        for values in _lists(iris):
            pattern = f"GRAPH ?g {{ ?s {predicate} ?o }}"
            text = f"SELECT DISTINCT ?s ?o WHERE {{ VALUES ?o {{ {values} }} {pattern} }}"
            for row in self.select(text):
                found[iri_of(row["o"])].add(iri_of(row["s"]))
        return {iri: sorted(some) for iri, some in found.items()}

    def query(self, query: str, **options: Any) -> Any:
        """The rows of a SPARQL query of somebody else's; its default graph is the endpoint's."""
        return self.select(query)


def _lists(iris: Sequence[str]) -> Iterator[str]:
    """The values of queries, as SPARQL writes them; what is no IRI names nothing."""
    nodes = [str(node) for iri in dict.fromkeys(iris) if (node := node_of(iri)) is not None]
    return (" ".join(nodes[at : at + AT_ONCE]) for at in range(0, len(nodes), AT_ONCE))


def _term(value: dict[str, str]) -> NamedNode | BlankNode | Literal:
    """A term of the results in JSON; engines write booleans and types in ways of their own."""
    kind, text = value["type"], value["value"]
    if kind == "uri":
        return NamedNode(text)
    if kind == "bnode":
        return BlankNode(text.removeprefix("_:").replace(":", "-").replace("/", "-"))
    if language := value.get("xml:lang"):
        return Literal(text, language=language)
    datatype = value.get("datatype", _XSD + "string")
    if datatype == _XSD + "boolean":
        text = {"1": "true", "0": "false"}.get(text, text)
    return Literal(text, datatype=NamedNode(datatype))
