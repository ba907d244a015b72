"""What the files declare, so that every reference can be checked and resolved.

References are ids: of the same jurisdiction (`ccpa`) or of another (`us-ca/ccpa`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from clausegraph.loaders import pinpoint
from clausegraph.loaders.source import Mistake, Path_, SourceFile, kind_of
from clausegraph.loaders.unit import Node, Unit, filled
from clausegraph.ontology.iris import ID, IriError, concept, mint


@dataclass
class Registry:
    """Ids of all files, the units being filled, and the mistakes found so far."""

    units: dict[str, Unit] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)  # IRI -> file that declares it
    patterns: dict[str, str] = field(default_factory=dict)  # instrument IRI -> citation pattern
    starts: dict[str, str] = field(default_factory=dict)  # requirement or absence -> first day
    names: dict[str, str] = field(default_factory=dict)  # instrument IRI -> its name
    regimes: dict[str, list[str]] = field(default_factory=dict)  # instrument IRI -> regime IRIs

    def declare(self, source: SourceFile, path: Path_, iri: str) -> None:
        """Note that a file declares an IRI; an IRI is declared once."""
        if iri in self.owners:
            self.complain(
                source, path, f"{short(iri)} is declared twice, also in {self.owners[iri]}"
            )
        self.owners[iri] = source.name

    def share(self, source: SourceFile, path: Path_, node: Node) -> str:
        """Add a node that several files may name alike; the first of them holds it."""
        iri = str(node["id"])
        holder = self.owners.setdefault(iri, source.name)
        if iri not in self.units[holder].nodes:
            self.units[holder].add(source.line(path), node)
        elif self.units[holder].nodes[iri] != filled(node):
            self.complain(source, path, f"{short(iri)} is described differently in {holder}")
        return iri

    def complain(self, source: SourceFile, path: Path_, message: str) -> None:
        """Take a mistake down and go on, so that one run shows them all."""
        self.mistakes.append(source.mistake(path, message))

    def resolve(self, source: SourceFile, path: Path_, kind: str, reference: str) -> str:
        """IRI of a reference; a mistake is taken down where nothing declares it."""
        iri = refer(source, kind, reference)
        if iri not in self.owners:
            self.complain(source, path, f"there is no {kind} {reference!r}{self._near(kind, iri)}")
        return iri

    def _near(self, kind: str, iri: str) -> str:
        known = [short(own) for own in self.owners if own.startswith(f"{ID}{kind}/")]
        near = get_close_matches(short(iri), known, 1, 0.85)
        return f"; did you mean {near[0]}?" if near else ""


def refer(source: SourceFile, kind: str, reference: str) -> str:
    """IRI of what a reference in a file names; ``""`` where it can name nothing."""
    parts = reference.split("/")
    local = len(parts) == (2 if kind in ("requirement", "absence") else 1)
    try:
        return mint(kind, *([source.folder] if local else []), *parts)
    except IriError:
        return ""


def short(iri: str) -> str:
    """The part of an IRI that people write in the files."""
    return iri.partition("/id/")[2].partition("/")[2]


def items(data: Any, *keys: str) -> Iterable[tuple[Path_, dict[str, Any]]]:
    """The entries of a list in a file with their paths; nothing where the list is absent."""
    for key in keys:
        data = data.get(key, {}) if isinstance(data, dict) else {}
    for index, entry in enumerate(data or ()):
        yield (*keys, index), entry


def survey(files: list[SourceFile]) -> Registry:
    """First pass: collect every id that a reference may name."""
    registry = Registry()
    for source in files:
        registry.units[source.name] = Unit(source.name, source.sha256)
        if kind_of(source) == "jurisdiction":
            _survey_jurisdiction(registry, source)
        elif kind_of(source) == "instrument":
            _survey_instrument(registry, source)
    for source in files:
        lawful = kind_of(source) in ("instrument", "actions")
        if lawful and mint("jurisdiction", source.folder) not in registry.owners:
            registry.complain(source, (), f"there is no {source.folder}/jurisdiction.yaml")
    return registry


def _survey_jurisdiction(registry: Registry, source: SourceFile) -> None:
    data, here = source.data, source.folder
    if data["jurisdiction"]["id"] != here:
        registry.complain(source, ("jurisdiction", "id"), f"must be the folder's name, {here!r}")
    registry.declare(source, ("jurisdiction",), mint("jurisdiction", here))
    for path, regime in items(data, "regimes"):
        iri = mint("regime", here, regime["id"])
        registry.declare(source, path, iri)
        for instrument in regime["instruments"]:
            own = refer(source, "instrument", instrument)
            registry.regimes.setdefault(own, []).append(iri)
    for path, enforcer in items(data, "enforcers"):
        registry.declare(source, path, mint("enforcer", here, enforcer["id"]))
    for key in data["sources"]:
        registry.declare(source, ("sources", key), mint("source", here, key))


def _survey_instrument(registry: Registry, source: SourceFile) -> None:
    data, here = source.data, source.folder
    own = data["instrument"]["id"]
    if own != source.stem:
        registry.complain(source, ("instrument", "id"), f"must be the file's name, {source.stem!r}")
    iri = mint("instrument", here, own)
    registry.declare(source, ("instrument",), iri)
    registry.patterns[iri] = data["instrument"]["citation"]
    registry.names[iri] = data["instrument"]["name"]
    for path, requirement in items(data, "requirements"):
        each = mint("requirement", here, own, requirement["id"])
        registry.declare(source, (*path, "id"), each)
        registry.starts[each] = min(v["from"] for v in requirement["versions"])
    for path, absence in items(data, "absences"):
        each = mint("absence", here, own, absence["id"])
        registry.declare(source, (*path, "id"), each)
        registry.starts[each] = absence["from"]


def evidence(
    registry: Registry,
    source: SourceFile,
    path: Path_,
    entry: dict[str, Any],
    *,
    cited: bool = True,
) -> Node:
    """The evidence keys of a fact: citations, sections, sources, day read, confidence, numbers."""
    defaults = source.data.get("defaults", {})
    cites, citations = _pinpoints(registry, source, path, entry)
    said = entry.get("cite", [])
    citations += said if isinstance(said, list) else [said]
    if cited and not said and not entry.get("at"):
        registry.complain(source, path, "needs a citation: `at` (pinpoints) or `cite` (words)")
    keys = entry.get("sources", defaults.get("sources", []))
    where = (*path, "sources") if "sources" in entry else ("defaults", "sources")
    fact = entry.get("fact", [])
    confidence = entry.get("confidence", defaults.get("confidence"))
    return {
        "citation": citations,
        "cites": cites,
        "source": [
            registry.resolve(source, (*where, index), "source", key)
            for index, key in enumerate(keys)
        ],
        "readOn": entry.get("read", defaults.get("read")),
        "confidence": confidence and concept("confidence", confidence),
        "factId": fact if isinstance(fact, list) else [fact],
        "note": entry.get("note"),
    }


def _pinpoints(
    registry: Registry, source: SourceFile, path: Path_, entry: dict[str, Any]
) -> tuple[list[str], list[str]]:
    iris, texts = [], []
    for index, text in enumerate(entry.get("at", ())):
        where = (*path, "at", index)
        point = pinpoint.parse(str(text))
        if point is None:
            registry.complain(source, where, f"{text!r} is not a pinpoint such as 1798.130(a)(5)")
            continue
        instrument = _instrument_of(registry, source, where, point)
        if instrument in registry.patterns:
            iris.append(section(registry, instrument, point, source.line(where)))
            texts.append(registry.patterns[instrument].replace("{}", point.text()))
    return iris, texts


def _instrument_of(
    registry: Registry, source: SourceFile, where: Path_, point: pinpoint.Pinpoint
) -> str:
    if point.instrument:
        return registry.resolve(source, where, "instrument", point.instrument)
    if "instrument" in source.data:
        return mint("instrument", source.folder, source.data["instrument"]["id"])
    registry.complain(source, where, "name the instrument before the section: `ccpa 1798.155`")
    return ""


def section(registry: Registry, instrument: str, point: pinpoint.Pinpoint, line: int) -> str:
    """Add a section and the sections around it to the unit of the instrument that holds it."""
    jurisdiction, own = short(instrument).split("/")
    unit = registry.units[registry.owners[instrument]]
    chain = list(point.chain())
    for each, around in zip(chain, [*chain[1:], None], strict=True):
        iri = each.iri(jurisdiction, own)
        if iri in unit.nodes:
            break
        unit.add(
            line,
            {
                "id": iri,
                "type": "Section",
                "label": registry.patterns[instrument].replace("{}", each.text()),
                "number": each.text(),
                "instrument": instrument,
                "isPartOf": around.iri(jurisdiction, own) if around else instrument,
            },
        )
    return chain[0].iri(jurisdiction, own)


def quantities(unit: Unit, line: int, owner: str, values: list[dict[str, Any]]) -> list[str]:
    """Add the quantities of a fact and return their IRIs, numbered in the order of the file."""
    found = []
    for number, value in enumerate(values, 1):
        node = {
            "id": f"{owner}/value/{number}",
            "type": "Quantity",
            "label": quantity_label(value),
            "quantityRole": concept("quantity-role", value["role"]),
            "comparison": concept("comparison", value["is"]),
            "amount": value["amount"],
            "unit": concept("unit", value["unit"]),
            "countOf": value.get("of"),
        }
        found.append(unit.add(line, node))
    return found


_UNITS = {
    "usd": "USD",
    "percent": "%",
    "foot": "feet",
    "consumer-or-household": "consumers or households",
    "consumer-household-or-device": "consumers, households or devices",
}


def quantity_label(value: dict[str, Any]) -> str:
    """Say a quantity in words: ``at most 15 business days (opt-out requests)``."""
    comparison = "" if value["is"] == "exactly" else value["is"].replace("-", " ") + " "
    unit = value["unit"].replace("-", " ") + ("" if str(value["amount"]) == "1" else "s")
    of = f" ({value['of']})" if "of" in value else ""
    return f"{comparison}{value['amount']} {_UNITS.get(value['unit'], unit)}{of}"
