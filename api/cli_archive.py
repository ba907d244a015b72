"""Commands that ask an archive of policies as it lies on disk: quote, changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from clausegraph.api.console import JSON, command, say

_ARCHIVE = click.argument("archive", type=click.Path(path_type=Path, exists=True, file_okay=False))
_PLATFORM = click.option("--platform", help="Only this platform.")
_DOCUMENT = click.option("--document", help="Only documents of this type (Privacy Policy).")


@command
@_ARCHIVE
@_PLATFORM
@_DOCUMENT
@JSON
@click.argument("text")
def quote(
    archive: Path, platform: str | None, document: str | None, as_json: bool, text: str
) -> None:
    """Tell whether TEXT stands in the policies of an Open Terms Archive repository, and when.

    VERIFIED: to the character. REPAIRED: but for spacing, case or typography. NOT_FOUND: with the
    nearest passages. OUT_OF_SCOPE: nothing was captured.
    """
    from clausegraph.api.archive import quote as look_up

    found = look_up(archive, text, platform, document)
    if as_json:
        say(True, "", **found)
        return
    click.echo(f"{found['status']}: stands in {found['standsIn']} of {found['searched']} captures")
    for name in ("first", "last"):
        if capture := found[name]:
            click.echo(f"{name}: {place(capture)}")
    for passage in found["nearest"]:
        click.echo(f"nearest ({passage['similarity']:.2f}), {place(passage['capture'])}:")
        click.echo(f"    {' '.join(passage['text'].split())}")
    if found["note"]:
        click.echo(found["note"])


def place(capture: dict[str, Any]) -> str:
    """A capture in words."""
    day = capture["recorded"][:10]
    return f"{capture['platform']}, {capture['document']}, {day}, {capture['commit'][:10]}"


@command
@_ARCHIVE
@_PLATFORM
@_DOCUMENT
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
    archive: Path,
    platform: str | None,
    document: str | None,
    since: Any,
    significances: tuple[str, ...],
    as_json: bool,
) -> None:
    """List what changed in the policies of an Open Terms Archive repository.

    By default only changes of meaning. With --json, one object a line, with what changed and where.
    """
    from clausegraph.api.archive import changes as listed

    wanted = () if "all" in significances else significances
    day = since.date() if since else None
    for change in listed(archive, platform, document, day, wanted):
        counts = ", ".join(f"{count} {kind}" for kind, count in change["counts"].items())
        say(as_json, f"{change['significance']:<8} {place(change)}: {counts}", **change)
