"""From the graph of one document's history to the rows of the index of policies.

Properties are read one scan each, never node by node; only what one document needs is in memory.
IRIs are kept without the part that all share, concepts as the last step of theirs, moments and days
as texts that sort as they follow each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from pyoxigraph import NamedNode

from clausegraph.api.reader import predicates
from clausegraph.api.source import Triples
from clausegraph.api.textquery import parted
from clausegraph.loaders.capturestate import WHOLE
from clausegraph.ontology.iris import ID, graph

Rows = list[tuple[Any, ...]]
HISTORIES = graph("policies") + "/"
"""How the names of the graphs of histories begin; the rest names the document."""
OPEN = "~"
"""The last day of what goes on: it sorts after every day."""
_LAST = datetime.max.replace(tzinfo=UTC)
_KINDS = ("added", "removed", "reworded", "moved", "split", "merged")


@dataclass
class Names:
    """The numbers given so far: of platforms and documents by IRI, and the last of each table."""

    platforms: dict[str, int] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    def number(self, table: str, iris: Iterable[str]) -> dict[str, int]:
        """Numbers for what comes next in a table."""
        start = self.last.get(table, 0) + 1
        given = {iri: at for at, iri in enumerate(iris, start)}
        self.last[table] = start + len(given) - 1
        return given


@dataclass(frozen=True)
class _Run:
    """A run of versions that hold a provision, by ordinals."""

    provision: str
    whole: bool
    first: int
    last: int
    heading: int
    start: int


class Facts:
    """The values of properties in one graph, or in all."""

    def __init__(self, store: Triples, name: NamedNode | None) -> None:
        """Read nothing yet."""
        self.store, self.name = store, name
        self.known: dict[str, dict[str, str]] = {}

    def __getitem__(self, key: str) -> dict[str, str]:
        """The value of a property by its subject; the first of several."""
        known = self.known.get(key)
        if known is None:
            found: Any = self.store.quads_for_pattern(None, predicates()[key], None, self.name)
            known = self.known[key] = {quad.subject.value: quad.object.value for quad in found}
        return known


class DocumentRows:
    """Makes the rows of one document's history."""

    def __init__(self, store: Triples, name: NamedNode, names: Names) -> None:
        """Read the graph `name`."""
        self.names = names
        self.home = f"document/{name.value.removeprefix(HISTORIES)}"
        self.document = names.documents[ID + self.home]
        self.facts = Facts(store, name)
        self.headings: dict[str, int] = {}

    def tables(self) -> dict[str, Rows]:
        """The rows by table; headings come last, for the others give them their numbers."""
        made = {
            "version": self._versions(),
            "presence": self._presences(),
            "provision": self._provisions(),
            "change": self._changes(),
            "delta": self._deltas(),
            "term": self._terms(),
        }
        headings = [(at, path, path.casefold(), parted(path)) for path, at in self.headings.items()]
        return made | {"heading": headings}

    @cached_property
    def _ordinals(self) -> dict[str, int]:
        found = {iri: int(ordinal) for iri, ordinal in self.facts["ordinal"].items()}
        return dict(sorted(found.items(), key=lambda pair: pair[1]))

    @cached_property
    def _version_ids(self) -> dict[str, int]:
        return self.names.number("version", self._ordinals)

    def _whole(self, version: str) -> bool:
        return slug(self.facts["captureState"][version]) in WHOLE

    def _days(self, iri: str) -> tuple[str | None, str | None]:
        since = self.facts["validFrom"].get(iri)
        return since, since and self.facts["validUntil"].get(iri, OPEN)

    def _versions(self) -> Rows:
        facts = self.facts
        return [
            (at, short(iri), self.document, self._ordinals[iri],
             moment(facts["capturedAt"][iri]), slug(facts["captureState"][iri]), self._whole(iri),
             *self._days(iri))
            for iri, at in self._version_ids.items()
        ]  # fmt: skip

    def _heading(self, path: str) -> int:
        if path not in self.headings:
            self.headings |= self.names.number("heading", [path])
        return self.headings[path]

    @cached_property
    def _runs(self) -> dict[str, _Run]:
        """The runs of all provisions by the IRIs of their presences."""
        facts, ordinals = self.facts, self._ordinals
        ends = {self._whole(version): ordinal for version, ordinal in ordinals.items()}
        found = {}
        for iri, version in sorted(facts["firstVersion"].items()):
            whole, last = self._whole(version), facts["lastVersion"].get(iri)
            found[iri] = _Run(
                provision=facts["provision"][iri],
                whole=whole,
                first=ordinals[version],
                last=ordinals[last] if last else ends[whole],
                heading=self._heading(facts["headingPath"].get(iri, "")),
                start=int(facts["start"][facts["quote"][iri]]),
            )
        return found

    @cached_property
    def _runs_of(self) -> dict[str, list[_Run]]:
        """The runs of each provision: over accidents first, then in order."""
        found: dict[str, list[_Run]] = {}
        for run in sorted(self._runs.values(), key=lambda run: (run.whole, run.first)):
            found.setdefault(run.provision, []).append(run)
        return found

    @cached_property
    def _provision_ids(self) -> dict[str, int]:
        return self.names.number("provision", sorted(self._runs_of))

    def _presences(self) -> Rows:
        ids, order = self._provision_ids, sorted(self._runs)
        rows = []
        for iri, at in self.names.number("presence", order).items():
            run = self._runs[iri]
            rows.append(
                (at, short(iri), self.document, ids[run.provision], run.heading,
                 run.whole, run.first, run.last, *self._days(iri))
            )  # fmt: skip
        return rows

    def _provisions(self) -> Rows:
        facts = self.facts
        versions = {ordinal: iri for iri, ordinal in self._ordinals.items()}
        rows = []
        for iri, at in self._provision_ids.items():
            runs = self._runs_of[iri]
            first = versions[min(run.first for run in runs)]
            last = versions[max(run.last for run in runs)]
            rows.append(
                (at, short(iri), self.document, self.home,
                 slug(facts["segmentKind"][iri]), parted(facts["normalisedText"][iri]),
                 runs[-1].heading, runs[-1].start, self._version_ids[first],
                 self._version_ids[last], moment(facts["capturedAt"][first]))
            )  # fmt: skip
        return rows

    @cached_property
    def _change_ids(self) -> dict[str, int]:
        return self.names.number("change", sorted(self.facts["observedAt"]))

    @cached_property
    def _placed(self) -> dict[str, str]:
        """Where the changes that lead to a version stand among all, as moments.

        That is when they were observed; where the archive's clock ran backwards, just after the
        changes before them, for who has seen these must not find anything new behind them.
        """
        facts, last, found = self.facts, "", {}
        later = {facts["toVersion"][iri]: iri for iri in facts["observedAt"]}
        for version in filter(later.__contains__, self._ordinals):
            own = moment(facts["observedAt"][later[version]])
            last = found[version] = own if own > last else next_moment(last)
        return found

    def _changes(self) -> Rows:
        facts = self.facts
        rows = []
        for iri, at in self._change_ids.items():
            accident, silent = facts["accident"].get(iri), facts["silent"].get(iri)
            rows.append(
                (at, short(iri), self.document, moment(facts["observedAt"][iri]),
                 self._placed[facts["toVersion"][iri]], slug(facts["significance"][iri]), accident and slug(accident),
                 silent and silent == "true", facts["bridges"].get(iri) == "true",
                 sum(int(facts[f"{kind}Count"].get(iri, 0)) for kind in _KINDS))
            )  # fmt: skip
        return rows

    @cached_property
    def _delta_ids(self) -> dict[str, int]:
        return self.names.number("delta", sorted(self.facts["deltaKind"]))

    def _deltas(self) -> Rows:
        facts = self.facts
        rows = []
        for iri, at in self._delta_ids.items():
            change = facts["change"][iri]
            before = self._side(facts["before"].get(iri), facts["fromVersion"][change])
            after = self._side(facts["after"].get(iri), facts["toVersion"][change])
            rows.append(
                (at, short(iri), self._change_ids[change], place(iri), slug(facts["deltaKind"][iri]),
                 before[0], after[0], before[1], after[1])
            )  # fmt: skip
        return rows

    def _side(self, quote: str | None, version: str) -> tuple[int | None, int | None]:
        """The provision that a delta's side shows, and the heading under which its run stands."""
        if quote is None:
            return None, None
        provision, ordinal = self.facts["provision"][quote], self._ordinals[version]
        runs = self._runs_of[provision]
        whole = self._whole(version)
        run = next((r for r in runs if r.whole == whole and r.first <= ordinal <= r.last), runs[-1])
        return self._provision_ids[provision], run.heading

    def _terms(self) -> Rows:
        facts = self.facts
        return [
            (at, short(iri), self._change_ids[facts["change"][iri]], place(iri),
             self._delta_ids.get(facts["delta"].get(iri, "")), slug(facts["termGroup"][iri]),
             facts["termBefore"].get(iri), facts["termAfter"].get(iri))
            for iri, at in self.names.number("term", sorted(facts["termGroup"])).items()
        ]  # fmt: skip


def short(iri: str) -> str:
    """An IRI of ours without the part that all share."""
    return iri.removeprefix(ID)


def slug(iri: str) -> str:
    """The last step of a concept's IRI."""
    return iri[iri.rfind("/") + 1 :]


def place(iri: str) -> int:
    """The number with which the IRI of a part of a change ends."""
    return int(slug(iri))


def moment(when: str | datetime) -> str:
    """A moment as a text of fixed width, in UTC; one without an offset is in UTC."""
    found = datetime.fromisoformat(when) if isinstance(when, str) else when
    known = found if found.tzinfo else found.replace(tzinfo=UTC)
    return known.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def next_moment(when: str) -> str:
    """The moment after one; the last that can be written has none."""
    found = datetime.fromisoformat(when)
    return when if found == _LAST else moment(found + timedelta(microseconds=1))
