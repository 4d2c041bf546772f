"""POST /v1/ask/stream against a real server: order, resuming, heartbeats, and clients that misbehave."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from fakes_web import SUPPORTED, FakeAssistant, fake
from httpx_sse import ServerSentEvent, connect_sse
from served import serving

import server
from assistant.answers import Delta, Event, Question
from assistant.api import runs, sse
from index.errors import StoreError

QUESTION = {"question": "How much did freight rise?"}
PATIENCE = httpx.Timeout(60)


class Held(FakeAssistant):
    """Tells its first three events and waits for `go` before it tells the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.told = threading.Event()

    def stream(self, question: Question, /) -> Iterator[Event]:
        for number, event in enumerate(super().stream(question), 1):
            yield event
            if number == 3:
                self.told.set()
                assert self.go.wait(60)


@contextmanager
def client_of(assistant: FakeAssistant) -> Iterator[httpx.Client]:
    with (
        serving(server.create_app(assistant, examples=())) as url,
        httpx.Client(base_url=url, timeout=PATIENCE) as client,
    ):
        yield client


def events(client: httpx.Client, last: str | None = None) -> list[ServerSentEvent]:
    headers = {"Last-Event-ID": last} if last else {}
    with connect_sse(client, "POST", "/v1/ask/stream", json=QUESTION, headers=headers) as source:
        return list(source.iter_sse())


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_stream_tells_everything_once_and_in_order() -> None:
    with client_of(fake(SUPPORTED)) as client:
        found = events(client)
        with connect_sse(client, "POST", "/v1/ask/stream", json=QUESTION) as source:
            assert source.response.headers["cache-control"] == "no-store"
            assert source.response.headers["content-type"].startswith("text/event-stream")
    names = [event.event for event in found]
    deltas = names.count("delta")
    assert names == ["retrieved", *["delta"] * deltas, "citation", "final"]
    answer = json.loads(found[-1].data)
    assert "".join(json.loads(event.data)["text"] for event in found[1:-2]) == answer["answer"]
    assert json.loads(found[-2].data) == answer["citations"][0]
    assert json.loads(found[0].data)["hits"][0].keys() >= {"document_id", "paragraph", "permalink", "score"}
    stream = json.loads(found[0].data)["stream"]
    assert [event.id for event in found] == [f"{stream}:{n}" for n in range(1, len(found) + 1)]


def test_a_client_that_was_cut_off_takes_the_stream_up_where_it_was() -> None:
    assistant = Held()
    with client_of(assistant) as client:
        seen = []
        with connect_sse(client, "POST", "/v1/ask/stream", json=QUESTION) as source:
            for event in source.iter_sse():
                seen.append(event)
                if len(seen) == 3:
                    break
        assistant.go.set()
        rest = events(client, seen[-1].id)
        again = events(client, seen[0].id)
        stream = seen[0].id.partition(":")[0]
        with connect_sse(client, "GET", f"/v1/ask/stream/{stream}") as source:
            whole = list(source.iter_sse())
    assert [e.id for e in seen + rest] == [e.id for e in whole]
    assert [e.id for e in again] == [e.id for e in whole[1:]]
    assert rest[-1].event == "final"
    assert len(assistant.asked) == 1


def test_two_clients_follow_one_stream() -> None:
    assistant = Held()
    with client_of(assistant) as client:
        found: dict[str, list[str]] = {}
        with connect_sse(client, "POST", "/v1/ask/stream", json=QUESTION) as source:
            lines = source.iter_sse()
            first = next(lines)

            def follow() -> None:
                found["other"] = [e.id for e in events(client, first.id)]

            other = threading.Thread(target=follow)
            other.start()
            assistant.go.set()
            found["own"] = [e.id for e in lines]
            other.join(60)
    assert found["own"] == found["other"]


def test_a_silent_stream_sends_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.05)
    assistant = Held()
    with client_of(assistant) as client, client.stream("POST", "/v1/ask/stream", json=QUESTION) as response:
        beats = 0
        for line in response.iter_lines():
            beats += line.startswith(":")
            if beats == 3:
                assistant.go.set()
                break
    assert beats == 3


def test_a_client_that_goes_away_does_not_end_the_answer() -> None:
    assistant = Held()
    app = server.create_app(assistant, examples=())
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        with connect_sse(client, "POST", "/v1/ask/stream", json=QUESTION) as source:
            next(source.iter_sse())
        assistant.go.set()
        until(lambda: app.state.service.runs.running == 0)
        assert client.get("/healthz").status_code == 200


class Endless(FakeAssistant):
    """Tells more than any buffer between server and client takes."""

    def stream(self, question: Question, /) -> Iterator[Event]:
        for _ in range(2000):
            yield Delta("freight " * 2000)
        yield from super().stream(question)


def test_a_client_that_reads_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sse, "STALL_SECONDS", 0.2)
    with client_of(Endless()) as client:
        at = urlsplit(str(client.base_url))
        body = json.dumps(QUESTION).encode()
        assert at.hostname is not None
        with socket.create_connection((at.hostname, at.port or 0)) as lazy:
            head = f"POST /v1/ask/stream HTTP/1.1\r\nHost: {at.netloc}\r\nContent-Type: application/json\r\n"
            lazy.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            until(lambda: "Gave up a stream" in caplog.text)
            assert client.get("/healthz").status_code == 200


def test_a_failure_is_the_last_event() -> None:
    with client_of(fake(StoreError("Chroma at localhost:1 does not answer."))) as client:
        (failure,) = events(client)
    problem = json.loads(failure.data)
    assert failure.event == "error"
    assert (problem["status"], problem["type"]) == (503, "/problems/not-ready")
    assert problem["detail"] == "Chroma at localhost:1 does not answer."


@pytest.mark.parametrize(
    ("last", "status", "slug"),
    [("0" * 32 + ":1", 404, "unknown-stream"), ("nonsense", 404, "unknown-stream")],
)
def test_a_stream_that_is_not_there_is_a_problem(last: str, status: int, slug: str) -> None:
    with client_of(fake()) as client:
        response = client.post("/v1/ask/stream", json=QUESTION, headers={"Last-Event-ID": last})
        missing = client.get("/v1/ask/stream/" + "0" * 32)
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{slug}")
    assert missing.status_code == 404


def test_an_old_stream_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    with client_of(fake()) as client:
        last = events(client)[0].id
        assert events(client, last)
        monkeypatch.setattr(runs, "KEPT_SECONDS", 0)
        response = client.post("/v1/ask/stream", json=QUESTION, headers={"Last-Event-ID": last})
    assert response.json()["type"] == "/problems/unknown-stream"
