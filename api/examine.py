"""Bring what is judged of documents up to date with their histories, the law and the rules.

Incremental: a document whose inputs are the same is left alone. After a change of rules alone, the
changed topics are looked for first, and only documents in which they find something else are
examined again. A run that changes nothing writes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from pyoxigraph import NamedNode

from clausegraph.api.claimchecks import check_claims
from clausegraph.api.histories import BATCH, quiet
from clausegraph.api.historypool import grouped, spread
from clausegraph.api.ledger import Judged, Known, Ledger
from clausegraph.api.opinionstore import opinions_of
from clausegraph.api.store import Writer, writing
from clausegraph.loaders import methods
from clausegraph.loaders.cues import declared, folder
from clausegraph.loaders.duties import check_duties, examined_kinds
from clausegraph.loaders.examination import Examination, Examined, run
from clausegraph.loaders.names import kind_of
from clausegraph.loaders.ntriples import lines
from clausegraph.loaders.rubric import folder as assessment_rules
from clausegraph.loaders.tracked import tracked
from clausegraph.ontology.iris import graph
from clausegraph.shapes.validator import fingerprint

LAW = graph("law") + "/"
FINDINGS = graph("findings") + "/"
OPINIONS = graph("opinions") + "/"
HISTORIES = graph("policies") + "/"

Tick = Callable[[int, int], None]


@dataclass
class Judgement:
    """What a run did: documents and versions examined, documents compared and left, triples written."""

    documents: int = 0
    versions: int = 0
    compared: int = 0
    written: int = 0
    triples: int = 0
    topics: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.written > 0


def examine(data: Path, tick: Tick = quiet) -> Judgement:
    """Examine what has to be; all or nothing for each document.

    Raises `InvalidGraphError`, `StoreError` and `BusyError`; what was done before stays done.
    """
    with writing(data) as writer, Ledger(data) as ledger:
        return examine_held(writer, ledger, tick)


def examine_held(
    writer: Writer,
    ledger: Ledger,
    tick: Tick = quiet,
    *,
    again: bool = False,
    excerpts: Mapping[str, str] | None = None,
) -> Judgement:
    """Examine as `examine` does, for whoever holds the writer's store; `again`: everything.

    `excerpts` are the words of quotations for `check_claims`.
    """
    done = _Run(writer, ledger, tick, again).work()
    done.written += check_claims(writer, ledger, excerpts)
    return done


def due(writer: Writer, ledger: Ledger) -> list[str]:
    """The graphs of histories that the next examination would examine or compare, sorted."""
    stale, doubtful = _Run(writer, ledger, quiet, again=False).sort()
    return sorted([known.identity.graph for known in (*stale, *(known for known, _ in doubtful))])


class _Run:
    """One run over all documents."""

    def __init__(self, writer: Writer, ledger: Ledger, tick: Tick, again: bool) -> None:
        self.writer, self.ledger, self.tick, self.again = writer, ledger, tick, again
        check_duties()
        self.judged = ledger.judged()
        self.law = law_of(writer)
        self.common = _sha(self.law, fingerprint().encode(), rules_digest().encode())
        self.topics = {topic.id: topic.digest for topic in declared()}
        self.batch: list[Examined] = []
        self.done = Judgement()
        self.inputs: dict[str, str] = {}
        self.by_document: dict[str, str] = {}

    def work(self) -> Judgement:
        """Compare, examine, write."""
        self._drop()
        stale, doubtful = self.sort()
        stale += self._compared(doubtful)
        self._examined(stale)
        if self.writer.amend(methods.GRAPH, sorted(set(lines(methods.nodes())))):
            self.done.written += 1
        return self.done

    def _drop(self) -> None:
        """Take away what was judged of documents that are gone, or are no longer examined.

        What people held of a document that is gone goes with it: there is nothing left that it
        would be about.
        """
        kept, there = {name for name, known in self._examinable()}, self.ledger.documents()
        for name, each in self.judged.items():
            if name not in kept:
                self.done.written += self.writer.amend(each.graph, [])
                self.ledger.unjudge(name)
        for name in self.writer.names():
            if name.startswith(OPINIONS) and HISTORIES + name.removeprefix(OPINIONS) not in there:
                self.done.written += self.writer.amend(name, [])

    def _examinable(self) -> Iterator[tuple[str, Known]]:
        for name, known in self.ledger.documents().items():
            if known.sha256 is not None and kind_of(known.identity.document) in examined_kinds():
                yield name, known

    def sort(self) -> tuple[list[Known], list[tuple[Known, frozenset[str]]]]:
        """Documents to examine, and those of which only rules changed, with the topics changed."""
        stale: list[Known] = []
        doubtful: list[tuple[Known, frozenset[str]]] = []
        counts = self.writer.counts(FINDINGS)
        for name, known in self._examinable():
            opinions = opinions_of(self.writer, known.identity)
            inputs = _sha(self.common.encode(), str(known.sha256).encode(), repr(opinions).encode())
            self.inputs[name] = inputs
            self.by_document[known.identity.iri("document")] = name
            before = self.judged.get(name)
            if self.again or not _sound(before, inputs, counts):
                stale.append(known)
            elif before is not None and (changed := self._changed(before)):
                doubtful.append((known, changed))
        return stale, doubtful

    def _changed(self, before: Judged) -> frozenset[str]:
        """The topics whose rules are others than when a document was judged."""
        then = {topic: trace.partition(" ")[0] for topic, trace in before.traces.items()}
        both = then.keys() | self.topics.keys()
        return frozenset(each for each in both if then.get(each) != self.topics.get(each))

    def _compared(self, doubtful: Sequence[tuple[Known, frozenset[str]]]) -> list[Known]:
        """Those documents in which changed topics detect something else than before."""
        touched = []
        for known, changed in doubtful:
            name = known.identity.graph
            before = self.judged[name]
            job = replace(self._job(known), only=changed)
            (now,) = run(self.law, [job])
            was = {topic: trace.partition(" ")[2] for topic, trace in before.traces.items()}
            self.done.compared += 1
            self.done.topics = sorted({*self.done.topics, *changed})
            if all(was.get(topic, NOTHING) == now.traces.get(topic, NOTHING) for topic in changed):
                self.ledger.judge([replace(before, traces=self._traces({**was, **now.traces}))])
            else:
                touched.append(known)
        return touched

    def _traces(self, found: Mapping[str, str]) -> dict[str, str]:
        return {topic: f"{self.topics[topic]} {found[topic]}" for topic in self.topics}

    def _examined(self, stale: Sequence[Known]) -> None:
        """Examine documents, the largest first, and write what comes of it."""
        ordered = sorted(stale, key=lambda known: -known.triples)
        total = len(ordered)

        def filled(group: list[Known]) -> list[Examination]:
            return [self._job(known) for known in group]

        groups = grouped(ordered, lambda known: 1 + known.triples // 2_000)
        for at, result in enumerate(spread(partial(run, self.law), groups, filled)):
            self.tick(at + 1, total)
            self.batch.append(result)
            if sum(len(each.lines) for each in self.batch) * 200 > BATCH:
                self._write()
        self._write()

    def _job(self, known: Known) -> Examination:
        quads = self.writer.store.quads_for_pattern(
            None, None, None, NamedNode(known.identity.graph)
        )
        return Examination(
            history=tracked(quads),
            kind=kind_of(known.identity.document),
            platform=known.identity.platform,
            opinions=opinions_of(self.writer, known.identity),
        )

    def _write(self) -> None:
        """Write a batch: new graphs at once, changed ones each by itself."""
        self.ledger.judge(self._note(each, None) for each in self.batch)
        fresh = {each.graph for each in self.batch if not self.writer.has(each.graph)}
        if data := b"".join(each.data for each in self.batch if each.graph in fresh):
            self.writer.put(data)
        for each in self.batch:
            self.done.documents += 1
            self.done.versions += each.versions
            if each.graph in fresh or self.writer.amend(each.graph, each.lines):
                self.done.written += 1
                self.done.triples += len(each.lines)
        self.ledger.judge(self._note(each, each.sha256) for each in self.batch)
        self.batch.clear()

    def _note(self, each: Examined, sha256: str | None) -> Judged:
        name = self.by_document[each.document]
        return Judged(
            history=name,
            graph=each.graph,
            inputs=self.inputs[name],
            sha256=sha256,
            triples=len(each.lines),
            traces=self._traces(each.traces),
        )


def _sound(before: Judged | None, inputs: str, counts: Mapping[str, int]) -> bool:
    """Whether what was judged is in the store, and was made from these inputs."""
    if before is None or before.sha256 is None or before.inputs != inputs:
        return False
    return counts.get(before.graph, 0) == before.triples


NOTHING = hashlib.sha256(b"").hexdigest()
"""The trace of a topic that detects nothing."""


def law_of(writer: Writer) -> bytes:
    """The law in the writer's store, in N-Quads, the same for the same law."""
    names = sorted(each for each in writer.names() if each.startswith(LAW))
    return "".join(f"{line} <{name}> .\n" for name in names for line in writer.lines(name)).encode()


def rules_digest() -> str:
    """SHA-256 of everything declared but what topics look for, which is compared one by one."""
    declared_in = (*folder().glob("*.yaml"), *assessment_rules().glob("*.yaml"))
    parts = [path.read_bytes() for path in sorted(declared_in, key=lambda path: path.name)]
    parts += [repr(replace(each, cues=())).encode() for each in declared()]
    return _sha(methods.READING.encode(), methods.ASSESSMENT.encode(), *parts)


def _sha(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(hashlib.sha256(each).digest() for each in parts)).hexdigest()
