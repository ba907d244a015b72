"""No SERVICE clause gets past the guard, and what only looks like one does.

Each text in `HIDDEN` is first given to the engine itself, which obeys it: so the canary is seen
to be hit, and the text is seen to be a clause.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyoxigraph import QuerySolutions, Store

from clausegraph.api.sparql_guard import is_volatile, names_dataset, query_form, services
from clausegraph.api.sparql_pool import QueryPool
from tests.sparql_app import Canary, listening, make_app, make_release, numbered, serving

# U is the canary's address. The prefixes are those of PROLOGUE.
PROLOGUE = "PREFIX : <U/> PREFIX e: <http://example.org/> PREFIX service: <U/> "
DATA = "PREFIX e: <http://example.org/> INSERT DATA { e:s e:p 1, true, 'x', e:a.b }"
HIDDEN = [
    "SERVICE <U> { ?s ?p ?o }",
    "service <U> { ?s ?p ?o }",
    "sErViCe<U>{}",
    "SERVICE SILENT <U> { ?s ?p ?o }",
    "SERVICESILENT<U>{}",
    "SERVICE# <http://example.org/>\n<U> {}",
    "SERVICE\r<U>#\r{}",
    "SERVICE :x {}",
    "SERVICE:x{}",
    "SERVICESILENT:x{}",
    "SERVICEservice:x{}",
    "SERVICE :x\\#y {}",
    "{ SERVICE <U> {} } UNION {}",
    "OPTIONAL { SERVICE <U> {} }",
    "FILTER EXISTS { SERVICE <U> {} }",
    "{ SELECT * { SERVICE <U> {} } }",
    "LATERAL { SERVICE <U> {} }",
    "?s ?p trueSERVICE<U>{}",
    "?s ?p 1SERVICE<U>{}",
    "?s ?p 1.SERVICE<U>{}",
    "?s ?p ?o.SERVICE<U>{}",
    "?s ?p e:a.b.SERVICE<U>{}",
    "?s ?p 'x'SERVICE<U>{}",
    "FILTER(1<2)SERVICE<U>{}FILTER(2>1)",
    "FILTER(1<2||'x>y'='') SERVICE <U> {} FILTER('a'!='b')",
    "FILTER(1<2#>'''\n) SERVICE <U> {} #'''\n",
    "VALUES ?v { '''a' } SERVICE <U> {} #\\q'''\n",
    "VALUES ?v { '''a' } SERVICE <U> {} #\\uD800'''\n",
    'VALUES ?v { """a" } SERVICE <U> {} #\\q"""\n',
    "BIND(e:a.\\#b AS ?v) SERVICE <U> {}",
    "BIND(e:a..\\'b AS ?v) SERVICE <U> {} FILTER(''='')",
    "BIND('\\'' AS ?v) SERVICE <U> {} #'\n",
    "BIND(<http://example.org/it's> AS ?v) SERVICE <U> {} #'\n",
    "BIND(<http://example.org/#> AS ?v) SERVICE <U> {}",
]
# SPARQL 1.1 lets codepoint escapes stand anywhere. This engine does not; another might.
ESCAPED = [
    "\\u0053ERVICE <U> {}",
    "\\U00000053ERVICE <U> {}",
    "SER\\u0056ICE SILENT <U> {}",
    "VALUES ?s { '\\u0027 } SERVICE <U> {} #'\n",
    "#\\u000A SERVICE <U> {}\n",
]
HARMLESS = [
    "",
    "# SERVICE <U> {}\n",
    "?s ?p 'SERVICE <U> {}'",
    '?s ?p "SERVICE <U> {}"@en',
    "?s ?p '''it's a SERVICE <U> {}'''",
    '?s ?p """a "SERVICE <U> {}" b"""',
    "?s ?p 'a\\'SERVICE <U> {}'",
    "?s ?service ?o { ?a ?b ?c }",
    "$service ?p ?o",
    "?s ?p <http://example.org/terms-of-service> . ?o ?q ?r",
    "GRAPH <http://example.org/service> { ?s ?p ?o }",
    "?s e:service ?o",
    "?s e:terms-of-service ?o",
    "?s e:terms.service ?o",
    "?s service:x ?o",
    "_:service ?p ?o",
    "?s ?p 'x'@service",
    "BIND(1 AS ?x) # a <b> 'SERVICE'\n",
]


