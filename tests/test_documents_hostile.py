"""A hostile file ends in a clear error or a safe text, at a limit, and runs and fetches nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from clausegraph.loaders.contained import ContainedError, Cost, contained
from clausegraph.loaders.document_errors import (
    DocumentTooCostlyError,
    DocumentTooLargeError,
    DocumentUnreadableError,
)
from clausegraph.loaders.documents import read_document
from clausegraph.loaders.normalise import letters, normalise
from clausegraph.loaders.ota import LIMIT
from clausegraph.loaders.segment import segment
from tests.hostile_pdf import HELLO, page, squeezed

SMALL = Cost(processor=2, clock=60, memory=400 << 20, result=8 << 20)
DEEP = 100_000


def write(folder: Path, name: str, data: bytes | str) -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


BOMBS: dict[str, Callable[[], bytes]] = {
    "four gibibytes of blanks": lambda: page(squeezed(b" ", 4096), filters=b"[/FlateDecode]"),
    "compressed twice": lambda: page(
        squeezed(b" ", 4096, times=2), filters=b"[/FlateDecode /FlateDecode]"
    ),
    "a billion words": lambda: page(squeezed(HELLO, 1024), filters=b"[/FlateDecode]"),
    "a billion lines": lambda: page(squeezed(b"1 1 m 2 2 l S\n", 512), filters=b"[/FlateDecode]"),
    "one page a million times": lambda: page(kids=b"[" + b"3 0 R " * 400_000 + b"]", count=400_000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_pdf_bombs_end_at_a_limit(tmp_path: Path, name: str) -> None:
    """A small file that becomes a huge one is given up, in another process."""
    path = write(tmp_path, "bomb.pdf", BOMBS[name]())
    assert path.stat().st_size < 6 << 20
    with pytest.raises(DocumentTooCostlyError) as caught:
        read_document(path, cost=SMALL)
    assert caught.value.hint


@pytest.mark.parametrize(
    "data",
    [
        page(ring=True),
        page(kids=b"[2 0 R 3 0 R 2 0 R]", count=3),
        page(count=2_000_000_000),
        page(filters=b"[" + b"/FlateDecode " * DEEP + b"]"),
        page(kids=b"[" * DEEP + b"3 0 R" + b"]" * DEEP),
        page(more=b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"),
        page(more=b"/OpenAction << /S /Launch /F (/bin/sh) >>"),
        page()[:300],
        b"%PDF-1.7\n" + bytes(range(256)) * 1_000,
        b"%PDF-",
    ],
    ids=["ring", "kids", "count", "filters", "deep", "script", "launch", "cut", "junk", "head"],
)
def test_broken_pdfs_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    """A damaged file gives the words that can be read in it, or an error."""
    path = write(tmp_path, "a.pdf", data)
    try:
        text = letters(read_document(path, cost=SMALL).text)
    except DocumentUnreadableError as error:
        text = error.code
    assert text in {"hellobraveworld", "document-unreadable"}


def test_a_sound_pdf_is_read(tmp_path: Path) -> None:
    """The twin of the bombs: the same page with its words only."""
    assert read_document(write(tmp_path, "a.pdf", page()), cost=SMALL).text == "Hello brave world\n"


NESTED = {
    "div": "<div>",
    "blockquote": "<blockquote>",
    "list": "<ul><li>",
    "table": "<table><tr><td>",
    "bold": "<b>",
    "link": "<a href=x>",
    "svg": "<svg>",
    "bracket": "< ",
    "comment": "<!---->",
    "paragraph": "<p>",
}


@pytest.mark.parametrize("name", NESTED)
def test_deep_html_is_read_or_given_up(tmp_path: Path, name: str) -> None:
    """A hundred thousand elements in each other cost no more than they may."""
    path = write(tmp_path, "a.html", f"<!doctype html>{NESTED[name] * DEEP}word")
    try:
        text = letters(read_document(path, cost=SMALL).text)
    except DocumentTooCostlyError as error:
        text = error.code
    assert text in {"word", "document-too-costly"}


def test_html_that_multiplies(tmp_path: Path) -> None:
    """Formatting that each paragraph takes up again makes no larger text than it may."""
    fonts = "".join(f"<a href={'x' * 1_000}{number}>" for number in range(3_000))
    path = write(tmp_path, "a.html", f"<!doctype html>{fonts}" + "<p>word" * DEEP)
    with pytest.raises(DocumentTooCostlyError, match=r"larger text|longer|memory"):
        read_document(path, cost=SMALL)


@pytest.mark.parametrize("unit", ["> ", "[", "![", "<b>", "- ", "**", "](", "<!--", "` "])
def test_deep_markdown_is_cut_and_normalised(tmp_path: Path, unit: str) -> None:
    """Markdown is taken as it is, and what follows reads it to its end."""
    found = read_document(write(tmp_path, "a.md", unit * DEEP + "word"))
    seen = " ".join(normalise(found.text[part.start : part.end]) for part in segment(found.text))
    assert letters(seen) == letters(found.text) == "word"


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    """Fifty megabytes are not read where sixteen are the limit; nor is a file without end."""
    path = tmp_path / "a.md"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(DocumentTooLargeError) as caught:
        read_document(path)
    assert caught.value.message == f"{str(path)!r} has 50000000 bytes; {LIMIT} are read at most"
    with pytest.raises(DocumentUnreadableError, match="is not a file"):
        read_document(Path(os.devnull))
    pipe = tmp_path / "pipe.md"
    os.mkfifo(pipe)
    with pytest.raises(DocumentUnreadableError, match="is not a file"):
        read_document(pipe)


def test_a_limit_is_the_last_byte(tmp_path: Path) -> None:
    """A file of as many bytes as the limit is read, one with a byte more is not."""
    path = write(tmp_path, "a.md", "12345")
    assert read_document(path, limit=5).text == "12345"
    with pytest.raises(DocumentTooLargeError):
        read_document(path, limit=4)


def test_a_large_file_under_a_raised_limit(tmp_path: Path) -> None:
    """Fifty megabytes of Markdown are read, cut into passages and normalised to their end."""
    words = "We keep *crash logs* for [180 days](https://l.example), no longer." + " Words." * 400
    unit = f"# Heading\n\n{words}\n\n- Item\n\n"
    path = write(tmp_path, "a.md", (unit * (50_000_000 // len(unit) + 1)).encode())
    found = read_document(path, limit=1 << 26)
    parts = segment(found.text)
    seen = {normalise(found.text[part.start : part.end]) for part in parts}
    assert len(parts) == 3 * (50_000_000 // len(unit) + 1)
    assert seen == {"Heading", normalise(words), "Item"}


def test_binary_junk(tmp_path: Path) -> None:
    """Bytes that are no text are refused with the place of the first one, whatever the suffix."""
    junk = zlib.compress(b"words" * 1_000) * 100
    for name in ("a.md", "a.txt", "a.html", "a.pdf"):
        with pytest.raises(DocumentUnreadableError):
            read_document(write(tmp_path, name, junk))


def test_nothing_is_run_shown_or_fetched(tmp_path: Path) -> None:
    """Of scripts, frames, handlers and addresses that act nothing is left but what is to be seen."""
    html = """<!doctype html><head><meta http-equiv="refresh" content="0;url=http://l.example/1">
    <base href="http://l.example/2"><link rel=stylesheet href="http://l.example/3">
    <script src="http://l.example/4"></script></head>
    <body onload="evil()"><script>evil()</script><noscript>no script</noscript>
    <iframe src="http://l.example/5" srcdoc="<p>framed</p>">fallen back</iframe>
    <object data="http://l.example/6">object</object><embed src="http://l.example/7">
    <img src="http://l.example/8" alt="picture" onerror="evil()">
    <template><p>template</template><style>p { color: red }</style><!-- comment -->
    <p hidden>hidden</p><p style="color:red; DISPLAY : none">gone</p>
    <p style="visibility:hidden">gone</p><dialog>closed</dialog>
    <p><a href="javascript:evil()">run</a> <a href="data:text/html,x">data</a>
    <a href=" JavaScript:evil()">again</a> <a href="https://l.example/a(b) c">link</a>
    <span aria-hidden="true">read</span></p><p hidden="until-found">found</p>
    <svg><script>evil()</script><title>title</title><text>drawn</text></svg></body>"""
    found = read_document(write(tmp_path, "a.html", html))
    link = "[link](https://l.example/a%28b%29%20c)"
    assert found.text == f"run data again {link} read\n\nfound\n\ndrawn\n"
    assert found.notes == (
        "1 embedded pages left out",
        "4 hidden elements left out",
        "2 scripts left out",
        "1 texts without scripts left out",
    )


def test_entities_are_no_bomb(tmp_path: Path) -> None:
    """Entities that a page defines mean nothing; what they would stand for is never made."""
    bomb = "<!DOCTYPE html [" + '<!ENTITY a0 "lol">'
    bomb += "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    found = read_document(
        write(tmp_path, "a.html", bomb + "]><p>&a9; &amp; &lt;b&gt; &#0;&#xD800;")
    )
    assert len(found.text) < 2_000
    assert normalise(found.text).endswith("a9; & b \ufffd\ufffd")


def test_the_reader_gives_up_what_it_does_not_need() -> None:
    """Once confined, a process can open no file and no socket, start none, and write no large file."""
    script = f"""
