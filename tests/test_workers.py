"""Several worker processes behind one port: one set of numbers, one end."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from clausegraph.api.cli import compare
from clausegraph.api.releases import Releases
from clausegraph.api.settings import Settings
from clausegraph.api.workers import environment, options
from tests.processes import run, serving


def test_settings_reach_the_workers(tmp_path: Path) -> None:
    """Through the environment, whole."""
    given = Settings(data=tmp_path, port=9, workers=3, rate=0, origins="", trusted_only=True)

    assert Settings.from_env(environment(given)) == given


def test_proxies_are_believed_only_where_they_are_told() -> None:
    """Without proxies of ours nobody can say that he is somebody else."""
    assert options(Settings())["proxy_headers"] is False
    assert options(Settings(proxies=1))["proxy_headers"] is True


def test_the_numbers_are_those_of_all_workers(data: Path) -> None:
    """Whichever worker is asked, it tells every request of each."""
    count = 60
    with serving(data, "--workers", "2", rate=0) as (url, _):
        with ThreadPoolExecutor(8) as threads:
            asked = threads.map(
                lambda _: httpx.get(f"{url}/ns", timeout=30).status_code, range(count)
            )
            assert set(asked) == {200}
        told = [httpx.get(f"{url}/metrics", timeout=30).text for _ in range(6)]
    found = [
        re.findall(r'requests_total\{route="ns",status="200"\} ([\d.]+)', each) for each in told
    ]
    assert found == [[f"{count:.1f}"]] * 6


def test_all_workers_end(data: Path) -> None:
    """Told to stop, none is left, idle connections are closed, and nobody is let in any more."""
    with serving(data, "--workers", "2") as (url, process):
        parts = urlsplit(url)
        assert parts.hostname
        address = (parts.hostname, parts.port or 80)
        group = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not group.exists():
            pytest.skip("processes are told by /proc")
        workers = group.read_text().split()
        with socket.create_connection(address, timeout=20) as idle:
            idle.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(65_536).startswith(b"HTTP/1.1 200")
            process.terminate()
            with contextlib.suppress(ConnectionError):
                while idle.recv(65_536):
                    pass
        process.wait(20)
        assert len(workers) >= 2
        end = time.monotonic() + 10  # what multiprocessing keeps ends a moment after its parent
        while (left := _alive(workers)) and time.monotonic() < end:
            time.sleep(0.05)
        assert left == []
        with pytest.raises(ConnectionError):
            socket.create_connection(address, timeout=5)


def _alive(pids: list[str]) -> list[str]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_many_files_may_be_open(data: Path) -> None:
    """A server that is started with few files raises that to what the system lets it have."""
    resource = pytest.importorskip("resource", reason="limits of files are told by Unix")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with serving(data) as (_, process):
            told = Path(f"/proc/{process.pid}/limits")
            if not told.exists():
                pytest.skip("limits are told by /proc")
            (line,) = [each for each in told.read_text().splitlines() if "open files" in each]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert int(line.split()[3]) > 256


def test_who_waits_at_a_dead_worker_is_answered_by_the_next(data: Path) -> None:
    """Each worker has its own socket, which outlives it: no request is dropped, all ports answer."""
    with serving(data, "--workers", "2", rate=0) as (url, process):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            pytest.skip("processes are told by /proc")
        get = f"{url}/health"
        while len(_workers(children)) < 2:  # both have started
            assert httpx.get(get).status_code == 200
        dead = _workers(children)[0]
        os.kill(int(dead), signal.SIGKILL)
        with ThreadPoolExecutor(16) as threads:
            answers = threads.map(lambda _: httpx.get(get, timeout=30).status_code, range(48))
            assert set(answers) <= {200}
        assert len(_workers(children)) == 2
        assert dead not in _workers(children)


def _workers(children: Path) -> list[str]:
    """The worker processes, by their ids: what else the parent started has a name of its own."""
    return [
        pid
        for pid in children.read_text().split()
        if "resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_text()
    ]


def test_a_second_server_is_told_that_the_port_is_taken(data: Path) -> None:
    """Sharing a port among workers does not let another server share it unseen."""
    with serving(data, "--workers", "2") as (url, _):
        port = str(urlsplit(url).port)
        done = run("serve", "--data", data, "--port", port, "--workers", "2", code=3)
    assert "cannot-listen" in done.stderr
    assert port in done.stderr


def test_a_law_that_is_older_is_told(
    data: Path, demonstration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other sources than those installed are told of, on standard error; the same are not."""
    compare(Releases(data).current())
    assert "the installed law is not what is published" in capsys.readouterr().err
    compare(Releases(demonstration).current())
    assert capsys.readouterr().err == ""


def test_workers_of_a_first_start_can_write(tmp_path: Path) -> None:
    """The parent has loaded and published: what that leaves in it must not hold up its workers."""
    query = """mutation { savePortfolio(input: {id: "p", name: "P", platforms: ["inkwarren"]}) {
        __typename } }"""
    with serving(tmp_path, "--workers", "2", token="secret") as (url, _):
        answer = httpx.post(
            f"{url}/graphql",
            json={"query": query},
            headers={"Authorization": "Bearer secret"},
            timeout=60,
        )
        assert answer.json()["data"]["savePortfolio"]["__typename"]
