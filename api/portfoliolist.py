"""The portfolios and saved queries of a release, in the form of the file that they came from."""

from __future__ import annotations

from typing import Any

from clausegraph.api.reader import Entity, Reader
from clausegraph.ontology.iris import ID

_LISTS = {
    "platforms": "platforms",
    "documents": "documents",
    "documentKinds": "kinds",
    "significances": "significance",
}
_SINGLE = {"portfolio": "portfolio", "contains": "contains", "onlySilent": "silent", "note": "note"}


def listed(reader: Reader) -> dict[str, list[dict[str, Any]]]:
    """What a release holds, as `clausegraph.loaders.portfolios.read_portfolios` reads it."""
    return {
        "portfolios": [_written(each) for each in reader.of_type("Portfolio")],
        "queries": [_written(each) for each in reader.of_type("SavedQuery")],
    }


def _written(entity: Entity) -> dict[str, Any]:
    found = {"id": _short(entity.iri), "name": entity.one("label")}
    found |= {key: [*map(_short, entity.all(term))] for term, key in _LISTS.items()}
    found |= {key: _short(entity.one(term)) for term, key in _SINGLE.items()}
    return {key: value for key, value in found.items() if value not in (None, [])}


def _short(value: Any) -> Any:
    """An IRI of ours without its kind; anything else as it is."""
    if isinstance(value, str) and value.startswith(ID):
        return value.removeprefix(ID).partition("/")[2]
    return value
