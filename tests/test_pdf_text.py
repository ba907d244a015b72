"""A PDF's letters and places become passages: made in the test, read back, compared in full."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fpdf import FPDF

from clausegraph.loaders.document_errors import DocumentUnreadableError
from clausegraph.loaders.documents import read_document

LONG = (
    "We keep what you tell us for as long as you have an account with us and for ninety days "
    "after that, unless the law of the place where you live obliges us to keep it for longer; "
    "then we keep it apart from everything else and look at it only where that law wants it. "
)
Print = Callable[[FPDF], None]


def text_of(folder: Path, make: Print) -> str:
    """What is read of a PDF."""
    return read_document(pdf(folder, make)).text


def pdf(folder: Path, make: Print) -> Path:
    """Print a PDF in Times, 11 points."""
    paper = FPDF(format="A4")
    paper.core_fonts_encoding = "windows-1252"
    paper.set_margin(25)
    paper.add_page()
    paper.set_font("Times", size=11)
    make(paper)
    path = folder / "a.pdf"
    paper.output(str(path))
    return path


def say(paper: FPDF, words: str, style: str = "", size: float = 11, after: float = 3) -> None:
    """Print a paragraph and a gap below it."""
    paper.set_font("Times", style, size)
    paper.multi_cell(0, size * 0.42, words, align="L", new_x="LMARGIN", new_y="NEXT")
    paper.ln(after)


def test_headings_by_size_and_type(tmp_path: Path) -> None:
    """Larger type makes headings, by rank; bold type, capitals and large paragraphs keep apart."""

    def make(paper: FPDF) -> None:
        say(paper, "A policy", "B", 20)
        say(paper, "1. Part", "", 15)
        say(paper, LONG.strip())
        say(paper, "1.1 Smaller part", "B", 13)
        say(paper, "Bold line", "B")
        say(paper, "IN CAPITALS")
        say(paper, "A large sentence, but a sentence.", "", 13)
        say(paper, LONG.strip())

    assert text_of(tmp_path, make) == (
        f"# A policy\n\n## 1\\. Part\n\n{LONG.strip()}\n\n### 1.1 Smaller part\n\n**Bold line**\n\n"
        f"#### IN CAPITALS\n\nA large sentence, but a sentence.\n\n{LONG.strip()}\n"
    )


def test_paragraphs_run_over_pages(tmp_path: Path) -> None:
    """Running heads and page numbers stand in no paragraph, and a page does not end one."""

    class Paper(FPDF):
        def header(self) -> None:
            self.set_font("Helvetica", size=8)
            self.cell(0, 5, f"Policy, edition {self.page_no()}", new_x="LMARGIN", new_y="NEXT")
            self.ln(5)

        def footer(self) -> None:
            self.set_y(-15)
            self.set_font("Helvetica", size=8)
            self.cell(0, 5, str(self.page_no()), align="C")

    paper = Paper(format=(150, 210))
    paper.add_page()
    for _ in range(9):
        say(paper, (LONG * 2).strip())
    paper.output(str(tmp_path / "a.pdf"))
    found = read_document(tmp_path / "a.pdf")
    assert found.text == "\n\n".join([(LONG * 2).strip()] * 9) + "\n"
    assert found.notes == (
        f"{2 * paper.page_no()} lines of running heads and page numbers left out",
    )


def test_lines_that_differ_in_a_number_are_no_running_head(tmp_path: Path) -> None:
    """What stands at the top of every page in the size of the text, with numbers of its own, stays."""

    def make(paper: FPDF) -> None:
        for number in (3, 7, 8):
            say(paper, f"Part {number}", after=12)
            say(paper, LONG.strip())
            paper.add_page()
        say(paper, "End")

    parts = [f"Part {number}\n\n{LONG.strip()}\n\n" for number in (3, 7, 8)]
    assert text_of(tmp_path, make) == "".join(parts) + "End\n"


def test_items(tmp_path: Path) -> None:
    """Signs, numbers and drawn bullets begin items; hanging lines go on with them."""

    def make(paper: FPDF) -> None:
        say(paper, "We keep:")
        for mark in ("\u2022", "-", "2.", "(b)", "iv."):
            y = paper.get_y()
            paper.text(27, y + 4, mark)
            paper.set_xy(34, y)
            say(paper, (LONG * 2).strip(), after=0)
        y = paper.get_y()
        paper.ellipse(29, y + 1.6, 1.4, 1.4, style="F")
        paper.set_xy(34, y)
        say(paper, LONG.strip(), after=3)
        say(paper, "No item.")

    item = (LONG * 2).strip()
    assert text_of(tmp_path, make) == (
        f"We keep:\n\n*   {item}\n*   {item}\n2.  {item}\n(b) {item}\niv. {item}\n*   {LONG.strip()}\n\n"
        "No item.\n"
    )


def test_hyphens(tmp_path: Path) -> None:
    """A word is mended only where the document has it whole elsewhere."""

    def make(paper: FPDF) -> None:
        say(paper, f"Our information is clear, and opt-out is free. {LONG}")
        for start, end in (("our infor-", "mation"), ("an opt-", "out"), ("a paper-", "fold")):
            line = LONG
            while paper.get_string_width(line + start) > paper.epw - 5:
                line = line.rpartition(" ")[0]
            paper.cell(0, 4.6, f"{line} {start}", new_x="LMARGIN", new_y="NEXT")
            say(paper, f"{end} is what we mean here.")

    text = text_of(tmp_path, make)
    assert [
        words in text for words in ("our information is", "an opt-out is", "a paper-fold is")
    ] == [
        True,
        True,
        True,
    ]


def test_forced_lines_stay(tmp_path: Path) -> None:
    """Lines that end early and stand close are one passage with line breaks."""

    def make(paper: FPDF) -> None:
        for _ in range(3):
            say(paper, LONG.strip())
        say(paper, "Lanternfold Studio\n12 Crease Lane\nFoldham")

    assert text_of(tmp_path, make).endswith(
        "wants it.\n\nLanternfold Studio  \n12 Crease Lane  \nFoldham\n"
    )


ROWS = [
    ["Who", "What they get", "Why"],
    ["Hosts", "Sketches and plans, all of them encrypted before they leave", "To store them"],
    ["Desk", "Letters", "To answer the questions that you ask us in them, all of them"],
]


@pytest.mark.parametrize("borders", ["ALL", "HORIZONTAL_LINES", "NONE"])
def test_tables(tmp_path: Path, borders: str) -> None:
    """Rows are read with all lines of their cells, whatever is drawn around them."""

    def make(paper: FPDF) -> None:
        say(paper, LONG.strip())
        with paper.table(
            ROWS, borders_layout=borders, line_height=5, padding=2, text_align="LEFT", width=150
        ):
            pass
        paper.ln(6)
        say(paper, LONG.strip())

    rows = [f"| {' | '.join(row)} |" for row in ROWS]
    rows.insert(1, "| --- | --- | --- |")
    assert (
        text_of(tmp_path, make) == f"{LONG.strip()}\n\n" + "\n".join(rows) + f"\n\n{LONG.strip()}\n"
    )


def test_a_table_over_pages(tmp_path: Path) -> None:
    """A head that is printed again on each page stands once."""
    rows = [["Kind", "Use"], *([f"Kind {number}", f"Use {number}"] for number in range(80))]

    def make(paper: FPDF) -> None:
        with paper.table(rows, line_height=6):
            pass

    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "| --- | --- |")
    assert text_of(tmp_path, make) == "\n".join(lines) + "\n"


def test_columns(tmp_path: Path) -> None:
    """Two columns are read one after the other, the title over both before them."""

    def make(paper: FPDF) -> None:
        say(paper, "A title over both columns of this page, and a long one", "B", 16)
        paper.set_font("Times", size=11)
        with paper.text_columns(ncols=2, gutter=10, text_align="L") as columns:
            for number in range(14):
                columns.write(f"{number} {LONG.strip()}\n\n")

    title = "# A title over both columns of this page, and a long one\n\n"
    paragraphs = [f"{number} {LONG.strip()}" for number in range(14)]
    assert text_of(tmp_path, make) == title + "\n\n".join(paragraphs) + "\n"


def test_turned_pages_and_stamps(tmp_path: Path) -> None:
    """A page printed sideways is read; a stamp across it is not a part of its text."""

    def make(paper: FPDF) -> None:
        with paper.rotation(90, 105, 150):
            say(paper, LONG.strip())
        with paper.rotation(45, 105, 150):
            paper.text(100, 150, "DRAFT")

    found = read_document(pdf(tmp_path, make))
    assert found.text == LONG.strip() + "\n"
    assert found.notes == ("1 words at an angle to the rest left out",)


def test_pages_without_text(tmp_path: Path) -> None:
    """A page that is a picture is named; a file of nothing else is refused."""

    def make(paper: FPDF) -> None:
        say(paper, "Words")
        paper.add_page()
        paper.rect(20, 20, 50, 50)

    assert read_document(pdf(tmp_path, make)).notes == ("PDF page 2 has no text",)
    with pytest.raises(DocumentUnreadableError, match="has no text") as caught:
        read_document(pdf(tmp_path, lambda paper: paper.rect(20, 20, 50, 50)))
    assert "OCR" in caught.value.hint


def test_locked_files(tmp_path: Path) -> None:
    """A file that opens without a password is read, one that asks for it is refused."""

    def open_to_all(paper: FPDF) -> None:
        paper.set_encryption(owner_password="owner")
        say(paper, "Words")

    def locked(paper: FPDF) -> None:
        paper.set_encryption(owner_password="owner", user_password="user")
        say(paper, "Words")

    assert text_of(tmp_path, open_to_all) == "Words\n"
    with pytest.raises(DocumentUnreadableError, match="is locked with a password"):
        text_of(tmp_path, locked)


def test_signs_are_no_markup(tmp_path: Path) -> None:
    """What a PDF shows as a sign, its Markdown shows as a sign."""
    words = "a *b* _c_ <d> [e](f) `g` h|i &amp; j"
    assert text_of(tmp_path, lambda paper: say(paper, words)) == (
        "a \\*b\\* \\_c\\_ \\<d> \\[e\\](f) \\`g\\` h\\|i \\&amp; j\n"
    )


def test_marks_within_a_sentence(tmp_path: Path) -> None:
    """A line that begins with (b) because the one before is full begins no item."""

    def make(paper: FPDF) -> None:
        start = "We (a) keep what you tell us for as long as you have an account,"
        words = f"{start} " + "and so on, " * 20
        while paper.get_string_width(f"{words} (b)") > paper.epw:
            words = words.rpartition(" ")[0]
        say(paper, f"{words}\n(b) sell nothing.")
        say(paper, LONG.strip())
        say(paper, LONG.strip())

    assert "\n(b)" not in text_of(tmp_path, make)
