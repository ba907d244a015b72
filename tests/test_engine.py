"""The fast engine gives the reports of the reference validator.

Each test asks both: on the twins of every shape, on the law that is installed, and on the invented
law with faults of every sort in it. ``test_engine_features.py`` has small graphs for each feature.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib import SH, Graph
from rdflib.namespace import XSD

from clausegraph.api.histories import PLATFORMS
from clausegraph.loaders.law import compile_sources, embedded
from clausegraph.loaders.unit import Unit, to_quads
from clausegraph.ontology.iris import ID, NS
from clausegraph.ontology.terms import quads as ontology_quads
from clausegraph.shapes import validator
from clausegraph.shapes.report import Report
from clausegraph.shapes.validator import validate, validate_fast, validate_store
from tests.test_shapes import TWINS, is_whole

LAW = Path(__file__).parent / "law"


def held(quads: Iterable[Quad]) -> list[Quad]:
    """Statements as a store holds them, each number in one spelling."""
    store = Store()
    store.extend(quads)
    return sorted(store, key=str)


def stated(units: Iterable[Unit]) -> Iterator[Quad]:
    """What law units say, and what they say of platforms."""
    for unit in units:
        yield from unit.quads()
        yield from to_quads(unit.shared(), PLATFORMS)


@functools.cache
def law() -> Sequence[Quad]:
    """The invented law."""
    return held(stated(compile_sources(LAW)))


def both(quads: Iterable[Quad]) -> Report:
    """The report on which both validators agree."""
    found = validate_fast(held(quads))
    assert found == validate(held(quads))
    return found


### Twins and the law itself


def test_bad_twins_are_found_alike() -> None:
    """Every shape that has a twin is broken, in the same places and words, say both."""
    found = both([*law(), *(quad for twin in TWINS.values() for quad in twin.bad)])

    assert {twin.breaks for twin in TWINS.values()} <= {each.shape for each in found.findings}


def test_mended_twins_are_sound_for_both() -> None:
    """The same nodes, mended, break nothing."""
    assert TWINS

    assert both([*law(), *(quad for twin in TWINS.values() for quad in twin.mended)]).conforms


@pytest.mark.parametrize("name", [name for name, twin in TWINS.items() if is_whole(twin)])
def test_twin_of_a_rule_on_the_whole_graph_is_found_alike(name: str) -> None:
    """These twins could hide each other above, so each is alone with the law here."""
    twin = TWINS[name]

    found = both([*law(), *twin.bad])

    own = {(twin.breaks, node) for node in twin.nodes}
    assert {(each.shape, each.focus) for each in found.findings} == own | twin.also


def test_law_conforms_for_both() -> None:
    """The law that is installed breaks no shape, say both."""
    quads = list(stated(embedded()))

    assert validate(quads) == Report(())
    assert validate_fast(quads) == Report(())


### Faults in the invented law

ODD = (
    NamedNode(f"{ID}nothing"),
    Literal("yesterday"),
    Literal(""),
    Literal("hier", language="fr"),
    Literal(2026),
    Literal(0.5),
    Literal(True),
    Literal("2020-01-01", datatype=NamedNode(str(XSD.date))),
    Literal("2099-12-31", datatype=NamedNode(str(XSD.date))),
    Literal("2026-02-30", datatype=NamedNode(str(XSD.date))),
    Literal("much", datatype=NamedNode(str(XSD.decimal))),
)
"""Values that rarely belong where they are put."""

DAYS = {"value-validFrom", "value-validUntil", "value-announcedOn"}
ON_DAYS = {"noOverlap", "noContradictedAbsence", "exclusiveAlone", "actionEmpowered"}


def spoil(quads: list[Quad], fault: str, at: int, by: int) -> None:
    """Put one fault into the statement at a place, with what another one says."""
    quad, other = quads[at % len(quads)], quads[by % len(quads)]
    where = quad.graph_name
    if fault != "double":
        quads.remove(quad)
    if fault in ("double", "swap"):
        quads.append(Quad(quad.subject, quad.predicate, other.object, where))
    elif fault == "move":
        quads.append(Quad(quad.subject, other.predicate, quad.object, where))
    elif fault == "odd":
        quads.append(Quad(quad.subject, quad.predicate, ODD[by % len(ODD)], where))


FAULTS = st.tuples(
    st.sampled_from(["drop", "double", "swap", "move", "odd", "odd"]),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
)


@settings(max_examples=12, deadline=None)
@given(st.lists(FAULTS, min_size=1, max_size=24))
def test_faults_are_found_alike(faults: list[tuple[str, int, int]]) -> None:
    """Whatever is dropped, doubled, exchanged or spoiled, both reports are the same.

    A query of the shapes that compares a day to what is none has no answer in the store, as SPARQL
    has it, and one by the name of the datatype in rdflib. Such a value is reported by its own
    shape, so those queries are left out where there is one. Where rdflib has no order at all,
    as for a day and one that does not exist, pySHACL ends with a TypeError and is no reference.
    """
    spoiled = list(law())
    for fault in faults:
        spoil(spoiled, *fault)
    quick = validate_fast(held(spoiled))
    try:
        full = validate(held(spoiled))
    except TypeError:
        reject()

    shown = [set(quick.findings), set(full.findings)]
    if any(each.shape in DAYS for each in full.findings):
        shown = [{each for each in some if each.shape not in ON_DAYS} for some in shown]
    assert shown[0] == shown[1]


### Where the data are


def test_store_is_validated_where_it_is() -> None:
    """A store that holds the ontology is asked itself; nothing is written to it."""
    store = Store()
    store.extend([*law(), *TWINS["label"].bad, *ontology_quads()])
    before = set(store)

    found = validate_store(store, lambda iri: "twin.yaml" if iri.startswith(f"{ID}twin/") else "")

    assert {each.where for each in found.findings} == {"twin.yaml"}
    assert {each.focus for each in found.findings} == TWINS["label"].nodes
    assert set(store) == before


def test_ontology_is_added_where_the_store_lacks_it() -> None:
    """A store without the ontology, or without a part of it, gives the same report."""
    quads = [*law(), *TWINS["value-unit"].bad]
    without, partly, bare = Store(), Store(), Store()
    without.extend(quads)
    partly.extend([*quads, *ontology_quads()[:-1]])
    bare.extend(Quad(q.subject, q.predicate, q.object) for q in [*quads, *ontology_quads()])

    reports = {validate_store(store) for store in (without, partly, bare)}

    assert reports == {validate(quads)}
    assert set(without) == set(held(quads))


def test_number_is_one_value_in_every_spelling() -> None:
    """15.0 and 15 are one amount in a store, so the engine, unlike rdflib, counts one."""
    quantity = next(iter(q.subject for q in law() if q.predicate.value == f"{NS}amount"))
    amounts = (Literal(text, datatype=NamedNode(str(XSD.decimal))) for text in ("15.0", "15"))
    rest = [quad for quad in law() if quad.predicate.value != f"{NS}amount"]
    quads = [*rest, *(Quad(quantity, NamedNode(f"{NS}amount"), each) for each in amounts)]

    quick, full = validate_fast(quads), validate(quads)

    assert {each.focus for each in full.findings} - {each.focus for each in quick.findings} == {
        str(quantity.value) if isinstance(quantity, NamedNode) else ""
    }
    assert both(quads) == quick


def test_every_shape_file_is_read_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """All Turtle files of the package are shapes, and a changed file is another fingerprint."""
    texts = [file.read_text() for file in validator._own() if file.name.endswith(".ttl")]
    read = [Graph().parse(data=text, format="turtle") for text in texts]
    fewer = [file for file in validator._own() if file.name != "law.ttl"]
    before = validator.fingerprint.__wrapped__()
    monkeypatch.setattr(validator, "_own", lambda: fewer)

    assert {subject for graph in read for subject in graph.subjects(SH.message)} <= set(
        validator.shapes().subjects(SH.message)
    )
    assert validator.fingerprint.__wrapped__() != before
