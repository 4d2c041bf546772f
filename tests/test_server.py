"""The API, its problems and the document pages, over a fake assistant."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes_web import CONFLICTING, HARBOUR, LIBRARY, NOT_IN_CORPUS, SUPPORTED, FakeAssistant, fake
from golden import matches_snapshot
from starlette.testclient import TestClient

import server
from assistant.answers import MAX_QUESTION, Answer, Question, Turn
from assistant.api import examples, kinds, opening
from assistant.errors import StorageError
from assistant.person import person_of
from assistant.shelf import Shelf
from assistant.storage.records import Feedback
from assistant.storage.repository import Storage
from index.documents import content_hash
from index.errors import CorpusError, IndexMismatch, StoreError
from index.history import PastParagraph, Version
from index.receipts import Receipt

ROOT = Path(__file__).parent.parent


@pytest.fixture
def assistant() -> FakeAssistant:
    return fake(SUPPORTED)


@pytest.fixture
def client(assistant: FakeAssistant) -> Iterator[TestClient]:
    with TestClient(server.create_app(assistant), raise_server_exceptions=False) as client:
        yield client


def answering(*answers: Answer | Exception) -> TestClient:
    return TestClient(server.create_app(fake(*answers)), raise_server_exceptions=False)


def test_ask_gives_the_answer_exactly(client: TestClient) -> None:
    response = client.post("/v1/ask", json={"question": "How much did freight rise?"})
    assert response.status_code == 200
    assert matches_snapshot("api_ask_supported.json", response.json())
    answer, citation = response.json(), response.json()["citations"][0]
    paragraph = LIBRARY.paragraph(citation["document_id"], citation["paragraph"])
    assert paragraph is not None
    assert paragraph.text[citation["start"] : citation["end"]] == citation["quote"]
    assert answer["answer"][citation["answer_start"] : citation["answer_end"]] == citation["quote"]


@pytest.mark.parametrize(
    ("name", "answer"),
    [("api_ask_conflicting.json", CONFLICTING), ("api_ask_not_in_corpus.json", NOT_IN_CORPUS)],
)
def test_every_verdict_is_an_answer(name: str, answer: Answer) -> None:
    response = answering(answer).post("/v1/ask", json={"question": "What?"})
    assert response.status_code == 200
    assert matches_snapshot(name, response.json())


def test_history_and_documents_reach_the_assistant(client: TestClient, assistant: FakeAssistant) -> None:
    history = ["Which ferry?", {"role": "assistant", "content": "The night ferry."}]
    client.post("/v1/ask", json={"question": " And when? ", "history": history, "documents": ["harbour"]})
    turns = (Turn("user", "Which ferry?"), Turn("assistant", "The night ferry."))
    assert assistant.asked == [Question("And when?", turns, ("harbour",))]


PROBLEMS: dict[str, tuple[dict[str, Any] | list[int], str, str]] = {
    "missing": ({}, "invalid-request", "The field 'question' is missing."),
    "unknown": ({"question": "a", "k": 1}, "invalid-request", "The field 'k' is not known."),
    "kind": (
        {"question": 5},
        "invalid-request",
        "The field 'question' is not usable: input should be a valid string.",
    ),
    "list": ([1], "invalid-request", "The body must be a JSON object, sent as application/json."),
    "history": (
        {"question": "a", "history": ["b", {"role": "system", "content": "c"}]},
        "invalid-request",
        "The field 'history[1].role' is not usable: input should be 'user' or 'assistant'.",
    ),
    "empty": ({"question": " \n"}, "empty-question", "The question is empty. Ask something in words."),
    "long": (
        {"question": "a" * (MAX_QUESTION + 1)},
        "question-too-long",
        "The question has 2001 characters; at most 2000 are read. Shorten it.",
    ),
    "document": (
        {"question": "a", "documents": ["harbour", "nope"]},
        "unknown-document",
        "There is no document 'nope'. GET /v1/documents lists those there are.",
    ),
}


@pytest.mark.parametrize(("body", "slug", "detail"), PROBLEMS.values(), ids=PROBLEMS)
def test_bad_questions_are_problems(client: TestClient, body: Any, slug: str, detail: str) -> None:
    response = client.post("/v1/ask", json=body)
    kind = next(kind for kind in kinds.KINDS if kind.type == f"/problems/{slug}")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": kind.type,
        "title": kind.title,
        "status": response.status_code,
        "detail": detail,
        "instance": "/v1/ask",
    }
    assert response.status_code == kind.status


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/v1/nope", 404, "unknown-route"),
        ("GET", "/v1", 404, "unknown-route"),
        ("GET", "/nope", 404, "unknown-route"),
        ("GET", "/problems/nope", 404, "unknown-route"),
        ("GET", "/v1/ask", 405, "method-not-allowed"),
        ("PUT", "/v1/documents/harbour", 405, "method-not-allowed"),
        ("DELETE", "/v1/documents/harbour", 503, "not-ready"),
        ("GET", "/v1/documents/nope", 404, "unknown-document"),
        ("GET", "/documents/nope", 404, "unknown-document"),
        ("GET", "/v1/search?q=a&document=nope", 404, "unknown-document"),
        ("GET", "/v1/search", 422, "invalid-request"),
        ("GET", "/v1/search?q=a&k=0", 422, "invalid-request"),
        ("GET", "/v1/search?q=%20", 422, "empty-question"),
        ("GET", "/documents/harbour?p=x", 422, "invalid-request"),
        # Routes of Gradio that the chat does not need.
        ("GET", "/gradio_api/file=/etc/hostname", 404, "unknown-route"),
        ("GET", "/gradio_api/proxy=http://far.example/", 404, "unknown-route"),
        ("POST", "/gradio_api/upload", 404, "unknown-route"),
        ("GET", "/docs", 404, "unknown-route"),
    ],
)
def test_every_error_is_a_problem(client: TestClient, method: str, path: str, status: int, slug: str) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{slug}")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"].endswith((".", "is."))


def test_method_not_allowed_names_the_methods(client: TestClient) -> None:
    response = client.get("/v1/ask")
    assert response.headers["allow"] == "POST"
    assert response.json()["detail"] == "/v1/ask takes POST, not GET."


def test_a_body_that_is_not_json_says_so(client: TestClient) -> None:
    response = client.post("/v1/ask", content="{", headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.json()["detail"].startswith("The body is not valid JSON: ")


@pytest.mark.parametrize("announced", [True, False])
def test_a_large_body_is_refused(client: TestClient, announced: bool) -> None:
    body = json.dumps({"question": "a", "history": ["b" * kinds.MAX_BODY]}).encode()
    content = body if announced else iter([body])
    response = client.post("/v1/ask", content=content, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["type"]) == (413, "/problems/body-too-large")
    assert response.json()["detail"] == "The request is larger than 1024 KiB."


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (StoreError("Chroma at localhost:1 does not answer."), 503, "Chroma at localhost:1 does not answer."),
        (IndexMismatch("Rebuild it."), 503, "Rebuild it."),
        (StorageError("The database is locked."), 503, "The database is locked."),
        (CorpusError("The folder is gone."), 500, "The folder is gone."),
        (ValueError("secret"), 500, "The server met a fault; its log has the details."),
    ],
)
def test_failures_of_the_assistant_are_problems(error: Exception, status: int, detail: str) -> None:
    response = answering(error).post("/v1/ask", json={"question": "a"})
    assert (response.status_code, response.json()["detail"]) == (status, detail)
    assert response.headers["x-content-type-options"] == "nosniff"


def test_search_finds_paragraphs(client: TestClient) -> None:
    response = client.get("/v1/search", params={"q": "new berth", "k": 2, "document": ["harbour"]})
    assert matches_snapshot("api_search.json", response.json())


def test_documents_are_listed_and_read(client: TestClient) -> None:
    assert matches_snapshot("api_documents.json", client.get("/v1/documents").json())
    assert matches_snapshot("api_document.json", client.get("/v1/documents/harbour").json())


def test_openapi_describes_the_surface(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    assert sorted(schema["paths"]) == [
        "/documents/{document_id}",
        "/healthz",
        "/metrics",
        "/problems/{slug}",
        "/readyz",
        "/v1/answers/{answer_id}",
        "/v1/answers/{answer_id}/replay",
        "/v1/ask",
        "/v1/ask/stream",
        "/v1/ask/stream/{stream}",
        "/v1/audit",
        "/v1/chat/completions",
        "/v1/corpus",
        "/v1/corpus/versions",
        "/v1/documents",
        "/v1/documents/{document_id}",
        "/v1/documents/{document_id}/content",
        "/v1/documents/{document_id}/paragraphs",
        "/v1/embeddings",
        "/v1/feedback",
        "/v1/jobs",
        "/v1/jobs/{job_id}",
        "/v1/models",
        "/v1/models/{model}",
        "/v1/responses",
        "/v1/search",
    ]
    ask = schema["paths"]["/v1/ask"]["post"]
    assert ask["responses"]["200"]["content"]["application/json"]["example"]["short_answer"] == "54 percent"
    assert set(ask["responses"]) == {"200", "400", "401", "403", "404", "413", "422", "429", "500", "503"}
    unprocessable = ask["responses"]["422"]["content"]
    assert list(unprocessable) == [kinds.MEDIA_TYPE]
    assert set(unprocessable[kinds.MEDIA_TYPE]["examples"]) == {
        "invalid-request",
        "empty-question",
        "question-too-long",
    }
    documented = schema["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert documented == [*(kind.type for kind in kinds.KINDS), "about:blank"]


def test_the_examples_of_the_openapi_document_hold(client: TestClient, assistant: FakeAssistant) -> None:
    assert client.post("/v1/ask", json=examples.REQUEST).status_code == 200
    citation = examples.ANSWER.citations[0]
    sentence = examples.ANSWER.answer[citation.answer_start : citation.answer_end]
    assert sentence == "Trade rose 54 percent in the first five months of 2024."
    assert examples.PARAGRAPH[citation.start : citation.end] == citation.quote


def test_every_type_of_problem_explains_itself(client: TestClient) -> None:
    for kind in kinds.KINDS:
        assert client.get(kind.type).json()["title"] == kind.title


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready", "corpus_version": "c0ffee12"}


def test_without_an_index_the_app_is_alive_but_not_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path))

    def fail() -> None:
        raise CorpusError("There is no folder 'corpus'.")

    monkeypatch.setattr(opening, "build", fail)
    with TestClient(server.create_app()) as client:
        assert client.get("/healthz").status_code == 200
        response = client.get("/readyz")
        assert (response.status_code, response.json()["detail"]) == (503, "There is no folder 'corpus'.")
        assert client.post("/v1/ask", json={"question": "a"}).status_code == 503


def test_the_app_closes_only_what_it_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path))
    built, given = fake(), fake()
    monkeypatch.setattr(opening, "build", lambda: built)
    with TestClient(server.create_app()) as client:
        assert client.get("/readyz").status_code == 200
    with TestClient(server.create_app(given)):
        pass
    assert (built.closed, given.closed) == (True, False)


def test_the_app_opens_the_database_of_its_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path))
    monkeypatch.setattr(opening, "build", fake)
    app = server.create_app()
    with TestClient(app):
        storage = app.state.service.opened_storage()
        kept = storage.keep(SUPPORTED, Question("How much?"), "ann")
        assert storage.answer("a1") == kept
    assert app.state.service.storage is None
    assert (tmp_path / "footnote.sqlite3").is_file()


def test_without_a_database_the_app_answers_and_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(opening, "build", fake)
    app = server.create_app()
    with TestClient(app) as client:
        assert client.post("/v1/ask", json={"question": "How much?"}).status_code == 200
        with pytest.raises(StorageError, match=r"footnote\.sqlite3' cannot be opened: "):
            app.state.service.opened_storage()


def test_a_slow_answer_holds_nobody_up() -> None:
    begun, release = threading.Event(), threading.Event()

    class Slow(FakeAssistant):
        def ask(self, question: Question, /) -> Answer:
            begun.set()
            assert release.wait(10)
            return super().ask(question)

    with TestClient(server.create_app(Slow())) as client:
        statuses: list[int] = []
        asking = threading.Thread(
            target=lambda: statuses.append(client.post("/v1/ask", json={"question": "a"}).status_code)
        )
        asking.start()
        assert begun.wait(10)
        assert client.get("/healthz").status_code == 200
        release.set()
        asking.join(10)
    assert statuses == [200]


def test_a_document_page_stands_alone(client: TestClient) -> None:
    response = client.get("/documents/harbour", params={"p": 2, "start": 53, "end": 116})
    page = response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "script" not in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert '<mark id="quote">It rose by another 54 percent in the first five months of 2024.</mark>' in page
    assert '<a class="number" href="#p2"' in page
    assert '<section id="p0"' in page
    assert "<script" not in page
    assert "@import" not in page
    assert "url(" not in page
    assert 'href="javascript:' not in page
    assert HARBOUR.url is not None
    assert HARBOUR.url in page
    assert client.head("/documents/harbour").status_code == 200


def test_a_permalink_with_a_hash_shows_what_was_cited(client: TestClient, assistant: FakeAssistant) -> None:
    text = "The harbour was closed."
    cited = content_hash(text)
    version = Version("harbour", 1, "0" * 64, "2026-03-01T09:30:00+00:00")
    assistant.library.former["harbour", cited] = (PastParagraph("harbour", 1, cited, text, version),)
    for query in ({"h": cited}, {"h": cited, "p": "1"}):
        page = client.get("/documents/harbour", params=query).text
        assert f"<blockquote>{text}</blockquote>" in page
    present = LIBRARY.paragraphs("harbour")[1].content_hash
    assert "aside" not in client.get("/documents/harbour", params={"h": present}).text
    assert client.get("/documents/harbour", params={"h": "<b>"}).status_code == 422


def test_a_digest_says_that_it_is_one(client: TestClient) -> None:
    page = client.get("/documents/gazette").text
    assert "digest of “Freight returns to Ellmouth”" in page
    assert "no date given" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_chat_is_at_the_root_and_kept_to_this_machine(client: TestClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert "<title>" in response.text or "gradio" in response.text
    policy = response.headers["content-security-policy"]
    assert "connect-src 'self'" in policy
    assert "http" not in policy


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_importing_the_server_is_light() -> None:
    code = (
        "import sys, server, ui; print(sorted({'gradio', 'uvicorn', 'torch', 'chromadb'} & set(sys.modules)))"
    )
    done = run("-W", "error", "-c", code)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("-m", "server", ASSISTANT_PORT=str(port))
    assert done.returncode == 1
    assert done.stderr == (
        f"Cannot listen on 127.0.0.1:{port}: address already in use. "
        "Stop the other program or set ASSISTANT_HOST and ASSISTANT_PORT.\n"
    )


def test_a_bad_setting_is_one_sentence() -> None:
    done = run("-m", "server", ASSISTANT_PORT="many")
    assert done.returncode == 1
    assert done.stderr.startswith("ASSISTANT_PORT is 'many': ")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Storage]:
    with closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage:
        yield storage


def test_a_browser_gets_a_cookie_of_its_own_once(client: TestClient) -> None:
    cookie = client.get("/").headers["set-cookie"]
    assert cookie.startswith("footnote_person=")
    assert "HttpOnly; SameSite=Lax" in cookie
    assert "set-cookie" not in client.get("/").headers
    assert "set-cookie" not in client.get("/healthz").headers


@pytest.mark.parametrize(
    ("suffix", "start"), [("md", b"# How much?"), ("html", b"<!doctype"), ("docx", b"PK")]
)
def test_a_conversation_is_saved_by_its_person_alone(kept: Storage, suffix: str, start: bytes) -> None:
    with TestClient(server.create_app(fake(), storage=kept)) as client:
        assert client.get(f"/conversations/any.{suffix}").status_code == 404
        client.get("/")
        person = person_of(dict(client.cookies))
        assert person is not None
        made = kept.start(person, "How much?")
        kept.keep(SUPPORTED, Question("How much?"), person, made.id)
        response = client.get(f"/conversations/{made.id}.{suffix}")
        assert response.content.startswith(start)
        assert (
            response.headers["content-disposition"] == f"attachment; filename*=UTF-8''How%20much%3F.{suffix}"
        )
        client.cookies.clear()
        client.get("/")
        assert client.get(f"/conversations/{made.id}.{suffix}").status_code == 404


def test_files_come_from_the_page_alone(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    shelf = Shelf(tmp_path / "corpus", tmp_path / "aside", lambda progress: Receipt((), 0))
    with TestClient(server.create_app(fake(), shelf=shelf)) as client:
        sent = {
            "params": {"name": "../bell.md"},
            "headers": {"X-Footnote": "upload"},
            "content": b"Bell. " * 300_000,
        }
        assert client.post("/chat/files", **sent).status_code == 404  # without the cookie
        client.get("/")
        assert client.post("/chat/files", **{**sent, "headers": {}}).status_code == 404
        assert client.post("/chat/files", **sent).status_code == 204
        refused = client.post("/chat/files", **{**sent, "params": {"name": "bell.exe"}})
        assert (refused.status_code, refused.headers["content-type"]) == (422, kinds.MEDIA_TYPE)
    assert (tmp_path / "corpus" / "bell.md").read_bytes() == sent["content"]
    assert [path.name for path in tmp_path.rglob("*.exe")] == []


def test_what_the_chat_does_to_documents_is_noted(kept: Storage, corpus: Path, tmp_path: Path) -> None:
    shelf = Shelf(corpus, tmp_path / "aside", lambda progress: Receipt((), 0))
    with TestClient(server.create_app(fake(), storage=kept, shelf=shelf)) as client:
        client.get("/")
        headers = {"X-Footnote": "upload", "X-Request-ID": "upload-1"}
        sent = client.post("/chat/files", params={"name": "bell.md"}, headers=headers, content=b"A bell.")
        assert sent.status_code == 204
        removed = shelf.remove(replace(HARBOUR, source_path="bell.md"))
        shelf.restore(removed.token)
    lines = [(each.owner, each.action, each.subject) for each in kept.access.noted()]
    assert lines == [("chat", f"document.{what}", "bell.md") for what in ("restore", "remove", "add")]
    assert kept.access.noted()[-1].request_id == "upload-1"


def test_what_was_wrong_is_exported_for_the_evals(kept: Storage) -> None:
    kept.keep(SUPPORTED, Question("How <b>much</b>?"), "ann")
    kept.give_feedback("ann", "a1", Feedback("down", "wrong-number", "55 percent"))
    client = TestClient(server.create_app(fake(), storage=kept))
    line = client.get("/feedback.jsonl").json()
    assert (line["kind"], line["right_answer"]) == ("wrong-number", "55 percent")
    assert client.get("/feedback").status_code == 404
