"""Answers as data frames: a SELECT over a local release or a server, typed columns.

>>> from clausegraph.api import frame
>>> frame("SELECT ?law { ?law a cg:Instrument }")                          # the local release
>>> frame("SELECT ...", "https://graph.example/sparql", engine="polars")   # a server's

Only reads. Needs the extra ``frames`` (pyarrow, and pandas or polars).
"""

from __future__ import annotations

import asyncio
import io
import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from clausegraph.api.releases import Release
from clausegraph.api.sparql_frames import ARROW
from clausegraph.ontology.errors import ClausegraphError

Engine = Literal["pandas", "polars", "arrow"]


class FrameError(ClausegraphError):
    """There is no frame: a package is missing, or the server refused."""

    code = "frame-failed"


def frame(
    query: str, release_or_url: Release | str | None = None, engine: Engine = "pandas"
) -> Any:
    """The rows of a SELECT as a frame of pandas or polars, or as an Arrow table.

    `release_or_url` is a release, its id, or the address of a server's SPARQL endpoint; by default
    the current release of the command line's data directory. Raises `ClausegraphError`.
    """
    table = _table(query, release_or_url)
    if engine == "arrow":
        return table
    try:
        return table.to_pandas() if engine == "pandas" else _polars(table)
    except ImportError as error:
        raise _missing(error) from error


def _table(query: str, where: Release | str | None) -> Any:
    try:
        from pyarrow import ipc
    except ImportError as error:
        raise _missing(error) from error
    remote = isinstance(where, str) and where.startswith(("http://", "https://"))
    content = _remote(query, str(where)) if remote else _local(query, where)
    with ipc.open_stream(io.BytesIO(content)) as stream:
        return stream.read_all()


def _polars(table: Any) -> Any:
    import polars

    return polars.from_arrow(table)


def _remote(query: str, url: str) -> bytes:
    """Ask a server; what it refuses keeps its hint."""
    request = urllib.request.Request(
        url, urlencode({"query": query}).encode(), {"Accept": ARROW}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            detail, hint = _problem(error.read())
        raise FrameError(detail or str(error), hint=hint, value=error.code) from error
    except OSError as error:
        raise FrameError(f"no answer from {url}: {error}", hint="Is it running?") from error


def _problem(body: bytes) -> tuple[str, str]:
    try:
        document = json.loads(body)
        return str(document["detail"]), str(document.get("hint", ""))
    except (ValueError, KeyError, TypeError):
        return "", "Give the address of the SPARQL endpoint, such as …/sparql."


def _local(query: str, where: Release | str | None) -> bytes:
    """Ask a release in a worker with the server's limits, even where a loop runs (notebooks)."""
    from clausegraph.api.releases import Releases
    from clausegraph.api.settings import Settings

    settings = Settings.from_env()
    release = where
    if not isinstance(release, Release):
        releases = Releases(settings.data)
        release = releases.current() if release is None else releases.get(release)
    work = _run(query, release.store_path, settings.sparql_seconds)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _run(query: str, store: Path, seconds: float) -> bytes:
    from clausegraph.api.sparql_guard import query_form
    from clausegraph.api.sparql_pool import Job, QueryPool
    from clausegraph.ontology.iris import PREFIXES

    if query_form(query) in ("ASK", "CONSTRUCT", "DESCRIBE", "UPDATE"):
        raise FrameError("only a SELECT has rows", hint="Ask with SELECT.")
    pool = QueryPool(workers=1, timeout=seconds)
    try:
        return (await pool.run(Job(store, query, ARROW, prefixes=PREFIXES))).body
    finally:
        await pool.close()


def _missing(error: ImportError) -> FrameError:
    return FrameError(
        f"a package is missing: {error.name}",
        hint="pip install 'clausegraph[frames]', or '.[frames]' in a checkout.",
        value=error.name,
    )
