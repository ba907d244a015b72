"""Load the law, check, publish: from source files to the release that is served.

Each step is all or nothing. `load` validates before it writes, `publish` validates what is in the
store again before it becomes a release, so that neither depends on the other having been careful.
Histories of policies are loaded by `clausegraph.api.histories`; what the ledger says of their
graphs is trusted, but for the quotes in them, which are checked at every publication.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pyoxigraph import Store

from clausegraph.api.errors import NoReleaseError, StoreError
from clausegraph.api.examine import FINDINGS, examine_held
from clausegraph.api.histories import PLATFORMS, write_platforms
from clausegraph.api.ledger import Known, Ledger
from clausegraph.api.policyindex import build, usable
from clausegraph.api.quotecheck import check_quotes
from clausegraph.api.releases import Release, Releases
from clausegraph.api.store import Writer, digest, graphs_of, ontology_graphs, writing
from clausegraph.api.storecheck import (
    APART,
    HISTORIES,
    LAW,
    check,
    refuse,
    refuse_repeated,
    stamp,
)
from clausegraph.loaders import methods
from clausegraph.loaders.historyjob import digest_of
from clausegraph.loaders.law import compile_sources, embedded
from clausegraph.loaders.unit import Unit, to_quads
from clausegraph.ontology.iris import graph
from clausegraph.ontology.terms import quads as ontology_quads
from clausegraph.shapes.report import Finding, InvalidGraphError, Report
from clausegraph.shapes.validator import fingerprint, validate_fast, validate_store

Step = Callable[[str], None]
Digests = dict[str, tuple[str, int]]
KEPT = (graph("portfolios") + "/", graph("saved-queries") + "/")
"""Where the graphs of portfolios and saved queries start."""
OPINIONS = (graph("opinions") + "/", graph("reviewers"))
"""Where the graphs of people's opinions start."""


@dataclass(frozen=True)
class Loaded:
    """What a load did: units read, triples held, and whether the store changed."""

    units: int
    triples: int
    changed: bool


def silent(_: str) -> None:
    """Report nothing."""


def compile_law(root: Path | None) -> list[Unit]:
    """The law units below `root`, or the ones installed with the package."""
    return embedded() if root is None else compile_sources(root)


def check_units(units: list[Unit]) -> None:
    """Hold units to all shapes. Raises `InvalidGraphError` with the report."""
    places = {iri: f"{unit.name}:{line}" for unit in units for iri, line in unit.lines.items()}
    quads = [quad for unit in units for quad in unit.quads()]
    quads += [quad for unit in units for quad in to_quads(unit.shared(), PLATFORMS)]
    refuse(validate_fast(quads, lambda iri: places.get(iri, "")))


def load(data: Path, root: Path | None = None, step: Step = silent) -> Loaded:
    """Read the law sources, validate them and put them into the writer's store.

    Raises `SourceError` or `InvalidGraphError`; the store is then as it was.
    """
    step("read sources")
    return load_units(data, compile_law(root), step)


def load_units(data: Path, units: list[Unit], step: Step = silent) -> Loaded:
    """Load the law as `load` does, for whoever has read its sources already."""
    step("validate")
    check_units(units)
    step("store")
    graphs = ontology_graphs() | graphs_of(units)
    with writing(data) as writer, Ledger(data) as ledger:
        changed = writer.replace(graphs, ("ontology", "law"))
        ledger.declare(LAW, [node for unit in units for node in unit.shared()])
        changed |= write_platforms(writer, ledger)
        stamp(data, {iri: digest(quads) for iri, quads in graphs.items()})
    return Loaded(len(units), sum(len(graphs[unit.graph]) for unit in units), changed)


def publish(data: Path, step: Step = silent, *, verify: bool = False) -> Release:
    """Validate what is in the writer's store and make it the release that is served.

    What was found valid by the same shapes before is not validated twice, unless `verify` asks for
    it; quotes are always held to the texts. Raises `InvalidGraphError` with the
    report; the last release then keeps serving.
    """
    with writing(data) as writer, Ledger(data) as ledger:
        return publish_held(data, writer, ledger, step, verify=verify)


def lacking(release: Release) -> list[dict[str, str]]:
    """Warnings about a release (code, message, hint): policies without law are not examined."""
    held = [name for name in release.graphs if name.startswith(HISTORIES)]
    if not held or any(name.startswith(f"{LAW}/") for name in release.graphs):
        return []
    return [
        {
            "code": "no-law",
            "message": f"{len(held)} documents are published and no law: "
            "no policy could be examined",
            "hint": "Run `clausegraph load law`, then `clausegraph publish`.",
        }
    ]


