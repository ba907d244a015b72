"""Hold the writer's store to the shapes before it is published, but not twice what was found valid.

Law and ontology are large and change seldom; portfolios, saved queries, opinions and methods are
small and change often. Each of the two has a line in the file ``validated`` of the data directory,
which says what content was found valid, and by which shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store

from clausegraph.api.examine import FINDINGS
from clausegraph.api.histories import PLATFORMS
from clausegraph.api.releases import identify
from clausegraph.api.store import Writer
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import graph
from clausegraph.shapes.report import Finding, InvalidGraphError, Report
from clausegraph.shapes.validator import fingerprint, validate_fast, validate_part

Digests = Mapping[str, tuple[str, int]]
LAW = graph("law")
HISTORIES = graph("policies") + "/"
APART = (HISTORIES, FINDINGS, graph("claim-checks") + "/")
"""Where the graphs start that are held to the shapes one by one, when they are made."""
_OWN = graph("ontology") + "/"
_FILE = "validated"


def stamp(data: Path, graphs: Digests) -> None:
    """Note which law and ontology were found valid, and by which shapes."""
    (data / _FILE).write_text(_line(_law(graphs)))


def check(
    data: Path, writer: Writer, graphs: Digests, step: Callable[[str], None], *, again: bool = False
) -> None:
    """Hold all but what is apart to the shapes, where it was not found valid before.

    `graphs` are the digests of these graphs. What people keep is looked at by itself where only
    that is new. With `again` everything is. Raises `InvalidGraphError`.
    """
    known = _known(data)
    law, whole = _line(_law(graphs)), _line(graphs)
    if again or law not in known:
        step("validate law")
        check_store(writer)
    elif whole not in known:
        step("validate what is kept")
        check_kept(writer, graphs.keys() - _law(graphs).keys() - {PLATFORMS})
    (data / _FILE).write_text(law + whole)


def _law(graphs: Digests) -> Digests:
    """Those of law and ontology."""
    return {iri: found for iri, found in graphs.items() if iri.startswith((LAW + "/", _OWN))}


def _known(data: Path) -> list[str]:
    path = data / _FILE
    return path.read_text().splitlines(keepends=True) if path.exists() else []


def _line(graphs: Digests) -> str:
    return f"{identify(graphs)} {fingerprint()}\n"


def check_graphs(writer: Writer) -> None:
    """Hold every triple to one graph. Raises `InvalidGraphError`."""
    refuse_repeated(writer.repeated(but=APART))


def refuse_repeated(repeated: Iterable[tuple[str, str]]) -> None:
    """Raise `InvalidGraphError` where there is a triple that stands in two graphs, with one."""
    found = tuple(
        Finding(
            where=_file(name),
            focus=triple,
            shape="oneGraph",
            message="A triple stands in two graphs.",
            advice="Declare it in one file only.",
        )
        for triple, name in repeated
    )
    refuse(Report(found))


def check_store(writer: Writer) -> None:
    """Hold all but the histories of policies to all shapes. Raises `InvalidGraphError`."""
    quads = list(writer.quads(but=APART))
    where = _files(quads)
    data = (q for q in quads if not iri_of(q.graph_name).startswith(_OWN))
    refuse(validate_fast(data, lambda iri: where.get(iri, "")))


def check_kept(writer: Writer, names: Collection[str]) -> None:
    """Hold the nodes of some graphs to all shapes, beside those that they refer to.

    Raises `InvalidGraphError`.
    """
    quads = [quad for name in names for quad in writer.of(name)]
    where = _files(quads)
    near = {q.object.value for q in quads if isinstance(q.object, NamedNode)}
    store = Store()
    for iri in near | where.keys():
        # a list, for an iterator would keep the store open as long as the report's traceback lives
        around = list(writer.store.quads_for_pattern(NamedNode(iri), None, None, None))
        store.extend(q for q in around if not iri_of(q.graph_name).startswith(APART))
    found = validate_part(store, where.keys()).findings
    refuse(Report(tuple(sorted(replace(each, where=where[each.focus]) for each in found))))


def refuse(report: Report) -> None:
    """Raise `InvalidGraphError` where a report has a finding."""
    if not report.conforms:
        raise InvalidGraphError(report)


def _file(name: str) -> str:
    """The source file of a graph of the law; else the graph itself."""
    start = LAW + "/"
    return name.removeprefix(start) + ".yaml" if name.startswith(start) else name


def _files(quads: Iterable[Quad]) -> dict[str, str]:
    """The file that declared each node, told by the graph that describes it."""
    return {iri_of(quad.subject): _file(iri_of(quad.graph_name)) for quad in quads}
