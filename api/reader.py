"""Read entities from a release: describe one, follow an edge, list a class.

A reader belongs to one release, which never changes, so whatever it keeps stays true. It keeps at
most `CACHE` entities and answers (about 60 MB when full); the law alone needs about 5,000.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar
from urllib.parse import quote, unquote

from pyoxigraph import Literal, NamedNode, Quad

from clausegraph.api.releases import Release
from clausegraph.api.rows import FEWEST, READ, Values
from clausegraph.api.source import EmbeddedSource, Source
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.context import context
from clausegraph.ontology.iris import ID, NS, PREFIXES
from clausegraph.ontology.terms import vocabulary

CACHE = 50_000
V = TypeVar("V")
_LARGE = "content"  # whole documents, which would fill the memory that is meant for entities
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_KIND = "@type"


@functools.cache
def keys() -> Mapping[str, str]:
    """Key of the JSON-LD context by the IRI of its property."""
    terms: dict[str, Any] = context()["@context"]
    found = {}
    for key, definition in terms.items():
        if isinstance(definition, dict) and not definition["@id"].startswith("@"):
            prefix, _, local = definition["@id"].partition(":")
            found[terms.get(prefix, prefix + ":") + local] = key
    return found | {PREFIXES["skos"] + key: key for key in ("definition", "broader", "inScheme")}


@functools.cache
def predicates() -> Mapping[str, NamedNode]:
    """Property by its key in the JSON-LD context."""
    return {key: NamedNode(iri) for iri, key in keys().items()}


@dataclass(frozen=True)
class Entity:
    """A node of the release: its IRI, the local name of its class, its values by context key."""

    iri: str
    type: str
    values: Mapping[str, tuple[Any, ...]]

    def one(self, key: str) -> Any:
        """The value of a key, None where there is none; the first where there are several."""
        found = self.values.get(key)
        return found[0] if found else None

    def all(self, key: str) -> tuple[Any, ...]:
        """All values of a key, sorted."""
        return self.values.get(key, ())

    def holds_on(self, day: date) -> bool:
        """Whether `day` lies in the entity's interval; both ends belong to it."""
        start, end = self.one("validFrom"), self.one("validUntil")
        return start is not None and start <= day and (end is None or day <= end)

    def may_hold_on(self, day: date) -> bool:
        """Whether `day` lies between the earliest and the latest possible first day."""
        earliest = self.one("validFromEarliest")
        return earliest is not None and bool(earliest <= day < self.one("validFrom"))


class Kept(Generic[V]):
    """What was read before, at most so many entries; those not used for longest go first.

    Two generations: what is found in the old one moves to the young one, and when the young one is
    full it becomes the old one. A hit costs one look into a dictionary.
    """

    def __init__(self, most: int) -> None:
        """Keep nothing yet."""
        self.most = most // 2
        self.young: dict[Any, V] = {}
        self.old: dict[Any, V] = {}

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self.young) + len(self.old)

    def get(self, key: Any) -> V | None:
        """An entry, if it is kept."""
        found = self.young.get(key)
        if found is None:
            found = self.old.pop(key, None)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: Any, value: V) -> None:
        """Keep an entry."""
        if len(self.young) >= self.most:
            self.old, self.young = self.young, {}
        self.young[key] = value


