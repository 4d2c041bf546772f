"""Clients that send slowly, read nothing, or are too many: what becomes of them, and of the others meanwhile."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx
import pytest
from fakes_web import SUPPORTED, FakeAssistant, fake
from served import serving

import server
from assistant.answers import Delta, Event, Question
from assistant.api import body, connections
from assistant.api.connections import limited
from assistant.settings import Settings

ROOT = Path(__file__).parent.parent
ASK = {"question": "How much did freight rise?"}
PATIENCE = 60.0


@contextmanager
def served(assistant: FakeAssistant, most: int = 100) -> Iterator[httpx.Client]:
    with TemporaryDirectory() as data:
        app = server.create_app(assistant, (), settings=Settings(connections=most, data=Path(data)))
        with serving(app, http=limited(most)) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
            yield client


def connected(client: httpx.Client) -> socket.socket:
    at = urlsplit(str(client.base_url))
    return socket.create_connection((str(at.hostname), at.port or 0), timeout=PATIENCE)


def head(client: httpx.Client, *lines: str, path: str = "/v1/ask", method: str = "POST") -> bytes:
    host = client.base_url.netloc.decode()
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode()


JSON = "Content-Type: application/json"
CHUNKED = "Transfer-Encoding: chunked"


def read_response(line: socket.socket) -> httpx.Response:
    """The next response on a connection."""
    with line.makefile("rb") as file:
        status = int(file.readline().split()[1])
        headers = {}
        while entry := file.readline().strip():
            name, _, value = entry.decode().partition(":")
            headers[name.lower()] = value.strip()
        return httpx.Response(status, headers=headers, content=file.read(int(headers["content-length"])))


def is_closed(line: socket.socket) -> bool:
    """Whether the server ends the connection before the test loses its patience."""
    try:
        return line.recv(1) == b""
    except ConnectionError:
        return True


def drip(line: socket.socket, data: bytes, pause: float = 0.05) -> int:
    """Send byte by byte until the server closes; how many were sent."""
    for number, byte in enumerate(data):
        try:
            line.sendall(bytes([byte]))
        except OSError:  # closed on either side
            return number
        time.sleep(pause)
    return len(data)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that waits for half a second."""
    for name in ("HEAD_SECONDS", "REST_SECONDS", "STALL_SECONDS"):
        monkeypatch.setattr(connections, name, 0.5)
    monkeypatch.setattr(body, "GRACE_SECONDS", 0.5)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("begun", [b"", b"\r\n", b"POST /v1/ask HT"])
def test_a_head_that_does_not_come_is_not_waited_for(begun: bytes) -> None:
    with served(fake(SUPPORTED)) as client, connected(client) as line:
        line.sendall(begun)
        assert is_closed(line)
        assert client.post("/v1/ask", json=ASK).status_code == 200


@pytest.mark.usefixtures("hasty")
def test_a_head_that_comes_byte_by_byte_is_not_waited_for() -> None:
    with served(fake(SUPPORTED)) as client, connected(client) as line:
        sent = head(client, *(f"X-Slow-{n}: {n}" for n in range(300)))
        assert drip(line, sent) < len(sent)
        assert is_closed(line)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("second", [b"GET /hea", b"\r\n"])
def test_a_second_head_is_not_waited_for_either(second: bytes) -> None:
    """Nor what is none: a line break ends uvicorn's own wait for the next request, and begins no other."""
    with served(fake(SUPPORTED)) as client, connected(client) as line:
        line.sendall(head(client, path="/healthz", method="GET"))
        assert read_response(line).status_code == 200
        line.sendall(second)
        assert is_closed(line)


