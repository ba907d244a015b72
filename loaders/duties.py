"""What a document is held against: requirements of law, and the disclosures by which each is met.

Which these are is data (`detection/duties.yaml`); how each reads on which days comes from the law.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from clausegraph.loaders.declarations import check_declarations, declaration
from clausegraph.ontology.iris import mint


@dataclass(frozen=True, slots=True)
class Reads:
    """How a requirement reads from one day to another, both included; None: until changed."""

    iri: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Duty:
    """A requirement with its versions; `by` are the disclosures that together meet it.

    Without any `by` no rule can tell. `condition` is that of the rubric (``sale``, ``advertising``,
    ``sale-or-advertising``, ``sensitive``) where the law asks only those that do such things.
    `linked` says whether provisions are mapped to it.
    """

    requirement: str
    name: str
    by: tuple[str, ...]
    condition: str
    linked: bool
    documents: frozenset[str]
    reads: tuple[Reads, ...]

    @property
    def jurisdiction(self) -> str:
        """The jurisdiction's code, ``us-ca``."""
        return self.name.partition("/")[0]


def duties(versions: Mapping[str, Iterable[Reads]]) -> tuple[Duty, ...]:
    """The duties that the law has, with the versions of each, by the requirement's IRI.

    A requirement that the law given does not hold is left out: there is nothing to hold a text to.
    """
    found = []
    for requirement, entry, documents in _entries():
        iri = mint("requirement", *requirement.split("/"))
        reads = tuple(sorted(versions.get(iri, ()), key=lambda each: each.first))
        if reads:
            by = entry.get("by", [])
            found.append(
                Duty(
                    requirement=iri,
                    name=requirement,
                    by=(by,) if isinstance(by, str) else tuple(by),
                    condition=entry.get("if", ""),
                    linked=entry.get("link", True),
                    documents=documents,
                    reads=reads,
                )
            )
    return tuple(found)


def examined_kinds() -> frozenset[str]:
    """The kinds of documents that are held against duties, as slugs of the closed list."""
    return frozenset(kind for _, _, documents in _entries() for kind in documents)


def topic_requirements() -> dict[str, str]:
    """The requirement that a topic is nearest to, by the topic's id."""
    return {
        topic: mint("requirement", *name.split("/")) for topic, name in _data()["topics"].items()
    }


def check_duties() -> None:
    """See that all rule files beside the cues are right; `SourceError` with every mistake if not."""
    check_declarations()


def _entries() -> Iterable[tuple[str, dict[str, Any], frozenset[str]]]:
    data = _data()
    for part in (data, data["contracts"]):
        documents = frozenset(part["documents"])
        for requirement, entry in part["duties"].items():
            yield requirement, entry, documents


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return declaration("duties")
