"""A document file is known for what it is, and the same text gives the same provisions in any format."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from clausegraph.loaders.document_errors import DocumentFormatError, DocumentUnreadableError
from clausegraph.loaders.documents import KINDS, read_document
from clausegraph.loaders.normalise import letters
from tests.formats_twin import common, differences, provisions, twins

POLICY = Path(__file__).parent / "documents" / "lanternfold-privacy.md"
WORDS = "Zwölf Boxkämpfer"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The invented policy as Markdown, HTML, PDF and plain text."""
    return twins(POLICY.read_text(encoding="utf-8"), tmp_path_factory.mktemp("twins"))


@pytest.mark.parametrize("media_type", KINDS.values())
def test_same_provisions_in_any_format(written: dict[str, Path], media_type: str) -> None:
    """At least 95 of 100 provisions of the policy are the same, and no letter is lost or added."""
    found = read_document(written[media_type])
    data = written[media_type].read_bytes()
    source = POLICY.read_text(encoding="utf-8")
    assert (found.media_type, found.size) == (media_type, len(data))
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert common(source, found.text) >= 0.95, differences(source, found.text)
    assert letters(found.text) == letters(source)


def test_what_is_not_the_same_is_noticed() -> None:
    """The bad twins: a lost, a changed, a torn and a repeated provision all lower the share."""
    source = POLICY.read_text(encoding="utf-8")
    bad = [
        source.replace("* limit the use of sensitive personal information; and\n", ""),
        source.replace("180 days", "18 days"),
        source.replace("We do not sell", "We do not\n\nsell"),
        source.replace("## 5. Children", "## 5. Children\n\n## 5. Children"),
    ]
    count = provisions(source).total()
    assert [len(differences(source, text)) for text in bad] == [1, 2, 3, 1]
    assert all(common(source, text) < 1 for text in bad)
    assert common(source, bad[1]) == (count - 1) / count


def test_notes_say_what_was_left_out(written: dict[str, Path]) -> None:
    """A script, a hidden element, running heads and page numbers are named, not silently gone."""
    notes = {media_type: read_document(path).notes for media_type, path in written.items()}
    assert notes == {
        "text/markdown": (),
        "text/html": ("1 hidden elements left out", "1 scripts left out"),
        "application/pdf": ("4 lines of running heads and page numbers left out",),
        "text/plain": (),
    }


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.txt", b"<!DOCTYPE html><p>words", "text/html"),
        ("a.md", b"\xef\xbb\xbf \n<!-- saved --><HTML>\n<p>words", "text/html"),
        ("a.txt", b'<?xml version="1.0"?>\n<html><body>words', "text/html"),
        ("a.txt", "<html><body>words".encode("utf-16"), "text/html"),
        ("a.htm", b"words", "text/html"),
        ("a.md", b"<div>words</div>", "text/markdown"),
        ("A.MD", b"words", "text/markdown"),
        ("a.markdown", b"words", "text/markdown"),
        ("a.txt", b"words", "text/plain"),
        ("LICENSE", b"words", "text/plain"),
    ],
)
def test_kind_by_content_then_suffix(
    tmp_path: Path, name: str, data: bytes, media_type: str
) -> None:
    """A page says that it is one; otherwise the suffix counts, in any case."""
    (tmp_path / name).write_bytes(data)
    found = read_document(tmp_path / name)
    assert (found.media_type, letters(found.text)) == (media_type, "words")


def test_a_pdf_under_any_name(written: dict[str, Path], tmp_path: Path) -> None:
    """The content of a PDF counts, not what it is called."""
    (tmp_path / "a.txt").write_bytes(written["application/pdf"].read_bytes())
    assert read_document(tmp_path / "a.txt").media_type == "application/pdf"


