"""The modules of the ontology keep their word: names, errors, context and identifiers."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode
from rdflib import Graph

from clausegraph.ontology.context import context, text
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import ID, NS, PREFIXES, IriError, concept, graph, mint, parse
from clausegraph.ontology.terms import UnknownNameError, vocabulary


def test_vocabulary_is_read_with_everything_that_describes_it() -> None:
    """Terms, lists and concepts are found by the names people write."""
    unit = vocabulary().term("unit")
    usd = vocabulary().concept("unit", "usd")

    assert (
        unit.iri,
        unit.kind,
        unit.domains,
    ) == (NS + "unit", "object-property", (NS + "Quantity",))
    assert unit.values_from == vocabulary().scheme("unit").iri == mint("scheme", "unit")
    assert usd.iri == concept("unit", "usd")
    assert usd.scheme == "unit"
    assert usd.broader is None
    assert vocabulary().concept("topic", "cure").broader == "group-enforcement"


def test_unknown_name_is_refused_with_near_matches() -> None:
    """A misspelled name raises the project's error, which names what may have been meant."""
    with pytest.raises(UnknownNameError) as near:
        vocabulary().concept("topic", "right-to-delet")
    with pytest.raises(ClausegraphError, match="closed list 'xyzzy'") as far:
        vocabulary().scheme("xyzzy")

    assert "right-to-delete" in near.value.hint
    assert "schemes.ttl" in far.value.hint


def test_error_is_a_mapping_that_json_can_say() -> None:
    """Whatever value an error carries, its four keys can be sent."""
    error = ClausegraphError("Wrong.", hint="Mend it.", value={"at": [1, NamedNode(NS)]})

    expected = {"code": "clausegraph-error", "message": "Wrong.", "hint": "Mend it."}
    assert json.loads(json.dumps(error.as_dict())) == {**expected, "value": {"at": [1, f"<{NS}>"]}}


def test_committed_context_equals_the_generated_one() -> None:
    """The context is made from the vocabulary and never edited."""
    committed = files("clausegraph.ontology").joinpath("context.jsonld").read_text()

    assert committed == text(), "run: python -m clausegraph.ontology.context"


def test_context_turns_keys_into_the_terms_of_the_vocabulary() -> None:
    """A node written with the context has the IRIs, datatypes and links that the terms say."""
    node = {
        "id": mint("event", "a"),
        "type": "Event",
        "label": "E",
        "isPartOf": mint("section", "b"),
    }
    values = {
        "onOrAfter": "2026-01-01",
        "eventKind": concept("event-kind", "ruling"),
        "summary": "S",
    }
    read = Graph().parse(data=json.dumps({**context(), **node, **values}), format="json-ld")

    turtle = f"""@base <{ID}> . @prefix cg: <{NS}> .
      <event/a> a cg:Event ; <{PREFIXES["rdfs"]}label> "E" ; <{PREFIXES["eli"]}is_part_of> <section/b> ;
      cg:summary "S" ; cg:onOrAfter "2026-01-01"^^<{PREFIXES["xsd"]}date> ;
      cg:eventKind <event-kind/ruling> ."""
    assert set(Graph().parse(data=turtle, format="turtle")) == set(read)


PARTS = st.lists(st.text(min_size=1).filter(lambda part: part not in (".", "..")))


@given(st.from_regex(r"[a-z]+(-[a-z0-9]+)*", fullmatch=True), PARTS)
def test_parse_undoes_mint(kind: str, parts: list[str]) -> None:
    """Whatever an identifier was made from can be read back from it."""
    assert (kind, tuple(parts)) == parse(mint(kind, *parts))


@given(
    st.one_of(st.text(), st.text().map(ID.__add__), st.text("%aZ/.-é2F").map((ID + "a/").__add__))
)
def test_mint_undoes_parse_or_parse_refuses(iri: str) -> None:
    """An IRI has one spelling: any other is refused."""
    try:
        kind, parts = parse(iri)
    except IriError:
        return

    assert iri == mint(kind, *parts)


@pytest.mark.parametrize("parts", [("Act",), ("",), ("a", ""), ("a", ".."), ("a", "\ud800")])
def test_what_cannot_be_an_identifier_is_refused(parts: tuple[str, ...]) -> None:
    """Kinds that are no slugs, empty parts, dot segments and surrogates make no identifier."""
    with pytest.raises(IriError):
        mint(*parts)


def test_identifiers_read_as_documented() -> None:
    """The shapes of the identifiers are a promise to those who cite them."""
    requirement = mint("requirement", "us-ca", "ccpa", "right-to-delete")

    assert requirement == "https://w3id.org/clausegraph/id/requirement/us-ca/ccpa/right-to-delete"
    assert graph("us-ca/ccpa") == "https://w3id.org/clausegraph/id/graph/us-ca/ccpa"
    assert concept("unit", "usd") == "https://w3id.org/clausegraph/id/unit/usd"
    assert mint("section", "us-ca", "ccpa", "1 a/b").endswith("/1%20a%2Fb")
