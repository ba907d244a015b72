"""Bring the checks of others' claims up to date with the documents that they speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pyoxigraph import NamedNode, Quad, Store

from clausegraph.api.ledger import Ledger
from clausegraph.api.store import Writer
from clausegraph.loaders import methods
from clausegraph.loaders.claimcase import Case, Claim, Facts, claims_of, facts_of
from clausegraph.loaders.claimcheck import check, graph_of
from clausegraph.loaders.examination import detector, findings_graph
from clausegraph.loaders.ntriples import lines
from clausegraph.loaders.textreading import read_text
from clausegraph.loaders.tracked import tracked
from clausegraph.loaders.unit import iri_of, to_quads
from clausegraph.ontology.iris import NS, graph
from clausegraph.shapes.report import InvalidGraphError
from clausegraph.shapes.validator import validate_part

CHECKS = graph("claim-checks") + "/"
_LAW = graph("law") + "/"
_PLATFORMS = graph("platforms")
_MARK = f"<{methods.method('claim-check')}>"


def check_claims(writer: Writer, ledger: Ledger, excerpts: Mapping[str, str] | None = None) -> bool:
    """Check the claims about all captured documents; whether anything was written.

    `excerpts` are the words that pages show as quotations, by the claim's IRI. They are not kept:
    without them, what came of them earlier stays as long as the document has the same versions.
    Raises `InvalidGraphError` where a check breaks a shape, which is a fault of the program.
    """
    documents = {
        known.identity.iri("document"): known.identity
        for known in ledger.documents().values()
        if known.sha256 is not None and known.triples
    }
    law = _law(writer) if _spoken_of(writer) & documents.keys() else []
    facts = facts_of(law)
    made: dict[str, list[str]] = {}
    for stem, claims in claims_of(facts).items():
        identity = documents.get(_about(facts, claims))
        if identity is not None:
            past = writer.of(identity.graph)
            judged = writer.of(findings_graph((identity.platform_id, identity.document_id)))
            case = _case(stem, claims, facts, past, judged, excerpts or {})
            made[graph_of(stem)] = _checked(writer, case, (*law, *past, *judged))
    old = {name for name in writer.names() if name.startswith(CHECKS)}
    written = [writer.amend(name, made.get(name, [])) for name in sorted(old | made.keys())]
    return any(written)


def _spoken_of(writer: Writer) -> set[str]:
    """What claims are about; where none of it was captured, the law need not be read."""
    about = writer.store.quads_for_pattern(None, NamedNode(NS + "about"), None, None)
    return {iri_of(quad.object) for quad in about}


def _law(writer: Writer) -> list[Quad]:
    names = [each for each in writer.names() if each.startswith(_LAW) or each == _PLATFORMS]
    return [quad for name in sorted(names) for quad in writer.of(name)]


def _about(facts: Facts, claims: list[Claim]) -> str:
    """The document that a page's claims are about."""
    return next(iter(facts[claims[0].iri].get("about", ())), "")


def _checked(writer: Writer, case: Case, around: Sequence[Quad]) -> list[str]:
    """The statements of the checks of one page, held to the shapes where they are new."""
    name = graph_of(case.stem)
    nodes = list(check(case))
    kept = _kept(writer, case)
    made = {line for each in kept.values() for line in each}
    made.update(lines(node for node in nodes if _claim_of(str(node["id"])) not in kept))
    if made != {str(quad.triple) for quad in writer.of(name)}:
        _valid(to_quads(nodes, name), around, [str(node["id"]) for node in nodes])
    return sorted(made)


def _case(
    stem: str,
    claims: list[Claim],
    facts: Facts,
    past: list[Quad],
    judged: list[Quad],
    shown: Mapping[str, str],
) -> Case:
    """A page of claims with everything that it is held against."""
    history = tracked(past)
    return Case(
        stem=stem,
        claims=claims,
        law=facts,
        history=history,
        past=facts_of(past),
        judged=facts_of(judged),
        readings={iri: read_text(text, detector()) for iri, text in history.texts.items()},
        shown=shown,
    )


def _claim_of(iri: str) -> str:
    """The check that a node belongs to: itself, or that of a near passage."""
    head, _, last = iri.rpartition("/")
    return head if last.startswith("near-") and head.count("/") > 5 else iri


def _kept(writer: Writer, case: Case) -> dict[str, list[str]]:
    """What came of quotations whose words are not given now, where it is still true, by check."""
    name = graph_of(case.stem)
    found: dict[str, list[str]] = {}
    versions = {each.iri for each in case.history.versions}
    for claim in case.claims:
        if claim.kind != "excerpt" or claim.iri in case.shown:
            continue
        iri = f"{claim.iri.replace('/claim/', '/claim-check/', 1)}"
        old = [quad for quad in writer.of(name) if _claim_of(str(quad.subject)[1:-1]) == iri]
        text = [str(quad.triple) for quad in old]
        searched = {
            str(quad.object)[1:-1]
            for quad in old
            if quad.predicate.value.endswith("#searchedVersion")
        }
        if searched == versions and any(_MARK in line for line in text):
            found[iri] = text
    return found


def _valid(made: Iterator[Quad], around: Sequence[Quad], focus: list[str]) -> None:
    """Hold checks to the shapes, beside all that they refer to. Raises `InvalidGraphError`."""
    store = Store()
    store.bulk_extend(around)
    store.bulk_extend(made)
    store.bulk_extend(to_quads(methods.nodes(), methods.GRAPH))
    report = validate_part(store, focus)
    if not report.conforms:
        raise InvalidGraphError(report)
