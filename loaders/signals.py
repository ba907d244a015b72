"""What a changed passage shows: signals by rule, so that every judgement can be explained.

The words behind the rules are data (`signals.yaml`). A signal is a short name such as ``modal``
or ``numbering``; `MEANING` holds those that make a change one of meaning.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import zip_longest

import yaml
from rapidfuzz.distance import OSA

from clausegraph.loaders.words import Edit, Token, edits, tokens

GROUPS = (
    "modal",
    "negation",
    "quantity",
    "period",
    "data",
    "use",
    "party",
    "right",
    "law",
    "place",
)
MEANING = frozenset(
    {*GROUPS, "number", "money", "date", "address", "name", "content", "passage", "item", "start"}
)
"""Signals of a change that a reader has to know of; all others explain why not."""
_FACTS = ("number", "money", "date", "period", "modal", "negation", "law", "place", "address")
_BY_KIND = {k: k for k in ("number", "money", "date")} | {"email": "address", "url": "address"}
_DATED_KINDS = frozenset({"date", "number", "word", "cjk"})
_NUMBERING = re.compile(
    r"^[\s#*>|_+-]*\(?(?:[0-9]{1,3}|[a-zA-Z]|[ivxIVX]{1,5})(?:\\?\.\d{1,3})*\\?[.):]"
)
_SENTENCE = re.compile(r"[.!?:;。;:][\"')\]*_]*\s*$")
_REFERENCE = frozenset({"section", "sections", "clause", "clauses", "paragraph", "paragraphs",
                        "exhibit", "annex", "schedule", "step", "chapter", "part"})  # fmt: skip
_CJK_NEUTRAL = frozenset("的了等及和与您你之其并且在于")
_OPPOSITE = ("un", "in", "im", "ir", "il", "non", "dis", "mis", "de")


@dataclass(frozen=True)
class Fact:
    """A number, date, word of force or named law that changed; tokens carry the offsets."""

    group: str
    before: Token | None
    after: Token | None


@dataclass(frozen=True)
class Lexicon:
    """The word lists of `signals.yaml`, ready for use."""

    groups: dict[str, str]
    function: frozenset[str]
    synonyms: frozenset[frozenset[str]]
    page: re.Pattern[str]
    error: re.Pattern[str]
    dated: re.Pattern[str]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Read the word lists once; the first group that names a word has it."""
    data = yaml.safe_load(files("clausegraph.loaders").joinpath("signals.yaml").read_text("utf-8"))
    groups: dict[str, str] = {}
    for group in GROUPS:
        for word in data[group]:
            groups.setdefault(word, group)
    return Lexicon(
        groups,
        frozenset(data["function"]),
        frozenset(frozenset(pair) for pair in data["synonym"]),
        re.compile("(?:" + "|".join(data["page"]) + ")", re.IGNORECASE),
        re.compile("|".join(data["error"]), re.IGNORECASE),
        re.compile(data["dated"], re.IGNORECASE),
    )


def is_page(seen: str) -> bool:
    """Whether a short passage belongs to the page around the document: a menu, a button."""
    return len(seen) < 120 and lexicon().page.fullmatch(seen.strip(" .:|-")) is not None


def is_error(seen: str) -> bool:
    """Whether a short passage says that the text could not be shown."""
    return len(seen) < 160 and _is_notice(seen)


@lru_cache(maxsize=4_096)
def _is_notice(seen: str) -> bool:
    match = lexicon().error.search(seen)
    return match is not None and match.start() < 25 and len(match[0]) * 6 > len(seen)


def is_sentence(seen: str, words: Sequence[Token]) -> bool:
    """Whether a passage is long enough to say something, or ends as a sentence does."""
    count = sum(0.5 if word.kind == "cjk" else 1 for word in words[:16])
    return count >= 8 or (count >= 4 and _SENTENCE.search(seen) is not None)


def is_dated(words: Sequence[Token], seen: str) -> bool:
    """Whether a passage is the document's own date or version line and says nothing else."""
    if len(words) > 14:
        return False
    kinds = {word.kind for word in words}
    if not kinds & {"date", "number"} or kinds - _DATED_KINDS:
        return False
    rest = [word for word in words if word.kind == "word" and word.fold not in lexicon().function]
    others = [word for word in rest if not lexicon().dated.fullmatch(word.fold)]
    said = lexicon().dated.search(seen) is not None
    return (len(others) <= 2 and said) or (not rest and "date" in kinds)


def reworded(before: str, after: str, starts: tuple[int, int]) -> tuple[set[str], list[Fact]]:
    """The signals and facts of one passage whose words changed; texts as captured."""
    (left, at), (right, there) = _after_number(before), _after_number(after)
    found = {"numbering"} if at or there else set()
    facts: list[Fact] = []
    changed = list(edits(left, right))
    for edit in changed:
        found |= _signals(edit, left, right)
        facts.extend(_facts(edit, starts[0] + at, starts[1] + there))
    if not changed:
        found.add("layout")
        if [t.text for t in left] != [t.text for t in right]:
            found.add("case")
    return found, facts


def _after_number(text: str) -> tuple[Sequence[Token], int]:
    """The tokens of a passage without its leading number, and where that ends; 0 without one."""
    match = _NUMBERING.match(text)
    return (tokens(text[match.end() :]), match.end()) if match else (tokens(text), 0)


def alone(words: Sequence[Token]) -> set[str]:
    """The signals of a passage that was added or removed."""
    groups = lexicon().groups
    found = {_BY_KIND.get(word.kind) or groups.get(word.fold) for word in words}
    return {group for group in found if group is not None}


