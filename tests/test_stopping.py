"""Ctrl-C and SIGTERM, whenever they come: a server ends in silence and leaves nothing behind.

Ctrl-C goes to all processes of a terminal's group at once. The moments are told by what is being
imported, which Python writes to standard error where it is asked to.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.processes import free_port, get

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are told by /proc")
ENTRY = (sys.executable, "-m", "clausegraph.api.entry")
MOMENTS = (
    "clausegraph.api.releases",
    "clausegraph.api.workers",
    "strawberry",
    "clausegraph.api.schema",
    "clausegraph.api.app",
)
TOLD = ("import time:", "release ", "the installed law ")
"""How the lines begin that a server may write."""
PATIENCE = 60.0


class Started:
    """A server in a process group of its own, which can be told from all others."""

    def __init__(self, data: Path, folder: Path, *words: str, profile: bool = True) -> None:
        """Start it; what it leaves in the temporary folder is in `folder`."""
        self.port = free_port()
        self.mark = f"CLAUSEGRAPH_TEST_MARK={folder}".encode()
        self.folder = folder
        self.lines: list[str] = []
        own = {"CLAUSEGRAPH_TEST_MARK": str(folder), "TMPDIR": str(folder)}
        own |= {"PYTHONPROFILEIMPORTTIME": "1"} if profile else {}
        self.process = subprocess.Popen(
            [*ENTRY, "serve", "--data", str(data), "--port", str(self.port), *words],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | own,
            start_new_session=True,
        )

    def imported(self, module: str) -> None:
        """Wait until a module has been imported."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            if line.startswith("import time:") and line.split("|")[-1].strip() == module:
                return
        raise AssertionError(f"{module} was never imported: {self.lines[-3:]}")

    def alive(self, *words: bytes) -> list[int]:
        """Its processes that have not ended, by their ids; those alone that were started so."""
        found = []
        for each in Path("/proc").iterdir():
            try:
                ours = each.name.isdigit() and self.mark in (each / "environ").read_bytes()
                if ours and all(word in (each / "cmdline").read_bytes() for word in words):
                    found.append(int(each.name))
            except OSError:  # it has ended meanwhile
                continue
        return found

    def signalled(self, number: signal.Signals, group: bool = True) -> int:
        """What it ends with after a signal; checks that it says and leaves nothing."""
        (os.killpg if group else os.kill)(self.process.pid, number)
        _, rest = self.process.communicate(timeout=PATIENCE)
        told = [line for line in [*self.lines, *rest.splitlines()] if not line.startswith(TOLD)]
        assert told == []
        assert self.alive() == []
        assert list(self.folder.glob("clausegraph-*")) == []
        return self.process.returncode


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("module", MOMENTS)
def test_ctrl_c_while_it_starts(data: Path, tmp_path: Path, workers: str, module: str) -> None:
    """It ends well wherever it is; before it knows that it is to serve, as the signal ends it."""
    server = Started(data, tmp_path, "--workers", workers)
    server.imported(module)
    ended = server.signalled(signal.SIGINT)
    assert ended == (-signal.SIGINT if module == MOMENTS[0] else 0)


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("module", MOMENTS[1::2])
def test_sigterm_while_it_starts(data: Path, tmp_path: Path, workers: str, module: str) -> None:
    """The same; a parent of workers ends by itself, and a single one by the signal."""
    server = Started(data, tmp_path, "--workers", workers)
    server.imported(module)
    ended = server.signalled(signal.SIGTERM, group=False)
    assert ended in ((-signal.SIGTERM,) if workers == "1" else (-signal.SIGTERM, 0))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_while_the_workers_of_sparql_start(data: Path, tmp_path: Path, workers: str) -> None:
    """They are importing, and could not say what is to be done about the signal."""
    server = Started(data, tmp_path, "--workers", workers, profile=False)
    end = time.monotonic() + PATIENCE
    while not server.alive(b"sparql_worker"):
        assert time.monotonic() < end
    assert server.signalled(signal.SIGINT) == 0


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_end_after_an_answer(
    data: Path, tmp_path: Path, workers: str, number: signal.Signals
) -> None:
    """Serving, it ends with all of its processes."""
    server = Started(data, tmp_path, "--workers", workers, profile=False)
    get(f"http://127.0.0.1:{server.port}/ready")
    alone = workers == "1" and number == signal.SIGTERM
    assert server.signalled(number) == (-number if alone else 0)


def test_modules_are_imported_once(data: Path, tmp_path: Path) -> None:
    """Workers have what their parent imported: two start in the time of one."""
    server = Started(data, tmp_path, "--workers", "2")
    server.imported("clausegraph.api.app")
    get(f"http://127.0.0.1:{server.port}/ready")
    while not server.alive(b"sparql_worker"):
        time.sleep(0.01)
    os.kill(server.process.pid, signal.SIGTERM)
    _, rest = server.process.communicate(timeout=PATIENCE)
    assert [line for line in rest.splitlines() if line.endswith(" clausegraph.api.app")] == []
    assert server.process.returncode == 0


def test_an_ignored_signal_stays_ignored(data: Path) -> None:
    """A script that begins something in the background has the shell keep Ctrl-C from it."""
    code = (
        "import signal, sys; from clausegraph.api.entry import main; sys.argv = ['clausegraph', "
        f"'releases', '--data', {str(data)!r}]\n"
        "try:\n    main()\nfinally:\n    print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert done.stdout.splitlines()[-1] == "True"
