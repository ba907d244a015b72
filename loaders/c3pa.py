"""Reads a corpus of privacy policies that experts labelled, in the form in which C3PA is given.

Evaluation only: the corpus is the user's own and nothing of it is kept. `Annotations/<part>/<n>.csv`
holds what annotators quoted under which label, `Htmls/<part>/<n>.html` the document. The unit is a
leaf block of the page; it is judged through the passages of the product's own reading of the page
in which its words stand. Pages are read in this process: the corpus must be one that is trusted.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from lzma import LZMAError
from pathlib import Path
from typing import Final

from clausegraph.loaders.c3papage import AGREED, Leaf, Page, Quote
from clausegraph.loaders.encoding import EncodingError, decoded_html
from clausegraph.ontology.errors import ClausegraphError

COLUMNS: Final = ("RANumb", "Text", "Label")
PARTS: Final = ("all", "tuning", "held-out")
MOST_UNMATCHED: Final = 0.6
"""A document of whose quotes a larger share is not on its page was badly captured."""
_HELD_OUT = 64  # of 256 values of the first byte of the name's digest
_FILE = re.compile(r"(?:^|/)(Annotations|Htmls)/([^/]+/[^/]+)\.(?:csv|html)$")


class CorpusError(ClausegraphError):
    """An annotated corpus cannot be read; the message names the file and, in a table, the line."""

    code = "corpus-unreadable"


@dataclass(frozen=True, slots=True)
class Annotated:
    """A labelled document: its name (``DB/12``), its annotators, its leaves in reading order.

    `unmatched` is the share of quotes that are not on the page.
    """

    name: str
    annotators: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    unmatched: float


@dataclass(slots=True)
class Corpus:
    """The documents that can be scored, and the names of those that cannot.

    `captured_badly` do not hold what was quoted from them; `alone` have one annotator only, so that
    nothing can be agreed.
    """

    documents: list[Annotated] = field(default_factory=list)
    captured_badly: list[str] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)


def held_out(name: str) -> bool:
    """Whether a document is of the quarter on which no pattern was tuned."""
    return hashlib.sha256(name.encode()).digest()[0] < _HELD_OUT


def read_corpus(
    path: Path, part: str = "all", tick: Callable[[int, int], None] = lambda done, total: None
) -> Corpus:
    """Read the corpus in a folder or a .tar.xz; `part` is one of `PARTS`.

    Raises `CorpusError`: no such corpus, a table that is broken, a document without its page.
    """
    tables, pages = _files(path)
    unwanted = {"tuning": True, "held-out": False}.get(part)
    names = [name for name in tables if held_out(name) is not unwanted]
    corpus = Corpus()
    for done, name in enumerate(names, start=1):
        found = _annotated(path, name, tables[name](), pages)
        if len(found.annotators) < AGREED:
            corpus.alone.append(name)
        elif found.unmatched > MOST_UNMATCHED:
            corpus.captured_badly.append(name)
        else:
            corpus.documents.append(found)
        tick(done, len(names))
    return corpus


_Files = dict[str, Callable[[], bytes]]


def _files(path: Path) -> tuple[_Files, _Files]:
    """The tables and the pages by the names of their documents, in the order of these."""
    found: dict[str, _Files] = {"Annotations": {}, "Htmls": {}}
    try:
        for name, read in _folder(path) if path.is_dir() else _archive(path):
            if place := _FILE.search(name):
                found[place[1]][place[2]] = read
    except (OSError, EOFError, tarfile.TarError, LZMAError, zlib.error) as error:
        raise CorpusError(f"{path} cannot be read: {error}", hint=_HINT, value=str(path)) from error
    if not found["Annotations"]:
        raise CorpusError(f"{path} holds no annotated corpus", hint=_HINT, value=str(path))
    return dict(sorted(found["Annotations"].items())), found["Htmls"]


def _folder(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The files below a folder, each read when it is wanted."""
    for each in path.rglob("*"):
        if each.is_file():
            yield each.relative_to(path).as_posix(), each.read_bytes


def _archive(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The files of an archive, which can only be read from its start to its end."""
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and _FILE.search(member.name):
                file = archive.extractfile(member)
                assert file is not None
                yield member.name, io.BytesIO(file.read()).getvalue


def _annotated(path: Path, name: str, table: bytes, pages: _Files) -> Annotated:
    where = f"{path}/Annotations/{name}.csv"
    quotes = [_quote(where, line, row) for line, row in _rows(where, table)]
    if name not in pages:
        missing = f"Htmls/{name}.html"
        raise CorpusError(f"{where}:1: {missing} is not there", hint=_HINT, value=missing)
    try:
        page = Page(decoded_html(pages[name]())[0])
    except EncodingError as error:
        where = f"{path}/Htmls/{name}.html"
        raise CorpusError(f"{where}:1: {error.why}", hint=error.hint, value=where) from error
    given = [(quote, page.spans(quote.text)) for quote in quotes]
    unmatched = sum(not spans for _, spans in given)
    people = tuple(sorted({quote.annotator for quote in quotes}))
    share = unmatched / len(quotes) if quotes else 0.0
    return Annotated(name, people, tuple(page.leaves(people, given)), share)


def _rows(where: str, table: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table below its header, each with the line on which it starts."""
    number = 1
    try:
        lines = csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""), strict=True)
        if tuple(next(lines, ())) != COLUMNS:
            raise _broken(where, 1, f"the header is not {','.join(COLUMNS)}")
        number = lines.line_num + 1
        for row in lines:
            if row:
                yield number, row
            number = lines.line_num + 1
    except csv.Error as error:
        raise _broken(where, number, f"no table: {error}") from error
    except UnicodeDecodeError as error:
        number = table[: error.start].count(b"\n") + 1
        raise _broken(where, number, "not UTF-8 text") from error


def _quote(where: str, line: int, row: list[str]) -> Quote:
    """One row; the line breaks of a quote are written out as backslash and n in some tables."""
    if len(row) != len(COLUMNS):
        raise _broken(where, line, f"{len(row)} columns instead of {len(COLUMNS)}")
    annotator, text, label = row
    return Quote(annotator.strip(), label.strip(), text.replace("\\n", "\n"))


def _broken(where: str, line: int, problem: str) -> CorpusError:
    return CorpusError(f"{where}:{line}: {problem}", hint=_HINT, value=where)


_HINT = "It holds Annotations/<part>/<n>.csv (RANumb, Text, Label) and Htmls/<part>/<n>.html."
