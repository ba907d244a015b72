"""Typed filter of requirements, and of their versions, as predicates over entities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import strawberry

from clausegraph.api.enums import Confidence, Modality, RequirementKind
from clausegraph.api.filters import (
    Ids,
    Test,
    among,
    chosen,
    identify,
    joint,
    logic,
    meets,
    optional,
    says,
    version_on,
    with_narrower,
)
from clausegraph.api.findingrelations import (
    EVERY,
    NONE,
    SOME,
    FindingsRelations,
    MappingsRelations,
)
from clausegraph.api.nodes import View
from clausegraph.api.reader import Entity

_FACT = "Numbers of the research notes, such as CA-41."


def _texts(view: View, regimes: Ids) -> set[str]:
    """The instruments of regimes."""
    found = identify(view.reader, "regime", regimes or ())
    return {iri for each in found for iri in view.reader.referrers(each, "regime")}


@strawberry.input(description="Which versions of a requirement.")
class RequirementVersionFilter:
    """Filter of the versions that a filter of requirements looks at."""

    modality: list[Modality] | None = None
    confidence: list[Confidence] | None = None
    fact: list[str] | None = optional(_FACT)
    in_force: bool | None = optional("Whether it is in force on the day.")
    since: date | None = optional("In force from this day or a later one on.")
    until: date | None = optional("In force from this day or an earlier one on.")
    and_: list[RequirementVersionFilter] | None = joint("and")
    or_: list[RequirementVersionFilter] | None = joint("or")
    not_: RequirementVersionFilter | None = joint("not")

    def tests(self, view: View) -> list[Test]:
        """The predicates of this filter."""
        found = chosen("modality", self.modality) + chosen("confidence", self.confidence)
        if self.fact is not None:
            facts = set(self.fact)
            found.append(lambda version: not facts.isdisjoint(version.all("factId")))
        if self.in_force is not None:
            found.append(lambda version: version.holds_on(view.day) is self.in_force)
        low, high = self.since or date.min, self.until or date.max
        found.append(lambda version: low <= version.one("validFrom") <= high)
        return found + logic(self, lambda each: each.tests(view))


@strawberry.input(description="What the versions of a requirement meet.")
class VersionRelations:
    """Some, every, none."""

    some: RequirementVersionFilter | None = optional(SOME)
    every: RequirementVersionFilter | None = optional(EVERY)
    none: RequirementVersionFilter | None = optional(NONE)

    def tests(self, view: View) -> list[Test]:
        """The predicates on a requirement."""
        found: list[Test] = []
        for asked, words in ((self.some, any), (self.every, all), (self.none, _no)):
            if asked is not None:
                found.append(_versions(view, asked.tests(view), words))
        return found


def _versions(view: View, inner: list[Test], words: Callable[[Iterator[bool]], bool]) -> Test:
    def test(requirement: Entity) -> bool:
        found = view.reader.back(requirement.iri, "versionOf", "RequirementVersion")
        return words(meets(each, inner) for each in found)

    return test


def _no(found: Iterator[bool]) -> bool:
    return not any(found)


@strawberry.input(description="Which requirements; those about versions look at the one in force.")
class RequirementFilter:
    """Filter of `requirements`."""

    jurisdiction: Ids = None
    instrument: Ids = None
    topic: Ids = strawberry.field(default=None, description="Topics, or groups of topics.")
    kind: list[RequirementKind] | None = None
    text: str | None = None
    in_force: bool | None = strawberry.field(
        default=None, description="Whether a version is in force on the day."
    )
    modality: list[Modality] | None = None
    confidence: list[Confidence] | None = None
    fact: list[str] | None = optional(_FACT)
    regime: Ids = None
    versions: VersionRelations | None = optional("What its versions of all days meet.")
    findings: FindingsRelations | None = optional(
        "What the findings about it meet: those that hold on the day, unless `ever` is asked for."
    )
    mappings: MappingsRelations | None = optional(
        "What the mappings to it meet: those that hold on the day, unless `ever` is asked for."
    )
    and_: list[RequirementFilter] | None = joint("and")
    or_: list[RequirementFilter] | None = joint("or")
    not_: RequirementFilter | None = joint("not")

    def tests(self, view: View) -> list[Test]:
        """The predicates of this filter."""
        found = among(view.reader, "jurisdiction", "jurisdiction", self.jurisdiction)
        found += among(view.reader, "instrument", "instrument", self.instrument)
        found += chosen("kind", self.kind) + says(self.text)
        if self.topic is not None:
            wanted = with_narrower(view.reader, identify(view.reader, "topic", self.topic))
            found.append(lambda entity: not wanted.isdisjoint(entity.all("topic")))
        inner = chosen("modality", self.modality) + chosen("confidence", self.confidence)
        if self.fact is not None:
            facts = set(self.fact)
            inner.append(lambda version: not facts.isdisjoint(version.all("factId")))
        if inner or self.in_force is not None:
            found.append(self._of_version(view, inner))
        return found + self._related(view) + logic(self, lambda each: each.tests(view))

    def _related(self, view: View) -> list[Test]:
        """The predicates on what belongs to a requirement."""
        found: list[Test] = []
        if self.regime is not None:
            texts = _texts(view, self.regime)
            found.append(lambda entity: entity.one("instrument") in texts)
        if self.versions is not None:
            found += self.versions.tests(view)
        for relations in (self.findings, self.mappings):
            if relations is not None:
                found += relations.tests(view)
        return found

    def _of_version(self, view: View, inner: list[Test]) -> Test:
        def test(entity: Entity) -> bool:
            version = version_on(view, entity.iri)
            if version is None:
                return self.in_force is False and not inner
            return self.in_force is not False and all(t(version) for t in inner)

        return test
