"""Commands that ask the release, or an archive as it lies on disk: quote, changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from clausegraph.api.cli_load import DATA
from clausegraph.api.console import JSON, command, say
from clausegraph.api.settings import Settings

_ARCHIVE = click.option(
    "--archive",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Ask this Open Terms Archive repository as it lies on disk, and not the release.",
)
_PLATFORM = click.option("--platform", help="Only this platform.")
_DOCUMENT = click.option("--document", help="Only this document, or documents of this type.")
_PORTFOLIO = click.option("--portfolio", multiple=True, help="Only platforms of this portfolio.")


@command
@DATA
@_ARCHIVE
@_PLATFORM
@_DOCUMENT
@_PORTFOLIO
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Only what was captured by this day (UTC)."
)
@JSON
@click.argument("text")
def quote(
    data: Path | None, archive: Path | None, platform: str | None, document: str | None,
    portfolio: tuple[str, ...], as_of: datetime | None, as_json: bool, text: str,
) -> None:  # fmt: skip
    """Tell whether TEXT stands in the policies that were captured, and when.

    VERIFIED: to the character. REPAIRED: but for spacing, case or typography. NOT_FOUND: with the
    nearest passages. OUT_OF_SCOPE: nothing was captured.
    """
    _apart(archive, data=data, portfolio=portfolio, as_of=as_of)
    if archive is not None:
        from clausegraph.api.archive import quote as in_archive

        found = in_archive(archive, text, platform, document)
    else:
        from clausegraph.api.policyanswers import quote as in_release
        from clausegraph.api.quoteservice import Question

        day = as_of.date() if as_of else None
        question = Question(text, platform, document, portfolio or None, day)
        found = in_release(Settings.from_env(data=data), question, datetime.now(UTC).date())
    if not found["searched"] and document is not None:
        _refuse_misspelt(data, archive, document)
    if as_json:
        say(True, "", **found)
    else:
        _show(found)


def _refuse_misspelt(data: Path | None, archive: Path | None, document: str) -> None:
    """Raise `NothingCapturedError` where nothing was captured of a document of any platform."""
    from clausegraph.api.archivenames import refuse_unknown, refuse_unknown_type

    if archive is not None:
        refuse_unknown(archive, None, document)
        return
    from clausegraph.api.reader import Reader
    from clausegraph.api.releases import Releases

    refuse_unknown_type(Reader(Releases(Settings.from_env(data=data).data).current()), document)


def _apart(archive: Path | None, **given: Any) -> None:
    """Refuse options that only a release understands."""
    named = [name for name, value in given.items() if value]
    if archive is not None and named:
        options = " and ".join(f"--{name.replace('_', '-')}" for name in named)
        raise click.UsageError(f"--archive asks no release: leave out {options}")


def _show(found: dict[str, Any]) -> None:
    """Print a verdict for people."""
    click.echo(f"{found['status']}: stands in {found['standsIn']} of {found['searched']} captures")
    for name in ("first", "last"):
        if capture := found[name]:
            click.echo(f"{name}: {place(capture)}")
    for passage in found["nearest"]:
        click.echo(f"nearest ({passage['similarity']:.2f}), {place(passage['capture'])}:")
        click.echo(f"    {' '.join(passage['text'].split())}")
    for part in found["parts"]:
        click.echo(f"part {part['status']}: {part.get('text', '')}".rstrip(": "))
    if found["note"]:
        click.echo(found["note"])


def place(capture: dict[str, Any]) -> str:
    """A capture in words."""
    day, state = capture["recorded"][:10], capture.get("state", "whole")
    own = capture["commit"][:10] or capture.get("version", "").rpartition("/")[2]
    return ", ".join(
        [capture["platform"], capture["document"], day, own, *([] if state == "whole" else [state])]
    )


@command
@DATA
@_ARCHIVE
@_PLATFORM
@_DOCUMENT
@_PORTFOLIO
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Recorded on or after.")
@click.option(
    "--significance",
    "significances",
    multiple=True,
    default=["meaning"],
    show_default=True,
    type=click.Choice(["meaning", "wording", "dates", "markup", "capture", "all"]),
)
@JSON
def changes(
    data: Path | None, archive: Path | None, platform: str | None, document: str | None,
    portfolio: tuple[str, ...], since: datetime | None, significances: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """List what changed in the policies that were captured.

    By default only changes of meaning. With --json, one object a line, with what changed and where.
    """
    _apart(archive, data=data, portfolio=portfolio)
    wanted = () if "all" in significances else significances
    day = since.date() if since else None
    for change in _changes(data, archive, (platform, document), portfolio, day, wanted):
        counts = ", ".join(f"{count} {kind}" for kind, count in change["counts"].items())
        say(as_json, f"{change['significance']:<8} {place(change)}: {counts}", **change)


def _changes(
    data: Path | None, archive: Path | None, named: tuple[str | None, str | None],
    portfolio: tuple[str, ...], since: date | None, significances: tuple[str, ...],
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The changes, from an archive or from the release. Raises `NothingCapturedError`."""
    if archive is not None:
        yield from _of_archive(archive, named, since, significances)
        return
    from clausegraph.api.policyanswers import NothingCapturedError
    from clausegraph.api.policyanswers import changes as of_release

    try:
        yield from of_release(Settings.from_env(data=data), *named, portfolio, since, significances)
    except NothingCapturedError:
        if named[1] is not None:
            _refuse_misspelt(data, None, named[1])
        raise


def _of_archive(
    archive: Path,
    named: tuple[str | None, str | None],
    since: date | None,
    significances: tuple[str, ...],
) -> Iterator[dict[str, Any]]:
    """The changes of an archive; where there are none, what is named is held to be there."""
    from clausegraph.api.archive import changes as of_archive
    from clausegraph.api.archivenames import refuse_unknown

    none = True
    for change in of_archive(archive, *named, since, significances):
        none = False
        yield change
    if none and any(named):
        refuse_unknown(archive, *named)
