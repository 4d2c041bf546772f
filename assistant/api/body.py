"""The limits on a request's body: how large it may be, and how slow."""

from __future__ import annotations

import anyio
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .files import PATH as CHAT_UPLOAD
from .headers import own_path
from .kinds import BODY_TOO_LARGE, MAX_BODY, MAX_UPLOAD, SLOW, TOO_LARGE, UPLOAD_TOO_LARGE
from .problems import problem

GRACE_SECONDS = 20.0
"""How long a client may be silent in all while its body is waited for, however small it is …"""
BYTES_PER_SECOND = 2000
"""… and how fast it has to send what is larger."""


class BodyLimit:
    """Middleware that refuses a body of more bytes than its path takes, announced or not, and one that crawls.

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
        received, waited, whole = 0, 0.0, False

        async def receive_within_limit() -> Message:
            nonlocal received, waited, whole
            if whole:  # what comes now is that the client has gone
                return await receive()
            begun = anyio.current_time()
            try:
                with anyio.fail_after(GRACE_SECONDS + received / BYTES_PER_SECOND - waited):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, SLOW, {"Connection": "close"}) from None
            waited += anyio.current_time() - begun
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if received > most:
                raise HTTPException(413, sentence)  # FastAPI makes a 400 of any other exception
            return message

        await self.app(scope, receive_within_limit, send)
