"""The day that a document itself gives as that of its last change, or of its taking effect.

A document's word for itself proves nothing about when it was published; it is kept beside the day of
capture. Dates are easily taken for more than they are (a law's, an older version's, a copyright's),
so a date counts only right behind a label that stands alone or has the document as its subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise

from clausegraph.loaders.visible import visible

_TOP, _BOTTOM = 40, 10  # lines with words in which a document dates itself
_LONGEST = 2_000  # characters of a line that are looked at
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<month{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = (
    rf"(?:{_MONTH.format(1)}\s*(?P<day1>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s*(?P<year1>\d{{4}})(?!\d)"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s-]*{_MONTH.format(2)},?[\s-]*(?P<year2>\d{{4}})(?!\d)"
    r"|(?P<year3>\d{4})\s*(?:[-/.]|年)\s*(?P<number3>\d{1,2})\s*(?:[-/.]|月)\s*(?P<day3>\d{1,2})\s*日?(?!\d)"
    r"|(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<year4>\d{4})(?!\d)"
    rf"|{_MONTH.format(3)},?\s*\d{{4}}(?!\d)|\d{{4}}\s*年\s*\d{{1,2}}\s*月)"
)
_CHANGE = r"(?:updated?|revised|revision|modified|modification|amended|amendment|changed?)"
_UPDATED = (
    rf"(?:(?:last|latest|most\s+recent(?:ly)?)\s+{_CHANGE}(?:\s+date)?|{_CHANGE}\s+date"
    rf"|date\s+(?:of\s+)?(?:the\s+)?(?:last\s+|latest\s+)?{_CHANGE}|updated|revised"
    r"|(?:最后|最近|最新|上次)?(?:更新|修订|修改)(?:日期|时间)?)"
)
_EFFECTIVE = r"(?:(?:date\s+of\s+)?effective(?:\s+date)?|in\s+(?:effect|force)|生效(?:日期|时间)?)"
_FILLER = r"[\s:\uff1a|,.(\uff08\[\u2013\u2014-]*(?:(?:on|as|of|is|was|at|from|since|since:|date|于|为)[\s:\uff1a]+|[于为]){0,3}"
_LABELLED = {
    "updated": re.compile(rf"(?<![A-Za-z0-9]){_UPDATED}{_FILLER}{_DATE}", re.IGNORECASE),
    "effective": re.compile(rf"(?<![A-Za-z0-9]){_EFFECTIVE}{_FILLER}{_DATE}", re.IGNORECASE),
}
_BEHIND = {
    "updated": re.compile(rf"{_DATE}起?(?:最后|最近)?(?:更新|修订|修改)", re.IGNORECASE),
    "effective": re.compile(rf"{_DATE}起?(?:正式)?(?:生效|施行)", re.IGNORECASE),
}
_LABEL_ALONE = re.compile(
    rf"\W*(?:(?P<updated>{_UPDATED})|{_EFFECTIVE})(?:\s+(?:on|as\s+of))?\W*", re.IGNORECASE
)
_DATE_ALONE = re.compile(rf"\W*{_DATE}\W*", re.IGNORECASE)
_OWN = re.compile(
    r"\b(?:polic(?:y|ies)|notice|statement|terms|agreement|document|page|addendum|version)\b"
    r"|政策|协议|条款|声明|指引|版本",
    re.IGNORECASE,
)
_OLDER = re.compile(
    r"\b(?:previous|prior|earlier|older|archived?|supersede[sd]?|replaces?)\b", re.IGNORECASE
)
_OTHERS = re.compile(
    r"\b(?:acts?|laws?|regulations?|directive|statutes?|code|gdpr|ccpa|cpra|bill|rules?|ordinance"
    r"|court|clauses|framework|shield|list)\b|§|法",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    "".join(rf"(?<!\b{month}\.)" for month in [*_MONTHS, "sept"])
    + "(?<=[.!?\u3002\uff01\uff1f])\\s+|[\u3002\uff1b\n|\u00b7\u2022]",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\s*(?:$|[.|()\uff08\uff09\[\]\n;/·•\u2013\u2014-]|(?:last|effective|(?:previous |prior )?versions?|updated|and|生效|更新|版本)\b)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_FEW_WORDS = 4
_REMEMBERED = 4_096  # lines: most stand in the next version, too

Found = dict[str, set[date | None]]


def announced_date(text: str) -> date | None:
    """The day that a Markdown text gives as that of its last change, or else of its taking effect.

    Only the first forty and the last ten lines with words are looked at, the first before the last.
    None where there is no such date, or several, or one that can be read in two ways.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    for part in (lines[:_TOP], lines[_TOP:][-_BOTTOM:]):
        found = _dates([visible(line[:_LONGEST]).text for line in part])
        for days in (found["updated"], found["effective"]):
            if days:
                return days.pop() if len(days) == 1 else None
    return None


def _dates(lines: Sequence[str]) -> Found:
    """The dates behind labels of both kinds; None stands for one that is no single day."""
    found: Found = {"updated": set(), "effective": set()}
    for line, after in pairwise([*lines, ""]):
        alone, dated = _LABEL_ALONE.fullmatch(line), _DATE_ALONE.fullmatch(after)
        if alone and dated:
            found["updated" if alone["updated"] else "effective"].add(_day(dated))
        for kind, day in _in_line(line):
            found[kind].add(day)
    return found


@lru_cache(maxsize=_REMEMBERED)
def _in_line(line: str) -> tuple[tuple[str, date | None], ...]:
    """The labelled dates of a line; each has a digit."""
    if _DIGIT.search(line) is None:
        return ()
    sentences = (each for each in _SENTENCE.split(line) if _DIGIT.search(each))
    return tuple(found for each in sentences for found in _in_sentence(each))


def _in_sentence(sentence: str) -> Iterator[tuple[str, date | None]]:
    """The labelled dates of a sentence."""
    for kind in ("updated", "effective"):
        for match in _LABELLED[kind].finditer(sentence):
            colon = ":" in match[0] or "\uff1a" in match[0]
            if _is_own(sentence[: match.start()], "" if colon else sentence[match.end() :]):
                yield kind, _day(match)
        for match in _BEHIND[kind].finditer(sentence):
            if _is_own(sentence[: match.start()], ""):
                yield kind, _day(match)


def _is_own(before: str, after: str) -> bool:
    """Whether a labelled date is the document's own, by what stands around it in the sentence."""
    if _OLDER.search(before):
        return False
    subjects = list(_OWN.finditer(before))
    if subjects:
        return not _OTHERS.search(before[subjects[-1].end() :])
    few = len(before.split()) <= _FEW_WORDS and not _OTHERS.search(before)
    return few and _ENDS.match(after) is not None


def _day(match: re.Match[str]) -> date | None:
    """The day that a match names; None if it names a month, two days, or none that exists."""
    part = match.groupdict()
    for number in ("1", "2"):
        if part["year" + number]:
            month = _MONTHS.index(part["month" + number][:3].lower()) + 1
            return _valid(part["year" + number], month, part["day" + number])
    if part["year3"]:
        return _valid(part["year3"], part["number3"], part["day3"])
    if part["year4"]:
        days = {
            _valid(part["year4"], part["first"], part["second"]),
            _valid(part["year4"], part["second"], part["first"]),
        } - {None}
        return days.pop() if len(days) == 1 else None
    return None


def _valid(year: str, month: str | int, day: str) -> date | None:
    """A day of the calendar, or None."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
