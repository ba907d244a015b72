"""What people hold of judgements, and the state that follows when all of it is put together.

Opinions stand side by side and are never changed; the merged state is worked out anew each time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

PENDING = "pending"


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


def review_state(given: Sequence[Opinion], evidence: str, earlier: Collection[str] = ()) -> str:
    """The merged review state of a judgement with this digest of evidence.

    Of each author the last opinion on these words counts. Where there is none, opinions on
    `earlier` words make it ``outdated``: it was looked at, and the words have changed since.
    """
    last = {
        each.author: each
        for each in sorted(given, key=lambda each: each.at)
        if each.evidence == evidence
    }
    if not last:
        return "outdated" if any(each.evidence in earlier for each in given) else PENDING
    held = {(each.decision, each.state) for each in last.values()}
    if len(held) > 1:
        return "disputed"
    ((decision, _),) = held
    return {"confirm": "confirmed", "reject": "rejected", "amend": "amended"}[decision]
