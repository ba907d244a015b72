"""Commands of the command line inside of the test's own process, which spares the start of another.

`tests.processes.run` starts them as users do; what a command says is the same here.
"""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from clausegraph.api.cli import main


def called(*words: str | Path, code: int = 0) -> Result:
    """What a command does; it is held to its exit code."""
    done = CliRunner().invoke(main, list(map(str, words)))
    assert done.exit_code == code, done.output
    return done
