"""One text in four formats, and how much of it two readings have in common.

The text is written in Markdown; markdown-it-py makes HTML of it and fpdf2 a PDF of that HTML, with
a running head and page numbers as office software prints them. The plain text is what people paste
into a mail: underlined headings, lines wrapped at 78 characters, tables set with blanks.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TextStyle
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from clausegraph.loaders.normalise import digest, normalise
from clausegraph.loaders.segment import segment

_WIDTH = 78
_SIZES = {1: 20, 2: 16, 3: 13, 4: 12, 5: 11, 6: 11}
_UNDERLINES = {1: "=", 2: "-"}


def twins(markdown: str, folder: Path, name: str = "policy") -> dict[str, Path]:
    """Write a Markdown text as .md, .html, .pdf and .txt; the paths by media type."""
    html = html_of(markdown)
    paths = {
        "text/markdown": folder / f"{name}.md",
        "text/html": folder / f"{name}.html",
        "application/pdf": folder / f"{name}.pdf",
        "text/plain": folder / f"{name}.txt",
    }
    paths["text/markdown"].write_text(markdown, encoding="utf-8")
    paths["text/html"].write_text(_page(html), encoding="utf-8")
    paths["application/pdf"].write_bytes(pdf_of(html))
    paths["text/plain"].write_text(plain_of(markdown), encoding="utf-8")
    return paths


def provisions(text: str) -> Counter[str]:
    """The digests of all passages of a Markdown text that a reader sees, with their number."""
    parts = [text[part.start : part.end] for part in segment(text)]
    return Counter(digest(part) for part in parts if normalise(part))


def common(left: str, right: str) -> float:
    """The share of passages, of the text that has more of them, that both texts have."""
    ours, theirs = provisions(left), provisions(right)
    return (ours & theirs).total() / max(ours.total(), theirs.total(), 1)


def differences(left: str, right: str) -> list[str]:
    """What one of two texts has and the other has not, each marked with - or +."""
    ours, theirs = provisions(left), provisions(right)
    return [*_only(left, ours - theirs, "-"), *_only(right, theirs - ours, "+")]


def _only(text: str, digests: Counter[str], mark: str) -> Iterator[str]:
    """The passages of a text with one of the digests, as a reader sees them."""
    for part in segment(text):
        passage = text[part.start : part.end]
        if digests[digest(passage)] > 0:
            digests[digest(passage)] -= 1
            yield f"{mark} {part.kind}: {normalise(passage)}"


def html_of(markdown: str) -> str:
    """The body of a page."""
    return str(MarkdownIt("commonmark").enable("table").render(markdown))


def _page(body: str) -> str:
    """A whole page, with what such pages carry and nobody reads."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>A policy</title>'
        "<style>h1 { color: navy }</style></head>\n<body><script>track('page');</script>\n"
        f"<main>{body}</main>\n<div hidden>Not shown</div></body></html>\n"
    )


class _Paper(FPDF):
    """Pages with a running head and a number at the foot."""

    def header(self) -> None:
        """Print the head."""
        self.set_font("Helvetica", size=8)
        self.cell(0, 6, "A policy in print", align="R", new_x="LMARGIN", new_y="NEXT")
        self.ln(4)

    def footer(self) -> None:
        """Print the number."""
        self.set_y(-15)
        self.set_font("Helvetica", size=8)
        self.cell(0, 10, f"Page {self.page_no()} of {{nb}}", align="C")


def pdf_of(html: str) -> bytes:
    """The body of a page in print, in the fonts that every reader of PDF has."""
    paper = _Paper(format="A4")
    paper.core_fonts_encoding = "windows-1252"
    paper.set_margin(22)
    paper.add_page()
    paper.set_font("Times", size=11)
    heads = {
        f"h{level}": TextStyle("Times", "B", size, color=0, t_margin=6, b_margin=2)
        for level, size in _SIZES.items()
    }
    paper.write_html(_printable(html), tag_styles=heads, ul_bullet_char="\u2022")
    return bytes(paper.output())


def _printable(html: str) -> str:
    """The body without what fpdf2 cannot print (pictures, links within the page, tags in cells).

    Tables get frames, as office software gives them.
    """
    bare = re.sub(r"<img\b[^>]*>|</?a\b[^>]*>", "", html.replace("<table>", '<table border="1">'))
    cell = re.compile(r"(<t[dh]\b[^>]*>)(.*?)(</t[dh]>)", re.DOTALL)
    return cell.sub(lambda found: found[1] + _bare(found[2]) + found[3], bare)


def _bare(html: str) -> str:
    """The text of a cell, in one line."""
    return re.sub("<[^>]*>", "", re.sub(r"<br\b[^>]*>", " ", html))


def plain_of(markdown: str) -> str:
    """The text without any markup, for a width of 78 characters."""
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(markdown))
    return "\n\n".join(_plain(tree.children, "")) + "\n"


def _plain(nodes: Iterable[SyntaxTreeNode], indent: str) -> Iterator[str]:
    """Each block as plain text."""
    for node in nodes:
        match node.type:
            case "heading":
                yield _title(_words(node), int(node.tag[1]))
            case "bullet_list" | "ordered_list":
                yield "\n".join(_items(node, indent))
            case "table":
                yield _table(node)
            case "hr":
                yield "-" * _WIDTH
            case "fence" | "code_block":
                yield textwrap.indent(node.content.rstrip("\n"), indent + "    ")
            case "blockquote":
                yield from _plain(node.children, indent + "  ")
            case _:
                yield "\n".join(_wrapped(_words(node), indent, indent))


def _title(words: str, level: int) -> str:
    """A heading: underlined, in capitals where it is a small one."""
    if sign := _UNDERLINES.get(level):
        return f"{words}\n{sign * len(words)}"
    return words


def _items(node: SyntaxTreeNode, indent: str) -> Iterator[str]:
    """The items of a list, with the lists in them."""
    number = int(node.attrs.get("start", 1))
    for item in node.children:
        mark = f"{indent}- " if node.type == "bullet_list" else f"{indent}{number}. "
        number += 1
        for child in item.children:
            if child.type in {"bullet_list", "ordered_list"}:
                yield from _items(child, indent + "   ")
            else:
                yield from _wrapped(_words(child), mark, " " * len(mark))


def _table(node: SyntaxTreeNode) -> str:
    """A table whose columns stand apart by blanks."""
    rows = [
        [_words(cell) for cell in row.children] for part in node.children for row in part.children
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _words(node: SyntaxTreeNode) -> str:
    """What a reader sees of a block; a forced line break stays one."""
    if node.type in {"text", "code_inline"}:
        return node.content
    if node.type in {"softbreak", "hardbreak"}:
        return " " if node.type == "softbreak" else "\n"
    return "" if node.type == "image" else "".join(map(_words, node.children))


def _wrapped(words: str, first: str, later: str) -> Iterator[str]:
    """Lines of the width of the page."""
    for index, line in enumerate(words.split("\n")):
        yield from textwrap.wrap(
            line,
            _WIDTH,
            initial_indent=later if index else first,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        )
