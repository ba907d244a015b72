"""Cursors: where an edge stands in its order, as an opaque text.

A cursor holds the sort keys of its edge and its IRI, and is checked against the types of an order's
keys before anything is asked with it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import orjson

from clausegraph.ontology.errors import ClausegraphError

Place = tuple[Any, ...]
"""Where a thing stands in an order: its sort keys, in values that JSON can hold, then its IRI."""


_WIDEST = 1 << 62  # the index holds no number of more bits


class CursorError(ClausegraphError):
    """A cursor is not one that this API gave for this order."""

    code = "bad-cursor"


def encode(place: Sequence[Any]) -> str:
    """A place as an opaque cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(list(place))).decode().rstrip("=")


def where(cursor: str | None, types: Sequence[type]) -> Place | None:
    """The place that a cursor names. Raises `CursorError`."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise bad(cursor) from error
    if not isinstance(found, list) or len(found) != len(types):
        raise bad(cursor)
    if not all(map(_fits, found, types)):
        raise bad(cursor)
    return tuple(found)


def _fits(value: Any, type_: type) -> bool:
    """Whether a value of a cursor can stand for a key of a type."""
    if type_ in (int, float):
        known = type(value) is float or (type(value) is int and abs(value) < _WIDEST)
        return known and (type_ is float or type(value) is int)
    return isinstance(value, type_)


def bad(cursor: str) -> CursorError:
    """The error of a cursor that does not belong to a list."""
    cursor = cursor if len(cursor) <= 80 else f"{cursor[:77]}..."
    return CursorError(
        f"{cursor!r} is not a cursor of this list",
        hint="Use a cursor that this query gave, with the same orderBy.",
        value=cursor,
    )
