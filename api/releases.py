"""Releases: immutable, published states of the whole graph, and the move from one to the next.

``<data>/releases/<id>/`` holds a checkpoint of the store and a manifest; ``<data>/current`` names
the one that is served. A release is built aside and moved into place by a rename, then ``current``
is replaced by another: whatever is killed at whatever moment, ``current`` names a whole release.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
from pyoxigraph import Store

from clausegraph.api.errors import NoReleaseError, StoreError
from clausegraph.api.source import EmbeddedSource, Source

_ID = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True)
class Release:
    """A published state: its id, when it was published, the digest and size of each graph."""

    id: str
    published: str
    graphs: Mapping[str, tuple[str, int]]
    path: Path

    @property
    def store_path(self) -> Path:
        """The checkpoint; open it with `pyoxigraph.Store.read_only`, never to write."""
        return self.path / "store"

    @property
    def triples(self) -> int:
        """Number of triples; no triple stands in two graphs."""
        return sum(count for _, count in self.graphs.values())

    def source(self) -> Source:
        """Open what it is read from. Raises `StoreError` where the checkpoint is damaged."""
        return EmbeddedSource(self.open())

    def open(self) -> Store:
        """Open the checkpoint for reading. Raises `StoreError` where it is damaged."""
        try:
            return Store.read_only(str(self.store_path))
        except (OSError, RuntimeError) as error:
            raise _damaged(self.id, error) from error


def identify(graphs: Mapping[str, tuple[str, int]]) -> str:
    """The id of a state of the graph: the same content has the same id, whenever it was loaded."""
    lines = (f"{iri} {sha}" for iri, (sha, _) in sorted(graphs.items()))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


class Releases:
    """The releases of a data directory."""

    def __init__(self, data: Path) -> None:
        """`data` is the directory that `--data` names; it need not exist yet."""
        self.data = data
        self.folder = data / "releases"
        self.pointer = data / "current"

    def current(self) -> Release:
        """The release that is served.

        Raises `NoReleaseError` where nothing was published yet, `StoreError` where it is damaged.
        """
        try:
            return self.get(self.pointer.read_text(errors="replace").strip())
        except FileNotFoundError:
            raise NoReleaseError(
                f"nothing is published in {self.data}",
                hint="Run `clausegraph publish`, or give the directory with --data.",
                value=str(self.data),
            ) from None

    def get(self, own: str) -> Release:
        """A release by its id.

        Raises `NoReleaseError` where there is none, `StoreError` where its manifest is damaged.
        """
        path = self.folder / own
        try:
            if not _ID.fullmatch(own):
                raise FileNotFoundError(own)
            text = (path / "manifest.json").read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise NoReleaseError(
                f"there is no release {own!r}",
                hint="`clausegraph releases` lists those there are.",
                value=own,
            ) from None
        try:
            manifest = orjson.loads(text)
            graphs = {iri: (sha, count) for iri, (sha, count) in manifest["graphs"].items()}
            return Release(own, manifest["published"], graphs, path)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise _damaged(own, error) from error

    def all(self) -> list[Release]:
        """Every release, the newest first."""
        paths = self.folder.glob("*/manifest.json")
        found = [self.get(p.parent.name) for p in paths if _ID.fullmatch(p.parent.name)]
        return sorted(found, key=lambda r: (r.published, r.id), reverse=True)

    def publish(
        self,
        store: Store,
        graphs: Mapping[str, tuple[str, int]],
        beside: Callable[[Path], None] = lambda path: None,
        whole: Callable[[Path], bool] = lambda path: True,
    ) -> Release:
        """Make a release of a store's present content and serve it.

        `beside` is called with the release's directory before it is moved into place, to put
        indexes there, and `whole` tells whether those of an earlier release are still sound.

        Content that was published before keeps its release; it only becomes the current one again.
        Where that release is damaged it is built anew, and where only its indexes are, they are: in
        both cases aside, so that what is served stays until there is something better.
        The caller holds the writer's lock.
        """
        own = identify(graphs)
        self._sweep()
        if not self._opens(own):
            self._build(own, store, graphs, beside)
        elif not whole(self.folder / own):
            self._mend(own, beside)
        release = self.get(own)
        self.serve(release)
        return release

    def serve(self, release: Release) -> None:
        """Name a release as the current one; servers move to it by themselves."""
        _write(self.pointer, (release.id + "\n").encode())

    def prune(self, keep: int) -> list[str]:
        """Remove all but the newest `keep` releases and the current one; returns the ids removed.

        A server that still reads a removed release keeps its open files until it has moved on.
        The caller holds the writer's lock: what is published at the same time could be removed.
        """
        current = self.current().id
        old = [release for release in self.all()[keep:] if release.id != current]
        for release in old:
            self._remove(release.path)
        return [release.id for release in old]

    def _opens(self, own: str) -> bool:
        """Whether there is a release of this id that can be opened."""
        try:
            self.get(own).open()
        except (NoReleaseError, StoreError):
            return False
        return True

    def _remove(self, path: Path) -> None:
        """Remove a release, in one step as far as readers can see."""
        if path.exists():
            aside = path.with_name(f".removed-{path.name}")
            path.rename(aside)
            shutil.rmtree(aside)

    def _build(
        self,
        own: str,
        store: Store,
        graphs: Mapping[str, tuple[str, int]],
        beside: Callable[[Path], None],
    ) -> None:
        aside = self._aside(own)
        store.flush()
        store.backup(str(aside / "store"))
        beside(aside)
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        release = Release(own, now, graphs, aside)
        manifest = {key: value for key, value in asdict(release).items() if key != "path"}
        _write(aside / "manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        self._remove(self.folder / own)  # which cannot be opened, so that nothing is lost
        aside.rename(self.folder / own)
        _sync(self.folder)

    def _mend(self, own: str, beside: Callable[[Path], None]) -> None:
        """Put new indexes beside a release's store in the place of the old ones, file by file."""
        aside = self._aside(own)
        beside(aside)
        for path in sorted(aside.iterdir()):
            path.replace(self.folder / own / path.name)
        _sync(self.folder / own)
        aside.rmdir()

    def _aside(self, own: str) -> Path:
        """An empty directory to build in, which is no release and is swept if it stays."""
        aside = self.folder / f".building-{own}"
        aside.mkdir(parents=True)
        return aside

    def _sweep(self) -> None:
        """Remove what a killed process left half done; only the holder of the lock calls this."""
        for start in (".building-", ".removed-"):
            for path in self.folder.glob(f"{start}*"):
                shutil.rmtree(path)


def _damaged(own: str, error: Exception) -> StoreError:
    return StoreError(
        f"release {own} cannot be read: {error}",
        hint="Publish again, or `clausegraph releases --rollback` to another one.",
        value=own,
    )


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step that survives a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make a rename in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
