"""Typed filters of the lists of policies, as conditions on the index of a release.

A filter's fields are joined by and; a list within a field by or. Ids are as in
`clausegraph.api.filters`. Moments may be given as days, which stand for their first moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from clausegraph.api.clauses import (
    Holds,
    about,
    all_of,
    any_of,
    member,
    none_of,
    some,
    standing,
    within,
)
from clausegraph.api.enums import (
    CaptureState,
    DeltaKind,
    DocumentKind,
    SegmentKind,
    Significance,
    TermGroup,
)
from clausegraph.api.filters import Direction, Ids, UnknownIdError, identify, joint, optional
from clausegraph.api.nodes import View
from clausegraph.api.policyrows import OPEN, moment, short, slug
from clausegraph.api.policyselect import Clause, Key, among
from clausegraph.api.reader import Entity
from clausegraph.api.textquery import clean, words

if TYPE_CHECKING:
    from clausegraph.api.findingrelations import FindingRelations
    from clausegraph.api.relationfilters import MappingRelations

Standing = Annotated[
    date | None,
    strawberry.argument(
        description="Only what stands in force on this day; null for what ever stood."
    ),
]
_TEXT = 'Words that stand in it, in any of their endings; those "in quotes" side by side.'
_HEADING = "Part of the heading path over it, whatever the case."
_PORTFOLIO = "Portfolios: the platforms that any of them names."


def logic(filter: Any, clauses: Callable[[Any], list[Clause]]) -> list[Clause]:
    """The conditions of the filters that a filter joins by `and`, `or` and `not`."""
    found = [clause for each in filter.and_ or () for clause in clauses(each)]
    if filter.or_ is not None:
        found.append(any_of([all_of(clauses(each)) for each in filter.or_]))
    if filter.not_ is not None:
        found.append(none_of(clauses(filter.not_)))
    return found


def related(
    wanted: Any, clauses: Callable[[Any], list[Clause]], owner: Callable[[list[Clause]], Clause]
) -> list[Clause]:
    """What is asked of the things that belong to one: of some, of every one, of none of them.

    `owner` makes of conditions on these the condition that one of them meets them.
    """
    found = []
    if wanted.some is not None:
        found.append(owner(clauses(wanted.some)))
    if wanted.every is not None:
        found.append(none_of([owner([none_of(clauses(wanted.every))])]))
    if wanted.none is not None:
        found.append(none_of([owner(clauses(wanted.none))]))
    return found


def _of_platform(clauses: list[Clause]) -> Clause:
    """That a document of a platform meets conditions."""
    return some("platform", "document", "platform", clauses)


def named(view: View, kind: str, ids: Iterable[str]) -> set[str]:
    """What the index calls the things of a kind that a person named. Raises `UnknownIdError`."""
    return {short(entity.iri) for entity in _entities(view, kind, ids)}


def _entities(view: View, kind: str, ids: Iterable[str]) -> list[Entity]:
    """The things of a kind that a person named; what is of another class is unknown."""
    found = view.reader.entities(sorted(identify(view.reader, kind, ids)))
    for entity in found:
        if entity.type != kind.capitalize():
            raise UnknownIdError(
                f"{entity.iri!r} is no {kind}", hint=f"List them with `{kind}s`.", value=entity.iri
            )
    return found


def members(view: View, portfolios: Iterable[str]) -> set[str]:
    """The platforms of portfolios, as the index calls them. Raises `UnknownIdError`."""
    found = _entities(view, "portfolio", portfolios)
    return {short(platform) for portfolio in found for platform in portfolio.all("platforms")}


def one_of(column: str, members: list[Any] | None) -> list[Clause]:
    """That a column has one of some members of an enum."""
    if members is None:
        return []
    return about(column, [among(column, {slug(each.value) for each in members})])


def document_at(iri: str) -> Clause:
    """That something belongs to a document."""
    own = "document = (SELECT id FROM document WHERE iri = ?)"
    return Clause(own, (short(iri),), narrow=True)


def platforms(view: View, platform: Ids, portfolio: Ids, column: str) -> list[Clause]:
    """That a platform is among those named, and in one of the portfolios named."""
    found = [] if platform is None else [named(view, "platform", platform)]
    found += [] if portfolio is None else [members(view, portfolio)]
    wanted = [member(column, "platform", [among("iri", iris)]) for iris in found]
    return about("platform", wanted)


def _contains(column: str, text: str | None) -> list[Clause]:
    """That a column in small letters holds a text."""
    return [] if text is None else [Clause(f"instr({column}, ?)", (clean(text).casefold(),))]


def headed(text: str) -> Clause:
    """The headings whose path holds a text, as a query."""
    found = _contains("folded", text)[0]
    return Clause(f"SELECT id FROM heading WHERE {found.sql}", found.args)


def exists(query: str, clauses: Iterable[Clause], word: str = "EXISTS") -> Clause:
    """That a query with some conditions has a row."""
    clauses = list(clauses)
    text = "".join(f" AND ({clause.sql})" for clause in clauses)
    return Clause(f"{word} ({query}{text})", tuple(a for clause in clauses for a in clause.args))


@strawberry.input(description="Which platforms.")
class PlatformFilter:
    """Filter of `platforms`."""

    portfolio: Ids = optional(_PORTFOLIO)
    text: str | None = optional("Part of the name, whatever the case.")
    invented: bool | None = None
    document_kind: list[DocumentKind] | None = optional("It has a document of one of these kinds.")
    documents: DocumentRelations | None = optional("What its documents meet.")
    and_: list[PlatformFilter] | None = joint("and")
    or_: list[PlatformFilter] | None = joint("or")
    not_: PlatformFilter | None = joint("not")

    def clauses(self, view: View) -> list[Clause]:
        """The conditions of this filter."""
        found = platforms(view, None, self.portfolio, "id") + _contains("folded", self.text)
        found += logic(self, lambda each: each.clauses(view))
        if self.documents is not None:
            found += related(self.documents, lambda each: each.clauses(view), _of_platform)
        if self.invented is not None:
            found.append(among("invented", {int(self.invented)}))
        if self.document_kind is not None:
            kinds = one_of("kind", self.document_kind)
            found.append(_of_platform(kinds))
        return found


@strawberry.input(description="Which documents.")
class DocumentFilter:
    """Filter of `documents`."""

    platform: Ids = None
    portfolio: Ids = optional(_PORTFOLIO)
    kind: list[DocumentKind] | None = None
    type: list[str] | None = optional("Types in the words of the archive, whatever the case.")
    text: str | None = optional("Part of the name, whatever the case.")
    findings: (
        Annotated[FindingRelations, strawberry.lazy("clausegraph.api.findingrelations")] | None
    ) = optional("What its findings meet: those that hold on the day, unless `ever` is asked for.")
    and_: list[DocumentFilter] | None = joint("and")
    or_: list[DocumentFilter] | None = joint("or")
    not_: DocumentFilter | None = joint("not")

    def clauses(self, view: View) -> list[Clause]:
        """The conditions of this filter."""
        found = platforms(view, self.platform, self.portfolio, "platform")
        found += logic(self, lambda each: each.clauses(view))
        found += one_of("kind", self.kind) + _contains("folded", self.text)
        if self.type is not None:
            found.append(among("type", {clean(each).casefold() for each in self.type}))
        if self.findings is not None:
            found += self.findings.of_document(view)
        return found


@strawberry.input(description="What the documents of one thing meet.")
class DocumentRelations:
    """Some, every, none."""

    some: DocumentFilter | None = optional("At least one meets this.")
    every: DocumentFilter | None = optional("Every one meets this, also where there is none.")
    none: DocumentFilter | None = optional("None meets this, also where there is none.")


@strawberry.input(description="Which versions of a document.")
class VersionFilter:
    """Filter of `versions`."""

    state: list[CaptureState] | None = None
    whole: bool | None = optional(
        "Whether it stands for the document; accidents of capturing do not."
    )
    since: datetime | None = optional("Captured at this moment or later.")
    until: datetime | None = optional("Captured at this moment or earlier.")

    def clauses(self) -> list[Clause]:
        """The conditions of this filter."""
        found = one_of("state", self.state) + between("captured", self.since, self.until)
        if self.whole is not None:
            found.append(Clause("whole = ?", (self.whole,)))
        return found


def between(column: str, since: datetime | None, until: datetime | None) -> list[Clause]:
    """That a moment lies between two others, both included."""
    return within(column, since and moment(since), until and moment(until))


@strawberry.input
class OfDocuments:
    """The documents that a filter looks at."""

    platform: Ids = None
    portfolio: Ids = optional(_PORTFOLIO)
    document: Ids = None
    document_kind: list[DocumentKind] | None = None

    def documents(self, view: View) -> list[Clause]:
        """Conditions on the documents themselves."""
        found = platforms(view, self.platform, self.portfolio, "platform")
        if self.document is not None:
            found.append(among("iri", named(view, "document", self.document)))
        return found + one_of("kind", self.document_kind)

    def scope(self, view: View) -> list[Clause]:
        """Conditions on what belongs to documents."""
        found = self.documents(view)
        facets = {"kind": "documentKind", "": "document"}
        return [
            about(facets.get(each.facet, each.facet), [member("document", "document", [each])])[0]
            for each in found
        ]


@strawberry.input(description="Which provisions.")
class ProvisionFilter(OfDocuments):
    """Filter of `provisions`, `searchProvisions` and `adoption`."""

    heading: str | None = optional(_HEADING)
    text: str | None = optional(_TEXT)
    kind: list[SegmentKind] | None = None
    current: bool | None = optional("Whether it stands in the last whole version of its document.")
    first_seen_since: datetime | None = optional("First captured at this moment or later.")
    mappings: (
        Annotated[MappingRelations, strawberry.lazy("clausegraph.api.relationfilters")] | None
    ) = optional("What its mappings meet: those that hold on the day, unless `ever` is asked for.")
    and_: list[ProvisionFilter] | None = joint("and")
    or_: list[ProvisionFilter] | None = joint("or")
    not_: ProvisionFilter | None = joint("not")

    def clauses(self, view: View, day: date | None) -> list[Clause]:
        """The conditions of this filter, for what stands on a day or for what ever stood."""
        return self._own(view, day) + self._presence(day)

    def _own(self, view: View, day: date | None) -> list[Clause]:
        """All conditions but those on runs."""
        found = self.scope(view) + one_of("kind", self.kind)
        found += between("seen", self.first_seen_since, None)
        found += logic(self, lambda each: each.inner(view, day))
        if self.mappings is not None:
            found += self.mappings.of("provision", view)
        if self.text is not None:
            match = words(self.text)
            query = "provision.id IN (SELECT rowid FROM search WHERE search MATCH ?)"
            found.append(Clause(query, (match,), Holds(match)))
        return found

    def inner(self, view: View, day: date | None) -> list[Clause]:
        """The conditions of a filter within another, which sees to it that it stands on the day."""
        runs = self.heading is not None or self.current is not None
        return self._own(view, day) + (self._presence(day) if runs else [])

    def _presence(self, day: date | None) -> list[Clause]:
        """Conditions on one run of the provision, which meets them all."""
        found = [] if day is None else [standing(day.isoformat())]
        if self.heading is not None:
            under = _contains("folded", self.heading)
            found.append(member("heading", "heading", under))
        if self.current:
            found.append(among("until", {OPEN}))
        clauses = [_runs(found)] if found else []
        if self.current is False:
            clauses.append(none_of([_runs([among("until", {OPEN})])]))
        return clauses


def _runs(clauses: list[Clause]) -> Clause:
    """That a run of a provision meets conditions."""
    return some("provision", "presence", "provision", clauses)


@strawberry.input(
    description="Which changes; what is said of a passage is met by one and the same."
)
class ChangeFilter(OfDocuments):
    """Filter of `changes` and `changeStats`."""

    significance: list[Significance] | None = optional("All where this is null.")
    silent: bool | None = optional(
        "True: changes of meaning under an unchanged announced date. False: those under another "
        "one. Where a version announces no date, neither can be said."
    )
    accident: list[CaptureState] | None = None
    bridges: bool | None = optional("Whether it compares across an accident of capturing.")
    updated_since: datetime | None = optional(
        "Observed at this moment or later, or after one that was: where the archive's clock ran "
        "backwards, a change counts as observed just after those before it in its document."
    )
    until: datetime | None = optional("Observed at this moment or earlier, in the same sense.")
    text: str | None = optional(f"A changed passage, before or after. {_TEXT}")
    heading: str | None = optional(f"A changed passage. {_HEADING}")
    delta_kind: list[DeltaKind] | None = optional("What happened to a passage.")
    term_group: list[TermGroup] | None = optional("The sort of a word exchanged in a passage.")
    and_: list[ChangeFilter] | None = joint("and")
    or_: list[ChangeFilter] | None = joint("or")
    not_: ChangeFilter | None = joint("not")

    def clauses(self, view: View) -> list[Clause]:
        """The conditions of this filter, save its significance."""
        found = self.scope(view) + one_of("accident", self.accident)
        found += logic(self, lambda each: each.clauses(view) + each.weight())
        found += between("placed", self.updated_since, self.until)
        for column in ("silent", "bridges"):
            if (wanted := getattr(self, column)) is not None:
                found.append(among(column, {int(wanted)}))
        if passage := self._passage():
            found.append(exists("SELECT change FROM delta WHERE TRUE", passage, "id IN"))
        return found

    def weight(self) -> list[Clause]:
        """The condition on significance."""
        return one_of("significance", self.significance)

    def _passage(self) -> list[Clause]:
        found = one_of("delta.kind", self.delta_kind)
        if self.text is not None:
            match = Clause("SELECT rowid FROM search WHERE search MATCH ?", (words(self.text),))
            found.append(_either("before", "after", match))
        if self.heading is not None:
            found.append(_either("heading_before", "heading_after", headed(self.heading)))
        if self.term_group is not None:
            sort = one_of("sort", self.term_group)
            found.append(exists("SELECT 1 FROM term WHERE term.delta = delta.id", sort))
        return found


def _either(one: str, other: str, query: Clause) -> Clause:
    """That one of two columns is in a query."""
    return Clause(f"{one} IN ({query.sql}) OR {other} IN ({query.sql})", query.args * 2)


def order_of(keys: list[Any] | None, default: tuple[Key, ...]) -> tuple[Key, ...]:
    """Sort keys of the index from what a client asks for."""
    if not keys:
        return default
    made = [key.key() for key in keys]
    found = [k for each in made for k in (each if isinstance(each, tuple) else (each,))]
    once: dict[str, Key] = {}  # a key that comes again orders nothing more
    for key in found:
        once.setdefault(key.sql, key)
    return tuple(once.values())


def sort_key(key: Key, direction: Direction) -> Key:
    """A key in a direction."""
    return Key(key.sql, key.type, direction is Direction.DESC)
