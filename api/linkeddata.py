"""Linked data: `/id/…`, `/ns` and its context, `/lookup`, `/.well-known/void`.

A path below `/id/` stands for the IRI ``https://w3id.org/clausegraph`` + path, whatever the name
of the server. The form is chosen by ``?format=``, else by a suffix (`.ttl`), else by Accept.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from clausegraph.api import dumps, nodepages
from clausegraph.api.conditional import answer
from clausegraph.api.formats import JSON_LD, REPRESENTATIONS, Format
from clausegraph.api.nearmatches import hint
from clausegraph.api.negotiation import choose
from clausegraph.api.problems import BadParameterError, NotAcceptableError, respond
from clausegraph.api.representations import ONTOLOGY, known, serialise, triples
from clausegraph.api.sites import NotFoundError, Site, parameter, site_of
from clausegraph.ontology import context
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import ID, PREFIXES, IriError, mint

_FORMS = {form.name: form for form in REPRESENTATIONS}
_TYPES = {form.media_type: form for form in REPRESENTATIONS}
_ROOT = ID.removesuffix("id/")
_VERSION = NamedNode(PREFIXES["owl"] + "versionIRI")


def routes() -> list[BaseRoute]:
    """The routes of this module, and of the dumps that the data set's description names."""
    return [
        Route("/id/{path:path}", identified),
        Route("/ns", ontology),
        Route("/ns.{suffix}", ontology),
        Route("/ns/context.jsonld", context_document),
        Route("/ns/{version}", ontology_version),
        Route("/lookup", lookup),
        Route("/.well-known/void", well_known),
        *dumps.routes(),
    ]


def identified(request: Request) -> Response:
    """What the release says of an IRI of ours."""
    site = site_of(request)
    raw = raw_path(request).removeprefix("/id/")
    iri, suffix = resolve(site, raw)
    if iri is None:
        raise NotFoundError(
            f"release {site.reader.release.id} has nothing at {ID}{raw}",
            hint=hint(site.reader, raw),
            value=ID + raw,
        )
    return represent(request, site, iri, suffix)


def ontology(request: Request) -> Response:
    """The whole ontology; its terms are fragments of this address."""
    suffix = request.path_params.get("suffix")
    if suffix is not None and suffix not in _FORMS:
        raise NotFoundError(
            f"the ontology has no form {suffix!r}", hint=f"It has {_offer()}.", value=suffix
        )
    return represent(request, site_of(request), ONTOLOGY, suffix)


def ontology_version(request: Request) -> Response:
    """The ontology by the IRI of its version; only the version of the release is here."""
    site = site_of(request)
    wanted = NamedNode(f"{ONTOLOGY}/{quote(request.path_params['version'], safe='')}")
    about = (NamedNode(ONTOLOGY), _VERSION, wanted, None)
    if next(site.reader.store.quads_for_pattern(*about), None) is None:
        raise NotFoundError(
            f"the release holds another version than {wanted.value}",
            hint="The one it holds is at /ns.",
            value=wanted.value,
        )
    return represent(request, site, ONTOLOGY, None)


def represent(request: Request, site: Site, iri: str, suffix: str | None) -> Response:
    """One IRI in the form that the request asks for."""
    path = "/" + iri.removeprefix(_ROOT)
    headers = {"Vary": "Accept", "Link": _links(path, iri)}
    try:
        form = _form(request, suffix)
    except ClausegraphError as error:
        return respond(error, headers)
    headers |= {"Content-Location": f"{path}.{form.name}"}
    tag = f"{site.reader.release.id}-{form.name}"
    return answer(request, tag, form.media_type, lambda: _body(site, iri, form), headers)


def context_document(request: Request) -> Response:
    """The JSON-LD context of the whole vocabulary."""
    tag = f"{site_of(request).reader.release.id}-context"
    return answer(request, tag, JSON_LD.media_type, lambda: context.text().encode())


def lookup(request: Request) -> Response:
    """Lead from an IRI of ours to the address at which this server describes it."""
    iri = parameter(request, "uri")
    if iri is None:
        raise BadParameterError("`uri` is missing", hint="Ask with /lookup?uri= and an IRI.")
    if iri == ONTOLOGY or iri.startswith(ONTOLOGY + "#"):
        return RedirectResponse("/" + iri.removeprefix(_ROOT), 303)
    found = resolve(site_of(request), iri.removeprefix(ID))[0] if iri.startswith(ID) else None
    if found is None:
        raise NotFoundError(
            f"{iri} is not described here", hint=f"IRIs of the graph start with {ID}.", value=iri
        )
    return RedirectResponse("/" + found.removeprefix(_ROOT), 303)


def well_known(request: Request) -> Response:
    """Lead to the description of the data set, where the VoID note has crawlers look for it."""
    return RedirectResponse("/id/dataset", 303)


def raw_path(request: Request) -> str:
    """The path as it was sent: percent-encoded, so that an encoded slash is not a step."""
    raw = request.scope.get("raw_path") or quote(request.url.path).encode()
    return str(raw.decode("latin-1")).partition("?")[0]


def resolve(site: Site, raw: str) -> tuple[str | None, str | None]:
    """The IRI of a path below ``/id/`` and the suffix after it; the exact IRI goes first."""
    stem, dot, suffix = raw.rpartition(".")
    readings = [(raw, None)] + ([(stem, suffix)] if dot and suffix in _FORMS else [])
    for text, form in readings:
        try:
            iri = mint(*(unquote(part) for part in text.split("/")))
        except IriError:
            continue
        if known(site, iri):
            return iri, form
    return None, None


def _form(request: Request, suffix: str | None) -> Format:
    """The form asked for. Raises `BadParameterError` or `NotAcceptableError`."""
    asked = parameter(request, "format") or suffix
    if asked is not None:
        if asked not in _FORMS:
            raise BadParameterError(
                f"there is no format {asked!r}", hint=f"There are {_offer()}.", value=asked
            )
        return _FORMS[asked]
    accept = request.headers.get("accept", "*/*")
    chosen = choose(accept, list(_TYPES))
    if chosen is None:
        raise NotAcceptableError(
            "none of the forms on offer is acceptable", hint=f"There are {_offer()}.", value=accept
        )
    return _TYPES[chosen]


def _offer() -> str:
    return ", ".join(f"{form.name} ({form.media_type})" for form in REPRESENTATIONS)


def _links(path: str, iri: str) -> str:
    """The Link header: every form, and what it is that they describe."""
    forms = [
        f'<{path}.{form.name}>; rel="alternate"; type="{form.media_type}"'
        for form in REPRESENTATIONS
    ]
    return ", ".join([*forms, f'<{iri}>; rel="describes"'])


def _body(site: Site, iri: str, form: Format) -> bytes:
    if form.rdf is not None:
        return serialise(triples(site, iri), form)
    return nodepages.ontology(site) if iri == ONTOLOGY else nodepages.entity(site, iri)
