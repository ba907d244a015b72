"""The words of a PDF's pages with their places and type, read with PDFium.

Lengths are points (1/72 inch), the origin is the lower left corner of the upright page. PDFium is a
C++ library, so this module is used in a process of its own only (`contained`).
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

from clausegraph.loaders.contained import ContainedError

_BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
_BOLD_WEIGHT = 600
_HYPHENS = {0x02, 0xFFFE}  # how PDFium gives a hyphen at which it would join two lines
_BLANKS = {0x20, 0xA0}
_LIGATURES = dict(
    zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)
)
_BULLETS_OF_SYMBOL_FONTS = dict.fromkeys((0xF0B7, 0xF0A7, 0xF0D8, 0xF06F, 0xF0FC, 0xF076), "\u2022")
_LETTERS = {**_LIGATURES, **_BULLETS_OF_SYMBOL_FONTS}
_LONGEST_NAME = 128

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word from `x0` to `x1` on the baseline `y`; `order` is its place in the page's stream.

    `apart` says that the file has no blank in front of it, though it stands away from the one before.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    order: int
    apart: bool = False


@dataclass(frozen=True)
class Page:
    """The words of a page, its straight lines, and the small shapes that may be bullets.

    `rules` are (x0, x1, y), `bars` are (x, y0, y1), `dots` are (x1, y, size).
    """

    number: int
    words: list[Word]
    rules: list[tuple[float, float, float]] = field(default_factory=list)
    bars: list[tuple[float, float, float]] = field(default_factory=list)
    dots: list[tuple[float, float, float]] = field(default_factory=list)
    turned: int = 0  # words left out since they stand at an angle to the others


def pages(data: bytes) -> Iterator[Page]:
    """Every page of a PDF; raises `ContainedError` where it cannot be opened."""
    pdfium.FPDF_InitLibrary()
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        locked = pdfium.FPDF_GetLastError() in {
            pdfium.FPDF_ERR_PASSWORD,
            pdfium.FPDF_ERR_SECURITY,
        }
        raise ContainedError("locked" if locked else "broken")
    for index in range(int(pdfium.FPDF_GetPageCount(document))):
        yield _page(document, index)


def _page(document: object, index: int) -> Page:
    """One page; a page that cannot be read has no words."""
    page = pdfium.FPDF_LoadPage(document, index)
    text = pdfium.FPDFText_LoadPage(page) if page else None
    found = Page(index + 1, [])
    if text:
        angled = list(_Reader(text).words())
        found = _upright(index + 1, angled, list(_shapes(page)))
        pdfium.FPDFText_ClosePage(text)
    if page:
        pdfium.FPDF_ClosePage(page)
    return found


class _Reader:
    """Reads words off PDFium's text page, with the buffers that its functions write to."""

    def __init__(self, text: object) -> None:
        self.text = text
        self.box = pdfium.FS_RECTF()
        self.matrix = pdfium.FS_MATRIX()
        self.x, self.y = ctypes.c_double(), ctypes.c_double()
        self.flags = ctypes.c_int()
        self.name = ctypes.create_string_buffer(_LONGEST_NAME)

    def words(self) -> Iterator[tuple[int, Word]]:
        """Each word with the quarter turns (counter-clockwise) at which it stands, in order."""
        signs: list[int] = []
        start = order = 0
        blank = apart = False
        count = int(pdfium.FPDFText_CountChars(self.text))
        for index in range(count + 1):
            sign = int(pdfium.FPDFText_GetUnicode(self.text, index)) if index < count else 0x20
            if _is_letter(sign) or sign in _HYPHENS:
                if not signs:
                    start, apart, blank = index, not blank, False
                signs.append(0x2D if sign in _HYPHENS else sign)
            if sign in _BLANKS and index < count:
                blank = blank or not pdfium.FPDFText_IsGenerated(self.text, index)
            if signs and not _is_letter(sign):
                yield self._word(_decoded(signs), start, index - 1, order, apart)
                order += 1
                signs = []

    def _word(
        self, letters: str, first: int, last: int, order: int, apart: bool
    ) -> tuple[int, Word]:
        """The word from one sign to another, in the page's own axes."""
        text = self.text
        angle = float(pdfium.FPDFText_GetCharAngle(text, first))
        pdfium.FPDFText_GetCharOrigin(text, first, self.x, self.y)
        pdfium.FPDFText_GetLooseCharBox(text, first, self.box)
        one = (self.box.left, self.box.bottom, self.box.right, self.box.top)
        pdfium.FPDFText_GetLooseCharBox(text, last, self.box)
        two = (self.box.left, self.box.bottom, self.box.right, self.box.top)
        turns = round(-angle / (math.pi / 2)) % 4 if _straight(angle) else -1
        x0, x1, y = _placed(turns, one, two, (self.x.value, self.y.value))
        size, bold = self._size(first), self._bold(first)
        return turns, Word(letters, x0, x1, y, size, bold, order, apart)

    def _size(self, index: int) -> float:
        """The size of a sign in print, in points."""
        size = float(pdfium.FPDFText_GetFontSize(self.text, index))
        pdfium.FPDFText_GetMatrix(self.text, index, self.matrix)
        scale = math.hypot(self.matrix.c, self.matrix.d)
        return min(max(abs(size * scale), 1.0), 400.0)

    def _bold(self, index: int) -> bool:
        """Whether a sign is in bold type, by the font's name or weight."""
        size = int(
            pdfium.FPDFText_GetFontInfo(self.text, index, self.name, _LONGEST_NAME, self.flags)
        )
        if 0 < size <= _LONGEST_NAME and _BOLD.search(self.name.value):
            return True
        return int(pdfium.FPDFText_GetFontWeight(self.text, index)) >= _BOLD_WEIGHT


