"""The invented platform that a new installation shows, loaded beside the law."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from clausegraph.api.histories import File, Loaded, load_files
from clausegraph.loaders.historyjob import HandedOver
from clausegraph.loaders.manifest import Entry, read_manifest

PLATFORM = "inkwarren"
"""The id of the platform, and the name of its folder."""


def load_demonstration(data: Path) -> Loaded:
    """Put the demonstration into the writer's store; nothing changes where it is there."""
    folder = files("clausegraph.loaders").joinpath("demonstration", PLATFORM)
    with as_file(folder) as path:
        return load_files(data, [file_of(entry) for entry in read_manifest(path)])


def file_of(entry: Entry) -> File:
    """An entry of a manifest as a file to load."""
    return File(
        platform=entry.platform,
        document=entry.document,
        file=HandedOver(entry.file, entry.captured_at),
        provider=entry.provider,
        invented=entry.invented,
        source_address=entry.source_url,
    )
