"""Synthetic platforms (`benchmarks.synthetic`) as N-Quads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from benchmarks.synthetic import (
    FOUND,
    HISTORIES,
    PLATFORMS,
    VERSIONS,
    Platform,
    Provision,
    own,
)
from clausegraph.loaders.presences import SEPARATOR
from clausegraph.ontology.iris import ID, NS, PREFIXES

_RDF, _RDFS, _OA = (PREFIXES[name] for name in ("rdf", "rdfs", "oa"))
_XSD = "http://www.w3.org/2001/XMLSchema#"
_PROV = "http://www.w3.org/ns/prov#"


def lines(made: Platform) -> Iterator[str]:
    """The quads of a platform, without the dots at their ends."""
    yield from shared(made)
    yield from history(made)
    yield from judgements(made)


def history(made: Platform) -> Iterator[str]:
    """The quads of the graph of its document's history."""
    yield from _versions(made)
    yield from _provisions(made)
    yield from _changes(made)


def _iri(*steps: Any) -> str:
    return f"<{ID}{'/'.join(map(str, steps))}>"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _typed(value: Any, kind: str) -> str:
    return f'"{value}"^^<{_XSD}{kind}>'


def _node(subject: str, kind: str, where: str, **facts: str | None) -> Iterator[str]:
    """The quads of a node; keys are local names of our terms, or of others by their prefix."""
    end = f" <{where}>"
    yield f"{subject} <{_RDF}type> <{NS}{kind}>{end}"
    for key, value in facts.items():
        if value is not None:
            prefix, _, local = key.rpartition("__")
            start = {"": NS, "rdfs": _RDFS, "oa": _OA, "prov": _PROV}[prefix]
            yield f"{subject} <{start}{local}> {value}{end}"


def shared(made: Platform) -> Iterator[str]:
    """The quads of a platform and its document in the graph of all of them."""
    yield from _node(
        _iri("platform", made.own), "Platform", PLATFORMS,
        rdfs__label=_text(made.name), invented=_typed("true", "boolean"),
    )  # fmt: skip
    yield from _node(
        _iri("document", made.path), "Document", PLATFORMS,
        rdfs__label=_text(made.label), platform=_iri("platform", made.own),
        documentKind=_iri("document-kind", made.kind), documentType=_text(made.type),
    )  # fmt: skip


def _days(made: Platform, first: int, last: int | None) -> dict[str, str | None]:
    """The days on which something stands from one version to another."""
    end = None if last is None or last == VERSIONS - 1 else made.days[last + 1] - timedelta(1)
    return {
        "validFrom": _typed(made.days[first], "date"),
        "validUntil": None if end is None else _typed(end, "date"),
    }


def _version(made: Platform, number: int) -> str:
    return _iri("version", made.path, made.version(number))


def _versions(made: Platform) -> Iterator[str]:
    where, document = f"{HISTORIES}/{made.path}", _iri("document", made.path)
    yield f"{document} <{NS}currentVersion> {_version(made, VERSIONS - 1)} <{where}>"
    for number, text in enumerate(made.texts):
        sha = made.shas[number]
        content = _iri("text", made.path, sha[:16])
        yield from _node(
            _version(made, number), "Version", where,
            rdfs__label=_text(f"{made.label}, {made.days[number]}"), document=document,
            text=content, sha256=_text(sha), mediaType=_text("text/markdown"),
            captureState=_iri("capture-state", "whole"), ordinal=_typed(number + 1, "integer"),
            capturedAt=_typed(f"{made.days[number]}T12:00:00Z", "dateTime"),
            archiveLabel=_iri("archive-label", "manual"), **_days(made, number, number),
        )  # fmt: skip
        yield from _node(
            content, "Text", where, content=_text(text), sha256=_text(sha),
            normalisedSha256=_text(sha), characters=_typed(len(text), "integer"),
        )  # fmt: skip


def quote_of(made: Platform, each: Provision) -> str:
    """The IRI of a provision's quote in the first version that holds it."""
    span = f"{each.start}-{each.start + len(each.text)}"
    return _iri("quote", made.path, made.version(each.first), span)


