"""The generator of synthetic platforms: the same every time, and readable as the loaders' own work."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.synthetic import MAPPINGS, REWORDED, STANDING, VERSIONS, platform
from benchmarks.syntheticlines import lines, release
from clausegraph.api.examine import FINDINGS
from clausegraph.api.releases import Releases
from tests.small_histories import Asker, reader_of

PLATFORMS = 3


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a few platforms; nobody may change it."""
    found = tmp_path_factory.mktemp("synthetic") / "data"
    release(found, PLATFORMS)
    return found


def test_a_platform_is_the_same_every_time() -> None:
    """Number and seed decide, nothing else does."""
    assert list(lines(platform(7))) == list(lines(platform(7)))
    assert list(lines(platform(7))) != list(lines(platform(8)))
    assert list(lines(platform(7, 1))) != list(lines(platform(7, 2)))


def test_the_index_holds_what_was_made(data: Path) -> None:
    """Every platform has its document, versions, provisions and changes; one comes with the law."""
    asked = Asker(reader_of(data))
    held = asked("{ holdings { documents versions provisions changes } }")["holdings"]
    several = STANDING + REWORDED * (VERSIONS - 1)

    assert several == 45
    assert held["versions"] == PLATFORMS * VERSIONS
    assert held["provisions"] == PLATFORMS * several
    assert held["changes"] == PLATFORMS * (VERSIONS - 1)
    assert asked("{ mappings { totalCount } }")["mappings"]["totalCount"] <= PLATFORMS * MAPPINGS
    assert any(name.startswith(FINDINGS) for name in Releases(data).current().graphs)


def test_quotes_are_what_texts_say(data: Path) -> None:
    """A quote is at its place in the text of its version."""
    made = platform(1)

    assert all(
        made.texts[each.first][each.start : each.start + len(each.text)] == each.text
        for each in made.provisions
    )
    query = """query($id: ID!) { document(id: $id) { currentVersion { id } provisions(first: 50,
        asOf: "2026-01-01") { totalCount nodes { presence { quote { exact start } } } } } }"""
    found = Asker(reader_of(data))(query, id=made.path)["document"]
    quotes = {(n["presence"]["quote"]["start"], n["presence"]["quote"]["exact"])
              for n in found["provisions"]["nodes"]}  # fmt: skip
    assert quotes == {(each.start, each.text) for each in made.standing(VERSIONS - 1)}
