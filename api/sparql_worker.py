"""A process that answers SPARQL queries over a release, one after the other, and can be killed.

``python -m clausegraph.api.sparql_worker LIMITS`` reads jobs from standard input and writes
answers to standard output. A frame is four bytes of length and as many bytes; a job is one frame
of JSON, an answer is a frame of JSON and a frame with the serialised result. The process ends
when its input ends, even in the middle of a query. What goes wrong is an answer, too: its ``error``
is one of the names in `ERRORS`.
"""

from __future__ import annotations

import json
import os
import re
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from clausegraph.api.sparql_frames import ARROW, PARQUET, rows_of, written
from clausegraph.api.sparql_guard import graphs_named, names_dataset, services
from clausegraph.api.sparql_output import LimitError, Limits, Output
from clausegraph.api.sparql_sandbox import deny_network, limit_memory
from clausegraph.api.sparql_syntax import told

__all__ = ["ERRORS", "Job", "Limits", "Worker", "frame", "read_frame"]
ERRORS = ("bytes", "failed", "memory", "rows", "service", "syntax", "unsupported", "xml")
_LENGTH = struct.Struct(">I")
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|<oxprefix:[ />]")


@dataclass(frozen=True)
class Job:
    """A query over a release, and the media type of its answer.

    `prefixes` are known to the query without being declared, and shorten the IRIs of a graph.

    With neither default nor named graphs, the dataset is the one that the query names, or else the
    union of all graphs as default graph and every graph by its name. With `explain` the answer is
    what the query means and what it costs, as JSON.
    """

    store_path: Path
    query: str
    media_type: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    base: str | None = None
    prefixes: Mapping[str, str] = field(default_factory=dict)
    explain: bool = False

    def encode(self) -> bytes:
        """As a frame of JSON."""
        return json.dumps({**asdict(self), "store_path": str(self.store_path)}).encode()

    @classmethod
    def decode(cls, frame: bytes) -> Job:
        """Read what `encode` wrote."""
        given = json.loads(frame)
        return cls(**{**given, "store_path": Path(given["store_path"])})