import os, socket, sys, tempfile
from clausegraph.loaders.contained import Cost
from clausegraph.loaders.contained_worker import confine
confine(Cost(processor=5, clock=5, memory=200 << 20, result=1000))
def tried(what):
    try:
        what()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
print(tried(lambda: open({__file__!r})), tried(socket.socket), tried(lambda: os.open("x", os.O_CREAT)))
print(tried(lambda: bytearray(300 << 20)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["OSError", "OSError", "OSError", "MemoryError"]


@pytest.mark.parametrize(
    ("cost", "reason"),
    [
        (Cost(processor=1, clock=600), "time"),
        (Cost(processor=30, clock=1.0), "time"),
        (Cost(memory=60 << 20), "memory|crash"),
        (Cost(result=1_000), "size"),
    ],
    ids=["processor", "clock", "memory", "result"],
)
def test_each_limit_holds(cost: Cost, reason: str) -> None:
    """Processor, clock, memory and result end a reading, each by itself."""
    html = "<p>word</p>" * 200_000 + ("<div>" * DEEP if reason == "time" else "")
    with pytest.raises(ContainedError) as caught:
        contained("html", html.encode(), cost)
    assert caught.value.reason in reason.split("|")


def test_a_fault_of_ours_is_called_that() -> None:
    """What is no text in UTF-8 must not get so far; if it does, the reader's own words are told."""
    with pytest.raises(ContainedError) as caught:
        contained("html", b"\xff", Cost())
    assert (caught.value.reason, caught.value.detail[:18]) == ("fault", "UnicodeDecodeError")
