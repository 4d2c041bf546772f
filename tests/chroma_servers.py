"""A Chroma server of its own for tests, and a proxy before it that asks for a header and fails when told to."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

START_SECONDS = 120.0
HEADER = "X-Chroma-Token"
KEY = "salt"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def chroma_process(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`chroma run` on loopback until the block ends; then it is killed."""
    process = subprocess.Popen(
        [Path(sys.executable).with_name("chroma"), "run", "--path", folder, "--host", "127.0.0.1",
         "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port):
            assert process.poll() is None, "chroma run ended"
            assert time.monotonic() < deadline, "chroma run does not answer"
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def chroma_run(folder: Path, port: int | None = None) -> Iterator[str]:
    """The same; gives its URL."""
    port = port or free_port()
    with chroma_process(folder, port):
        yield f"http://127.0.0.1:{port}"


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/v2/heartbeat")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class Gate:
    """A reverse proxy that lets requests with the key pass, and answers the next `failing` ones with `status`."""

    def __init__(self, target: str) -> None:
        self.failing = 0
        self.hanging = threading.Event()
        self.status = 503
        self.passed = 0
        gate, to = self, urlsplit(target)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if gate.hanging.is_set():
                    time.sleep(3)
                    self.close_connection = True
                elif self.headers.get(HEADER) != KEY:
                    self._answer(401, b"who are you?")
                elif gate.failing > 0:
                    gate.failing -= 1
                    self._answer(gate.status, b"not now")
                else:
                    gate.passed += 1
                    upstream = http.client.HTTPConnection(str(to.hostname), to.port)
                    upstream.request(self.command, self.path, body, {"Content-Type": "application/json"})
                    response = upstream.getresponse()
                    self._answer(response.status, response.read())
                    upstream.close()

            do_GET = do_POST = do_DELETE = do_PUT = handle_any  # noqa: N815

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Gate:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
