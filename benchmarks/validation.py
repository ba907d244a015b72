"""Measure the fast validator beside pySHACL, which is the reference: the same reports, asserted.

    python -m benchmarks.validation [PLATFORMS] [RUNS]

Full: every quad of a release, ontology and law among them, as ``clausegraph publish --verify`` holds
them to the shapes. One release has the demonstration, the other PLATFORMS invented platforms (default
20), whose texts (`benchmarks.synthetic`) are loaded and examined as anybody's are. By document: each
history of the second by itself, as a load checks it, and what was judged of it beside the law and
the nodes that it refers to, as an examination checks it. pySHACL gets the same quads and is told
which nodes to look at.

Everything is valid as it is; so that the same reports are not empty ones, each is measured with
faults in it as well: every so many statements are dropped, or have another's value. Seconds are of
the processor, medians of RUNS (default 3), of pySHACL over everything of one run, of documents over
all, which are at most `DOCUMENTS`. What is made once for a process, the shapes and the compiled engine, is made before.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyshacl
from pyoxigraph import NamedNode, Quad, Store
from rdflib import Graph
from rdflib.term import Node

from benchmarks.figures import median, show
from benchmarks.loading import load_captures, write
from clausegraph.api.demonstration import load_demonstration
from clausegraph.api.publish import load, publish
from clausegraph.api.releases import Releases
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import NS, graph
from clausegraph.ontology.terms import quads as ontology_quads
from clausegraph.shapes.validator import (
    SH,
    engine,
    shapes,
    to_rdflib,
    validate,
    validate_fast,
    validate_part,
)

T = TypeVar("T")
Breaches = set[tuple[str, str]]
DOCUMENTS = 5
"""The most documents that are held to the shapes each by itself."""
EVERY = {"full": 997, "document": 97}
"""One statement of so many is spoiled."""
WHOLE = NS.removesuffix("#")
DATES = tuple(NS + name for name in ("validFrom", "validUntil", "announcedOn"))
"""Left alone: what is no day has no order, and rdflib ends pySHACL with an error."""


@dataclass(frozen=True)
class Part:
    """Quads to hold to the shapes; with `focus` only these nodes of them."""

    quads: list[Quad]
    focus: frozenset[str] = frozenset()


def main(platforms: int, runs: int) -> None:
    """Measure and print."""
    engine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "captures", platforms)
        shown = released(folder / "shown", load_demonstration)
        made = released(folder / "made", lambda data: load_captures(data, folder / "captures"))
        full("demonstration", Part(list(shown)), runs)
        full(f"{platforms} platforms", Part(list(made)), runs)
        documents("history", histories(made)[:DOCUMENTS], runs)
        documents("judged", judged(made)[:DOCUMENTS], runs)


def released(data: Path, more: Callable[[Path], object]) -> Store:
    """A release of the law and something more."""
    load(data)
    more(data)
    publish(data)
    return Releases(data).current().open()


def full(name: str, part: Part, runs: int) -> None:
    """Hold a whole release to the shapes, as it is and spoiled."""
    print(f"full, {name}: {len(part.quads)} quads")
    for kind, each in (("valid", part), ("spoiled", spoiled(part, EVERY["full"]))):
        quick = [timed(partial(fast, each)) for _ in range(runs)]
        slow = timed(partial(reference, each))
        same(kind, quick[0][1], slow[1])
        report(f"full, {name}, {kind}", [t for t, _ in quick], slow[0], len(slow[1]))


def documents(name: str, parts: Sequence[Part], runs: int) -> None:
    """Hold documents to the shapes, each by itself."""
    size = statistics.median(len(each.quads) for each in parts)
    print(f"{name}: {len(parts)} documents, {size:.0f} quads")
    for kind in ("valid", "spoiled"):
        quick, slow, breaches = list[float](), list[float](), 0
        for part in parts:
            each = part if kind == "valid" else spoiled(part, EVERY["document"])
            ours = [timed(partial(fast, each)) for _ in range(runs)]
            theirs = timed(partial(reference, each))
            same(kind, ours[0][1], theirs[1])
            quick.append(statistics.median(t for t, _ in ours))
            slow.append(theirs[0])
            breaches += len(theirs[1])
        report(f"document, {name}, {kind}", quick, statistics.median(slow), breaches)


def same(kind: str, ours: Breaches, theirs: Breaches) -> None:
    """Hold both reports to each other, and to what must come of it."""
    assert ours == theirs, sorted(ours ^ theirs)[:5]
    assert bool(theirs) == (kind == "spoiled"), sorted(theirs)[:5]


def report(name: str, quick: Sequence[float], slow: float, breaches: int) -> None:
    """Print a figure, in milliseconds."""
    found = median(f"{name} ({breaches} breaches)", [each * 1e3 for each in quick], "ms")
    show(replace(found, baseline="pySHACL", against=slow * 1e3))


def histories(store: Store) -> list[Part]:
    """Each history with what is said of its document, platform and provider."""
    shared = NamedNode(graph("platforms"))
    found = []
    for own in graphs(store, "policies"):
        near = dict.fromkeys(own)
        for _ in range(3):
            named = {quad.object for quad in near if isinstance(quad.object, NamedNode)}
            more = (q for iri in named for q in store.quads_for_pattern(iri, None, None, shared))
            near |= dict.fromkeys(more)
        found.append(Part(list(near)))
    return found


def judged(store: Store) -> list[Part]:
    """What was judged of each document, with law, methods and the nodes that it refers to."""
    start = graph("law") + "/"
    names = [g for g in store.named_graphs() if iri_of(g).startswith((start, graph("methods")))]
    law = [quad for g in names for quad in store.quads_for_pattern(None, None, None, g)]
    found = []
    for own in graphs(store, "findings"):
        near = dict.fromkeys(own)
        for _ in range(2):  # quotes are of versions, and versions of documents
            named = {quad.object for quad in near if isinstance(quad.object, NamedNode)}
            more = (q for iri in named for q in store.quads_for_pattern(iri, None, None, None))
            near |= dict.fromkeys(more)
        focus = frozenset(iri_of(quad.subject) for quad in own)
        found.append(Part(list(dict.fromkeys(law) | near), focus))
    return found


def graphs(store: Store, collection: str) -> list[list[Quad]]:
    """The quads of each graph of a collection."""
    start = graph(collection) + "/"
    names = sorted(iri_of(each) for each in store.named_graphs())
    return [
        list(store.quads_for_pattern(None, None, None, NamedNode(name)))
        for name in names
        if name.startswith(start)
    ]


def spoiled(part: Part, every: int) -> Part:
    """A part with faults: a statement dropped, the next one with another's value, and so on."""
    about = [q for q in part.quads if not part.focus or iri_of(q.subject) in part.focus]
    faults = [q for q in about if not iri_of(q.graph_name).startswith(graph("ontology"))]
    faults = sorted((q for q in faults if q.predicate.value not in DATES), key=str)[::every]
    quads = dict.fromkeys(part.quads)
    for at, quad in enumerate(faults):
        del quads[quad]
        if at % 2:
            other = NamedNode(f"{NS}nothing")
            quads[Quad(quad.subject, quad.predicate, other, quad.graph_name)] = None
    return Part(list(quads), part.focus)


