"""Every term and concept of the ontology is described in full.

Each lint is a function from statements to a list of offenders. The twins prove it: each takes the
small sound ontology, spoils one thing and names exactly what the lint then has to find.
"""

from __future__ import annotations

import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from clausegraph.ontology.context import compact
from clausegraph.ontology.iris import ID, NS, PREFIXES, graph, mint
from clausegraph.ontology.terms import FILES, quads

Lint = Callable[[Iterable[Quad]], list[str]]
Value = NamedNode | Literal | BlankNode
Facts = dict[str, dict[str, list[Value]]]

TERM = "rdfs:label skos:definition skos:example dcterms:source rdfs:isDefinedBy vs:term_status"
CONCEPT = "rdfs:label skos:prefLabel skos:definition skos:example dcterms:source skos:inScheme"
SCHEME = "rdfs:label skos:definition skos:example dcterms:source rdfs:isDefinedBy"
HEADER = (
    "rdfs:label dcterms:title dcterms:description dcterms:creator dcterms:license dcterms:created"
    " dcterms:modified vann:preferredNamespacePrefix owl:versionIRI owl:versionInfo"
)
TEMPLATES = {
    "owl:Class": TERM,
    "owl:ObjectProperty": TERM,
    "owl:DatatypeProperty": TERM,
    "owl:AnnotationProperty": TERM,
    "skos:Concept": CONCEPT,
    "skos:ConceptScheme": SCHEME,
    "owl:Ontology": HEADER,
}
TEXTS = ("rdfs:label", "skos:prefLabel", "skos:definition", "skos:example")
DATA = ("jurisdiction", "instrument", "enforcer", "agent")

GOOD = """
cg: a owl:Ontology ; rdfs:label "Sound"@en ; dcterms:title "Sound"@en ; dcterms:description "d"@en ;
  dcterms:creator <agent/a> ; dcterms:license <https://example.org/l> ; dcterms:created "2026-11-24" ;
  dcterms:modified "2026-11-24" ; vann:preferredNamespacePrefix "cg" ;
  owl:versionIRI <https://example.org/1> ; owl:versionInfo "1" .
cg:Thing a owl:Class ; rdfs:label "Thing"@en ; skos:definition "Whatever there is."@en ;
  skos:example "A stone."@en ; dcterms:source cg: ; rdfs:isDefinedBy cg: ; vs:term_status "stable" .
cg:hue a owl:ObjectProperty ; rdfs:label "hue"@en ; skos:definition "How it looks in light."@en ;
  skos:example "Red."@en ; dcterms:source cg: ; rdfs:isDefinedBy cg: ; vs:term_status "stable" ;
  rdfs:domain cg:Thing ; rdfs:range skos:Concept ; cg:valuesFrom <scheme/hue> .
cg:valuesFrom a owl:AnnotationProperty ; rdfs:label "list"@en ; skos:definition "Where values are."@en ;
  skos:example "The hues."@en ; dcterms:source cg: ; rdfs:isDefinedBy cg: ; vs:term_status "stable" ;
  rdfs:range skos:ConceptScheme .
<scheme/hue> a skos:ConceptScheme ; rdfs:label "Hues"@en ; skos:definition "What eyes tell apart."@en ;
  skos:example "Red of a rose."@en ; dcterms:source cg: ; rdfs:isDefinedBy cg: .
<hue/red> a skos:Concept ; rdfs:label "Red"@en ; skos:prefLabel "Red"@en ;
  skos:definition "As blood looks."@en ; skos:example "A rose."@en ; dcterms:source cg: ;
  skos:inScheme <scheme/hue> ; skos:topConceptOf <scheme/hue> .
<hue/pink> a skos:Concept ; rdfs:label "Pink"@en ; skos:prefLabel "Pink"@en ;
  skos:definition "Mixed with much white."@en ; skos:example "A pig."@en ; dcterms:source cg: ;
  skos:inScheme <scheme/hue> ; skos:broader <hue/red> .
<jurisdiction/us-ca> skos:exactMatch loc:US-CA .
"""


def index(statements: Iterable[Quad]) -> Facts:
    """Values by short subject and short predicate."""
    found: Facts = defaultdict(lambda: defaultdict(list))
    for quad in statements:
        assert not isinstance(quad.subject, Triple)
        assert not isinstance(quad.object, Triple)
        found[short(quad.subject.value)][compact(quad.predicate.value)].append(quad.object)
    return found


def short(iri: str) -> str:
    """An IRI as the Turtle files write it."""
    return compact(iri).removeprefix(ID)


def kinds(facts: Facts) -> Iterator[tuple[str, str]]:
    """Each described thing with its type."""
    for name, values in list(facts.items()):
        for type_ in values["rdf:type"]:
            yield name, compact(type_.value)


