"""What nobody expected, answered inside of the other layers, so that it is counted and has an id."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Failures:
    """Answers an unexpected exception with the application's own handler, and passes it on."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; what goes wrong before the answer began is answered with 500."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, note)
        except Exception as error:
            if not begun:
                handler = scope["app"].exception_handlers[Exception]
                response = await handler(Request(scope), error)
                await response(scope, receive, send)
            raise  # the server logs it
