"""What a request's body may be: how large, how slow and, where it is JSON, of whole characters."""

from __future__ import annotations

import json
import re

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
HALF_CHARACTER = "The body holds half of a character (a surrogate alone, as \\ud83d). Send whole characters."
_MAYBE_HALF = re.compile(rb"\\u[dD][89a-fA-F]|\xed|\x00")
"""What a body with such a half has: an escape, its bytes in UTF-8, or those of another encoding."""


class BodyLimit:
    """Middleware that refuses a body of more bytes than its path takes, one that crawls, and JSON that is no text.

    Half of a character can be written in JSON, and then neither be stored nor sent.

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
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "0")
        is_json = "json" in headers.get("content-type", "").lower()
        if announced.isdecimal() and int(announced) > most:
            await problem(BODY_TOO_LARGE, sentence, Request(scope))(scope, receive, send)
            return
        received, waited, whole = 0, 0.0, False
        body = bytearray()

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
            if is_json and message["type"] == "http.request":
                body.extend(message.get("body", b""))
                if not message.get("more_body") and _has_half(bytes(body)):
                    raise HTTPException(422, HALF_CHARACTER)
            return message

        await self.app(scope, receive_within_limit, send)


def _has_half(body: bytes) -> bool:
    if not _MAYBE_HALF.search(body):
        return False
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):  # no JSON: who reads it says so
        return False
    return False
