"""Root fields that ask for the law: instruments, requirements, topics, alignments, coverage."""

from __future__ import annotations

from typing import Any

import strawberry

from clausegraph.api.coverage import Coverage, cover
from clausegraph.api.enums import BillOutcome, SetRelation
from clausegraph.api.facttypes import Absence, Alignment, Bill
from clausegraph.api.filters import (
    Ids,
    Test,
    among,
    chosen,
    identify,
    with_narrower,
)
from clausegraph.api.lawfilters import InstrumentFilter, RegimeFilter
from clausegraph.api.laworders import InstrumentOrder, RegimeOrder, RequirementOrder
from clausegraph.api.lawtypes import (
    Instrument,
    Jurisdiction,
    Regime,
    Requirement,
    RequirementVersion,
    Section,
    Source,
    Topic,
)
from clausegraph.api.listing import Listing, paged, view_of
from clausegraph.api.nodes import AsOf, View, typed
from clausegraph.api.reader import Entity
from clausegraph.api.requirementfilters import RequirementFilter


@strawberry.type
class LawQuery:
    """Questions about the law."""

    @strawberry.field(description="An instrument by its id, such as us-ca/ccpa.")
    def instrument(
        self, info: strawberry.Info, id: strawberry.ID, as_of: AsOf = None
    ) -> Instrument | None:
        """One instrument."""
        return typed(view_of(info, as_of), "instrument", id, Instrument)

    @strawberry.field(description="A requirement by its id, such as us-ca/ccpa/right-to-delete.")
    def requirement(
        self, info: strawberry.Info, id: strawberry.ID, as_of: AsOf = None
    ) -> Requirement | None:
        """One requirement."""
        return typed(view_of(info, as_of), "requirement", id, Requirement)

    @paged(Jurisdiction, "The places whose law is in the graph.")
    def jurisdictions(
        self,
        info: strawberry.Info,
        as_of: AsOf = None,
    ) -> Listing:
        """Jurisdictions by name."""
        return Listing(view_of(info, as_of))

    @paged(Instrument, "Statutes, regulations and acts.")
    def instruments(
        self,
        info: strawberry.Info,
        filter: InstrumentFilter | None = None,
        order_by: list[InstrumentOrder] | None = None,
        as_of: AsOf = None,
    ) -> Listing:
        """Instruments."""
        view = view_of(info, as_of)
        tests = filter.tests(view) if filter else ()
        return Listing(view, tests, order_by)

    @paged(Regime, "Statutes with their regulations, under the names people use.")
    def regimes(
        self,
        info: strawberry.Info,
        filter: RegimeFilter | None = None,
        order_by: list[RegimeOrder] | None = None,
        as_of: AsOf = None,
    ) -> Listing:
        """Regimes by name."""
        view = view_of(info, as_of)
        tests = filter.tests(view) if filter else ()
        return Listing(view, tests, order_by)

    @paged(Section, "Sections of an instrument that something cites.")
    def sections(
        self,
        info: strawberry.Info,
        instrument: Ids = None,
        as_of: AsOf = None,
    ) -> Listing:
        """Sections by citation."""
        view = view_of(info, as_of)
        tests = among(view.reader, "instrument", "instrument", instrument)
        return Listing(view, tests)

    @paged(Requirement, "Rights, duties, thresholds, deadlines, definitions …")
    def requirements(
        self,
        info: strawberry.Info,
        filter: RequirementFilter | None = None,
        order_by: list[RequirementOrder] | None = None,
        as_of: AsOf = None,
    ) -> Listing:
        """Requirements."""
        view = view_of(info, as_of)
        tests = filter.tests(view) if filter else ()
        return Listing(view, tests, order_by)

    @paged(
        RequirementVersion,
        "What is made law and does not operate yet: versions that start after the "
        "day and were made on or before it. `instrument` finds them by the text they stand in or "
        "the act that made them.",
        by="validFrom",
    )
    def pending(
        self,
        info: strawberry.Info,
        jurisdiction: Ids = None,
        instrument: Ids = None,
        as_of: AsOf = None,
    ) -> Listing:
        """Signed and not yet operative."""
        view = view_of(info, as_of)
        tests = [lambda version: is_pending(view, version)]
        if jurisdiction is not None:
            places = identify(view.reader, "jurisdiction", jurisdiction)
            tests.append(lambda v: _requirement(view, v).one("jurisdiction") in places)
        if instrument is not None:
            texts = identify(view.reader, "instrument", instrument)
            tests.append(
                lambda v: (
                    not texts.isdisjoint(
                        (v.one("introducedBy"), _requirement(view, v).one("instrument"))
                    )
                )
            )
        return Listing(view, tests)

    @paged(Topic, "Topics, which policies and law share.")
    def topics(
        self,
        info: strawberry.Info,
        as_of: AsOf = None,
    ) -> Listing:
        """Topics by name."""
        return Listing(view_of(info, as_of))

    @paged(Alignment, "How requirements of two jurisdictions relate on the day.")
    def alignments(
        self,
        info: strawberry.Info,
        topic: Ids = None,
        jurisdiction: Ids = None,
        relation: list[SetRelation] | None = None,
        as_of: AsOf = None,
    ) -> Listing:
        """Alignments that hold on the day."""
        view = view_of(info, as_of)
        tests: list[Test] = [lambda e: e.holds_on(view.day), *chosen("relation", relation)]
        if topic is not None:
            wanted = with_narrower(view.reader, identify(view.reader, "topic", topic))
            tests.append(lambda e: e.one("topic") in wanted)
        if jurisdiction is not None:
            places = identify(view.reader, "jurisdiction", jurisdiction)
            tests.append(lambda e: bool(places & _places(view, e)))
        return Listing(view, tests)

    @paged(Absence, "What is known to be lacking on the day.")
    def absences(
        self,
        info: strawberry.Info,
        jurisdiction: Ids = None,
        topic: Ids = None,
        as_of: AsOf = None,
    ) -> Listing:
        """Known absences that hold on the day."""
        view = view_of(info, as_of)
        tests: list[Test] = [lambda e: e.holds_on(view.day)]
        tests += among(view.reader, "jurisdiction", "jurisdiction", jurisdiction)
        tests += among(view.reader, "topic", "topic", topic)
        return Listing(view, tests)

    @paged(Bill, "Bills that did not become law.")
    def bills(
        self,
        info: strawberry.Info,
        jurisdiction: Ids = None,
        outcome: list[BillOutcome] | None = None,
    ) -> Listing:
        """Bills by name."""
        view = view_of(info)
        tests = among(view.reader, "jurisdiction", "jurisdiction", jurisdiction)
        tests += chosen("billOutcome", outcome)
        return Listing(view, tests)

    @paged(Source, "Where the facts were read.")
    def sources(
        self,
        info: strawberry.Info,
    ) -> Listing:
        """Sources by name."""
        return Listing(view_of(info))

    @strawberry.field(
        description="Jurisdictions by topics: the requirements, a known absence, or not examined."
    )
    def coverage(
        self,
        info: strawberry.Info,
        jurisdiction: Ids = None,
        topic: Ids = None,
        as_of: AsOf = None,
    ) -> Coverage:
        """The coverage table on the day."""
        view = view_of(info, as_of)
        places = (
            None if jurisdiction is None else identify(view.reader, "jurisdiction", jurisdiction)
        )
        topics = (
            None
            if topic is None
            else with_narrower(view.reader, identify(view.reader, "topic", topic))
        )
        return cover(view, places, topics)


