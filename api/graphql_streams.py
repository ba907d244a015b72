"""`/graphql/stream`: subscriptions as server-sent events and over web sockets.

Events follow the protocol of `graphql-sse` in its distinct connections mode: one POST, one
subscription, `next` for each result and `complete` at the end. Sockets speak
`graphql-transport-ws`. A stream is bounded: by the server's connections, by subscriptions of a
socket, by cost and time of each result. Queries and mutations are for `/graphql`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError
from graphql.execution import create_source_event_stream, execute_subscription_event
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from clausegraph.api.connections import stop_of
from clausegraph.api.graphql_errors import refused, shown
from clausegraph.api.graphql_http import Counted, Endpoint
from clausegraph.api.graphql_limits import Stopped, TimedExecutor
from clausegraph.api.graphql_request import Asked, BadGraphQLRequestError, read
from clausegraph.api.graphql_sockets import Socket
from clausegraph.api.settings import Settings
from clausegraph.api.subscriptions import SERVED, SETTINGS, fresh
from clausegraph.ontology.errors import ClausegraphError

PATH = "/graphql/stream"
AT_ONCE = 4
"""How many results are made at once, of all streams."""
PULSE = 15.0
"""Seconds of silence after which a stream of events shows that it lives."""


class TooManyStreamsError(ClausegraphError):
    """The server has as many open streams as it takes."""

    code = "too-many-streams"


class SubscriptionRefusedError(ClausegraphError):
    """A document cannot be subscribed to; `errors` are those of GraphQL."""

    code = "subscription-refused"

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        """Hold what is wrong."""
        super().__init__(str(errors[0]["message"]))
        self.errors = errors


@dataclass(frozen=True)
class StreamLimits:
    """What streams may take of a worker."""

    connections: int = 200
    subscriptions: int = 20

    @classmethod
    def of(cls, settings: Settings) -> StreamLimits:
        """The limits that settings name, the usual ones elsewhere."""
        return cls(
            getattr(settings, "streams", cls.connections),
            getattr(settings, "subscriptions", cls.subscriptions),
        )


class Streams:
    """All streams of a worker."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Answer as `endpoint` does, from the same release and documents."""
        self.endpoint = endpoint
        self.limits = StreamLimits.of(endpoint.settings)
        self.open = 0
        self._making = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[BaseRoute]:
        """The routes of this module."""
        return [
            Route(PATH, self.events, methods=["GET", "POST"]),
            WebSocketRoute(PATH, self.socket),
        ]

    async def events(self, request: Request) -> Response:
        """A subscription as server-sent events."""
        try:
            if request.method != "POST":
                raise BadGraphQLRequestError("a subscription is asked for by POST", 405)
            self._room()
            results = await self.subscribed(await read(request))
        except SubscriptionRefusedError as error:
            return Response(
                orjson.dumps({"errors": error.errors}, default=str),
                400,
                media_type="application/json",
            )
        except TooManyStreamsError as error:
            response = refused(error)
            response.status_code = 503
            response.headers["Retry-After"] = "30"
            return response
        except ClausegraphError as error:
            return refused(error)
        self.open += 1
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return _Events(
            _written(results, stop_of(request.scope)),
            media_type="text/event-stream",
            headers=headers,
            streams=self,
        )

    async def socket(self, socket: WebSocket) -> None:
        """Subscriptions over a web socket."""
        try:
            self._room()
        except TooManyStreamsError:
            await socket.close(1013)
            return
        self.open += 1
        try:
            await Socket(
                socket,
                self.subscribed,
                self.limits.subscriptions,
                self.endpoint.settings.max_body,
            ).serve()
        finally:
            self.open -= 1

    def _room(self) -> None:
        if self.open >= self.limits.connections:
            raise TooManyStreamsError(
                f"the server has {self.open} open streams, and takes no more",
                hint="Close streams that nobody reads, or come again later.",
            )

    async def subscribed(self, asked: Asked) -> AsyncIterator[bytes]:
        """The results of a subscription, each as JSON.

        Raises `SubscriptionRefusedError` and what refuses a request.
        """
        endpoint = self.endpoint
        text = endpoint.documents.text(asked.query, asked.sha256)
        prepared = await endpoint.prepared(text, asked.operation)
        document = prepared.document
        if prepared.operation is None or document is None:
            raise _refusal(prepared.errors)
        if prepared.kind != "subscription":
            raise BadGraphQLRequestError(
                f"a {prepared.kind} is not answered here", hint="Ask `/graphql` by POST."
            )
        counted = await endpoint.counted(prepared, asked)
        if not isinstance(counted, Counted):
            raise _refusal(counted)
        context = {SERVED: endpoint.served, SETTINGS: endpoint.settings}
        context["view"] = fresh(endpoint.served.reader, endpoint.settings)
        given: dict[str, Any] = {
            "raw_variable_values": asked.variables,
            "operation_name": asked.operation,
        }
        core = endpoint.executor.core
        built = TimedExecutor.build(core, document, context_value=context, **given)
        if isinstance(built, list):
            raise _refusal(built)
        source: Any = create_source_event_stream(built)
        if inspect.isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            raise _refusal(source.errors)
        del context["view"]  # the release of the start is let go of: each event brings its own
        return self._results(source, document, context, given)

    async def _results(
        self, source: Any, document: Any, context: dict[str, Any], given: dict[str, Any]
    ) -> AsyncIterator[bytes]:
        core = self.endpoint.executor.core
        try:
            async for event in source:
                view = fresh(event.view.reader, self.endpoint.settings)
                event.view = view
                built = TimedExecutor.build(
                    core, document, event, context | {"view": view}, **given
                )
                async with self._making:
                    yield await asyncio.to_thread(_result, built)
        except ClausegraphError as error:
            told = shown(GraphQLError(error.message, original_error=error))
            yield orjson.dumps({"errors": [told]}, default=str)
        finally:
            await source.aclose()


