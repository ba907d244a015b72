"""Ctrl-C and SIGTERM while streams are open: each is ended, and the server with them."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.processes import get
from tests.test_stopping import Started

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are told by /proc")
QUERY = "subscription { releasePublished { id } }"


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_end_with_a_stream_of_events(
    data: Path, tmp_path: Path, workers: str, number: signal.Signals
) -> None:
    """The answer ends whole, without `complete`: what was asked for is not over."""
    server = Started(data, tmp_path, "--workers", workers, profile=False)
    base = f"http://127.0.0.1:{server.port}"
    get(f"{base}/ready")
    accept = {"Accept": "text/event-stream"}
    asked = {"query": QUERY}
    with httpx.stream("POST", f"{base}/graphql/stream", json=asked, headers=accept) as stream:
        pieces = stream.iter_text()
        assert next(pieces).startswith(":")
        ended = server.signalled(number)
        assert "".join(pieces).strip(":\n") == ""
    alone = workers == "1" and number == signal.SIGTERM
    assert ended == (-number if alone else 0)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_end_with_a_socket(data: Path, tmp_path: Path, workers: str) -> None:
    """It is closed with a code that says that the server goes."""
    server = Started(data, tmp_path, "--workers", workers, profile=False)
    get(f"http://127.0.0.1:{server.port}/ready")
    address = f"ws://127.0.0.1:{server.port}/graphql/stream"
    with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        socket.send('{"type": "connection_init"}')
        assert "connection_ack" in str(socket.recv())
        asked = {"type": "subscribe", "id": "1", "payload": {"query": QUERY}}
        socket.send(json.dumps(asked))
        socket.send('{"type": "ping"}')
        assert "pong" in str(socket.recv())
        assert server.signalled(signal.SIGINT) == 0
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code in (1001, 1012)
