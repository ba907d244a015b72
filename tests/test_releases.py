"""Releases: identity, moving on, rolling back, pruning, and refusing what is invalid."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import URIRef

from clausegraph.api import dataset, open_release
from clausegraph.api.dataset import statistics
from clausegraph.api.errors import BusyError, NoReleaseError, StoreError
from clausegraph.api.facts import label
from clausegraph.api.policyindex import usable
from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.served import Served
from clausegraph.api.sites import Site
from clausegraph.api.store import locked, writing
from clausegraph.loaders.source import SourceError
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import NS, PREFIXES, mint
from clausegraph.shapes.report import InvalidGraphError
from tests.processes import get, run, server


def edited(sources: Path, folder: Path, name: str, old: str, new: str) -> Path:
    """A copy of the sources in which a text of one file is another."""
    shutil.copytree(sources, folder)
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    return folder


@pytest.fixture
def fresh(sources: Path, tmp_path: Path) -> Path:
    """A data directory of its own with one release."""
    data = tmp_path / "fresh"
    load(data, sources)
    publish(data)
    return data


def test_loading_twice_changes_nothing(fresh: Path, sources: Path) -> None:
    """The same sources give the same release, and the second load changes no graph."""
    before = Releases(fresh).current()

    assert load(fresh, sources).changed is False
    assert publish(fresh) == before


def test_elsewhere_the_same_content_has_the_same_id(
    fresh: Path, sources: Path, tmp_path: Path
) -> None:
    """An id depends on the content alone, not on place or time."""
    load(tmp_path / "other", sources)

    assert publish(tmp_path / "other").id == Releases(fresh).current().id


def test_a_file_that_is_gone_takes_its_graph_with_it(
    fresh: Path, sources: Path, tmp_path: Path
) -> None:
    """A load makes the store hold the folder, not the folder and what was there before."""
    folder = tmp_path / "fewer"
    shutil.copytree(sources, folder)
    shutil.rmtree(folder / "claims")
    load(fresh, folder)

    assert [iri for iri in publish(fresh).graphs if "/claims/" in iri] == []


def test_a_broken_file_leaves_the_server_serving(
    fresh: Path, sources: Path, tmp_path: Path
) -> None:
    """A running server answers from the last release while a load is refused by file and line."""
    name = "xx-north/jurisdiction.yaml"
    folder = edited(sources, tmp_path / "broken", name, "jurisdiction:", "jurisdictio:")
    with server(fresh) as url:
        release = get(f"{url}/health")["release"]
        refused = run("load", "--data", fresh, folder, code=1)

        assert refused.stderr.startswith(f"source-invalid: {name}:")
        run("publish", "--data", fresh)
        assert get(f"{url}/health")["release"] == release
        answer = get(f"{url}/graphql?query=%7Brelease%7Bid%7D%7D")
        assert answer["data"] == {"release": {"id": release}}


def test_a_server_moves_to_the_next_release(fresh: Path, sources: Path, tmp_path: Path) -> None:
    """What is published while the server runs is served without a restart."""
    served = Served(Releases(fresh))
    first = served.reader
    shutil.copytree(sources, tmp_path / "next")
    shutil.rmtree(tmp_path / "next" / "claims")
    load(fresh, tmp_path / "next")
    second = publish(fresh)

    assert served.move() is True
    assert served.current() == second
    assert served.move() is False
    assert first.of_type("Claim") != []
    assert served.reader.of_type("Claim") == []


def test_an_invalid_store_is_refused_with_the_report(fresh: Path) -> None:
    """Whatever reached the writer's store, publishing holds it to the shapes."""
    before = Releases(fresh).current()
    with writing(fresh) as writer:
        version = f"?v a <{NS}RequirementVersion>"
        citation = f"?v <{NS}citation> ?c"
        writer.store.update(
            f"DELETE {{ GRAPH ?g {{ {citation} }} }} WHERE {{ GRAPH ?g {{ {version} . {citation} }} }}"
        )

    with pytest.raises(InvalidGraphError) as refusal:
        publish(fresh)
    found = refusal.value.report.findings
    assert {finding.shape for finding in found} == {"citation"}
    assert all(finding.where.startswith("xx-") and ".yaml" in finding.where for finding in found)
    assert Releases(fresh).current() == before


