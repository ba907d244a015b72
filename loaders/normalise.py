"""What a reader sees of a text, so that two captures can be held against each other.

Three layers of equality are kept apart: bytes, the text as `normalise` leaves it, and meaning,
which is not decided here. Signs that Markdown uses for markup are gone from the result even where
a reader sees them (`snake_case`, `a < b`): without that the result could be read as markup again.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from clausegraph.loaders.markup import BULLETS, unmarked

VERSION = 1
"""Goes up whenever `normalise` gives another result for any text; stored beside every digest."""

_FOLD: dict[str, str] = (
    dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u2036\uff02", '"')
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a\u00b4\uff07", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
    | dict.fromkeys("\\*_`~[]\u00b6", "")
    | dict.fromkeys("<>|\u00b7" + BULLETS, " ")
    | {"\u2026": "..."}
)
# Zero-width signs, marks of direction, soft hyphen, variation selectors, controls, no-characters.
_UNSEEN = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e01ef"
)
_FOLDED = re.compile(f"[{re.escape(''.join(_FOLD))}{_UNSEEN}]")
_DASHES = re.compile("--+")
_ENTITY = re.compile("(?<!&)&++(?=#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)")
_LEADING = re.compile("(?:[-+:=#]++(?: |$))++")
_OTHER = re.compile(r"[\W_]+")


def normalise(text: str) -> str:
    """Give what a reader sees of Markdown, with HTML in it or without, on one line.

    Markup, link targets, images, anchors, comments, zero-width signs are gone, entities decoded,
    typographic quotes, dashes, ellipses and spaces folded, Unicode composed (NFC); case and the
    numbers of ordered lists stay. Idempotent; no visible letter or digit is dropped, added or
    moved. Never raises; time is linear in the length. For equality, not for display.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    seen = _composed(unmarked(_composed(text)))
    folded = _composed(_FOLDED.sub(_folded, seen))
    if "--" in folded:
        folded = _DASHES.sub("-", folded)
    if "&" in folded:
        folded = _ENTITY.sub("", folded)
    line = " ".join(folded.split())
    return line[found.end() :] if (found := _LEADING.match(line)) else line


def letters(text: str) -> str:
    """Give only the letters and digits of `normalise(text)`, with their accents, casefolded."""
    return seen_letters(normalise(text))


def seen_letters(seen: str) -> str:
    """Give the `letters` of a text that is normalised already."""
    folded = _composed(seen.casefold())
    return _OTHER.sub("" if folded.isascii() else _marks, folded)


def digest(text: str) -> str:
    """Give the SHA-256 of `normalise(text)` in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(normalise(text).encode("utf-8", "surrogatepass")).hexdigest()


def _composed(text: str) -> str:
    """Give the text in Unicode's normal form C."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _folded(found: re.Match[str]) -> str:
    """Give what stands for a typographic sign; what is not listed was not to be seen."""
    return _FOLD.get(found[0], "")


def _marks(found: re.Match[str]) -> str:
    """Keep of a stretch without letters its combining marks: in many scripts they are vowels."""
    return "".join(sign for sign in found[0] if unicodedata.category(sign)[0] == "M")
