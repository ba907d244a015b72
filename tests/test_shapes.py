"""Every shape was seen to fail: ``tests/shapes/`` holds a bad twin of each.

A twin is a small piece of Turtle that is added to the invented law. Its first line names the shape
that it breaks, its third the nodes that break it. The lines at its end mend it: ``#-`` takes a
statement away and ``#+`` adds one. Whatever the mended twin has in common with the bad one is
sound, so only the difference can be what the shape objects to.

Some mistakes cannot be made without another: of two texts under one hash, one has not that hash. A
fourth line ``# also:`` then names the other shape and its nodes, no more and no less.
"""

from __future__ import annotations

import functools
import io
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse
from rdflib import RDF, Graph, URIRef

from clausegraph.api.histories import PLATFORMS
from clausegraph.api.publish import publish
from clausegraph.api.releases import Releases
from clausegraph.api.store import Writer, writing
from clausegraph.api.storecheck import check_graphs, check_store
from clausegraph.loaders.law import compile_sources
from clausegraph.loaders.unit import iri_of, to_quads
from clausegraph.ontology.iris import ID, PREFIXES, graph
from clausegraph.ontology.terms import quads as ontology_quads
from clausegraph.ontology.terms import vocabulary
from clausegraph.shapes.report import Finding, InvalidGraphError, Report
from clausegraph.shapes.validator import SH, SHAPE, engine, shapes

FOLDER = Path(__file__).parent / "shapes"
FILE = "xx-north/twin.yaml"
WHERE = NamedNode(graph("law/xx-north/twin"))


@dataclass(frozen=True)
class Twin:
    """A twin: the shape it breaks, the nodes that do, and its statements when bad and mended.

    `also` has what the same mistake breaks besides: pairs of a shape and a node.
    """

    breaks: str
    base: str
    nodes: frozenset[str]
    also: frozenset[tuple[str, str]]
    bad: frozenset[Quad]
    mended: frozenset[Quad]


def turtle(text: str, base: str) -> frozenset[Quad]:
    """Statements of a Turtle text with the usual prefixes; the empty one is the twin's own."""
    known = {**PREFIXES, "": base}
    head = f"@base <{ID}> .\n" + "".join(f"@prefix {p}: <{n}> .\n" for p, n in known.items())
    triples = parse(io.BytesIO((head + text).encode()), RdfFormat.TURTLE)
    return frozenset(Quad(t.subject, t.predicate, t.object, WHERE) for t in triples)


def read_twin(path: Path) -> Twin:
    """Read a twin; a statement that mends it must make a difference."""
    text = path.read_text()
    lines = text.splitlines()
    base = f"{ID}twin/{path.stem}/"
    bad = turtle(text, base)
    less, more = (
        turtle("\n".join(line[2:] for line in lines if line.startswith(mark)), base)
        for mark in ("#-", "#+")
    )
    assert less <= bad
    assert not more & bad
    other, *others = lines[3].removeprefix("# also: ").split()
    return Twin(
        breaks=lines[0].removeprefix("# breaks: "),
        base=base,
        nodes=frozenset(base + name[1:] for name in lines[2].removeprefix("# nodes: ").split()),
        also=frozenset((other, base + n[1:]) for n in others if lines[3].startswith("# also: ")),
        bad=bad,
        mended=bad - less | more,
    )


TWINS = {path.stem: read_twin(path) for path in sorted(FOLDER.glob("*.ttl"))}
Check = Callable[[Iterable[Quad]], tuple[Finding, ...]]


def named(graph_: Graph) -> set[str]:
    """Local names of the shapes that can fail: those with a message and an IRI."""
    found = graph_.subjects(SH.message)
    return {str(shape).removeprefix(SHAPE) for shape in found if isinstance(shape, URIRef)}


def handwritten(more: str = "") -> Graph:
    """The shapes of all Turtle files, and others."""
    graph_ = Graph()
    for file in sorted(files("clausegraph.shapes").iterdir(), key=lambda each: each.name):
        if file.name.endswith(".ttl"):
            graph_.parse(data=file.read_text(), format="turtle")
    prefixes = f"@prefix cg: <{PREFIXES['cg']}> . @prefix sh: <{SH}> . @prefix shape: <{SHAPE}> .\n"
    return graph_.parse(data=prefixes + more, format="turtle")


def untwinned(graph_: Graph) -> set[str]:
    """Shapes of a graph that no twin breaks."""
    return named(graph_) - {twin.breaks for twin in TWINS.values()}


def is_whole(twin: Twin) -> bool:
    """Whether the twin breaks a rule on the whole graph, where twins could meddle."""
    return (SHAPE[twin.breaks], RDF.type, SH.SPARQLConstraint) in shapes()


