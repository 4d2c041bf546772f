"""Several workers behind one port: a request goes to the worker that has what it asks for.

Answers are computed where a request lands. What lives in one process is found again by who has it: a stream by its
number, a browser's chat by its cookie, jobs and uploads with the first worker. Such a request is handed on through
socket files of which only this server's processes know.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import socket
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx
from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.person import COOKIE, new_token

from .headers import is_chat, own_path
from .kinds import NOT_READY
from .problems import problem

SHOWN = "X-Footnote-Worker"
"""The header that says which worker answered."""
_FROM = b"x-footnote-from"
_HOP = frozenset({b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", _FROM})
_STREAM = re.compile(r"/v1/ask/stream/([0-9a-f]{32})")
_EVENT = re.compile(r"([0-9a-f]{32}):[0-9]+")
_FIRST = re.compile(r"/v1/jobs(/.*)?|/v1/documents(/[^/]+)?")
CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Seat:
    """The place of one worker: its number from 0, how many there are, and the folder of their socket files."""

    number: int
    workers: int
    folder: Path

    def socket_file(self, number: int) -> Path:
        """Where a worker listens for the others."""
        return self.folder / f"{number}.sock"

    def listen(self) -> socket.socket:
        """A socket on which this worker hears the others."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self.socket_file(self.number)))
        listener.listen(256)
        return listener

    def begin(self) -> None:
        """Tell the parent that this worker answers."""
        (self.folder / f"{self.number}.answers").touch()

    @property
    def has_begun(self) -> bool:
        """Whether this worker answers, or did before it was begun again."""
        return (self.folder / f"{self.number}.answers").exists()

    def new_id(self) -> str:
        """A stream's id that leads to this worker."""
        while self.owner_of_id(id := uuid.uuid4().hex) != self.number:
            pass
        return id

    def new_token(self) -> str:
        """A browser's word that leads to this worker."""
        while self._owner_of_token(token := new_token()) != self.number:
            pass
        return token

    def owner_of_id(self, id: str) -> int:
        """The worker that has a stream."""
        return int(id[:8], 16) % self.workers

    def _owner_of_token(self, token: str) -> int:
        return int(hashlib.sha256(token.encode()).hexdigest()[:8], 16) % self.workers

    def owner(self, request: Request) -> int:
        """The worker that a request is for; this one where any will do."""
        path = own_path(request.scope)
        if is_chat(request.scope):
            token = request.cookies.get(COOKIE)
            return self.number if token is None else self._owner_of_token(token)
        if named := _STREAM.fullmatch(path):
            return self.owner_of_id(named[1])
        last = request.headers.get("last-event-id", "")
        if path == "/v1/ask/stream" and (event := _EVENT.fullmatch(last)):
            return self.owner_of_id(event[1])
        if _FIRST.fullmatch(path) and (path.startswith("/v1/jobs") or request.method not in ("GET", "HEAD")):
            return 0
        return self.number


class Peers:
    """Middleware, the outermost: answers here what any worker can answer, and has the others answer what is theirs."""

    def __init__(self, app: ASGIApp, seat: Seat) -> None:
        self.app = app
        self.seat = seat
        self._clients: dict[int, httpx.AsyncClient] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["peers"] = self
        scope["state"]["new_token"] = self.seat.new_token
        if self._handed_on(scope):
            await self.app(scope, receive, self._signed(send))
            return
        owner = self.seat.owner(Request(scope))
        if owner == self.seat.number:
            await self.app(scope, receive, self._signed(send))
        else:
            await self._hand_on(owner, scope, receive, send)

    async def others(self, request: Request) -> list[httpx.Response]:
        """What the other workers that are there answer to the same request, which has no body."""
        if request.scope["state"].get("handed_on"):
            return []
        numbers = [number for number in range(self.seat.workers) if number != self.seat.number]
        sent = (self._clients[number].send(_request(request.scope, None)) for number in numbers)
        answers = await asyncio.gather(*sent, return_exceptions=True)
        return [each for each in answers if isinstance(each, httpx.Response)]

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self.seat.begin()

        async with contextlib.AsyncExitStack() as stack:
            for number in range(self.seat.workers):
                over = httpx.AsyncHTTPTransport(
                    uds=str(self.seat.socket_file(number)), limits=httpx.Limits(max_connections=None)
                )
                waits = httpx.Timeout(None, connect=CONNECT_SECONDS)
                client = httpx.AsyncClient(transport=over, timeout=waits, trust_env=False)
                self._clients[number] = await stack.enter_async_context(client)
            await self.app(scope, receive, tell)

    def _handed_on(self, scope: Scope) -> bool:
        """Whether another worker sent this; then it is as if it had come here itself."""
        server = scope.get("server")
        headers = [pair for pair in scope["headers"] if pair[0] != _FROM]
        told = next((value for name, value in scope["headers"] if name == _FROM), None)
        scope["headers"] = headers
        if told is None or server is None or server[0] != str(self.seat.socket_file(self.seat.number)):
            return False
        first: dict[str, Any] = json.loads(told)
        for name in ("client", "server"):
            scope[name] = tuple(first[name]) if first[name] else None
        scope["scheme"] = first["scheme"]
        scope["state"]["handed_on"] = True
        return True

    def _signed(self, send: Send) -> Send:
        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[SHOWN] = str(self.seat.number)
            await send(message)

        return signed

    async def _hand_on(self, owner: int, scope: Scope, receive: Receive, send: Send) -> None:
        sent = anyio.Event()

        async def body() -> AsyncIterator[bytes]:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise httpx.ReadError("The client has gone.")
                more = message.get("more_body", False)
                if message.get("body"):
                    yield message["body"]
            sent.set()

        request = _request(scope, body())
        if not _has_body(scope):
            sent.set()

        async def gone() -> None:
            await sent.wait()
            while (await receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        begun = False
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(gone)
                response = await self._clients[owner].send(request, stream=True)
                try:
                    headers = [(n, v) for n, v in response.headers.raw if n.lower() not in _HOP]
                    begun = True
                    await send(
                        {"type": "http.response.start", "status": response.status_code, "headers": headers}
                    )
                    async for part in response.aiter_raw():
                        await send({"type": "http.response.body", "body": part, "more_body": True})
                    await send({"type": "http.response.body", "body": b""})
                finally:
                    with anyio.CancelScope(shield=True):
                        await response.aclose()
                group.cancel_scope.cancel()
        except* OSError:
            pass  # the client has gone
        except* httpx.HTTPError:
            if begun:
                raise
            detail = "The worker that has this is starting again. Try again in 5 seconds."
            await problem(NOT_READY, detail, Request(scope), {"Retry-After": "5"})(scope, receive, send)


def _request(scope: Scope, body: AsyncIterator[bytes] | None) -> httpx.Request:
    """The request of a scope, for another worker, which is told where it came in."""
    first = {name: scope.get(name) for name in ("client", "server", "scheme")}
    headers = [pair for pair in scope["headers"] if pair[0].lower() not in _HOP]
    headers.append((_FROM, json.dumps(first).encode()))
    path = scope.get("raw_path") or scope["path"].encode()
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    url = httpx.URL(scheme="http", host="worker", raw_path=path.partition(b"?")[0] + query)
    return httpx.Request(scope["method"], url, headers=headers, content=body if _has_body(scope) else None)


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
