"""A document's history as it lies in the graph, read back for those who judge its texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain

from pyoxigraph import NamedNode, Quad

from clausegraph.loaders.capturestate import WHOLE
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import NS, PREFIXES, parse

_TYPE = PREFIXES["rdf"] + "type"
_REVISED = PREFIXES["prov"] + "wasRevisionOf"
_WANTED = frozenset(NS + name for name in ("Version", "Text", "Presence", "History", "Provision"))
Facts = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Stand:
    """A presence: which provision stands in which versions (ordinals), quoted where it begins.

    `last` is None while it goes on; `first_day` and `last_day` are its days, None where it has none.
    """

    provision: str
    quote: str
    headings: str
    first: int
    last: int | None
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class TrackedVersion:
    """A version of a document: its place in the archive, its days, its text."""

    iri: str
    ordinal: int
    whole: bool
    first_day: date | None
    last_day: date | None
    text: str


@dataclass(frozen=True)
class Tracked:
    """A document with its versions in order, and where its provisions stand.

    `stands` are the presences by the last step of their provision's IRI; `texts` the characters by text IRI;
    `revised` what each provision was a revision of.
    """

    graph: str
    document: str
    versions: tuple[TrackedVersion, ...]
    stands: Mapping[str, tuple[Stand, ...]]
    texts: Mapping[str, str]
    revised: Mapping[str, tuple[str, ...]]

    @property
    def ids(self) -> tuple[str, str]:
        """The ids of platform and document."""
        platform, document = parse(self.document)[1]
        return platform, document

    def around(self, named: Collection[str]) -> Iterator[Quad]:
        """What the shapes ask of the nodes that judgements name: type, document and provision."""
        name = NamedNode(self.graph)
        for each in self.versions:
            yield from _described(each.iri, "Version", name, document=self.document)
        for stand in chain.from_iterable(self.stands.values()):
            if stand.quote in named:
                yield from _described(stand.quote, "Quote", name, provision=stand.provision)
            if stand.quote in named or stand.provision in named:
                yield from _described(stand.provision, "Provision", name, document=self.document)
        yield from _described(self.document, "Document", name)

    def earlier(self, provision: str) -> set[str]:
        """All earlier wordings of a provision."""
        found: set[str] = set()
        wanted = list(self.revised.get(provision, ()))
        while wanted:
            if (each := wanted.pop()) not in found:
                found.add(each)
                wanted += self.revised.get(each, ())
        return found

    def stand(self, key: str, headings: str, ordinal: int) -> Stand | None:
        """The presence of a provision in a version; under these headings if there is a choice."""
        held = [each for each in self.stands.get(key, ()) if holds_in(each, ordinal)]
        same = [each for each in held if each.headings == headings]
        return next(iter(same or held), None)


def tracked(quads: Iterable[Quad]) -> Tracked:
    """Read the history of one document from the quads of its graph."""
    nodes = _nodes(quads)
    of: dict[str, list[tuple[str, Facts]]] = defaultdict(list)
    for iri, facts in nodes.items():
        of[facts["type"][0]].append((iri, facts))
    graph, history = of["History"][0]
    versions = sorted((_version(iri, facts) for iri, facts in of["Version"]), key=_ordinal)
    places = {each.iri: each.ordinal for each in versions}
    return Tracked(
        graph=graph,
        document=history["document"][0],
        versions=tuple(versions),
        stands=_stands(of["Presence"], places),
        texts={iri: facts["content"][0] for iri, facts in of["Text"]},
        revised={
            iri: tuple(facts["wasRevisionOf"])
            for iri, facts in of["Provision"]
            if "wasRevisionOf" in facts
        },
    )


def _described(iri: str, kind: str, name: NamedNode, **facts: str) -> Iterator[Quad]:
    """A node's type and some of its links."""
    subject = NamedNode(iri)
    yield Quad(subject, NamedNode(_TYPE), NamedNode(NS + kind), name)
    for key, value in facts.items():
        yield Quad(subject, NamedNode(NS + key), NamedNode(value), name)


def _nodes(quads: Iterable[Quad]) -> dict[str, dict[str, list[str]]]:
    """The facts of the nodes that matter, by local names of properties."""
    nodes: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    kept: set[str] = set()
    for quad in quads:
        subject, value = iri_of(quad.subject), str(getattr(quad.object, "value", ""))
        if quad.predicate.value == _TYPE:
            if value in _WANTED:
                kept.add(subject)
                nodes[subject]["type"].append(value.removeprefix(NS))
        elif quad.predicate.value == _REVISED:
            nodes[subject]["wasRevisionOf"].append(value)
        elif quad.predicate.value.startswith(NS):
            nodes[subject][quad.predicate.value.removeprefix(NS)].append(value)
    return {iri: nodes[iri] for iri in kept}


def _version(iri: str, facts: Facts) -> TrackedVersion:
    return TrackedVersion(
        iri=iri,
        ordinal=int(facts["ordinal"][0]),
        whole=facts["captureState"][0].rpartition("/")[2] in WHOLE,
        first_day=_day(facts, "validFrom"),
        last_day=_day(facts, "validUntil"),
        text=facts["text"][0],
    )


def _stands(
    presences: Iterable[tuple[str, Facts]], places: Mapping[str, int]
) -> dict[str, tuple[Stand, ...]]:
    found: dict[str, list[Stand]] = defaultdict(list)
    for _, facts in presences:
        last = facts.get("lastVersion")
        stand = Stand(
            provision=facts["provision"][0],
            quote=facts["quote"][0],
            headings=next(iter(facts.get("headingPath", ())), ""),
            first=places[facts["firstVersion"][0]],
            last=places[last[0]] if last else None,
            first_day=_day(facts, "validFrom"),
            last_day=_day(facts, "validUntil"),
        )
        found[stand.provision.rpartition("/")[2]].append(stand)
    return {key: tuple(sorted(each, key=_first)) for key, each in found.items()}


def _day(facts: Facts, key: str) -> date | None:
    value = next(iter(facts.get(key, ())), None)
    return date.fromisoformat(value) if value else None


def holds_in(stand: Stand, ordinal: int) -> bool:
    """Whether a presence covers the version at a place of the archive."""
    return stand.first <= ordinal and (stand.last is None or ordinal <= stand.last)


def _ordinal(version: TrackedVersion) -> int:
    return version.ordinal


def _first(stand: Stand) -> tuple[int, str]:
    return stand.first, stand.headings
