"""Histories get into the store once, incrementally, all or nothing, and are checked at publication."""

from __future__ import annotations

import multiprocessing
import pickle
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from clausegraph.api.histories import (
    File,
    NothingCapturedError,
    load_archive,
    load_files,
    remove,
)
from clausegraph.api.historypool import TOGETHER, WorkerLostError, results
from clausegraph.api.ledger import Ledger
from clausegraph.api.publish import load, publish
from clausegraph.api.releases import Releases
from clausegraph.api.store import writing
from clausegraph.loaders.document_errors import DocumentError
from clausegraph.loaders.historyjob import HandedOver, Job
from clausegraph.loaders.policies import Identity
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import ID, NS, PREFIXES
from clausegraph.shapes.report import Finding, InvalidGraphError, Report
from tests.archives import archive, git, record

NOTICE = """# Tidepool

We keep your letters for {} days.

We tell nobody about them, and we sell them to nobody, whatever they may offer us for a look.
"""
DAY = 86_400
START = 1_700_000_000


def tidepool(folder: Path, days: tuple[int, ...] = (30, 45)) -> Path:
    """An archive with one policy whose deadline takes these values, a day apart."""
    archive(folder)
    for number, length in enumerate(days):
        record(
            folder, "Tidepool/Privacy Policy.md", NOTICE.format(length), when=START + number * DAY
        )
    return folder


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    """The rows of a SPARQL query over all graphs, as text."""
    head = f"PREFIX cg: <{NS}> PREFIX oa: <{PREFIXES['oa']}> PREFIX prov: <{PREFIXES['prov']}> "
    head += f"PREFIX rdfs: <{PREFIXES['rdfs']}> "
    found = store.query(head + query, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    return [tuple(getattr(term, "value", "") for term in row) for row in found]


def published(data: Path) -> Store:
    """The store of the release that is served."""
    return Releases(data).current().open()


@pytest.fixture
def data(tmp_path: Path, sources: Path) -> Path:
    """A data directory that holds the invented law."""
    folder = tmp_path / "data"
    load(folder, sources)
    return folder


def test_archive_is_loaded_once(data: Path, tmp_path: Path) -> None:
    """A second run reads nothing and changes nothing, and the release keeps its id."""
    repository = tidepool(tmp_path / "clone")
    first = load_archive(data, repository)
    release = publish(data).id
    second = load_archive(data, repository)

    assert (first.documents, first.captures) == (1, 2)
    assert (second.documents, second.captures, second.changed) == (0, 0, False)
    assert publish(data).id == release
    query = "SELECT ?n ?d { ?v a cg:Version ; cg:ordinal ?n ; cg:validFrom ?d } ORDER BY ?n"
    assert rows(published(data), query) == [("1", "2023-11-14"), ("2", "2023-11-15")]


def test_what_comes_later_is_added(data: Path, tmp_path: Path) -> None:
    """A longer history loaded in two steps is the same as in one."""
    repository = tidepool(tmp_path / "clone")
    load_archive(data, repository)
    record(repository, "Tidepool/Privacy Policy.md", NOTICE.format(60), when=START + 9 * DAY)
    record(repository, "Saltmarsh/Terms of Service.md", "# Terms\n\nBe kind.\n", when=START)
    again = load_archive(data, repository)
    other = tmp_path / "other"
    load_archive(other, repository)

    assert (again.documents, again.captures) == (2, 2)
    with Ledger(data) as one, Ledger(other) as two:
        assert one.documents() == two.documents()


def test_since_comes_before_the_rest(data: Path, tmp_path: Path) -> None:
    """Earlier captures that are loaded later take their place in the order of the archive."""
    repository = tidepool(tmp_path / "clone", (30, 45, 60))
    load_archive(data, repository, since=date(2023, 11, 16))
    load_archive(data, repository)
    publish(data)

    query = "SELECT ?n ?d { ?v a cg:Version ; cg:ordinal ?n ; cg:validFrom ?d } ORDER BY ?n"
    assert [day for _, day in rows(published(data), query)] == [
        "2023-11-14", "2023-11-15", "2023-11-16"
    ]  # fmt: skip


def test_choice_of_platform_and_document(data: Path, tmp_path: Path) -> None:
    """Only what is asked for is loaded."""
    repository = tidepool(tmp_path / "clone")
    record(repository, "Tidepool/Terms of Service.md", "# Terms\n\nBe kind.\n")
    record(repository, "Saltmarsh/Terms of Service.md", "# Terms\n\nBe kind.\n")
    done = load_archive(data, repository, "Tidepool", "Terms of Service")

    assert done.documents == 1
    with Ledger(data) as ledger:
        assert [each.identity.label for each in ledger.documents().values()] == [
            "Tidepool Terms of Service"
        ]


def test_text_that_cannot_be_read_is_passed_over_once(data: Path, tmp_path: Path) -> None:
    """What is no text is told, the rest is loaded, and a second run has nothing to do."""
    repository = tidepool(tmp_path / "clone")
    record(repository, "Tidepool/Privacy Policy.md", b"\xff\xfe broken", when=START + 5 * DAY)
    first = load_archive(data, repository)
    second = load_archive(data, repository)

    assert [notice.kind for notice in first.notices] == ["not-utf-8"]
    assert first.captures == 2
    assert not second.changed


def test_names_that_give_one_id(data: Path, tmp_path: Path) -> None:
    """Two platforms whose names differ in signs only stay apart, in this run and the next."""
    repository = archive(tmp_path / "clone")
    for name in ("Salt Marsh", "Salt.Marsh"):
        record(repository, f"{name}/Privacy Policy.md", f"# Policy\n\nOf {name}.\n")
    load_archive(data, repository)
    publish(data)
    found = rows(published(data), "SELECT ?p ?l { ?p a cg:Platform ; rdfs:label ?l }")
    ids = {label: iri.rpartition("/")[2] for iri, label in found}

    assert ids["Salt Marsh"] == "salt-marsh"
    assert ids["Salt.Marsh"].startswith("salt-marsh-")
    assert not load_archive(data, repository).changed


def handed(tmp_path: Path, name: str, text: str, when: datetime) -> File:
    """A Markdown file that a person hands over."""
    path = tmp_path / name
    path.write_text(text)
    return File("Tidepool", "Privacy Policy", HandedOver(path, when))


def test_files_stand_by_their_time(data: Path, tmp_path: Path) -> None:
    """A file that was captured between two commits takes its place between them."""
    load_archive(data, tidepool(tmp_path / "clone"))
    between = datetime(2023, 11, 15, 1, tzinfo=UTC)
    file = handed(tmp_path, "given.md", NOTICE.format(40), between)
    done = load_files(data, [file])
    publish(data)

    assert (done.documents, done.captures) == (1, 1)
    assert not load_files(data, [file]).changed
    query = "SELECT ?l { ?v a cg:Version ; cg:ordinal ?n ; cg:archiveLabel ?l } ORDER BY ?n"
    labels = [label.rpartition("/")[2] for (label,) in rows(published(data), query)]
    assert labels == ["change", "manual", "change"]


def test_removed_document_is_gone(data: Path, tmp_path: Path) -> None:
    """What is removed is in no later release; the earlier one keeps it."""
    empty = publish(data).id
    load_archive(data, tidepool(tmp_path / "clone"))
    full = publish(data).id
    gone = remove(data, "tidepool")

    assert gone == 1
    assert publish(data).id == empty
    assert {each.id for each in Releases(data).all()} == {empty, full}
    assert remove(data, "tidepool") == 0


def spoil(data: Path, kind: str, key: str, value: Literal) -> None:
    """Give one node of a class another value, as somebody with access to the store could."""
    with writing(data) as writer:
        store = writer.store
        a = NamedNode(PREFIXES["rdf"] + "type")
        node = next(iter(store.quads_for_pattern(None, a, NamedNode(NS + kind), None)))
        quad = next(iter(store.quads_for_pattern(node.subject, NamedNode(key), None, None)))
        store.remove(quad)
        store.add(Quad(quad.subject, quad.predicate, value, quad.graph_name))


@pytest.mark.parametrize(
    ("kind", "key", "shape"),
    [
        ("Quote", PREFIXES["oa"] + "exact", "quoteStands"),
        ("Text", NS + "content", "textIsHashed"),
    ],
)
def test_false_quote_is_refused(
    data: Path, tmp_path: Path, kind: str, key: str, shape: str
) -> None:
    """A release with a quote that does not stand in its text is not published."""
    before = publish(data).id
    load_archive(data, tidepool(tmp_path / "clone"))
    spoil(data, kind, key, Literal("We sell your letters."))

    with pytest.raises(InvalidGraphError) as caught:
        publish(data)

    assert shape in {finding.shape for finding in caught.value.report.findings}
    assert Releases(data).current().id == before


def test_missing_statement_is_noticed(data: Path, tmp_path: Path) -> None:
    """A graph that has lost a statement is held to the shapes again, and refused."""
    load_archive(data, tidepool(tmp_path / "clone"))
    with writing(data) as writer:
        key = NamedNode(NS + "significance")
        writer.store.remove(next(iter(writer.store.quads_for_pattern(None, key, None, None))))

    with pytest.raises(InvalidGraphError) as caught:
        publish(data)

    assert caught.value.value == ["changeSignificance"]


def test_graph_that_nobody_loaded_is_refused(data: Path) -> None:
    """A history that the ledger does not know is not published."""
    with writing(data) as writer:
        node = NamedNode(f"{ID}provision/x/y/1")
        name = NamedNode(f"{ID}graph/policies/x/y")
        writer.store.add(Quad(node, NamedNode(NS + "normalisedText"), Literal("x"), name))

    with pytest.raises(InvalidGraphError) as caught:
        publish(data)

    assert caught.value.value == ["ledger"]


def test_verify_holds_everything_to_the_shapes_again(data: Path, tmp_path: Path) -> None:
    """What the ledger is trusted for is found when everything is looked at."""
    load_archive(data, tidepool(tmp_path / "clone"))
    sound = publish(data, verify=True).id
    spoil(data, "Provision", NS + "normalisedSha256", Literal("0" * 64))

    with pytest.raises(InvalidGraphError) as caught:
        publish(data, verify=True)

    assert caught.value.value == ["provisionIsHashed"]
    assert Releases(data).current().id == sound


def test_kill_between_store_and_ledger(data: Path, tmp_path: Path) -> None:
    """A graph that was written but not noted is written again, and the release is the same."""
    repository = tidepool(tmp_path / "clone")
    load_archive(data, repository)
    release = publish(data).id
    with Ledger(data) as ledger:
        ledger.open([each.identity for each in ledger.documents().values()])
        assert [each.sha256 for each in ledger.documents().values()] == [None]
    load_archive(data, repository)

    with Ledger(data) as ledger:
        assert None not in [each.sha256 for each in ledger.documents().values()]
    assert publish(data).id == release


def test_changed_shapes_are_applied_at_publication(data: Path, tmp_path: Path) -> None:
    """A graph that was held to other shapes is held to these, and noted."""
    load_archive(data, tidepool(tmp_path / "clone"))
    with Ledger(data) as ledger:
        (known,) = ledger.documents().values()
        ledger.done(type(known)(known.identity, known.sha256, known.triples, "old", known.methods))
    publish(data)

    with Ledger(data) as ledger:
        (again,) = ledger.documents().values()
    assert (again.valid, again.sha256) == (known.valid, known.sha256)


def test_law_and_archive_speak_of_one_platform(data: Path, tmp_path: Path) -> None:
    """A platform that the law's claims name and an archive tracks is described once."""
    claims = rows(_copy(data), "SELECT ?p ?l { ?p a cg:Platform ; rdfs:label ?l }")
    (iri, label) = claims[0]
    repository = archive(tmp_path / "clone")
    record(repository, f"{label}/Privacy Policy.md", "# Policy\n\nWe keep little.\n")
    load_archive(data, repository)
    publish(data)

    found = rows(published(data), "SELECT ?p ?l { ?p a cg:Platform ; rdfs:label ?l }")
    assert found.count((iri, label)) == 1
    assert len(found) == len(claims)


def _copy(data: Path) -> Store:
    publish(data)
    return published(data)


def test_renamed_document_goes_on_under_its_new_name(data: Path, tmp_path: Path) -> None:
    """A renamed platform has a history of its own from there on."""
    repository = tidepool(tmp_path / "clone")
    git(repository, "mv", "Tidepool", "Rockpool")
    git(repository, "commit", "--quiet", "-m", "Rename Tidepool", when=START + 8 * DAY)
    done = load_archive(data, repository)

    assert done.documents == 2
    assert [notice.kind for notice in done.notices if notice.kind == "renamed"] == ["renamed"]
    with Ledger(data) as ledger:
        names = {iri_of(NamedNode(name)).rpartition("policies/")[2] for name in ledger.documents()}
    assert names == {"tidepool/privacy-policy", "rockpool/privacy-policy"}


def test_order_is_the_archives_whatever_is_loaded_when(data: Path, tmp_path: Path) -> None:
    """A clock that runs backwards does not change the order, in one load or several."""
    repository = archive(tmp_path / "clone")
    for number, day in enumerate((10, 5, 20)):
        record(
            repository, "Tidepool/Privacy Policy.md", NOTICE.format(number), when=START + day * DAY
        )
    load_archive(data, repository)
    once = publish(data).id
    load_archive(data, repository, since=date(2023, 11, 25))
    assert publish(data).id == once

    other = tmp_path / "other"
    load_archive(other, repository, since=date(2023, 11, 25))
    file = handed(tmp_path, "late.md", NOTICE.format(9), datetime(2024, 3, 1, tzinfo=UTC))
    load_files(other, [file])
    load_archive(other, repository)
    with Ledger(other) as ledger:
        (name,) = ledger.documents()
        days = [each["recorded"][:10] for each in ledger.captures(name)]
    assert days == ["2023-11-24", "2023-11-19", "2023-12-04", "2024-03-01"]


def test_what_is_said_of_a_platform_stays(data: Path, tmp_path: Path) -> None:
    """A later file that says nothing of the provider takes nothing away."""
    first = handed(tmp_path, "a.md", NOTICE.format(1), datetime(2024, 1, 1, tzinfo=UTC))
    second = handed(tmp_path, "b.md", NOTICE.format(2), datetime(2024, 2, 1, tzinfo=UTC))
    load_files(data, [replace(first, provider="Tide Ltd.", source_address="https://t.example/p")])
    load_files(data, [second])
    with Ledger(data) as ledger:
        (known,) = ledger.documents().values()
        assert (known.identity.provider, known.identity.source_address) == (
            "Tide Ltd.", "https://t.example/p"
        )  # fmt: skip
    assert load_files(data, [replace(second, provider="Tide Inc.")]).changed


def test_unknown_platform_is_told(data: Path, tmp_path: Path) -> None:
    """A misspelt platform is an error, not an empty success."""
    with pytest.raises(NothingCapturedError) as caught:
        load_archive(data, tidepool(tmp_path / "clone"), platform="Tidepol")

    assert caught.value.value == "Tidepol"


def test_one_bad_file_among_many_ends_the_load(data: Path, tmp_path: Path) -> None:
    """An error in a process of its own comes back as what it is, and nothing hangs."""
    when = datetime(2024, 1, 1, tzinfo=UTC)
    files = []
    for number in range(2 * TOGETHER + 10):
        path = tmp_path / f"{number}.md"
        path.write_bytes(b"\x00\x01junk" if number == 70 else NOTICE.format(number).encode())
        files.append(File(f"Platform {number}", "Privacy Policy", HandedOver(path, when)))

    with pytest.raises(DocumentError) as caught:
        load_files(data, files)

    assert caught.value.value == str(tmp_path / "70.md")
    assert multiprocessing.active_children() == []


def test_error_with_many_groups_to_come(data: Path, tmp_path: Path) -> None:
    """The thread that feeds the processes ends too when one of many groups fails."""
    with pytest.raises(DocumentError):
        list(results(_bad_jobs(tmp_path, 12 * TOGETHER), lambda job: job))

    assert multiprocessing.active_children() == []


def _bad_jobs(tmp_path: Path, count: int) -> list[Job]:
    path = tmp_path / "junk"
    path.write_bytes(b"\x00\x01junk")
    handed_over = HandedOver(path, datetime(2024, 1, 1, tzinfo=UTC))
    return [
        Job(Identity(f"P{n}", "Privacy Policy", f"p{n}", "privacy-policy"), (handed_over,))
        for n in range(count)
    ]


def test_lost_worker_is_told(tmp_path: Path) -> None:
    """A process that the kernel ends is missed, and its work is not waited for."""
    killed: list[int | None] = []

    def kill(job: Job) -> Job:
        for child in multiprocessing.active_children():
            if not killed:
                killed.append(child.pid)
                child.kill()
        return job

    jobs = _bad_jobs(tmp_path, 3 * TOGETHER)
    with pytest.raises((WorkerLostError, DocumentError)):
        list(results(jobs, kill))

    assert killed
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    "error",
    [
        DocumentError(Path("x.md"), "is junk", hint="Give another."),
        InvalidGraphError(Report((Finding("a", "b", "c", "d", "e"),))),
    ],
)
def test_errors_travel_between_processes(error: ClausegraphError) -> None:
    """An error keeps message, hint, value and what its class adds."""
    again = pickle.loads(pickle.dumps(error))

    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_any_repository_is_no_archive(data: Path, tmp_path: Path) -> None:
    """A repository whose commits record no policy is refused, not loaded as policies."""
    repository = archive(tmp_path / "clone")
    record(repository, "docs/readme-first.md", NOTICE.format(1), subject="Write the docs")

    with pytest.raises(NothingCapturedError):
        load_archive(data, repository)
