"""From a store to the rows of the index that all histories share: platforms and documents."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from clausegraph.api.policyrows import Facts, Names, Rows, short, slug
from clausegraph.api.reader import predicates
from clausegraph.api.source import Triples
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import PREFIXES
from clausegraph.ontology.terms import vocabulary

_TYPE = NamedNode(PREFIXES["rdf"] + "type")


def platform_rows(store: Triples, names: Names) -> dict[str, Rows]:
    """Every platform and document, whether or not a history of it was loaded."""
    facts = Facts(store, None)
    platforms, documents = _typed(store, "Platform"), _typed(store, "Document")
    names.platforms |= names.number("platform", platforms)
    names.documents |= names.number("document", documents)
    labels = {iri: _label(store, iri) for iri in (*platforms, *documents)}
    return {
        "platform": [
            (at, short(iri), *labels[iri], facts["invented"].get(iri) == "true")
            for iri, at in names.platforms.items()
        ],
        "document": [
            (at, short(iri), *labels[iri], names.platforms[facts["platform"][iri]],
             slug(facts["documentKind"][iri]), facts["documentType"].get(iri, "").casefold())
            for iri, at in names.documents.items()
        ],
    }  # fmt: skip


def _typed(store: Triples, kind: str) -> list[str]:
    """The IRIs of all nodes of a class, in their order."""
    found = store.quads_for_pattern(None, _TYPE, NamedNode(vocabulary().term(kind).iri), None)
    return sorted({iri_of(quad.subject) for quad in found})


def _label(store: Triples, iri: str) -> tuple[str, str]:
    """The label of a node, and the same in the form in which labels are compared."""
    found = store.quads_for_pattern(NamedNode(iri), predicates()["label"], None, None)
    text = min((_text(quad.object) for quad in found), default=slug(iri))
    return text, text.casefold()


def _text(term: object) -> str:
    assert isinstance(term, Literal)
    return term.value
