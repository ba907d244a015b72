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
from clausegraph.api.sparql_guard import names_dataset, services
from clausegraph.api.sparql_sandbox import deny_network, limit_memory

ERRORS = ("bytes", "failed", "memory", "rows", "service", "syntax", "unsupported", "xml")
_LENGTH = struct.Struct(">I")
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|<oxprefix:[ />]")
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_CSV_STRING = re.compile(rb'"[^"]*"?')


@dataclass(frozen=True)
class Limits:
    """What one query may cost, in rows or triples, bytes of answer and bytes of memory."""

    rows: int = 100_000
    bytes: int = 64 << 20
    memory: int = 1 << 30
    services: tuple[str, ...] = ()

    def encode(self) -> str:
        """As text for the command line of a worker."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> Limits:
        """Read what `encode` wrote."""
        given = json.loads(text)
        return cls(**{**given, "services": tuple(given["services"])})


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


class _LimitError(Exception):
    """The answer grew over a limit; the argument names which."""


class _Output:
    """A file in memory that refuses to grow beyond a number of bytes or of rows.

    Rows are counted by a mark that each row but the first begins or ends with. A string may hold
    the mark as well, so the exact count is taken only when there are too many marks.
    """

    def __init__(self, limits: Limits, media_type: str) -> None:
        self.data = bytearray()
        self.limits = limits
        self.mark, self.strings, self.extra = _marks(media_type)
        self.marks = 0
        self.suspicious = limits.rows + self.extra

    def write(self, chunk: bytes) -> int:
        start = max(0, len(self.data) + 1 - len(self.mark))
        self.data += chunk
        if len(self.data) > self.limits.bytes:
            raise _LimitError("bytes")
        self.marks += self.data.count(self.mark, start)
        if self.marks > self.suspicious:
            self.recount()
        return len(chunk)

    def recount(self) -> None:
        """Count rows outside strings; the next count is due when the rest could be too many."""
        bare = self.strings.sub(b'""', self.data) if self.strings else self.data
        left = self.limits.rows + self.extra - bare.count(self.mark)
        if left < 0:
            raise _LimitError("rows")
        self.suspicious = self.marks + left

    def flush(self) -> None:
        """Nothing waits to be written."""


def _marks(media_type: str) -> tuple[bytes, re.Pattern[bytes] | None, int]:
    """Mark of a row, how strings look, and how many marks there are besides one for each row."""
    if media_type.endswith("json"):
        return b",{", _JSON_STRING, -1
    if media_type.endswith("xml"):
        return b"<result>", None, 0
    return b"\n", _CSV_STRING if media_type == "text/csv" else None, 1


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
            return {"media_type": job.media_type}, self._run(job)
        except SyntaxError as error:
            return {"error": "syntax", "detail": str(error)}, b""
        except _LimitError as error:
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
            raise _LimitError("xml")
        return body

    def _explain(self, job: Job) -> bytes:
        from clausegraph.api.sparql_explain import explained, measured

        run = measured(lambda: self._query(job), self.limits.rows)
        dataset = {"default": job.default_graphs, "named": job.named_graphs}
        document = explained(job.query, job.base, job.prefixes, dataset) | {"run": run}
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

    def _serialise(self, result: QuerySolutions | QueryBoolean | QueryTriples, job: Job) -> bytes:
        if isinstance(result, QuerySolutions) and job.media_type in (ARROW, PARQUET):
            return self._frame(result, job.media_type)
        output = _Output(self.limits, job.media_type)
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
            raise _LimitError("rows")
        body = written([each.value for each in result.variables], columns, media_type)
        if len(body) > self.limits.bytes:
            raise _LimitError("bytes")
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
            raise _LimitError("rows")
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
        output.write(frame(json.dumps(head).encode()) + frame(body))
        output.flush()
        head, body = worker.answer(Job.decode(jobs.get()))


if __name__ == "__main__":
    main()
