"""Compile alignment files: how the requirements of two jurisdictions relate, and from when.

The set relations are those of NIST IR 8477. A relation without a first day starts on the later of
the first days of its two sides: before that there was nothing to compare.
"""

from __future__ import annotations

from typing import Any

from clausegraph.loaders.registry import Registry, evidence, items
from clausegraph.loaders.source import Path_, SourceFile
from clausegraph.loaders.unit import Unit
from clausegraph.ontology.iris import concept, mint


def compile_alignments(registry: Registry, source: SourceFile) -> None:
    """Compile a file of alignments."""
    author = mint(
        "agent", "".join(c if c.isalnum() else "-" for c in source.data["author"].lower())
    )
    unit = registry.units[source.name]
    agent = {"id": author, "type": "Agent", "label": source.data["author"]}
    registry.share(source, ("author",), agent)
    for path, entry in items(source.data, "alignments"):
        sides = _sides(registry, source, path, entry)
        for pair, relation in entry["relations"].items():
            where = (*path, "relations", pair)
            _pair(registry, source, unit, where, author, entry, sides, relation)


def _sides(
    registry: Registry, source: SourceFile, path: Path_, entry: dict[str, Any]
) -> dict[str, str]:
    found = {}
    for place, reference in entry["requirements"].items():
        kind = "absence" if "/absence/" in reference else "requirement"
        full = f"{place}/{reference.replace('/absence/', '/')}"
        found[place] = registry.resolve(source, (*path, "requirements", place), kind, full)
    return found


def _pair(
    registry: Registry,
    source: SourceFile,
    unit: Unit,
    path: Path_,
    author: str,
    entry: dict[str, Any],
    sides: dict[str, str],
    relation: str | list[dict[str, Any]],
) -> None:
    first, second = str(path[-1]).split(" ")
    for place in (first, second):
        if place not in sides:
            registry.complain(source, path, f"`requirements` names no side for {place}")
            return
    start = max(registry.starts.get(sides[place], "") for place in (first, second))
    for part in [{"is": relation}] if isinstance(relation, str) else relation:
        since = part.get("from", start)
        iri = mint("alignment", entry["topic"], first, second, since or "unknown")
        registry.declare(source, path, iri)
        node = {
            "id": iri,
            "type": "Alignment",
            "label": f"{entry['topic'].replace('-', ' ')}: {first} {part['is']} {second}, from {since}",
            "topic": concept("topic", entry["topic"]),
            "alignsFrom": sides[first],
            "alignsTo": sides[second],
            "relation": concept("set-relation", part["is"]),
            "rationale": part.get("why", entry["why"]),
            "creator": author,
            "validFrom": since,
            "validUntil": part.get("until"),
            **evidence(registry, source, path, {**part, "sources": []}, cited=False),
        }
        unit.add(source.line(path), node)
