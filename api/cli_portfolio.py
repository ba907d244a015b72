"""Commands that keep portfolios and saved queries: load, list, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from clausegraph.api.cli_load import DATA, QUIET
from clausegraph.api.console import JSON, command, main, progress, say
from clausegraph.api.settings import Settings


@main.group()
def portfolio() -> None:
    """Keep named lists of platforms, and named choices of changes that a feed can follow."""


@command(portfolio)
@DATA
@JSON
@QUIET
@click.argument(
    "path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
def load(data: Path | None, as_json: bool, quiet: bool, path: Path) -> None:
    """Save the portfolios and saved queries of a YAML file, and publish.

    What has an id that is there already is replaced; what the file does not name stays. All or
    nothing: where one line is wrong, nothing changes.
    """
    from clausegraph.api.portfolios import load_file

    with progress(quiet) as step:
        done = load_file(Settings.from_env(data=data).data, path, step)
    state = "changed" if done.changed else "unchanged"
    say(
        as_json,
        f"{len(done.iris)} saved, {state}; release {done.release.id}",
        saved=done.iris,
        changed=done.changed,
        release=done.release.id,
    )


@command(portfolio)
@DATA
@JSON
@QUIET
@click.option("--query", is_flag=True, help="ID is that of a saved query.")
@click.argument("own", metavar="ID")
def remove(data: Path | None, as_json: bool, quiet: bool, query: bool, own: str) -> None:
    """Remove a portfolio, or with --query a saved query, and publish."""
    from clausegraph.api.portfolios import remove as run

    kind = "saved-query" if query else "portfolio"
    with progress(quiet) as step:
        done = run(Settings.from_env(data=data).data, kind, own, step)
    text = f"{kind} {own} removed; release {done.release.id}"
    say(as_json, text, removed=done.iris, release=done.release.id)


@command(portfolio)
@DATA
@JSON
def list(data: Path | None, as_json: bool) -> None:
    """List the portfolios and saved queries of the current release."""
    from clausegraph.api.portfoliolist import listed
    from clausegraph.api.reader import Reader
    from clausegraph.api.releases import Releases

    found = listed(Reader(Releases(Settings.from_env(data=data).data).current()))
    if as_json:
        say(True, "", **found)
        return
    for each in found["portfolios"]:
        click.echo(f"{each['id']}: {each['name']} ({len(each['platforms'])} platforms)")
    for each in found["queries"]:
        limits = "; ".join(f"{key} {_text(each[key])}" for key in each if key not in ("id", "name"))
        click.echo(f"{each['id']}: {each['name']} (saved query; {limits or 'all changes'})")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else ", ".join(value)
