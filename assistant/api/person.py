"""The cookie by which a browser finds its conversations again."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.person import COOKIE, new_token, person_of

from .headers import own_path

_YEAR = 365 * 24 * 3600


class PersonCookie:
    """Middleware that gives a browser its cookie when it opens the chat without one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the chat's page goes out with the cookie."""
        if scope["type"] != "http" or own_path(scope) != "/" or person_of(Request(scope).cookies):
            await self.app(scope, receive, send)
            return
        secure = "; Secure" if scope["scheme"] == "https" else ""
        token = scope.get("state", {}).get("new_token", new_token)()  # one of several workers makes its own
        cookie = f"{COOKIE}={token}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax{secure}"

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self.app(scope, receive, send_with_cookie)
