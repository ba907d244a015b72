"""What one text says about one duty: the readings of its disclosures, for the people of one state.

A text that gives a thing only to people of another state does not give it to those of this one;
where the thing is a right, that is a tension.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from clausegraph.loaders.disclosures import Evidence, Reading
from clausegraph.loaders.duties import Duty
from clausegraph.loaders.textreading import TextReading

_MOST = 5  # passages that are quoted as evidence of one finding


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a text says about a duty; `evidence`, `counter` and `nearest` are places of blocks.

    `state`, `scope`, `polarity` and `reason` are slugs of the closed lists; `otherwise` is the state
    that a tension hides; `against` names the requirements that the words collide with.
    """

    state: str
    scope: str = ""
    polarity: str = ""
    reason: str = ""
    linked: bool = False
    confidence: float = 0.0
    evidence: tuple[int, ...] = ()
    counter: tuple[int, ...] = ()
    nearest: tuple[tuple[int, float], ...] = ()
    rules: tuple[str, ...] = ()
    tension: str = ""
    otherwise: str = ""
    against: tuple[str, ...] = ()


def outcome(duty: Duty, text: TextReading) -> Outcome:
    """What a text says about a duty, before tensions between passages are looked for."""
    if not duty.by:
        return Outcome("not-examined", reason="no-rule")
    parts = [_part(text.readings[name], duty, text) for name in duty.by]
    return parts[0] if len(parts) == 1 else _together(parts)


def _part(reading: Reading, duty: Duty, text: TextReading) -> Outcome:
    """One disclosure, for the people of the duty's state."""
    made = Outcome(
        state=reading.state,
        scope=reading.scope,
        polarity=reading.polarity,
        reason=reading.reason,
        linked=reading.linked,
        confidence=reading.confidence,
        nearest=reading.nearest,
    )
    if reading.state == "not-stated":
        return replace(made, reason="linked" if reading.linked else reading.reason)
    if reading.state == "not-examined":
        return replace(made, rules=_rules(reading.evidence))
    return _quoted(made, reading, duty, text)


def _quoted(made: Outcome, reading: Reading, duty: Duty, text: TextReading) -> Outcome:
    """A disclosure that passages state or deny: those that speak to the people of the state."""
    wanted = "denied" if reading.polarity == "negative" else "stated"
    said = [each for each in reading.evidence if each.detection.polarity == wanted]
    mine = [each for each in said if _speaks(each.detection.populations, duty.jurisdiction)]
    if mine:
        named = any(each.detection.populations for each in mine)
        kept = mine[:_MOST]
        return replace(
            made,
            scope="state" if named else "general",
            evidence=tuple(each.block for each in kept),
            rules=_rules(kept),
        )
    others = said[:_MOST]
    elsewhere = replace(
        made, scope="other", polarity="", evidence=tuple(each.block for each in others)
    )
    nearest = tuple((each.block, 1.0) for each in others[:3]) or reading.nearest
    if "/notice-" in duty.requirement or made.state == "denied":
        return replace(
            elsewhere, state="not-stated", reason="one-state-only", evidence=(), nearest=nearest
        )
    return replace(
        elsewhere,
        state="tension",
        otherwise="not-stated",
        tension="one-state-only",
        rules=_rules(others),
        against=(duty.requirement,),
    )


def _speaks(people: frozenset[str], jurisdiction: str) -> bool:
    """Whether words for these people speak to those of a state too."""
    return not people or jurisdiction in people or "us" in people


_FIRST = ("denied", "tension", "not-stated", "not-examined")
"""Which of the parts that are not stated speaks for all, whatever their order."""


def _together(parts: Sequence[Outcome]) -> Outcome:
    """Several disclosures that only together meet a duty."""
    states = {each.state for each in parts}
    found = tuple(dict.fromkeys(place for each in parts for place in each.evidence))[: _MOST + 3]
    rules = tuple(dict.fromkeys(name for each in parts for name in each.rules))
    sure = min((each.confidence for each in parts), default=0.0)
    if states == {"stated"}:
        scope = "state" if all(each.scope == "state" for each in parts) else "general"
        return Outcome("stated", scope, "positive", "", False, sure, found, rules=rules)
    missing = min(
        (each for each in parts if each.state != "stated"),
        key=lambda each: _FIRST.index(each.state),
    )
    if missing.state in {"denied", "tension"}:
        return replace(missing, confidence=sure)
    if missing.state == "not-examined" and states <= {"stated", "not-examined"}:
        return missing
    short = next((each for each in parts if each.state == "not-stated"), missing)
    reason = "partly" if "stated" in states else short.reason
    return replace(short, reason=reason, confidence=sure, rules=())


def _rules(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The cues that decided, each once."""
    return tuple(dict.fromkeys(name for each in evidence for name in _cues(each)))[:6]


def _cues(evidence: Evidence) -> Iterator[str]:
    return (match.cue for match in evidence.detection.matches if match.points > 0)
