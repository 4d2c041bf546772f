"""Kept answers, writes that come twice, conditional requests, metrics, logs, request ids, and a server that stops."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from fakes_web import HARBOUR, LIBRARY, SUPPORTED, FakeAssistant, fake
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from served import serving
from starlette.testclient import TestClient

import server
from assistant.answers import Event, Final, Question
from assistant.api import memory, tracing
from assistant.api.desk import ServiceDesk
from assistant.api.logs import JsonLines
from assistant.api.run import Run
from assistant.api.service import Service
from assistant.settings import Settings
from assistant.storage.repository import Storage
from index.errors import StoreError
from index.history import PastParagraph, Version

ASK = {"question": "How much did freight rise?"}


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage:
        yield storage


@pytest.fixture
def assistant() -> FakeAssistant:
    return fake(SUPPORTED)


@pytest.fixture
def client(assistant: FakeAssistant, storage: Storage) -> Iterator[TestClient]:
    with TestClient(server.create_app(assistant, (), storage)) as client:
        yield client


def test_an_answer_is_kept_as_it_was_given(client: TestClient, assistant: FakeAssistant) -> None:
    answer = client.post("/v1/ask", json=ASK).json()
    kept = client.get(f"/v1/answers/{answer['id']}").json()
    assert kept["answer"] == answer
    paragraph = LIBRARY.paragraph("harbour", 2)
    assert paragraph is not None
    assert kept["citations"] == [{"number": 1, "state": "unchanged", "text": paragraph.text}]
    # Then the document changes: the answer still shows what it cited.
    version = Version("harbour", 1, HARBOUR.sha256, "2026-03-01T09:30:00+00:00")
    past = PastParagraph("harbour", 2, paragraph.content_hash, paragraph.text, version)
    assistant.library.former["harbour", paragraph.content_hash] = (past,)
    document, paragraphs = assistant.library.kept["harbour"]
    assistant.library.kept["harbour"] = (document, paragraphs[:2])
    later = client.get(f"/v1/answers/{answer['id']}").json()
    assert later["citations"] == [{"number": 1, "state": "removed", "text": paragraph.text}]
    again = client.post(f"/v1/answers/{answer['id']}/replay").json()
    assert (again["same_version"], again["same_answer"]) == (True, True)
    assert assistant.asked[-1] == Question(ASK["question"])


def test_a_write_that_comes_twice_is_done_once(client: TestClient, storage: Storage) -> None:
    answer = client.post("/v1/ask", json=ASK).json()
    told = {"answer_id": answer["id"], "thumb": "up"}
    headers = {"Idempotency-Key": "once"}
    first = client.post("/v1/feedback", json=told, headers=headers)
    second = client.post("/v1/feedback", json=told, headers=headers)
    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    assert second.headers["idempotent-replayed"] == "true"
    assert len(storage.access.noted()) == 1
    other = client.post("/v1/feedback", json={**told, "thumb": "down"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    # A write that failed may be tried again.
    missing = {"answer_id": "nope", "thumb": "up"}
    for _ in range(2):
        failed = client.post("/v1/feedback", json=missing, headers={"Idempotency-Key": "twice"})
        assert failed.json()["type"] == "/problems/unknown-answer"


def test_documents_come_in_pages_and_only_when_they_changed(client: TestClient) -> None:
    first = client.get("/v1/documents", params={"limit": 1})
    assert [each["id"] for each in first.json()["documents"]] == ["harbour"]
    second = client.get(first.json()["next"])
    assert [each["id"] for each in second.json()["documents"]] == ["gazette"]
    assert second.json()["next"] is None
    unchanged = client.get(
        "/v1/documents", params={"limit": 1}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert client.get("/v1/documents", headers={"If-None-Match": '"other"'}).status_code == 200
    numbers: list[int] = []
    address: str | None = "/v1/documents/harbour/paragraphs?limit=2"
    while address:
        page = client.get(address).json()
        numbers += [each["number"] for each in page["paragraphs"]]
        address = page["next"]
    assert numbers == [0, 1, 2, 3, 4]
    assert client.get("/v1/documents?after=nope").status_code == 404


def test_the_corpus_is_counted(client: TestClient) -> None:
    found = client.get("/v1/corpus").json()
    assert (found["corpus_version"], found["documents"], found["paragraphs"]) == ("c0ffee12", 2, 7)


def test_metrics_count_what_was_asked(client: TestClient) -> None:
    client.post("/v1/ask", json=ASK)
    client.get("/documents/nope")
    lines = client.get("/metrics").text.splitlines()
    assert 'footnote_answers_total{mode="extractive",verdict="supported"} 1.0' in lines
    assert 'footnote_requests_total{method="POST",route="/v1/ask",status="200"} 1.0' in lines
    assert 'footnote_requests_total{method="GET",route="/documents/{document_id}",status="404"} 1.0' in lines
    assert 'footnote_step_seconds_count{step="read"} 1.0' in lines
    assert "footnote_documents 2.0" in lines
    assert "footnote_waiting 0.0" in lines


def test_a_request_keeps_its_id(client: TestClient) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert len(client.get("/healthz", headers={"X-Request-ID": "a b"}).headers["x-request-id"]) == 32
    refused = client.get("/v1/nope", headers={"X-Request-ID": "mine-2"})
    assert refused.headers["x-request-id"] == "mine-2"


@pytest.mark.parametrize("asked_for", [False, True])
def test_the_log_has_no_question_unless_asked_for(
    asked_for: bool, storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "footnote")
    settings = Settings(log_questions=asked_for)
    with TestClient(server.create_app(fake(SUPPORTED), (), storage, settings=settings)) as client:
        client.post("/v1/ask", json=ASK, headers={"X-Request-ID": "r1"})
        client.get("/v1/search", params={"q": ASK["question"]})
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    answered = next(line for line in lines if line["logger"] == "footnote.answers")
    assert (answered["verdict"], answered["request_id"]) == ("supported", "r1")
    assert any(line.get("route") == "/v1/search" and line["status"] == 200 for line in lines)
    assert (ASK["question"] in json.dumps(lines)) is asked_for


class Held(FakeAssistant):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = threading.Event(), threading.Event()

    def stream(self, question: Question, /) -> Iterator[Event]:
        self.begun.set()
        assert self.go.wait(60)
        yield from super().stream(question)


def test_more_questions_than_may_wait_are_refused_with_a_time() -> None:
    assistant = Held()
    service_app = server.create_app(assistant, ())
    service: Service = service_app.state.service
    service.runs._parallel, service.runs._waiting = 1, 1
    with serving(service_app) as url, httpx.Client(base_url=url, timeout=60) as client:
        statuses: list[int] = []
        asking = [
            threading.Thread(target=lambda: statuses.append(client.post("/v1/ask", json=ASK).status_code))
            for _ in range(2)
        ]
        for thread in asking:
            thread.start()
        assert assistant.begun.wait(60)
        while service.runs.running + service.runs.waiting < 2:
            pass
        refused = client.post("/v1/ask", json=ASK)
        assistant.go.set()
        for thread in asking:
            thread.join(60)
    assert statuses == [200, 200]
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/busy")
    assert int(refused.headers["retry-after"]) >= 1


def test_a_server_that_stops_finishes_its_answers() -> None:
    assistant = Held()
    app = server.create_app(assistant, ())
    found: list[httpx.Response] = []
    with serving(app) as url:
        asking = threading.Thread(
            target=lambda: found.append(httpx.post(f"{url}/v1/ask", json=ASK, timeout=60))
        )
        asking.start()
        assert assistant.begun.wait(60)
        threading.Timer(0.3, assistant.go.set).start()  # after the server was told to stop
    asking.join(60)
    assert [response.status_code for response in found] == [200]
    assert found[0].json()["verdict"] == "supported"


def test_the_dashboard_shows_metrics_that_there_are(client: TestClient) -> None:
    client.post("/v1/ask", json=ASK)
    names = {line.split("{")[0].split(" ")[0] for line in client.get("/metrics").text.splitlines()}
    dashboard = json.loads((Path(__file__).parent.parent / "docs" / "grafana.json").read_text())
    queried = set(re.findall(r"footnote_\w+", json.dumps(dashboard["panels"])))
    assert queried
    assert queried <= names | {f"{name}_bucket" for name in names}


class Traced:
    """A client of an app whose spans are kept in memory."""

    def __init__(self, client: TestClient, exporter: InMemorySpanExporter) -> None:
        self.client = client
        self._exporter = exporter

    def spans(self, name: str) -> list[ReadableSpan]:
        """The finished spans of this name, the first begun first."""
        found = [span for span in self._exporter.get_finished_spans() if span.name == name]
        return sorted(found, key=lambda span: span.start_time or 0)

    def above(self, span: ReadableSpan) -> list[int]:
        """The ids of the spans that it is within, the innermost first."""
        by_id = {id_of(each): each for each in self._exporter.get_finished_spans()}
        found: list[int] = []
        while span.parent is not None and span.parent.span_id in by_id:
            span = by_id[span.parent.span_id]
            found.append(id_of(span))
        return found

    def all(self) -> str:
        return "".join(span.to_json() for span in self._exporter.get_finished_spans())


@pytest.fixture
def traced(assistant: FakeAssistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traced]:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(tracing, "otlp", lambda _: SimpleSpanProcessor(exporter))
    settings = Settings(otlp_url="http://127.0.0.1:4317")
    app = server.create_app(assistant, (), settings=settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Traced(client, exporter)


def parent_of(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


def id_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.span_id


def test_traces_tell_the_steps_and_not_the_question(traced: Traced) -> None:
    traced.client.post("/v1/ask", json=ASK, headers={"X-Request-ID": "r1"})
    traced.client.get("/v1/search", params={"q": ASK["question"]})
    (answer,), (search,), (read,) = (traced.spans(name) for name in ("answer", "search", "read"))
    assert answer.attributes is not None
    assert (answer.attributes["verdict"], answer.attributes["request_id"]) == ("supported", "r1")
    assert answer.attributes["corpus_version"] == LIBRARY.version
    assert parent_of(search) == parent_of(read) == id_of(answer)
    # The steps one after another, as long as they took, within the answer.
    assert [round((step.end_time - step.start_time) / 1e6) for step in (search, read)] == [9, 61]  # type: ignore[operator]
    assert search.end_time == read.start_time
    assert "freight" not in traced.all()


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/ask/stream"])
def test_an_answer_belongs_to_the_trace_of_its_request(traced: Traced, path: str) -> None:
    caller = "4bf92f3577b34da6a3ce929d0e0e4736"
    traced.client.post(path, json=ASK, headers={"traceparent": f"00-{caller}-00f067aa0ba902b7-01"})
    (request,), (answer,) = traced.spans(f"POST {path}"), traced.spans("answer")
    assert id_of(request) in traced.above(answer)
    for span in (request, answer, *traced.spans("read")):
        assert span.context is not None
        assert f"{span.context.trace_id:032x}" == caller


def test_a_question_without_an_answer_is_an_error_in_its_trace(
    traced: Traced, assistant: FakeAssistant
) -> None:
    assistant.answers = deque([StoreError("The vector store does not answer about freight.")])
    assert traced.client.post("/v1/ask", json=ASK).status_code == 503
    (answer,) = traced.spans("answer")
    assert (answer.status.status_code.name, answer.status.description) == ("ERROR", "StoreError")
    assert traced.spans("read") == []
    assert "freight" not in traced.all()


def test_questions_of_the_chat_are_counted_and_kept_once(
    client: TestClient, storage: Storage, assistant: FakeAssistant
) -> None:
    service: Service = client.app.state.service  # type: ignore[attr-defined]
    desk = ServiceDesk(service, ())
    *_, last = desk.stream(Question(ASK["question"]))
    assert isinstance(last, Final)
    stopped = desk.stream(Question("And in winter?"))
    next(stopped)
    stopped.close()  # type: ignore[attr-defined]
    assistant.answers = deque([StoreError("The vector store does not answer.")])
    with pytest.raises(StoreError):
        list(desk.stream(Question("And in spring?")))
    lines = client.get("/metrics").text.splitlines()
    assert 'footnote_answers_total{mode="extractive",verdict="supported"} 1.0' in lines
    assert "footnote_failures_total 1.0" in lines
    assert storage.answer(last.answer.id) is None  # the page keeps it, in its conversation


def test_a_method_that_is_not_served_is_told_all_that_are(client: TestClient) -> None:
    refused = client.put("/v1/documents/harbour")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, DELETE")
    assert refused.json()["detail"] == "/v1/documents/harbour takes GET, DELETE, not PUT."


def test_a_page_may_begin_after_any_word(client: TestClient) -> None:
    assert client.get("/v1/documents", params={"after": "Ā€"}).status_code == 404


def test_memory_is_given_back_once_in_a_while() -> None:
    now, trimmed = [0.0], [0]

    def trim() -> None:
        trimmed[0] += 1

    trimmer = memory.Trimmer(trim, clock=lambda: now[0])
    run = Run(Question("?"), "anyone")
    counts = []
    for seconds in (1.0, 9.0, 10.0, 11.0, 19.0, 21.0):
        now[0] = seconds
        trimmer.observe_run(run)
        counts.append(trimmed[0])
    assert counts == [0, 0, 1, 1, 1, 2]
    memory.Trimmer(None).observe_run(run)


RESIDENT = """
import pathlib, re, threading
from assistant.api.memory import release

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])

trim = release()
if trim is None:
    print("none")
    raise SystemExit
kept = []

def work():
    pieces = [bytearray(60_000) for _ in range(2000)]
    kept.append(pieces[-1])  # what stands at the end keeps the system from taking back what is free before it

thread = threading.Thread(target=work)
thread.start()
thread.join()
before = resident()
trim()
print(before, resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's memory is looked at in /proc")
def test_what_a_thread_has_freed_goes_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", RESIDENT], capture_output=True, text=True, check=True)
    if done.stdout.strip() == "none":
        pytest.skip("The C library is not glibc.")
    before, after = map(int, done.stdout.split())
    assert before - after > 50_000  # of the 120,000 kB that were freed
