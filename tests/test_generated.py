"""What repeats a fact is generated, and what is committed equals what would be generated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import generated
from tests.generated import FILES, QUESTIONS, ROOT, facts, left_out

NOTES = ROOT.parent / "shared" / "research" / "law.md"


@pytest.mark.parametrize("name", sorted(FILES))
def test_committed_equals_generated(name: str) -> None:
    """A stale file fails; `make generate` mends it."""
    assert (ROOT / name).read_text() == FILES[name](), "run `make generate`"


def test_a_changed_setting_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison sees a difference in a default."""
    monkeypatch.setenv("CLAUSEGRAPH_PORT", "1")
    changed = generated.settings().replace("`8000`", "`8001`")

    assert (ROOT / "docs/settings.md").read_text() != changed


def verified(notes: str) -> set[str]:
    """Numbers of the facts whose confidence the notes call verified, at least in part."""
    rows = re.findall(r"^\| ((?:CA|VA|CO|CT)-\d+) \|(.*)\|$", notes, re.MULTILINE)
    return {fact for fact, row in rows if re.search(r"\bverified\b", row.rpartition("|")[2])}


def test_every_verified_fact_is_in_the_graph_or_accounted_for() -> None:
    """No verified fact of the research notes is lost silently."""
    if not NOTES.exists():
        pytest.skip("the research notes are not on this machine")
    wanted = verified(NOTES.read_text())

    assert len(wanted) > 200
    assert wanted - facts().keys() - left_out().keys() == set()
    assert left_out().keys() & facts().keys() == set()


def test_a_lost_fact_would_be_seen() -> None:
    """The reading of the notes finds a verified row and passes over others."""
    notes = "| CA-01 | a | verified |\n| CA-02 | a | single source |\n| CA-03 | a | unverified |\n"

    assert verified(notes) == {"CA-01"}


def test_the_question_folder_is_not_empty() -> None:
    """Every question has a title and its expected rows."""
    paths = sorted(Path(QUESTIONS).glob("*.rq"))

    assert len(paths) >= 40
    assert [p.name for p in paths if not p.read_text().startswith("# ")] == []
    assert [p.name for p in paths if not p.with_suffix(".csv").exists()] == []