def _is_letter(sign: int) -> bool:
    """Whether a sign is part of a word."""
    return sign > 0x20 and sign not in _BLANKS and sign not in _HYPHENS


def _decoded(signs: list[int]) -> str:
    """The text of UTF-16 units, without ligatures and without halves of characters."""
    raw = b"".join(
        (sign & 0xFFFF).to_bytes(2, "little")
        if sign < 0x10000
        else chr(sign).encode("utf-16-le", "replace")
        for sign in signs
    )
    return raw.decode("utf-16-le", "replace").translate(_LETTERS)


def _straight(angle: float) -> bool:
    """Whether an angle is a multiple of a quarter turn, near enough."""
    return abs(math.remainder(angle, math.pi / 2)) < 0.05


def _placed(
    turns: int, one: Box, two: Box, origin: tuple[float, float]
) -> tuple[float, float, float]:
    """Start, end and baseline of a word, along the axes of its own direction."""
    x, y = origin
    match turns:
        case 1:
            return one[1], two[3], -x
        case 2:
            return -one[2], -two[0], -y
        case 3:
            return -one[3], -two[1], x
        case _:
            return one[0], two[2], y


def _upright(number: int, angled: list[tuple[int, Word]], boxes: list[Box]) -> Page:
    """The page as most of its words stand; words at another angle are left out."""
    turns = Counter(turn for turn, _ in angled if turn >= 0)
    main = max(turns, key=lambda turn: turns[turn]) if turns else 0
    words = [word for turn, word in angled if turn == main]
    page = Page(number, words, turned=len(angled) - len(words))
    for box in boxes:
        _sort_shape(page, _turned(box, main))
    return page


def _turned(box: Box, turns: int) -> Box:
    """A box in the axes of text that stands at quarter turns."""
    left, bottom, right, top = box
    match turns:
        case 1:
            return bottom, -right, top, -left
        case 2:
            return -right, -top, -left, -bottom
        case 3:
            return -top, left, -bottom, right
        case _:
            return box


def _shapes(page: object) -> Iterator[Box]:
    """The boxes of what is drawn on a page."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for index in range(int(pdfium.FPDFPage_CountObjects(page))):
        shape = pdfium.FPDFPage_GetObject(page, index)
        if pdfium.FPDFPageObj_GetType(shape) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        if pdfium.FPDFPageObj_GetBounds(shape, left, bottom, right, top):
            yield left.value, bottom.value, right.value, top.value


def _sort_shape(page: Page, box: Box) -> None:
    """Put a shape where it belongs; a frame is two rules and two bars."""
    left, bottom, right, top = box
    width, height = right - left, top - bottom
    if 1.5 < width < 10 and 0.7 < width / max(height, 0.1) < 1.4:
        page.dots.append((right, bottom, height))
        return
    if height < 4 < width:
        page.rules.append((left, right, (bottom + top) / 2))
    elif width < 4 < height:
        page.bars.append(((left + right) / 2, bottom, top))
    elif width > 4:
        page.rules.extend(((left, right, bottom), (left, right, top)))
        page.bars.extend(((left, bottom, top), (right, bottom, top)))
