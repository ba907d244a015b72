"""Quotes and changes from the command line, on a small real archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.archives import archive, record
from tests.processes import run

FIRST = (
    "# Privacy\n\nAcme keeps your letters for thirty days.\n\nAcme does not sell your letters.\n"
)
MARKED = FIRST.replace("does not sell", "does **not** sell")
SECOND = FIRST.replace("thirty days", "ninety days")
PATH = "Acme/Privacy Policy.md"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform with one policy in three captures: first text, markup only, another period."""
    folder = archive(tmp_path_factory.mktemp("archives") / "acme")
    for number, text in enumerate((FIRST, MARKED, SECOND)):
        record(folder, PATH, text, when=1_700_000_000 + number * 86_400)
    return folder


@pytest.mark.parametrize(
    ("text", "status", "stands"),
    [
        ("Acme does not sell your letters.", "VERIFIED", 3),
        ("Acme keeps your letters for thirty days.", "VERIFIED", 2),
        ("ACME  keeps your letters for ninety days", "REPAIRED", 1),
        ("Acme does sell your letters.", "NOT_FOUND", 0),
    ],
)
def test_a_quote_is_looked_up(repository: Path, text: str, status: str, stands: int) -> None:
    """Each status, with the captures in which the quote stands out of those searched."""
    found = json.loads(run("quote", "--json", repository, text).stdout)

    assert (found["status"], found["standsIn"], found["searched"]) == (status, stands, 3)


def test_what_is_not_found_has_nearest_passages(repository: Path) -> None:
    """The true sentence comes first, with its day and commit; nothing captured is out of scope."""
    shown = run("quote", repository, "Acme does sell your letters.").stdout
    nothing = run("quote", repository, "Anything at all.", "--platform", "Nobody").stdout

    assert shown.startswith("NOT_FOUND: stands in 0 of 3 captures\nnearest (")
    assert "Acme, Privacy Policy, 2023-11-16" in shown.splitlines()[1]
    assert "not" in shown.splitlines()[2]
    assert nothing.startswith("OUT_OF_SCOPE: stands in 0 of 0 captures")


def test_changes_default_to_meaning(repository: Path) -> None:
    """Markup is kept apart from meaning; each can be asked for."""
    meaning = run("changes", repository).stdout.splitlines()
    everything = run("changes", repository, "--significance", "all", "--json").stdout.splitlines()
    late = run("changes", repository, "--since", "2023-11-16", "--significance", "all").stdout

    assert len(meaning) == 1
    assert meaning[0].startswith("meaning  Acme, Privacy Policy, 2023-11-16")
    assert [json.loads(line)["significance"] for line in everything] == ["markup", "meaning"]
    assert late.splitlines() == meaning


def test_what_is_no_archive_is_an_error(tmp_path: Path) -> None:
    """A folder that is no repository is named, with a code; so is a quote without a letter."""
    assert run("changes", tmp_path, code=1).stderr.startswith("not-an-archive: ")
    assert run("quote", tmp_path, "x", code=1).stderr.startswith("not-an-archive: ")


def test_a_quote_without_a_letter_is_refused(repository: Path) -> None:
    """There is nothing to look up in punctuation."""
    assert run("quote", repository, "...", code=1).stderr.startswith("quote-unusable: ")
