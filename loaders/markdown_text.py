"""Writes the passages found in a text of another format as Markdown, the common form of all texts.

What a reader saw as a sign is escaped where Markdown, or HTML in Markdown, would read markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_SIGN = re.compile(r"[\\`*_\[\]<|]|&(?=#?[0-9A-Za-z]{1,32};)")
_START = re.compile(r"^(?:(?=[-+=#>:~])|(?P<number>[0-9]{1,9})(?=[.)](?:\s|$)))")
_WIDE = re.compile("[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]")
_DEEPEST = 8  # deeper lists and quotes are written as if they stood here


@dataclass(frozen=True)
class Block:
    """A passage: its kind as in `segment`, and its text with forced line breaks as line feeds.

    The text is Markdown already. `level` is that of a heading, `depth` says in how many lists a
    passage stands (an item in one at least), `quoted` in how many quotes. `marker` is an item's.
    """

    kind: str
    text: str
    level: int = 0
    depth: int = 0
    quoted: int = 0
    marker: str = ""


def is_wide(sign: str) -> bool:
    """Whether a character is of Chinese or Japanese, which are written without blanks."""
    return _WIDE.match(sign) is not None


def escaped(text: str) -> str:
    """Give one line of text as Markdown that shows just this; blanks are folded."""
    return line_start(signs(" ".join(text.split())))


def signs(text: str) -> str:
    """Escape the signs that are markup anywhere in a line."""
    return _SIGN.sub(r"\\\g<0>", text)


def line_start(line: str) -> str:
    """Escape what is markup at the start of a line."""
    return _START.sub(lambda found: (found["number"] or "") + "\\", line, count=1)


def row(cells: Sequence[str]) -> str:
    """Give the Markdown of a table's row; the cells are Markdown already, without line feeds."""
    return f"| {' | '.join(cells)} |"


def written(blocks: Iterable[Block]) -> str:
    """Give the Markdown of a document; no block has an empty text."""
    lines: list[str] = []
    before: Block | None = None
    for block in blocks:
        if before is not None and not (block.kind == before.kind and block.kind in {"item", "row"}):
            lines.append("")
        lines.extend(_lines(block))
        if block.kind == "row" and (before is None or before.kind != "row"):
            lines.append(_prefix(block) + row(["---"] * (_columns(block.text))))
        before = block
    return "\n".join(lines) + "\n" if lines else ""


def _columns(text: str) -> int:
    """The number of cells of a row."""
    return max(1, len(re.findall(r"(?<!\\)(?:\\\\)*\|", text)) - 1)


def _prefix(block: Block) -> str:
    """The quote marks and blanks in front of every line of a block."""
    depth = min(block.depth, _DEEPEST) - (block.kind == "item")
    return "> " * min(block.quoted, _DEEPEST) + "    " * max(depth, 0)


def _lines(block: Block) -> Iterator[str]:
    """The lines of one block."""
    prefix, first = _prefix(block), ""
    match block.kind:
        case "heading":
            yield f"{prefix}{'#' * min(max(block.level, 1), 6)} {' '.join(block.text.split())}"
            return
        case "code":
            yield from (prefix + line for line in ("```", *block.text.split("\n"), "```"))
            return
        case "item":
            first = (block.marker or "*").ljust(3) + " "
        case "definition":
            first = ": "
    rest = " " * len(first)
    lines = block.text.split("\n")
    for index, line in enumerate(lines):
        end = "  " if index + 1 < len(lines) else ""
        yield f"{prefix}{rest if index else first}{line}{end}"
