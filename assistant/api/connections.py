"""What one connection may take, and how many there may be: uvicorn's protocol with deadlines and limits.

uvicorn closes a connection that is silent after a response. It waits for ever for a head that does not come to its end
and for a client that does not read, reads a head of any size, and takes as many connections as come.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, ClassVar, Literal

from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .kinds import CROWDED
from .listen import CONNECTIONS
from .problems import RETRY_SECONDS, problem

HEAD_SECONDS = 20.0
"""How long a client may take for the head of its first request, or of one that it has begun."""
HEAD_BYTES = 64 * 1024
REST_SECONDS = 20.0
"""How long what is left of a body is read and thrown away after its request was answered, so that the client can read
the answer."""
STALL_SECONDS = 45.0
"""How long a client may accept nothing of what was sent; streams give up before that."""
QUIET_SECONDS = 60.0
"""What clients do is logged once in so many seconds."""

_Waits = Literal["head", "rest"]
_TOO_LARGE = b"The head of the request is larger than 64 KiB."
_BAD_HEAD = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_TOO_LARGE), _TOO_LARGE)
)

log = logging.getLogger("footnote.server")


class Limits:
    """How many connections there may be at a time, and those that wait for a request, the longest first.

    Where there are more, those that have waited longest are closed, so that whoever comes is heard. An eighth is kept
    for them: when the others all have requests under way, the next one is refused.
    """

    def __init__(self, most: int = CONNECTIONS) -> None:
        self.most = most
        self.waiting: dict[Connection, None] = {}
        self._logged = -QUIET_SECONDS

    def made_room(self, open_now: int) -> None:
        """Close who has waited longest where there are too many."""
        for _ in range(min(open_now - self.most, len(self.waiting))):
            oldest = next(iter(self.waiting))
            del self.waiting[oldest]
            oldest.make_room()
            self.tell("More than %d connections are open: those without a request are closed.", self.most)

    def are_reached(self, open_now: int) -> bool:
        """Whether one more request is too many."""
        return open_now - len(self.waiting) >= self.most - max(1, self.most // 8)

    def tell(self, sentence: str, *values: object) -> None:
        """Log a sentence, unless there was one a moment ago."""
        now = time.monotonic()
        if now - self._logged >= QUIET_SECONDS:
            self._logged = now
            log.warning(sentence, *values)


async def crowded(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a request, and close its connection."""
    detail = f"The server has too many requests under way. Try again in {RETRY_SECONDS} seconds."
    headers = {"Retry-After": str(RETRY_SECONDS), "Connection": "close"}
    await problem(CROWDED, detail, Request(scope), headers)(scope, receive, send)


class Connection(HttpToolsProtocol):
    """A connection that is closed when its client takes too long, whichever way."""

    limits: ClassVar[Limits] = Limits()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """As uvicorn's."""
        super().__init__(*arguments, **named)
        self._served: Any = self.app
        self._whole = True
        """Whether the last request came to its end."""
        self._refused = False
        self._in_head = False
        self._head_bytes = 0
        self._waits: _Waits | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._unsent = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection in, and let go of another one where there are too many."""
        super().connection_made(transport)
        self._watch()
        self.limits.made_room(len(self.connections))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        self._wait_for(None)
        self._expect_reading(False)
        self._unset_keepalive_if_required()
        self.limits.waiting.pop(self, None)

    def data_received(self, data: bytes) -> None:
        """Read on, as long as a head is of a usual size; throw away what comes of one that was refused."""
        if self._refused:
            return
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
                self._refuse()
                return
        self._watch()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Serve the request, or refuse it where there are too many."""
        self._in_head = self._whole = False
        self.limits.waiting.pop(self, None)
        full = self.limits.are_reached(len(self.connections) - 1)
        self.app = crowded if full else self._served
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is here with all of its body."""
        self._whole = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, for what is left of this one, or for the client to take the last response."""
        super().on_response_complete()
        self._watch()
        self._expect_reading(self.transport.is_closing() or self.flow.write_paused)

    def pause_writing(self) -> None:
        """The client does not read as fast as it is written to."""
        super().pause_writing()
        self._expect_reading(True)

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        self._expect_reading(self.transport.is_closing())

    def make_room(self) -> None:
        """Close the connection; it counts no longer, though it is lost only in a moment."""
        self.connections.discard(self)
        self.transport.abort()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which no further request came; at once where its client does not read either."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def _watch(self) -> None:
        """See what the client has to do next, and by when."""
        if self.transport.is_closing():
            return
        if self.cycle is None or (self._whole and self.cycle.response_complete):
            self.limits.waiting.setdefault(self)
            # After a response uvicorn itself waits for the next request to begin.
            self._wait_for("head" if self.timeout_keep_alive_task is None else None)
        else:
            self.limits.waiting.pop(self, None)
            self._wait_for("rest" if self.cycle.response_complete else None)

    def _refuse(self) -> None:
        """Answer a head that is too large. The client may still be sending: a connection that is closed while bytes
        wait unread is reset, and the client never sees why. So only our half is closed until its own is, or the
        deadline is over."""
        self._refused = True
        self.transport.write(_BAD_HEAD)
        self.transport.write_eof()
        self._wait_for("rest")
        self._expect_reading(True)

    def _wait_for(self, what: _Waits | None) -> None:
        """Let a deadline run from the first moment of a wait."""
        if what == self._waits:
            return
        if self._deadline is not None:
            self._deadline.cancel()
        self._waits = what
        self._deadline = None
        if what is not None:
            seconds = HEAD_SECONDS if what == "head" else REST_SECONDS
            self._deadline = self.loop.call_later(seconds, self._too_late)

    def _expect_reading(self, is_expected: bool) -> None:
        """Let the deadline for accepting what was sent run, or call it off."""
        if is_expected and self._stalled is None:
            self._unsent = self.transport.get_write_buffer_size()
            self._stalled = self.loop.call_later(STALL_SECONDS, self._give_up)
        elif not is_expected and self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _too_late(self) -> None:
        self.limits.tell("Closed a connection: its client took too long to send its request.")
        self.transport.abort()

    def _give_up(self) -> None:
        self._stalled = None
        if self.transport.get_write_buffer_size() < self._unsent:  # slow, but it reads
            self._expect_reading(True)
            return
        self.limits.tell("Closed a connection: its client accepted nothing for %.0f seconds.", STALL_SECONDS)
        self.transport.abort()


def limited(most: int) -> type[Connection]:
    """The protocol of a server that takes at most so many connections."""
    return type("LimitedConnection", (Connection,), {"limits": Limits(most)})
