"""An OpenAI-compatible server over real HTTP whose answers are scripts: it streams, stalls, lies, breaks off."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Messages = list[dict[str, str]]


@dataclass(frozen=True)
class Words:
    """A stream of pieces, and what happens around them.

    `wait` and `pause` are seconds before the first piece and between two; after `breaks` pieces the connection is
    cut; `finish` None leaves the reason to end away. `tokens` are reported as usage.
    """

    pieces: Sequence[str]
    wait: float = 0.0
    pause: float = 0.0
    breaks: int | None = None
    finish: str | None = "stop"
    tokens: tuple[int, int] | None = None


@dataclass(frozen=True)
class Status:
    """An error status with a body."""

    status: int
    body: str = '{"error": {"message": "no", "type": "server_error"}}'


@dataclass(frozen=True)
class Raw:
    """Bytes as they are, with status 200, after `wait` seconds; `pings` comments are sent, one every 50 ms, before."""

    body: bytes
    kind: str = "text/event-stream"
    wait: float = 0.0
    pings: int = 0


Script = Words | Status | Raw | Callable[[Messages], "Words | Status | Raw"]


def says(text: str, size: int = 7) -> Words:
    """`text` in pieces of `size` characters, which cut words and markers anywhere."""
    return Words([text[at : at + size] for at in range(0, len(text), size)])


@dataclass
class ScriptedServer:
    """Answers each request with the next script, the last one again and again."""

    url: str
    scripts: deque[Script] = field(default_factory=deque)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    """When each piece left, by the monotonic clock."""

    def script(self, *scripts: Script) -> None:
        """Answer the coming requests so."""
        self.scripts = deque(scripts)

    def next(self) -> Script:
        return self.scripts.popleft() if len(self.scripts) > 1 else self.scripts[0]


@contextmanager
def scripted_server(*scripts: Script, port: int = 0) -> Iterator[ScriptedServer]:
    """A server on a loopback port, by default a free one."""
    stopping = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(body)
            state.headers.append(dict(self.headers))
            script = state.next()
            if callable(script):
                script = script(body["messages"])
            self.close_connection = True
            with suppress(BrokenPipeError, ConnectionResetError):  # the client may leave
                self._play(script)

        def _play(self, script: Words | Status | Raw) -> None:
            if isinstance(script, Status):
                self._head(script.status, "application/json", len(script.body.encode()))
                self.wfile.write(script.body.encode())
            elif isinstance(script, Raw):
                self._head(200, script.kind)
                for _ in range(script.pings):
                    self._chunk(b": ping\n\n")
                    stopping.wait(0.05)
                stopping.wait(script.wait)
                self._chunk(script.body)
                self._chunk(b"")
            else:
                self._words(script)

        def _words(self, script: Words) -> None:
            stopping.wait(script.wait)
            self._head(200, "text/event-stream")
            for number, piece in enumerate(script.pieces):
                if number == script.breaks:
                    return
                state.sent.append(time.monotonic())
                self._event(
                    {
                        "choices": [
                            {
                                "index": 0,
                                "delta": {"role": "assistant", "content": piece},
                                "finish_reason": None,
                            }
                        ]
                    }
                )
                stopping.wait(script.pause)
            if script.finish:
                self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": script.finish}]})
            if script.tokens:
                prompt, completion = script.tokens
                usage = {
                    "prompt_tokens": prompt,
                    "completion_tokens": completion,
                    "total_tokens": prompt + completion,
                }
                self._event({"choices": [], "usage": usage})
            self._chunk(b"data: [DONE]\n\n")
            self._chunk(b"")

        def _event(self, values: dict[str, Any]) -> None:
            event = {
                "id": "1",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": "scripted",
                **values,
            }
            self._chunk(f"data: {json.dumps(event)}\n\n".encode())

        def _head(self, status: int, kind: str, length: int | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if length is None:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header("Content-Length", str(length))
            self.send_header("Connection", "close")
            self.end_headers()

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Server(("127.0.0.1", port), Handler) as server:
        state = ScriptedServer(f"http://127.0.0.1:{server.server_address[1]}/v1", deque(scripts))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            stopping.set()
            server.shutdown()
            thread.join()
