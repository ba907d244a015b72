"""Every IRI of ours can be asked for, and says the same in every form."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import Graph
from starlette.testclient import TestClient

from clausegraph.api import jsonld
from clausegraph.api.app import create_app
from clausegraph.api.dataset import DATASET, GRAPH
from clausegraph.api.formats import HTML, RDF_XML, REPRESENTATIONS, TURTLE
from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Reader, keys
from clausegraph.api.releases import Releases
from clausegraph.api.representations import ONTOLOGY, ordered, triples
from clausegraph.api.settings import Settings
from clausegraph.api.sites import Site
from clausegraph.ontology.context import context
from clausegraph.ontology.context import text as context_text
from clausegraph.ontology.iris import ID, PREFIXES, graph, mint
from clausegraph.ontology.terms import quads as ontology_quads

ROOT = ID.removesuffix("id/")
NPA = "/id/instrument/xx-north/npa"
RDF_FORMS = [form for form in REPRESENTATIONS if form is not HTML]
RDFLIB_NAMES = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml"}
XSD = PREFIXES["xsd"]


@pytest.fixture(scope="session")
def site(reader: Reader, data: Path) -> Site:
    """The published law at the address of the test client."""
    return Site(reader, Releases(data), "http://testserver")


@pytest.fixture(scope="session")
def iris(reader: Reader) -> list[str]:
    """Every IRI of the graph: subjects below ``/id/``, named graphs, the descriptions' nodes."""
    quads = reader.store.quads_for_pattern(None, None, None, None)
    found = {str(quad.subject).strip("<>") for quad in quads}
    own = {iri for iri in found if iri.startswith(ID)} | set(reader.release.graphs)
    return sorted(own | {ONTOLOGY, DATASET, GRAPH, mint("release", reader.release.id)})


def path_of(iri: str) -> str:
    """The path at which this server describes an IRI."""
    return "/" + iri.removeprefix(ROOT)


def by_oxigraph(body: bytes, form: RdfFormat) -> set[Triple]:
    """Triples of a document, read by pyoxigraph."""
    return {quad.triple for quad in parse(body, form)}


def by_rdflib(body: bytes, name: str) -> set[Triple]:
    """Triples of a document, read by rdflib."""
    lines = Graph().parse(data=body, format=RDFLIB_NAMES[name]).serialize(format="nt")
    return by_oxigraph(lines.encode(), RdfFormat.N_TRIPLES)


def by_tool(command: list[str], body: bytes, path: Path) -> set[Triple]:
    """Triples of a document, read by a program of others that prints N-Triples."""
    path.write_bytes(body)
    done = subprocess.run([*command, str(path)], capture_output=True, check=True)
    return by_oxigraph(done.stdout, RdfFormat.N_TRIPLES)


def test_every_iri_says_the_same_in_every_form(
    client: TestClient, site: Site, iris: list[str]
) -> None:
    """Each form of each IRI holds exactly the triples of the release."""
    assert len(iris) > 350
    for iri in iris:
        expected = set(triples(site, iri))
        assert expected, iri
        for form in RDF_FORMS:
            answer = client.get(path_of(iri), headers={"Accept": form.media_type})
            assert answer.status_code == 200, iri
            assert form.rdf is not None
            assert by_oxigraph(answer.content, form.rdf) == expected, (iri, form)


def test_an_independent_parser_agrees(client: TestClient, site: Site, iris: list[str]) -> None:
    """The parser of rdflib reads the same triples; every tenth concept stands for the rest."""
    rare = [iri for iri in iris if f"{ID}graph/" not in iri and iri != ONTOLOGY]
    for iri in [*rare[::10], ONTOLOGY, DATASET, graph("law/xx-north/npa")]:
        for form in RDF_FORMS:
            body = client.get(path_of(iri), params={"format": form.name}).content
            assert by_rdflib(body, form.name) == set(triples(site, iri)), (iri, form)


