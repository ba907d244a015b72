"""The JSON-LD context, made from the vocabulary so that the two cannot disagree.

`python -m clausegraph.ontology.context` rewrites ``context.jsonld``, which a test compares.
"""

from __future__ import annotations

import functools
import json
from importlib.resources import as_file, files

from clausegraph.ontology.iris import PREFIXES
from clausegraph.ontology.terms import Term, vocabulary

Definition = str | dict[str, str]


@functools.cache
def context() -> dict[str, dict[str, Definition]]:
    """The context document: one key, ``@context``, with prefixes, classes and properties.

    A class is a string, a property a mapping with ``@id`` and, where values are not plain
    strings, ``@type``.
    """
    terms = sorted(vocabulary().terms.values(), key=lambda term: term.local)
    keys: dict[str, Definition] = {"id": "@id", "type": "@type", **PREFIXES}
    keys |= {term.local: _definition(term) for term in terms if term.kind == "class"}
    keys |= {term.local: _definition(term) for term in terms if term.kind != "class"}
    return {"@context": keys}


def text() -> str:
    """The context as the committed file holds it."""
    return json.dumps(context(), indent=2) + "\n"


def main() -> None:
    """Rewrite ``context.jsonld`` beside this module."""
    with as_file(files("clausegraph.ontology").joinpath("context.jsonld")) as path:
        path.write_text(text())


def _definition(term: Term) -> Definition:
    name = compact(term.iri)
    if term.kind == "class":
        return name
    if _is_link(term):
        return {"@id": name, "@type": "@id"}
    if term.range in (None, PREFIXES["xsd"] + "string"):
        return {"@id": name}
    return {"@id": name, "@type": compact(str(term.range))}


def _is_link(term: Term) -> bool:
    """Whether values are things; an annotation's are where its range is a class."""
    links_to_class = term.range is not None and not term.range.startswith(PREFIXES["xsd"])
    return term.kind == "object-property" or links_to_class


def compact(iri: str) -> str:
    """Write an IRI with its prefix, or in full where no prefix fits."""
    fits = [(base, prefix) for prefix, base in PREFIXES.items() if iri.startswith(base)]
    if not fits:
        return iri
    base, prefix = max(fits)
    return f"{prefix}:{iri.removeprefix(base)}"


if __name__ == "__main__":
    main()
