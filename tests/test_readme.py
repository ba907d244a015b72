"""Every command of the README is executed, and its output, where shown, is what comes out."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.archives import archive, record

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(kind: str) -> list[str]:
    """The fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Each command of the console blocks with the output shown below it."""
    return [
        (command.strip(), output)
        for block in blocks("console")
        for command, _, output in (
            part.partition("\n") for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
        )
    ]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with the embedded law published and the command on the path."""
    bin_ = Path(sys.executable).parent
    data = tmp_path_factory.mktemp("readme")
    env = os.environ | {"CLAUSEGRAPH_DATA": str(data), "PATH": f"{bin_}:{os.environ['PATH']}"}
    for command in ("load", "publish"):
        subprocess.run(["clausegraph", command], env=env, check=True, capture_output=True)
    return env


@pytest.mark.parametrize(("command", "output"), commands())
def test_console_commands(environment: dict[str, str], command: str, output: str) -> None:
    """A command of the README runs from the checkout and prints what the README shows."""
    done = subprocess.run(
        shlex.split(command), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    if output:
        assert done.stdout.replace("\r\n", "\n") == output


def test_python_blocks(environment: dict[str, str]) -> None:
    """The Python of the README runs."""
    code = "\n".join(blocks("python"))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20_000


def test_archive_line(environment: dict[str, str], tmp_path: Path) -> None:
    """The line that loads a collection of Open Terms Archive works on an archive at hand."""
    (line,) = blocks("shell")
    clone, rest = line.strip().split(" && ", 1)
    repository = archive(tmp_path / "GenAI-versions")
    record(repository, "Tidepool/Privacy Policy.md", "# Privacy\n\nWe keep your letters.\n")
    env = environment | {"CLAUSEGRAPH_DATA": str(tmp_path / "data")}
    done = subprocess.run(
        rest, shell=True, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )

    assert re.fullmatch(r"git clone https://\S+/GenAI-versions\.git", clone)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 documents changed, 1 captures added")


def test_shell_commands_are_those_of_the_gate() -> None:
    """`make serve` and `make test` are run by .ci/run on a clean checkout."""
    named = [line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    gate = (ROOT / ".ci" / "run").read_text()

    assert named == ["make serve", "make test"]
    assert "make test" in gate
    assert "tests/serve.sh" in gate
    assert "make --no-print-directory serve" in (ROOT / "tests" / "serve.sh").read_text()


def test_links_lead_somewhere() -> None:
    """Every relative link of the README names a file that is there."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)

    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_there_are_commands_with_output() -> None:
    """The README shows at least one answer, so the comparison above compares something."""
    assert [command for command, output in commands() if output] != []
    assert len(README.splitlines()) <= 100
