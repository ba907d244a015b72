"""A real browser without a window, driven over its DevTools protocol."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.processes import get

FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-default-apps", "--remote-debugging-port=0"),
    # No name resolves, and no address but loopback is left to ask.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


class Page:
    """One tab; `requests` are the addresses that it asked."""

    def __init__(self, socket: ClientConnection) -> None:
        """Record from here on."""
        self.socket = socket
        self.requests: list[str] = []
        self.faults: list[str] = []
        self._numbers = itertools.count(1)
        for domain in ("Network", "Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol and wait for what it returns."""
        number = next(self._numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv(timeout=60))
            self._record(message)
            if message.get("id") == number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result

    def _record(self, message: dict[str, Any]) -> None:
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            case "Runtime.exceptionThrown":
                self.faults.append(json.dumps(message["params"]["exceptionDetails"])[:2000])
            case "Log.entryAdded" if message["params"]["entry"]["level"] == "error":
                self.faults.append(message["params"]["entry"]["text"])

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True,
                           returnByValue=True)  # fmt: skip
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def open(self, url: str) -> None:
        """Go to an address."""
        self.call("Page.navigate", url=url)

    def wait(self, script: str, seconds: float = 60.0) -> Any:
        """The value of an expression as soon as it is true."""
        end = time.monotonic() + seconds
        while not (found := self.evaluate(script)):
            if time.monotonic() > end:
                shown = self.evaluate("document.body && document.body.innerText")
                raise AssertionError(f"{script} never came to hold: {self.faults} {shown}")
            time.sleep(0.1)
        return found

    def retype(self, editor: str, text: str) -> None:
        """Replace what an editor holds by typing."""
        self.wait(f"!!document.querySelector({editor!r})")
        self.evaluate(f"document.querySelector({editor!r}).CodeMirror.focus()")
        self.evaluate(f"document.querySelector({editor!r}).CodeMirror.execCommand('selectAll')")
        self.call("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Press a button with the mouse."""
        box = self.wait(
            f"(() => {{ const e = document.querySelector({selector!r}); if (!e) return null;"
            " e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
            " return b.width ? [b.x + b.width / 2, b.y + b.height / 2] : null; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1],
                      button="left", clickCount=1)  # fmt: skip

    def strangers(self) -> list[str]:
        """The addresses outside of loopback that were asked, or tried."""
        local = ("127.0.0.1", None)  # None: data: and blob:
        return [url for url in self.requests if urlsplit(url).hostname not in local]


@contextlib.contextmanager
def browsing(folder: Path) -> Iterator[Page]:
    """A browser with an empty profile in a folder; skips the test where there is none."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        pytest.skip("there is no chromium on this machine")
    command = [binary, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = _port(folder / "DevToolsActivePort")
        tabs = get(f"http://127.0.0.1:{port}/json")
        address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
        with connect(address, max_size=None) as socket:
            yield Page(socket)
    finally:
        process.terminate()
        process.wait(20)


def _port(path: Path, seconds: float = 60.0) -> int:
    """The port that the browser chose."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(FileNotFoundError, IndexError):
            return int(path.read_text().split()[0])
        assert time.monotonic() < end, "chromium did not start"
        time.sleep(0.05)
