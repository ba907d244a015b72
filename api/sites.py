"""What one request of the linked-data side needs: a release, an address, readable parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request

from clausegraph.api.endpointrelease import EndpointReleases
from clausegraph.api.problems import BadParameterError
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.served import Served
from clausegraph.ontology.errors import ClausegraphError

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


class NotFoundError(ClausegraphError):
    """The release has nothing at this address."""

    code = "not-found"


@dataclass(frozen=True)
class Site:
    """A release as one request sees it: its reader, all releases, the server's address.

    `base` has no slash at its end, and is empty where there is no server or it has no plain name.
    """

    reader: Reader
    releases: Releases | EndpointReleases
    base: str = ""


def site_of(request: Request) -> Site:
    """The site of a request; the reader is taken once, so that one release gives the answer."""
    served: Served = request.app.state.served
    host = request.headers.get("host", "")
    base = f"{request.url.scheme}://{host}" if _HOST.fullmatch(host) else ""
    return Site(served.reader, served.releases, base)


def parameter(request: Request, name: str) -> str | None:
    """A parameter of the query; None where it is missing or empty.

    Raises `BadParameterError` where it stands more than once.
    """
    values = request.query_params.getlist(name)
    if len(values) > 1:
        raise BadParameterError(
            f"`{name}` is given {len(values)} times", hint="Give it once.", value=values
        )
    return values[0] or None if values else None


def only(request: Request, *names: str) -> None:
    """Refuse parameters that mean nothing here, so that none is ignored silently.

    Raises `BadParameterError` with the first one.
    """
    for name in request.query_params:
        if name not in names:
            known = ", ".join(names) or "none"
            raise BadParameterError(
                f"there is no parameter `{name}` here", hint=f"Known: {known}.", value=name
            )
