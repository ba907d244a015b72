"""What a person may have meant who asked for an address that is not there."""

from __future__ import annotations

from bisect import bisect_left
from difflib import get_close_matches

from pyoxigraph import NamedNode

from clausegraph.api.reader import Reader
from clausegraph.api.remember import per_reader
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import ID, PREFIXES

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_AROUND = 100
_LONGEST = 300


def near(reader: Reader, path: str) -> list[str]:
    """Up to three paths below ``/id/`` that look like `path`, the likeliest first.

    Only the neighbours in the order of paths and those with the same last step are compared: the
    cost does not grow with the release.
    """
    if len(path) > _LONGEST:
        return []
    paths, by_step = _paths(reader)
    at = bisect_left(paths, path)
    found = set(paths[max(0, at - _AROUND) : at + _AROUND])
    found |= set(by_step.get(_step(path), ())[:_AROUND])
    return get_close_matches(path, sorted(found), 3, 0.7)


def hint(reader: Reader, path: str) -> str:
    """Say what is near a path, or where to start."""
    found = [f"/id/{each}" for each in near(reader, path)]
    if found:
        return f"Did you mean {' or '.join(found)}?"
    return "The page / leads to what there is; /sparql and /graphql find the rest."


@per_reader
def _paths(reader: Reader) -> tuple[list[str], dict[str, list[str]]]:
    """Paths of all typed nodes in order, and the same by their last step."""
    quads = reader.store.quads_for_pattern(None, _TYPE, None, None)
    iris = {iri_of(quad.subject) for quad in quads}
    paths = sorted(iri.removeprefix(ID) for iri in iris if iri.startswith(ID))
    by_step: dict[str, list[str]] = {}
    for path in paths:
        by_step.setdefault(_step(path), []).append(path)
    return paths, by_step


def _step(path: str) -> str:
    return path.rpartition("/")[2]