def publish_held(
    data: Path,
    writer: Writer,
    ledger: Ledger,
    step: Step = silent,
    *,
    verify: bool = False,
    excerpts: Mapping[str, str] | None = None,
) -> Release:
    """Publish as `publish` does, for whoever holds the writer's store of `data` already.

    `excerpts` are the words of quotations, by their claims' IRIs, which no store keeps.
    """
    write_platforms(writer, ledger)
    step("digest")
    histories = _histories(writer, ledger, verify, step)
    step("examine")
    examine_held(
        writer,
        ledger,
        lambda done, of: step(f"examine {done} of {of}"),
        again=verify,
        excerpts=excerpts,
    )
    survey = writer.survey(but=APART)
    others = survey.digests
    apart = _judged(writer, ledger)
    step("validate")
    refuse_repeated(survey.repeated)
    check(data, writer, others, step, again=verify)
    step("quotes")
    refuse(check_quotes(writer.store))
    step("release")
    graphs = others | histories | apart
    if not _light(data, graphs):
        writer.store.optimize()
    return Releases(data).publish(
        writer.store, graphs, lambda path: build(writer.store, path, graphs), usable
    )


def _light(data: Path, graphs: Digests) -> bool:
    """Whether little differs from the release that is served: what people keep, an opinion.

    A few statements need no compaction of the store, which takes two seconds a million triples.
    """
    differing = _differing(data, graphs)
    findings = [iri for iri in differing if iri.startswith(FINDINGS)]
    return len(findings) < 2 and all(
        iri.startswith((*KEPT, *OPINIONS, FINDINGS)) for iri in differing
    )


def unpublished(data: Path, writer: Writer, ledger: Ledger) -> list[str]:
    """The graphs of law and policies that are not, or not so, in the release that is served.

    A history that is being written counts as one.
    """
    graphs = writer.digests(but=APART) | {
        name: (str(known.sha256), known.triples)
        for name, known in ledger.documents().items()
        if known.triples or known.sha256 is None
    }
    own = (*KEPT, *OPINIONS, *APART[1:], methods.GRAPH, PLATFORMS)
    return sorted(iri for iri in _differing(data, graphs) if not iri.startswith(own))


def _differing(data: Path, graphs: Digests) -> set[str]:
    """The graphs that differ from those of the release that is served, if there is one."""
    served: Mapping[str, tuple[str, int]] = {}
    with suppress(NoReleaseError, StoreError):
        served = Releases(data).current().graphs
    return {iri for iri in graphs.keys() | served.keys() if graphs.get(iri) != served.get(iri)}


def _histories(writer: Writer, ledger: Ledger, verify: bool, step: Step) -> Digests:
    """The digests of all histories: from the ledger where it is to be trusted."""
    known = ledger.documents()
    counts = writer.counts(HISTORIES)
    _hold(ledger, counts)
    found: Digests = {}
    for name, each in known.items():
        trusted = each.sha256 is not None and each.triples == counts.get(name, 0)
        if verify or not trusted or each.valid != fingerprint():
            step(f"validate {each.identity.label}")
            each = _again(writer, each)
            ledger.done(each)
        if each.triples:
            found[name] = (str(each.sha256), each.triples)
    if strangers := sorted(counts.keys() - known.keys()):
        message = "The store holds a history that was not loaded."
        raise InvalidGraphError(Report((_unlike(strangers[0], message),)))
    return found


def _judged(writer: Writer, ledger: Ledger) -> Digests:
    """The digests of what was judged: of documents by the ledger, of claims from the store."""
    found = {
        each.graph: (str(each.sha256), each.triples)
        for each in ledger.judged().values()
        if each.triples
    }
    claims = (name for name in writer.names() if name.startswith(APART[2]))
    return found | {name: digest(writer.of(name)) for name in claims}


def _hold(ledger: Ledger, counts: Mapping[str, int]) -> None:
    """Hold the store to have every history that was loaded. Raises `InvalidGraphError`.

    Without its directory, which may be removed, what is published would have no history, unnoticed.
    """
    refuse(
        Report(
            tuple(
                _unlike(name, "The store lacks a history that was loaded.")
                for name in ledger.documents()
                if not counts.get(name) and ledger.captures(name)
            )
        )
    )


def _unlike(name: str, message: str) -> Finding:
    """A history of which the store and the ledger do not say the same."""
    return Finding(
        where=name,
        focus=name,
        shape="ledger",
        message=message,
        advice="Load the document again, or remove it with `clausegraph remove`.",
    )


def _again(writer: Writer, known: Known) -> Known:
    """A history held to the shapes as it stands in the store. Raises `InvalidGraphError`."""
    quads = writer.of(known.identity.graph)
    store = Store()
    store.bulk_extend(ontology_quads())
    store.bulk_extend(quads)
    store.bulk_extend(to_quads(known.identity.nodes(), PLATFORMS))
    refuse(validate_store(store, lambda _: known.identity.label))
    lines = sorted({str(quad.triple) for quad in quads})
    return replace(known, sha256=digest_of(lines), triples=len(lines), valid=fingerprint())
