"""Where the command line begins: `clausegraph`, and `python -m clausegraph.api`.

Ctrl-C may come at any moment. While modules are being imported, and while a server starts, there is
nothing to end yet, and Python would show where it was, or lose the signal where exceptions are.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import NoReturn


def main() -> None:
    """Import the commands and run the one that is asked for."""
    heard = (
        signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
    )  # as in the background of a script
    if heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from clausegraph.api.cli import main as run

    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


def leave_early(*numbers: signal.Signals, clean: Callable[[], object] = lambda: None) -> None:
    """Let signals end this process at once and well, until somebody else takes them.

    `clean` removes what it has outside of itself.
    """

    def leave(*_: object) -> NoReturn:
        clean()
        os._exit(0)

    for each in numbers:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, leave)


if __name__ == "__main__":
    main()