@pytest.mark.parametrize("form", [TURTLE, RDF_XML], ids=lambda form: form.name)
def test_command_line_parsers_agree(
    form: object, client: TestClient, site: Site, tmp_path: Path
) -> None:
    """`rapper` and `serdi`, where they are installed, read the same triples."""
    assert form in (TURTLE, RDF_XML)
    commands = [["rapper", "-q", "-i", "turtle" if form is TURTLE else "rdfxml", "-o", "ntriples"]]
    commands += [["serdi", "-i", "turtle", "-o", "ntriples"]] if form is TURTLE else []
    found = [command for command in commands if shutil.which(command[0])]
    if not found:
        pytest.skip("neither rapper nor serdi is installed")
    for iri in (ONTOLOGY, DATASET, graph("law/xx-north/npa"), mint("topic", "cure")):
        body = client.get(path_of(iri), headers={"Accept": form.media_type}).content
        for command in found:
            assert by_tool(command, body, tmp_path / "body") == set(triples(site, iri)), command


def test_ontology_is_served_whole(client: TestClient) -> None:
    """`/ns` holds every statement of the vocabulary, the closed lists and the alignments."""
    found = by_oxigraph(client.get("/ns.nt").content, RdfFormat.N_TRIPLES)

    assert found == {quad.triple for quad in ontology_quads()}


def test_named_graph_is_served_whole(client: TestClient, reader: Reader) -> None:
    """The IRI of a named graph leads to as many triples as the release counts in it."""
    for iri, (_, count) in reader.release.graphs.items():
        body = client.get(path_of(iri), params={"format": "nt"}).content
        assert len(by_oxigraph(body, RdfFormat.N_TRIPLES)) == count, iri


def test_jsonld_carries_its_context(client: TestClient) -> None:
    """A document uses our keys, defines each as the context does, and needs no network."""
    document = client.get(NPA + ".jsonld").json()
    inline = document.pop("@context")
    whole = context()["@context"]

    assert document["id"] == mint("instrument", "xx-north", "npa")
    assert document["type"] == "Instrument"
    assert document["neighbour"] is False
    assert document["enacted"] == "2021-03-01"
    assert document["regime"] == mint("regime", "xx-north", "npa")
    assert {key: whole[key] for key in inline} == inline
    assert document.keys() <= inline.keys()
    assert client.get("/ns/context.jsonld").text == context_text()
    assert client.get("/ns/context.jsonld").headers["content-type"] == "application/ld+json"


LITERALS = st.one_of(
    st.builds(Literal, st.text(st.characters(exclude_categories=["Cs"]))),
    st.builds(Literal, st.text("aé😀\\\"'\n"), language=st.sampled_from(["en", "de-at"])),
    st.builds(
        lambda text, kind: Literal(text, datatype=NamedNode(XSD + kind)),
        st.sampled_from(["1", "-0", "007", "true", "1.50", "2026-01-01", "x", "9" * 20, "٣"]),
        st.sampled_from(["integer", "boolean", "decimal", "date", "string", "anyURI", "int"]),
    ),
)
OBJECTS = LITERALS | st.sampled_from(["topic/cure", "a/b%3Ac"]).map(lambda p: NamedNode(ID + p))
PREDICATES = st.sampled_from([*sorted(keys()), "http://example.org/p", "urn:p"]).map(NamedNode)
SUBJECTS = st.sampled_from([NamedNode(ID + "a/b"), NamedNode(ID + "a/c")])


@given(st.sets(st.builds(Triple, SUBJECTS, PREDICATES, OBJECTS), min_size=1, max_size=8))
def test_jsonld_gives_back_what_it_was_given(found: set[Triple]) -> None:
    """Whatever stands under whatever key, the document holds the same triples."""
    body = jsonld.document(ordered(found))

    assert by_oxigraph(body, RdfFormat.JSON_LD) == found


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/html"),
        ("*/*", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/turtle", "text/turtle"),
        ("text/turtle;q=0.5, application/ld+json;q=0.9", "application/ld+json"),
        ("text/html;q=0.1, application/n-triples", "application/n-triples"),
        ("application/rdf+xml, */*;q=0.1", "application/rdf+xml"),
        ("image/png, text/*;q=0.3, text/html;q=0", "text/turtle"),
    ],
)
def test_accept_decides(client: TestClient, accept: str | None, media_type: str) -> None:
    """The form with the highest quality is sent, the page where nothing is preferred."""
    request = client.build_request("GET", NPA)
    del request.headers["accept"]
    request.headers |= {} if accept is None else {"Accept": accept}
    answer = client.send(request)

    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert answer.headers["vary"].split(", ")[0] == "Accept"


