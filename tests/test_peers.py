"""Several workers behind one port: whichever a request meets, it gets what it asks for."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from chroma_servers import free_port

import server
from assistant.api.metrics import summed
from assistant.api.peers import SHOWN, Seat
from assistant.api.workers import WorkersError, check
from assistant.person import COOKIE
from assistant.settings import Settings
from assistant.storage.repository import Storage

ROOT = Path(__file__).parent.parent
PATIENCE = 300.0


@contextmanager
def started(command: list[str], **variables: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server's address and process, once it says where it is."""
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), **variables},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        found = re.search(r"http://\S+", told)
        assert found, f"it did not start: {told!r}"
        yield found[0], process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workers")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with started(["tests/serve_workers.py", str(folder)]) as running:
        yield running


@pytest.fixture(scope="module")
def url(running: tuple[str, subprocess.Popen[str]]) -> str:
    return running[0]


def ask(url: str, text: str = "Who?", **options: object) -> httpx.Response:
    return httpx.post(f"{url}/v1/ask", json={"question": text}, timeout=PATIENCE, **options)  # type: ignore[arg-type]


def of_both(request: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """Make a request, each on a connection of its own, until both workers have answered it."""
    answers: list[httpx.Response] = []
    deadline = time.monotonic() + PATIENCE
    while {answer.headers[SHOWN] for answer in answers} != {"0", "1"}:
        assert time.monotonic() < deadline, "one worker answers everything"
        answers.append(request())
    return answers


def test_both_answer(url: str) -> None:
    answers = of_both(lambda: ask(url, "Is it you?"))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["answer"] for answer in answers} == {"Is it you?"}


def test_a_stream_is_taken_up_again_wherever_it_was_begun(url: str) -> None:
    begun = of_both(
        lambda: httpx.post(f"{url}/v1/ask/stream", json={"question": "Who goes there?"}, timeout=PATIENCE)
    )
    for response in begun:
        stream = response.headers["content-location"]
        for _ in range(4):
            again = httpx.get(f"{url}{stream}", timeout=PATIENCE)
            assert (again.text, again.headers[SHOWN]) == (response.text, response.headers[SHOWN])
        last = re.findall(r"^id: (.*)$", response.text, re.MULTILINE)[0]
        rest = httpx.post(
            f"{url}/v1/ask/stream", json={"question": "-"}, headers={"Last-Event-ID": last}, timeout=PATIENCE
        )
        assert response.text.endswith(rest.text)


def test_a_browser_keeps_to_its_worker(url: str) -> None:
    """Gradio has a page's session in one process; connections come from anywhere."""
    for opened in of_both(lambda: httpx.get(url, timeout=PATIENCE)):
        cookies = {COOKIE: opened.cookies[COOKIE]}
        config = httpx.get(f"{url}/config", cookies=cookies, timeout=PATIENCE)
        (load,) = [each for each in config.json()["dependencies"] if each["targets"][0][1] == "load"]
        for number in range(4):
            session = f"session{number}"
            joined = httpx.post(
                f"{url}/gradio_api/queue/join", cookies=cookies, timeout=PATIENCE,
                json={"data": [], "fn_index": load["id"], "session_hash": session},
            )  # fmt: skip
            assert joined.status_code == 200, joined.text
            told = httpx.get(
                f"{url}/gradio_api/queue/data",
                params={"session_hash": session},
                cookies=cookies,
                timeout=PATIENCE,
            )
            events = [json.loads(line[6:]) for line in told.text.splitlines() if line.startswith("data: ")]
            done = [event for event in events if event["msg"] == "process_completed"]
            assert [event["success"] for event in done] == [True], told.text
            assert {joined.headers[SHOWN], told.headers[SHOWN]} == {opened.headers[SHOWN]}


def test_metrics_are_of_both(url: str) -> None:
    def counted() -> tuple[float, str]:
        response = httpx.get(f"{url}/metrics", timeout=PATIENCE)
        found = re.search(
            r'^footnote_requests_total\{.*route="/v1/ask",status="200"\} (.*)$', response.text, re.M
        )
        assert "footnote_documents 2.0" in response.text
        assert "footnote_ready 1.0" in response.text
        return float(found[1]) if found else 0.0, response.headers[SHOWN]

    before, _ = counted()
    asked = len(of_both(lambda: ask(url)))
    seen: dict[str, float] = {}
    deadline = time.monotonic() + PATIENCE
    while seen.keys() != {"0", "1"}:
        assert time.monotonic() < deadline
        count, number = counted()
        seen[number] = count
    assert set(seen.values()) == {before + asked}


def test_nobody_outside_can_say_where_they_come_from(url: str) -> None:
    """Only what comes through a socket file of the server is believed."""
    forged = json.dumps({"client": ["10.0.0.9", 1], "server": ["10.0.0.8", 2], "scheme": "https"})
    page = httpx.get(url, headers={"X-Footnote-From": forged}, timeout=PATIENCE)
    assert "Secure" not in page.headers["set-cookie"]
    away = httpx.get(f"{url}/v1/documents", headers={"Host": "far.example"}, timeout=PATIENCE)
    assert away.status_code == 403


def test_a_worker_that_dies_is_begun_again(running: tuple[str, subprocess.Popen[str]]) -> None:
    url, process = running
    workers(process)[0].kill()
    of_both(lambda: answering(url))


def workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children()
    found = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    assert len(found) == 2
    return found


def answering(url: str) -> httpx.Response:
    """An answer; a connection that the killed worker had taken is made again."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ask(url)
        except httpx.TransportError:
            assert time.monotonic() < deadline


def test_a_limit_counts_for_all(url: str, folder: Path) -> None:
    """From here on the server asks for a key."""
    with closing(Storage(f"sqlite:///{folder}/kept.sqlite3")) as storage:
        _, secret = storage.access.make_key("limited", ("ask",), per_minute=5)
    headers = {"Authorization": f"Bearer {secret}"}
    statuses = Counter(ask(url, headers=headers).status_code for _ in range(12))
    assert statuses[429] >= 12 - 5 - 2  # the minute goes on while they come
    assert statuses[200] + statuses[429] == 12


def test_workers_end_with_their_parent(running: tuple[str, subprocess.Popen[str]]) -> None:
    """However that ends; the last test on this server."""
    _, process = running
    children = workers(process)
    process.kill()
    gone, _ = psutil.wait_procs(children, timeout=PATIENCE)
    assert len(gone) == 2


def test_ids_and_cookies_lead_to_who_made_them(tmp_path: Path) -> None:
    for number in range(3):
        seat = Seat(number, 3, tmp_path)
        assert seat.owner_of_id(seat.new_id()) == number
        assert seat._owner_of_token(seat.new_token()) == number


def test_counts_are_summed_and_states_are_not() -> None:
    text = (
        '# TYPE footnote_requests_total counter\nfootnote_requests_total{{route="/"}} {0}\n'
        "# TYPE footnote_documents gauge\nfootnote_documents {1}\n"
        "# TYPE footnote_ready gauge\nfootnote_ready {2}\n"
        "# TYPE footnote_running gauge\nfootnote_running {0}\n"
    )
    lines = summed([text.format(3, 2, 1), text.format(4, 1, 0)]).decode().splitlines()
    assert {line for line in lines if not line.startswith("#")} == {
        'footnote_requests_total{route="/"} 7.0', "footnote_documents 2.0", "footnote_ready 0.0",
        "footnote_running 7.0",
    }  # fmt: skip


def test_several_workers_need_a_chroma_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check(Settings(workers=1))
    check(Settings(workers=2, chroma_url="http://vectors:8001"))
    with pytest.raises(WorkersError):
        check(Settings(workers=2, chroma_url=None))
    monkeypatch.setenv("ASSISTANT_WORKERS", "1")
    monkeypatch.setenv("ASSISTANT_PORT", str(free_port()))
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path))
    monkeypatch.delenv("ASSISTANT_CHROMA_URL", raising=False)
    with pytest.raises(SystemExit, match="1"):
        server.main(["--workers", "3"])
    assert capsys.readouterr().err == (
        "3 workers need a Chroma server, since the embedded one is for one process. "
        "Start it with: chroma run, and set ASSISTANT_CHROMA_URL, or set ASSISTANT_WORKERS=1.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_two_workers_on_a_chroma_server(chroma_url: str, corpus: Path, tmp_path: Path) -> None:
    """The same answers from both, and both see at once what is uploaded to one and what another process builds."""
    variables = {
        "ASSISTANT_CORPUS": str(corpus), "ASSISTANT_DATA": str(tmp_path / "data"), "ASSISTANT_PORT": "0",
        "ASSISTANT_CHROMA_URL": chroma_url, "ASSISTANT_CHROMA_DATABASE": "workers",
    }  # fmt: skip

    def answers(question: str) -> set[str]:
        given = []
        for response in of_both(lambda: ask(url, question)):
            answer = response.json()
            del answer["id"], answer["timings_ms"]
            given.append(json.dumps(answer))
        return set(given)

    with started(["-m", "server", "--workers", "2"], **variables) as (url, _):
        assert all(answer.status_code == 200 for answer in of_both(lambda: httpx.get(f"{url}/readyz")))
        (same,) = answers("Who pays for the drawings of the bridge?")
        assert "bakers" in json.loads(same)["answer"]
        files = {"files": ("tower.md", b"# The Tower\n\nThe tower of Ellmouth is 61 metres tall.\n")}
        job = httpx.post(f"{url}/v1/documents", files=files, timeout=PATIENCE).json()
        ended(url, job["id"])
        (same,) = answers("How tall is the tower of Ellmouth?")
        assert "61 metres" in json.loads(same)["answer"]
        (corpus / "well.md").write_text(
            "# The Well\n\nThe well of Ellmouth is 14 metres deep.\n", encoding="utf-8"
        )
        subprocess.run(
            [sys.executable, "-m", "index", "build"], cwd=ROOT, env={**os.environ, **variables}, check=True,
            capture_output=True, timeout=PATIENCE,
        )  # fmt: skip
        (same,) = answers("How deep is the well of Ellmouth?")
        assert "14 metres" in json.loads(same)["answer"]


def ended(url: str, job: str) -> None:
    """Wait for a job, asking on many connections; every worker knows of it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        response = httpx.get(f"{url}/v1/jobs/{job}", timeout=PATIENCE)
        assert response.status_code == 200, response.text
        if response.json()["state"] in ("done", "failed"):
            assert response.json()["state"] == "done", response.text
            return
        assert time.monotonic() < deadline
        time.sleep(0.1)
