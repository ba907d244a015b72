"""Which captures hold the document, and which are accidents, told from a whole history.

An accident is known by the change that brings it and ends with the change that repairs it. What
looks like a cut or a change of language and then stays for a month was none: the document is so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from clausegraph.loaders.accidents import EMPTY, language
from clausegraph.loaders.capture import Capture
from clausegraph.loaders.changes import Change
from clausegraph.loaders.deltas import passages
from clausegraph.loaders.signals import is_error

WHOLE = frozenset({"whole", "hidden"})
"""The states of captures that stand for the document."""
STAYS = timedelta(days=30)
_MAY_STAY = frozenset({"truncated", "language", "other"})
_SIZED = frozenset({"truncated", "empty"})
_ENOUGH = 0.6  # of the last whole text; with less a capture is still cut
_SHORT = 400  # letters; a first capture with less and an error notice is an error page
_CONSENT = re.compile(
    r"(?:log|sign) in|session has expired|continue with|before you continue|we value your privacy",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"\[?email[\s\u00a0]protected\]?", re.IGNORECASE)


def states(captures: Sequence[Capture], changes: Sequence[Change]) -> list[str]:
    """The state of each capture (a slug of the closed list); `changes` lead from one to the next."""
    found = [_first(captures[0].text)] if captures else []
    last = 0  # the last whole capture, against which others are cut or in another language
    for at, (change, (before, after)) in enumerate(
        zip(changes, pairwise(captures), strict=True), 1
    ):
        state = _next(found[-1], change, before.text, after.text, captures[last].text)
        found.append(state)
        last = at if state in WHOLE else last
    if set(found) == {"empty"} and all(_size(capture.text) for capture in captures):
        return ["whole"] * len(found)  # nothing longer was ever seen: it is a short document
    return _without_lasting(captures, found)


def _first(text: str) -> str:
    """The state of a capture by itself: the first one, or one that repairs an accident."""
    size = _size(text)
    if size < EMPTY:
        return "empty"
    return _page(text) if size < _SHORT and _errors(text) else "whole"


def _next(state: str, change: Change, before: str, after: str, whole: str) -> str:
    """The state after a change, from the state before it and the text of the last whole capture."""
    if change.significance != "capture":
        long = state in _SIZED and _size(after) >= _ENOUGH * _size(whole)
        return _first(after) if long else state
    kind = change.summary["accident"] or "hidden"
    if _worse(kind, before, after, whole):
        return _page(after) if kind == "error" else kind
    return _first(after)


def _worse(kind: str, before: str, after: str, whole: str) -> bool:
    """Whether an accident happens in a change, rather than being repaired."""
    match kind:
        case "error":
            return len(_errors(after)) > len(_errors(before))
        case "hidden":
            return len(_HIDDEN.findall(after)) > len(_HIDDEN.findall(before))
        case "language":
            return language(passages(after)) != language(passages(whole))
        case _:
            return _size(after) < _size(before)


def _without_lasting(captures: Sequence[Capture], found: list[str]) -> list[str]:
    """Take as whole what stayed for long and did not give way to the text that was there before."""
    made = list(found)
    at = 0
    while at < len(found):
        end = at + 1
        while end < len(found) and found[end] == found[at]:
            end += 1
        if found[at] in _MAY_STAY and _stayed(captures, at, end):
            made[at:end] = ["whole"] * (end - at)
        at = end
    return made


def _stayed(captures: Sequence[Capture], start: int, end: int) -> bool:
    """Whether a run of captures lasted, and was not followed by what stood before it."""
    until = captures[min(end, len(captures) - 1)]
    if until.recorded - captures[start].recorded < STAYS:
        return False
    return not (start and end < len(captures) and until.text == captures[start - 1].text)


def _errors(text: str) -> list[str]:
    return [each.seen for each in passages(text) if is_error(each.seen)]


def _page(text: str) -> str:
    """Whether a notice asks for consent or a login, or tells of an error."""
    return "consent" if any(map(_CONSENT.search, _errors(text))) else "error"


def _size(text: str) -> int:
    return sum(len(each.letters) for each in passages(text))
