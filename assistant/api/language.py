"""The language of the page: that of the settings, or the first that the browser asks for."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.ui.messages import preferred, speaking


class Language:
    """Middleware within which the reader's language is spoken."""

    def __init__(self, app: ASGIApp, fixed: str | None = None) -> None:
        """`fixed` is spoken to everybody; without it, what the request's Accept-Language puts first."""
        self.app = app
        self._fixed = fixed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with speaking(self._fixed or preferred(Request(scope).headers.get("accept-language", ""))):
            await self.app(scope, receive, send)
