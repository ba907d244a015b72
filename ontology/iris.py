"""Identifiers: how the project's IRIs are made and taken apart again.

Terms live in `NS`, everything else under `ID`. `mint` and `parse` are an inverse pair, so each
thing has exactly one spelling, and an IRI in another spelling is refused, not repaired.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import ClassVar, Final
from urllib.parse import quote, unquote

from clausegraph.ontology.errors import ClausegraphError

NS: Final = "https://w3id.org/clausegraph/ns#"
ID: Final = "https://w3id.org/clausegraph/id/"

PREFIXES: Final = {
    "cg": NS,
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eli": "http://data.europa.eu/eli/ontology#",
    "legal-us": "https://w3id.org/dpv/legal/us#",
    "loc": "https://w3id.org/dpv/loc#",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "vs": "http://www.w3.org/2003/06/sw-vocab-status/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Every prefix that the project writes, with its namespace."""

_KIND = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class IriError(ClausegraphError):
    """An identifier is not one of the project's, or cannot be made into one."""

    code: ClassVar[str] = "invalid-iri"


def mint(kind: str, *parts: str) -> str:
    """Make the IRI of a thing: ``mint("requirement", "us-ca", "ccpa", "right-to-delete")``.

    Whatever a path cannot hold is percent-encoded. Raises `IriError` where the kind is not a
    lower-case slug, or where a part is empty, a dot segment or not encodable.
    """
    if _KIND.fullmatch(kind) is None:
        raise IriError(
            f"{kind!r} is not a kind of thing.",
            hint="A kind is written in small letters, digits and single hyphens.",
            value=kind,
        )
    return ID + "/".join([kind, *map(_encode, parts)])


def parse(iri: str) -> tuple[str, tuple[str, ...]]:
    """Take an IRI apart into its kind and parts; the inverse of `mint`.

    Raises `IriError` where `mint` would not have made exactly this IRI.
    """
    kind, *parts = map(_decode, iri.removeprefix(ID).split("/"))
    if not iri.startswith(ID) or mint(kind, *parts) != iri:
        raise IriError(
            f"{iri!r} is not an identifier of this project.",
            hint=f"Identifiers start with {ID} and are spelled as they were handed out.",
            value=iri,
        )
    return kind, tuple(parts)


@lru_cache(maxsize=2_048)
def concept(scheme: str, slug: str) -> str:
    """Make the IRI of a concept of a closed list: ``concept("unit", "usd")``."""
    return mint(scheme, slug)


def graph(path: str) -> str:
    """Make the IRI of a named graph from the path of what it holds: ``graph("us-ca/ccpa")``."""
    return mint("graph", *path.split("/"))


def _encode(part: str) -> str:
    if part in ("", ".", ".."):
        raise IriError(
            f"{part!r} cannot be a part of an identifier.",
            hint="Give every part a name; a path resolver would drop this one.",
            value=part,
        )
    try:
        return quote(part, safe="")
    except UnicodeEncodeError as error:
        raise IriError(
            f"{part!r} cannot be written in UTF-8.",
            hint="Remove the surrogate characters.",
            value=part,
        ) from error


def _decode(part: str) -> str:
    return unquote(part, errors="replace")
