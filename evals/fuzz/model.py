"""A chat model's server that sends any bytes as its stream: what is read is text, or one of our errors."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from assistant.chat_model import Budgets, Message, ModelError
from assistant.llm import OpenAILikeModel

_sent: list[bytes] = [b""]


class _Handler(BaseHTTPRequestHandler):
    """Answers every request with the bytes that are to be sent."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Send them as a stream of events."""
        self.rfile.read(int(self.headers["Content-Length"]))
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(_sent[0])


@cache
def _model() -> OpenAILikeModel:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    budgets = Budgets(connect=5.0, first=10.0, total=10.0)
    return OpenAILikeModel(f"http://127.0.0.1:{server.server_address[1]}/v1", "any", budgets=budgets)


def read_stream(data: bytes) -> None:
    """Any bytes of a server are pieces of text, or end in one sentence."""
    _sent[0] = data
    said = ""
    try:
        for piece in _model().stream([Message("user", "Why?")], most_tokens=10):
            said += piece
    except ModelError as error:
        said = str(error)
    said.encode("utf-8", "surrogatepass")
