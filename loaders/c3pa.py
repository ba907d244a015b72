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
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from clausegraph.loaders.blocks import Block, blocks
from clausegraph.loaders.encoding import EncodingError, decoded_html
from clausegraph.loaders.html_text import markdown
from clausegraph.ontology.errors import ClausegraphError

COLUMNS: Final = ("RANumb", "Text", "Label")
PARTS: Final = ("all", "tuning", "held-out")
AGREED: Final = 2
"""So many annotators make a label true."""
LONGER_THAN: Final = 15
"""Characters; leaf blocks that have no more are not scored."""
MOST_UNMATCHED: Final = 0.6
"""A document of whose quotes a larger share is not on its page was badly captured."""
_HELD_OUT = 64  # of 256 values of the first byte of the name's digest
_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|"
    "figcaption|figure|footer|form|h[1-6]|header|hgroup|legend|li|main|menu|nav|ol|p|pre|search|"
    "section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_UNSEEN = "script, style, noscript, template, iframe, svg"
_HIDDEN = re.compile(r"(?:display|visibility)\s*:\s*(?:none|hidden|collapse)", re.IGNORECASE)
_SIGNS = re.compile("[^a-z0-9]+")
_SHORTEST_LINE = 12  # letters of a line of a quote that is looked for by itself
_FILE = re.compile(r"(?:^|/)(Annotations|Htmls)/([^/]+/[^/]+)\.(?:csv|html)$")


class CorpusError(ClausegraphError):
    """An annotated corpus cannot be read; the message names the file and, in a table, the line."""

    code = "corpus-unreadable"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf block of a page: the passages its words stand in, and each annotator's labels."""

    passages: tuple[Block, ...]
    labels: Mapping[str, frozenset[str]]

    @property
    def truth(self) -> frozenset[str]:
        """The labels that at least `AGREED` annotators gave."""
        given = [label for each in self.labels.values() for label in each]
        return frozenset(label for label in given if given.count(label) >= AGREED)


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


class _Quote(NamedTuple):
    annotator: str
    label: str
    text: str


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
    wanted = part != "tuning", part != "held-out"
    names = [name for name in tables if wanted[0 if held_out(name) else 1]]
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
    except (OSError, EOFError, tarfile.TarError) as error:
        raise CorpusError(f"{path} cannot be read: {error}", hint=_HINT, value=str(path)) from error
    if not found["Annotations"]:
        raise CorpusError(f"{path} holds no annotated corpus", hint=_HINT, value=str(path))
    return dict(sorted(found["Annotations"].items())), found["Htmls"]


def _folder(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
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
    quotes = list(_quotes(where, table))
    if name not in pages:
        missing = f"Htmls/{name}.html"
        raise CorpusError(f"{where}:1: {missing} is not there", hint=_HINT, value=missing)
    try:
        html, _ = decoded_html(pages[name]())
    except EncodingError as error:
        raise CorpusError(
            f"{path}/Htmls/{name}.html:1: {error.why}", hint=error.hint, value=name
        ) from error
    page = _Page(html)
    given = [(quote, page.spans(quote.text)) for quote in quotes]
    unmatched = sum(not spans for _, spans in given)
    people = tuple(sorted({quote.annotator for quote in quotes}))
    share = unmatched / len(quotes) if quotes else 0.0
    return Annotated(name, people, tuple(page.leaves(people, given)), share)


def _quotes(where: str, table: bytes) -> Iterator[_Quote]:
    """The rows of a table; a quote's own line breaks are written out in some of them."""
    try:
        lines = csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""), strict=True)
        number = 1
        if tuple(next(lines, ())) != COLUMNS:
            raise CorpusError(f"{where}:1: the header is not {','.join(COLUMNS)}", hint=_HINT)
        number = lines.line_num + 1
        for row in lines:
            if row:
                if len(row) != len(COLUMNS):
                    problem = f"{len(row)} columns instead of {len(COLUMNS)}"
                    raise CorpusError(f"{where}:{number}: {problem}", hint=_HINT)
                yield _Quote(row[0].strip(), row[2].strip(), row[1].replace("\\n", "\n"))
            number = lines.line_num + 1
    except csv.Error as error:
        raise CorpusError(f"{where}:{number}: no table: {error}", hint=_HINT) from error
    except UnicodeDecodeError as error:
        number = table[: error.start].count(b"\n") + 1
        raise CorpusError(f"{where}:{number}: not UTF-8 text", hint=_HINT) from error