def _group(token: Token) -> str | None:
    """The group of words that a token belongs to."""
    if token.text in {"us", "Us"}:
        return None  # the pronoun; the country has two capitals
    return _BY_KIND.get(token.kind) or lexicon().groups.get(token.fold)


def _signals(edit: Edit, left: Sequence[Token], right: Sequence[Token]) -> set[str]:
    """What one exchange of words amounts to."""
    if any(token.kind == "obfuscated" for token in (*edit.before, *edit.after)):
        return {"obfuscated"}
    if _same(edit):
        return {"layout"}
    found: set[str] = set()
    ones, others = _cancel(edit)
    if _dated(edit, left, right):
        ones = [token for token in ones if token.kind not in {"date", "number"}]
        others = [token for token in others if token.kind not in {"date", "number"}]
        found.add("dates")
    if len(ones) == len(others) == 1:
        minor = _minor(ones[0], others[0])
        if minor:
            return found | {minor}
    return (
        found
        | {_signal(token, left) for token in ones}
        | {_signal(token, right) for token in others}
    )


def _same(edit: Edit) -> bool:
    """Whether the letters are the same, only joined or parted otherwise."""
    joined = ["".join(re.findall(r"[^\W_]", token.fold)) for token in edit.before]
    parted = ["".join(re.findall(r"[^\W_]", token.fold)) for token in edit.after]
    money = [{t.text[0] for t in side if t.kind == "money"} for side in (edit.before, edit.after)]
    return "".join(joined) == "".join(parted) and money[0] == money[1] and not _decimal(edit)


def _decimal(edit: Edit) -> bool:
    """Whether a decimal point came, went or changed its place."""

    def points(side: Sequence[Token]) -> list[str]:
        return [t.fold for t in side if t.kind in {"number", "money"} and "." in t.fold]

    return points(edit.before) != points(edit.after)


def _cancel(edit: Edit) -> tuple[list[Token], list[Token]]:
    """The tokens that are on one side only, whatever their order."""
    there, here = [t.fold for t in edit.after], [t.fold for t in edit.before]
    return (
        [token for token in edit.before if token.fold not in there],
        [token for token in edit.after if token.fold not in here],
    )


def _dated(edit: Edit, left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Whether the dates of an exchange are the document's own: a word before them says so."""
    sides = ((edit.before, left, edit.left), (edit.after, right, edit.right))
    for side, line, place in sides:
        at = [place + n for n, token in enumerate(side) if token.kind in {"date", "number"}]
        for n in at:
            near = " ".join(t.text for t in line[max(0, n - 6) : n])
            if lexicon().dated.search(near) is None:
                return False
    return any(t.kind == "date" for t in (*edit.before, *edit.after))


def _minor(one: Token, other: Token) -> str | None:
    """Why the exchange of one word for another has no effect; None if it may have one."""
    if one.kind == other.kind == "url":
        return "link" if one.fold.split("/")[0] == other.fold.split("/")[0] else None
    if one.kind != "word" or other.kind != "word":
        return None
    words = lexicon()
    if frozenset({one.fold, other.fold}) in words.synonyms:
        return "synonym"
    critical = {words.groups.get(one.fold), words.groups.get(other.fold)} & {
        "modal", "negation", "quantity", "law", "place", "period"}  # fmt: skip
    if critical:
        return None
    if _stem(one.fold) == _stem(other.fold):
        return "inflection"
    length = min(len(one.fold), len(other.fold))
    known = one.fold in words.groups and other.fold in words.groups
    if length >= 5 and not known and OSA.distance(one.fold, other.fold) <= (2 if length > 8 else 1):
        return None if _opposite(one.fold, other.fold) or _named(one, other) else "typo"
    return None


def _named(one: Token, other: Token) -> bool:
    """Whether capitals or digits say that two words are names, of which none is a misspelling."""
    capital = one.text[0].isupper() != other.text[0].isupper()
    return capital or not (one.fold + other.fold).isalpha()


def _opposite(one: str, other: str) -> bool:
    """Whether one word is the other with a prefix or an ending that turns its sense."""
    short, long = sorted((one, other), key=len)
    return any(long == prefix + short for prefix in _OPPOSITE) or {short[-2:], long[-2:]} == {
        "or",
        "ee",
    }


def _stem(word: str) -> str:
    """A word without the usual English endings, for telling inflection."""
    word = re.sub(r"'s?$", "", word)
    for ending in ("ies", "es", "s", "ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e")


def _signal(token: Token, line: Sequence[Token]) -> str:
    """What one word that came or went amounts to."""
    group = _group(token)
    if token.kind == "number":
        near = line[max(0, _at(token, line) - 1) : _at(token, line)]
        if near and near[0].fold in _REFERENCE:
            return "reference"
    if group is not None:
        return group
    if token.kind == "cjk":
        return "function" if token.text in _CJK_NEUTRAL else "content"
    if token.fold in lexicon().function or (len(token.fold) == 1):
        return "function"
    if token.text[:1].isupper() and _at(token, line) > 0:
        return "name"
    return "content"


def _at(token: Token, line: Sequence[Token]) -> int:
    """The place of a token in its line."""
    return bisect_left(line, token.start, key=lambda each: each.start)


def _facts(edit: Edit, before: int, after: int) -> Iterator[Fact]:
    """What changed, side by side; the two wordings start at these offsets of their texts."""
    left = [(_group(token), token) for token in edit.before]
    right = [(_group(token), token) for token in edit.after]
    for group in _FACTS:
        ones = [token for own, token in left if own == group]
        others = [token for own, token in right if own == group]
        for one, other in zip_longest(ones, others):
            if one is None or other is None or one.fold != other.fold:
                yield Fact(group, one and one.moved(before), other and other.moved(after))
