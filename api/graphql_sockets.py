"""One web socket that speaks `graphql-transport-ws`: its handshake, messages and endings.

Close codes are those of the protocol: 4400 for what is no message, 4401 before the handshake, 4408
where that does not come, 4409 for an id in use, 4429 for a second handshake and for more
subscriptions than one socket may have.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from clausegraph.api.graphql_request import Asked, asked_of
from clausegraph.ontology.errors import ClausegraphError

PROTOCOL = "graphql-transport-ws"
HANDSHAKE = 10.0
"""Seconds within which a client is to greet."""
MOST = 1_000
"""Subscriptions that one socket may begin in all."""
Subscribe = Callable[[Asked], Awaitable[AsyncIterator[bytes]]]


class _ClosedError(Exception):
    """The socket is to be closed with a code and reason."""


class Socket:
    """A connection with its subscriptions, by the ids that the client gives."""

    def __init__(self, socket: WebSocket, subscribe: Subscribe, most: int, longest: int) -> None:
        """At most `most` subscriptions at once, messages of at most `longest` characters."""
        self.socket, self.subscribe = socket, subscribe
        self.most, self.longest = most, longest
        self.greeted = False
        self.begun = 0
        self.running: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Serve until either side closes."""
        if PROTOCOL not in self.socket.scope.get("subprotocols", ()):
            await self.socket.accept()
            await self.socket.close(4406, "Subprotocol not acceptable")
            return
        await self.socket.accept(PROTOCOL)
        try:
            while True:
                await self._message(await self._received())
        except _ClosedError as closed:
            await self.socket.close(*closed.args)
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            tasks = [*self.running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _received(self) -> dict[str, Any]:
        """The next message. Raises `_ClosedError` where it is none, or does not come."""
        try:
            async with asyncio.timeout(None if self.greeted else HANDSHAKE):
                text = await self.socket.receive_text()
        except TimeoutError:
            raise _ClosedError(4408, "Connection initialisation timeout") from None
        except KeyError:
            raise _ClosedError(4400, "A message is to be text") from None
        if len(text) > self.longest:
            raise _ClosedError(1009, "Message too long")
        try:
            found = orjson.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, dict) or not isinstance(found.get("type"), str):
            raise _ClosedError(4400, "Invalid message received")
        return found

    async def _message(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "connection_init":
            if self.greeted:
                raise _ClosedError(4429, "Too many initialisation requests")
            self.greeted = True
            await self._send("connection_ack")
        elif kind == "ping":
            await self._send("pong")
        elif kind == "subscribe":
            self._begin(message)
        elif kind == "complete":
            task = self.running.pop(str(message.get("id")), None)
            if task is not None:
                task.cancel()
        elif kind != "pong":
            raise _ClosedError(4400, "Invalid message received")

    def _begin(self, message: dict[str, Any]) -> None:
        if not self.greeted:
            raise _ClosedError(4401, "Unauthorized")
        id_, payload = message.get("id"), message.get("payload")
        if not isinstance(id_, str) or not id_ or not isinstance(payload, dict):
            raise _ClosedError(4400, "Invalid message received")
        if id_ in self.running:
            raise _ClosedError(4409, f"Subscriber for {id_[:60]} already exists")
        self.begun += 1
        if len(self.running) >= self.most or self.begun > MOST:
            raise _ClosedError(4429, "Too many subscriptions")
        self.running[id_] = asyncio.create_task(self._run(id_, payload))

    async def _run(self, id_: str, payload: dict[str, Any]) -> None:
        """One subscription, to its end; what refuses it is told, and ends it alone."""
        try:
            try:
                results = await self.subscribe(asked_of(payload))
            except ClausegraphError as error:
                told = getattr(error, "errors", None) or [_told(error)]
                self._forget(id_)
                await self._send("error", id_, orjson.dumps(told, default=str))
                return
            async for result in results:
                await self._send("next", id_, result)
            self._forget(id_)
            await self._send("complete", id_)
        except (WebSocketDisconnect, RuntimeError):
            self._forget(id_)

    def _forget(self, id_: str) -> None:
        if self.running.get(id_) is asyncio.current_task():
            del self.running[id_]

    async def _send(self, kind: str, id_: str | None = None, payload: bytes | None = None) -> None:
        message: dict[str, Any] = {"type": kind}
        if id_ is not None:
            message["id"] = id_
        if payload is not None:
            message["payload"] = orjson.Fragment(payload)
        await self.socket.send_text(orjson.dumps(message).decode())


def _told(error: ClausegraphError) -> dict[str, Any]:
    found = {key: value for key, value in error.as_dict().items() if value and key != "message"}
    return {"message": error.message, "extensions": found}