def whole(pattern: str, url: str) -> str:
    """A query around a pattern, with the canary's address."""
    return (
        (PROLOGUE + f"SELECT * {{ {pattern} }}").replace("U/", url + "/").replace("<U>", f"<{url}>")
    )


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    """A server that nobody may ask."""
    with listening() as found:
        yield found


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The SPARQL service over a small release."""
    release = make_release(tmp_path_factory.mktemp("guard"), "r1", numbered(10))
    with serving(make_app(release)) as url:
        yield url


@pytest.mark.parametrize("pattern", HIDDEN)
def test_the_engine_would_obey(pattern: str, canary: Canary) -> None:
    """Without the guard each of these asks the canary."""
    store = Store()
    store.update(DATA)
    before = canary.hits
    result = store.query(whole(pattern, canary.url))
    with contextlib.suppress(OSError):
        for _ in cast("QuerySolutions", result):
            pass

    assert canary.hits > before


@pytest.mark.parametrize("pattern", HIDDEN + ESCAPED)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_service_refuses(pattern: str, method: str, endpoint: str, canary: Canary) -> None:
    """A SERVICE clause is refused with its code, and the canary is never asked."""
    before = canary.hits
    query = {"query": whole(pattern, canary.url)}
    if method == "GET":
        answer = httpx.get(endpoint, params=query)
    else:
        answer = httpx.post(endpoint, data=query)

    assert (answer.status_code, answer.json()["code"]) == (403, "service-refused")
    assert canary.hits == before


@pytest.mark.parametrize("pattern", HARMLESS)
def test_what_only_looks_like_it_is_answered(pattern: str, endpoint: str, canary: Canary) -> None:
    """The word in a comment, a string, an IRI, a variable or a name is no clause."""
    answer = httpx.get(endpoint, params={"query": whole(pattern, canary.url)})

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM <U> { ?s ?p ?o }",
        "SELECT * FROM NAMED <U> { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * FROM <file:///etc/hostname> { ?s ?p ?o }",
        "SELECT * { GRAPH <U> { ?s ?p ?o } }",
        "DESCRIBE <U>",
        "ASK { ?s ?p ?o FILTER(<U>(?s)) }",
    ],
)
def test_no_graph_is_fetched(query: str, endpoint: str, canary: Canary) -> None:
    """A graph that the release does not have is empty, and FROM is told so; nothing is fetched."""
    before = canary.hits
    accept = {"accept": "application/n-triples, application/sparql-results+json"}
    query = query.replace("U", canary.url)
    answer = httpx.get(endpoint, params={"query": query}, headers=accept)

    assert answer.status_code == (400 if "FILTER" in query else 200), answer.text
    assert ("clausegraph-unknown-graphs" in answer.headers) == ("FROM" in query)
    assert "example.org/s" not in answer.text
    assert canary.hits == before


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_no_graph_of_the_protocol_is_fetched(name: str, endpoint: str, canary: Canary) -> None:
    """The same holds for a graph that the protocol names."""
    before = canary.hits
    query = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    answer = httpx.get(endpoint, params={"query": query, name: canary.url})

    assert answer.json()["results"]["bindings"] == []
    assert answer.headers["clausegraph-unknown-graphs"] == f"<{canary.url}>"
    assert canary.hits == before


@pytest.mark.parametrize("body", ["LOAD <U>", "LOAD SILENT <U> INTO GRAPH <U>"])
def test_load_is_refused(body: str, endpoint: str, canary: Canary) -> None:
    """However it is sent."""
    before = canary.hits
    text = body.replace("U", canary.url)
    update = {"content-type": "application/sparql-update"}
    answers = [
        httpx.get(endpoint, params={"query": text}),
        httpx.get(endpoint, params={"update": text}),
        httpx.post(endpoint, data={"update": text}),
        httpx.post(endpoint, content=text, headers=update),
    ]

    assert {answer.json()["code"] for answer in answers} == {"update-refused"}
    assert canary.hits == before


SANDBOXED = """
import sys
from pyoxigraph import Store
from clausegraph.api.sparql_sandbox import deny_network
assert deny_network()
try:
    list(Store().query(f"SELECT * {{ SERVICE <{sys.argv[1]}> {{ ?s ?p ?o }} }}"))
except PermissionError:
    print("refused by the kernel")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
