"""Many things are read in rows: what is read is what their quads say, literal by literal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from clausegraph.api import reader as readers
from clausegraph.api.demonstration import load_demonstration
from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Reader, keys
from clausegraph.api.releases import Release, Releases
from clausegraph.api.rows import told
from clausegraph.api.source import EmbeddedSource
from clausegraph.loaders.unit import iri_of

XSD = "http://www.w3.org/2001/XMLSchema#"
THING, SAYS = NamedNode("https://example.org/thing"), NamedNode("https://example.org/says")
TYPED = [
    ("2024-02-29", "date", date(2024, 2, 29)),
    ("true", "boolean", True),
    ("0", "boolean", False),
    ("-7", "integer", -7),
    ("007", "integer", 7),
    ("2.50", "decimal", Decimal("2.50")),
    ("-.5", "decimal", Decimal("-.5")),
    ("1.5e3", "double", "1500"),
    ("INF", "double", "INF"),
    ("P1Y", "duration", "P1Y"),
]
PLAIN = [
    "",
    "two\nlines\r\nand\ta tab",
    'he said "no" \\ and \\n is no line',
    "a\u2028b\u0085c\x0bd\x0ce\x08f",
    "\\",
    '"',
    '"^^<x>',
    "<https://example.org/no-iri>",
    "émojis 👩‍⚖️ and العربية",
    "12",
    "true",
]


def read(term: Literal | NamedNode, graph: NamedNode | DefaultGraph) -> list[object]:
    """What rows tell of a thing of which a store says one thing: what its quad tells."""
    store = Store()
    store.add(Quad(THING, SAYS, term, graph))
    found = told(store.query, [THING.value, "https://example.org/other"], {str(SAYS): "says"})
    assert found.keys() == {THING.value}
    own = [readers._value(quad.object) for quad in store]
    assert [*map(repr, own)] == [*map(repr, found[THING.value]["says"])]
    return found[THING.value]["says"]


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_is_read_as_it_is(text: str) -> None:
    """Whatever characters it has, with a language and without."""
    assert read(Literal(text), NamedNode("https://example.org/g")) == [text]
    assert read(Literal(text, language="en"), DefaultGraph()) == [text]
    assert read(Literal(text, datatype=NamedNode("https://example.org/t")), SAYS) == [text]


@pytest.mark.parametrize(("text", "kind", "value"), TYPED)
def test_a_typed_literal_is_read_as_its_value(text: str, kind: str, value: object) -> None:
    """And is of its class."""
    (found,) = read(Literal(text, datatype=NamedNode(XSD + kind)), SAYS)
    assert (found, type(found)) == (value, type(value))


def test_an_iri_is_its_characters() -> None:
    """Also one outside of ASCII."""
    assert read(NamedNode("https://example.org/%C3%A9/é"), SAYS) == ["https://example.org/%C3%A9/é"]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The law and the demonstration."""
    data: Path = tmp_path_factory.mktemp("rows")
    load(data)
    load_demonstration(data)
    publish(data)
    found = Releases(data).current()
    assert found is not None
    return found


def test_every_entity_is_the_same_one_by_one_and_together(release: Release) -> None:
    """Of a whole release, with a thousand reads of one and a few of many."""
    together, apart = Reader(release), Reader(release)
    quads = apart.store.quads_for_pattern(None, None, None)
    iris = sorted({iri_of(quad.subject) for quad in quads})
    assert len(iris) > 1000
    many = {each.iri: each for each in together.entities(iris)}
    single = {iri: found for iri in iris if (found := apart.entity(iri)) is not None}
    assert many == single
    kinds = [{type(v) for some in each.values.values() for v in some} for each in many.values()]
    assert kinds == [
        {type(v) for some in single[iri].values.values() for v in some} for iri in many
    ]
    assert not any("content" in each.values for each in many.values())


def test_what_is_no_iri_is_not_there(release: Release) -> None:
    """Whatever stands in it, it is left out, and nothing of it gets into a query."""
    reader = Reader(release)
    good = list(reader.ids("Jurisdiction"))[:5]
    bad = ["", "no iri", "https://example.org/> 1) (<x", 'https://e.org/"', "https://e.org/\\", "#"]
    assert [each.iri for each in reader.entities([*bad, *good])] == good


@pytest.mark.parametrize("character", [*map(chr, range(0x21)), *'<>"{}|^`\\'])
def test_no_iri_can_end_its_place_in_a_query(character: str) -> None:
    """What SPARQL takes for no part of an IRI is none to the store's own check."""
    with pytest.raises(ValueError, match="IRI"):
        NamedNode(f"https://example.org/{character}")


def test_a_read_of_many_asks_for_no_single_pattern(release: Release) -> None:
    """Which is what it is for."""
    reader = Reader(release)
    source = reader.store
    assert isinstance(source, EmbeddedSource)
    asked: list[object] = []
    source.quads_for_pattern = lambda *given: asked.append(given) or iter(())  # type: ignore[func-returns-value]
    iris = Reader(release).ids("Jurisdiction")
    assert len(reader.entities(iris)) == len(iris)
    assert asked == []
    assert reader.entity("https://example.org/none") is None
    assert len(asked) == 1


def test_the_keys_are_those_of_entities() -> None:
    """Every property that has a key is read but the whole text."""
    assert set(readers._names().values()) == {*keys().values(), "@type"} - {"content"}
