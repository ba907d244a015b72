"""Periods that a passage promises: how many of what, for which step, as far as words tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clausegraph.loaders.blocks import sentences

_NEAR = 300  # characters before a period that tell what it is for
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "ten": 10, "twelve": 12, "fifteen": 15, "thirty": 30, "forty": 40, "forty-five": 45,
    "sixty": 60, "ninety": 90,
}  # fmt: skip
_NUMBER = r"(\d{1,3}|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")"
_PERIOD = re.compile(
    rf"\b{_NUMBER}\)?[ -]?(?:\(\d{{1,3}}\)[ -]?)?(?:additional |more |full )?"
    r"(?:(business|working|calendar)[ -])?(day|week|month)s?\b"
)
_PROMISED = re.compile(
    r"\b(with)?in( a (period|maximum) of)?|\b(no|not) later than|\bup to|\bat (most|the latest)"
    r"|\b(takes?|exceed|another|additional|further|by|total of)( the| an?)?( additional)?\W*$"
)
_BACK = re.compile(r"\b(preceding|prior|past|last|previous|every|each|any)\b(\W+\w+)?\W*$")
_FREE = re.compile(r"\b(twice|once|times|(one|two|2|three) (\w+ ){0,3}requests?)\b")
_PAST = re.compile(r"^( period)?( \w+){0,2} (preceding|prior to|before)\b|^ (are|is) free\b| ago\b")
_APPEAL = re.compile(r"\bappeal")
_ADDED = re.compile(r"\b(another|additional|extra|further|by)\b(\W+\w+){0,2}\W*$")
_LONGER = re.compile(r"\b(extend\w*|extension|(more|additional|further) time|longer|prolong\w*)\b")
_TOTAL = re.compile(r"\b(total|in all|altogether|overall)\b")
_RECEIPT = re.compile(
    r"\b(confirm|acknowledg\w*)\b(?!.*\b(answer|respond|repl(y|ies)|act|process)\w*\b)"
)
_YOURS = re.compile(
    r"\byou (may|can|must|have to|should|will have) (appeal|submit|contact|write|ask)\b"
)


@dataclass(frozen=True, slots=True)
class Period:
    """So many of a unit (``calendar-day``, ``business-day``, ``month``), for a step.

    Days without another word are calendar days; a week counts as seven. `purpose` is ``answer``,
    ``acknowledgement``, ``extension``, ``total``, ``appeal``, or ``other`` where words speak of more
    time and leave open whether it is what is added or the sum. `sentence` is where it stands.
    """

    number: int
    unit: str
    purpose: str
    sentence: str


def periods(seen: str) -> tuple[Period, ...]:
    """The periods that a normalised passage promises, in order, but for those that look back."""
    found = []
    for start, end in sentences(seen):
        found += list(_of_sentence(seen[start:end]))
    return tuple(dict.fromkeys(found))


def _of_sentence(sentence: str) -> Iterator[Period]:
    small, begin = sentence.lower(), 0
    appeal = _APPEAL.search(small) is not None
    for match in _PERIOD.finditer(small):
        start = max(begin, match.start() - _NEAR)
        before, after = small[start : match.start()], small[match.end() : match.end() + 40]
        if _promises(before, after):
            number = int(match[1]) if match[1].isdigit() else _WORDS[match[1]]
            days, unit = (7, "day") if match[3] == "week" else (1, match[3])
            yield Period(
                number=number * days,
                unit="month" if unit == "month" else _days(match[2]),
                purpose="appeal" if appeal else _purpose(before, match[0], after),
                sentence=sentence,
            )
        begin = match.end()


def _promises(before: str, after: str) -> bool:
    """Whether the words around a period promise it, rather than look back or count requests."""
    near = before[-40:]
    if _PROMISED.search(near) is None or _PAST.search(after) or _BACK.search(before):
        return False
    return not (_FREE.search(before) or _YOURS.search(before))


def _days(word: str | None) -> str:
    return "business-day" if word in ("business", "working") else "calendar-day"


def _purpose(before: str, period: str, after: str) -> str:
    """What a period is for in a sentence that speaks of no appeal, by the words before and after."""
    if _TOTAL.search(before) or _TOTAL.match(after.lstrip(" ,(")):
        return "total"
    if _ADDED.search(before) or _ADDED.search(period[:-1]) or "additional" in period:
        return "extension"
    if _LONGER.search(before) or after.lstrip(" -").startswith("extension"):
        return "other"
    return "acknowledgement" if _RECEIPT.search(before) else "answer"