def test_suffix_and_parameter_win_over_accept(client: TestClient) -> None:
    """`?format=` goes before a suffix, a suffix before Accept; each form has an address."""
    for form in REPRESENTATIONS:
        by_suffix = client.get(f"{NPA}.{form.name}", headers={"Accept": "text/turtle"})
        by_name = client.get(f"{NPA}.ttl", params={"format": form.name})
        assert by_suffix.headers["content-type"].startswith(form.media_type)
        assert by_suffix.content == by_name.content
        assert by_suffix.headers["content-location"] == f"{NPA}.{form.name}"


def test_what_is_not_on_offer_is_refused(client: TestClient) -> None:
    """An impossible Accept is a 406, an unknown format a 400; both name what there is."""
    refused = client.get(NPA, headers={"Accept": "image/png"})
    unknown = client.get(NPA, params={"format": "csv"})
    twice = client.get(NPA + "?format=ttl&format=nt")
    suffix = client.get("/ns.csv")

    assert (refused.status_code, refused.json()["code"]) == (406, "not-acceptable")
    assert (unknown.status_code, unknown.json()["code"]) == (400, "bad-parameter")
    assert (twice.status_code, twice.json()["code"]) == (400, "bad-parameter")
    assert (suffix.status_code, suffix.json()["code"]) == (404, "not-found")
    for answer in (refused, unknown, suffix):
        assert all(form.media_type in answer.json()["hint"] for form in REPRESENTATIONS)
    assert refused.headers["content-type"] == "application/problem+json"
    assert "jsonld" in refused.headers["link"]


def test_entity_tags_spare_a_second_transfer(client: TestClient, reader: Reader) -> None:
    """Each form has its own tag, which names the release; a client that has it gets 304."""
    tags = {}
    for form in REPRESENTATIONS:
        answer = client.get(NPA, params={"format": form.name})
        tags[form.name] = answer.headers["etag"].removeprefix("W/")  # packed answers have weak ones
        for sent in (tags[form.name], f'"other", W/{tags[form.name]}', "*"):
            again = client.get(NPA, params={"format": form.name}, headers={"If-None-Match": sent})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tags[form.name]
            assert again.headers["vary"].split(", ")[0] == "Accept"
    other = client.get(NPA, headers={"If-None-Match": tags["ttl"]})

    assert len(set(tags.values())) == len(REPRESENTATIONS)
    assert all(reader.release.id in tag for tag in tags.values())
    assert other.status_code == 200


def test_links_lead_to_the_other_forms(client: TestClient) -> None:
    """The Link header names every form with its type, and the IRI that they describe."""
    links = httpx.Response(200, headers=client.get(NPA).headers).links
    header = client.get(NPA).headers["link"]

    for form in REPRESENTATIONS:
        assert f'<{NPA}.{form.name}>; rel="alternate"; type="{form.media_type}"' in header
    assert links["describes"]["url"] == mint("instrument", "xx-north", "npa")


def test_head_is_get_without_a_body(client: TestClient) -> None:
    """HEAD has the headers of GET, the length included."""
    for path in (NPA, "/ns", "/ns/context.jsonld", "/", "/coverage", "/id/dataset"):
        plain = {"accept-encoding": "identity"}
        get, head = client.get(path, headers=plain), client.head(path, headers=plain)
        assert (head.status_code, head.content) == (200, b"")
        changing = ("x-request-id", "ratelimit")
        told = [
            [(k, v) for k, v in each.headers.items() if k not in changing] for each in (head, get)
        ]
        assert told[0] == told[1]


def test_percent_encoding_leads_back_to_the_very_iri(client: TestClient) -> None:
    """A path is the IRI's own spelling; another spelling of the same steps finds it, too."""
    iri = mint("section", "xx-north", "npa", "12:7", "b", "1")
    assert "%3A" in iri
    for path in (path_of(iri), unquote(path_of(iri)), path_of(iri) + ".nt"):
        answer = client.get(path, headers={"Accept": "application/n-triples"})
        subjects = {t.subject for t in by_oxigraph(answer.content, RdfFormat.N_TRIPLES)}
        assert subjects == {NamedNode(iri)}
        assert answer.headers["content-location"] == path_of(iri) + ".nt"


