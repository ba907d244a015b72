"""SPARQL engines of other people, started with a release's quads: Oxigraph's server and Virtuoso.

Each runs from its own folder on loopback and ends with the test. What is not installed is told.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import RdfFormat, Store

from tests.processes import free_port

INI = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{isql}
DirsAllowed = {folder}
NumberOfBuffers = 10000
MaxClientConnections = 20
ThreadsPerQuery = 1
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryExecutionTime = 60
"""


def wait(url: str, process: subprocess.Popen[bytes], seconds: float = 40.0) -> None:
    """Wait until an engine answers."""
    end = time.monotonic() + seconds
    while True:
        assert process.poll() is None, "the engine has ended"
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, params={"query": "ASK {}"}, timeout=5).status_code < 500:
                return
        assert time.monotonic() < end, "the engine does not answer"
        time.sleep(0.1)


@contextlib.contextmanager
def running(command: list[str], folder: Path, url: str) -> Iterator[str]:
    """A started engine; gives the address of its endpoint."""
    with (folder / "engine.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        wait(url, process)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@contextlib.contextmanager
def oxigraph(quads: Path, folder: Path) -> Iterator[str]:
    """The Oxigraph server of the package `oxigraph`."""
    binary = Path(sys.executable).with_name("oxigraph")
    if not binary.exists():
        pytest.skip("the package oxigraph is not installed")
    place, port = folder / "store", free_port()
    load = [str(binary), "load", "--location", str(place), "--file", str(quads)]
    subprocess.run(load, check=True, capture_output=True, timeout=120)
    serve = ["serve-read-only", "--location", str(place), "--bind", f"127.0.0.1:{port}"]
    serve.append("--union-default-graph")
    with running([str(binary), *serve], folder, f"http://127.0.0.1:{port}/query") as url:
        yield url


@contextlib.contextmanager
def virtuoso(quads: Path, folder: Path) -> Iterator[str]:
    """Virtuoso 7 of Debian, whose default graph is the union of all."""
    binary, isql = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    if binary is None or isql is None:
        pytest.skip("virtuoso-opensource-7-bin is not installed")
    http, port = free_port(), free_port()
    ini = folder / "virtuoso.ini"
    ini.write_text(INI.format(folder=folder, http=http, isql=port))
    shutil.copyfile(quads, folder / "data.nq")
    command = [binary, "+foreground", "+configfile", str(ini)]
    with running(command, folder, f"http://127.0.0.1:{http}/sparql") as url:
        wanted = (
            f"ld_dir('{folder}', 'data.nq', 'urn:none'); rdf_loader_run(); checkpoint; "
            "SELECT ll_error FROM DB.DBA.LOAD_LIST WHERE ll_error IS NOT NULL;"
        )
        done = subprocess.run(
            [isql, f"127.0.0.1:{port}", "dba", "dba", f"exec={wanted}"],
            capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        assert "0 Rows" in done.stdout, done.stdout + done.stderr
        yield url


def dump(store: Store, path: Path) -> Path:
    """Write the quads of a store that are in named graphs."""
    store.dump(str(path), format=RdfFormat.N_QUADS)
    return path
