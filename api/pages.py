"""Pages for people: home, lists of a class, coverage. They need no script to be read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from clausegraph.api import dataset, facts
from clausegraph.api.claimpage import stems
from clausegraph.api.conditional import answer
from clausegraph.api.coverage import cover
from clausegraph.api.coveragetable import table
from clausegraph.api.facts import MOST
from clausegraph.api.filters import identify, with_narrower
from clausegraph.api.formats import HTML
from clausegraph.api.nodes import Budget, View
from clausegraph.api.problems import BadParameterError
from clausegraph.api.render import render, style
from clausegraph.api.sites import NotFoundError, Site, only, parameter, site_of
from clausegraph.ontology.terms import vocabulary


def routes() -> list[BaseRoute]:
    """The routes of this module."""
    return [
        Route("/", home),
        Route("/list/{kind}", listing),
        Route("/coverage", coverage),
        Route("/static/style.css", style_sheet),
    ]


@dataclass(frozen=True)
class Count:
    """A class with the number of its nodes."""

    kind: str
    label: str
    definition: str
    number: int


def home(request: Request) -> Response:
    """What this is, what it holds, how to ask."""
    site = site_of(request)
    return answer(request, _tag(site, "home"), HTML.media_type, lambda: _home(site))


def _home(site: Site) -> bytes:
    places = [facts.shown(site, iri) for iri in site.reader.ids("Jurisdiction")]
    return render(
        "home.html",
        site,
        title="ClauseGraph",
        places=places,
        counts=counts(site),
        claims=len(stems(site.reader)),
        today=today(),
    )


def counts(site: Site) -> list[Count]:
    """How many nodes of each class the release holds; classes without any are left out."""
    classes = [term for term in vocabulary().terms.values() if term.kind == "class"]
    numbers = dataset.classes(site.reader)  # a list of all nodes takes a second on the first page
    found = [
        Count(each.local, each.label, each.definition, numbers.get(each.iri, 0)) for each in classes
    ]
    return [each for each in found if each.number]


def listing(request: Request) -> Response:
    """The nodes of a class, a page at a time."""
    site = site_of(request)
    found = {each.kind: each for each in counts(site)}
    kind = request.path_params["kind"]
    if kind not in found:
        raise NotFoundError(
            f"the release has no nodes of a class {kind!r}",
            hint=f"It has {', '.join(found)}.",
            value=kind,
        )
    last = math.ceil(found[kind].number / MOST)
    page = _page(request, last)
    tag = _tag(site, f"list-{kind}-{page}")
    return answer(request, tag, HTML.media_type, lambda: _listing(site, found[kind], page, last))


def _listing(site: Site, count: Count, page: int, last: int) -> bytes:
    iris = site.reader.ids(count.kind)[(page - 1) * MOST : page * MOST]
    nodes = [facts.shown(site, iri) for iri in iris]
    return render(
        "list.html",
        site,
        title=f"{count.label}: {count.number}",
        count=count,
        nodes=nodes,
        page=page,
        last=last,
        start=(page - 1) * MOST + 1,
    )


def _page(request: Request, last: int) -> int:
    text = parameter(request, "page") or "1"
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= last):
        raise BadParameterError(
            f"`page` is {text!r}", hint=f"Pages are numbered from 1 to {last}.", value=text
        )
    return int(text)


def coverage(request: Request) -> Response:
    """Jurisdictions by topics on a day, with two kinds of emptiness that are never the same."""
    only(request, "asOf", "jurisdiction", "topic")
    site = site_of(request)
    day = day_of(request)
    places = _named(site, request, "jurisdiction")
    topics = _named(site, request, "topic")
    tag = _tag(site, f"coverage-{day.isoformat()}-{request.url.query}")
    return answer(request, tag, HTML.media_type, lambda: _coverage(site, day, places, topics))


def _coverage(site: Site, day: date, places: set[str] | None, topics: set[str] | None) -> bytes:
    view = View(site.reader, day, Budget(10**9, math.inf))
    wanted = topics and with_narrower(site.reader, topics)
    found = table(site, cover(view, places, wanted))
    return render("coverage.html", site, title=f"Coverage on {day}", day=day, table=found)


def _named(site: Site, request: Request, kind: str) -> set[str] | None:
    """What a repeatable parameter names; None where it is not given."""
    values = [value for value in request.query_params.getlist(kind) if value]
    return identify(site.reader, kind, values) if values else None


def day_of(request: Request) -> date:
    """The day of ``asOf``, today where it is not given.

    Raises `BadParameterError` where it is not a day written as 2025-01-31.
    """
    text = parameter(request, "asOf")
    if text is None:
        return today()
    try:
        day = date.fromisoformat(text)
        if day.isoformat() != text:
            raise ValueError
    except ValueError:
        raise BadParameterError(
            f"`asOf` is {text!r}, which is not a day", hint="Write it as 2025-01-31.", value=text
        ) from None
    return day


def style_sheet(request: Request) -> Response:
    """The one style sheet."""
    return answer(request, "style", "text/css", style)


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def _tag(site: Site, what: str) -> str:
    return f"{site.reader.release.id}-{what}"
