"""What every command shares: the group, errors with exit codes, results, progress.

Exit codes: 0 done; 1 the input is wrong (sources, graph, query); 2 the command is used wrongly;
3 there is nothing to read, the store is busy or damaged, or there is no address to listen on.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn

import click
import orjson

from clausegraph.api.errors import BusyError, ListenError, NoReleaseError, StoreError
from clausegraph.ontology.errors import ClausegraphError

JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


class _Text(click.types.StringParamType):
    """Text that can be kept and shown: a command line may have any bytes."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is not UTF-8."""
        text = str(super().convert(value, param, ctx))
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fail(f"{text!r} is not UTF-8 text", param, ctx)
        return text


TEXT = _Text()


@click.group()
@click.version_option(package_name="clausegraph")
def main() -> None:
    """ClauseGraph: privacy law and policies as a graph that answers."""


Function = Callable[..., None]


def command(group: click.Group | Function = main) -> Any:
    """A command of ours: errors end it with a message, a hint and an exit code.

    Used bare, or with the group that the command belongs to.
    """
    if isinstance(group, click.Group):
        return lambda function: group.command()(_guarded(function))
    return main.command()(_guarded(group))


def _guarded(function: Function) -> Function:
    """Errors of a function become messages and exit codes."""

    @wraps(function)
    def run(**given: Any) -> None:
        try:
            function(**given)
        except ClausegraphError as error:
            fail(error, bool(given.get("as_json")))
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read the answer has seen enough
                raise
            refused = StoreError(
                f"the file system refused: {error}",
                hint="Check the path, its owner and its permissions, and the space on the disk.",
            )
            fail(refused, bool(given.get("as_json")))

    return run


def fail(error: ClausegraphError, as_json: bool = False) -> NoReturn:
    """Print an error and leave with its exit code."""
    if as_json:
        click.echo(_json({"error": error.as_dict()}))
    click.echo(f"{error.code}: {error.message}", err=True)
    if error.hint:
        click.echo(f"{error.hint}", err=True)
    sys.exit(3 if isinstance(error, NoReleaseError | BusyError | StoreError | ListenError) else 1)


def say(as_json: bool, text: str, **facts: Any) -> None:
    """Print a result: a sentence, or its facts as JSON."""
    click.echo(_json(facts) if as_json else _utf8(text))


def _json(facts: dict[str, Any]) -> str:
    return orjson.dumps(_utf8(facts), default=lambda value: _utf8(str(value))).decode()


def _utf8(value: Any) -> Any:
    """A value in which bytes that are no UTF-8, as names of files may have, are written out."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _utf8(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_utf8(each) for each in value]
    return value


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """A bar of steps with the time they take, on a terminal; silence elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield lambda step: bar.update(task, description=step)


@contextmanager
def counted(quiet: bool, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with rate and remaining time, on a terminal; silence elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn(unit + ", {task.fields[rate]}/s"),
               TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, rate="-")

        def tick(done: int, total: int) -> None:
            rate = f"{bar.tasks[task].speed or 0:.0f}"
            bar.update(task, completed=done, total=total, rate=rate)

        yield tick
