"""What a person types into a search, as an expression of the full-text index.

Words are joined by and, in any of their English endings; "words in quotes" stand side by side.
Everything else is text: nothing a person types is an operator. There is no sign for the beginning
of a word: the index holds words without their endings, where `deleti*` would not find deletion.

Scripts written without blanks have no words that a sign would end: each of their characters is
indexed as a word, and what a person types in them is a phrase.
"""

from __future__ import annotations

import re

from clausegraph.loaders.quoteindex import DENSE
from clausegraph.ontology.errors import ClausegraphError

LONGEST = 500
SEAM = "\x1f"
"""What parts the characters of scripts without blanks: a sign that no normalised text has."""
_TERM = re.compile(r'"([^"]*)"|([^\s"]+)')
_SIGN = re.compile(r"[^\W_]")  # a letter or a digit: the index holds nothing else
_PACKED = re.compile(f"[{DENSE}]")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_MARKS = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02", '"'))


class SearchTextError(ClausegraphError):
    """A text to search for has no word, an open quotation mark, or is too long."""

    code = "bad-search"


def expression(text: str) -> str:
    """The expression that finds what a person wrote, whatever it is. Raises `SearchTextError`."""
    if len(text) > LONGEST:
        raise _refused("is too long", f"Search for at most {LONGEST} characters.", text)
    plain = clean(text).translate(_MARKS)
    if plain.count('"') % 2:
        raise _refused("has a quotation mark without its pair", "Close it, or leave it out.", text)
    terms = [phrase or word for phrase, word in _TERM.findall(plain)]
    known = [parted(term) for term in terms if _SIGN.search(term)]
    quoted = [f'"{term}"' for term in known]  # in the index's own quotes
    if not quoted:
        raise _refused("has no word", "Give at least one word or number.", text)
    return " ".join(quoted)


def words(text: str) -> str:
    """The same, looking at the words of passages alone and not at their headings."""
    return f"{{words}} : ({expression(text)})"


def parted(text: str) -> str:
    """A text as it is indexed: each character of scripts without blanks stands by itself."""
    return _PACKED.sub(rf"{SEAM}\g<0>{SEAM}", text)


def whole(text: str) -> str:
    """The text that was parted for the index."""
    return text.replace(SEAM, "")


def clean(text: str) -> str:
    """A text without the signs that no text of the graph has."""
    return _UNSEEN.sub(" ", text)


def _refused(why: str, hint: str, text: str) -> SearchTextError:
    short = text if len(text) <= 80 else f"{text[:77]}..."
    return SearchTextError(f"the text to search for {why}: {short!r}", hint=hint, value=short)
