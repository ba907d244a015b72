"""The command line: check, publish, serve, query, releases, export, coverage, and others' commands.

`clausegraph.api.console` says what they share, exit codes included.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path
from signal import SIGINT
from socket import AF_INET, AF_INET6, create_server
from socket import socket as Socket
from threading import Timer
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from clausegraph.api import (
    cli_archive,
    cli_claims,
    cli_evaluate,
    cli_evaluate_findings,
    cli_load,
    cli_portfolio,
    cli_review,
)
from clausegraph.api.cli_load import DATA, QUIET, SOURCES
from clausegraph.api.console import JSON, command, main, progress, say
from clausegraph.api.entry import leave_early
from clausegraph.api.errors import ListenError
from clausegraph.api.releases import Release, Releases
from clausegraph.api.settings import Settings
from clausegraph.api.store import locked
from clausegraph.ontology.errors import ClausegraphError

__all__ = [
    "cli_archive",
    "cli_claims",
    "cli_evaluate",
    "cli_evaluate_findings",
    "cli_load",
    "cli_portfolio",
    "cli_review",
    "main",
]

AFTERWARDS = 3.0
"""Seconds after the start in which a server has better things to do than compare its law."""

if TYPE_CHECKING:
    from clausegraph.api.reader import Reader


@command
@JSON
@QUIET
@SOURCES
def check(as_json: bool, quiet: bool, sources: Path | None) -> None:
    """Read and validate law sources and the rules by which policies are read; write nothing."""
    from clausegraph.api.publish import check_units, compile_law
    from clausegraph.loaders.duties import check_duties

    with progress(quiet) as step:
        step("read rules")
        check_duties()
        step("read sources")
        units = compile_law(sources)
        step("validate")
        check_units(units)
    nodes = sum(len(unit.nodes) for unit in units)
    say(as_json, f"{len(units)} files, {nodes} nodes: no mistakes", files=len(units), nodes=nodes)


@command
@DATA
@JSON
@QUIET
@click.option("--verify", is_flag=True, help="Hold everything to the shapes again.")
def publish(data: Path | None, as_json: bool, quiet: bool, verify: bool) -> None:
    """Validate what is loaded and make it the release that is served."""
    from clausegraph.api.publish import lacking
    from clausegraph.api.publish import publish as run

    with progress(quiet) as step:
        release = run(Settings.from_env(data=data).data, step, verify=verify)
    text = f"release {release.id}: {release.triples} triples in {len(release.graphs)} graphs"
    warnings = lacking(release)
    say(as_json, text, **summary(release), warnings=warnings)
    for each in warnings:
        click.echo(f"warning: {each['code']}: {each['message']}", err=True)
        click.echo(each["hint"], err=True)


@command
@DATA
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes.")
@click.option("--endpoint", help="Read the release from this SPARQL endpoint.")
def serve(data: Path | None, **given: Any) -> None:
    """Serve the current release; a new installation publishes the embedded law first."""
    settings = Settings.from_env(data=data, **given)
    loaded = not settings.endpoint and ensure_release(settings)
    with ExitStack() as stack:
        leave_early(SIGINT)
        from clausegraph.api.endpointrelease import releases_of
        from clausegraph.api.workers import run

        release = releases_of(settings).current()
        sockets = [stack.enter_context(each) for each in listen(settings)]
        click.echo(f"release {release.id} at http://{settings.host}:{settings.port}/", err=True)

        def afterwards() -> None:
            timer = Timer(AFTERWARDS, compare, [release])
            timer.daemon = True
            timer.start()
            stack.callback(timer.cancel)

        run(settings, sockets, (lambda: None) if settings.endpoint else afterwards, fork=not loaded)


def compare(release: Release) -> None:
    """Say where what is served was not made from the law that is installed now."""
    from clausegraph.api.reader import Reader

    with suppress(ClausegraphError):  # the release may be gone by now
        if not holds_embedded(Reader(release)):
            click.echo("the installed law is not what is published: `clausegraph load`, then "
                       "`clausegraph publish`", err=True)  # fmt: skip


def listen(settings: Settings) -> list[Socket]:
    """A listening socket for each worker, between which the system spreads connections.

    A single one that several share is left to whoever wakes up first, mostly the same. Raises
    `ListenError` before anything is announced.
    """
    family, address = AF_INET6 if ":" in settings.host else AF_INET, (settings.host, settings.port)
    try:
        alone = create_server(address, family=family)
        if settings.workers == 1:
            return [alone]
        alone.close()  # it was there to see that nobody else listens: sharing hides that
        return [
            create_server(address, family=family, reuse_port=True) for _ in range(settings.workers)
        ]
    except OSError as error:
        raise ListenError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}",
            hint="Choose another --host or --port.",
            value=f"{settings.host}:{settings.port}",
        ) from error


def holds_embedded(reader: Reader) -> bool:
    """Whether a release was made from the source files that are installed now."""
    from clausegraph.loaders.law import embedded_files

    return embedded_files() == {
        (entity.one("path"), entity.one("sha256")) for entity in reader.of_type("SourceFile")
    }


def ensure_release(settings: Settings) -> bool:
    """Load and publish the embedded law where nothing was ever published; True if it did."""
    if Releases(settings.data).pointer.exists():
        return False
    from clausegraph.api.demonstration import load_demonstration
    from clausegraph.api.publish import load as run_load
    from clausegraph.api.publish import publish as run_publish

    click.echo(f"nothing is published in {settings.data} yet: loading the embedded law", err=True)
    with progress(quiet=False) as step:
        run_load(settings.data, None, step)
        step("demonstration")
        load_demonstration(settings.data)
        run_publish(settings.data, step)
    return True


def summary(release: Release) -> dict[str, Any]:
    """What the command line says of a release as JSON."""
    return {
        "id": release.id,
        "published": release.published,
        "triples": release.triples,
        "graphs": len(release.graphs),
    }


@command
@DATA
@JSON
@click.option("--rollback", metavar="ID", help="Serve this release again.")
@click.option("--prune", metavar="KEEP", type=click.IntRange(min=1), help="Keep the newest KEEP.")
def releases(data: Path | None, as_json: bool, rollback: str | None, prune: int | None) -> None:
    """List releases, serve an older one again, or remove old ones."""
    found = Releases(Settings.from_env(data=data).data)
    removed: list[str] = []
    if rollback is not None:
        found.get(rollback)  # a wrong id or directory is told before a lock is left in it
    if (rollback is not None or prune is not None) and found.folder.exists():
        with locked(found.data):
            if rollback is not None:
                found.serve(found.get(rollback))
            removed = found.prune(prune) if prune is not None else []
    current = found.current().id
    if as_json:
        listed = [summary(r) | {"current": r.id == current} for r in found.all()]
        say(True, "", releases=listed, removed=removed)
        return
    for release in found.all():
        mark = "*" if release.id == current else " "
        click.echo(f"{mark} {release.id}  {release.published}  {release.triples} triples")
    for own in removed:
        click.echo(f"  {own}  removed")


@command
@DATA
@click.option("--format", "form", default="table", type=click.Choice(["table", "csv", "json"]))
@click.option("--file", "path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--language", type=click.Choice(["sparql", "graphql"]), help="Default: as it looks.")
@click.argument("text", required=False)
def query(
    data: Path | None, form: str, path: Path | None, language: str | None, text: str | None
) -> None:
    """Ask the current release in SPARQL or GraphQL; the question is TEXT or --file."""
    from clausegraph.api.ask import ask

    if (text is None) == (path is None):
        raise click.UsageError("give the question as TEXT or with --file")
    try:
        question = path.read_text() if path else str(text)
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{path} is not UTF-8 text") from error
    ask(Settings.from_env(data=data), question, language, form, sys.stdout.buffer)


@command
@DATA
@click.option(
    "--format",
    "form",
    default="nquads",
    type=click.Choice(["nquads", "trig", "turtle", "jsonld", "ntriples"]),
)
@click.option("--release", "own", metavar="ID", help="Default: the current one.")
@click.option("--output", type=click.File("wb"), default="-", help="Default: standard output.")
def export(data: Path | None, form: str, own: str | None, output: BinaryIO) -> None:
    """Write a whole release with its metadata (VoID, DCAT, licence, release id)."""
    from clausegraph.api.export import export as run

    found = Releases(Settings.from_env(data=data).data)
    run(found.current() if own is None else found.get(own), form, output)


@command
@DATA
@JSON
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day; default: today.")
@click.option("--jurisdiction", multiple=True, help="Only these (us-ca).")
@click.option("--topic", multiple=True, help="Only these topics or groups of topics.")
def coverage(
    data: Path | None,
    as_json: bool,
    as_of: Any,
    jurisdiction: tuple[str, ...],
    topic: tuple[str, ...],
) -> None:
    """Show jurisdictions by topics: requirements, known absences, and what nobody examined."""
    from clausegraph.api.coverage_text import coverage_table

    day: date | None = as_of.date() if as_of else None
    settings = Settings.from_env(data=data)
    click.echo(coverage_table(settings, day, jurisdiction, topic, as_json))