def _provisions(made: Platform) -> Iterator[str]:
    where, document = f"{HISTORIES}/{made.path}", _iri("document", made.path)
    for each in made.provisions:
        provision = _iri("provision", made.path, each.sha[:16])
        earlier = each.earlier and _iri("provision", made.path, each.earlier.sha[:16])
        yield from _node(
            provision, "Provision", where, rdfs__label=_text(each.text[:60]), document=document,
            segmentKind=_iri("segment-kind", each.kind), normalisedText=_text(each.text),
            normalisedSha256=_text(each.sha), prov__wasRevisionOf=earlier or None,
        )  # fmt: skip
        run = _iri("presence", made.path, each.sha[:16], made.version(each.first))
        last = None if each.last is None else _version(made, each.last)
        yield from _node(
            run, "Presence", where, provision=provision, firstVersion=_version(made, each.first),
            lastVersion=last, headingPath=_text(SEPARATOR.join((made.label, each.heading))),
            quote=quote_of(made, each), **_days(made, each.first, each.last),
        )  # fmt: skip
        yield from _node(
            quote_of(made, each), "Quote", where, version=_version(made, each.first),
            provision=provision, oa__exact=_text(each.text),
            oa__start=_typed(each.start, "integer"),
            oa__end=_typed(each.start + len(each.text), "integer"),
        )  # fmt: skip


def _changes(made: Platform) -> Iterator[str]:
    where, document = f"{HISTORIES}/{made.path}", _iri("document", made.path)
    for number in range(1, VERSIONS):
        later, change = made.version(number), _iri("change", made.path, made.version(number))
        new = [each for each in made.provisions if each.first == number]
        yield from _node(
            change, "Change", where, document=document,
            rdfs__label=_text(f"{made.label}, {made.days[number]}"),
            significance=_iri("significance", made.significance[number - 1]),
            fromVersion=_version(made, number - 1), toVersion=_version(made, number),
            observedAt=_typed(f"{made.days[number]}T12:00:00Z", "dateTime"),
            silent=_typed(str(made.silent[number - 1]).lower(), "boolean"),
            rewordedCount=_typed(len(new), "integer"),
        )  # fmt: skip
        for at, each in enumerate(new, 1):
            delta = _iri("delta", made.path, later, at)
            assert each.earlier is not None
            yield from _node(
                delta, "Delta", where, change=change, deltaKind=_iri("delta-kind", "reworded"),
                similarity=_typed("0.8", "decimal"), before=quote_of(made, each.earlier),
                after=quote_of(made, each),
            )  # fmt: skip
            yield from _node(
                _iri("term", made.path, later, at), "ChangedTerm", where, change=change,
                delta=delta, termGroup=_iri("term-group", "number"), termBefore=_text("30"),
                termAfter=_text(str(30 + at)),
            )  # fmt: skip


def judgements(made: Platform) -> Iterator[str]:
    """The quads of the graph of what was read in it."""
    where, document = f"{FOUND}/{made.path}", _iri("document", made.path)
    made_by = _iri("method", "reading", 1)
    since = _typed(made.days[0], "date")
    for place, requirement, version, relation, review in made.mappings:
        each = made.provisions[place]
        iri = _iri("mapping", made.path, own(place, requirement, relation, review))
        name = requirement.removeprefix(ID + "requirement/")
        yield from _node(
            iri, "Mapping", where, rdfs__label=_text(f"{name}: {relation}"), document=document,
            requirement=f"<{requirement}>", requirementVersion=f"<{version}>",
            provision=_iri("provision", made.path, each.sha[:16]), evidence=quote_of(made, each),
            mappingRelation=_iri("mapping-relation", relation), madeBy=made_by,
            reviewState=_iri("review-state", review), expectedPrecision=_typed("0.9", "decimal"),
            evidenceSha256=_text(each.sha), validFrom=since,
        )  # fmt: skip
    for requirement, version, state, review in made.findings:
        name = requirement.removeprefix(ID + "requirement/")
        yield from _node(
            _iri("finding", made.path, own(requirement)), "Finding", where,
            rdfs__label=_text(f"{name}: {state}"), document=document,
            requirement=f"<{requirement}>", requirementVersion=f"<{version}>",
            findingState=_iri("finding-state", state), reviewState=_iri("review-state", review),
            findingReason=_iri("finding-reason", "no-passage") if state == "not-stated" else None,
            madeBy=made_by, expectedPrecision=_typed("0.9", "decimal"),
            searchedVersion=_version(made, 0), firstVersion=_version(made, 0),
            passagesSearched=_typed(41, "integer"), validFrom=since,
        )  # fmt: skip