class Worker:
    """Answers jobs; keeps the store of the last job open."""

    def __init__(self, limits: Limits) -> None:
        """Answer within `limits`."""
        self.limits = limits
        self._path: Path | None = None
        self._store: Store | None = None

    def answer(self, job: Job) -> tuple[dict[str, object], bytes]:
        """Head and body of the answer to a job; an error has no body."""
        refused = [name for name in services(job.query) if name[1:-1] not in self.limits.services]
        if refused:
            return {"error": "service", "detail": refused[0]}, b""
        try:
            body = self._run(job)
            return {"media_type": job.media_type, "unknown": self._unknown(job)}, body
        except SyntaxError as error:
            return {"error": "syntax", "detail": told(str(error), job.query, job.prefixes)}, b""
        except LimitError as error:
            return {"error": str(error), "detail": ""}, b""
        except RuntimeError as error:
            return {"error": "unsupported", "detail": str(error)}, b""
        except MemoryError:
            return {"error": "memory", "detail": ""}, b""
        except (OSError, ValueError) as error:
            traceback.print_exc()
            return {"error": "failed", "detail": type(error).__name__}, b""

    def _run(self, job: Job) -> bytes:
        if job.explain:
            return self._explain(job)
        body = self._serialise(self._query(job), job)
        if "xml" in job.media_type and _NOT_XML.search(body):
            raise LimitError("xml")
        return body

    def _explain(self, job: Job) -> bytes:
        from clausegraph.api.sparql_explain import explained, measured

        run = measured(lambda: self._query(job), self.limits.rows)
        dataset = {"default": job.default_graphs, "named": job.named_graphs}
        document = explained(job.query, job.base, job.prefixes, dataset) | {"run": run}
        document |= {"unknownGraphs": self._unknown(job)}
        bounds = {"rows": self.limits.rows, "bytes": self.limits.bytes}
        return json.dumps(document | {"limits": bounds}).encode()

    def _query(self, job: Job) -> QuerySolutions | QueryBoolean | QueryTriples:
        default, named = _nodes(job.default_graphs), _nodes(job.named_graphs)
        given = bool(default or named)
        return self._open(job.store_path).query(
            job.query,
            base_iri=job.base,
            prefixes=dict(job.prefixes),
            use_default_graph_as_union=not given and not names_dataset(job.query),
            default_graph=[*default] if given else None,
            named_graphs=[*named] if given else None,
        )

    def _unknown(self, job: Job) -> list[str]:
        """The graphs of a query's dataset that the release does not hold: they are empty."""
        asked = [*job.default_graphs, *job.named_graphs]
        if not asked and names_dataset(job.query):
            asked = graphs_named(job.query, job.base or "", job.prefixes)
        return [each for each in dict.fromkeys(asked) if not self._holds(job.store_path, each)]

    def _holds(self, path: Path, name: str) -> bool:
        try:
            return self._open(path).contains_named_graph(NamedNode(name))
        except ValueError:  # no IRI: the engine has its own reading of it
            return True

    def _serialise(self, result: QuerySolutions | QueryBoolean | QueryTriples, job: Job) -> bytes:
        if isinstance(result, QuerySolutions) and job.media_type in (ARROW, PARQUET):
            return self._frame(result, job.media_type)
        output = Output(self.limits, job.media_type)
        if isinstance(result, QueryTriples):
            output.suspicious = sys.maxsize
            graph = RdfFormat.from_media_type(job.media_type)
            triples = _counted(result, self.limits.rows)
            serialize(triples, output, graph, prefixes=dict(job.prefixes))  # type: ignore[arg-type]
        else:
            table = QueryResultsFormat.from_media_type(job.media_type)
            result.serialize(output, table)  # type: ignore[arg-type]
        return bytes(output.data)

    def _frame(self, result: QuerySolutions, media_type: str) -> bytes:
        columns = rows_of(result, self.limits.rows)
        if columns is None:
            raise LimitError("rows")
        body = written([each.value for each in result.variables], columns, media_type)
        if len(body) > self.limits.bytes:
            raise LimitError("bytes")
        return body

    def _open(self, path: Path) -> Store:
        if self._store is None or path != self._path:
            self._store = self._path = None
            self._store, self._path = Store.read_only(str(path)), path
        return self._store


def _nodes(iris: tuple[str, ...]) -> list[NamedNode]:
    return [NamedNode(iri) for iri in iris]


def _counted(triples: QueryTriples, limit: int) -> Iterator[Triple]:
    for number, triple in enumerate(triples):
        if number >= limit:
            raise LimitError("rows")
        yield triple


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None where the stream has ended."""
    length = stream.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(length)
    frame = stream.read(size)
    return frame if len(frame) == size else None


def frame(content: bytes) -> bytes:
    """A frame around content."""
    return _LENGTH.pack(len(content)) + content


def _read(stream: BinaryIO, take: Callable[[bytes], None]) -> None:
    """Pass frames on; end the process with its input, whatever the other thread is busy with."""
    try:
        while (job := read_frame(stream)) is not None:
            take(job)
    finally:
        os._exit(0)


def _own_stdout() -> BinaryIO:
    """Standard output for answers alone: whatever prints goes to standard error from here on."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


def main() -> None:
    """Answer jobs from standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this input
    output = _own_stdout()
    limits = Limits.decode(sys.argv[1])
    limit_memory(limits.memory)
    offline = not limits.services and deny_network()
    jobs: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, jobs.put), daemon=True).start()
    worker = Worker(limits)
    head: dict[str, Any] = {"ready": True, "offline": offline}
    body = b""
    while True:
        try:
            output.write(frame(json.dumps(head).encode()) + frame(body))
            output.flush()
        except BrokenPipeError:  # whoever asked has ended
            os._exit(0)
        head, body = worker.answer(Job.decode(jobs.get()))


if __name__ == "__main__":
    main()
