"""Compile claim files: what somebody else says of a document, to be checked and not believed.

Every claim is loaded with the state ``not-examined``: nothing here looks at the document.
"""

from __future__ import annotations

from textwrap import shorten
from typing import Any

from clausegraph.loaders.registry import Registry, items, quantities
from clausegraph.loaders.source import Path_, SourceFile
from clausegraph.loaders.unit import Unit
from clausegraph.ontology.iris import concept, mint


def compile_claims(registry: Registry, source: SourceFile) -> None:
    """Compile a page of claims with its author, its page and the document it speaks of."""
    unit, data = registry.units[source.name], source.data
    document = _document(registry, source)
    author = mint("agent", data["author"]["id"])
    agent = {"id": author, "type": "Agent", "label": data["author"]["name"]}
    registry.share(source, ("author",), agent)
    page = _page(registry, source, unit)
    for path, entry in items(data, "claims"):
        iri = mint("claim", source.stem, entry["id"])
        registry.declare(source, path, iri)
        line = source.line(path)
        node = {
            "id": iri,
            "type": "Claim",
            "label": shorten(f"{entry['kind'].replace('-', ' ')}: {entry['says']}", 120),
            "about": document,
            "claimKind": concept("claim-kind", entry["kind"]),
            "summary": entry["says"],
            "creator": author,
            "claimedOn": entry.get("on"),
            "refersTo": [
                _refers(registry, source, (*path, "refers-to", index), reference)
                for index, reference in enumerate(entry.get("refers-to", ()))
            ],
            "claimedLevel": entry.get("level") and concept("exposure-level", entry["level"]),
            "value": quantities(unit, line, iri, entry.get("values", [])),
            "findingState": concept("finding-state", "not-examined"),
            "source": page,
            "readOn": data.get("defaults", {}).get("read"),
            "order": int(str(path[-1])) + 1,
            "note": entry.get("note"),
        }
        unit.add(line, node)


def _document(registry: Registry, source: SourceFile) -> str:
    """The document with its platform and provider; other files may speak of them too."""
    data = source.data
    provider = data.get("provider")
    if provider:
        node = {
            "id": mint("provider", provider["id"]),
            "type": "Provider",
            "label": provider["name"],
        }
        registry.share(source, ("provider",), node)
    platform = {
        "id": mint("platform", data["platform"]["id"]),
        "type": "Platform",
        "label": data["platform"]["name"],
        "provider": provider and mint("provider", provider["id"]),
    }
    document = {
        "id": mint("document", data["platform"]["id"], data["document"]["id"]),
        "type": "Document",
        "label": data["document"]["name"],
        "platform": registry.share(source, ("platform",), platform),
        "documentKind": concept("document-kind", data["document"]["kind"]),
    }
    return registry.share(source, ("document",), document)


def _page(registry: Registry, source: SourceFile, unit: Unit) -> str:
    page = source.data["page"]
    iri = mint("source", "claims", source.stem)
    registry.declare(source, ("page",), iri)
    node = {
        "id": iri,
        "type": "Source",
        "label": page["title"],
        "title": page["title"],
        "address": page.get("address"),
        "sourceKey": source.stem,
        "sourceKind": concept("source-kind", "secondary"),
        "note": page.get("note"),
    }
    return unit.add(source.line(("page",)), node)


def _refers(
    registry: Registry, source: SourceFile, path: Path_, reference: str | dict[str, Any]
) -> str:
    if isinstance(reference, str):
        kind = "absence" if "/absence/" in reference else "requirement"
        full = reference.replace("/absence/", "/")
        return registry.resolve(source, path, kind, full)
    ((kind, own),) = reference.items()
    if kind == "topic":
        return concept("topic", own)
    if kind == "jurisdiction":
        iri = mint("jurisdiction", own)
        if iri not in registry.owners:
            registry.complain(source, path, f"there is no jurisdiction {own!r}")
        return iri
    return registry.resolve(source, path, kind, own)