def fast(part: Part) -> Breaches:
    """What the project's engine finds: nodes with the shapes that they break."""
    if part.focus:
        store = Store()
        store.bulk_extend(part.quads)
        found = validate_part(store, part.focus)
    else:
        found = validate_fast(part.quads)
    return {(each.focus, each.shape) for each in found.findings}


def reference(part: Part) -> Breaches:
    """What pySHACL finds.

    It leaves unchecked (0.40) whether a value conforms to a shape where the value is none of the nodes
    to look at, so the values of those are named as well.
    """
    if not part.focus:
        return {(each.focus, each.shape) for each in validate(part.quads).findings}
    data = to_rdflib(part.quads, to_rdflib(ontology_quads()))
    about = (q for q in part.quads if iri_of(q.subject) in part.focus)
    values = {q.object.value for q in about if isinstance(q.object, NamedNode)}
    looked_at = [WHOLE, *part.focus, *values]
    _, results, _ = pyshacl.validate(
        data, shacl_graph=shapes(), inference="none", focus_nodes=looked_at, allow_warnings=False
    )
    assert isinstance(results, Graph)
    found = {_breach(results, each) for each in results.objects(predicate=SH.result)}
    return {each for each in found if each[0] in part.focus}


def _breach(results: Graph, result: Node) -> tuple[str, str]:
    """A result of pySHACL; of a rule on the whole graph the value is the offender."""
    node = results.value(result, SH.focusNode)
    if str(node) == WHOLE:
        node = results.value(result, SH.value) or node
    shape = results.value(result, SH.sourceConstraint) or results.value(result, SH.sourceShape)
    return str(node), str(shape).rpartition("/")[2]


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of the processor that some work takes, and what comes of it."""
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    main(numbers[0] if numbers else 20, numbers[1] if len(numbers) > 1 else 3)
