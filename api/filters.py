"""What filters and orders of the GraphQL lists share, and predicates over entities.

A filter's fields are joined by and; a list within a field by or. Ids are IRIs, the path after
``/id/``, or the short id of their kind (`us-ca`, `us-ca/ccpa`, `opt-out-signal`). An id that the
release does not have is an error: an empty answer would look like knowledge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from enum import Enum
from typing import Any

import strawberry

from clausegraph.api.nodes import View
from clausegraph.api.paging import Order
from clausegraph.api.reader import Entity, Reader, known_as
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import ID

Ids = list[strawberry.ID] | None
Test = Callable[[Entity], bool]


class UnknownIdError(ClausegraphError):
    """A filter names something that the release does not have."""

    code = "unknown-id"


@strawberry.enum(description="Which way an order goes.")
class Direction(Enum):
    """Ascending or descending."""

    ASC = "asc"
    DESC = "desc"


@strawberry.enum(description="Where nulls stand in an order, whatever its direction.")
class Nulls(Enum):
    """Before or after all values."""

    FIRST = "first"
    LAST = "last"


FEW = 5
"""How many ids are told where none is like the one that was asked for."""
COMPARED = 2_000
"""How many ids are compared with one that is not there."""
NULLS = "Where those without a value stand."


def optional(text: str) -> Any:
    """A field of an input that may be left out."""
    return strawberry.field(default=None, description=text)


def joint(word: str) -> Any:
    """One of the fields that join filters: `and`, `or`, `not`."""
    said = {
        "and": "All of these are met, too.",
        "or": "One of these is met, too; none is where the list is empty.",
        "not": "This is not met; what lacks the value that is asked about does not meet it.",
    }
    return strawberry.field(name=word, default=None, description=said[word])


def identify(reader: Reader, kind: str, ids: Iterable[str]) -> set[str]:
    """IRIs of what a person named. Raises `UnknownIdError` with near matches."""
    found = set()
    for each in ids:
        iri = known_as(kind, each)
        if not iri.startswith(f"{ID}{kind}/") or reader.entity(iri) is None:
            names = ", ".join(near := _near(reader, kind, iri))
            each = each if len(each) <= 80 else f"{each[:77]}..."
            raise UnknownIdError(
                f"there is no {kind} {each!r} in this release",
                hint=f"Did you mean {names}?" if near else _all(reader, kind),
                value=each,
            )
        found.add(iri)
    return found


def _near(reader: Reader, kind: str, iri: str) -> list[str]:
    """The ids that are most like one that is not there; of very many, those that begin alike."""
    start = f"{ID}{kind}/"
    asked = iri.removeprefix(ID).partition("/")[2][:80]
    known = [each.removeprefix(start) for each in reader.ids(kind.capitalize())]
    if len(known) > COMPARED:
        known = [each for each in known if each[:3] == asked[:3]][:COMPARED]
    return get_close_matches(asked, known, 3, 0.6)


def _all(reader: Reader, kind: str) -> str:
    """How to see all ids of a kind; where they are few, also which."""
    known = [each.removeprefix(f"{ID}{kind}/") for each in reader.ids(kind.capitalize())]
    few = f" There are {', '.join(known)}." if 0 < len(known) <= FEW else ""
    return f"List them with `{kind}s`.{few}"


def among(reader: Reader, key: str, kind: str, ids: Ids) -> list[Test]:
    """Entities that point by `key` at one of the things named; no test where nothing is named."""
    if ids is None:
        return []
    wanted = identify(reader, kind, ids)
    return [lambda entity: not wanted.isdisjoint(entity.all(key))]


def chosen(key: str, members: list[Any] | None) -> list[Test]:
    """Entities with one of the members of an enum."""
    if members is None:
        return []
    wanted = {member.value for member in members}
    return [lambda entity: entity.one(key) in wanted]


def says(text: str | None) -> list[Test]:
    """Entities whose label or summary holds a text, whatever the case."""
    if text is None:
        return []
    wanted = text.casefold()
    return [
        lambda entity: any(
            wanted in str(entity.one(key) or "").casefold() for key in ("label", "summary", "title")
        )
    ]


def logic(filter: Any, tests: Callable[[Any], list[Test]]) -> list[Test]:
    """The predicates of the filters that a filter joins by `and`, `or` and `not`."""
    found = [test for each in filter.and_ or () for test in tests(each)]
    if filter.or_ is not None:
        choices = [tests(each) for each in filter.or_]
        found.append(lambda entity: any(meets(entity, choice) for choice in choices))
    if filter.not_ is not None:
        refused = tests(filter.not_)
        found.append(lambda entity: not meets(entity, refused))
    return found


def meets(entity: Entity, tests: Iterable[Test]) -> bool:
    """Whether an entity passes all tests."""
    return all(test(entity) for test in tests)


def select(
    entities: Iterable[Entity], tests: Iterable[Test], check: Callable[[], None]
) -> list[Entity]:
    """Entities that pass all tests; `check` ends what takes too long."""
    tests, found = list(tests), []
    for entity in entities:
        check()
        if meets(entity, tests):
            found.append(entity)
    return found


def version_on(view: View, requirement: str) -> Entity | None:
    """The version of a requirement that is in force on the view's day."""
    versions = view.reader.back(requirement, "versionOf", "RequirementVersion")
    return next((version for version in versions if version.holds_on(view.day)), None)


def with_narrower(reader: Reader, topics: set[str]) -> set[str]:
    """Topics with all topics below them."""
    below = {n for topic in topics for n in reader.referrers(topic, "broader")}
    return topics | (with_narrower(reader, below) if below else set())


def ordering(keys: Iterable[tuple[str, Direction, Nulls]]) -> Order:
    """An order over context keys; ties are broken by IRI."""
    found: list[tuple[Callable[[Entity], Any], bool]] = []
    for key, way, nulls in keys:
        if nulls is Nulls.FIRST:
            found.append((_given(key), False))
        found.append((_key(key), way is Direction.DESC))
    return Order(tuple(found))


def _given(key: str) -> Callable[[Entity], Any]:
    return lambda entity: entity.one(key) is not None


def _key(key: str) -> Callable[[Entity], Any]:
    return lambda entity: entity.one(key)
