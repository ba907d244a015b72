"""What is wrong with a text that is no SPARQL query: the place, what stands there, what may stand.

The engine tells how far it got and what its grammar tried last, which is seldom what a person left
out. The place is kept; where no query begins at all, the first word is the fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from clausegraph.api.sparql_guard import FORMS, after_prologue, query_form, undeclared

_PLACE = re.compile(r"error at (\d+):(\d+): (?:expected (?:one of )?)?(.*)", re.DOTALL)
_CLASS = re.compile(r"\[[^\]]*\]", re.DOTALL)
_LAST = {"LATERAL", "SERVICE"}
"""What the engine's grammar tries last within a group."""
_MOST = 40
_BEGIN = f"{', '.join(FORMS[:-1])} or {FORMS[-1]}"


def told(detail: str, text: str, prefixes: Mapping[str, str]) -> str:
    """One line for people about a text that the engine refused: ``error at 3:10: …``."""
    if query_form(text) is None:
        return _no_form(text)
    if (strange := undeclared(text, prefixes)) is not None:
        at, name = strange
        return f"error at {_place(text, at)}: the prefix {_short(name)}: is not declared"
    place = _PLACE.match(detail)
    if place is None:
        return detail.partition("\n")[0]
    line, column = int(place[1]), int(place[2])
    start = "\n".join(text.split("\n")[: line - 1])
    at = len(start) + (line > 1) + column - 1
    return f"error at {line}:{column}: {_why(text, at, place[3])}"


def _no_form(text: str) -> str:
    """Where a query should begin and does not."""
    start = after_prologue(text)
    place = _place(text, start)
    found = re.match(r"[\w-]+|.", text[start:], re.DOTALL)
    if found is None:
        return f"error at {place}: there is no query; it begins with {_BEGIN}"
    word = found[0]
    if word.upper() in ("PREFIX", "BASE", "VERSION"):
        return (
            f"error at {place}: a declaration that cannot be read; it is PREFIX name: <iri> "
            "or BASE <iri>"
        )
    near = get_close_matches(word.upper(), FORMS, 1, 0.6)
    more = f"; did you mean {near[0]}?" if near else ""
    return f"error at {place}: found {_shown(word)} where {_BEGIN} begins a query{more}"


def _why(text: str, at: int, expected: str) -> str:
    """What stands at a place, and what may stand there."""
    if "Prefix not found" in expected:
        return "a prefix is used that is not declared"
    rest = re.match(r"\s*([\w?$:.-]+|\S)", text[at:])
    found = _shown(rest[1]) if rest else "the end of the query"
    before = " ".join(text[:at].split())[-_MOST:]
    message = f"found {found} after {before!r}" if before else f"found {found}"
    words = [each.strip() for each in _CLASS.sub("", expected).split(",")]
    words = [each for each in words if re.fullmatch(r'[A-Za-z]{2,}|"[^"\\]"', each)]
    if _LAST.issuperset(words):  # anything may follow a whole group: something in it is missing
        return message
    return f"{message}; expected {' or '.join(words)}" if 0 < len(words) <= 8 else message


def _place(text: str, at: int) -> str:
    """Line and column of a character."""
    return f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def _shown(word: str) -> str:
    return repr(_short(word))


def _short(word: str) -> str:
    return word if len(word) <= _MOST else f"{word[: _MOST - 3]}..."
