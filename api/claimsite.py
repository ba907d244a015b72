"""The pages of checked claims: a list of those there are, and one for each."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from clausegraph.api.claimpage import hold, page_of, stems
from clausegraph.api.conditional import answer
from clausegraph.api.formats import HTML
from clausegraph.api.pages import day_of
from clausegraph.api.render import render
from clausegraph.api.sites import only, site_of


def routes() -> list[BaseRoute]:
    """The routes of this module."""
    return [Route("/claims", listing), Route("/claims/{stem}", claims)]


def listing(request: Request) -> Response:
    """The pages of claims that the release has."""
    only(request)
    site = site_of(request)

    def made() -> bytes:
        return render("claimlist.html", site, title="Checked claims", pages=stems(site.reader))

    return answer(request, f"{site.reader.release.id}-claims", HTML.media_type, made)


def claims(request: Request) -> Response:
    """A page of claims with what came of each, against the law of a day."""
    only(request, "asOf")
    site = site_of(request)
    day = day_of(request)
    stem = request.path_params["stem"]
    hold(site.reader, stem)  # before a cache is told that it has the page: "*" names any

    def made() -> bytes:
        page = page_of(site.reader, stem, day)
        return render("claims.html", site, title=f"Checked: {page.title}", page=page)

    return answer(request, f"{site.reader.release.id}-claims-{stem}-{day}", HTML.media_type, made)
