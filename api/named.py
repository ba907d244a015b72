"""Things as people name them: by IRI, by id, or by name; and what they may have meant instead."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from clausegraph.api.reader import Reader, known_as
from clausegraph.api.remember import per_reader
from clausegraph.ontology.iris import ID

KINDS = {
    "platform": "Platform",
    "document": "Document",
    "portfolio": "Portfolio",
    "saved-query": "SavedQuery",
}
"""The class of each kind, which is the first step of a path below ``/id/``."""
_LONGEST = 200


class Names:
    """The things of one kind."""

    def __init__(self, kind: str, labels: Mapping[str, str]) -> None:
        """Take the label of each IRI."""
        self.kind = kind
        self._labels = labels
        self._by_name: dict[str, list[str]] = {}
        for iri, label in sorted(labels.items()):
            self._by_name.setdefault(label.casefold(), []).append(iri)

    def find(self, text: str) -> str | None:
        """The IRI of what a text names; None where it names nothing, or several things.

        An IRI or id goes first, then the exact name, then the name in other letters' case.
        """
        iri = known_as(self.kind, text)
        if iri in self._labels:
            return iri
        alike = self._by_name.get(text.casefold(), [])
        exact = [iri for iri in alike if self._labels[iri] == text]
        found = exact or alike
        return found[0] if len(found) == 1 else None

    def near(self, text: str) -> list[str]:
        """Up to three ids of what may have been meant, the likeliest first."""
        if len(text) > _LONGEST:
            return []
        if same := self._by_name.get(text.casefold()):
            return [iri.removeprefix(f"{ID}{self.kind}/") for iri in same][:3]
        own = {iri.removeprefix(f"{ID}{self.kind}/"): iri for iri in sorted(self._labels)}
        names = {name: iri for name, iris in self._by_name.items() for iri in iris}
        wanted = text.removeprefix(ID).removeprefix(self.kind + "/").casefold()
        found = get_close_matches(wanted, [*own, *names], 6, 0.6)
        iris = dict.fromkeys(own.get(each) or names[each] for each in found)
        return [iri.removeprefix(f"{ID}{self.kind}/") for iri in iris][:3]

    def advice(self, text: str) -> str:
        """What to do where a text names nothing."""
        if found := self.near(text):
            return f"Did you mean {' or '.join(found)}?"
        return f"Known: {len(self._labels)}; /list/{KINDS[self.kind]} lists them."


def names(reader: Reader, kind: str) -> Names:
    """The things of a kind in a release."""
    known = _known(reader)
    if kind not in known:
        entities = reader.of_type(KINDS[kind])
        known[kind] = Names(kind, {each.iri: str(each.one("label")) for each in entities})
    return known[kind]


@per_reader
def _known(reader: Reader) -> dict[str, Names]:
    """The names looked up so far, by kind."""
    return {}


def shortened(text: str) -> str:
    """A text as an error shows it."""
    return text if len(text) <= 80 else f"{text[:77]}..."
