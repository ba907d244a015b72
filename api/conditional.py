"""Answers that a cache may keep: entity tags and 304."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""What a page of ours may load: one style sheet of its own, no script."""

_OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Location, ETag, Link",
}


def answer(
    request: Request,
    tag: str,
    media_type: str,
    make: Callable[[], bytes],
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The body that `make` makes, or 304 where the client has the one with this tag.

    A tag names the release and whatever else the body depends on; the version of the software is
    added here. A cache may keep the answer but asks each time whether it still holds.
    """
    etag = entity_tag(tag)
    common = {"ETag": etag, "Cache-Control": "no-cache", **_OPEN, **(headers or {})}
    if kept(request, etag):
        return Response(status_code=304, headers=common)
    if media_type == "text/html":
        common["Content-Security-Policy"] = POLICY
    return Response(make(), headers=common, media_type=media_type)


def entity_tag(tag: str) -> str:
    """A tag with the version of the software, as the header has it."""
    return f'"{tag}-{_software()}"'


def kept(request: Request, etag: str) -> bool:
    """Whether the client has what a tag names already; weak and strong tags compare alike."""
    sent = request.headers.get("if-none-match", "")
    return any(each.strip().removeprefix("W/") in (etag, "*") for each in sent.split(","))


@functools.cache
def _software() -> str:
    return version("clausegraph")
