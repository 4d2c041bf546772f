"""Keys: scopes, limits, revocation, the login, and a server without any."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from fakes_web import FakeAssistant, fake
from starlette.testclient import TestClient

import server
from assistant import __main__ as cli
from assistant.api.guard import is_loopback
from assistant.storage.access import Key, Scope
from assistant.storage.repository import Storage

ASK = {"question": "How much did freight rise?"}


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage:
        yield storage


@pytest.fixture
def client(storage: Storage) -> Iterator[TestClient]:
    with TestClient(server.create_app(fake(), (), storage), follow_redirects=False) as client:
        yield client


def key(storage: Storage, *scopes: Scope, per_minute: int | None = None, per_day: int | None = None) -> Key:
    made, secret = storage.access.make_key("Ann", scopes, per_minute=per_minute, per_day=per_day)
    SECRETS[made.id] = secret
    return made


SECRETS: dict[str, str] = {}


def bearer(made: Key) -> dict[str, str]:
    return {"Authorization": f"Bearer {SECRETS[made.id]}"}


def test_without_keys_this_machine_needs_none(client: TestClient) -> None:
    assert client.post("/v1/ask", json=ASK).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/v1/ask", "ask"),
        ("GET", "/v1/documents", "ask"),
        ("GET", "/documents/harbour", "ask"),
        ("POST", "/mcp", "ask"),
        ("GET", "/v1/jobs", "manage"),
        ("POST", "/v1/documents", "manage"),
        ("DELETE", "/v1/documents/harbour", "manage"),
        ("GET", "/metrics", "admin"),
        ("GET", "/v1/audit", "admin"),
        ("GET", "/v1/feedback", "admin"),
        ("GET", "/feedback.jsonl", "admin"),
    ],
)
def test_a_key_opens_what_its_scopes_say(
    client: TestClient, storage: Storage, method: str, path: str, scope: Scope
) -> None:
    others: list[Scope] = [each for each in ("ask", "manage", "admin") if each != scope]
    without, fitting = key(storage, *others), key(storage, scope)
    refused = client.request(method, path, headers=bearer(without))
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
    assert f"scope '{scope}'" in refused.json()["detail"]
    assert client.request(method, path, headers=bearer(fitting)).status_code not in (401, 403)


def test_no_key_an_unknown_one_and_a_revoked_one_are_401(client: TestClient, storage: Storage) -> None:
    made = key(storage, "ask")
    assert client.post("/v1/ask", json=ASK, headers=bearer(made)).status_code == 200
    assert storage.access.revoke(made.id)
    for headers, sentence in (
        ({}, "A key is needed. Send it as 'Authorization: Bearer KEY'."),
        ({"Authorization": "Bearer fn_wrong"}, "There is no such key."),
        (bearer(made), "The key 'Ann' was revoked."),
    ):
        response = client.post("/v1/ask", json=ASK, headers=headers)
        assert (response.status_code, response.json()["detail"]) == (401, sentence)
        assert response.headers["www-authenticate"].startswith("Bearer")
    assert client.get("/healthz").status_code == 200


def test_a_key_over_its_limit_is_told_when_to_come_back(client: TestClient, storage: Storage) -> None:
    made = key(storage, "ask", per_minute=2)
    left = []
    for _ in range(2):
        response = client.get("/v1/corpus", headers=bearer(made))
        assert response.status_code == 200
        left.append(response.headers["ratelimit-remaining"])
    assert left == ["1", "0"]
    refused = client.get("/v1/corpus", headers=bearer(made))
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/over-limit")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert client.get("/v1/corpus", headers=bearer(key(storage, "ask"))).status_code == 200


def test_processes_count_a_minute_together(storage: Storage, tmp_path: Path) -> None:
    made = key(storage, "ask", per_minute=3)
    other = Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")  # as another worker has it
    with (
        closing(other),
        TestClient(server.create_app(fake(), (), storage)) as one,
        TestClient(server.create_app(fake(), (), other)) as two,
    ):
        responses = [each.get("/v1/corpus", headers=bearer(made)) for each in (one, two, one, two, one)]
    assert [response.status_code for response in responses] == [200, 200, 200, 429, 429]
    assert [response.headers["ratelimit-remaining"] for response in responses] == ["2", "1", "0", "0", "0"]


def test_a_minute_moves_on(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    made = key(storage, "ask", per_minute=2)
    found = []
    for at in (0, 30, 59, 61, 62, 91):
        monkeypatch.setattr("assistant.storage.access.time.time", lambda at=at: 1000.0 + at)
        minute = storage.access.spend_minute(made.id, 2)
        found.append((minute.passed, minute.left, minute.seconds))
    assert found == [
        (True, 1, 60), (True, 0, 30), (False, 0, 1), (True, 0, 29), (False, 0, 28), (True, 0, 30),
    ]  # fmt: skip


def test_a_burst_from_many_threads_is_cut_at_the_limit(storage: Storage) -> None:
    made = key(storage, "ask", per_minute=10)
    with ThreadPoolExecutor(8) as threads:
        minutes = list(threads.map(lambda _: storage.access.spend_minute(made.id, 10), range(24)))
    assert sum(minute.passed for minute in minutes) == 10


def test_a_key_over_its_quota_waits_for_the_next_day(client: TestClient, storage: Storage) -> None:
    made = key(storage, "ask", per_day=1)
    assert client.get("/v1/corpus", headers=bearer(made)).status_code == 200
    refused = client.get("/v1/corpus", headers=bearer(made))
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/over-quota")
    assert 1 <= int(refused.headers["retry-after"]) <= 86_400


def test_answers_and_streams_belong_to_their_key(client: TestClient, storage: Storage) -> None:
    ann, ben = key(storage, "ask"), key(storage, "ask")
    answer = client.post("/v1/ask", json=ASK, headers=bearer(ann)).json()
    assert client.get(f"/v1/answers/{answer['id']}", headers=bearer(ann)).status_code == 200
    other = client.get(f"/v1/answers/{answer['id']}", headers=bearer(ben))
    assert (other.status_code, other.json()["type"]) == (404, "/problems/unknown-answer")
    stream = client.post("/v1/ask/stream", json=ASK, headers=bearer(ann))
    last = stream.text.partition("id: ")[2].partition("\n")[0]
    resumed = {**bearer(ben), "Last-Event-ID": last}
    assert client.post("/v1/ask/stream", json=ASK, headers=resumed).status_code == 404


def test_a_person_logs_in_with_a_key(client: TestClient, storage: Storage) -> None:
    made = key(storage, "ask")
    sent = client.get("/documents/harbour", headers={"Accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=/documents/harbour")
    form = client.get(sent.headers["location"])
    assert "form-action 'self'" in form.headers["content-security-policy"]
    wrong = client.post("/login", data={"key": "fn_wrong", "target": "/"})
    assert (wrong.status_code, "There is no such key" in wrong.text) == (401, True)
    entered = client.post("/login", data={"key": SECRETS[made.id], "target": "/documents/harbour"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/documents/harbour")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert client.get("/documents/harbour").status_code == 200
    assert client.get("/").status_code == 200
    assert client.post("/logout").status_code == 303
    assert client.get("/documents/harbour").status_code == 401


@pytest.mark.parametrize("target", ["https://far.example/", "//far.example/", "/\\far.example"])
def test_a_login_leads_nowhere_else(client: TestClient, storage: Storage, target: str) -> None:
    made = key(storage, "ask")
    entered = client.post("/login", data={"key": SECRETS[made.id], "target": target})
    assert entered.headers["location"] == "/"


def test_without_keys_nobody_else_is_answered(storage: Storage) -> None:
    app = server.create_app(fake(), (), storage)
    for address, name in (("192.168.1.5", "192.168.1.5"), ("127.0.0.1", "far.example")):
        with TestClient(app, base_url=f"http://{name}") as client:
            scope_server = client.base_url
            response = client.get("/v1/corpus")
        assert scope_server.host == name
        assert (response.status_code, response.json()["type"]) == (403, "/problems/keys-needed"), address
        assert "python -m assistant keys create" in response.json()["detail"]
        app = server.create_app(fake(), (), storage)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("fe80::1%eth0", False),
    ],
)
def test_loopback_is_known(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_the_server_refuses_another_address_without_keys(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "server"],
        cwd=Path(__file__).parent.parent,
        env={"ASSISTANT_HOST": "0.0.0.0", "ASSISTANT_PORT": "0", "ASSISTANT_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Will not listen on 0.0.0.0. This server has no keys")
    assert done.stderr.count("\n") == 1


def test_keys_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path))

    def run(*arguments: str) -> str:
        assert cli.main(["keys", *arguments]) == 0
        return capsys.readouterr().out

    assert run("list") == "No keys. The server listens on this machine alone.\n"
    made = json.loads(run("create", "CI", "--scope", "ask", "--scope", "manage", "--per-day", "9", "--json"))
    assert (made["scopes"], made["per_day"], made["secret"][:3]) == (["ask", "manage"], 9, "fn_")
    line = run("list")
    assert line == f"{made['id']}  CI  ask+manage  9 a day  never used\n"
    assert made["secret"] not in (tmp_path / "footnote.sqlite3").read_bytes().decode("latin-1")
    assert run("revoke", made["id"]) == f"{made['id']} is revoked.\n"
    assert "revoked 2" in run("list")
    assert cli.main(["keys", "revoke", made["id"]]) == 1
    assert capsys.readouterr().err.startswith(f"assistant: There is no key '{made['id']}' that is in use.")


def test_writes_are_noted_and_keys_show_their_last_use(client: TestClient, storage: Storage) -> None:
    made = key(storage, "ask", "admin")
    answer = client.post("/v1/ask", json=ASK, headers=bearer(made)).json()
    told = {"answer_id": answer["id"], "thumb": "down", "wrong": "wrong-number"}
    sent = {**bearer(made), "X-Request-ID": "request-7"}
    assert client.post("/v1/feedback", json=told, headers=sent).status_code == 201
    (line,) = client.get("/v1/audit", headers=bearer(made)).json()["audit"]
    assert (line["owner"], line["action"], line["subject"]) == (made.id, "feedback", answer["id"])
    assert line["request_id"] == "request-7"
    (given,) = client.get("/v1/feedback?thumb=down", headers=bearer(made)).json()["feedback"]
    assert given["kept"]["record"]["answer"] == answer["answer"]
    (used,) = storage.access.keys()
    assert used.last_used_at is not None


def test_the_fake_is_never_asked_without_a_key(storage: Storage) -> None:
    assistant: FakeAssistant = fake()
    key(storage, "ask")
    with TestClient(server.create_app(assistant, (), storage)) as client:
        client.post("/v1/ask", json=ASK)
        client.post("/v1/chat/completions", json={"model": "footnote", "messages": []})
    assert assistant.asked == []
