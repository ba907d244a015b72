"""One document's history as a piece of work that any process can do: from captures to statements.

A job names captures in their order: those already known come with their texts, others by where
they lie. The result is the whole history, already held to the shapes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.changes import compare
from clausegraph.loaders.documents import read_document
from clausegraph.loaders.gitopen import opened
from clausegraph.loaders.gitread import Objects
from clausegraph.loaders.historytexts import sha256_of
from clausegraph.loaders.ntriples import lines
from clausegraph.loaders.ota import Notice, Planned, read
from clausegraph.loaders.policies import HistoryBuilder, Identity
from clausegraph.ontology.iris import graph
from clausegraph.ontology.terms import quads as ontology_quads
from clausegraph.shapes.report import InvalidGraphError
from clausegraph.shapes.validator import validate_store


@dataclass(frozen=True)
class HandedOver:
    """A file that a person gives as a capture."""

    path: Path
    recorded: datetime
    kind: str | None = None


Item = Capture | Planned | HandedOver


@dataclass(frozen=True)
class Job:
    """A document with its captures in order; `archive` is the repository of the planned ones."""

    identity: Identity
    items: tuple[Item, ...]
    archive: Path | None = None


@dataclass(frozen=True)
class Result:
    """A history as N-Triples lines, sorted, each once; `sha256` is that of the graph.

    `text_sha256` has the hash of each capture's text.
    """

    identity: Identity
    captures: tuple[Capture, ...]
    text_sha256: tuple[str, ...]
    lines: tuple[str, ...]
    sha256: str
    notices: tuple[Notice, ...]

    @property
    def data(self) -> bytes:
        """The statements in N-Quads, in the history's own graph."""
        return nquads(self.lines, self.identity.graph)


def run(jobs: Sequence[Job]) -> list[Result]:
    """Do some jobs; their histories are held to the shapes together, which is quicker.

    Raises the errors of `documents.read_document` and of `ota.read`, and `InvalidGraphError`.
    """
    results = [_build(job) for job in jobs]
    check(results)
    return results


def _build(job: Job) -> Result:
    notices: list[Notice] = []
    captures = _distinct(_captures(job, notices))
    history = HistoryBuilder(job.identity, captures, lru_cache(None)(compare))
    made = tuple(sorted(set(lines(history.nodes())))) if captures else ()
    return Result(
        identity=job.identity,
        captures=captures,
        text_sha256=tuple(sha256_of(each.text) for each in captures),
        lines=made,
        sha256=digest_of(made),
        notices=tuple(notices),
    )


def digest_of(made: Sequence[str]) -> str:
    """The SHA-256 of a graph from its sorted lines."""
    return hashlib.sha256("\n".join(made).encode()).hexdigest()


def check(results: Sequence[Result]) -> None:
    """Hold histories, together with what is said of their documents, to the shapes.

    Raises `InvalidGraphError` with the report.
    """
    store = Store()
    store.bulk_extend(ontology_quads())
    around = {line for each in results for line in lines(each.identity.nodes())}
    data = nquads(sorted(around), graph("platforms")) + b"".join(each.data for each in results)
    store.bulk_load(input=data, format=RdfFormat.N_QUADS)
    report = validate_store(store)
    if not report.conforms:
        raise InvalidGraphError(report)


def nquads(made: Sequence[str], name: str) -> bytes:
    """Lines as N-Quads in a graph."""
    end = f" <{name}> .\n"
    return (end.join(made) + end).encode() if made else b""


def _captures(job: Job, notices: list[Notice]) -> Iterator[Capture]:
    """The captures of a job in order; planned ones are read in one go."""
    planned = [item for item in job.items if isinstance(item, Planned)]
    if not planned or job.archive is None:
        yield from (_read(job.identity, item) for item in job.items)
        return
    with opened(job.archive) as objects:
        texts = _texts(objects, planned, notices)
        for item in job.items:
            if not isinstance(item, Planned):
                yield _read(job.identity, item)
            elif (capture := texts.get(item.commit)) is not None:
                yield capture


def _texts(objects: Objects, planned: list[Planned], notices: list[Notice]) -> dict[str, Capture]:
    """Planned captures by their commit; what is no text is missing."""
    return {each.commit: each for each in read(objects, planned, notices.append)}


def _read(identity: Identity, item: Item) -> Capture:
    assert not isinstance(item, Planned)
    if isinstance(item, Capture):
        return item
    document = read_document(item.path, kind=item.kind)
    return Capture(
        platform=identity.platform,
        document=identity.document,
        commit="",
        recorded=item.recorded,
        label="manual",
        snapshot=None,
        sha256=document.sha256,
        text=document.text,
        media_type=document.media_type,
    )


def _distinct(captures: Iterator[Capture]) -> tuple[Capture, ...]:
    """Each capture once: the same file handed over twice for one moment is one."""
    return tuple({each.key: each for each in captures}.values())
