"""Server-sent events: a response that keeps the line open, and gives up on a client that no longer reads."""

from __future__ import annotations

import json
import logging
from typing import Any

import anyio
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.types import Message, Receive, Scope, Send

HEARTBEAT_SECONDS = 15.0
"""How long a stream is silent before a comment is sent, so that proxies and clients know that it lives."""
STALL_SECONDS = 30.0
"""How long a client may take to accept what is sent before its connection is given up."""
HEARTBEAT = KEEPALIVE_COMMENT
DONE = format_sse_event(data_str="[DONE]")
"""What ends a stream of OpenAI's interface."""

log = logging.getLogger("footnote.server")


class EventStream(StreamingResponse):
    """A stream of events that no cache keeps and no proxy holds back."""

    media_type = "text/event-stream"

    def init_headers(self, headers: Any = None) -> None:
        """The given headers and those of every stream."""
        super().init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no", **(headers or {})})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events; whatever they tell of goes on without the client."""

        async def send_in_time(message: Message) -> None:
            with anyio.fail_after(STALL_SECONDS):
                await send(message)

        try:
            await super().__call__(scope, receive, send_in_time)
        except TimeoutError:
            log.warning("Gave up a stream: its client accepted nothing for %.0f seconds", STALL_SECONDS)


def encoded(data: object, *, event: str | None = None, id: str | None = None) -> bytes:
    """One event with `data` as JSON."""
    return format_sse_event(data_str=json.dumps(data, ensure_ascii=False), event=event, id=id)
