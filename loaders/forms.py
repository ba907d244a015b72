"""Pieces of JSON Schema of which the forms of our data files are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from clausegraph.ontology.terms import vocabulary

Form = dict[str, Any]


def mapping(properties: Form, required: Sequence[str] | None = None) -> Form:
    """A mapping whose keys are known; all of them are needed unless told otherwise."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties if required is None else required),
        "additionalProperties": False,
    }


def filled(items: Form, least: int = 1) -> Form:
    """A list of at least so many."""
    return {"type": "array", "items": items, "minItems": least}


def some(names: Iterable[str]) -> Form:
    """A list of at least one of some names."""
    return filled({"enum": sorted(names)})


def listed(scheme: str) -> list[str]:
    """The slugs of a closed list."""
    return sorted(vocabulary().schemes[scheme].concepts)
