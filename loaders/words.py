"""The words of what `visible` shows of a passage: what differs between two wordings, word by word.

Offsets are characters of the text as captured, so that a changed number can be quoted exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from clausegraph.loaders.visible import visible

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_AMOUNT = r"\d+(?:[.,]\d+)*"
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_LETTER = rf"[^\W_{_CJK}]"
_DATE = (
    rf"(?=[jfmasond])\b{_MONTH}(?:[ \u00a0]{{0,2}}{_DAY},?[ \u00a0]{{0,2}}|,?[ ])\d{{4}}\b"
    rf"|(?=\d)(?:\b{_DAY}(?: of)?[ -]{_MONTH},?[ -]\d{{4}}\b"
    r"|\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b"
    r"|\d{4}\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?日)?)"
    r"|\b(?:\d+|an?|one|two|over an?|about \d+) (?:minute|hour|day|week|month|year)s? ago\b"
)
_MONEY = (
    rf"[$€£¥]\s?{_AMOUNT}(?:\s?(?:million|billion|k|m))?\b"
    rf"|\b{_AMOUNT}\s?(?:USD|EUR|GBP|dollars|euros?|pounds|yuan|元)|[$€£¥]"
)
# Ignoring case is dear, so it is done where case matters; the first look rules out blanks; what
# may stand before an @ has an end, since it is looked for at every word.
_TOKEN = re.compile(
    rf"(?=[\w.+($€£¥\[{_CJK}-])(?:"
    r"(?P<hint>(?i:\(?\bopens in a new (?:window|tab)\b\)?))"
    r"|(?P<obfuscated>(?i:\[?email[\s\u00a0]protected\]?))"
    r"|(?P<email>[\w.+-]{1,254}+@[\w-]++(?:\.[\w-]++)++)"
    r"|(?P<url>(?i:https?://|www\.)[^\s\[\]<>\"'()]+[^\s\[\]<>\"'().,;:])"
    rf"|(?P<date>(?i:{_DATE}))"
    rf"|(?P<money>(?i:{_MONEY}))"
    rf"|(?P<number>\b{_AMOUNT}\s?%|\b{_AMOUNT}(?![\w]))"
    rf"|(?P<cjk>[{_CJK}])"
    rf"|(?P<word>{_LETTER}+(?:['\u2019]{_LETTER}+)*))"
)
_SPELLING = (
    (re.compile(r"is(e[sd]?|ing|ation|ations|er|ers)$"), r"iz\1"),
    (re.compile(r"ys(e[sd]?|ing)$"), r"yz\1"),
    (re.compile(r"^(behavi|fav|hon|col|lab|neighb|end)our"), r"\1or"),
    (re.compile(r"^(cent)re(s?)$"), r"\1er\2"),
    (re.compile(r"^(licen|defen|offen)ce"), r"\1se"),
    (re.compile(r"^(cancel|travel|label|model|fulfil)l(ed|ing|ation)$"), r"\1\2"),
    (re.compile(r"^judgement"), "judgment"),
    (re.compile(r"^(fulfil|enrol)(ment|s)?$"), r"\1l\2"),
)
LARGEST = 30_000
_SHORT = 5_000


class Token(NamedTuple):
    """A word, number, date, amount of money or address; `fold` is what equality looks at.

    `start` and `end` are characters of the Markdown in which it stands.
    """

    text: str
    fold: str
    kind: str
    start: int
    end: int

    def moved(self, by: int) -> Token:
        """The same token in a text in which its passage starts at `by`."""
        return self._replace(start=self.start + by, end=self.end + by)


@dataclass(frozen=True, slots=True)
class Edit:
    """A run of tokens that stands in for another; one of the two may be empty.

    `left` and `right` are the places of the first token in the two wordings.
    """

    before: tuple[Token, ...]
    after: tuple[Token, ...]
    left: int
    right: int


def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a Markdown passage in order; the last are kept, as archives repeat passages.

    Offsets count from the start of the passage: `Token.moved` makes them those of its text.
    """
    return _short(text) if len(text) <= _SHORT else _long(text)


@lru_cache(maxsize=2_048)
def _short(text: str) -> tuple[Token, ...]:
    return tuple(_tokens(text))


@lru_cache(maxsize=4)
def _long(text: str) -> tuple[Token, ...]:
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    seen = visible(text)
    until = shift = 0  # up to `until` the source was copied, `shift` characters away
    for match in _TOKEN.finditer(seen.text):
        word, kind = match[0], match.lastgroup or "word"
        start, end = match.span()
        if kind == "hint":
            continue
        if end <= until:
            yield Token(word, fold(word, kind), kind, start + shift, end + shift)
        else:
            yield Token(word, fold(word, kind), kind, *seen.source(start, end))
            until, shift = seen.copied(end - 1)


@lru_cache(maxsize=65_536)
def fold(text: str, kind: str = "word") -> str:
    """The form of a token that is the same for spelling variants and capitals."""
    folded = text.casefold().replace("\u2019", "'")
    if kind == "word":
        return spelling(folded)
    if kind == "url":
        return re.sub(r"^(?:https?://)?(?:www\.)?|/$", "", folded)
    return re.sub(r"[\s\u00a0,]+" if kind != "date" else r"[\s\u00a0,.]+", "", folded)


def spelling(word: str) -> str:
    """The American spelling of a word in small letters, near enough for comparing."""
    if len(word) < 5:
        return word
    for pattern, replacement in _SPELLING:
        word = pattern.sub(replacement, word)
    return word


def edits(before: Sequence[Token], after: Sequence[Token]) -> Iterator[Edit]:
    """What has to be exchanged to get from one wording to another, in order."""
    if max(len(before), len(after)) > LARGEST:
        yield Edit(tuple(before), tuple(after), 0, 0)
        return
    left, right = [token.fold for token in before], [token.fold for token in after]
    i = k = 0
    for block in LCSseq.opcodes(left, right):
        if block.tag == "equal":
            yield from _edit(before, after, (i, block.src_start), (k, block.dest_start))
            i, k = block.src_end, block.dest_end
    yield from _edit(before, after, (i, len(before)), (k, len(after)))


def _edit(
    before: Sequence[Token], after: Sequence[Token], left: tuple[int, int], right: tuple[int, int]
) -> Iterator[Edit]:
    if left[0] < left[1] or right[0] < right[1]:
        yield Edit(tuple(before[slice(*left)]), tuple(after[slice(*right)]), left[0], right[0])