class _Events(StreamingResponse):
    """A stream of events that is counted until it ends, however it ends."""

    def __init__(self, *given: Any, streams: Streams, **more: Any) -> None:
        super().__init__(*given, **more)
        self.streams = streams

    async def __call__(self, *given: Any) -> None:
        try:
            await super().__call__(*given)
        finally:
            self.streams.open -= 1


def _refusal(errors: Any) -> SubscriptionRefusedError:
    return SubscriptionRefusedError([shown(error, early=True) for error in errors])


def _result(built: Any) -> bytes:
    """One result, made on a thread."""
    try:
        result: Any = execute_subscription_event(built)
    except Stopped as stopped:
        return orjson.dumps({"data": None, "errors": [shown(stopped.error)]}, default=str)
    found: dict[str, Any] = {"data": result.data}
    if result.errors:
        found["errors"] = [shown(error) for error in result.errors]
    return orjson.dumps(found, default=str)


async def _written(results: AsyncIterator[bytes], stop: asyncio.Event) -> AsyncIterator[bytes]:
    """Results as events; a comment now and then where there is none.

    Where the server stops, it ends without `complete`: the client is to come again.
    """
    yield b":\n\n"
    stopped = asyncio.ensure_future(stop.wait())
    following = asyncio.ensure_future(anext(results, None))
    try:
        while not stop.is_set():
            await asyncio.wait(
                {following, stopped}, timeout=PULSE, return_when=asyncio.FIRST_COMPLETED
            )
            if stop.is_set():
                return
            if not following.done():
                yield b":\n\n"
                continue
            result = following.result()
            if result is None:
                yield b"event: complete\ndata:\n\n"
                return
            yield b"event: next\ndata: " + result + b"\n\n"
            following = asyncio.ensure_future(anext(results, None))
    finally:
        stopped.cancel()
        following.cancel()
        await asyncio.gather(stopped, following, return_exceptions=True)
