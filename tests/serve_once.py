"""Start the server given as argument, ask it one question over HTTP, and stop it.

Uses the standard library only: it also runs in the clean environment of the wheel test.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request


def free_port() -> int:
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(url: str, seconds: float = 60.0) -> dict[str, object]:
    """The JSON at an address, as soon as somebody answers there."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return dict(json.load(answer))
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def main(command: str) -> None:
    """Serve, ask, stop."""
    port = free_port()
    server = subprocess.Popen([command, "serve", "--port", str(port)])
    try:
        query = "%7Bjurisdictions%7BtotalCount%7D%7D"
        answer = ask(f"http://127.0.0.1:{port}/graphql?query={query}")
        assert answer == {"data": {"jurisdictions": {"totalCount": 4}}}, answer
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main(sys.argv[1])
