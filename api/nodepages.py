"""Pages of nodes: one for everything that has an IRI below ``/id/``, and one for the ontology."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pyoxigraph import NamedNode

import clausegraph.api.schema  # noqa: F401  a time line is made of the types it registers
from clausegraph.api import facts
from clausegraph.api.facts import MOST, Block, Facts, Row, Shown
from clausegraph.api.findingwords import sides
from clausegraph.api.formats import HTML, REPRESENTATIONS
from clausegraph.api.nodes import Budget, View
from clausegraph.api.reader import Entity
from clausegraph.api.render import render
from clausegraph.api.representations import ONTOLOGY, triples
from clausegraph.api.sites import Site
from clausegraph.api.timeline import timeline
from clausegraph.ontology.iris import ID, PREFIXES

FORMS = [form for form in REPRESENTATIONS if form is not HTML]
_OWL, _SKOS = PREFIXES["owl"], PREFIXES["skos"]
_TYPE = PREFIXES["rdf"] + "type"
_LABEL = PREFIXES["rdfs"] + "label"
_DEFINITION = _SKOS + "definition"
_SOURCE = PREFIXES["dcterms"] + "source"
_PROPERTIES = ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
_KINDS = (
    ("Classes", "classes", [_OWL + "Class"]),
    ("Properties", "properties", [_OWL + name for name in _PROPERTIES]),
)


@dataclass(frozen=True)
class Section:
    """A term on the page of the ontology."""

    anchor: str
    block: Block


@dataclass(frozen=True)
class Entry:
    """A line of the table of a closed list."""

    node: Shown
    definition: str
    example: str
    sources: list[Shown]


@dataclass(frozen=True)
class Version:
    """A line of the table of a requirement's versions."""

    node: Shown
    start: str
    end: str
    citations: list[str]
    summary: str
    confidence: Shown | None
    sources: list[Shown]


@dataclass(frozen=True)
class Moment:
    """A line of an instrument's time line."""

    day: str
    what: str
    node: Shown


def entity(site: Site, iri: str) -> bytes:
    """The page of one IRI."""
    found = facts.by_subject(triples(site, iri))
    own = found.pop(iri, {})
    in_graph = iri in site.reader.release.graphs
    node = site.reader.entity(iri)
    kind = node.type if node else ""
    return render(
        "entity.html",
        site,
        title=facts.label(site, iri),
        iri=iri,
        path="/" + iri.removeprefix(ID.removesuffix("id/")),
        forms=FORMS,
        types=[facts.shown(site, each.value) for each in own.get(_TYPE, ())],
        sides=sides(site, node),
        rows=facts.rows(site, own),
        versions=_versions(site, iri) if kind == "Requirement" else [],
        moments=_moments(site, iri) if kind == "Instrument" else [],
        members=_members(site, found) if in_graph else [],
        blocks=[] if in_graph else [facts.block(site, *each) for each in found.items()],
        incoming=facts.incoming(site, iri),
    )


def ontology(site: Site) -> bytes:
    """The page of the ontology: every class, property and closed list."""
    known = facts.terms(site.reader)
    return render(
        "ontology.html",
        site,
        title=facts.label(site, ONTOLOGY),
        forms=FORMS,
        path="/ns",
        about=_section(site, ONTOLOGY),
        kinds=[
            (title, anchor, [_section(site, iri) for iri in _of_types(known, types)])
            for title, anchor, types in _KINDS
        ],
        schemes=[
            (_section(site, iri), _concepts(site, known, iri))
            for iri in _of_types(known, [_SKOS + "ConceptScheme"])
        ],
    )


def _versions(site: Site, iri: str) -> list[Version]:
    found = site.reader.back(iri, "versionOf", "RequirementVersion")
    return [_version(site, each) for each in sorted(found, key=lambda v: v.one("validFrom"))]


def _version(site: Site, version: Entity) -> Version:
    confidence = version.one("confidence")
    end = version.one("validUntil")
    return Version(
        node=facts.shown(site, version.iri),
        start=version.one("validFrom").isoformat(),
        end=end.isoformat() if end else "",
        citations=list(version.all("citation")),
        summary=version.one("summary"),
        confidence=facts.shown(site, confidence) if confidence else None,
        sources=[facts.shown(site, source) for source in version.all("source")],
    )


def _moments(site: Site, iri: str) -> list[Moment]:
    view = View(site.reader, date.max, Budget(10**9, math.inf))
    return [
        Moment(entry.on.isoformat(), entry.what, facts.shown(site, entry.node.entity.iri))
        for entry in timeline(view, iri, None, None)
    ]


def _members(site: Site, found: dict[str, Facts]) -> list[Row]:
    """What a named graph describes, by class."""
    by_class: dict[str, list[str]] = {}
    for iri, about in found.items():
        for each in about.get(_TYPE, ()):
            by_class.setdefault(each.value, []).append(iri)
    return [
        Row(facts.shown(site, c), "", [facts.shown(site, i) for i in iris[:MOST]], len(iris))
        for c, iris in sorted(by_class.items())
    ]


def _section(site: Site, iri: str) -> Section:
    about = facts.terms(site.reader)[iri]
    return Section(facts.anchor(iri), facts.block(site, iri, about))


def _concepts(site: Site, known: dict[str, Facts], scheme: str) -> list[Entry]:
    inside = NamedNode(scheme)
    return [
        Entry(
            facts.shown(site, iri),
            facts.text_of(about, _DEFINITION),
            facts.text_of(about, _SKOS + "example"),
            [facts.shown(site, each.value) for each in about.get(_SOURCE, ())],
        )
        for iri, about in known.items()
        if inside in about.get(_SKOS + "inScheme", ())
    ]


def _of_types(known: dict[str, Facts], types: Iterable[str]) -> list[str]:
    """IRIs of the terms that have one of the types, by label."""
    wanted = set(types)
    found = [
        iri for iri, about in known.items() if any(t.value in wanted for t in about.get(_TYPE, ()))
    ]
    return sorted(found, key=lambda iri: (facts.text_of(known[iri], _LABEL).casefold(), iri))
