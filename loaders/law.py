"""Compile the law files of jurisdictions into units: instruments, requirements, enforcers, actions.

`compile_sources` reads a folder of sources, checks every file and every reference between files and
returns one `Unit` a file. It raises `SourceError` with all mistakes, or returns everything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from clausegraph.loaders.alignments import compile_alignments
from clausegraph.loaders.claims import compile_claims
from clausegraph.loaders.enforcers import compile_actions, compile_jurisdiction
from clausegraph.loaders.registry import Registry, evidence, items, quantities, survey
from clausegraph.loaders.source import Path_, SourceError, SourceFile, kind_of, read_all
from clausegraph.loaders.unit import Unit
from clausegraph.ontology.iris import concept, mint
from clausegraph.ontology.terms import vocabulary

DATES = ("enacted", "effective", "operative", "enforceable")


def embedded() -> list[Unit]:
    """The units of the sources that are installed with the package."""
    with as_file(files("clausegraph.loaders").joinpath("sources")) as root:
        return compile_sources(root)


def embedded_files() -> set[tuple[str, str]]:
    """Name and SHA-256 of each source file that is installed with the package."""
    with as_file(files("clausegraph.loaders").joinpath("sources")) as root:
        return {
            (path.relative_to(root).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
            for path in root.rglob("*.yaml")
        }


def compile_sources(root: Path) -> list[Unit]:
    """Read, check and compile every file below `root`."""
    sources = read_all(root)
    registry = survey(sources)
    for source in sources:
        _COMPILERS[kind_of(source)](registry, source)
    if registry.mistakes:
        raise SourceError(registry.mistakes)
    return [registry.units[source.name] for source in sources]


def compile_instrument(registry: Registry, source: SourceFile) -> None:
    """Compile a statute, regulation or act with everything that its file says."""
    data = source.data
    unit = registry.units[source.name]
    iri = mint("instrument", source.folder, data["instrument"]["id"])
    _identity(registry, source, unit, iri)
    for path, event in items(data, "instrument", "events"):
        _event(registry, source, path, event["id"], event["kind"], event)
    for path, entry in items(data, "amends"):
        _amendment(registry, source, unit, iri, path, entry)
    for path, entry in items(data, "suspensions"):
        _suspension(registry, source, unit, iri, path, entry)
    for path, entry in items(data, "absences"):
        _absence(registry, source, unit, iri, path, entry)
    for path, entry in items(data, "requirements"):
        _requirement(registry, source, unit, iri, path, entry)


def _identity(registry: Registry, source: SourceFile, unit: Unit, iri: str) -> None:
    own = source.data["instrument"]
    dates = {key: own["dates"][key]["on"] for key in DATES if "on" in own["dates"].get(key, {})}
    node = {
        "id": iri,
        "type": "Instrument",
        "label": own["name"],
        "title": own["title"],
        "altLabel": own.get("aliases"),
        "jurisdiction": mint("jurisdiction", source.folder),
        "regime": registry.regimes.get(iri),
        "instrumentKind": concept("instrument-kind", own["kind"]),
        "citationPattern": own["citation"],
        "page": own.get("page"),
        "summary": own["says"],
        "neighbour": own.get("neighbour", False),
        **dates,
    }
    unit.add(source.line(("instrument",)), node)
    for key, entry in own["dates"].items():
        _event(registry, source, ("instrument", "dates", key), key, key, entry)


def _event(
    registry: Registry, source: SourceFile, path: Path_, own: str, kind: str, entry: dict[str, Any]
) -> None:
    instrument = source.data["instrument"]
    latest = entry.get("on") or entry["latest"]
    iri = mint("event", source.folder, instrument["id"], own)
    registry.declare(source, path, iri)
    node = {
        "id": iri,
        "type": "Event",
        "label": f"{instrument['name']}: {kind.replace('-', ' ')} {latest}",
        "instrument": mint("instrument", source.folder, instrument["id"]),
        "eventKind": concept("event-kind", kind),
        "onOrAfter": entry.get("on") or entry.get("earliest"),
        "onOrBefore": latest,
        "summary": entry.get("says"),
        **evidence(registry, source, path, entry),
    }
    registry.units[source.name].add(source.line(path), node)


def _amendment(
    registry: Registry, source: SourceFile, unit: Unit, act: str, path: Path_, entry: dict[str, Any]
) -> None:
    iri = mint("amendment", source.folder, source.stem, entry["id"])
    registry.declare(source, path, iri)
    amended = registry.resolve(source, (*path, "instrument"), "instrument", entry["instrument"])
    act_name = source.data["instrument"]["name"]
    node = {
        "id": iri,
        "type": "Amendment",
        "label": f"{act_name} amends {registry.names.get(amended)} on {entry['from']}",
        "amendingAct": act,
        "amends": registry.resolve(
            source, (*path, "instrument"), "instrument", entry["instrument"]
        ),
        "summary": entry["says"],
        "validFrom": entry["from"],
        "validFromEarliest": entry.get("from-earliest"),
        **evidence(registry, source, path, entry),
    }
    unit.add(source.line(path), node)


def _suspension(
    registry: Registry, source: SourceFile, unit: Unit, iri: str, path: Path_, entry: dict[str, Any]
) -> None:
    own = mint("suspension", source.folder, source.stem, entry["id"])
    registry.declare(source, path, own)
    node = {
        "id": own,
        "type": "Suspension",
        "label": f"{source.data['instrument']['name']} suspended from {entry['from']}",
        "instrument": iri,
        "forum": entry["forum"],
        "scope": entry.get("scope"),
        "summary": entry["says"],
        "validFrom": entry["from"],
        "validUntil": entry.get("until"),
        **evidence(registry, source, path, entry),
    }
    unit.add(source.line(path), node)


def _absence(
    registry: Registry, source: SourceFile, unit: Unit, iri: str, path: Path_, entry: dict[str, Any]
) -> None:
    topic = vocabulary().concept("topic", entry["topic"])
    node = {
        "id": mint("absence", source.folder, source.stem, entry["id"]),
        "type": "Absence",
        "label": f"{source.data['instrument']['name']}, known absence: {topic.label}",
        "instrument": iri,
        "jurisdiction": mint("jurisdiction", source.folder),
        "topic": topic.iri,
        "summary": entry["says"],
        "validFrom": entry["from"],
        "validUntil": entry.get("until"),
        **evidence(registry, source, path, entry),
    }
    unit.add(source.line(path), node)


def _requirement(
    registry: Registry, source: SourceFile, unit: Unit, iri: str, path: Path_, entry: dict[str, Any]
) -> None:
    own = mint("requirement", source.folder, source.stem, entry["id"])
    node = {
        "id": own,
        "type": "Requirement",
        "label": entry["name"],
        "instrument": iri,
        "jurisdiction": mint("jurisdiction", source.folder),
        "kind": concept("requirement-kind", entry["kind"]),
        "topic": [concept("topic", topic) for topic in entry["topics"]],
        "bearer": entry.get("bearer") and concept("actor", entry["bearer"]),
    }
    unit.add(source.line(path), node)
    for index, version in enumerate(entry["versions"]):
        where = (*path, "versions", index)
        _version(registry, source, unit, where, own, entry["name"], version)


def _version(
    registry: Registry,
    source: SourceFile,
    unit: Unit,
    path: Path_,
    requirement: str,
    name: str,
    entry: dict[str, Any],
) -> None:
    iri = f"{requirement}/{entry['from']}"
    line = source.line(path)
    registry.declare(source, (*path, "from"), iri)
    scheme = {"modality": "modality", "level": "exemption-level"}
    chosen = {key: concept(slug, entry[key]) for key, slug in scheme.items() if key in entry}
    by = entry.get("by")
    node = {
        "id": iri,
        "type": "RequirementVersion",
        "label": f"{name}, from {entry['from']}",
        "versionOf": requirement,
        "summary": entry["says"],
        "modality": chosen.get("modality"),
        "exemptionLevel": chosen.get("level"),
        "clock": entry.get("clock"),
        "appliesTo": entry.get("applies-to"),
        "introducedBy": by and registry.resolve(source, (*path, "by"), "instrument", by),
        "value": quantities(unit, line, iri, entry.get("values", [])),
        "validFrom": entry["from"],
        "validFromEarliest": entry.get("from-earliest"),
        "validUntil": entry.get("until"),
        "enforceableFrom": entry.get("enforceable-from"),
        "madeOn": entry.get("made-on"),
        **evidence(registry, source, path, entry),
    }
    unit.add(line, node)


_COMPILERS: dict[str, Callable[[Registry, SourceFile], None]] = {
    "instrument": compile_instrument,
    "jurisdiction": compile_jurisdiction,
    "actions": compile_actions,
    "alignments": compile_alignments,
    "claims": compile_claims,
}
