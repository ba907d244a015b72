"""A page of claims, checked: everything that the page and the command line show of it, as data.

Made from one release and for one day of the law; nothing is decided here that does not stand in the
release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clausegraph.api.claimparts import Count, Group, State, Strain, groups, state, strains, tally
from clausegraph.api.claimrows import (
    ClaimRow,
    DutyRow,
    Link,
    claim_row,
    concept,
    duty_row,
    href,
    link,
    name,
    plain,
)
from clausegraph.api.reader import Entity, Reader
from clausegraph.api.sites import NotFoundError
from clausegraph.loaders import methods
from clausegraph.ontology.iris import mint, parse

RIGHTS = ("right-asserted",)
REASONS = ("exposure-level", "exposure-reason")
OUTCOMES = ("holds", "holds-in-part", "does-not-hold", "not-checkable")
_WHOLE = frozenset({"whole", "first-record"})


@dataclass(frozen=True)
class ChangeRow:
    """A change between two captures."""

    day: str
    significance: str
    told: str
    href: str


@dataclass(frozen=True)
class Page:
    """A page of claims, checked."""

    stem: str
    title: str
    author: str
    document: Link
    platform: str
    day: date
    captures: tuple[Link, ...]
    claims: tuple[ClaimRow, ...]
    outcomes: tuple[Count, ...]
    changes: tuple[ChangeRow, ...]
    significances: tuple[Count, ...]
    groups: tuple[Group, ...]
    strains: tuple[Strain, ...]
    states: tuple[State, ...]
    findings: tuple[Count, ...]
    notice: str
    method: str
    release: str

    def of_kind(self, *kinds: str) -> tuple[ClaimRow, ...]:
        """The claims of some kinds."""
        return tuple(each for each in self.claims if each.kind in kinds)

    @property
    def quoted(self) -> tuple[ClaimRow, ...]:
        """What the page shows as a quotation."""
        return self.of_kind("excerpt")

    @property
    def rights(self) -> tuple[ClaimRow, ...]:
        """The rights that the document is said to state."""
        return self.of_kind(*RIGHTS)

    @property
    def reasons(self) -> tuple[ClaimRow, ...]:
        """The level that was given, and the reason for it."""
        return self.of_kind(*REASONS)

    @property
    def others(self) -> tuple[ClaimRow, ...]:
        """All claims that have no part of the page of their own."""
        own = ("excerpt", *RIGHTS, *REASONS)
        return tuple(each for each in self.claims if each.kind not in own)


def stems(reader: Reader) -> list[tuple[str, str, str]]:
    """The pages of claims that a release has: their id, title and document."""
    found: dict[str, tuple[str, str, str]] = {}
    for each in reader.of_type("Claim"):
        stem = parse(each.iri)[1][0]
        about = name(reader, str(each.one("about")))
        found.setdefault(stem, (stem, name(reader, str(each.one("source"))), about))
    return [found[stem] for stem in sorted(found)]


def hold(reader: Reader, stem: str) -> None:
    """Raise `NotFoundError` where a release has no claims of a file."""
    if not any(parse(iri)[1][0] == stem for iri in reader.ids("Claim")):
        known = ", ".join(own for own, _, _ in stems(reader)) or "none"
        raise NotFoundError(
            f"the release has no claims {plain(stem)!r}", hint=f"It has: {known}.", value=stem
        )


def page_of(reader: Reader, stem: str, day: date) -> Page:
    """The page of a claims file. Raises `NotFoundError` where the release has no such claims."""
    hold(reader, stem)
    claims = [each for each in reader.of_type("Claim") if parse(each.iri)[1][0] == stem]
    claims.sort(key=lambda each: int(each.one("order")))
    document = str(claims[0].one("about"))
    findings = [e for e in reader.back(document, "document", "Finding") if e.holds_on(day)]
    rows = tuple(claim_row(reader, each) for each in claims)
    duties = [duty_row(reader, each) for each in findings]
    home, others = _places(reader, claims, duties)
    changes = _changes(reader, document)
    return Page(
        stem=stem,
        title=name(reader, str(claims[0].one("source"))),
        author=name(reader, str(claims[0].one("creator"))),
        document=link(reader, document),
        platform=name(reader, mint("platform", parse(document)[1][0])),
        day=day,
        captures=_captures(reader, document),
        claims=rows,
        outcomes=_counted(OUTCOMES, {r.outcome: r.label for r in rows}, [r.outcome for r in rows]),
        changes=changes,
        significances=tally([each.significance for each in changes]),
        groups=groups(duties, home),
        strains=strains(
            reader, [e for e in findings if parse(str(e.one("requirement")))[1][0] == home]
        ),
        states=tuple(state(reader, place, duties) for place in others),
        findings=tally([each.label for each in duties]),
        notice=methods.NOTICE,
        method=_method(reader),
        release=reader.release.id,
    )


def _method(reader: Reader) -> str:
    """The method and its version."""
    found = reader.entity(methods.method("claim-check"))
    return f"{found.one('label')}, version {found.one('methodVersion')}" if found else ""


def _captures(reader: Reader, document: str) -> tuple[Link, ...]:
    """The captures of a document in order, by their days."""
    found = sorted(
        reader.back(document, "document", "Version"), key=lambda each: int(each.one("ordinal"))
    )
    return tuple(Link(str(each.one("capturedAt"))[:10], href(each.iri)) for each in found)


def _places(
    reader: Reader, claims: Sequence[Entity], duties: Sequence[DutyRow]
) -> tuple[str, list[str]]:
    """The place that most of the rights named belong to; the others that claims name, else all."""
    examined = {each.place for each in duties}
    refers = [
        parse(str(iri))[1][0]
        for each in claims
        for iri in each.all("refersTo")
        if parse(str(iri))[0] in {"jurisdiction", "requirement", "instrument"}
    ]
    named = [place for place, _ in Counter(refers).most_common() if place in examined]
    home = named[0] if named else min(examined, default="")
    return home, sorted(set(named[1:]) or examined - {home})


def _changes(reader: Reader, document: str) -> tuple[ChangeRow, ...]:
    found = sorted(reader.back(document, "document", "Change"), key=lambda e: e.one("observedAt"))
    return tuple(
        ChangeRow(
            day=str(each.one("observedAt"))[:10],
            significance=concept(reader, each.one("significance")),
            told=", ".join(
                f"{each.one(f'{kind}Count')} {kind}"
                for kind in ("added", "removed", "reworded", "moved", "split", "merged")
                if each.one(f"{kind}Count")
            ),
            href=href(each.iri),
        )
        for each in found
    )


def _counted(
    order: Sequence[str], labels: dict[str, str], found: Sequence[str]
) -> tuple[Count, ...]:
    """How many claims came out how, in the order of the list; those not checked come last."""
    counted = Counter(found)
    keys = [*order, ""]
    return tuple(Count(labels[each], counted[each], len(found)) for each in keys if counted[each])