@functools.cache
def made() -> Mapping[str, str]:
    """Which sort of constraint each shape made from the ontology has."""
    return {
        name: sort
        for name in named(shapes()) - named(handwritten())
        for sort in ("datatype", "class", "node")
        if (SHAPE[name], SH[sort], None) in shapes()
    }


@pytest.fixture(scope="module")
def law(sources: Path) -> list[Quad]:
    """The ontology and the invented law, with what it says of platforms."""
    units = compile_sources(sources)
    own = [quad for unit in units for quad in unit.quads()]
    shared = [quad for unit in units for quad in to_quads(unit.shared(), PLATFORMS)]
    return [*ontology_quads(), *own, *shared]


@pytest.fixture(scope="module")
def check(law: list[Quad]) -> Check:
    """Hold the invented law with further statements to the shapes, as publishing does."""

    def run(quads: Iterable[Quad]) -> tuple[Finding, ...]:
        store = Store()
        store.extend([*law, *quads])
        try:
            check_store(Writer(store))
        except InvalidGraphError as error:
            return error.report.findings
        return ()

    return run


@pytest.fixture(scope="module")
def found(check: Check) -> Mapping[str, tuple[Finding, ...]]:
    """What was found in each twin.

    A rule on one node sees that node's own statements, and every twin has nodes of its own: these
    twins are checked together. A rule on the whole graph could see two twins at once: each of
    those is checked alone.
    """
    together = check(q for twin in TWINS.values() if not is_whole(twin) for q in twin.bad)
    apart = {name: check(twin.bad) for name, twin in TWINS.items() if is_whole(twin)}
    shared = {
        name: tuple(each for each in together if each.focus.startswith(twin.base))
        for name, twin in TWINS.items()
        if not is_whole(twin)
    }
    assert sum(map(len, shared.values())) == len(together)
    return {**shared, **apart}


@pytest.mark.parametrize("name", TWINS)
def test_twin_breaks_exactly_its_shape(name: str, found: Mapping[str, tuple[Finding, ...]]) -> None:
    """The nodes that a twin names break its shape, and no node breaks one that it does not name."""
    twin = TWINS[name]

    own = {(twin.breaks, node) for node in twin.nodes}
    assert {(each.shape, each.focus) for each in found[name]} == own | twin.also
    assert {node for _, node in twin.also} <= twin.nodes


@pytest.mark.parametrize("name", TWINS)
def test_report_says_where_what_and_what_to_do(
    name: str, found: Mapping[str, tuple[Finding, ...]]
) -> None:
    """People read the file, the node, the rule's sentence and the advice."""
    shape = SHAPE[TWINS[name].breaks]
    sentence = str(shapes().value(shape, SH.message)).partition("{?")[0]
    advice = str(shapes().value(shape, URIRef(PREFIXES["rdfs"] + "comment")))

    for each in (each for each in found[name] if each.shape == TWINS[name].breaks):
        rule, node, mend = str(each).splitlines()
        assert rule.startswith(f"{FILE}: {sentence}")
        assert rule.endswith(f" [{TWINS[name].breaks}]")
        assert node.startswith(f"    node: {each.focus}")
        assert mend == f"    do:   {advice}"


def test_mended_twins_are_sound(check: Check) -> None:
    """The same nodes, mended, break nothing, so it was the planted mistake that was found."""
    assert TWINS

    assert check(quad for twin in TWINS.values() for quad in twin.mended) == ()


def test_every_handwritten_shape_has_a_twin() -> None:
    """No shape of any file is taken on trust, and no twin is named after another shape."""
    assert untwinned(handwritten()) == set()
    assert {name: twin.breaks for name, twin in TWINS.items()} == {name: name for name in TWINS}


def test_shape_without_a_twin_is_seen() -> None:
    """A new shape fails the test above until somebody writes its twin."""
    graph_ = handwritten('shape:new sh:path cg:code ; sh:minCount 1 ; sh:message "A code." .')

    assert untwinned(graph_) == {"new"}


def unbroken(law: Iterable[Quad], twins: Iterable[Twin]) -> list[str]:
    """The shapes of constraints that no twin breaks, a shape as often as it has such ones."""
    store = Store()
    store.extend([*law, *(quad for twin in twins for quad in twin.bad)])
    broken = {breach.check for breach in engine().run(store)}
    left = (check.shape.removeprefix(SHAPE) for check in engine().checks if check not in broken)
    return sorted(name for name in left if name not in made())


