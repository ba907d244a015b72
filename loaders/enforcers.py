"""Compile `jurisdiction.yaml` and `enforcement-actions.yaml`: places, bodies, powers, actions."""

from __future__ import annotations

from typing import Any

from clausegraph.loaders.registry import Registry, evidence, items, quantities
from clausegraph.loaders.source import Path_, SourceFile
from clausegraph.loaders.unit import Unit
from clausegraph.ontology.iris import concept, mint


def compile_jurisdiction(registry: Registry, source: SourceFile) -> None:
    """Compile a place with its regimes, enforcers, sources and failed bills."""
    unit, data = registry.units[source.name], source.data
    place = mint("jurisdiction", source.folder)
    own = data["jurisdiction"]
    node = {"id": place, "type": "Jurisdiction", "label": own["name"], "code": own["code"]}
    unit.add(source.line(("jurisdiction",)), node)
    for path, regime in items(data, "regimes"):
        _regime(registry, source, unit, place, path, regime)
    for path, enforcer in items(data, "enforcers"):
        _enforcer(registry, source, unit, place, path, enforcer)
    for key, entry in data["sources"].items():
        _source(source, unit, key, entry)
    for path, bill in items(data, "bills"):
        _bill(registry, source, unit, place, path, bill)


def _regime(
    registry: Registry,
    source: SourceFile,
    unit: Unit,
    place: str,
    path: Path_,
    entry: dict[str, Any],
) -> None:
    for index, instrument in enumerate(entry["instruments"]):
        registry.resolve(source, (*path, "instruments", index), "instrument", instrument)
    node = {
        "id": mint("regime", source.folder, entry["id"]),
        "type": "Regime",
        "label": entry["name"],
        "title": entry["title"],
        "jurisdiction": place,
    }
    unit.add(source.line(path), node)


def _enforcer(
    registry: Registry,
    source: SourceFile,
    unit: Unit,
    place: str,
    path: Path_,
    entry: dict[str, Any],
) -> None:
    iri = mint("enforcer", source.folder, entry["id"])
    node = {
        "id": iri,
        "type": "Enforcer",
        "label": entry["name"],
        "altLabel": entry.get("aliases"),
        "jurisdiction": place,
        "page": entry.get("page"),
        "summary": entry["says"],
        "note": entry.get("note"),
    }
    unit.add(source.line(path), node)
    for index, power in enumerate(entry["powers"]):
        _power(registry, source, unit, (*path, "powers", index), iri, entry, power)


def _power(
    registry: Registry,
    source: SourceFile,
    unit: Unit,
    path: Path_,
    enforcer: str,
    holder: dict[str, Any],
    entry: dict[str, Any],
) -> None:
    iri = mint("power", source.folder, holder["id"], entry["id"])
    registry.declare(source, path, iri)
    node = {
        "id": iri,
        "type": "Power",
        "label": f"{holder['name']}: {entry['kind'].replace('-', ' ')} from {entry['from']}",
        "enforcer": enforcer,
        "instrument": [
            registry.resolve(source, (*path, "over", index), "instrument", each)
            for index, each in enumerate(entry["over"])
        ],
        "powerKind": concept("power-kind", entry["kind"]),
        "exclusive": entry["exclusive"],
        "summary": entry["says"],
        "validFrom": entry["from"],
        "validUntil": entry.get("until"),
        **evidence(registry, source, path, entry),
    }
    unit.add(source.line(path), node)


def _source(source: SourceFile, unit: Unit, key: str, entry: dict[str, Any]) -> None:
    node = {
        "id": mint("source", source.folder, key),
        "type": "Source",
        "label": f"{key}: {entry['title']}",
        "sourceKey": key,
        "title": entry["title"],
        "address": entry.get("addresses"),
        "sourceKind": concept("source-kind", entry["kind"]),
    }
    unit.add(source.line(("sources", key)), node)


def _bill(
    registry: Registry,
    source: SourceFile,
    unit: Unit,
    place: str,
    path: Path_,
    entry: dict[str, Any],
) -> None:
    iri = mint("bill", source.folder, entry["id"])
    registry.declare(source, path, iri)
    node = {
        "id": iri,
        "type": "Bill",
        "label": entry["name"],
        "jurisdiction": place,
        "billOutcome": concept("bill-outcome", entry["outcome"]),
        "decidedOn": entry.get("on"),
        "summary": entry["says"],
        **evidence(registry, source, path, entry),
    }
    unit.add(source.line(path), node)


def compile_actions(registry: Registry, source: SourceFile) -> None:
    """Compile the enforcement actions of a jurisdiction."""
    for path, entry in items(source.data, "actions"):
        _action(registry, source, registry.units[source.name], path, entry)


def _action(
    registry: Registry, source: SourceFile, unit: Unit, path: Path_, entry: dict[str, Any]
) -> None:
    iri = mint("action", source.folder, entry["id"])
    registry.declare(source, path, iri)
    amount = [{"role": "amount", "is": "exactly", "amount": entry.get("amount"), "unit": "usd"}]
    node = {
        "id": iri,
        "type": "EnforcementAction",
        "label": entry["name"],
        "enforcer": _all(registry, source, path, "enforcers", "enforcer", entry),
        "instrument": _all(registry, source, path, "under", "instrument", entry),
        "respondent": entry["respondents"],
        "jointly": entry.get("with"),
        "otherLaw": entry.get("also-under"),
        "announcedOn": entry["announced"],
        "decidedOn": entry.get("decided"),
        "forum": entry.get("forum"),
        "value": quantities(unit, source.line(path), iri, amount if "amount" in entry else []),
        "actionStatus": entry["status"],
        "summary": entry["says"],
        "duties": entry.get("duties"),
        "address": entry["addresses"],
        **evidence(registry, source, path, entry),
    }
    unit.add(source.line(path), node)


def _all(
    registry: Registry, source: SourceFile, path: Path_, key: str, kind: str, entry: dict[str, Any]
) -> list[str]:
    return [
        registry.resolve(source, (*path, key, index), kind, each)
        for index, each in enumerate(entry[key])
    ]
