"""Commands on what others claim of documents: list the pages, check one against an archive."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clausegraph.api.cli_load import DATA, QUIET
from clausegraph.api.console import JSON, TEXT, command, main, progress, say
from clausegraph.api.settings import Settings

if TYPE_CHECKING:
    from clausegraph.api.claimpage import Page


@main.group()
def claims() -> None:
    """Hold what others say of a document against the document and the law."""


@command(claims)
@DATA
@JSON
def list(data: Path | None, as_json: bool) -> None:
    """List the pages of claims: those of the current release, else those that are installed."""
    from clausegraph.api.claimrun import known_pages

    rows = known_pages(Settings.from_env(data=data).data)
    if as_json:
        say(True, "", claims=[{"id": i, "title": t, "document": d} for i, t, d in rows])
        return
    for own, title, document in rows:
        click.echo(f"{own}  {title}, on {document}")


@command(claims)
@JSON
@QUIET
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Data directory to fill or use; default: one that is removed at the end.",
)
@click.option(
    "--archive",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Open Terms Archive repository with the document's captures; may be left out with --data.",
)
@click.option(
    "--excerpt",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Text file with the words that the page shows as a quotation.",
)
@click.option("--sources", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Law and claims; default: those installed.")  # fmt: skip
@click.option("--serve", "serving", is_flag=True, help="Serve the page after printing it.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on.")
@click.argument("stem", metavar="STEM", type=TEXT)
def check(
    data: Path | None, archive: Path | None, excerpt: Path | None, sources: Path | None,
    serving: bool, port: int | None, as_json: bool, quiet: bool, stem: str,
) -> None:  # fmt: skip
    """Check the claims STEM: load law and captures, examine, publish, print what came of each."""
    from clausegraph.api.claimpage import page_of
    from clausegraph.api.claimprint import text
    from clausegraph.api.claimrun import run
    from clausegraph.api.pages import today
    from clausegraph.api.reader import Reader
    from clausegraph.api.releases import Releases

    if archive is None and data is None:
        raise click.UsageError("give the captures with --archive, or a --data directory with them")
    try:
        words = excerpt.read_text("utf-8") if excerpt else None
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{excerpt} is not UTF-8 text", param_hint="--excerpt") from error
    with _directory(data) as folder:
        with progress(quiet) as step:
            run(folder, stem, archive, words, sources, step)
        page = page_of(Reader(Releases(folder).current()), stem, today())
        if as_json:
            say(True, "", **facts(page))
        else:
            click.echo(text(page, _width()))
        if serving:
            _serve(folder, stem, port)


def facts(page: Page) -> dict[str, object]:
    """What the command line says of a page as JSON."""
    from dataclasses import asdict

    return asdict(page)


def _width() -> int:
    import shutil

    return max(60, min(120, shutil.get_terminal_size((100, 24)).columns))


@contextmanager
def _directory(data: Path | None) -> Iterator[Path]:
    """The data directory that was given, or one for this run alone."""
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="clausegraph-claims-") as folder:
        yield Path(folder)


def _serve(folder: Path, stem: str, port: int | None) -> None:
    """Serve the page until it is stopped."""
    import signal
    import sys

    import uvicorn

    from clausegraph.api.app import create_app
    from clausegraph.api.cli import listen

    # The server ends and then lets the signal have its way, which by default removes no directory.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    settings = Settings.from_env(data=folder, port=port, workers=1)
    app = create_app(settings)
    with listen(settings)[0] as socket:
        click.echo(f"http://{settings.host}:{settings.port}/claims/{stem}", err=True)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5)
        uvicorn.Server(config).run(sockets=[socket])
