"""Passages of one version that pull apart, with the words of law that make both matter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, cast

import strawberry

from clausegraph.api.enums import DocumentKind
from clausegraph.api.filters import identify, version_on
from clausegraph.api.findingdays import (
    JurisdictionIds,
    examined,
    findings_on,
    tensions_on,
)
from clausegraph.api.findingscope import (
    NOTICE,
    Answer,
    Held,
    PlatformIds,
    PortfolioIds,
    Scope,
    kinds_held,
    rows_of,
    scope,
)
from clausegraph.api.findingtypes import Finding
from clausegraph.api.lawtypes import RequirementVersion
from clausegraph.api.listing import Paged, paged, view_of
from clausegraph.api.nodes import AsOf, View, make, node_at
from clausegraph.api.paging import Connection
from clausegraph.api.policytypes import Document, Platform
from clausegraph.api.provisiontypes import Quote
from clausegraph.api.reader import Entity, slug
from clausegraph.api.textfacts import told
from clausegraph.api.versiontypes import Version
from clausegraph.loaders.tensions import tensions
from clausegraph.ontology.iris import concept


@strawberry.type(description="Passages of one version that pull apart, for review.")
class Contradiction:
    """A row: two sides with their quotes, and what the law says of the words."""

    platform: Platform = strawberry.field(description="The platform.")
    document: Document = strawberry.field(description="The document that says both.")
    version: Version = strawberry.field(description="The version of the day, in which both stand.")
    says: list[Quote] = strawberry.field(description="The one side, such as a denial of sale.")
    also: list[Quote] = strawberry.field(
        description="The other side, such as sharing for advertising."
    )
    findings: list[Finding] = strawberry.field(
        description="The findings of tension that rest on these passages."
    )
    definitions: list[RequirementVersion] = strawberry.field(
        description="The rules of law that make both matter, as they read on the day."
    )


@strawberry.type(description="How many documents of a kind were looked at on the day.")
class DocumentsOfKind:
    """Counts of documents, each among those before it; `Denominators` counts platforms."""

    kind: DocumentKind = strawberry.field(description="The kind of document.")
    captured: int = strawberry.field(description="Those of which a whole version stood on the day.")
    examined: int = strawberry.field(
        description="Of these, those in which the rules could look for both sides."
    )


@strawberry.type(description="Contradictions by platform.")
class ContradictionConnection(Connection[Contradiction], Answer):
    """Denominators count platforms in which the passages could be looked for."""

    looked_at: list[DocumentsOfKind] = strawberry.field(
        description="The kinds of documents that are held against the rules in question, and how "
        "many were looked at; documents of other kinds were not, and may say anything."
    )


@strawberry.type
class ContradictionQuery:
    """Questions about texts that contradict themselves."""

    @paged(
        ContradictionConnection,
        "Passages of one version that pull apart, such as a denial of sale beside sharing for "
        "advertising, with the definitions of both words in law on the day; by platform.",
    )
    def contradictions(
        self,
        info: strawberry.Info,
        jurisdiction: JurisdictionIds = None,
        portfolio: PortfolioIds = None,
        platform: PlatformIds = None,
        as_of: AsOf = None,
    ) -> Paged:
        """Pairs of passages."""
        view = view_of(info, as_of)
        places = None
        if jurisdiction is not None:
            places = identify(view.reader, "jurisdiction", jurisdiction)
        return contradictions(scope(view, portfolio, platform, _kinds(view)), places)


def contradictions(held: Scope, places: set[str] | None = None) -> Paged:
    """The rows of some platforms, under the law of some jurisdictions (IRIs) or of all."""
    view = held.view
    tense = [
        each
        for each in tensions_on(view, held.documents)
        if each.all("counterEvidence") and (places is None or _place(view, each) in places)
    ]
    pairs: dict[tuple[Any, ...], list[Entity]] = {}
    for each in tense:
        sides = (each.all("evidence"), each.all("counterEvidence"))
        pairs.setdefault((each.one("document"), *sides), []).append(each)
    known = {each.document: each for each in held.held}
    rows = [
        (
            (known[found[0].one("document")].label, found[0].iri),
            partial(_row, view, known[found[0].one("document")], found),
        )
        for found in pairs.values()
    ]
    looked = _examined(held)
    more = held.more(looked) | {"looked_at": _looked_at(held, looked)}
    return rows_of(view, rows, [False], more)


def _on() -> list[str]:
    """The duties on which a finding of tension looks for a second side."""
    return sorted({iri for each in tensions() if each.beside for iri in each.on})


def _kinds(view: View) -> set[str]:
    """The kinds of documents that the release holds against these duties; notices, if none are."""
    return set().union(*kinds_held(view, _on()).values()) or {NOTICE}


def _looked_at(held: Scope, looked: Collection[str]) -> list[DocumentsOfKind]:
    """How many documents of each kind stood on the day, and were examined."""
    stood: dict[str, set[str]] = {kind: set() for kind in _kinds(held.view)}
    for each in held.held:
        if each.document and each.version and each.kind in stood:
            stood[each.kind].add(each.document)
    return [
        DocumentsOfKind(
            kind=DocumentKind(concept("document-kind", kind)),
            captured=len(found),
            examined=len(found.intersection(looked)),
        )
        for kind, found in sorted(stood.items())
    ]


def _place(view: View, finding: Entity) -> Any:
    requirement = view.reader.entity(finding.one("requirement"))
    return requirement and requirement.one("jurisdiction")


def _examined(held: Scope) -> set[str]:
    """The documents in which the rules looked for both sides: those with findings on such duties."""
    return examined(findings_on(held.view, _on(), held.documents))


def _row(view: View, held: Held, found: Sequence[Entity]) -> Contradiction:
    first = found[0]
    return Contradiction(
        platform=cast(Any, node_at(view, held.platform)),
        document=cast(Any, node_at(view, held.document)),
        version=cast(Any, node_at(view, held.version)),
        says=[cast(Any, node_at(view, iri)) for iri in _denials(view, held, first)],
        also=[cast(Any, node_at(view, iri)) for iri in first.all("counterEvidence")],
        findings=[cast(Any, make(view, each)) for each in found],
        definitions=[cast(Any, make(view, each)) for each in _definitions(view, found)],
    )


def _denials(view: View, held: Held, finding: Entity) -> Sequence[str]:
    """The quotes of the passages that deny; all of the evidence where the rules tell of none.

    The evidence of a tension also has what the document says besides.
    """
    kind = slug(finding.one("tensionKind"))
    items = {each.beside for each in tensions() if each.kind == kind and each.beside}
    keys = {
        each.key
        for each in told(view, str(held.version))
        if any(each.polarity.get(item) == "denied" for item in items)
    }
    quotes = view.reader.entities(finding.all("evidence"))
    found = [each.iri for each in quotes if slug(each.one("provision")) in keys]
    return found or finding.all("evidence")


def _definitions(view: View, found: Sequence[Entity]) -> list[Entity]:
    """The rules that findings stand against, as they read on the day."""
    versions = view.reader.entities([iri for each in found for iri in each.all("against")])
    named = dict.fromkeys(str(each.one("versionOf")) for each in versions)
    return [version for iri in named if (version := version_on(view, iri)) is not None]
