"""Spans for OpenTelemetry, where it is installed (extra ``telemetry``) and `Settings.telemetry` set.

Nothing of it is imported otherwise. Where spans go is OpenTelemetry's own business: its variables
(``OTEL_…``) or whoever embeds the application set the provider. A span has method, path, status and
request id, by the semantic conventions for HTTP servers; no query text.
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clausegraph.api.metrics import route_of
from clausegraph.ontology.errors import ClausegraphError


class TelemetryMissingError(ClausegraphError):
    """Spans are wanted, and OpenTelemetry is not installed."""

    code = "telemetry-missing"


class Spans:
    """Makes a span of each request, below that of its caller."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application. Raises `TelemetryMissingError`."""
        try:
            from opentelemetry import propagate, trace
        except ImportError:
            raise TelemetryMissingError(
                "OpenTelemetry is not installed", hint="Install `clausegraph[telemetry]`."
            ) from None
        self.app = app
        self.extract, self.kind = propagate.extract, trace.SpanKind.SERVER
        self.tracer: Any = trace.get_tracer("clausegraph")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        facts = {"http.request.method": scope["method"], "url.path": scope["path"]}
        if "request_id" in scope:
            facts["clausegraph.request"] = scope["request_id"]
        name = f"{scope['method']} {route_of(scope['path'])}"
        above = self.extract(dict(Headers(scope=scope)))
        with self.tracer.start_as_current_span(
            name, context=above, kind=self.kind, attributes=facts
        ) as span:

            async def note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self.app(scope, receive, note)