def test_encoded_slash_is_not_a_step(client: TestClient) -> None:
    """A slash that is part of a name does not find what the same letters find as steps."""
    assert client.get("/id/instrument/xx-north%2Fnpa").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/id/",
        "/id/instrument",
        "/id/Instrument/xx-north/npa",
        "/id/instrument/xx-north/npa/",
        "/id/instrument//npa",
        "/id/instrument/xx-north/np%FF",
        "/id/instrument/xx-north/npa.pdf",
        "/id/instrument/xx-north/" + "a" * 2000,
        "/id/release/..%2F..%2Fetc",
        "/id/release/%00",
        "/id/release/0000000000000000",
        "/id/release/",
        "/id/dataset/class/cg:Nothing",
        "/ns/9.9.9",
    ],
)
def test_what_is_not_there_is_a_problem_document(client: TestClient, path: str) -> None:
    """An address without anything is a 404 with a code and advice, whatever was sent."""
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not-found"
    assert answer.json()["hint"]


def test_near_matches_are_named(client: TestClient) -> None:
    """An address misspelled at its end, in its middle or at its start names the one meant."""
    for path in (
        "requirement/xx-north/npa/right-to-delet",
        "requirement/north/npa/right-to-delete",
    ):
        assert "/id/requirement/xx-north/npa/right-to-delete" in advice(client, path)
    assert "/id/instrument/xx-north/npa-rules" in advice(client, "aastrument/xx-north/npa-rules")


def advice(client: TestClient, path: str) -> str:
    """The hint of a problem document."""
    return str(client.get(f"/id/{path}").json()["hint"])


def test_lookup_leads_from_an_iri_to_its_address(client: TestClient) -> None:
    """The look-up endpoint of the description redirects to pages that are there."""
    for iri in (ROOT + NPA[1:], ONTOLOGY, ONTOLOGY + "#Power", DATASET):
        answer = client.get("/lookup", params={"uri": iri})
        assert (answer.status_code, answer.headers["location"]) == (303, path_of(iri))
        assert client.get(answer.headers["location"]).status_code == 200
    assert client.get("/lookup").json()["code"] == "bad-parameter"
    assert client.get("/lookup", params={"uri": "https://evil.example/"}).status_code == 404
    assert client.get("/.well-known/void").headers["location"] == "/id/dataset"


def test_data_set_describes_itself_with_true_counts(client: TestClient, reader: Reader) -> None:
    """Triples, classes and properties are counted as SPARQL counts them; its links are alive."""
    found = Graph().parse(data=client.get("/id/dataset.ttl").content, format="turtle")
    prologue = "PREFIX v: <http://rdfs.org/ns/void#> "
    parts = {
        "class": ("entities", "SELECT ?x (COUNT(?s) AS ?n) { ?s a ?x } GROUP BY ?x"),
        "property": ("triples", "SELECT ?x (COUNT(?s) AS ?n) { ?s ?x ?o } GROUP BY ?x"),
    }
    for kind, (count, query) in parts.items():
        told = found.query(f"{prologue} SELECT ?x ?n {{ ?p v:{kind} ?x ; v:{count} ?n }}")
        real = client.get("/sparql", params={"query": query, "format": "json"}).json()
        counted = {(b["x"]["value"], b["n"]["value"]) for b in real["results"]["bindings"]}
        assert {tuple(map(str, row)) for row in told} == counted  # type: ignore[arg-type]
    links = "{ ?s v:dataDump|v:sparqlEndpoint|<http://www.w3.org/ns/dcat#endpointURL> ?x }"
    addresses = [str(row[0]) for row in found.query(f"{prologue} SELECT DISTINCT ?x {links}")]  # type: ignore[index]
    assert len(addresses) == 7
    for address in addresses:
        assert client.get(address, follow_redirects=True).status_code == 200, address


