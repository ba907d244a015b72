"""Load, check, publish: from source files to the release that is served.

Each step is all or nothing. `load` validates before it writes, `publish` validates what is in the
store again before it becomes a release, so that neither depends on the other having been careful.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Quad

from clausegraph.api.releases import Release, Releases, identify
from clausegraph.api.store import Writer, digest, graphs_of, ontology_graphs, writing
from clausegraph.loaders.law import compile_sources, embedded
from clausegraph.loaders.unit import Unit, iri_of
from clausegraph.ontology.iris import graph
from clausegraph.shapes.report import Finding, InvalidGraphError, Report

Step = Callable[[str], None]


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
    from clausegraph.shapes.validator import validate

    places = {iri: f"{unit.name}:{line}" for unit in units for iri, line in unit.lines.items()}
    report = validate((q for unit in units for q in unit.quads()), lambda iri: places.get(iri, ""))
    if not report.conforms:
        raise InvalidGraphError(report)


def load(data: Path, root: Path | None = None, step: Step = silent) -> Loaded:
    """Read the law sources, validate them and put them into the writer's store.

    Raises `SourceError` or `InvalidGraphError`; the store is then as it was.
    """
    step("read sources")
    units = compile_law(root)
    step("validate")
    check_units(units)
    step("store")
    graphs = ontology_graphs() | graphs_of(units)
    with writing(data) as writer:
        changed = writer.replace(graphs, ("ontology", "law"))
        _stamp(data, {iri: digest(quads) for iri, quads in graphs.items()})
    return Loaded(len(units), sum(len(graphs[unit.graph]) for unit in units), changed)


def publish(data: Path, step: Step = silent) -> Release:
    """Validate what is in the writer's store and make it the release that is served.

    Content that `load` validated with the same shapes is not validated twice. Raises
    `InvalidGraphError` with the report; the last release then keeps serving.
    """
    with writing(data) as writer:
        step("digest")
        graphs = writer.digests()
        step("validate")
        check_graphs(writer)
        if not _stamped(data, graphs):
            check_store(writer)
        step("release")
        return Releases(data).publish(writer.store, graphs)


def _stamp(data: Path, graphs: Mapping[str, tuple[str, int]]) -> None:
    """Note which content was found valid, and by which shapes."""
    (data / "validated").write_text(_validity(graphs))


def _stamped(data: Path, graphs: Mapping[str, tuple[str, int]]) -> bool:
    path = data / "validated"
    return path.exists() and path.read_text() == _validity(graphs)


def _validity(graphs: Mapping[str, tuple[str, int]]) -> str:
    from clausegraph.shapes.validator import fingerprint

    return f"{identify(graphs)} {fingerprint()}\n"


def check_graphs(writer: Writer) -> None:
    """Hold every triple to one graph. Raises `InvalidGraphError`."""
    repeated = tuple(
        Finding(
            where=_file(name),
            focus=triple,
            shape="oneGraph",
            message="A triple stands in two graphs.",
            advice="Declare it in one file only.",
        )
        for triple, name in writer.repeated()
    )
    if repeated:
        raise InvalidGraphError(Report(repeated))


def check_store(writer: Writer) -> None:
    """Hold the whole store to all shapes. Raises `InvalidGraphError`."""
    from clausegraph.shapes.validator import validate

    quads = list(writer.quads())
    where = _files(quads)
    own = graph("ontology") + "/"
    data = (q for q in quads if not iri_of(q.graph_name).startswith(own))
    report = validate(data, lambda iri: where.get(iri, ""))
    if not report.conforms:
        raise InvalidGraphError(report)


def _file(name: str) -> str:
    """The source file of a graph of the law; else the graph itself."""
    start = graph("law") + "/"
    return name.removeprefix(start) + ".yaml" if name.startswith(start) else name


def _files(quads: Iterable[Quad]) -> dict[str, str]:
    """The file that declared each node, told by the graph that describes it."""
    return {iri_of(quad.subject): _file(iri_of(quad.graph_name)) for quad in quads}