def test_the_second_wall_holds_alone(canary: Canary) -> None:
    """In a worker's sandbox the engine reaches nothing, even where it obeys SERVICE."""
    before = canary.hits
    command = [sys.executable, "-c", SANDBOXED, canary.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.stdout == "refused by the kernel\n", done.stderr
    assert canary.hits == before


def test_an_endpoint_on_the_list_is_asked(tmp_path: Path, canary: Canary) -> None:
    """With an allow-list, SERVICE may name what is on it and nothing else."""
    release = make_release(tmp_path, "r1", numbered(3))
    before = canary.hits
    with serving(make_app(release, lambda: QueryPool(services=[canary.url]))) as url:
        allowed = f"SELECT * {{ SERVICE SILENT <{canary.url}> {{ ?s ?p ?o }} }}"
        assert httpx.get(url, params={"query": allowed}).status_code == 200
        assert canary.hits == before + 1
        for other in (f"<{canary.url}y>", "?v", ":x", "<x>"):
            query = whole(f"SERVICE {other} {{}}", canary.url)
            answer = httpx.get(url, params={"query": query})
            assert answer.json()["code"] == "service-refused"
            assert canary.url in answer.json()["hint"]
        federated = httpx.get(url, headers={"accept": "text/turtle"}).text
    assert "BasicFederatedQuery" in federated
    assert canary.hits == before + 1


PIECES = st.sampled_from(
    [
        *("'", '"', "'''", '"""', "<", ">", "#", "\n", "\\", "\\q", "\\u0027", ".", ":", "e:", "?"),
        *(
            "true",
            "a",
            " ",
            "{",
            "}",
            "(",
            ")",
            "@en",
            "^^",
            "SERVICE",
            "<http://x>",
            "%",
            "-",
            "1",
        ),
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
@example("e:a.\\#b SERVICE <http://x> {}")
def test_any_text_is_read(text: str) -> None:
    """The guard ends on any text, and finds no clause where the letters are missing."""
    found = services(text)

    assert not found or "service" in text.lower()
    query_form(text), names_dataset(text), is_volatile(text)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="'\\\r\n"), max_size=30))
def test_a_string_hides_whatever_it_holds(text: str) -> None:
    """A string without a backslash is a string in every reading."""
    assert services(f"SELECT * {{ ?s ?p '{text}SERVICE <http://x> {{' }}") == []


def test_a_long_gap_hides_nothing() -> None:
    """Space and comments between the word and the address may be of any length."""
    for gap in (" " * 5000, "#" + "x" * 5000 + "\n", "#\n" * 3000):
        assert services(f"SELECT * {{ SERVICE{gap}<http://x>{gap}{{}} }}")


def test_forms() -> None:
    """The form is found behind any prologue."""
    forms = {
        "SELECT * {}": "SELECT",
        "select*{}": "SELECT",
        "SELECTDISTINCT* {}": "SELECT",
        "# SELECT\n ASK {}": "ASK",
        "BASE <http://x/#> PREFIX select: <y> PREFIX : <z>\nCONSTRUCT WHERE {}": "CONSTRUCT",
        "VERSION '1.2' DESCRIBE <x>": "DESCRIBE",
        "PREFIX ask:<x>insert data {}": "UPDATE",
        "CLEAR ALL": "UPDATE",
        "WITH <x> DELETE {} WHERE {}": "UPDATE",
        "": None,
        "SELCT * {}": None,
        "PREFIX x SELECT * {}": None,
    }
    assert {text: query_form(text) for text in forms} == forms


def test_dataset_clauses() -> None:
    """A FROM clause is told from the word in a name, a string or a comment."""
    assert names_dataset("SELECT * FROM <g> {}")
    assert names_dataset("select*from<g>{}")
    assert names_dataset("ASKFROM<g>{}")
    assert names_dataset("PREFIX : <x> SELECT * FROM:g {}")
    assert names_dataset("CONSTRUCT { ?s ?p 'FROM' } FROM NAMED <g> WHERE {}")
    assert not names_dataset("SELECT ?from { ?from e:from 'from' } # FROM <g>")
    assert not names_dataset("PREFIX from: <x> SELECT * { ?s from:g ?o }")


def test_volatile_queries() -> None:
    """What asks for the time or a random value may not be cached."""
    assert is_volatile("SELECT (NOW() AS ?n) {}")
    assert is_volatile("SELECT * { BIND(struuid() AS ?u) }")
    assert not is_volatile("SELECT * { ?s e:known ?o FILTER(?o != 'random') }")
