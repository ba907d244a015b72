"""Gathers the text of a passage of HTML as Markdown: blanks folded, bold type and links marked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clausegraph.loaders.markdown_text import line_start, signs

_BLANKS = re.compile("[ \t\n\r\f]+")
_EMPTY_LINES = re.compile("\n(?:[ \xa0]*\n)+")


class Inline:
    """The passage being written, and what the elements that are open ask for.

    Marks are set around words only when a word comes, so that none stands around blanks or is left
    open at the end of a passage.
    """

    def __init__(self) -> None:
        """Begin without any text."""
        self.bold, self.link = False, ""
        self._pieces: list[str] = []
        self._open: list[tuple[bool, str]] = []
        self._set = (False, "")  # what the marks written so far have set
        self._blank = False

    def enter(self, bold: bool | None, link: str) -> None:
        """Begin an element that makes its text bold, or not, and a link, where it does so."""
        self._open.append((self.bold, self.link))
        self.bold = self.bold if bold is None else bold
        self.link = link or self.link

    def leave(self) -> None:
        """End an element."""
        self.bold, self.link = self._open.pop()

    def add(self, text: str) -> None:
        """Take text as it stands in the tree."""
        folded = _BLANKS.sub(" ", text)
        self._blank = self._blank or folded[:1] == " "
        if words := folded.strip(" "):
            self._mark()
            self._pieces.append(signs(words))
            self._blank = folded[-1] == " "

    def line_break(self) -> None:
        """Begin another line of the same passage."""
        self._close()
        self._pieces.append("\n")
        self._blank = False

    def take(self) -> str:
        """Give all that was written, and begin anew."""
        self._close()
        text, self._pieces, self._blank = "".join(self._pieces), [], False
        return text

    def passages(self) -> Iterator[str]:
        """Give what was written as passages, which end at an empty line, and begin anew."""
        for part in _EMPTY_LINES.split(self.take()):
            lines = [line_start(line.strip()) for line in part.split("\n") if line.strip()]
            if lines:
                yield "\n".join(lines)

    def _mark(self) -> None:
        """Write the marks that the next word needs, and the blank in front of it."""
        wanted = (self.bold, self.link)
        changed = wanted != self._set
        if changed:
            self._close()
        if self._blank and self._pieces and self._pieces[-1] != "\n":
            self._pieces.append(" ")
        if changed:
            self._pieces.append(("**" if self.bold else "") + ("[" if self.link else ""))
            self._set = wanted

    def _close(self) -> None:
        """Close the marks that are open."""
        bold, link = self._set
        if bold or link:
            self._pieces.append((f"]({link})" if link else "") + ("**" if bold else ""))
        self._set = (False, "")
