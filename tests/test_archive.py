"""Quotes and changes from the command line: of an archive on disk, and of a release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clausegraph.api.histories import load_archive
from clausegraph.api.publish import load, publish
from tests.archives import archive, record
from tests.commands import called

FIRST = """# Privacy

Acme keeps your letters for thirty days.

Acme does not sell your letters.

Acme opens no letter, and asks nobody else to open one, whatever they may promise for it.
"""
MARKED = FIRST.replace("does not sell", "does **not** sell")
SECOND = FIRST.replace("thirty days", "ninety days")
PATH = "Acme/Privacy Policy.md"
SOURCES = ["archive", "release"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform with one policy in three captures: first text, markup only, another period."""
    folder = archive(tmp_path_factory.mktemp("archives") / "acme")
    for number, text in enumerate((FIRST, MARKED, SECOND)):
        record(folder, PATH, text, when=1_700_000_000 + number * 86_400)
    return folder


@pytest.fixture(scope="module")
def published(repository: Path, sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in a release."""
    folder = tmp_path_factory.mktemp("data")
    load(folder, sources)
    load_archive(folder, repository)
    publish(folder)
    return folder


@pytest.fixture(params=SOURCES)
def asked(request: pytest.FixtureRequest, repository: Path, published: Path) -> tuple[Any, ...]:
    """The option that names what is asked."""
    return ("--archive", repository) if request.param == "archive" else ("--data", published)


@pytest.mark.parametrize(
    ("text", "status", "stands"),
    [
        ("Acme does not sell your letters.", "VERIFIED", 3),
        ("Acme keeps your letters for thirty days.", "VERIFIED", 2),
        ("ACME  keeps your letters for ninety days", "REPAIRED", 1),
        ("Acme does sell your letters.", "NOT_FOUND", 0),
    ],
)
def test_a_quote_is_looked_up(asked: tuple[Any, ...], text: str, status: str, stands: int) -> None:
    """Each status, with the captures in which the quote stands out of those searched."""
    found = json.loads(called("quote", "--json", *asked, text).stdout)

    assert (found["status"], found["standsIn"], found["searched"]) == (status, stands, 3)
    assert (found["documents"], found["from"], found["to"]) == (1, "2023-11-14", "2023-11-16")


def test_what_is_not_found_has_nearest_passages(asked: tuple[Any, ...]) -> None:
    """The true sentence comes first, with its day and commit; nothing captured is out of scope."""
    shown = called("quote", *asked, "Acme does sell your letters.").stdout
    nothing = called("quote", *asked, "Anything at all.", "--platform", "Nobody").stdout

    assert shown.startswith("NOT_FOUND: stands in 0 of 3 captures\nnearest (")
    assert "Acme, Privacy Policy, 2023-11-16" in shown.splitlines()[1]
    assert "not" in shown.splitlines()[2]
    assert nothing.startswith("OUT_OF_SCOPE: stands in 0 of 0 captures")


def test_a_release_knows_more_of_a_quote(published: Path) -> None:
    """Its versions, whether it still stands, the parts of one with gaps, and what was meant."""
    text = "Acme keeps your letters for thirty days."
    found = json.loads(called("quote", "--json", "--data", published, text).stdout)
    early = json.loads(
        called("quote", "--json", "--data", published, "--as-of", "2023-11-14", text).stdout
    )
    gap = called("quote", "--data", published, "Acme keeps … for ninety days").stdout
    meant = called("quote", "--data", published, "--platform", "Acmee", text).stdout

    assert [each.split("/")[:3] for each in found["versions"]] == [
        ["version", "acme", "privacy-policy"]
    ] * 2
    assert found["first"]["version"] == found["versions"][0]
    assert found["first"]["state"] == "whole"
    assert (found["standsOnDay"], early["standsOnDay"], early["searched"]) == (False, True, 1)
    assert gap.splitlines()[-3:-1] == [
        "part VERIFIED: Acme keeps",
        "part VERIFIED: for ninety days",
    ]
    assert "Did you mean acme?" in meant


def test_changes_default_to_meaning(asked: tuple[Any, ...]) -> None:
    """Markup is kept apart from meaning; each can be asked for."""
    meaning = called("changes", *asked).stdout.splitlines()
    everything = called("changes", *asked, "--significance", "all", "--json").stdout.splitlines()
    late = called("changes", *asked, "--since", "2023-11-16", "--significance", "all").stdout
    other = called("changes", *asked, "--significance", "wording").stdout

    assert len(meaning) == 1
    assert meaning[0].startswith("meaning  Acme, Privacy Policy, 2023-11-16")
    assert [json.loads(line)["significance"] for line in everything] == ["markup", "meaning"]
    assert late.splitlines() == meaning
    assert other == ""


def test_both_say_the_same_of_a_change(repository: Path, published: Path) -> None:
    """What an archive on disk says of a change, the release says too, and shows the passages."""
    words = ["--platform", "Acme", "--document", "Privacy Policy", "--json"]
    loose = json.loads(called("changes", "--archive", repository, *words).stdout)
    kept = json.loads(called("changes", "--data", published, *words).stdout)
    same = ("platform", "document", "recorded", "commit", "sha256", "before", "counts", "signals")

    assert {key: kept[key] for key in same} == {key: loose[key] for key in same}
    assert kept["deltas"][0]["before"]["text"] == "Acme keeps your letters for thirty days."
    assert kept["deltas"][0]["after"]["text"] == "Acme keeps your letters for ninety days."
    assert kept["facts"].keys() == loose["facts"].keys()


def test_what_is_no_archive_is_an_error(tmp_path: Path) -> None:
    """A folder that is no repository is named, with a code."""
    for words in (["changes"], ["quote", "x"]):
        refused = called(*words, "--archive", tmp_path, code=1)
        assert refused.stderr.startswith("not-an-archive: ")


def test_a_quote_without_a_letter_is_refused(asked: tuple[Any, ...]) -> None:
    """There is nothing to look up in punctuation."""
    assert called("quote", *asked, "...", code=1).stderr.startswith("quote-unusable: ")


def test_changes_of_what_was_never_captured_are_an_error(published: Path) -> None:
    """No changes and nothing captured are two things."""
    refused = called("changes", "--data", published, "--platform", "Acmee", code=1).stderr

    assert refused.startswith("nothing-captured: Nothing was captured of a platform 'Acmee'")
    assert "Did you mean acme?" in refused


def test_an_archive_has_no_release(repository: Path, published: Path, tmp_path: Path) -> None:
    """Options of a release do not go with an archive; without a release the error says so."""
    both = called("quote", "--archive", repository, "--data", published, "x", code=2).stderr
    none = called("changes", "--data", tmp_path, code=3).stderr

    assert "leave out --data" in both
    assert none.startswith("no-release: ")


@pytest.mark.parametrize("command", [("changes",), ("quote", "Acme does not sell your letters.")])
def test_a_misspelt_type_is_an_error(asked: tuple[Any, ...], command: tuple[str, ...]) -> None:
    """No changes, or no quote, would look like knowledge; what was meant and what there is, is told."""
    near = called(*command, *asked, "--document", "Privacy Polcy", code=1)
    far = called(*command, *asked, "--document", "Zebra crossings", code=1)
    named = called(*command, *asked, "--document", "Privacy Policy")

    assert near.stderr.startswith("nothing-captured: there is no document 'Privacy Polcy'")
    assert near.stdout == ""
    assert "Did you mean Privacy Policy?" in near.stderr
    assert "Did you mean" not in far.stderr
    assert "Known: Privacy Policy." in far.stderr
    assert named.stdout


def test_a_misspelt_platform_of_an_archive_is_an_error(repository: Path) -> None:
    """As it is one of a release; a platform without such a document is one, too."""
    refused = called("changes", "--archive", repository, "--platform", "Acmee", code=1).stderr
    quiet = called(
        "changes", "--archive", repository, "--platform", "Acme", "--since", "2030-01-01"
    )

    assert refused.startswith("nothing-captured: there is no platform 'Acmee'")
    assert "Did you mean Acme?" in refused
    assert quiet.stdout == ""


def test_an_archive_is_loaded_by_its_own_names(repository: Path, tmp_path: Path) -> None:
    """A misspelt type loads nothing and says what was meant."""
    words = ("load", "ota", repository, "--data", tmp_path, "--document", "Privacy Polcy")
    refused = called(*words, code=1).stderr

    assert refused.startswith("nothing-captured: there is no document 'Privacy Polcy'")
    assert "Did you mean Privacy Policy?" in refused


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("Privacy Polcy", "Privacy policy"),
        ("Terms of Services", "Terms of service"),
        ("Data Procesing Agreement", "Data processing agreement"),
    ],
)
def test_a_file_of_a_misspelt_type_is_refused(tmp_path: Path, given: str, meant: str) -> None:
    """It would be kept as some other document, which nobody examines."""
    path = tmp_path / "policy.md"
    path.write_text(FIRST)
    words = ("load", "document", path, "--data", tmp_path / "data", "--platform", "Acme")
    refused = called(*words, "--captured-at", "2024-01-10", "--type", given, code=1).stderr

    assert refused.startswith(f"document-type-unknown: there is no document type {given!r}")
    assert f"Did you mean {meant}?" in refused
    assert "Cookie policy" in refused


@pytest.mark.parametrize("given", ["privacy  policy", "Imprint", "Data Controller Agreement"])
def test_a_file_of_a_type_of_its_own_is_taken(tmp_path: Path, given: str) -> None:
    """What comes near to no known type, or is one in other letters, is a type."""
    path = tmp_path / "policy.md"
    path.write_text(FIRST)
    words = ("load", "document", path, "--data", tmp_path / "data", "--platform", "Acme")

    assert (
        "1 documents changed"
        in called(*words, "--captured-at", "2024-01-10", "--type", given).stdout
    )


def test_what_is_to_be_removed_is_named_as_it_was_loaded(repository: Path, tmp_path: Path) -> None:
    """A misspelt document is told with what the platform has; nothing goes."""
    called("load", "ota", repository, "--data", tmp_path)
    words = ("remove", "--data", tmp_path, "--platform")
    document = called(*words, "Acme", "--document", "Privacy Polcy", code=1).stderr
    platform = called(*words, "Acmee", code=1).stderr

    assert document.startswith("nothing-to-remove: nothing of 'Acme' / 'Privacy Polcy' is loaded")
    assert "Did you mean Privacy Policy?" in document
    assert platform.startswith("nothing-to-remove: nothing of 'Acmee' is loaded")
    assert "Did you mean Acme?" in platform
    assert "1 documents removed" in called(*words, "Acme", "--document", "privacy-policy").stdout
