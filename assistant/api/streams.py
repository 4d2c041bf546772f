"""The limit on responses that stay open: pages of the chat, and answers as they come."""

from __future__ import annotations

import re
from collections import Counter

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from .headers import own_path
from .kinds import CROWDED
from .problems import RETRY_SECONDS, problem

PAGES = re.compile(r"/gradio_api/heartbeat/\w+|/mcp")
"""Open for as long as a page of the chat is, or a client of the protocol."""
ANSWERS = re.compile(r"/gradio_api/queue/data|/v1/ask/stream(/.*)?")
"""Open until an answer is there."""


class StreamLimit:
    """Middleware that refuses a stream where there are too many of its kind, so that room is left for requests."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        """`most` of each kind may be open at a time."""
        self.app = app
        self._most = most
        self._open: Counter[re.Pattern[str]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the stream while it is open."""
        kind = _kind(scope) if scope["type"] == "http" else None
        if kind is None:
            await self.app(scope, receive, send)
            return
        if self._open[kind] >= self._most:
            detail = f"{self._most} of these streams are open already. Try again in {RETRY_SECONDS} seconds."
            headers = {"Retry-After": str(RETRY_SECONDS)}
            await problem(CROWDED, detail, Request(scope), headers)(scope, receive, send)
            return
        self._open[kind] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._open[kind] -= 1


def _kind(scope: Scope) -> re.Pattern[str] | None:
    path = own_path(scope)
    if ANSWERS.fullmatch(path):
        return ANSWERS
    return PAGES if scope["method"] == "GET" and PAGES.fullmatch(path) else None
