"""The examination of one document as a piece of work that any process can do.

A job is a document's history as it lies in the graph; the result is everything that is judged of
it (mappings, findings, tensions), held to the shapes together with the law it refers to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from pyoxigraph import Quad, RdfFormat, Store, parse

from clausegraph.loaders import methods
from clausegraph.loaders.assess import assessment_nodes
from clausegraph.loaders.blocks import Block, blocks
from clausegraph.loaders.cues import Topic, declared
from clausegraph.loaders.detect import Detector
from clausegraph.loaders.duties import Duty, duties
from clausegraph.loaders.findingnodes import finding_nodes
from clausegraph.loaders.findings import find
from clausegraph.loaders.historyjob import digest_of, nquads
from clausegraph.loaders.lawfacts import LawFacts, lawfacts
from clausegraph.loaders.lawread import LawRead, lawread
from clausegraph.loaders.mappings import mapping_nodes
from clausegraph.loaders.ntriples import lines
from clausegraph.loaders.opinions import Opinion
from clausegraph.loaders.textreading import TextReading, read_text
from clausegraph.loaders.tracked import Tracked
from clausegraph.loaders.unit import Node, to_quads
from clausegraph.ontology.iris import graph
from clausegraph.shapes.report import InvalidGraphError
from clausegraph.shapes.validator import validate_part


@dataclass(frozen=True)
class Examination:
    """A document to examine: its history, its kind (a slug), its platform's name, and what people
    hold of earlier findings.

    With `only`, nothing is examined but what the named topics detect, for a comparison.
    """

    history: Tracked
    kind: str
    platform: str
    opinions: tuple[Opinion, ...] = ()
    only: frozenset[str] | None = None


@dataclass(frozen=True)
class Examined:
    """What came of it: N-Triples lines for the findings' own graph, and their digest.

    `traces` has for each topic a digest of everything it detects anywhere in the document.
    """

    document: str
    graph: str
    lines: tuple[str, ...]
    sha256: str
    traces: Mapping[str, str]
    versions: int

    @property
    def data(self) -> bytes:
        """The statements in N-Quads."""
        return nquads(self.lines, self.graph)


def findings_graph(ids: tuple[str, str]) -> str:
    """The named graph of what is judged of a document."""
    return graph(f"findings/{ids[0]}/{ids[1]}")


def run(law: bytes, jobs: Sequence[Examination]) -> list[Examined]:
    """Examine some documents; `law` is the law in N-Quads.

    Raises `InvalidGraphError` where what was made breaks a shape, which is a fault of the program.
    """
    results = [_examined(job, law) for job in jobs]
    _check(results, jobs, law)
    return results


def _examined(job: Examination, law: bytes) -> Examined:
    history = job.history
    if job.only is not None:
        named = tuple(each for each in declared() if each.id in job.only)
        parts = chain.from_iterable(map(blocks, history.texts.values()))
        return Examined(history.document, "", (), "", traces(parts, named), 0)
    held = tuple(each for each in _duties(law) if job.kind in each.documents)
    readings = _readings(history) if held else {}
    made = tuple(sorted(set(lines(_nodes(job, readings, held, law))))) if held else ()
    parts = chain.from_iterable(each.blocks for each in readings.values())
    return Examined(
        document=history.document,
        graph=findings_graph(history.ids),
        lines=made,
        sha256=digest_of(made),
        traces=traces(parts, declared()),
        versions=len(history.versions) if held else 0,
    )


def _readings(history: Tracked) -> dict[str, TextReading]:
    """Each distinct text of a document, read."""
    return {iri: read_text(text, detector()) for iri, text in history.texts.items()}


def _nodes(
    job: Examination, readings: Mapping[str, TextReading], held: Sequence[Duty], quads: bytes
) -> Iterator[Node]:
    history, law, facts = job.history, _law(quads), _facts(quads)
    found = find(history, readings, held, law)
    yield from finding_nodes(history, found, readings, job.opinions)
    yield from mapping_nodes(history, readings, held, law.versions, job.opinions)
    yield from assessment_nodes(history, found, facts, job.platform)


def traces(parts: Iterable[Block], topics: Sequence[Topic]) -> dict[str, str]:
    """What each topic detects in passages, down to a single point, as a digest.

    Each passage counts once for each context in which it stands, whatever the order.
    """
    found: dict[str, list[str]] = {topic.id: [] for topic in topics}
    eager = Detector([replace(topic, threshold=1) for topic in topics])
    for context, block in {block.context: block for block in parts}.items():
        for each in eager.detect(block):
            found[each.topic].append(f"{context} {each.polarity} {each.points} {each.matches}")
    return {
        topic: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
        for topic, lines in found.items()
    }


def _check(results: Sequence[Examined], jobs: Sequence[Examination], law: bytes) -> None:
    """Hold what was made to the shapes, beside the law and the nodes that it refers to."""
    made = b"".join(each.data for each in results)
    if not made:
        return
    store = Store()
    store.bulk_extend(law_quads(law))
    store.bulk_load(input=made, format=RdfFormat.N_QUADS)
    named = frozenset(line.rpartition(" ")[2][1:-1] for each in results for line in each.lines)
    store.bulk_extend(quad for job in jobs for quad in job.history.around(named))
    store.bulk_extend(to_quads(methods.nodes(), methods.GRAPH))
    own = {line.partition(" ")[0][1:-1] for each in results for line in each.lines}
    report = validate_part(store, own)
    if not report.conforms:
        raise InvalidGraphError(report)


@lru_cache(maxsize=1)
def detector() -> Detector:
    """The declared cues, ready for use."""
    return Detector()


@lru_cache(maxsize=2)
def law_quads(law: bytes) -> tuple[Quad, ...]:
    """The quads of the law."""
    return tuple(parse(law, RdfFormat.N_QUADS))


@lru_cache(maxsize=2)
def _law(law: bytes) -> LawRead:
    return lawread(law_quads(law))


@lru_cache(maxsize=2)
def _duties(law: bytes) -> tuple[Duty, ...]:
    return duties(_law(law).versions)


@lru_cache(maxsize=2)
def _facts(law: bytes) -> LawFacts:
    return lawfacts(law_quads(law))