class Reader:
    """Reads one release, from whatever source it has. Threads may share it."""

    def __init__(self, release: Release, source: Source | None = None) -> None:
        """Read a release, from its own source unless one that holds it is open already."""
        self.release = release
        self.store: Source = release.source() if source is None else source
        self.kept: Kept[Entity] = Kept(CACHE)
        self.read = 0
        """How many entities were read from the store, as they were not kept."""
        self._pointing: Kept[tuple[str, ...]] = Kept(CACHE)
        self._ids: dict[str, tuple[str, ...]] = {}

    def entity(self, iri: str) -> Entity | None:
        """Describe a node; None where the release has no typed node of that IRI.

        What is not there is not kept: anybody can ask for any number of such IRIs.
        """
        return self.kept.get(iri) or self._described([iri]).get(iri)

    def entities(self, iris: Sequence[str]) -> list[Entity]:
        """Describe several nodes, in one read; those that are not there are left out."""
        get = self.kept.get
        known = {iri: found for iri in iris if (found := get(iri)) is not None}
        if len(known) < len(iris):
            missing = [iri for iri in dict.fromkeys(iris) if iri not in known]
            known |= self._described(missing) if missing else {}
        return [known[iri] for iri in iris if iri in known]

    def _described(self, iris: list[str]) -> dict[str, Entity]:
        found = {}
        self.read += len(iris)
        for iri, values in self._told(iris).items():
            if (entity := _entity(iri, values)) is not None:
                found[iri] = entity
                self.kept.put(iri, entity)
        return found

    def _told(self, iris: list[str]) -> dict[str, Values]:
        """What is said of some things: in rows where these are many and the store is here."""
        if len(iris) >= FEWEST and isinstance(self.store, EmbeddedSource):
            return self.store.told(iris, _names())
        return {iri: _values(quads) for iri, quads in self.store.describe(iris).items()}

    def text(self, iri: str) -> str:
        """The characters of a text; empty where there are none. They are not kept."""
        found = self.store.quads_for_pattern(NamedNode(iri), predicates()[_LARGE], None, None)
        return next((str(_value(quad.object)) for quad in found), "")

    def referrers(self, iri: str, key: str) -> tuple[str, ...]:
        """IRIs of the nodes that point at a node by a property, sorted."""
        return self.referrers_of([iri], key)[iri]

    def referrers_of(self, iris: Sequence[str], key: str) -> dict[str, tuple[str, ...]]:
        """The same for several nodes, in one read."""
        get = self._pointing.get
        known = {iri: found for iri in iris if (found := get((iri, key))) is not None}
        missing = [iri for iri in dict.fromkeys(iris) if iri not in known]
        if missing:
            for iri, pointing in self.store.referrers(missing, predicates()[key]).items():
                known[iri] = tuple(pointing)
                self._pointing.put((iri, key), known[iri])
        return known

    def ids(self, kind: str) -> tuple[str, ...]:
        """IRIs of all nodes of a class (its local name), sorted."""
        if kind not in self._ids:  # a cache of the method would keep its reader from being let go
            self._ids[kind] = self._of_class(kind)
        return self._ids[kind]

    def _of_class(self, kind: str) -> tuple[str, ...]:
        concept = kind in ("Concept", "Topic")
        name = NamedNode(PREFIXES["skos"] + "Concept" if concept else vocabulary().term(kind).iri)
        found = {iri_of(q.subject) for q in self.store.quads_for_pattern(None, _TYPE, name, None)}
        return tuple(sorted(iri for iri in found if not concept or _class(iri, name.value) == kind))

    def of_type(self, kind: str) -> list[Entity]:
        """Describe all nodes of a class."""
        return self.entities(self.ids(kind))

    def back(self, iri: str, key: str, kind: str | None = None) -> list[Entity]:
        """Describe the nodes that point at a node by a property, of one class if given."""
        found = self.entities(self.referrers(iri, key))
        return found if kind is None else [entity for entity in found if entity.type == kind]


@functools.cache
def _names() -> Mapping[str, str]:
    """The keys of what entities are made of, by property as SPARQL writes it."""
    known = {f"<{iri}>": key for iri, key in keys().items() if key != _LARGE}
    return known | {str(_TYPE): _KIND}


def _values(quads: Sequence[Quad]) -> Values:
    """What some quads say of their subject."""
    values: Values = {}
    for quad in quads:
        if (key := _names().get(str(quad.predicate))) is not None:
            values.setdefault(key, []).append(_value(quad.object))
    return values


def _entity(iri: str, values: Values) -> Entity | None:
    """The entity of which something is said; None where no class is."""
    kinds = [kind for each in values.pop(_KIND, ()) if (kind := _class(iri, each))]
    if not kinds:
        return None
    known = {k: tuple(some if len(some) == 1 else sorted(some)) for k, some in values.items()}
    return Entity(iri, kinds[-1], known)


def _class(iri: str, kind: str) -> str:
    """Local name of a class as the API knows it; a concept of the topic scheme is a Topic."""
    if kind == PREFIXES["skos"] + "Concept":
        return "Topic" if iri.startswith(ID + "topic/") else "Concept"
    if kind == PREFIXES["prov"] + "Agent":
        return "Agent"
    return kind.removeprefix(NS) if kind.startswith(NS) else ""


def _value(term: object) -> Any:
    if isinstance(term, Literal):
        convert = READ.get(term.datatype.value)
        return convert(term.value) if convert else term.value
    return iri_of(term)


def slug(iri: str) -> str:
    """The last step of an IRI of ours: the concept's or entity's own id."""
    return iri.rpartition("/")[2]


def known_as(kind: str, text: str) -> str:
    """The IRI of what a person wrote: an IRI, a path after ``/id/``, or an id of that kind.

    Names outside of Latin may be written as they are or percent-encoded.
    """
    path = text.removeprefix(ID)
    own = path != text or path.startswith(kind + "/")
    return ID + "/".join(map(_encoded, (path if own else f"{kind}/{path}").split("/")))


def _encoded(part: str) -> str:
    """A part of a path in the one spelling that IRIs of ours have; what cannot be has none."""
    return quote(unquote(part), safe="", errors="surrogatepass")
