"""The shared fixtures: an invented law of two places, published once a session.

``tests/law`` holds every kind of node in as few files as possible. A test that needs a special
case copies the folder and changes it, or builds its own store: nothing is added here for one test.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.settings import Settings
from tests.published import demonstrated, once
from tests.small_histories import Asker, reader_of, small_release

gc.set_threshold(50_000, 20, 50)
"""Tests make hardly any garbage, and looking for it took a tenth of their time."""

LONGEST = (
    "test_corpus",
    "test_endpoint",
    "test_compiled",
    "test_review",
    "test_cli",
    "test_releases",
)
"""The modules that take longest: begun first, so that no worker is left with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first; `--no-loadscope-reorder` keeps xdist from another order."""
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


@pytest.fixture(scope="session")
def sources() -> Path:
    """The folder of the invented law."""
    return Path(__file__).parent / "law"


@pytest.fixture(scope="session")
def data(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the invented law is published; nobody may change it."""

    def make(path: Path) -> None:
        load(path, sources)
        publish(path)

    return once(tmp_path_factory, "law", make)


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One in which the embedded law and the demonstration are; nobody may change it."""
    return once(tmp_path_factory, "demonstration", demonstrated)


@pytest.fixture(scope="session")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive and the data directory of `tests.small_histories`; nobody may change them."""
    return once(tmp_path_factory, "histories", small_release)


@pytest.fixture(scope="session")
def ask(histories: Path) -> Asker:
    """Asks the small histories in GraphQL."""
    return Asker(reader_of(histories / "data"))


@pytest.fixture(scope="session")
def reader(data: Path) -> Reader:
    """A reader of the published law."""
    return Reader(Releases(data).current())


@pytest.fixture(scope="session")
def client(data: Path) -> Iterator[TestClient]:
    """A client of the whole application over the published law; it follows no redirects."""
    app = create_app(Settings(data=data, rate=1e6, burst=1e6))  # these ask for everything
    with TestClient(app, follow_redirects=False) as found:
        yield found
