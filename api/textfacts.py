"""What the rules find in the text of a version beyond what findings keep: channels, periods, roles.

A text is read when it is first asked about (10 to 100 ms) and what was found is kept beside the
reader, for the last `KEPT` texts. Each passage leads back to the presence that quotes it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from clausegraph.api.nodes import View
from clausegraph.api.policyrows import short
from clausegraph.api.reader import Reader
from clausegraph.api.remember import per_reader
from clausegraph.loaders.audiences import audiences
from clausegraph.loaders.blocks import blocks, sentences
from clausegraph.loaders.cues import declared
from clausegraph.loaders.detect import Detector
from clausegraph.loaders.historytexts import SHORT, sha256_of
from clausegraph.loaders.populations import elsewhere
from clausegraph.loaders.presences import SEPARATOR
from clausegraph.ontology.iris import ID

KEPT = 1_000
_WANTED = (
    "request-", "response-time", "verification", "identity-", "right-", "contract-",
    "methods", "service-provider-role", "controller-role", "sold-shared", "advertising-sharing", "ai-training",
)  # fmt: skip
"""How the ids of the disclosures begin that are looked for."""


@dataclass(frozen=True, slots=True)
class Told:
    """A passage in which disclosures were found: their polarity by id, and for whom it speaks.

    `key` is the last step of its provision's IRI, `span` what decided, of each disclosure.
    """

    key: str
    headings: str
    seen: str
    kind: str
    people: frozenset[str]
    polarity: dict[str, str]
    spans: dict[str, tuple[int, int]]

    def says(self, item: str, jurisdiction: str | None = None) -> bool:
        """Whether it states an item, to the people of a jurisdiction (its code) if one is given."""
        return self.polarity.get(item) == "stated" and self.reaches(jurisdiction)

    def around(self, item: str) -> str:
        """The sentences in which the words stand that decided on an item."""
        start, end = self.spans[item]
        held = [(a, b) for a, b in sentences(self.seen) if a < end and b > start]
        return self.seen[held[0][0] : held[-1][1]] if held else self.seen

    def reaches(self, jurisdiction: str | None) -> bool:
        """Whether it speaks to the people of a jurisdiction; None: of any of those in the graph."""
        if jurisdiction is None:
            return not elsewhere(self.people)
        return not self.people or jurisdiction in self.people or "us" in self.people


class _Kept:
    """What was found in the texts that were asked about last; it holds nothing of the reader."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[str, tuple[Told, ...]] = OrderedDict()

    def get(self, text: str, make: Callable[[], tuple[Told, ...]]) -> tuple[Told, ...]:
        """What was found in a text; two threads may both read it, and find the same."""
        with self._lock:
            if text in self._found:
                self._found.move_to_end(text)
                return self._found[text]
        made = make()
        with self._lock:
            self._found[text] = made
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
        return made


@per_reader
def _kept(_: Reader) -> _Kept:
    return _Kept()


@lru_cache(maxsize=1)
def _detector() -> Detector:
    return Detector(
        [each for each in declared() if each.kind == "disclosures" and each.id.startswith(_WANTED)]
    )


def told(view: View, version: str) -> tuple[Told, ...]:
    """The passages of a version in which something was found, in order. Raises `TooCostlyError`."""
    view.budget.check()
    found = view.reader.entity(version)
    text = str(found.one("text")) if found else ""
    return _kept(view.reader).get(text, lambda: tuple(read(view.reader.text(text))))


def read(text: str) -> list[Told]:
    """Read a text; only passages in which something was found are kept."""
    parts = blocks(text)
    found = [(block, detections) for block in parts for detections in [_detector().detect(block)]]
    people = audiences(parts)
    return [
        Told(
            key=sha256_of(block.seen)[:SHORT],
            headings=SEPARATOR.join(block.headings),
            seen=block.seen,
            kind=block.kind,
            people=people[at],
            polarity={each.topic: each.polarity for each in detections},
            spans={each.topic: each.span for each in detections},
        )
        for at, (block, detections) in enumerate(found)
        if detections
    ]


def quote_of(view: View, document: str, passage: Told) -> str | None:
    """The IRI of the quote of a passage that stands on the day; None where the release lacks it."""
    provision = f"{ID}provision/{short(document).partition('/')[2]}/{passage.key}"
    held = [
        each
        for each in view.reader.back(provision, "provision", "Presence")
        if each.holds_on(view.day)
    ]
    same = [each for each in held if (each.one("headingPath") or "") == passage.headings]
    return next((str(each.one("quote")) for each in same or held), None)
