"""Which requirements a question is about: by id or the start of one, by instrument, place, topic.

All conditions are met at once; a list within one is met by any of its entries. An id that the
release does not have is an error, for an empty answer would look like knowledge.
"""

from __future__ import annotations

from collections.abc import Iterable

import strawberry

from clausegraph.api.filters import (
    Ids,
    UnknownIdError,
    identify,
    optional,
    version_on,
    with_narrower,
)
from clausegraph.api.named import shortened
from clausegraph.api.nodes import View
from clausegraph.api.policyrows import short
from clausegraph.api.policyselect import Clause, among
from clausegraph.api.reader import Entity, Reader, known_as


@strawberry.input
class OfRequirements:
    """Conditions on requirements, mixed into filters."""

    requirement: Ids = optional(
        "Requirements, or the start of their ids, such as us-ca/ccpa-regulations/notice-."
    )
    instrument: Ids = None
    regime: Ids = None
    jurisdiction: Ids = None
    topic: Ids = optional("Topics, or groups of topics.")
    section: Ids = optional("Sections that they cite on the day, with all that is within them.")

    def requirements(self, view: View) -> set[str] | None:
        """IRIs of the requirements meant; None where no condition is given. `UnknownIdError`."""
        reader = view.reader
        found: list[set[str]] = []
        if self.requirement is not None:
            found.append(named(reader, self.requirement))
        for key, ids in (("instrument", self.instrument), ("jurisdiction", self.jurisdiction)):
            if ids is not None:
                found.append(pointing(reader, key, identify(reader, key, ids)))
        if self.regime is not None:
            regimes = identify(reader, "regime", self.regime)
            texts = {iri for each in regimes for iri in reader.referrers(each, "regime")}
            found.append(pointing(reader, "instrument", texts))
        if self.topic is not None:
            topics = with_narrower(reader, identify(reader, "topic", self.topic))
            found.append(pointing(reader, "topic", topics))
        if self.section is not None:
            found.append(citing(view, identify(reader, "section", self.section)))
        return set.intersection(*found) if found else None

    def about(self, view: View) -> list[Clause]:
        """The condition on a column `requirement` of the index."""
        found = self.requirements(view)
        return [] if found is None else [among("requirement", {short(iri) for iri in found})]


def named(reader: Reader, ids: Iterable[str]) -> set[str]:
    """Requirements by id, or by the start of their ids. Raises `UnknownIdError`."""
    found: set[str] = set()
    for each in ids:
        start = known_as("requirement", each)
        if reader.entity(start) is not None:
            found |= identify(reader, "requirement", [each])
            continue
        alike = {iri for iri in reader.ids("Requirement") if iri.startswith(start)}
        if not alike:
            raise UnknownIdError(
                f"no requirement of this release begins with {shortened(each)!r}",
                hint="List them with `requirements`.",
                value=shortened(each),
            )
        found |= alike
    return found


def pointing(reader: Reader, key: str, targets: Iterable[str]) -> set[str]:
    """Requirements that point by a property at one of some things."""
    found = {iri for target in targets for iri in reader.referrers(target, key)}
    return found.intersection(reader.ids("Requirement"))


def citing(view: View, sections: set[str]) -> set[str]:
    """Requirements that on the day cite one of some sections, or one within them."""
    inside = _within(view.reader, sections)
    cited = {iri for each in inside for iri in view.reader.referrers(each, "cites")}
    versions = [e for e in view.reader.entities(sorted(cited)) if e.type == "RequirementVersion"]
    return {str(e.one("versionOf")) for e in versions if e.holds_on(view.day)}


def _within(reader: Reader, sections: set[str]) -> set[str]:
    parts = {iri for each in sections for iri in reader.referrers(each, "isPartOf")}
    return sections | (_within(reader, parts) if parts else set())


def in_force(view: View, requirements: Iterable[str]) -> dict[str, Entity]:
    """The versions in force on the day, by requirement."""
    found = {iri: version_on(view, iri) for iri in requirements}
    return {iri: version for iri, version in found.items() if version is not None}
