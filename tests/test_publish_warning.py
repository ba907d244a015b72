"""A release in which nothing could be examined says so, with what is missing and what to type."""

from __future__ import annotations

from pathlib import Path

import orjson
from click.testing import CliRunner

from clausegraph.api.cli import main
from clausegraph.api.histories import load_files
from clausegraph.api.publish import lacking, load, publish
from tests.test_examine import BETA, capture


def test_policies_without_law_are_told(sources: Path, tmp_path: Path) -> None:
    """Policies alone are told of; neither an empty release nor one with law is."""
    data = tmp_path / "data"
    assert lacking(publish(data)) == []
    load_files(data, [capture(tmp_path, "Betafish", BETA * 3, "2024-03-01")])
    (warning,) = lacking(publish(data))
    assert warning["code"] == "no-law"
    assert "no policy could be examined" in warning["message"]
    assert "clausegraph load law" in warning["hint"]
    load(data, sources)
    assert lacking(publish(data)) == []


def test_the_command_warns(tmp_path: Path) -> None:
    """On stderr, with what to type, and as a field of the answer."""
    data = tmp_path / "data"
    load_files(data, [capture(tmp_path, "Betafish", BETA * 3, "2024-03-01")])
    done = CliRunner().invoke(main, ["publish", "--json", "--data", str(data)])
    assert done.exit_code == 0, done.output
    assert [each["code"] for each in orjson.loads(done.stdout)["warnings"]] == ["no-law"]
    assert "warning: no-law: " in done.stderr
    assert "clausegraph load law" in done.stderr
