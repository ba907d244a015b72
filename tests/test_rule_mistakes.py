"""What is told of rule files that cannot be used: the file, in words, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clausegraph.api.frames import frame
from clausegraph.loaders.cues import problem, read_topics
from clausegraph.loaders.source import SourceError
from clausegraph.ontology.errors import ClausegraphError


def test_a_bad_pattern_is_told_as_text() -> None:
    """RE2 gives bytes."""
    assert problem("kite(s") == "RE2 does not take this pattern: missing ): kite(s"


def test_re2_writes_nothing_of_its_own() -> None:
    """Its log would stand before the message."""
    code = "from clausegraph.loaders.cues import problem; print(problem('kite(s') is not None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_a_link_to_nothing_is_a_mistake_of_a_source(tmp_path: Path) -> None:
    """It is named; nothing is wrong with the store."""
    (tmp_path / "disclosures").mkdir()
    os.symlink(tmp_path / "gone.yaml", tmp_path / "disclosures" / "here.yaml")
    with pytest.raises(SourceError, match=r"disclosures/here\.yaml"):
        read_topics(tmp_path)


def test_a_frame_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words to type, with the extra and in quotes for the shell."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ClausegraphError, match="a package is missing: pyarrow") as raised:
        frame("SELECT * { ?s ?p ?o }")
    assert "pip install 'clausegraph[frames]'" in raised.value.hint
