"""The command line: answers, formats, exit codes, and errors that say what to do."""

from __future__ import annotations

import csv
import json
import shutil
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from clausegraph.api.cli import holds_embedded, main
from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.store import writing
from clausegraph.loaders.law import embedded_files
from tests.processes import run

LABELS = "SELECT ?label { ?place a cg:Jurisdiction ; rdfs:label ?label } ORDER BY ?label"


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["--format", "csv", LABELS], ["label", "Northland", "Southland"]),
        (["--format", "csv", "ASK { ?s a cg:Bill }"], ["true"]),
        (
            ["--format", "csv", "{ jurisdictions { nodes { code label } } }"],
            ["code,label", "XX-N,Northland", "XX-S,Southland"],
        ),
        (
            ["--format", "csv", "{ release { triples } jurisdictions { totalCount } }"],
            ["release.triples,jurisdictions.totalCount", "{triples},2"],
        ),
        (["--language", "graphql", "--format", "csv", "query { bills { nodes { label } } }"],
         ["label", "Bill 9 (2024)"]),
    ],
)  # fmt: skip
def test_query_as_csv(data: Path, words: list[str], lines: list[str]) -> None:
    """SPARQL and GraphQL answers come as the same kind of rows."""
    found = run("query", "--data", data, *words).stdout.splitlines()
    triples = str(Releases(data).current().triples)

    assert found == [line.replace("{triples}", triples) for line in lines]


def test_query_as_json_and_table(data: Path) -> None:
    """JSON is the standard's; a table is for people; a graph is Turtle or JSON-LD."""
    results = json.loads(run("query", "--data", data, "--format", "json", LABELS).stdout)
    table = run("query", "--data", data, LABELS).stdout
    graph = "CONSTRUCT WHERE { ?b a cg:Bill ; rdfs:label ?l }"
    turtle = run("query", "--data", data, graph).stdout
    linked = json.loads(run("query", "--data", data, "--format", "json", graph).stdout)

    assert [row["label"]["value"] for row in results["results"]["bindings"]] == [
        "Northland",
        "Southland",
    ]
    assert "Northland" in table
    assert 'rdfs:label "Bill 9 (2024)"' in turtle
    assert "Bill 9 (2024)" in json.dumps(linked)


def test_query_from_a_file(data: Path, tmp_path: Path) -> None:
    """A question may stand in a file; both or neither is a wrong use."""
    path = tmp_path / "q.rq"
    path.write_text(f"# which places?\n{LABELS}")

    assert "Northland" in run("query", "--data", data, "--file", path).stdout
    assert "give the question" in run("query", "--data", data, code=2).stderr
    assert "give the question" in run("query", "--data", data, "--file", path, "x", code=2).stderr


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("SELECT * { ?s ?p }", "query-syntax"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "service-refused"),
        ("{ nothing }", "query-failed"),
        ("INSERT DATA { <a:b> <a:b> <a:b> }", "query-syntax"),
    ],
)
def test_a_wrong_question_is_an_error_with_a_code(data: Path, question: str, code: str) -> None:
    """A question that cannot be answered ends with exit code 1 and no stack trace."""
    done = run("query", "--data", data, question, code=1)

    assert done.stderr.startswith(f"{code}: ")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_syntax_error_names_its_place(data: Path) -> None:
    """Line and column are those of the question as it was typed."""
    wrong = run("query", "--data", data, "SELEKT", code=1).stderr
    prefix = run("query", "--data", data, "SELECT * { ?s nope:x ?o }", code=1).stderr

    assert "error at 1:1" in wrong
    assert "error at 1:15: the prefix nope: is not declared" in prefix


def test_nothing_published_is_exit_code_3(tmp_path: Path) -> None:
    """Commands that read say what to do where there is no release."""
    for words in (["query", LABELS], ["coverage"], ["releases"], ["export"]):
        done = run(*words, "--data", tmp_path, code=3)
        assert done.stderr.startswith("no-release: ")
        assert "clausegraph publish" in done.stderr


def test_what_the_file_system_refuses_is_exit_code_3(tmp_path: Path) -> None:
    """A data directory that cannot be made is an error with a code, not a stack trace."""
    (tmp_path / "file").touch()
    done = run("load", "--data", tmp_path / "file" / "data", code=3)

    assert done.stderr.startswith("store-unusable: the file system refused: ")