@pytest.mark.parametrize("pieces", [1, 64])
def test_a_head_without_an_end_is_refused(pieces: int) -> None:
    with served(fake(SUPPORTED)) as client, connected(client) as line:
        line.sendall(head(client)[:-2])
        for number in range(pieces):
            line.sendall(f"X-{number}: ".encode() + b"x" * (70_000 // pieces) + b"\r\n")
        assert read_response(line).status_code == 431
        assert is_closed(line)


def test_a_client_that_goes_on_with_its_head_sees_why_it_is_refused() -> None:
    """It sends for a while before it reads: a connection closed meanwhile would be reset under its response."""
    with served(fake(SUPPORTED)) as client, connected(client) as line:
        line.sendall(head(client)[:-2])
        for number in range(200):
            line.sendall(f"X-{number}: ".encode() + b"x" * 1000 + b"\r\n")
            time.sleep(0.002)
        assert read_response(line).status_code == 431


@pytest.mark.usefixtures("hasty")
def test_a_head_that_was_refused_is_not_read_for_ever() -> None:
    with served(fake(SUPPORTED)) as client, connected(client) as line:
        line.sendall(head(client)[:-2] + b"X: " + b"x" * 70_000)
        sent = b"x" * 1000
        assert drip(line, sent) < len(sent)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("length", ["Content-Length: 1000", CHUNKED])
def test_a_body_that_comes_byte_by_byte_is_refused(length: str) -> None:
    with served(fake(SUPPORTED)) as client, connected(client) as line:
        line.sendall(head(client, JSON, length))
        sent = b"1\r\n{\r\n" * 300 if length == CHUNKED else b'{"question": "' + b"x" * 900
        sending = threading.Thread(target=drip, args=(line, sent))
        sending.start()
        refused = read_response(line)
        line.close()
        sending.join()
        assert (refused.status_code, refused.json()["type"]) == (408, "/problems/slow-body")
        assert refused.headers["connection"] == "close"


def test_a_body_that_comes_in_time_may_come_in_pieces() -> None:
    with served(fake(SUPPORTED)) as client, connected(client) as line:
        data = json.dumps(ASK).encode()
        line.sendall(head(client, JSON, f"Content-Length: {len(data)}"))
        assert drip(line, data, pause=0.01) == len(data)
        assert read_response(line).status_code == 200


def test_a_question_of_20_mb_is_refused_at_its_head() -> None:
    with served(fake(SUPPORTED)) as client, connected(client) as line:
        line.sendall(head(client, JSON, "Content-Length: 20000000", "Expect: 100-continue"))
        refused = read_response(line)
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/body-too-large")


@pytest.mark.usefixtures("hasty")
def test_a_question_without_an_end_is_refused_where_it_is_too_large() -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    with served(fake(SUPPORTED)) as client, connected(client) as line:
        line.sendall(head(client, JSON, CHUNKED))
        line.sendall(chunk * 17)  # 1 MiB and one more
        refused = read_response(line)
        assert (refused.status_code, refused.json()["type"]) == (413, "/problems/body-too-large")
        sent = 0
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:  # it would go on for ever
            try:
                line.sendall(chunk)
                sent += 1
                time.sleep(0.01)
            except ConnectionError:
                break
        assert time.monotonic() < deadline
        assert client.post("/v1/ask", json=ASK).status_code == 200


class Endless(FakeAssistant):
    """Tells more than any buffer between server and client takes."""

    def stream(self, question: Question, /) -> Iterator[Event]:
        for _ in range(2000):
            yield Delta("freight " * 2000)
        yield from super().stream(question)


@pytest.mark.usefixtures("hasty")
def test_a_client_that_reads_nothing_loses_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    """Not only its response: what waits to be sent would keep the connection open for ever."""
    with served(Endless()) as client, connected(client) as lazy:
        data = json.dumps(ASK).encode()
        lazy.sendall(head(client, JSON, f"Content-Length: {len(data)}", path="/v1/ask/stream") + data)
        until(lambda: "accepted nothing" in caplog.text)
        lazy.settimeout(PATIENCE)
        until(lambda: is_closed_after(lazy))


def is_closed_after(line: socket.socket) -> bool:
    """Whether the connection ends once what was sent has been read."""
    try:
        return not line.recv(1 << 20)
    except ConnectionError:
        return True


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_of_too_many_idle_connections_the_oldest_are_closed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "footnote")
    with ExitStack() as stack:
        client = stack.enter_context(served(fake(SUPPORTED), most=20))
        idle = []
        for _ in range(200):
            line = stack.enter_context(connected(client))
            line.sendall(b"GET /healthz")
            idle.append(line)
            if len(idle) % 50 == 0:  # whoever asks is heard meanwhile, and who came last
                assert httpx.post(f"{client.base_url}/v1/ask", json=ASK, timeout=PATIENCE).status_code == 200
                line.sendall(b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert read_response(line).status_code == 200
        for line in idle[:150]:
            assert is_closed(line)
        assert "More than 20 connections are open" in caplog.text


class Held(FakeAssistant):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def stream(self, question: Question, /) -> Iterator[Event]:
        assert self.go.wait(PATIENCE)
        yield from super().stream(question)


def test_of_too_many_requests_under_way_the_next_is_refused() -> None:
    assistant = Held()
    with served(assistant, most=16) as client, ExitStack() as stack:
        data = json.dumps(ASK).encode()
        request = head(client, JSON, f"Content-Length: {len(data)}") + data
        lines = [stack.enter_context(connected(client)) for _ in range(14)]
        for line in lines:
            line.sendall(request)
        address = f"{client.base_url}/healthz"
        until(lambda: httpx.get(address, timeout=PATIENCE).status_code == 503)
        refused = httpx.get(address, timeout=PATIENCE)
        assert refused.json()["type"] == "/problems/crowded"
        assert int(refused.headers["retry-after"]) >= 1
        assistant.go.set()
        assert [read_response(line).status_code for line in lines] == [200] * 14
        assert client.get("/healthz").status_code == 200


def test_streams_leave_room_for_questions() -> None:
    with served(fake(SUPPORTED), most=16) as client, ExitStack() as stack:
        for number in range(4):
            open_page = stack.enter_context(client.stream("GET", f"/gradio_api/heartbeat/page{number}"))
            assert open_page.status_code == 200
        refused = client.get("/gradio_api/heartbeat/page5")
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/crowded")
        assert int(refused.headers["retry-after"]) >= 1
        assert client.post("/v1/ask", json=ASK).status_code == 200
        assert client.post("/v1/ask/stream", json=ASK).status_code == 200
        stack.close()
        until(lambda: _opens(client))


def _opens(client: httpx.Client) -> bool:
    with client.stream("GET", "/gradio_api/heartbeat/page6") as page:
        return page.status_code == 200


FEW_FILES = """
import logging, resource, sys
logging.basicConfig()
most = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (most // 2, most))
from assistant.api.listen import AddressError, within_files
try:
    print(within_files(2000))
except AddressError as error:
    print(error)
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize(
    ("files", "printed", "logged"),
    [
        (4000, ["2000", "2256"], ""),
        (
            600,
            ["344", "600"],
            "Only 344 connections are taken at a time instead of 2000, because this process",
        ),
        (
            260,
            [
                "This process may open only 260 files at a time, which is too few to serve. "
                "Raise the limit with: ulimit -n 2256",
                "260",
            ],
            "",
        ),
    ],
)
def test_there_are_as_many_connections_as_files_may_be_open(
    files: int, printed: list[str], logged: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FEW_FILES, str(files)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == printed
    assert logged in done.stderr
    assert bool(logged) == bool(done.stderr)
