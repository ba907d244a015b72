"""From store to answers: releases, GraphQL, SPARQL, linked data, pages, command line.

>>> from clausegraph.api import open_release
>>> dataset = open_release()          # an rdflib Dataset over the published release
>>> from clausegraph.api import frame
>>> table = frame("SELECT * { ?s ?p ?o } LIMIT 9")  # a pandas frame; needs clausegraph[frames]
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rdflib import Dataset

    from clausegraph.api.frames import frame as frame

__all__ = ["frame", "open_release"]


def __getattr__(name: str) -> Any:
    """Import `frame` only for those who ask for it."""
    if name == "frame":
        from clausegraph.api.frames import frame

        return frame
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def open_release(data: Path | str | None = None, release: str | None = None) -> Dataset:
    """Open a release as an rdflib `Dataset`, read-only, its default graph the union of all graphs.

    `data` is the data directory (default: the one of the command line), `release` an id (default:
    the current one). Raises `clausegraph.api.errors.NoReleaseError` where there is none.
    """
    from oxrdflib import OxigraphStore
    from rdflib import Dataset as RdflibDataset

    from clausegraph.api.releases import Releases
    from clausegraph.api.settings import Settings

    settings = Settings.from_env(data=None if data is None else Path(data))
    releases = Releases(settings.data)
    found = releases.current() if release is None else releases.get(release)
    return RdflibDataset(store=OxigraphStore(store=found.open()), default_union=True)
