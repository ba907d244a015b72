"""What one query may cost, and the memory that its answer is written to within these limits."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

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


class LimitError(Exception):
    """The answer grew over a limit; the argument names which."""


class Output:
    """A file in memory that refuses to grow beyond a number of bytes or of rows.

    Rows are counted by a mark that each row but the first begins or ends with. A string may hold
    the mark as well, so the exact count is taken only when there are too many marks.
    """

    def __init__(self, limits: Limits, media_type: str) -> None:
        """Hold an answer of a media type within limits."""
        self.data = bytearray()
        self.limits = limits
        self.mark, self.strings, self.extra = _marks(media_type)
        self.marks = 0
        self.suspicious = limits.rows + self.extra

    def write(self, chunk: bytes) -> int:
        """Take a part of the answer. Raises `LimitError`."""
        start = max(0, len(self.data) + 1 - len(self.mark))
        self.data += chunk
        if len(self.data) > self.limits.bytes:
            raise LimitError("bytes")
        self.marks += self.data.count(self.mark, start)
        if self.marks > self.suspicious:
            self.recount()
        return len(chunk)

    def recount(self) -> None:
        """Count rows outside strings; the next count is due when the rest could be too many."""
        bare = self.strings.sub(b'""', self.data) if self.strings else self.data
        left = self.limits.rows + self.extra - bare.count(self.mark)
        if left < 0:
            raise LimitError("rows")
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
