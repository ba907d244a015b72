"""What the software finds in a labelled corpus, held against what its annotators agree on.

For each label: block-level precision, recall and F1 with an interval, the same F1 of one annotator
against another (the ceiling that people set), and kappa on the label's presence in a document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from clausegraph.loaders.agreement import (
    Counts,
    Interval,
    Labels,
    between,
    count,
    intervals,
    kappa,
    presences,
    present,
)
from clausegraph.loaders.c3pa import Annotated, Corpus
from clausegraph.loaders.cues import Topic, declared
from clausegraph.loaders.detect import Detector


@dataclass(frozen=True, slots=True)
class LabelScore:
    """One label: its topic, counts over all documents, the interval of F1, and people's figures.

    `people` is the F1 of annotator against annotator; the kappas are on presence in a document:
    `presence` of the software against the truth, `people_presence` of annotators.
    """

    label: str
    topic: str
    counts: Counts
    interval: Interval
    people: float
    presence: float | None
    people_presence: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """All labels, the mean of their F1 (macro) with its interval, and of how much it tells."""

    labels: tuple[LabelScore, ...]
    macro: float
    interval: Interval
    people: float
    documents: int
    blocks: int
    captured_badly: tuple[str, ...]
    alone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A document: what is true of each block, what was found, and what each annotator says."""

    truth: list[Labels]
    found: list[Labels]
    people: list[list[Labels]]


def evaluate(
    corpus: Corpus,
    topics: Sequence[Topic] | None = None,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Look for the topics that name a label of the corpus in every document, and count.

    Without `topics` those that come with the package are looked for.
    """
    labelled = [each for each in (declared() if topics is None else topics) if each.label]
    detector, names = Detector(labelled), {each.id: each.label for each in labelled}
    read = []
    for done, document in enumerate(corpus.documents, start=1):
        read.append(_read(document, detector, names))
        tick(done, len(corpus.documents))
    counts = [[_count(each, topic.label) for topic in labelled] for each in read]
    around, macro = intervals(counts)
    columns = list(zip(*counts, strict=True)) or [()] * len(labelled)
    scores = tuple(
        _score(topic, sum(column, Counts()), around[at] if around else (0.0, 0.0), read)
        for at, (topic, column) in enumerate(zip(labelled, columns, strict=True))
    )
    return Report(
        labels=scores,
        macro=_mean(each.counts.f1 for each in scores),
        interval=macro,
        people=_mean(each.people for each in scores),
        documents=len(read),
        blocks=sum(len(each.truth) for each in read),
        captured_badly=tuple(corpus.captured_badly),
        alone=tuple(corpus.alone),
    )


def _read(document: Annotated, detector: Detector, names: dict[str, str]) -> _Read:
    """What is true and what is found, leaf by leaf; a leaf has the topics of all its passages."""
    found = [
        frozenset(
            names[each.topic] for passage in leaf.passages for each in detector.detect(passage)
        )
        for leaf in document.leaves
    ]
    people = [[leaf.labels[each] for leaf in document.leaves] for each in document.annotators]
    return _Read([leaf.truth for leaf in document.leaves], found, people)


def _count(read: _Read, label: str) -> Counts:
    return count(list(zip(read.truth, read.found, strict=True)), label)


def _score(topic: Topic, counts: Counts, around: Interval, read: Sequence[_Read]) -> LabelScore:
    label = topic.label
    return LabelScore(
        label=label,
        topic=topic.id,
        counts=counts,
        interval=around,
        people=sum((between(each.people, label) for each in read), Counts()).f1,
        presence=kappa((present(each.truth, label), present(each.found, label)) for each in read),
        people_presence=kappa(pair for each in read for pair in presences(each.people, label)),
    )


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return fmean(found) if found else 0.0