def test_every_constraint_of_a_shape_is_broken(law: list[Quad]) -> None:
    """Each parameter, such as least number, greatest number and pattern, has a node for itself."""
    others = (twin for name, twin in TWINS.items() if name != "versionBytes")

    assert unbroken(law, TWINS.values()) == []
    assert unbroken(law, others) == ["versionBytes"] * 3


def test_every_sort_of_value_shape_has_a_twin() -> None:
    """Datatypes, classes and closed lists each have a twin."""
    broken = {twin.breaks for twin in TWINS.values()}

    assert {made()[name] for name in broken & made().keys()} == {"datatype", "class", "node"}


def test_every_value_shape_objects_to_a_wrong_value(check: Check) -> None:
    """Each property of the ontology with a range or a closed list refuses a value out of it."""
    nothing = NamedNode(f"{ID}twin/nothing")
    terms = {name: vocabulary().term(name.removeprefix("value-")) for name in made()}
    nodes = {name: NamedNode(f"{ID}twin/{name}") for name in made()}

    found = check(Quad(nodes[name], NamedNode(terms[name].iri), nothing, WHERE) for name in terms)

    assert {(each.shape, each.focus) for each in found if each.shape in made()} == {
        (name, node.value) for name, node in nodes.items()
    }


@pytest.mark.parametrize(
    ("start", "end"), [("-13", "13"), ("0", "999"), ('"zero"', "13"), ("0", '"13"'), ("0", "0.5")]
)
def test_quote_at_impossible_offsets_is_refused(start: str, end: str, check: Check) -> None:
    """Offsets that lie outside of the text, or are no whole numbers, prove no quote."""
    twin = TWINS["quoteStands"]
    offsets = {PREFIXES["oa"] + "start", PREFIXES["oa"] + "end"}
    quote = NamedNode(f"{twin.base}word")
    others = {q for q in twin.mended if q.subject != quote or q.predicate.value not in offsets}

    found = check(others | turtle(f":word oa:start {start} ; oa:end {end} .", twin.base))

    assert {each.focus for each in found} == {quote.value}


def test_report_reads_as_text() -> None:
    """A report lists its findings with a blank line between and counts them."""
    one = Finding("a.yaml:3", "https://a.example/", "label", "Wrong.", "Mend it.", value="x")
    two = Finding("", "https://b.example/", "label", "Wrong.", "Mend it.")

    assert str(Report((one, two))) == (
        "a.yaml:3: Wrong. [label]\n    node: https://a.example/ (value: x)\n    do:   Mend it.\n\n"
        "Wrong. [label]\n    node: https://b.example/\n    do:   Mend it.\n\n2 breaches"
    )
    assert str(Report((two,))).endswith("\n\n1 breach")


@pytest.fixture
def own(data: Path, tmp_path: Path) -> Path:
    """A data directory with a published release that a test may spoil."""
    return shutil.copytree(data, tmp_path / "data")


def test_broken_store_is_not_published(own: Path) -> None:
    """Whatever came into the writer's store, the last sound release keeps being served."""
    before = Releases(own).current().id
    with writing(own) as writer:
        writer.store.extend(TWINS["noOverlap"].bad)

    with pytest.raises(InvalidGraphError) as caught:
        publish(own)

    sentence = "Two versions of one requirement are in force on the same day."
    assert caught.value.message.startswith(f"{FILE}: {sentence} [noOverlap]\n")
    assert caught.value.value == ["noOverlap"] * len(TWINS["noOverlap"].nodes)
    assert [release.id for release in Releases(own).all()] == [before]
    assert Releases(own).current().id == before


def test_triple_in_two_graphs_is_not_published(own: Path) -> None:
    """A triple that two files hold would be counted twice, so neither is published."""
    before = Releases(own).current().id
    npa = NamedNode(graph("law/xx-north/npa"))
    with writing(own) as writer:
        quad = next(iter(writer.store.quads_for_pattern(None, None, None, npa)))
        writer.store.add(Quad(quad.subject, quad.predicate, quad.object, WHERE))

    with pytest.raises(InvalidGraphError) as caught:
        publish(own)

    (finding,) = caught.value.report.findings
    assert (finding.shape, finding.focus) == ("oneGraph", str(quad.triple))
    assert finding.where in {"xx-north/npa.yaml", "xx-north/twin.yaml"}
    assert Releases(own).current().id == before


def test_law_has_every_triple_once(sources: Path) -> None:
    """The store that the twin above spoils is sound before that."""
    store = Store()
    store.extend(quad for unit in compile_sources(sources) for quad in unit.quads())

    check_graphs(Writer(store))

    assert {iri_of(g) for g in store.named_graphs()} >= {graph("law/xx-north/npa")}
