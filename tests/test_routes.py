"""Every route by every role; nothing of one person for another; other sites; what Gradio would serve."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import access_table
import httpx
import pytest
from access_table import filled, routes
from fakes_web import fake
from served import serving
from starlette._utils import get_route_path
from starlette.testclient import TestClient

import server
from assistant.answers import Question
from assistant.api.headers import own_path
from assistant.api.logs import JsonLines
from assistant.errors import StorageError
from assistant.person import COOKIE, new_token
from assistant.settings import read_settings
from assistant.shelf import Shelf
from assistant.storage.access import SCOPES, Scope
from assistant.storage.records import Feedback
from assistant.storage.repository import Storage
from index.receipts import Receipt

CANARY = "cormorant"
"""A word that only one person has used."""
STREAMS = (
    "/gradio_api/queue/data",
    "/gradio_api/heartbeat/{session_hash}",
    "/gradio_api/startup-events",
    "/mcp",
)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage:
        yield storage


def bearer(storage: Storage, *scopes: Scope) -> dict[str, str]:
    return {"Authorization": f"Bearer {storage.access.make_key('Ann', scopes)[1]}"}


def test_every_route_stands_in_the_table_and_does_what_it_says(tmp_path: Path) -> None:
    found = access_table.document(tmp_path).splitlines()
    written = access_table.DOCUMENT.read_text(encoding="utf-8").splitlines()
    assert [line for line in found if line not in written] == []
    assert [line for line in written if line not in found] == []


def test_nothing_is_reached_but_through_the_guard(storage: Storage) -> None:
    """Websockets would pass it."""
    assert [
        path for method, path in routes(server.create_app(fake(), (), storage)) if method == "WEBSOCKET"
    ] == []


@pytest.mark.parametrize("root", ["", "/desk", "/v1"])
@pytest.mark.parametrize("path", ["/v1/audit", "/desk/v1/audit", "/desk", "/desks/x", "/", "/v1/v1/audit"])
def test_a_path_is_judged_as_it_is_routed(root: str, path: str) -> None:
    scope = {"type": "http", "path": path, "root_path": root}
    assert own_path(scope) == get_route_path(scope)


def test_behind_a_prefix_a_scope_is_needed_all_the_same(storage: Storage) -> None:
    ask = bearer(storage, "ask")
    with TestClient(server.create_app(fake(), (), storage), root_path="/desk") as client:
        for path in ("/desk/v1/audit", "/desk/metrics", "/desk/v1/feedback", "/desk/v1/jobs"):
            assert client.get(path, headers=ask).status_code == 403, path
        assert client.get("/desk/v1/corpus", headers=ask).status_code == 200
        large = client.post("/desk/v1/ask", headers=ask, content=b"x" * 2_000_000)
        assert large.status_code == 413


def test_no_conversation_crosses(storage: Storage) -> None:
    """All that one person and one key have, asked for on every route by another person with another key."""
    app = server.create_app(fake(), (), storage)
    key, secret = storage.access.make_key("Ann", ["ask"])
    ann, ben, person = {"Authorization": f"Bearer {secret}"}, bearer(storage, "ask", "manage"), key.id
    with TestClient(app) as client:
        asked = client.post("/v1/ask", json={"question": f"Is there a {CANARY}?"}, headers=ann).json()
        stream = client.post("/v1/ask/stream", json={"question": f"A {CANARY}?"}, headers=ann)
        resume = stream.text.partition("id: ")[2].partition("\n")[0]
        talk = storage.start(person, f"About the {CANARY}")
        kept = replace(fake().ask(Question(f"Why a {CANARY}?")), id="of-the-chat")
        storage.keep(kept, Question(f"Why a {CANARY}?"), person, talk.id)
        storage.give_feedback(person, kept.id, Feedback("down", "other", comment=f"No {CANARY}!"))
        mine = client.get(f"/v1/answers/{asked['id']}", headers=ann)
        assert CANARY in mine.text
        assert CANARY in client.get(f"/conversations/{talk.id}.md", headers=ann).text
        ids = [asked["id"], kept.id, talk.id, resume, resume.partition(":")[0]]
        for method, path in routes(app):
            if method != "GET" or path in STREAMS:
                continue
            for id in ids:
                at = path.replace("{id}.{suffix}", f"{id}.md")
                for name in ("{answer_id}", "{stream}", "{job_id}", "{session_hash}", "{event_id}"):
                    at = at.replace(name, id)
                for extra in ({}, {"Cookie": f"{COOKIE}={new_token()}"}, {"Last-Event-ID": resume}):
                    response = client.get(filled(at), headers={**ben, **extra})
                    assert CANARY not in response.text, (path, id)
        replay = client.post(f"/v1/answers/{asked['id']}/replay", headers=ben)
        judged = client.post("/v1/feedback", json={"answer_id": asked["id"], "thumb": "up"}, headers=ben)
        assert (replay.status_code, judged.status_code) == (404, 404)
        resumed = client.post(
            "/v1/ask/stream", json={"question": "x"}, headers={**ben, "Last-Event-ID": resume}
        )
        assert CANARY not in resumed.text


CROSS = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://far.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver:81"},
    {"Origin": "https://far.example"},
    {"Origin": "null"},
    {"Origin": "https://far.example", "Authorization": "Basic Og=="},
]
OWN = [
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://testserver"},
]


def changing(app: Any) -> list[tuple[str, str]]:
    """The routes that a request can change something by; streams of the chat among them."""
    return [(method, path) for method, path in routes(app) if method not in ("GET", "HEAD", "OPTIONS")]


@pytest.mark.parametrize("headers", CROSS, ids=str)
def test_a_page_of_another_site_changes_nothing(storage: Storage, headers: dict[str, str]) -> None:
    """With and without keys: a browser sends the cookie of a login, and reaches loopback, for any page."""
    app = server.create_app(fake(), (), storage)
    with TestClient(app, cookies={"footnote_key": "x"}) as client:
        for method, path in changing(app):
            refused = client.request(method, filled(path), headers=headers)
            assert (refused.status_code, refused.json()["type"]) == (403, "/problems/cross-site"), path


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_the_page_itself_asks(headers: dict[str, str]) -> None:
    with TestClient(server.create_app(fake(), ())) as client:
        assert client.post("/v1/ask", json={"question": "Freight?"}, headers=headers).status_code == 200


def test_a_key_in_a_header_is_no_cookie(storage: Storage) -> None:
    headers = {**bearer(storage, "ask"), "Origin": "https://tool.example", "Sec-Fetch-Site": "cross-site"}
    with TestClient(server.create_app(fake(), (), storage)) as client:
        assert client.post("/v1/ask", json={"question": "Freight?"}, headers=headers).status_code == 200


def test_no_other_site_reads_a_response() -> None:
    app = server.create_app(fake(), ())
    with TestClient(app, base_url="http://localhost:8000") as client:
        for origin in ("http://localhost:3000", "https://far.example", "null"):
            for path in ("/", "/config", "/v1/corpus", "/documents/harbour", "/gradio_api/info"):
                got = client.get(path, headers={"Origin": origin})
                assert got.status_code == 200
                assert not [name for name in got.headers if name.startswith("access-control-allow")], path
                assert got.headers["cross-origin-resource-policy"] == "same-origin"
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            for path in ("/v1/ask", "/gradio_api/queue/join", "/mcp"):
                preflight = client.options(path, headers=asked)
                assert "access-control-allow-origin" not in preflight.headers, (origin, path)


def test_every_response_is_closed_by_its_headers(storage: Storage) -> None:
    """Also those of refusals, of what is not there, and of faults."""
    app = server.create_app(fake(), (), storage)
    with TestClient(app, raise_server_exceptions=False) as client:
        paths = ["/", "/v1/corpus", "/documents/harbour", "/documents/nope", "/nope", "/login", "/healthz"]
        for path in paths:
            headers = client.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            policy = dict(
                part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
            )
            assert policy["default-src"] == "'none'"
            assert policy["frame-ancestors"] == "'none'"
            assert ("script-src" in policy) is (path == "/")
            assert "http:" not in str(policy)
            assert "https:" not in str(policy)
            assert "*" not in str(policy)


OUTSIDE = [
    "/gradio_api/file=/etc/passwd", "/file=/etc/passwd", "/gradio_api/file//etc/passwd",
    "/gradio_api/proxy=http://127.0.0.1:1/", "/static/../../../../../../etc/passwd", "/static//etc/passwd",
    "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/svelte/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "/static/..%5c..%5cserver.py",
    "/documents/..%2f..%2fetc%2fpasswd", "/v1/documents/..%2f..%2fetc%2fpasswd/content",
    "/v1/documents/%2fetc%2fpasswd/content", "/conversations/..%2f..%2fetc%2fpasswd.md",
    "/conversations/%00.md", "/documents/%00", "/documents/harbour%00.md", "/v1/jobs/..%2f..", "/problems/..%2f..",
]  # fmt: skip


def test_no_path_leads_out(storage: Storage) -> None:
    """Asked for as it stands, since a client of its own accord would tidy it up."""
    app = server.create_app(fake(), (), storage)
    cookie = {"Cookie": f"{COOKIE}={new_token()}"}
    with serving(app) as url, httpx.Client(timeout=60) as client:
        for path in OUTSIDE:
            raw = httpx.URL(url).copy_with(raw_path=path.encode())
            response = client.get(raw, headers=cookie)
            assert response.status_code in (400, 403, 404), (path, response.status_code)
            assert "root:" not in response.text, path


def clicked(url: str, headers: dict[str, str], data: dict[str, str]) -> str:
    """What the chat's page shows after a click on a document's button, sent as its script sends it."""
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        config = client.get("/config").json()
        listing = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "listing")
        index = next(
            at for at, each in enumerate(config["dependencies"]) if [listing, "click"] in each["targets"]
        )
        body = {"data": [], "event_data": data, "fn_index": index, "session_hash": "abcdefgh"}
        assert client.post("/gradio_api/queue/join", json=body).status_code == 200
        told = ""
        with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": "abcdefgh"}) as stream:
            for line in stream.iter_lines():
                told += line
                if "process_completed" in line or "close_stream" in line:
                    break
    return told


@pytest.mark.parametrize("scopes", [("ask",), ("ask", "admin"), ("ask", "manage")], ids="+".join)
def test_documents_are_changed_from_the_chat_with_the_key_for_it(
    storage: Storage, corpus: Path, tmp_path: Path, scopes: tuple[Scope, ...]
) -> None:
    synced: list[str] = []

    def sync(_: Any) -> Receipt:
        synced.append("once")
        return Receipt((), 0)

    app = server.create_app(fake(), (), storage, Shelf(corpus, tmp_path / "aside", sync))
    with serving(app) as url:
        told = clicked(url, bearer(storage, *scopes), {"act": "read"})
    assert (synced == ["once"]) is ("manage" in scopes), told
    assert ("Your key may not change the documents." in told) is ("manage" not in scopes)


def test_on_a_server_without_keys_this_machine_may_do_all() -> None:
    with TestClient(server.create_app(fake(), ())) as client:
        assert client.get("/v1/corpus").status_code == 200
        assert set(SCOPES) == {"ask", "manage", "admin"}
        assert client.get("/metrics").status_code == 200


def test_cookies_are_for_this_server_and_for_no_script(storage: Storage) -> None:
    with TestClient(server.create_app(fake(), (), storage), base_url="https://desk.example") as client:
        secret = storage.access.make_key("Ann", ["ask"])[1]
        entered = client.post("/login", data={"key": secret}, follow_redirects=False)
        page = client.get("/")
        for cookie in (entered.headers["set-cookie"], page.headers["set-cookie"]):
            flags = {part.strip().lower() for part in cookie.split(";")[1:]}
            assert {"httponly", "samesite=lax", "secure", "path=/"} <= flags, cookie
            assert not any(flag.startswith("domain") for flag in flags)
        assert json.loads(client.get("/v1/corpus").text)["documents"] == 2


def test_no_secret_is_in_a_log_an_error_or_an_export(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("ASSISTANT_LLM_KEY", "swordfish-2")
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", "postgresql://ann:swordfish-3@127.0.0.1:1/x")
    caplog.set_level(logging.DEBUG)
    settings = read_settings()
    told = [repr(settings), str(settings)]
    with pytest.raises(StorageError) as caught:
        Storage("postgresql://ann:swordfish-3@127.0.0.1:1/x")
    told.append(str(caught.value))
    made, secret = storage.access.make_key("Ann", ["ask", "admin"])
    token = new_token()
    headers = {"Authorization": f"Bearer {secret}", "Cookie": f"{COOKIE}={token}"}
    failing = fake(RuntimeError(f"with {CANARY}"))
    with TestClient(server.create_app(failing, (), storage), raise_server_exceptions=False) as client:
        for path in ("/v1/audit", "/v1/feedback", "/metrics", "/nope", "/feedback.jsonl", "/openapi.json"):
            told.append(client.get(path, headers=headers).text)
        told.append(client.post("/v1/ask", json={"question": "Freight?"}, headers=headers).text)
        assert CANARY not in told[-1]
        told.append(client.get("/v1/corpus", headers={"Authorization": f"Bearer {secret}x"}).text)
    told += [JsonLines().format(record) for record in caplog.records]
    for hidden in ("swordfish", secret, token):
        assert not [line for line in told if hidden in line], hidden
    assert made.id in "".join(told)
