"""The limit on a request's body."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .files import PATH as CHAT_UPLOAD
from .headers import own_path
from .kinds import BODY_TOO_LARGE, MAX_BODY, MAX_UPLOAD, TOO_LARGE, UPLOAD_TOO_LARGE
from .problems import problem


class BodyLimit:
    """Middleware that refuses a body of more bytes than its path takes, announced or not.

    FastAPI's own `max_body_size` answers in plain text; every error of ours is a problem document.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse at the header, or stop where the bytes go over the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        upload = scope["method"] == "POST" and own_path(scope) in ("/v1/documents", CHAT_UPLOAD)
        most, sentence = (MAX_UPLOAD, UPLOAD_TOO_LARGE) if upload else (MAX_BODY, TOO_LARGE)
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > most:
            await problem(BODY_TOO_LARGE, sentence, Request(scope))(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, sentence)  # FastAPI makes a 400 of any other exception
            return message

        await self.app(scope, receive_within_limit, send)
