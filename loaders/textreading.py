"""One text, read: its passages, what was detected in them, what it states about each disclosure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from clausegraph.loaders.audiences import audiences
from clausegraph.loaders.blocks import Block, blocks
from clausegraph.loaders.detect import Detection, Detector
from clausegraph.loaders.disclosures import Reading, read
from clausegraph.loaders.historytexts import SHORT, sha256_of
from clausegraph.loaders.presences import SEPARATOR


@dataclass(frozen=True)
class TextReading:
    """A text with everything that was found in it; `found` has the detections of each block.

    `people` says for whom each block speaks, in the section in which it stands.
    """

    blocks: tuple[Block, ...]
    found: tuple[tuple[Detection, ...], ...]
    people: tuple[frozenset[str], ...]
    readings: Mapping[str, Reading]

    @cached_property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Of each block the last step of its provision's IRI and its headings as a path."""
        return tuple(
            (sha256_of(each.seen)[:SHORT], SEPARATOR.join(each.headings)) for each in self.blocks
        )

    @property
    def characters(self) -> int:
        """How many characters of what a reader sees were read."""
        return sum(len(each.seen) for each in self.blocks)


def read_text(text: str, detector: Detector) -> TextReading:
    """Read a text. Never raises; the same text gives the same reading everywhere."""
    parts = tuple(blocks(text))
    found = tuple(detector.detect(each) for each in parts)
    return TextReading(parts, found, tuple(audiences(parts)), read(parts, found))