def test_wrong_sources_change_nothing(fresh: Path, sources: Path, tmp_path: Path) -> None:
    """Loading is all or nothing."""
    with writing(fresh) as writer:
        before = writer.digests()
    name = "xx-north/jurisdiction.yaml"
    folder = edited(sources, tmp_path / "bad", name, "exclusive:", "exclusivo:")

    with pytest.raises(SourceError):
        load(fresh, folder)
    with writing(fresh) as writer:
        assert writer.digests() == before


def test_roll_back_and_prune(fresh: Path, sources: Path, tmp_path: Path) -> None:
    """An older release can be served again; pruning never removes the one that is served."""
    first = Releases(fresh).current()
    shutil.copytree(sources, tmp_path / "less")
    shutil.rmtree(tmp_path / "less" / "claims")
    load(fresh, tmp_path / "less")
    second = publish(fresh)
    releases = Releases(fresh)

    assert {r.id for r in releases.all()} == {first.id, second.id}
    releases.serve(first)
    assert releases.all()[0] == second
    assert releases.prune(keep=1) == []
    assert releases.current() == first
    run("releases", "--data", fresh, "--rollback", second.id)
    assert releases.current().id == second.id
    assert run("releases", "--data", fresh, "--prune", "1").stdout.count("removed") == 1
    assert [r.id for r in releases.all()] == [second.id]


def test_what_a_killed_process_left_is_swept(fresh: Path) -> None:
    """A half-built release is no release, and the next publication removes it."""
    rest = Releases(fresh).folder / ".building-0000"
    rest.mkdir()

    assert len(Releases(fresh).all()) == 1
    publish(fresh)
    assert not rest.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("manifest.json", b"{"), ("manifest.json", b"{}"), ("manifest.json", b"\xff"),
     ("store/CURRENT", b"garbage"), ("store/CURRENT", b"")],
)  # fmt: skip
def test_a_damaged_release_is_an_error_and_built_anew(
    fresh: Path, name: str, content: bytes
) -> None:
    """What cannot be read says so with a code, and publishing the same content mends it."""
    release = Releases(fresh).current()
    (release.path / name).write_bytes(content)

    with pytest.raises(StoreError, match=f"release {release.id} cannot be read"):
        Releases(fresh).current().open()
    assert run("coverage", "--data", fresh, code=3).stderr.startswith("store-unusable: ")
    assert publish(fresh).id == release.id
    Releases(fresh).current().open()


@pytest.mark.parametrize("content", [b"", b"no database"])
def test_what_fails_while_an_index_is_mended_leaves_the_release(
    fresh: Path, content: bytes
) -> None:
    """A publication that ends half way, killed or full disk, takes nothing away that was served."""
    release = Releases(fresh).current()
    index = release.path / "index.sqlite"
    index.write_bytes(content)

    def full(path: Path) -> None:
        (path / "index.sqlite").write_bytes(b"half of it")
        raise OSError("no space left on the device")

    with writing(fresh) as writer:
        with pytest.raises(OSError, match="no space left"):
            Releases(fresh).publish(writer.store, release.graphs, full, usable)
        assert Releases(fresh).current() == release
        assert len(release.open()) == release.triples
        assert index.read_bytes() == content
    assert publish(fresh) == release
    assert usable(release.path)
    assert [path.name for path in Releases(fresh).folder.iterdir()] == [release.id]


