"""Pinpoints: a section number with its letters, and the citation it makes.

``1798.130(a)(5)(A)`` is the section 1798.130, in it (a), in it (5), in it (A). Each of the four is
a node of its own, part of the one before, so that a question about §1798.130 finds them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clausegraph.ontology.iris import mint

_FORM = re.compile(
    r"(?:(?P<instrument>(?:[a-z0-9-]+/)?[a-z0-9]+(?:-[a-z0-9]+)*) )?"
    r"(?P<number>[0-9A-Z][0-9A-Za-z.:-]*)"
    r"(?P<letters>(?:\([0-9A-Za-z][0-9A-Za-z.]*\))*)"
)


@dataclass(frozen=True)
class Pinpoint:
    """A place in an instrument; `instrument` is ``""`` for the file's own."""

    instrument: str
    number: str
    letters: tuple[str, ...]

    def text(self) -> str:
        """The section as it is printed: ``1798.130(a)(5)``."""
        return self.number + "".join(f"({letter})" for letter in self.letters)

    def chain(self) -> Iterator[Pinpoint]:
        """This place and every place around it, the innermost first."""
        for count in range(len(self.letters), -1, -1):
            yield Pinpoint(self.instrument, self.number, self.letters[:count])

    def iri(self, jurisdiction: str, instrument: str) -> str:
        """The section's IRI; the letters are steps of the path."""
        return mint("section", jurisdiction, instrument, self.number, *self.letters)


def parse(text: str) -> Pinpoint | None:
    """Read a pinpoint; None where the text has not the form."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        return None
    letters = tuple(re.findall(r"\(([^)]+)\)", match["letters"]))
    return Pinpoint(match["instrument"] or "", match["number"], letters)