def test_a_question_that_is_no_text_is_wrong_usage(data: Path, tmp_path: Path) -> None:
    """A file that is not UTF-8 is named."""
    (tmp_path / "question").write_bytes(b"\xff")

    assert "is not UTF-8 text" in run(
        "query", "--data", data, "--file", tmp_path / "question", code=2
    ).stderr  # fmt: skip


def test_an_id_that_is_no_iri_is_unknown(data: Path) -> None:
    """A wrong id is the asker's mistake, whatever characters it has."""
    done = run("coverage", "--data", data, "--jurisdiction", "<>", code=1)

    assert done.stderr.startswith("unknown-id: ")


def test_a_busy_store_is_exit_code_3(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Publishing while another process writes is refused, not queued for ever."""
    monkeypatch.setenv("CLAUSEGRAPH_WRITER_SECONDS", "0.2")
    load(tmp_path, sources)
    with writing(tmp_path):
        done = run("publish", "--data", tmp_path, code=3)

    assert done.stderr.startswith("writer-busy: ")


def test_machine_readable_results(sources: Path, tmp_path: Path) -> None:
    """check, load, publish, releases and coverage print one JSON object each."""
    checked = json.loads(run("check", "--json", sources).stdout)
    loaded = json.loads(run("load", "--json", "--data", tmp_path, sources).stdout)
    again = json.loads(run("load", "--json", "--data", tmp_path, sources).stdout)
    published = json.loads(run("publish", "--json", "--data", tmp_path).stdout)
    listed = json.loads(run("releases", "--json", "--data", tmp_path).stdout)

    assert (checked["files"], loaded["files"]) == (10, 10)
    assert (loaded["changed"], again["changed"]) == (True, False)
    assert published.pop("warnings") == []
    assert listed == {"releases": [published | {"current": True}], "removed": []}


def test_mistakes_as_json(tmp_path: Path) -> None:
    """With --json an error is an object on standard output as well."""
    (tmp_path / "x.yaml").write_text("a: [")
    done = run("check", "--json", tmp_path, code=1)
    error = json.loads(done.stdout)["error"]

    assert error["code"] == "source-invalid"
    assert error["value"] == [error["message"]]
    assert error["message"].startswith("x.yaml:2: (file): not YAML")


def test_coverage_as_text_and_json(data: Path) -> None:
    """The two kinds of emptiness are written differently; counts have their denominator."""
    words = ["coverage", "--data", str(data), "--as-of", "2025-01-01", "--topic", "opt-out-signal",
             "--topic", "appeal"]  # fmt: skip
    text = run(*words).stdout
    found = json.loads(run(*words, "--json").stdout)

    assert "none (known)" in text
    assert "not examined" in text
    assert "as of 2025-01-01: requirement 1 of 4, known-absence 1 of 4" in text
    assert "not-examined 2 of 4" in text
    assert found["counts"]["not-examined"] == {"cells": 2, "of": 4}
    assert run(*words, "--topic", "nowhere", code=1).stderr.startswith("unknown-id: ")


def test_every_command_has_help() -> None:
    """`--help` works for each command and tells what it does."""
    for name, command in main.commands.items():
        text = CliRunner().invoke(main, [name, "--help"]).output
        assert command.help is not None
        assert text.startswith("Usage: ")


def test_rows_of_csv_are_quoted(data: Path) -> None:
    """A cell with commas or quotes survives CSV."""
    question = "{ enforcementActions { nodes { respondents } } }"
    text = run("query", "--data", data, "--format", "csv", question).stdout

    assert list(csv.reader(text.splitlines()))[1] == ["Acme <Holding> & Sons; Acme Widgets, Inc."]


def test_published_twice_is_one_release(sources: Path, tmp_path: Path) -> None:
    """Publishing what is published already changes nothing."""
    load(tmp_path, sources)

    assert publish(tmp_path) == publish(tmp_path)
    assert len(Releases(tmp_path).all()) == 1


def test_a_used_port_is_refused_before_anything_is_announced(data: Path) -> None:
    """`serve` says that it cannot listen, with a code, and names no address as served."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--data", data, "--port", port, code=3)

    assert "cannot-listen: cannot listen on 127.0.0.1:" in done.stderr
    assert "release" not in done.stderr


