"""Opinions as they lie in the store: read for the examination, written by the review."""

from __future__ import annotations

from datetime import datetime

from pyoxigraph import NamedNode

from clausegraph.api.store import Writer
from clausegraph.loaders.opinions import Opinion
from clausegraph.loaders.policies import Identity
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import NS, PREFIXES, graph, parse


def opinions_graph(identity: Identity) -> str:
    """The named graph of what people hold of a document's findings and mappings."""
    return graph(f"opinions/{identity.platform_id}/{identity.document_id}")


def opinions_of(writer: Writer, identity: Identity) -> tuple[Opinion, ...]:
    """The opinions on a document's findings and mappings, in the order in which they were given."""
    nodes: dict[str, dict[str, str]] = {}
    pattern = (None, None, None, NamedNode(opinions_graph(identity)))
    for quad in writer.store.quads_for_pattern(*pattern):
        local = quad.predicate.value.removeprefix(NS).removeprefix(PREFIXES["dcterms"])
        nodes.setdefault(iri_of(quad.subject), {})[local] = str(getattr(quad.object, "value", ""))
    found = [_opinion(facts) for facts in nodes.values() if "decision" in facts]
    return tuple(sorted(found, key=lambda each: (each.at, each.author, each.requirement)))


def _opinion(facts: dict[str, str]) -> Opinion:
    return Opinion(
        kind=parse(facts["judgement"])[0].capitalize(),
        requirement=facts["requirement"],
        evidence=facts["evidenceSha256"],
        author=facts["creator"],
        at=datetime.fromisoformat(facts["givenAt"]),
        decision=facts["decision"].rpartition("/")[2],
        state=facts.get("findingState", "").rpartition("/")[2],
    )
