"""Commands that fill the writer's store: load the law, archives and files; remove a platform."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clausegraph.api.console import JSON, TEXT, command, counted, main, progress, say
from clausegraph.api.settings import Settings

if TYPE_CHECKING:
    from clausegraph.api.histories import Loaded

DATA = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Data directory."
)
QUIET = click.option("--quiet", is_flag=True, help="Show no progress.")
SOURCES = click.argument(
    "sources", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)


class _Load(click.Group):
    """A group whose command `law` may be left out: `load FOLDER` is `load law FOLDER`."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Put `law` first where no command of the group stands there."""
        if not args or args[0] not in (*self.commands, "--help"):
            args = ["law", *args]
        return super().parse_args(context, args)


@main.group(cls=_Load)
def load() -> None:
    """Put law, archives of policies or files into the store; `publish` then serves them.

    Without a further word: the law and the demonstration that are installed with the package, or
    the law below a folder.
    """


@command(load)
@DATA
@JSON
@QUIET
@click.option("--no-demonstration", is_flag=True, help="Leave the invented platform out.")
@SOURCES
def law(
    data: Path | None, as_json: bool, quiet: bool, no_demonstration: bool, sources: Path | None
) -> None:
    """Read and validate law sources and put them into the store.

    SOURCES is a folder in the form of docs/law-format.md; without it, the law that is installed
    with the package, and an invented platform that shows what histories look like. All or nothing:
    where one file is wrong, nothing changes.
    """
    from clausegraph.api.demonstration import load_demonstration
    from clausegraph.api.publish import load as run

    settings = Settings.from_env(data=data)
    with progress(quiet) as step:
        done = run(settings.data, sources, step)
        changed = done.changed
        if sources is None and not no_demonstration:
            step("demonstration")
            changed |= load_demonstration(settings.data).changed
    text = f"{done.units} files, {done.triples} triples, store {_changed(changed)}"
    say(as_json, text, files=done.units, triples=done.triples, changed=changed)


@command(load)
@DATA
@JSON
@QUIET
@click.option("--platform", type=TEXT, help="Only this platform.")
@click.option("--document", type=TEXT, help="Only documents of this type (Privacy Policy).")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Only captures of this day (UTC) or later."
)
@click.argument("archive", type=click.Path(path_type=Path, exists=True, file_okay=False))
def ota(
    data: Path | None, as_json: bool, quiet: bool, platform: str | None, document: str | None,
    since: datetime | None, archive: Path,
) -> None:  # fmt: skip
    """Load the policies of an Open Terms Archive repository: a clone or a bare repository.

    A second run reads only what is new; one that was interrupted goes on where it was.
    """
    from clausegraph.api.histories import NothingCapturedError, load_archive

    settings = Settings.from_env(data=data)
    day: date | None = since.date() if since else None
    try:
        with counted(quiet, "captures") as tick:
            done = load_archive(settings.data, archive, platform, document, day, tick)
    except NothingCapturedError:
        from clausegraph.api.archivenames import refuse_unknown

        refuse_unknown(archive, platform, document)
        raise
    _tell(done, as_json)


@command(load)
@DATA
@JSON
@QUIET
@click.option("--platform", type=TEXT, help="The platform that the document belongs to.")
@click.option("--type", "kind", type=TEXT, help="The document's type (Privacy Policy).")
@click.option("--captured-at", help="When it was captured: a day or moment (UTC unless it says).")
@click.option("--provider", type=TEXT, help="The organisation behind the platform.")
@click.option("--source-address", type=TEXT, help="Where the document is published.")
@click.option(
    "--format", "form", help="html, markdown, pdf or text.",
    type=click.Choice(["html", "markdown", "pdf", "text"]),
)  # fmt: skip
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def document(
    data: Path | None, as_json: bool, quiet: bool, platform: str | None, kind: str | None,
    captured_at: str | None, provider: str | None, source_address: str | None, form: str | None,
    path: Path,
) -> None:  # fmt: skip
    """Load a file as one capture of a document: HTML, Markdown, PDF or plain text.

    PATH may also be a folder with a `manifest.yaml` that names many (docs/manifest.md).
    """
    from clausegraph.api.histories import File, load_files
    from clausegraph.loaders.historyjob import HandedOver
    from clausegraph.loaders.manifest import read_manifest

    given = (platform, kind, captured_at)
    if path.is_dir():
        if any(given):
            raise click.UsageError("a folder's manifest.yaml names platforms, types and moments")
        from clausegraph.api.demonstration import file_of

        files = [file_of(entry) for entry in read_manifest(path)]
    else:
        if None in given:
            raise click.UsageError("a file needs --platform, --type and --captured-at")
        from clausegraph.api.archivenames import check_type

        check_type(str(kind))
        moment = _moment(str(captured_at))
        handed = HandedOver(path, moment, form)
        files = [File(str(platform), str(kind), handed, provider, False, source_address)]
    with counted(quiet, "captures") as tick:
        done = load_files(Settings.from_env(data=data).data, files, tick)
    _tell(done, as_json)


@command()
@DATA
@JSON
@click.option("--platform", type=TEXT, required=True, help="The platform's name.")
@click.option("--document", type=TEXT, help="Only the document of this type.")
def remove(data: Path | None, as_json: bool, platform: str, document: str | None) -> None:
    """Take a platform's documents out of the store; releases that have them stay."""
    from clausegraph.api.histories import remove as run

    count = run(Settings.from_env(data=data).data, platform, document)
    if not count:
        from clausegraph.api.archivenames import nothing_to_remove

        raise nothing_to_remove(Settings.from_env(data=data).data, platform, document)
    say(as_json, f"{count} documents removed", removed=count)


def _tell(done: Loaded, as_json: bool) -> None:
    """Say what a load did and what it passed over."""
    news = [each for each in done.notices if each.kind in ("deleted", "renamed")]
    over = [each for each in done.notices if each not in news]
    text = (
        f"{done.documents} documents changed, {done.captures} captures added, "
        f"{done.triples} triples written, store {_changed(done.changed)}"
    )
    say(
        as_json,
        text,
        documents=done.documents,
        captures=done.captures,
        triples=done.triples,
        changed=done.changed,
        passed_over=[vars(each) for each in over],
    )
    for each in news:
        click.echo(f"{each.kind}: {each.path}: {each.message}", err=True)
    for each in over:
        click.echo(f"passed over: {each.kind} {each.commit[:12]} {each.path}: {each.message}",
                   err=True)  # fmt: skip


def _changed(changed: bool) -> str:
    return "changed" if changed else "unchanged"


def _moment(text: str) -> datetime:
    """A day or moment as a person writes it; without a zone it is in UTC."""
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter: a moment of year 1 or 9999 in another zone
        raise click.BadParameter(
            f"{text!r} is neither a day (2026-08-01) nor a moment (2026-08-01T12:30:00Z)",
            param_hint="--captured-at",
        ) from None
    if moment > datetime.now(UTC):
        raise click.BadParameter(f"{text!r} is still to come", param_hint="--captured-at")
    return moment
