"""A release that is read from a SPARQL endpoint instead of a checkpoint on this machine.

The endpoint holds the graphs of a release (`clausegraph export --format nquads` writes them). Here
lies only the index of policies, built from the endpoint when its content is first met and kept in a
folder under the content's id, which follows from the names and sizes of the graphs. Mutations,
`/sparql` and checks of quotations need the store itself and are refused with a reason.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Store

from clausegraph.api.errors import NoReleaseError
from clausegraph.api.policyindex import build, usable
from clausegraph.api.releases import Release, Releases, identify
from clausegraph.api.settings import Settings
from clausegraph.api.source import Source
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import ID

if TYPE_CHECKING:  # servers with a store of their own do without a client of HTTP
    from clausegraph.api.endpoint import EndpointSource

LOOK = 60.0
"""Seconds between two looks at what the endpoint holds: counting it is not cheap."""


class EndpointModeError(ClausegraphError):
    """Something needs the embedded store, and this server reads from an endpoint."""

    code = "not-with-an-endpoint"


def releases_of(settings: Settings) -> Releases | EndpointReleases:
    """What a server answers from: the releases of its data directory, or those of an endpoint."""
    if not settings.endpoint:
        return Releases(settings.data)
    from clausegraph.api.endpoint import EndpointSource

    source = EndpointSource(
        settings.endpoint,
        settings.endpoint_user,
        settings.endpoint_password,
        settings.endpoint_token,
        settings.endpoint_seconds,
    )
    return EndpointReleases(source, settings.data)


@dataclass(frozen=True)
class EndpointRelease(Release):
    """A release whose triples are at an endpoint."""

    at: EndpointSource

    def source(self) -> Source:
        """The endpoint."""
        return self.at

    def open(self) -> Store:
        """There is no checkpoint. Raises `EndpointModeError`."""
        raise EndpointModeError(
            "this server reads from a SPARQL endpoint and has no store of its own",
            hint="Ask the endpoint itself, or a server of the release's checkpoint.",
        )


class EndpointReleases:
    """What an endpoint holds, in the place of `clausegraph.api.releases.Releases`."""

    def __init__(self, source: EndpointSource, folder: Path) -> None:
        """Read from a source; indexes lie below `folder`."""
        self.at, self.data, self.folder = source, folder, folder / "endpoints"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pointer = self.folder
        self._current: EndpointRelease | None = None
        self._looked = 0.0

    def current(self) -> EndpointRelease:
        """The release at the endpoint. Raises `EndpointError`, also where there is none of ours."""
        now = time.monotonic()
        if self._current is None or now - self._looked > LOOK:
            self._current, self._looked = self._met(), now
        return self._current

    def get(self, own: str) -> EndpointRelease:
        """The release at the endpoint, by its id. Raises `NoReleaseError` for any other."""
        current = self.current()
        if current.id == own:
            return current
        raise NoReleaseError(
            f"the endpoint does not hold release {own!r}", hint="It holds one at a time.", value=own
        )

    def _met(self) -> EndpointRelease:
        sizes = {node.value: count for node, count in self.at.graphs().items()}
        ours = {iri: count for iri, count in sizes.items() if iri.startswith(f"{ID}graph/")}
        if not ours:
            from clausegraph.api.endpoint import EndpointError

            raise EndpointError(
                f"the SPARQL endpoint {self.at.url} holds no graph of a release",
                hint="Load what `clausegraph export` writes as N-Quads into it.",
                value=self.at.url,
            )
        graphs = {iri: (_told(iri, count), count) for iri, count in ours.items()}
        own = identify(graphs)
        known = self._current
        if known is not None and known.id == own:
            return known
        path = self.folder / own
        published = datetime.now(UTC).isoformat(timespec="microseconds")
        if not usable(path):
            path.mkdir(parents=True, exist_ok=True)
            build(self.at, path, graphs)
        return EndpointRelease(own, published, graphs, path, self.at)


def _told(iri: str, count: int) -> str:
    """What stands for a graph's digest: all that is known without reading it."""
    return hashlib.sha256(f"{iri} {count}".encode()).hexdigest()
