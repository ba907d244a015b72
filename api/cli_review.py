"""Commands that examine documents, and those for people who review what came of it."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from textwrap import shorten
from typing import Any

import click

from clausegraph.api.cli_load import DATA, QUIET
from clausegraph.api.console import JSON, TEXT, command, counted, main, progress, say
from clausegraph.api.settings import Settings

REVIEW_STATES = ("pending", "confirmed", "rejected", "amended", "disputed", "outdated")
"""The review states of the vocabulary, which takes long to read for every command."""
_AUTHOR = click.option("--author", required=True, type=TEXT, help="Who holds it, by name.")
_REASON = click.option("--reason", required=True, type=TEXT, help="Why, in a sentence or two.")
_JUDGEMENT = click.argument("judgement", metavar="ID", type=TEXT)


@command
@DATA
@JSON
@QUIET
def examine(data: Path | None, as_json: bool, quiet: bool) -> None:
    """Bring findings and mappings up to date with policies, law and rules; publishing does too.

    Only what changed is looked at again.
    """
    from clausegraph.api.examine import examine as run

    start = time.monotonic()
    with counted(quiet, "documents") as tick:
        done = run(Settings.from_env(data=data).data, tick)
    seconds = time.monotonic() - start
    rate = done.versions / seconds if seconds else 0.0
    say(
        as_json,
        f"{done.documents} documents with {done.versions} versions examined "
        f"({rate:.0f} versions a second), {done.compared} compared, {done.written} graphs written, "
        f"{done.triples} triples",
        **asdict(done),
        seconds=round(seconds, 1),
    )


@main.group()
def review() -> None:
    """Say what you hold of findings and mappings; nobody's opinion is ever overwritten."""


@command(review)
@DATA
@JSON
@click.option("--state", type=click.Choice(REVIEW_STATES), help="Only this review state.")
@click.option("--mappings", is_flag=True, help="Mappings, and not findings.")
@click.option("--most", type=click.IntRange(1, 1_000), default=50, show_default=True)
@click.argument("document", metavar="PLATFORM/DOCUMENT", type=TEXT)
def list(
    data: Path | None, as_json: bool, state: str | None, mappings: bool, most: int, document: str
) -> None:
    """List the findings of a document in the current release, with their words and opinions."""
    from clausegraph.api.claimrows import plain
    from clausegraph.api.reader import Reader
    from clausegraph.api.releases import Releases
    from clausegraph.api.reviewlist import in_words, reviewable

    reader = Reader(Releases(Settings.from_env(data=data).data).current())
    kind = "Mapping" if mappings else "Finding"
    rows = reviewable(reader, document, state, kind, most)
    if as_json:
        say(True, "", judgements=rows)
        return
    for row in rows:
        click.echo(f"{row['id']}  {row['requirement']}: {plain(in_words(row))}")
        for words in row["words"]:
            click.echo(f"    {shorten(plain(words), 110, placeholder='…')}")
        for each in row["opinions"]:
            said = f"{each['author']}, {each['at']}: {each['decision']}: {each['reason']}"
            click.echo(f"    {plain(said)}")
    click.echo(f"{len(rows)} shown")


@command(review)
@DATA
@JSON
@QUIET
@_AUTHOR
@_REASON
@_JUDGEMENT
def confirm(**given: Any) -> None:
    """Hold that a finding or mapping is right as it stands."""
    _give("confirm", "", **given)


@command(review)
@DATA
@JSON
@QUIET
@_AUTHOR
@_REASON
@_JUDGEMENT
def reject(**given: Any) -> None:
    """Hold that a finding or mapping is wrong."""
    _give("reject", "", **given)


@command(review)
@DATA
@JSON
@QUIET
@_AUTHOR
@_REASON
@click.option("--state", required=True, help="The state that is right, such as not-stated.")
@_JUDGEMENT
def amend(state: str, **given: Any) -> None:
    """Hold that a finding has another state."""
    _give("amend", state, **given)


def _give(
    decision: str,
    state: str,
    data: Path | None,
    as_json: bool,
    quiet: bool,
    author: str,
    reason: str,
    judgement: str,
) -> None:
    from clausegraph.api.review import Given, give

    opinion = Given(judgement, author, decision, reason, state)
    with progress(quiet) as step:
        done = give(Settings.from_env(data=data).data, opinion, step)
    text = f"{'taken' if done.changed else 'held already'}: {done.iris[0]}"
    say(
        as_json,
        f"{text}; release {done.release.id}",
        opinion=done.iris[0],
        changed=done.changed,
        release=done.release.id,
    )
