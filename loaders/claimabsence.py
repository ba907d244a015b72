"""Whether somebody's sentence about a document claims that the document does not say something.

The words alone do not tell: "may delete data without notice" is about deletion. They count where
they govern what is said: "does not say", "without stating", "lacks a period", "is silent on".
"""

from __future__ import annotations

import re
from typing import Final

_DOCUMENT = r"(?:policy|text|document|notice|statement|page|terms|it|said to)"
_ASIDE = r"(?: \w+){0,3}"
_HOW = r"(?:how|whether|when|where|which|what|who|whom|why|by which|for which)"
_SAY = (
    r"(?:say|state|name|describe|specify|explain|mention|define|identify|address|detail|indicate)"
)
_SAYS = r"(?:says|states|names|describes|specifies|explains|mentions|defines|identifies|addresses)"
_SAYING = (
    r"(?:saying|stating|naming|describing|specifying|explaining|mentioning|defining|identifying)"
)
_SAID = r"(?:said|stated|named|described|specified|explained|mentioned|defined|identified|told)"
_THING = (
    r"(?:period|deadline|means|methods?|ways?|procedures?|mechanisms?|channels?|contact"
    r"|address|schedule|mention|(?:stated|named|specified|retention|response) (?:period|time)"
    r"|(?:explanation|description|statement|indication|details?) (?:of|about|on|as to|for|how))"
)
_NOT = r"(?:(?:does|do|did) not|(?:does|do|did)n['\u2019]t)(?: \w+ly)?"
_WAYS: Final = (
    rf"{_NOT} (?:say|state|describe|specify|explain|mention|detail|indicate)\b",
    rf"\b{_DOCUMENT}{_ASIDE} {_NOT} {_SAY}\b",
    rf"{_NOT} (?:disclose|tell|inform){_ASIDE} {_HOW}\b",
    rf"\b{_DOCUMENT}{_ASIDE} {_NOT} (?:give|provide|offer|contain|include|have|cover|set out)\b",
    rf"\b{_DOCUMENT}{_ASIDE} (?:lack(?:s|ed)?|omit(?:s|ted)?)\b",
    rf"\b{_DOCUMENT}\b[^.;]* (?:is|are|was|were|be|been|remain\w*|stay\w*|keeps?|kept) silent\b",
    r"(?<!not )\bsilent (?:on|about|as to|regarding|whether|how)\b",
    r"\b(?:say|says|said|saying|state|states|stated) nothing\b",
    rf"\bnothing (?:is|was|has been) {_SAID}\b",
    rf"\bnowhere\b.{{0,60}}\b(?:{_SAY}|{_SAYS}|{_SAID})\b",
    rf"\b(?:{_SAY}|{_SAYS}|{_SAID})\b.{{0,60}}\bnowhere\b",
    rf"\b(?:is|are|was|were|been) not(?: \w+ly)? {_SAID}\b",
    rf"\bno{_ASIDE} (?:is|are|was|were)(?: \w+ly)? {_SAID}\b",
    rf"\b(?:fail(?:s|ed)? to {_SAY}|never {_SAYS})\b",
    rf"\bwithout(?: \w+ly)? {_SAYING}\b",
    rf"\bwithout(?: \w+ly)? (?:telling|disclosing|informing){_ASIDE} {_HOW}\b",
    rf"\bwithout(?: giving)?(?: (?:a|an|any|the))?(?: (?:stated|named|specified|clear))? {_THING}\b",
    r"\bno mention of\b",
    rf"\b{_DOCUMENT}{_ASIDE} (?:contains?|has|gives?|names?|includes?) no\b",
)
_ABSENCE = re.compile("|".join(_WAYS), re.IGNORECASE)


def claims_absence(sentence: str) -> bool:
    """Whether a sentence about a document claims that it does not say something."""
    return _ABSENCE.search(sentence) is not None
