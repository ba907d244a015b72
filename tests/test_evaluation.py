"""Findings against thirty policies read by hand: the figures that the project promises."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.evaluation import CORPUS, DOCUMENT, SAMPLES, document, scored
from clausegraph.api.cli import main
from clausegraph.api.findingscores import NotInArchiveError, scores
from clausegraph.loaders.disclosures import Reading
from clausegraph.loaders.examination import detector
from clausegraph.loaders.findingscore import read_labels
from clausegraph.loaders.textreading import read_text
from tests.archives import archive, record
from tests.small_histories import at
from tests.test_examine import ALPHA

SHARED = Path(__file__).parents[1].parent / "shared"
HEADER = "commit\tpath\titem\tstate\tscope\tpolarity\tlinked\treason\n"
TEXT = ALPHA.format(date="January 5, 2024", correct="")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare clone of the collection."""
    bundle = SHARED / "corpora" / "ota-genai-versions.bundle"
    if not bundle.exists():
        pytest.skip("../shared/corpora is not here")
    folder = tmp_path_factory.mktemp("genai") / "clone.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(bundle), str(folder)], check=True)
    return folder


def test_labels_are_whole() -> None:
    """Each document has all 24 items, a reason for each, and stands in one file only."""
    seen: set[str] = set()
    for name, documents in zip(SAMPLES, (10, 20, 5), strict=True):
        labels = read_labels(CORPUS / name)
        paths = {each.path for each in labels}
        assert len(paths) == documents
        assert len(labels) == 24 * documents
        assert all(each.reason for each in labels)
        assert not paths & seen
        seen |= paths


def test_labels_hold_no_policy_text() -> None:
    """A reason is one short line in the reader's words."""
    for name in (*SAMPLES, "findings-second.tsv"):
        with (CORPUS / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                assert len(row["reason"].split()) <= 32, row["reason"]


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, str]:
    """An archive with one invented policy, and its commit."""
    folder = tmp_path / "archive"
    archive(folder)
    path = "Alphabird/Privacy Policy.md"
    return folder, record(folder, path, TEXT, when=at("2024-01-10"))


def labels(folder: Path, commit: str, *lines: str) -> Path:
    """A label file on that policy."""
    path = folder.parent / "labels.tsv"
    rows = (f"{commit}\tAlphabird/Privacy Policy.md\t{line}\tfalse\tSeen.\n" for line in lines)
    path.write_text(HEADER + "".join(rows))
    return path


def test_scores_by_hand(small: tuple[Path, str]) -> None:
    """Two right, one wrong, one unclear."""
    folder, commit = small
    path = labels(
        folder,
        commit,
        "right_delete\tstated\tgeneral\tpositive",
        "right_correct\tnot-stated\t\t",
        "agent\tstated\tgeneral\tpositive",
        "retention\tunclear\t\t",
    )
    found = scores(path, folder)
    assert found.total.precision("stated") == 1.0
    assert found.total.recall("stated") == 0.5
    assert found.total.precision("not-stated") == 0.5
    assert found.total.unclear == 1
    assert [miss.label.item for miss in found.misses] == ["agent"]


def test_the_command(small: tuple[Path, str]) -> None:
    """A table, and what was read otherwise."""
    folder, commit = small
    path = labels(folder, commit, "agent\tstated\tgeneral\tpositive")
    words = ["evaluate", "findings", str(path), "--archive", str(folder), "--misses"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert (
        "labels.tsv:2: Alphabird/Privacy Policy.md, agent: stated, read not-stated" in done.stdout
    )


def test_a_text_that_the_archive_does_not_have(small: tuple[Path, str]) -> None:
    """The commit is named."""
    folder, _ = small
    path = labels(folder, "0" * 40, "agent\tstated\tgeneral\tpositive")
    with pytest.raises(NotInArchiveError, match="0000"):
        scores(path, folder)


def test_the_command_refuses_an_item_that_nobody_looks_for(small: tuple[Path, str]) -> None:
    """With file, line and what was meant; no table is printed."""
    folder, commit = small
    path = labels(folder, commit, "agnt\tstated\tgeneral\tpositive")
    done = CliRunner().invoke(main, ["evaluate", "findings", str(path), "--archive", str(folder)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"labels-unreadable: {path}:2: item 'agnt' is unknown" in done.stderr
    assert "Did you mean agent?" in done.stderr


def test_a_reading_names_its_evidence() -> None:
    """Of an invented policy: what is stated by which passage."""
    text = read_text(TEXT, detector())
    reading: Reading = text.readings["right-delete"]
    (best, *_) = reading.evidence
    assert "delete" in text.blocks[best.block].seen
    assert 0 < reading.confidence < 1


@pytest.mark.parametrize("name", SAMPLES)
def test_findings_on_real_policies(clone: Path, name: str) -> None:
    """What is promised: absences nine times in ten, statements more often."""
    found = scored(name, clone).total
    assert (found.precision("not-stated") or 0) >= 0.90
    assert (found.recall("not-stated") or 0) >= 0.80
    assert (found.precision("stated") or 0) >= 0.95


def test_document_says_what_comes_out(clone: Path) -> None:
    """docs/evaluation.md is what the program says today."""
    assert DOCUMENT.read_text() == document(clone, SHARED / "corpora" / "c3pa-dev.tar.xz")
