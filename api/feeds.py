"""`/feeds/changes.atom` and `/feeds/changes.json`: what changed, for readers that come again.

A feed of everything, of a platform, a document, a kind of document, a portfolio or a saved query.
Parameters are joined by and, values of one by or. What a feed names must be there: an empty feed
would look like news of nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import strawberry
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from clausegraph.api import moments
from clausegraph.api.conditional import answer
from clausegraph.api.enums import DocumentKind, Significance
from clausegraph.api.feedentries import Entry, cleaned, entry
from clausegraph.api.feedformats import FORMS, Feed, Form, moment
from clausegraph.api.named import names, shortened
from clausegraph.api.policyfilters import ChangeFilter
from clausegraph.api.problems import BadParameterError
from clausegraph.api.render import NOTICE, render
from clausegraph.api.savedqueries import MEANING, changes_of, filter_of, view_of
from clausegraph.api.sites import NotFoundError, Site, only, parameter, site_of
from clausegraph.ontology.iris import ID, concept
from clausegraph.ontology.terms import UnknownNameError, vocabulary

DEFAULT, MOST = 50, 500
"""Entries of a feed that asks for no number, and the largest number."""
_THINGS = {"platform": "platform", "document": "document", "portfolio": "portfolio",
           "query": "saved-query"}  # fmt: skip
_KNOWN = ("platform", "document", "kind", "portfolio", "significance", "silent", "since", "query",
          "limit")  # fmt: skip
_MANY = ("platform", "document", "kind", "portfolio", "significance")
_LONGEST = 100


def routes() -> list[BaseRoute]:
    """The routes of this module."""
    return [Route("/feeds/changes.{form:str}", changes)]


@dataclass(frozen=True)
class Asked:
    """What a request asks for: filters, the number of entries, names and parameters."""

    filters: tuple[ChangeFilter, ...]
    limit: int
    labels: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]


def changes(request: Request) -> Response:
    """A feed of changes."""
    form = FORMS.get(request.path_params["form"])
    if form is None:
        raise NotFoundError(
            f"there is nothing at {request.url.path}",
            hint="Feeds are /feeds/changes.atom and /feeds/changes.json.",
            value=request.url.path,
        )
    site = site_of(request)
    asked = read(request, site)
    address = _address(site, form, asked)
    tag = f"{site.reader.release.id}-{hashlib.sha256(address.encode()).hexdigest()[:16]}"
    link = f'<{address}>; rel="self"; type="{form.media_type}"'
    return answer(request, tag, form.media_type, lambda: _body(site, form, asked), {"Link": link})


def read(request: Request, site: Site) -> Asked:
    """What a request asks for.

    Raises `BadParameterError`, and `NotFoundError` where the release lacks what is named.
    """
    only(request, *_KNOWN)
    given = {name: _values(request, name) for name in _KNOWN}
    found = {key: _identified(site, kind, given[key]) for key, kind in _THINGS.items()}
    own = ChangeFilter(
        platform=_ids(found["platform"]),
        document=_ids(found["document"]),
        portfolio=_ids(found["portfolio"]),
        document_kind=_members("kind", "document-kind", DocumentKind, given["kind"]),
        silent=_truth(given["silent"]),
        updated_since=_moment(given["since"]),
    )
    saved = [filter_of(each) for each in site.reader.entities(found["query"])]
    return Asked(
        filters=_weighed(saved, own, given["significance"]),
        limit=_limit(given["limit"]),
        labels=tuple(_label(site, iri) for iris in found.values() for iri in iris),
        parameters=tuple((key, value) for key, values in given.items() for value in values),
    )


def _weighed(
    saved: Sequence[ChangeFilter], own: ChangeFilter, texts: Sequence[str]
) -> tuple[ChangeFilter, ...]:
    """All filters with the significance asked for; else the saved query's, else meaning."""
    if "all" in texts and len(texts) > 1:
        raise BadParameterError("`significance` is `all` and more", hint="Give `all` alone.")
    if "all" in texts:
        return tuple(replace(each, significance=None) for each in (*saved, own))
    wanted = _members("significance", "significance", Significance, texts)
    if wanted is not None:
        return tuple(replace(each, significance=wanted) for each in (*saved, own))
    return (*saved, own if saved else replace(own, significance=[MEANING]))


