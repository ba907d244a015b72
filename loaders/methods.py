"""The methods by which judgements are made, and their rules, as data that anybody can read.

A method's version goes up when its code decides otherwise; its digest covers its declared rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from clausegraph.loaders.cues import Cue, Topic, declared, folder
from clausegraph.loaders.rubric import folder as assessment_rules
from clausegraph.loaders.unit import Node, filled
from clausegraph.ontology.iris import concept, graph, mint

GRAPH: Final = graph("methods")
READING: Final = "2"
ASSESSMENT: Final = "2"
CLAIM_CHECK: Final = "1"
NOTICE: Final = (
    "This is an analysis of what texts say. It decides no question of law, grades nobody and "
    "predicts no penalty; words that the rules do not know can be overlooked, and what holds in "
    "practice can differ from what is written."
)
_NAMES: Final = {
    "reading": ("Reading of documents by declared rules", READING),
    "assessment": ("Sentences and level from findings", ASSESSMENT),
    "claim-check": ("Check of claims against documents and law", CLAIM_CHECK),
}


@lru_cache(maxsize=16)
def method(slug: str) -> str:
    """The IRI of a method at its present version: ``reading``, ``assessment``, ``claim-check``."""
    return mint("method", slug, _NAMES[slug][1])


@lru_cache(maxsize=8_192)
def rule(cue: str) -> str:
    """The IRI of a rule by its cue's id."""
    return mint("rule", *cue.split("/"))


def digest(slug: str = "reading") -> str:
    """SHA-256 of everything declared by which documents are read, and of templates if it has any."""
    parts = [topic.digest for topic in declared()]
    files = sorted(folder().glob("*.yaml"))
    files += sorted(assessment_rules().glob("*.yaml")) if slug == "assessment" else []
    parts += [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def nodes(topics: Iterable[Topic] | None = None) -> Iterator[Node]:
    """The methods and all their rules."""
    for slug, (label, version) in _NAMES.items():
        yield {
            "id": method(slug),
            "type": "Method",
            "label": label,
            "methodVersion": version,
            "sha256": digest(slug),
            "notice": NOTICE,
        }
    for topic in declared() if topics is None else topics:
        yield from (_rule(topic, cue) for cue in topic.cues)


def _rule(topic: Topic, cue: Cue) -> Node:
    return filled(
        {
            "id": rule(cue.id),
            "type": "Rule",
            "label": f"{topic.name}: {cue.id.partition('/')[2]}",
            "detects": topic.id,
            "pattern": cue.pattern,
            "unless": cue.unless,
            "lookedForIn": concept("rule-place", cue.place),
            "points": cue.points,
            "sha256": cue.digest,
        }
    )
