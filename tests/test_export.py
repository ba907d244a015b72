"""A whole release can be taken away, and nothing is lost or added on the way."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse
from rdflib import Dataset, Graph
from starlette.testclient import TestClient

from clausegraph.api.dataset import DATASET, GRAPH, LICENCE, describe
from clausegraph.api.export import UnknownFormatError, export
from clausegraph.api.formats import DUMPS
from clausegraph.api.reader import Reader
from clausegraph.api.releases import identify
from clausegraph.api.store import digest
from clausegraph.ontology.iris import PREFIXES


def exported(reader: Reader, name: str) -> bytes:
    """A release in a form."""
    out = io.BytesIO()
    export(reader.release, name, out)
    return out.getvalue()


def expected(reader: Reader) -> set[Quad]:
    """Everything that an export holds: the release, and its description in a graph of its own."""
    return {*reader.store.quads_for_pattern(None, None, None, None), *describe(reader)}


@pytest.mark.parametrize("name", DUMPS)
def test_export_holds_the_release_and_its_description(reader: Reader, name: str) -> None:
    """Every form reads back as the quads of the release, or as their union where it has no graphs."""
    form = DUMPS[name].rdf
    assert form is not None
    found = set(parse(exported(reader, name), form))

    if name in ("turtle", "ntriples"):
        assert {quad.triple for quad in found} == {quad.triple for quad in expected(reader)}
    else:
        assert found == expected(reader)


def test_independent_parser_reads_every_form(reader: Reader) -> None:
    """rdflib finds as many triples in each graph of each form."""
    sizes = {iri: count for iri, (_, count) in reader.release.graphs.items()}
    sizes[GRAPH] = len(describe(reader))
    for name, form in (("nquads", "nquads"), ("trig", "trig"), ("jsonld", "json-ld")):
        found = Dataset()
        found.parse(data=exported(reader, name), format=form)
        graphs = {str(g.identifier): len(g) for g in found.graphs() if len(g)}
        assert graphs == sizes, name
    for name, form in (("turtle", "turtle"), ("ntriples", "nt")):
        assert len(Graph().parse(data=exported(reader, name), format=form)) == sum(sizes.values())


def test_nquads_bring_back_the_release(reader: Reader) -> None:
    """Read into an empty store, the data graphs have the digests and so the id of the release."""
    store = Store()
    store.bulk_load(exported(reader, "nquads"), RdfFormat.N_QUADS)
    graphs = {
        name.value: digest(store.quads_for_pattern(None, None, None, name))
        for name in store.named_graphs()
        if isinstance(name, NamedNode) and name.value != GRAPH
    }

    assert graphs == dict(reader.release.graphs)
    assert identify(graphs) == reader.release.id


@pytest.mark.parametrize("name", DUMPS)
def test_two_exports_are_equal_byte_by_byte(reader: Reader, data: Path, name: str) -> None:
    """Neither the time, nor the process, nor its hash seed shows in an export."""
    command = [sys.executable, "-m", "clausegraph.api", "export", "--data", str(data)]
    done = subprocess.run(
        [*command, "--format", name],
        capture_output=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PATH": ""},
    )

    assert done.stdout == exported(reader, name)


def test_lines_are_in_order(reader: Reader) -> None:
    """Graphs follow in the order of their IRIs, and subjects within them, so that a diff is short."""
    quads = list(parse(exported(reader, "nquads"), RdfFormat.N_QUADS))
    places = [(str(q.graph_name).strip("<>"), str(q.subject).strip("<>")) for q in quads]

    assert places == sorted(places)


def test_metadata_names_licence_and_release(reader: Reader) -> None:
    """An export says under which licence it may be used, and which release it is."""
    found = {quad.triple for quad in parse(exported(reader, "ntriples"), RdfFormat.N_TRIPLES)}
    told = {(t.predicate.value, str(t.object)) for t in found if t.subject == NamedNode(DATASET)}

    assert (PREFIXES["dcterms"] + "license", f"<{LICENCE}>") in told
    assert (PREFIXES["dcterms"] + "identifier", f'"{reader.release.id}"') in told
    assert (PREFIXES["owl"] + "versionInfo", f'"{reader.release.id}"') in told
    assert any(name == PREFIXES["dcterms"] + "issued" for name, _ in told)


def test_unknown_form_is_refused(reader: Reader) -> None:
    """A form that is not there is refused before anything is written."""
    out = io.BytesIO()
    with pytest.raises(UnknownFormatError) as error:
        export(reader.release, "csv", out)

    assert "nquads" in error.value.hint
    assert out.getvalue() == b""


@pytest.mark.parametrize("name", DUMPS)
def test_server_gives_the_same_dump(client: TestClient, reader: Reader, name: str) -> None:
    """A dump over HTTP is the export of the command line; parts of it can be asked for."""
    form = DUMPS[name]
    address = f"/dump/{reader.release.id}.{form.name}"
    whole = client.get(address)
    part = client.get(address, headers={"Range": "bytes=10-19"})

    assert whole.content == exported(reader, name)
    assert whole.headers["content-type"].startswith(form.media_type)
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert client.head(address).headers["etag"] == whole.headers["etag"]


def test_a_dump_that_the_client_has_is_not_sent_again(client: TestClient, reader: Reader) -> None:
    """Six megabytes are worth a tag."""
    address = f"/dump/{reader.release.id}.nq"
    tag = client.get(address).headers["etag"]
    again = client.get(address, headers={"If-None-Match": tag})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


def test_dump_of_another_release_is_refused(client: TestClient, reader: Reader) -> None:
    """Only the release that is served has dumps; the answer names them."""
    for path in ("/dump/0000000000000000.nq", f"/dump/{reader.release.id}.exe"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        assert f"/dump/{reader.release.id}.nq" in answer.json()["hint"]