class _Page:
    """A page as one string of letters and digits, with the place of every passage and leaf in it.

    Only ASCII is kept: what remains then of a wrongly decoded quote is what was right.
    """

    def __init__(self, html: str) -> None:
        html = _opened(html)
        self.passages = blocks(markdown(html)[0])
        signs = [_bare(each.seen) for each in self.passages]
        self.signs = "".join(signs)
        self.starts, self.ends, at = [], [], 0
        for each in signs:
            self.starts.append(at)
            at += len(each)
            self.ends.append(at)
        self.places = list(self._places(_leaves(html)))

    def _places(self, leaves: Iterable[str]) -> Iterator[tuple[int, int]]:
        """Where the leaves stand; what the product does not show to a reader stands nowhere."""
        at = 0
        for leaf in leaves:
            signs = _bare(leaf)
            if signs and (start := self.signs.find(signs, at)) >= 0:
                at = start + len(signs)
                if len(leaf) > LONGER_THAN:
                    yield start, at

    def spans(self, quote: str) -> list[tuple[int, int]]:
        """Where a quote stands, as a whole or else line by line."""
        if found := self._span(quote):
            return [found]
        lines = [line for line in quote.split("\n") if len(_bare(line)) >= _SHORTEST_LINE]
        return [found for line in lines if (found := self._span(line))]

    def _span(self, quote: str) -> tuple[int, int] | None:
        signs = _bare(quote)
        start = self.signs.find(signs) if signs else -1
        return (start, start + len(signs)) if start >= 0 else None

    def leaves(
        self, people: Iterable[str], given: Iterable[tuple[_Quote, list[tuple[int, int]]]]
    ) -> Iterator[Leaf]:
        """The leaves with their labels."""
        quoted = [(quote, span) for quote, spans in given for span in spans]
        for start, end in self.places:
            labels: dict[str, set[str]] = {each: set() for each in people}
            for quote, span in quoted:
                if _covers(span, (start, end)):
                    labels[quote.annotator].add(quote.label)
            own = self.passages[bisect_right(self.ends, start) : bisect_left(self.starts, end)]
            yield Leaf(tuple(own), {each: frozenset(found) for each, found in labels.items()})


def _covers(quote: tuple[int, int], leaf: tuple[int, int]) -> bool:
    """Whether a quote covers a leaf: half of it, or the quote is a part of it."""
    common = min(quote[1], leaf[1]) - max(quote[0], leaf[0])
    return common > 0 and (2 * common >= leaf[1] - leaf[0] or common == quote[1] - quote[0])


def _opened(html: str) -> str:
    """A page with all that a click opens: annotators had it before them."""
    page = LexborHTMLParser(html)
    for node in page.css("[hidden], [style], dialog"):
        if _HIDDEN.search(node.attributes.get("style") or ""):
            del node.attrs["style"]
        if "hidden" in node.attributes:
            del node.attrs["hidden"]
        if node.tag == "dialog":
            node.attrs["open"] = ""
    return page.html or ""


def _leaves(html: str) -> Iterator[str]:
    """The texts of the blocks that hold no other block, in reading order."""
    body = LexborHTMLParser(html).body
    if body is None:
        return
    for node in body.css(_UNSEEN):
        node.decompose()
    last: LexborNode | None = None
    for node in body.traverse():
        if _BLOCKS.fullmatch(node.tag or ""):
            if last is not None and not _within(node, last):
                yield " ".join(last.text().split())
            last = node
    if last is not None:
        yield " ".join(last.text().split())


def _within(node: LexborNode, outer: LexborNode) -> bool:
    """Whether a node stands in another."""
    above = node.parent
    while above is not None and above.mem_id != outer.mem_id:
        above = above.parent
    return above is not None


_HINT = "It holds Annotations/<part>/<n>.csv (RANumb, Text, Label) and Htmls/<part>/<n>.html."


def _bare(text: str) -> str:
    return _SIGNS.sub("", text.lower())