def test_data_set_and_services_lead_to_each_other(client: TestClient, reader: Reader) -> None:
    """In DCAT, both ways, down to the endpoint's own description; with the day of the release."""
    found = Graph().parse(data=client.get("/id/dataset.ttl").content, format="turtle")
    found.parse(data=client.get("/sparql", headers={"accept": "text/turtle"}).content)
    there = """PREFIX d: <http://www.w3.org/ns/dcat#> PREFIX t: <http://purl.org/dc/terms/>
        SELECT ?url ?day { ?set a d:Dataset ; t:modified ?day ; d:distribution ?way .
        ?way d:accessURL ?url ; d:accessService ?service .
        ?service a d:DataService ; d:servesDataset ?set ;
            d:endpointURL ?url ; d:endpointDescription ?url }"""
    itself = """PREFIX d: <http://www.w3.org/ns/dcat#>
        PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
        SELECT ?url { ?service a sd:Service, d:DataService ; d:servesDataset ?set ;
            sd:endpoint ?url ; d:endpointURL ?url . ?set a d:Dataset }"""
    rows = sorted(tuple(map(str, row)) for row in found.query(there))  # type: ignore[arg-type]
    day = reader.release.published[:10]

    assert rows == [(f"http://testserver/{name}", day) for name in ("graphql", "sparql")]
    assert [str(row[0]) for row in found.query(itself)] == ["http://testserver/sparql"]  # type: ignore[index]


def test_release_lists_its_graphs(client: TestClient, reader: Reader) -> None:
    """A release has its day, and the digest and size of every graph."""
    release = reader.release
    found = by_oxigraph(client.get(f"/id/release/{release.id}.nt").content, RdfFormat.N_TRIPLES)
    texts = {(t.predicate.value, t.object.value) for t in found if isinstance(t.object, Literal)}

    assert (PREFIXES["dcterms"] + "issued", release.published) in texts
    for sha, count in release.graphs.values():
        assert (PREFIXES["dcterms"] + "identifier", f"sha256:{sha}") in texts
        assert (PREFIXES["void"] + "triples", str(count)) in texts


def test_version_of_the_ontology_is_served(client: TestClient) -> None:
    """The version IRI of the ontology leads to it."""
    answer = client.get("/ns/0.1.0", headers={"Accept": "text/turtle"})

    assert answer.content == client.get("/ns.ttl").content


def test_new_release_changes_answers_and_tags(sources: Path, tmp_path: Path) -> None:
    """A server that has moved on answers from the new release, and still knows the old one."""
    law = tmp_path / "law"
    shutil.copytree(sources, law)
    load(tmp_path / "data", law)
    old = publish(tmp_path / "data")
    app = create_app(Settings(data=tmp_path / "data"))
    client = TestClient(app)
    first = client.get(NPA + ".ttl")
    file = law / "xx-north" / "npa.yaml"
    file.write_text(file.read_text().replace("Northland Privacy Act of 2021", "Another title"))
    load(tmp_path / "data", law)
    new = publish(tmp_path / "data")
    assert app.state.served.move()
    second = client.get(NPA + ".ttl", headers={"If-None-Match": first.headers["etag"]})

    assert old.id != new.id
    assert second.status_code == 200
    assert b"Another title" in second.content
    assert client.get(f"/id/release/{old.id}").status_code == 200
    assert old.id not in client.get("/id/dataset.nt").text


def test_only_releases_are_read_from_disk(data: Path, tmp_path: Path) -> None:
    """A path that leads out of the folder of releases finds nothing, whatever lies there."""
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    own = Releases(copy).current().id
    shutil.copytree(copy / "releases" / own, copy / "elsewhere")
    client = TestClient(create_app(Settings(data=copy)))

    assert client.get(f"/id/release/{own}").status_code == 200
    assert client.get("/id/release/..%2Felsewhere").status_code == 404


def test_hostile_host_names_make_no_description(client: TestClient) -> None:
    """A Host header that is no host name is left out of the description."""
    answer = client.get("/id/dataset.nt", headers={"Host": "a>b<c"})

    assert answer.status_code == 200
    assert "a>b" not in answer.text
    assert "dataDump" not in answer.text
