"""What people hold of judgements, and the state that follows when all of it is put together.

Opinions stand side by side and are never changed; the merged state is worked out anew each time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from clausegraph.ontology.terms import vocabulary

PENDING = "pending"
MERGED: Final = {"confirm": "confirmed", "reject": "rejected", "amend": "amended"}
"""The review state that follows from each decision where all agree."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person held at one moment.

    `kind` is Finding or Mapping, `requirement` its IRI, `evidence` the digest of the words then;
    `decision` is confirm, reject or amend; `state` what the person holds, empty for a rejection.
    """

    kind: str
    requirement: str
    evidence: str
    author: str
    at: datetime
    decision: str
    state: str


def review_state(
    given: Sequence[Opinion], evidence: str, earlier: Collection[str] = (), now: str = ""
) -> str:
    """The merged review state of a judgement with this digest of evidence.

    Of each author the last opinion on these words counts. Where there is none, opinions on
    `earlier` words make it ``outdated``: it was looked at, and the words have changed since. So do
    confirmations of another state than the one that the judgement has `now`: the same words can be
    in tension with a rule that came later. What
    cannot be an opinion counts for nothing (`taken`); publishing names it.
    """
    sound = [each for each in given if taken(each.decision, each.state)]
    last = {
        each.author: each
        for each in sorted(sound, key=lambda each: each.at)
        if each.evidence == evidence and not _of_another(each, now)
    }
    if not last:
        before = (each.evidence in earlier or each.evidence == evidence for each in sound)
        return "outdated" if any(before) else PENDING
    held = {(each.decision, each.state) for each in last.values()}
    if len(held) > 1:
        return "disputed"
    ((decision, _),) = held
    return MERGED[decision]


def _of_another(opinion: Opinion, now: str) -> bool:
    """Whether a person confirmed another state than the one that the judgement has now."""
    return opinion.decision == "confirm" and bool(now and opinion.state) and opinion.state != now


def taken(decision: str, state: str) -> bool:
    """Whether a decision is one of those there are, with a state of findings to amend to."""
    return decision in MERGED and (decision != "amend" or state in states())


@cache
def states() -> tuple[str, ...]:
    """The states that a finding may be amended to."""
    return tuple(vocabulary().scheme("finding-state").concepts)
