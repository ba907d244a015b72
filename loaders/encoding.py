"""From the bytes of a text to its characters: UTF-8, or what a byte order mark or a page declares."""

from __future__ import annotations

import codecs
import re

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARED = re.compile(
    rb"<(?:meta[^<>]{0,300}?charset|\?xml[^<>]{0,200}?encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})",
    re.IGNORECASE,
)
_HEAD = 4096  # bytes in which a page says how it is encoded
_NOT_TEXT = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROLS = 100  # characters for each that no text has
# What browsers take a name for; the encodings that they know and Python has.
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
_KNOWN = re.compile(
    r"utf-8|cp(?:125[0-8]|866|874|932|949)|iso8859-(?:[2-8]|10|1[3-6])|koi8-[ru]|gb18030|"
    r"big5hkscs|euc_jp|iso2022_jp|mac-(?:roman|cyrillic)"
)


class EncodingError(Exception):
    """Bytes are no text in the encoding they should be in; `why` and `hint` say it to a user."""

    def __init__(self, why: str, hint: str) -> None:
        """Hold what is wrong and what to do."""
        super().__init__(why)
        self.why, self.hint = why, hint


def decoded(data: bytes) -> tuple[str, list[str]]:
    """The text of bytes in UTF-8, or with a mark in UTF-16, and a note where it was that.

    Raises `EncodingError`.
    """
    mark, name = _marked(data)
    text = _decode(data, name or "utf-8", len(mark), "Save the file as UTF-8.")
    return text, [f"decoded from {name}"] if name and name != "utf-8" else []


def decoded_html(data: bytes) -> tuple[str, list[str]]:
    """The text of a page, in the encoding that its mark or the page itself declares, or UTF-8."""
    mark, name = _marked(data)
    declared = None if name else _declared(data)
    if not declared or declared == "utf-8":
        hint = 'Save the page as UTF-8, or declare its encoding (<meta charset="…">).'
        text = _decode(data, name or "utf-8", len(mark), hint)
    else:
        text = _decode(data, declared, 0, "Declare the encoding that the page is saved in.")
    used = name or declared or "utf-8"
    return text, [f"decoded from {used}"] if used != "utf-8" else []


def _marked(data: bytes) -> tuple[bytes, str]:
    """The byte order mark at the start, and the encoding it stands for; both empty without one."""
    return next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", ""))


def _declared(data: bytes) -> str | None:
    """The encoding that a page declares; None where it declares none that is known."""
    found = _DECLARED.search(data[:_HEAD])
    if found is None:
        return None
    try:
        name = codecs.lookup(found[1].decode("ascii")).name
    except (LookupError, ValueError):
        name = ""
    name = _WIDER.get(name, name)
    if not _KNOWN.fullmatch(name):
        label = found[1].decode("ascii", "replace")
        raise EncodingError(f"declares the unknown encoding {label!r}", "Save the page as UTF-8.")
    return name


def _decode(data: bytes, name: str, skip: int, hint: str) -> str:
    """The text of bytes in an encoding, from an offset on."""
    try:
        text = data[skip:].decode(name)
    except UnicodeDecodeError as error:
        at = error.start + skip
        raise EncodingError(f"is not {_shown(name)}: byte {at} does not fit", hint) from None
    if (at := text.find("\0")) >= 0:
        place = len(text[:at].encode(name)) + skip
        raise EncodingError(f"is not text: byte {place} is NUL", "Name a text file.")
    if len(_NOT_TEXT.findall(text)) * _MOST_CONTROLS > len(text):
        raise EncodingError("is not text: it is full of control characters", "Name a text file.")
    return text


def _shown(name: str) -> str:
    """An encoding's name as people write it."""
    return name.upper()