def test_kind_can_be_said(tmp_path: Path) -> None:
    """What the caller says a file is counts more than its content and its name."""
    path = tmp_path / "a.html"
    path.write_text("<html># Words")
    kinds = ("markdown", "text", "html")
    texts = {kind: read_document(path, kind=kind).text for kind in kinds}
    assert texts == {
        "markdown": "<html># Words",
        "text": "\\<html># Words\n",
        "html": "\\# Words\n",
    }


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.docx", b"PK\x03\x04rest", "is an office document or another ZIP file"),
        ("a.doc", b"\xd0\xcf\x11\xe0rest", "is an old office document"),
        ("a.txt", b"{\\rtf1 words}", "is an RTF document"),
        ("a.md", b"\x89PNG\r\n", "is a picture"),
        ("a.rst", b"words", "has the suffix '.rst', which says nothing here"),
    ],
)
def test_unknown_formats(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    """A file of another format is named for what it is, with what would do instead."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DocumentFormatError) as caught:
        read_document(path)
    assert caught.value.message == f"{str(path)!r} {why}"
    assert "HTML, Markdown, PDF or text" in caught.value.hint
    assert (caught.value.path, caught.value.value) == (path, str(path))


def test_unknown_kind(tmp_path: Path) -> None:
    """A kind that there is not is refused with those there are."""
    (tmp_path / "a.md").write_text("words")
    with pytest.raises(DocumentFormatError, match="'docx'") as caught:
        read_document(tmp_path / "a.md", kind="docx")
    assert caught.value.hint == "Say one of html, markdown, pdf, text."


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_text(tmp_path: Path, name: str, encoding: str) -> None:
    """UTF-8 with or without its mark is taken, and UTF-16 with its mark, which a note says."""
    path = tmp_path / name
    path.write_bytes(WORDS.encode(encoding))
    found = read_document(path)
    assert found.text.rstrip("\n") == WORDS
    assert found.notes == (("decoded from utf-16-le",) if encoding == "utf-16" else ())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ('<meta charset="utf-8">Zwölf'.encode(), "Zwölf"),
        (
            '<meta charset="iso-8859-1">Zwölf \u2013 \u201cja\u201d'.encode("cp1252"),
            "Zwölf \u2013 \u201cja\u201d",
        ),
        (
            "<META http-equiv=Content-Type content='text/html; charset=GB2312'>更新".encode("gbk"),
            "更新",
        ),
        ('<meta charset="Shift_JIS">更新'.encode("cp932"), "更新"),
        ('<?xml version="1.0" encoding="koi8-r"?><p>да'.encode("koi8-r"), "да"),
        (b"\xff\xfe" + '<meta charset="koi8-r">Zwölf'.encode("utf-16-le"), "Zwölf"),
        ('<meta charset="utf-16">Zwölf'.encode(), "Zwölf"),
        ('<meta name="x" content="no charset here">Zwölf'.encode(), "Zwölf"),
    ],
)
def test_encodings_of_pages(tmp_path: Path, data: bytes, words: str) -> None:
    """A page is read in the encoding that its mark or itself declares, as browsers read it."""
    path = tmp_path / "a.html"
    path.write_bytes(data)
    assert read_document(path).text == words + "\n"


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.md", b"Zw\xf6lf", "is not UTF-8: byte 2 does not fit"),
        ("a.txt", b"\xef\xbb\xbfZw\xf6lf", "is not UTF-8: byte 5 does not fit"),
        ("a.html", b"<p>Zw\xf6lf", "is not UTF-8: byte 5 does not fit"),
        ("a.html", b'<meta charset="gbk">\xff\xff', "is not GB18030: byte 20 does not fit"),
        ("a.html", b'<meta charset="klingon">', "declares the unknown encoding 'klingon'"),
        ("a.html", b'<meta charset="zip">', "declares the unknown encoding 'zip'"),
        ("a.html", b'<meta charset="utf-7">', "declares the unknown encoding 'utf-7'"),
        ("a.md", b"wor\0ds", "is not text: byte 3 is NUL"),
        ("a.md", b"\xff\xfew\0\0\0", "is not text: byte 4 is NUL"),
        ("a.txt", b"words \x01\x02\x03", "is not text: it is full of control characters"),
        ("a.md", b"", "has no text"),
        ("a.txt", b" \n\t\n", "has no text"),
        ("a.html", b"<script>document.write('words')</script>", "has no text"),
    ],
)
def test_unreadable_texts(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    """What is no text is refused with the place of the first byte that does not fit."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DocumentUnreadableError) as caught:
        read_document(path)
    assert caught.value.message == f"{str(path)!r} {why}"
    assert caught.value.hint


def test_missing_file_and_folder(tmp_path: Path) -> None:
    """A path that names no file is refused."""
    with pytest.raises(DocumentUnreadableError, match="No such file"):
        read_document(tmp_path / "a.md")
    with pytest.raises(DocumentUnreadableError, match="Is a directory"):
        read_document(tmp_path)