def is_pending(view: View, version: Entity) -> bool:
    """Whether a version starts after the day and was made by then.

    It was made on the day that it says, by the act that introduced it, or, where it is the first
    of its requirement, by the instrument itself.
    """
    if version.one("validFrom") <= view.day:
        return False
    made = version.one("madeOn") or _enacted(view, version)
    return made is not None and made <= view.day


def _enacted(view: View, version: Entity) -> Any:
    requirement = _requirement(view, version)
    versions = view.reader.back(requirement.iri, "versionOf", "RequirementVersion")
    first = min(each.one("validFrom") for each in versions)
    own = requirement.one("instrument") if version.one("validFrom") == first else None
    act = version.one("introducedBy") or own
    events = view.reader.back(act, "instrument", "Event") if act else ()
    kinds = ("/enacted", "/approved", "/adopted")
    days = [e.one("onOrBefore") for e in events if e.one("eventKind").endswith(kinds)]
    return min(days, default=None)


def _requirement(view: View, version: Entity) -> Entity:
    found = view.reader.entity(version.one("versionOf"))
    assert found is not None  # a shape says that a version belongs to a requirement
    return found


def _places(view: View, alignment: Entity) -> set[str]:
    sides = view.reader.entities([alignment.one("alignsFrom"), alignment.one("alignsTo")])
    return {side.one("jurisdiction") for side in sides}
