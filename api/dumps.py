"""`/dump/<release>.<form>`: the release that is served, whole, as a file.

A dump is written once a release and form, when it is first asked for, into a temporary directory
that goes with the reader. Other releases are written by ``clausegraph export --release``.
"""

from __future__ import annotations

import shutil
import weakref
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from clausegraph.api.conditional import entity_tag, kept
from clausegraph.api.export import write
from clausegraph.api.formats import DUMPS, Format
from clausegraph.api.reader import Reader
from clausegraph.api.remember import per_reader
from clausegraph.api.sites import NotFoundError, site_of

_FORMS = {form.name: form for form in DUMPS.values()}
_ONE_AT_A_TIME = Lock()


def routes() -> list[BaseRoute]:
    """The route of this module."""
    return [Route("/dump/{release}.{form}", dump)]


def dump(request: Request) -> Response:
    """A whole release as a file; ranges of bytes can be asked for."""
    reader = site_of(request).reader
    asked = request.path_params["release"], request.path_params["form"]
    if asked[0] != reader.release.id or asked[1] not in _FORMS:
        names = ", ".join(f"/dump/{reader.release.id}.{name}" for name in _FORMS)
        raise NotFoundError(
            f"there is no dump {'.'.join(asked)}",
            hint=f"There are {names}; other releases: `clausegraph export --release`.",
            value=request.url.path,
        )
    headers = {"ETag": entity_tag(".".join(asked)), "Cache-Control": "no-cache"}
    if kept(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    path = _written(reader, _FORMS[asked[1]])
    # The task holds the reader, and so the file, until the last byte is sent.
    return FileResponse(
        path,
        media_type=_FORMS[asked[1]].media_type,
        filename=f"clausegraph-{path.name}",
        headers=headers,
        background=BackgroundTask(_done, reader),
    )


@per_reader
def _folder(reader: Reader) -> Path:
    """A directory that is removed when nobody needs the reader any more."""
    folder = mkdtemp(prefix="clausegraph-dump-")
    weakref.finalize(reader, shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _written(reader: Reader, form: Format) -> Path:
    """The file of a form, written if it is not there yet."""
    with _ONE_AT_A_TIME:
        path = _folder(reader) / f"{reader.release.id}.{form.name}"
        if not path.exists():
            aside = path.with_suffix(".part")
            with aside.open("wb") as out:
                write(reader, form, out)
            aside.rename(path)
        return path


async def _done(_: Reader) -> None:
    """Nothing is left to do."""