def one(facts: Facts, name: str, predicate: str) -> str:
    """The first value, or nothing."""
    return next((value.value for value in facts[name][predicate]), "")


def untemplated(statements: Iterable[Quad]) -> list[str]:
    """Things without exactly one of each of what their kind needs, or with texts not in English."""
    facts = index(statements)
    found = [
        f"{name} {predicate}"
        for name, kind in kinds(facts)
        for predicate in TEMPLATES[kind].split()
        if len(facts[name][predicate]) != 1
    ]
    for name, _ in kinds(facts):
        texts = [value for predicate in TEXTS for value in facts[name][predicate]]
        found += [
            f"{name} @en" for t in texts if not (isinstance(t, Literal) and t.language == "en")
        ]
    return found


def undefining(statements: Iterable[Quad]) -> list[str]:
    """Definitions that are not one sentence with a full stop, or add too little to the label."""
    facts = index(statements)
    found = []
    for name, values in list(facts.items()):
        for definition in values["skos:definition"]:
            said = definition.value
            new = words(said) - words(one(facts, name, "rdfs:label"))
            if not said.endswith(".") or re.search(r"[.!?] [A-Z]", said) or len(new) < 2:
                found.append(name)
        found += [f"{name} e.g." for e in values["skos:example"] if not e.value.endswith(".")]
    return found


def words(said: str) -> set[str]:
    """The words that carry meaning."""
    return {word for word in re.findall(r"[a-z]+", said.lower()) if len(word) > 3}


def ambiguous(statements: Iterable[Quad]) -> list[str]:
    """Labels used twice in one kind or closed list, and definitions and names used twice at all."""
    facts = index(statements)
    seen: Counter[str] = Counter()
    for name, kind in kinds(facts):
        place = one(facts, name, "skos:inScheme") or ("Class" if kind == "owl:Class" else kind[-8:])
        seen[f"{place} {one(facts, name, 'rdfs:label').casefold()}"] += 1
        seen[one(facts, name, "skos:definition")] += 1
        seen[name.rpartition(":")[2]] += 1
    return [what for what, count in seen.items() if count > 1 and what]


def undefined(statements: Iterable[Quad]) -> list[str]:
    """IRIs of ours that are used and described nowhere, nodes of the data excepted."""
    facts = index(held := list(statements))
    described = {name for name, _ in kinds(facts)}
    nodes = [node for quad in held for node in (quad.subject, quad.predicate, quad.object)]
    used = {node.value for node in nodes if isinstance(node, NamedNode)}
    ours = {
        iri for iri in used if iri.startswith((NS, ID)) and not iri.startswith(graph("ontology"))
    }
    return sorted(
        short(iri)
        for iri in ours
        if short(iri) not in described and short(iri).partition("/")[0] not in DATA
    )


def misplaced(statements: Iterable[Quad]) -> list[str]:
    """Properties whose kind, domain, range and closed list do not fit, concepts in a wrong place."""
    facts = index(statements)
    found = []
    for name, kind in kinds(facts):
        values = facts[name]
        if kind.endswith("Property") and name.startswith("cg:"):
            found += [f"{name} {fault}" for fault in property_faults(kind, values)]
        if kind == "skos:Concept":
            scheme, _, slug = name.partition("/")
            tops, broader = values["skos:topConceptOf"], values["skos:broader"]
            fits = one(facts, name, "skos:inScheme") == mint("scheme", scheme) and slug
            if not fits or len(tops) + len(broader) != 1:
                found.append(name)
            if one(facts, name, "rdfs:label") != one(facts, name, "skos:prefLabel"):
                found.append(f"{name} label")
    return found


def property_faults(kind: str, values: dict[str, list[Value]]) -> Iterator[str]:
    """What is wrong with one property."""
    ranges = [
        compact(value.value) for value in values["rdfs:range"] + values["schema:rangeIncludes"]
    ]
    datatypes = [range_.startswith("xsd:") for range_ in ranges]
    if (
        not ranges
        or any(datatypes) != (kind == "owl:DatatypeProperty")
        or len(values["rdfs:range"]) > 1
    ):
        yield "range"
    if (ranges == ["skos:Concept"]) != (len(values["cg:valuesFrom"]) == 1):
        yield "list"
    domains = len(values["rdfs:domain"]), len(values["schema:domainIncludes"])
    if (
        kind != "owl:AnnotationProperty"
        and domains != (1, 0)
        and not (domains[0] == 0 and domains[1] > 1)
    ):
        yield "domain"


