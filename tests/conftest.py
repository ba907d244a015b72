"""The shared fixtures: an invented law of two places, published once a session.

``tests/law`` holds every kind of node in as few files as possible. A test that needs a special
case copies the folder and changes it, or builds its own store: nothing is added here for one test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.settings import Settings


@pytest.fixture(scope="session")
def sources() -> Path:
    """The folder of the invented law."""
    return Path(__file__).parent / "law"


@pytest.fixture(scope="session")
def data(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the invented law is published; nobody may change it."""
    path = tmp_path_factory.mktemp("data")
    load(path, sources)
    publish(path)
    return path


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
