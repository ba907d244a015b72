"""What every answer of the SPARQL service needs: its media type, its validator, its patience."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Coroutine, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar

from starlette.requests import Request

from clausegraph.api.negotiation import choose
from clausegraph.api.problems import BadParameterError, NotAcceptableError
from clausegraph.api.sparql_errors import worker_lost
from clausegraph.api.sparql_frames import ARROW, PARQUET
from clausegraph.api.sparql_pool import Job, QueryPool

T = TypeVar("T")

TABLE_FORMATS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
FRAME_FORMATS = {"arrow": ARROW, "parquet": PARQUET}
GRAPH_FORMATS = {
    "turtle": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "json": "application/ld+json",
    "xml": "application/rdf+xml",
}
GRAPH_TYPES = tuple(dict.fromkeys(GRAPH_FORMATS.values()))
HEADERS = {"Vary": "Accept", "Cache-Control": "no-cache"}


class Release(Protocol):
    """What is asked of a release."""

    @property
    def id(self) -> str:
        """Its identifier."""

    @property
    def store_path(self) -> Path:
        """Its checkpoint."""


def negotiate(
    request: Request, named: str | None, formats: Mapping[str, str], offered: Sequence[str]
) -> str:
    """The media type that the parameter `format` names, or else the one that Accept prefers.

    Raises `BadParameterError` or `NotAcceptableError`.
    """
    if named is not None:
        if named in formats:
            return _made(formats[named], offered)
        raise BadParameterError(
            f"this answer has no format {named!r}",
            hint=f"Choose one of {', '.join(sorted(formats))}.",
            value=named,
        )
    chosen = choose(", ".join(request.headers.getlist("accept")), offered)
    if chosen is None:
        raise NotAcceptableError(
            "this answer is in no media type that Accept names",
            hint=f"Accept one of {', '.join(offered)}.",
            value=list(offered),
        )
    return _made(chosen, offered)


def _made(media_type: str, offered: Sequence[str]) -> str:
    """The media type, if this installation can make it. Raises `NotAcceptableError`."""
    if media_type in FRAME_FORMATS.values() and find_spec("pyarrow") is None:
        raise NotAcceptableError(
            f"this server does not make {media_type}",
            hint="Its operator can install clausegraph[frames]; CSV and JSON are always there.",
            value=[each for each in offered if each not in FRAME_FORMATS.values()],
        )
    return media_type


def address(request: Request) -> str:
    """The address that was asked, without a query: base of relative IRIs, name of the service."""
    return str(request.url.replace(query="", fragment=""))


def etag(*parts: object) -> str:
    """A weak validator: rows without ORDER BY and blank nodes may come in another order."""
    return f'W/"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"'


def has(request: Request, tag: str) -> bool:
    """Whether the client holds the answer already."""
    held = ",".join(request.headers.getlist("if-none-match")).split(",")
    return tag.removeprefix("W/") in (each.strip().removeprefix("W/") for each in held)


class GraphNames:
    """The names of a release's graphs, asked for once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: tuple[str, list[str]] = ("", [])

    async def of(self, pool: QueryPool, release: Release) -> list[str]:
        """The names, from the store itself."""
        if self._known[0] != release.id:
            job = Job(release.store_path, "SELECT ?g { GRAPH ?g {} }", TABLE_FORMATS["json"])
            rows = json.loads((await pool.run(job)).body)["results"]["bindings"]
            self._known = (release.id, [row["g"]["value"] for row in rows])
        return self._known[1]


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Do work for a client; when the client goes, the work is given up."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise worker_lost("the client went before there was an answer")
    finally:
        gone.cancel()
        task.cancel()


async def _gone(request: Request) -> None:
    """Wait until the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
