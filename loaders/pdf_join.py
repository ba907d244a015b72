"""Joins the lines of a PDF's paragraph, and undoes the hyphens of line ends only where that is safe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from clausegraph.loaders.markdown_text import is_wide
from clausegraph.loaders.pdf_page import Word

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BROKEN = re.compile(r"([^\W_]+)[-\u2010]$")
_REST = re.compile(r"(?!(?:and|or)\b)[^\W_]+")  # "first- and third-party" keeps its blank


class Joiner:
    """Knows the words of a document, so that a hyphen at a line's end can be judged."""

    def __init__(self, lines: Iterable[Sequence[Word]]) -> None:
        """Learn the words that stand whole within the lines."""
        self.known: set[str] = set()
        for words in lines:
            for word in words[:-1]:
                self.known.update(_WORD.findall(word.text.casefold()))

    def text(self, lines: Sequence[Sequence[Word]], forced: frozenset[int] = frozenset()) -> str:
        """The text of lines, with a line feed in front of those whose number is in `forced`."""
        text = ""
        for number, words in enumerate(lines):
            line = _spaced(words)
            if number in forced:
                text += "\n" + line
            else:
                text = self._and(text, line) if text else line
        return text

    def _and(self, text: str, line: str) -> str:
        """The text with a line that goes on with it."""
        if text.endswith("\u00ad"):
            return text[:-1] + line
        broken, rest = _BROKEN.search(text), _REST.match(line)
        if broken and rest:
            whole = (broken[1] + rest[0]).casefold()
            parted = f"{broken[1]}-{rest[0]}".casefold()
            mend = rest[0].islower() and whole in self.known and parted not in self.known
            return (text[:-1] if mend else text) + line
        return text + _between(text, line) + line


def _spaced(words: Sequence[Word]) -> str:
    """The words of one line with blanks between them, where the script uses such."""
    text = words[0].text
    for before, word in pairwise(words):
        close = word.x0 - before.x1 < 0.3 * word.size
        text += (_between(text, word.text) if close else " ") + word.text
    return text


def _between(left: str, right: str) -> str:
    """What stands between two words: nothing between characters of Chinese and Japanese."""
    return "" if is_wide(left[-1:]) and is_wide(right[:1]) else " "