def _values(request: Request, name: str) -> list[str]:
    """The values of a parameter, without the empty ones."""
    if name not in _MANY:
        value = parameter(request, name)
        return [] if value is None else [value]
    values = [value for value in request.query_params.getlist(name) if value]
    if len(values) > _LONGEST:
        raise BadParameterError(
            f"`{name}` is given {len(values)} times",
            hint=f"Give it at most {_LONGEST} times, or save a portfolio.",
        )
    return sorted(set(values))


def _identified(site: Site, kind: str, texts: Sequence[str]) -> list[str]:
    """The IRIs of what is named. Raises `NotFoundError` with near matches."""
    known = names(site.reader, kind) if texts else None
    found = []
    for text in texts:
        iri = known.find(text) if known else None
        if known and iri is None:
            raise NotFoundError(
                f"the release has no {kind} {shortened(text)!r}",
                hint=known.advice(text),
                value=shortened(text),
            )
        found.append(str(iri))
    return found


def _ids(iris: Sequence[str]) -> list[strawberry.ID] | None:
    return [strawberry.ID(iri) for iri in iris] or None


def _members(name: str, scheme: str, enum: Any, texts: Sequence[str]) -> list[Any] | None:
    """Members of an enum by the slugs of their concepts."""
    for text in texts:
        try:
            vocabulary().concept(scheme, text)
        except UnknownNameError as error:
            known = ", ".join(vocabulary().scheme(scheme).concepts)
            raise BadParameterError(
                f"`{name}` is {shortened(text)!r}", hint=f"Known: {known}.", value=shortened(text)
            ) from error
    return [enum(concept(scheme, text)) for text in texts] or None


def _truth(texts: Sequence[str]) -> bool | None:
    if not texts:
        return None
    if texts[0] not in ("true", "false"):
        raise BadParameterError(
            f"`silent` is {shortened(texts[0])!r}", hint="It is `true` or `false`.",
            value=shortened(texts[0]),
        )  # fmt: skip
    return texts[0] == "true"


def _moment(texts: Sequence[str]) -> datetime | None:
    if not texts:
        return None
    try:
        return moments.read(texts[0])
    except GraphQLError as error:
        raise BadParameterError(
            f"`since` is {shortened(texts[0])!r}, which is no day and no moment",
            hint="Write 2025-01-31 or 2025-01-31T12:30:00Z.",
            value=shortened(texts[0]),
        ) from error


def _limit(texts: Sequence[str]) -> int:
    if not texts:
        return DEFAULT
    text = texts[0]
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MOST):
        raise BadParameterError(
            f"`limit` is {shortened(text)!r}", hint=f"It is a number from 1 to {MOST}.",
            value=shortened(text),
        )  # fmt: skip
    return int(text)


def _label(site: Site, iri: str) -> str:
    entity = site.reader.entity(iri)
    return str(entity.one("label")) if entity else iri


def _address(site: Site, form: Form, asked: Asked) -> str:
    """The one address of a feed: its parameters in one order."""
    query = f"?{urlencode(asked.parameters)}" if asked.parameters else ""
    return f"{_base(site)}/feeds/changes.{form.suffix}{query}"


def _base(site: Site) -> str:
    """The server's address, or that of all IRIs where the server has no plain name."""
    return site.base or ID.removesuffix("/id/")


def _body(site: Site, form: Form, asked: Asked) -> bytes:
    other = next(each for each in FORMS.values() if each is not form)
    view = view_of(site.reader)
    found = changes_of(site.reader, asked.filters, asked.limit)
    of = ", ".join(cleaned(label) for label in asked.labels) or "all policies"
    feed = Feed(
        title=f"ClauseGraph: changes of {of}",
        subtitle=NOTICE,
        address=_address(site, form, asked),
        other=_address(site, other, asked),
        home=_base(site) + "/",
        published=moment(site.reader.release.published),
        entries=tuple(entry(view, _base(site), each) for each in found),
    )

    def html(each: Entry) -> str:
        return render("feedentry.html", site, entry=each).decode()

    return form.write(feed, html)
