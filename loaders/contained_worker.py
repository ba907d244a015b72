"""The process that reads one HTML or PDF file and is confined before it looks at it.

``python -m clausegraph.loaders.contained_worker KIND COST`` reads the bytes from standard input and
writes JSON to standard output. By then it can open neither files nor sockets nor processes, and has
memory, processor time and room for the result up to the limits. Where the system knows no such
limits (Windows) only the caller's clock ends it.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import json
import os
import sys
from collections.abc import Callable

from clausegraph.loaders.contained import FAILURES, ContainedError, Cost

if sys.platform != "win32":
    import resource

_CODES = {reason: code for code, reason in FAILURES.items()}
_STANDARD_FILES = 3


def main() -> None:
    """Read one file from standard input."""
    cost = Cost(**json.loads(sys.argv[2]))
    read = _reader(sys.argv[1])
    confine(cost)
    try:
        text, notes = read(sys.stdin.buffer.read())
        sys.stdout.buffer.write(json.dumps({"text": text, "notes": notes}).encode())
        sys.stdout.buffer.flush()
    except MemoryError:
        _end("memory")
    except OSError as error:
        if error.errno != errno.EFBIG:  # the result outgrew the largest file allowed
            raise
        _end("size")
    except ContainedError as error:
        _end(error.reason)


def _reader(kind: str) -> Callable[[bytes], tuple[str, list[str]]]:
    """The function that reads files of a kind, with all that it will need already loaded."""
    for name in ("utf-8", "utf-16-le"):
        codecs.lookup(name)
    if kind == "html":
        from clausegraph.loaders import html_text

        return lambda data: html_text.markdown(data.decode())
    from clausegraph.loaders import pdf_text

    return pdf_text.markdown


def confine(cost: Cost) -> None:
    """Give up what reading a file does not need, for good."""
    if sys.platform == "win32":
        return
    limits = {
        "RLIMIT_CORE": 0,
        "RLIMIT_NPROC": 0,
        "RLIMIT_NOFILE": _STANDARD_FILES,
        "RLIMIT_FSIZE": cost.result,
        "RLIMIT_AS": cost.memory,
        "RLIMIT_DATA": cost.memory,
        "RLIMIT_CPU": cost.processor,
    }
    for name, limit in limits.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):  # not on every system
            resource.setrlimit(getattr(resource, name), (limit, limit))


def _end(reason: str) -> None:
    """End at once: what is still to be written would fail again."""
    os._exit(_CODES[reason])


if __name__ == "__main__":
    main()