def test_a_process_killed_while_it_builds_leaves_what_was_served(
    fresh: Path,
) -> None:
    """The release of the same content is there until another one takes its place."""
    release = Releases(fresh).current()
    (release.path / "index.sqlite").unlink()
    program = (
        "import os, sys, pathlib\n"
        "import clausegraph.api.publish as module\n"
        "module.build = lambda *given: os._exit(9)\n"
        "module.publish(pathlib.Path(sys.argv[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(fresh)], check=False)

    assert done.returncode == 9
    assert Releases(fresh).current() == release
    assert len(release.open()) == release.triples
    assert publish(fresh) == release
    assert usable(release.path)


def test_a_damaged_writer_is_an_error_with_a_way_out(fresh: Path) -> None:
    """A store that RocksDB refuses is reported; the release keeps serving."""
    (fresh / "writer" / "CURRENT").write_bytes(b"garbage")

    done = run("publish", "--data", fresh, code=3)
    assert done.stderr.startswith("store-unusable: ")
    assert "remove this directory and load again" in done.stderr
    Releases(fresh).current().open()


def test_a_server_outlives_a_damaged_release(
    fresh: Path, sources: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The watch goes on after a release that it cannot open, and logs it once."""
    served = Served(Releases(fresh))
    shutil.copytree(sources, tmp_path / "next")
    shutil.rmtree(tmp_path / "next" / "claims")
    load(fresh, tmp_path / "next")
    second = publish(fresh)
    manifest = second.path / "manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(b"[]")

    async def until(happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not happened():
                await asyncio.sleep(0.01)

    async def watch() -> None:
        task = asyncio.create_task(served.watch(0.01))
        await until(lambda: "keeps serving" in caplog.text)
        await asyncio.sleep(0.1)
        assert served.current() != second
        (second.path / "mended").write_bytes(whole)
        (second.path / "mended").replace(manifest)  # in one step: no half a file is ever read
        await until(lambda: served.current() == second)
        task.cancel()

    asyncio.run(watch())
    assert served.current() == second
    assert caplog.text.count("keeps serving") == 1


def test_foreign_files_are_left_alone(fresh: Path) -> None:
    """A file manager's droppings and somebody's copy are neither releases nor rubbish."""
    folder = Releases(fresh).folder
    (folder / ".DS_Store").touch()
    (folder / "copy").mkdir()
    (folder / "copy" / "manifest.json").write_text("{}")

    publish(fresh)
    assert len(Releases(fresh).all()) == 1
    assert {".DS_Store", "copy"} <= {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("words", [["--prune", "1"], ["--rollback", "{id}"]])
def test_releases_change_one_process_at_a_time(
    fresh: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one process publishes, another must not remove or replace at the same time."""
    monkeypatch.setenv("CLAUSEGRAPH_WRITER_SECONDS", "0.2")
    words = [word.replace("{id}", Releases(fresh).current().id) for word in words]
    with locked(fresh):
        done = run("releases", "--data", fresh, *words, code=3)

    assert done.stderr.startswith("writer-busy: ")


def test_one_process_writes(fresh: Path) -> None:
    """A second writer is refused and told why."""
    with (
        writing(fresh),
        pytest.raises(BusyError, match="another process is writing"),
        writing(fresh, patience=0.1),
    ):
        pass


def test_no_release_says_what_to_do(tmp_path: Path) -> None:
    """An empty data directory is an error with a way out."""
    with pytest.raises(NoReleaseError) as error:
        Releases(tmp_path).current()
    assert "clausegraph publish" in error.value.hint
    with pytest.raises(NoReleaseError, match="there is no release 'nope'"):
        Releases(tmp_path).get("nope")


def test_an_rdflib_dataset_over_a_release(fresh: Path) -> None:
    """Python users get every triple of the release, and cannot change it."""
    dataset = open_release(fresh)
    release = Releases(fresh).current()
    question = f"SELECT ?j WHERE {{ ?j a <{NS}Jurisdiction> }}"

    assert len(list(dataset.query(question))) == 2
    assert sum(1 for _ in dataset.quads()) == release.triples
    with pytest.raises(RuntimeError, match="read-write"):
        dataset.graph(URIRef(NS)).add((URIRef(NS), URIRef(NS), URIRef(NS)))


def test_the_statistics_of_a_release_are_its_triples(reader: Reader) -> None:
    """What the store counts is what there is, one by one."""
    quads = list(reader.release.open())
    properties = Counter(quad.predicate.value for quad in quads)
    types = [quad.object for quad in quads if quad.predicate.value == PREFIXES["rdf"] + "type"]
    found = statistics(reader)

    assert found.properties == properties
    assert found.classes == Counter(map(iri_of, types))
    assert found.subjects == len({quad.subject for quad in quads})
    assert found.objects == len({quad.object for quad in quads})


def test_a_label_is_given_without_counting_the_release(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what bears a count has to be counted, so that the first page need not wait for it."""
    site = Site(Reader(Releases(data).current()), Releases(data), "http://localhost")
    release = site.reader.release.id

    def counted(reader: Reader) -> None:
        raise AssertionError("the release is counted")

    monkeypatch.setattr(dataset, "statistics", counted)
    assert label(site, mint("jurisdiction", "xx-north")) == "Northland"
    assert label(site, dataset.DATASET) == "ClauseGraph"
    assert label(site, mint("release", release)) == f"Release {release}"
    assert label(site, mint("dataset", "service", "sparql")) == "SPARQL 1.1 endpoint"
    monkeypatch.undo()
    part = mint("dataset", "class", "cg:Jurisdiction")
    assert label(site, part) == "cg:Jurisdiction: 2 entities"
