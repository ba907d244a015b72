"""GraphQL over HTTP by its public test suite: all 61 audits of npm's `graphql-http`.

The packages are looked for where `CLAUSEGRAPH_NODE_MODULES` says: a folder in which
``npm i graphql graphql-http`` was run, or the `node_modules` in it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes import serving

SCRIPT = """
import {serverAudits} from 'graphql-http';
const found = [];
for (const audit of serverAudits({url: process.argv[2], fetchFn: fetch})) {
  const {status, name, reason} = await audit.fn();
  found.push({status, name, reason});
}
console.log(JSON.stringify(found));
"""


def scratch(*packages: str) -> Path:
    """A folder with Node packages; skips where it is not there."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    folder = os.environ.get("CLAUSEGRAPH_NODE_MODULES")
    if not folder:
        pytest.skip("CLAUSEGRAPH_NODE_MODULES does not name a folder with the packages of npm")
    parent = Path(folder).parent if Path(folder).name == "node_modules" else Path(folder)
    missing = [each for each in packages if not Path(parent, "node_modules", each).is_dir()]
    if missing:
        pytest.skip(f"{folder} lacks {', '.join(missing)}")
    return parent


@pytest.mark.parametrize("named", ["", "node_modules"])
def test_either_folder_may_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """That in which packages were installed, and that in which they lie."""
    (tmp_path / "node_modules" / "graphql").mkdir(parents=True)
    monkeypatch.setenv("CLAUSEGRAPH_NODE_MODULES", str(tmp_path / named))
    assert scratch("graphql") == tmp_path


def node(folder: Path, script: str, *arguments: str) -> str:
    """What a script prints that is run beside those packages."""
    command = ["node", "--input-type=module", "-", *arguments]
    done = subprocess.run(
        command, input=script, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_audits_of_graphql_over_http_pass(data: Path) -> None:
    """No error, no warning, no notice."""
    folder = scratch("graphql", "graphql-http")
    with serving(data, rate=0) as (url, _):
        found = json.loads(node(folder, SCRIPT, f"{url}/graphql"))

    assert [each for each in found if each["status"] != "ok"] == []
    assert len(found) == 61