def doubled(statements: Iterable[Quad]) -> list[str]:
    """Statements that stand in two named graphs, and blank nodes."""
    held = list(statements)
    seen = Counter(str(quad.triple) for quad in held)
    nodes = [node for quad in held for node in (quad.subject, quad.object)]
    blanks = ["blank node"] if any(isinstance(node, BlankNode) for node in nodes) else []
    return [statement for statement, count in seen.items() if count > 1] + blanks


LINTS: list[Lint] = [untemplated, undefining, ambiguous, undefined, misplaced, doubled]


def ontology(turtle: str, name: str = "vocabulary") -> list[Quad]:
    """Statements of a Turtle text with the usual prefixes, in a named graph."""
    head = f"@base <{ID}> .\n" + "".join(f"@prefix {p}: <{n}> .\n" for p, n in PREFIXES.items())
    where = NamedNode(graph(f"ontology/{name}"))
    triples = parse(io.BytesIO((head + turtle).encode()), RdfFormat.TURTLE)
    return [Quad(t.subject, t.predicate, t.object, where) for t in triples]


@pytest.mark.parametrize("lint", LINTS)
def test_ontology_passes_every_lint(lint: Lint) -> None:
    """Every term, concept and list of the ontology is sound."""
    graphs = {str(quad.graph_name) for quad in quads()}
    assert graphs == {f"<{graph(f'ontology/{name}')}>" for name in FILES}

    assert lint(quads()) == []


@pytest.mark.parametrize("lint", LINTS)
def test_sound_ontology_passes_every_lint(lint: Lint) -> None:
    """The small ontology that the twins spoil is sound before that."""
    assert lint(ontology(GOOD)) == []


TWINS: list[tuple[Lint, str, str, list[str]]] = [
    (untemplated, 'skos:example "A stone."@en ;', "", ["cg:Thing skos:example"]),
    (untemplated, '"Thing"@en', '"Thing"@en , "Object"@en', ["cg:Thing rdfs:label"]),
    (untemplated, '"Thing"@en', '"Thing"', ["cg:Thing @en"]),
    (untemplated, 'owl:versionInfo "1"', 'rdfs:comment "1"', ["cg: owl:versionInfo"]),
    (untemplated, 'skos:prefLabel "Red"@en ;', "", ["hue/red skos:prefLabel"]),
    (untemplated, "cg: ; rdfs:isDefinedBy cg: .", "cg: .", ["scheme/hue rdfs:isDefinedBy"]),
    (undefining, "there is.", "there is", ["cg:Thing"]),
    (undefining, "there is.", "there is. Or was, once.", ["cg:Thing"]),
    (undefining, "How it looks in light.", "The hue.", ["cg:hue"]),
    (undefining, "A stone.", "A stone", ["cg:Thing e.g."]),
    (ambiguous, '"Pink"@en', '"Red"@en', [f"{ID}scheme/hue red"]),
    (ambiguous, "Mixed with much white.", "As blood looks.", ["As blood looks."]),
    (ambiguous, '"list"@en', '"list"@en . eli:hue a owl:ObjectProperty', ["hue"]),
    (undefined, "rdfs:domain cg:Thing", "rdfs:domain cg:Think", ["cg:Think"]),
    (undefined, "skos:broader <hue/red>", "skos:broader <hue/read>", ["hue/read"]),
    (undefined, "<jurisdiction/us-ca>", "<place/us-ca>", ["place/us-ca"]),
    (misplaced, "; cg:valuesFrom <scheme/hue>", "", ["cg:hue list"]),
    (
        misplaced,
        "rdfs:range skos:Concept ;",
        "rdfs:range xsd:date ;",
        ["cg:hue range", "cg:hue list"],
    ),
    (misplaced, "rdfs:domain cg:Thing", "schema:domainIncludes cg:Thing", ["cg:hue domain"]),
    (misplaced, "; skos:broader <hue/red>", "", ["hue/pink"]),
    (misplaced, "<hue/pink>", "<hues/pink>", ["hues/pink"]),
    (misplaced, 'skos:prefLabel "Red"', 'skos:prefLabel "Ruby"', ["hue/red label"]),
    (doubled, "<jurisdiction/us-ca>", "[]", ["blank node"]),
]


@pytest.mark.parametrize(("lint", "sound", "spoiled", "found"), TWINS)
def test_lint_finds_its_bad_twin(lint: Lint, sound: str, spoiled: str, found: list[str]) -> None:
    """A lint names exactly what was spoiled."""
    assert sound in GOOD

    assert lint(ontology(GOOD.replace(sound, spoiled))) == found


def test_statement_in_two_graphs_is_found() -> None:
    """The store would count a statement twice that stands in two named graphs."""
    statement = "cg:hue rdfs:range skos:Concept ."
    both = ontology(statement) + ontology(statement, "schemes")

    assert len(doubled(both)) == 1