def test_another_law_than_the_installed_one_is_told(data: Path, reader: Reader) -> None:
    """The invented law is not the installed one; the installed one is recognised."""
    assert holds_embedded(reader) is False
    assert len(embedded_files()) > 40


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-10:00", "May"]
)
def test_a_moment_outside_of_the_calendar_is_wrong_usage(tmp_path: Path, moment: str) -> None:
    """The first hour of year 1 east of Greenwich lies before all years."""
    (tmp_path / "a.md").write_text("# Herons")
    words: list[str | Path] = ["load", "document", "--data", tmp_path / "data", "--platform", "Heronwick",
             "--type", "Privacy Policy", "--captured-at", moment]  # fmt: skip
    done = run(*words, tmp_path / "a.md", code=2)

    assert f"{moment!r} is neither a day" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", ["--platform", "--type", "--provider", "--source-address"])
def test_words_that_are_not_utf8_are_wrong_usage(tmp_path: Path, option: str) -> None:
    """A command line may have any bytes; a store may not."""
    (tmp_path / "a.md").write_text("# Herons")
    given = {"--platform": "Heronwick", "--type": "Privacy Policy", "--captured-at": "2024-01-01"}
    words = [word for pair in (given | {option: "Reiher\udcff"}).items() for word in pair]
    done = run("load", "document", "--data", tmp_path / "data", *words, tmp_path / "a.md", code=2)

    assert f"'{option}'" in done.stderr
    assert "is not UTF-8 text" in done.stderr


def test_a_file_name_that_is_not_utf8_is_told_as_json(tmp_path: Path) -> None:
    """Bytes that are no text are written out; the error is an object all the same."""
    path = tmp_path / "reiher\udcff.md"
    path.write_bytes(b"")
    done = run("load", "document", "--json", "--data", tmp_path / "data", "--platform", "Heronwick",
               "--type", "Privacy Policy", "--captured-at", "2024-01-01", path, code=1)  # fmt: skip

    assert json.loads(done.stdout)["error"]["value"] == f"{tmp_path}/reiher\\udcff.md"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("whole", [True, False])
def test_a_damaged_ledger_is_exit_code_3(sources: Path, tmp_path: Path, whole: bool) -> None:
    """A ledger that SQLite refuses, at once or later, is reported with a way out, which works."""
    load(tmp_path, sources)
    before = publish(tmp_path)
    ledger = tmp_path / "ledger.sqlite"
    pages = ledger.read_bytes()
    ledger.write_bytes(
        b"no database" * 1_000 if whole else pages[:4_096] + b"x" * len(pages[4_096:])
    )
    for words in (["publish"], ["load", sources]):
        done = run(*words, "--data", tmp_path, code=3)
        assert done.stderr.startswith("store-unusable: the ledger ")
        assert "remove this file" in done.stderr
    ledger.unlink()
    run("load", "--data", tmp_path, sources)

    assert publish(tmp_path) == before


def test_without_the_store_nothing_is_published(sources: Path, tmp_path: Path) -> None:
    """A store that was removed is filled again before it is published; what is served stays."""
    (tmp_path / "a.md").write_text("# Herons\n\nHerons keep letters for thirty days.\n")
    data = tmp_path / "data"
    words: list[str | Path] = ["load", "document", "--data", data, "--platform", "Heronwick",
             "--type", "Privacy Policy", "--captured-at", "2024-01-01", tmp_path / "a.md"]  # fmt: skip
    load(data, sources)
    run(*words)
    before = publish(data)
    shutil.rmtree(data / "writer")
    load(data, sources)
    done = run("publish", "--data", data, code=1)

    assert "The store lacks a history that was loaded." in done.stderr
    assert "Load the document again" in done.stderr
    assert Releases(data).current() == before
    run(*words)
    assert publish(data) == before


def test_sources_nested_too_deeply_are_refused(tmp_path: Path) -> None:
    """Sixty thousand brackets end no process."""
    (tmp_path / "x.yaml").write_text("a: " + "[" * 60_000 + "]" * 60_000)
    done = run("check", tmp_path, code=1)

    assert "x.yaml:1: (file): not YAML: a value is nested too deeply" in done.stderr


def test_a_capture_to_come_is_refused(tmp_path: Path) -> None:
    """Nobody has captured anything tomorrow; it would be the current version until then."""
    path = tmp_path / "a.md"
    path.write_text("# Notice\n\nWe keep your letters for as long as you let us.\n")
    done = run("load", "document", "--data", tmp_path / "data", "--platform", "Tidepool",
               "--type", "Privacy Policy", "--captured-at", "9998-01-01", path, code=2)  # fmt: skip

    assert "still to come" in done.stderr
