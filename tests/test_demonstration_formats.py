"""The demonstration's policy is the same document in any format, from the file to the graph."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clausegraph.api.histories import File, load_files
from clausegraph.api.publish import publish
from clausegraph.loaders.documents import KINDS, read_document
from clausegraph.loaders.historyjob import HandedOver
from tests.formats_twin import common, differences, provisions, twins
from tests.test_histories import published, rows

FOLDER = Path(__file__).parents[1] / "loaders" / "demonstration" / "inkwarren"
POLICIES = sorted(FOLDER.glob("*.md"))
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The first version as Markdown, HTML, PDF and plain text."""
    return twins(POLICIES[0].read_text(), tmp_path_factory.mktemp("formats"))


@pytest.mark.parametrize("media_type", KINDS.values())
def test_same_provisions(written: Mapping[str, Path], media_type: str) -> None:
    """At least 95 of 100 provisions are equal by the hash of their words."""
    source, found = POLICIES[0].read_text(), read_document(written[media_type]).text

    assert provisions(source).total() > 150
    assert common(source, found) >= 0.95, differences(source, found)


def test_another_version_is_not_the_same(written: Mapping[str, Path]) -> None:
    """The measure sees the few provisions in which the second version differs."""
    assert common(POLICIES[1].read_text(), read_document(written["text/html"]).text) < 0.95


def test_formats_are_one_document_in_the_graph(written: Mapping[str, Path], tmp_path: Path) -> None:
    """Four formats handed over as four captures share their provisions, and nothing changed meaning."""
    files = [
        File("Inkwarren", "Privacy Policy", HandedOver(path, WHEN.replace(day=day)))
        for day, path in enumerate(written.values(), 1)
    ]
    load_files(tmp_path, files)
    publish(tmp_path)
    store = published(tmp_path)

    media = rows(store, "SELECT ?m { ?v cg:mediaType ?m ; cg:ordinal ?n } ORDER BY ?n")
    changes = rows(store, "SELECT ?s { ?c cg:significance ?s } ")
    kept = "SELECT ?p { ?p a cg:Presence FILTER NOT EXISTS { ?p cg:lastVersion ?v } }"
    first = "cg:firstVersion/cg:ordinal 1"
    assert [each for (each,) in media] == list(written)
    assert "meaning" not in [each.rpartition("/")[2] for (each,) in changes]
    assert len(rows(store, kept.replace("a cg:Presence", f"{first} ."))) > 140
