"""The forms in which triples leave the house: media type, name in addresses, syntax."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import RdfFormat


@dataclass(frozen=True)
class Format:
    """A form; `name` is its file suffix and its value of ``?format=``; `rdf` is None for HTML."""

    name: str
    media_type: str
    title: str
    rdf: RdfFormat | None


HTML = Format("html", "text/html", "HTML page", None)
TURTLE = Format("ttl", "text/turtle", "Turtle", RdfFormat.TURTLE)
JSON_LD = Format("jsonld", "application/ld+json", "JSON-LD", RdfFormat.JSON_LD)
N_TRIPLES = Format("nt", "application/n-triples", "N-Triples", RdfFormat.N_TRIPLES)
RDF_XML = Format("rdf", "application/rdf+xml", "RDF/XML", RdfFormat.RDF_XML)
N_QUADS = Format("nq", "application/n-quads", "N-Quads", RdfFormat.N_QUADS)
TRIG = Format("trig", "application/trig", "TriG", RdfFormat.TRIG)

REPRESENTATIONS = (HTML, TURTLE, JSON_LD, N_TRIPLES, RDF_XML)
"""How one thing is described, the default first."""

DUMPS = {
    "nquads": N_QUADS,
    "trig": TRIG,
    "turtle": TURTLE,
    "jsonld": JSON_LD,
    "ntriples": N_TRIPLES,
}
"""How a whole release is written, by the name that the command line gives the form."""
