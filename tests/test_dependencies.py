"""What the server depends on goes away, stalls and comes back, under a server that runs on."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest
from chroma_servers import chroma_process, free_port
from fakes_llm import Messages, Words, says, scripted_server
from fakes_web import SUPPORTED, fake
from served import serving as serving_here

import server
from assistant.storage.repository import Storage
from evals.bench.served import serving

QUESTION = {"question": "Who pays for the drawings of the bridge?"}
WRITTEN = "The bakers are the ones who pay for the drawings."
NOT_READY = "The vector store does not answer; the server's log says why."
BOUND = 90.0
"""Seconds within which each question has to be refused, on a machine that does other work, too."""
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def until(holds: Callable[[], bool], seconds: float = 180.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def refused(response: httpx.Response) -> str:
    """What a clean refusal says."""
    assert response.status_code == 503, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) >= 1
    told = response.json()
    assert told["type"] == "/problems/not-ready"
    return str(told["detail"])


@posix
@pytest.mark.long
def test_a_chroma_server_goes_stalls_and_comes_back(corpus: Path, tmp_path: Path) -> None:
    port = free_port()
    chroma_url = f"http://127.0.0.1:{port}"
    environment = {"corpus": str(corpus), "chroma_url": chroma_url}
    data = tmp_path / "data"
    with ExitStack() as stack:
        chroma = ExitStack()
        stack.callback(chroma.close)
        chroma.enter_context(chroma_process(tmp_path / "chroma", port))
        url = stack.enter_context(serving(data, **environment)).url
        http = stack.enter_context(httpx.Client(base_url=url, timeout=BOUND))
        before = http.post("/v1/ask", json=QUESTION).json()
        assert before["verdict"] == "supported"

        chroma.close()  # killed
        gone = f"There is no Chroma server at '{chroma_url}'. Start it with: chroma run"
        assert refused(http.get("/readyz")) == NOT_READY
        assert refused(http.post("/v1/ask", json=QUESTION)).startswith(gone)
        assert refused(http.get("/v1/search", params={"q": "bridge"})).startswith(gone)
        assert "event: error" in http.post("/v1/ask/stream", json=QUESTION).text
        assert http.get("/healthz").status_code == 200
        process = chroma.enter_context(chroma_process(tmp_path / "chroma", port))
        until(lambda: http.get("/readyz").status_code == 200)
        assert http.post("/v1/ask", json=QUESTION).json()["answer"] == before["answer"]

        process.send_signal(signal.SIGSTOP)  # it takes connections and says nothing
        try:
            with ThreadPoolExecutor(8) as pool:
                asked = [pool.submit(http.post, "/v1/ask", json=QUESTION) for _ in range(8)]
                assert http.get("/healthz").status_code == 200
                for each in asked:
                    assert "did not answer in 10 seconds" in refused(each.result(BOUND))
            assert refused(http.get("/readyz")) == NOT_READY
        finally:
            process.send_signal(signal.SIGCONT)
        until(lambda: http.get("/readyz").status_code == 200)
        assert http.post("/v1/ask", json=QUESTION).json()["answer"] == before["answer"]

        chroma.close()
        chroma.enter_context(chroma_process(tmp_path / "another", port))  # it has lost everything
        told = []

        def says_what_to_do() -> bool:
            told.append(refused(http.post("/v1/ask", json=QUESTION)))
            return told[-1] == (
                f"The Chroma server at '{chroma_url}' has no vectors. Build them with: python -m index build"
            )

        until(says_what_to_do)
        built = subprocess.run(
            [sys.executable, "-m", "index", "build", str(corpus)],
            env={**os.environ, "ASSISTANT_DATA": str(data), "ASSISTANT_CHROMA_URL": chroma_url},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert built.returncode == 0, built.stderr
        until(lambda: http.get("/readyz").status_code == 200)
        assert http.post("/v1/ask", json=QUESTION).json()["answer"] == before["answer"]


def writes(messages: Messages) -> Words:
    """What a model writes that cites the paragraph that names them."""
    lines = messages[-1]["content"].splitlines()
    at = next(number for number, line in enumerate(lines) if "bakers" in line)
    return says(f"{WRITTEN} {lines[at - 1].split(' ')[0]}")


@pytest.mark.long
def test_a_model_server_goes_stalls_and_comes_back(corpus: Path, tmp_path: Path) -> None:
    port = free_port()
    environment = {
        "corpus": str(corpus), "llm_url": f"http://127.0.0.1:{port}/v1", "llm_model": "scripted",
        "llm_connect_seconds": "1", "llm_first_seconds": "5", "llm_total_seconds": "20",
    }  # fmt: skip
    with ExitStack() as stack:
        served = stack.enter_context(serving(tmp_path / "data", **environment))
        http = stack.enter_context(httpx.Client(base_url=served.url, timeout=BOUND))

        def ask() -> dict[str, str]:
            response = http.post("/v1/ask", json=QUESTION)
            assert response.status_code == 200
            assert http.get("/readyz").status_code == 200
            return dict(response.json())

        gone = ask()
        assert (gone["mode"], gone["verdict"]) == ("extractive", "supported")
        assert gone["degraded"].endswith("; the documents are quoted instead.")
        with scripted_server(writes, port=port) as model:
            until(lambda: ask()["mode"] == "generative")
            there = ask()
            assert (there["mode"], there["degraded"], there["model"]) == ("generative", None, "scripted")
            assert there["answer"].startswith(WRITTEN)
            model.script(Words(["?"], wait=30))
            for _ in range(3):  # after which it is left alone for a while
                slow = ask()
                assert slow["mode"] == "extractive"
                assert slow["answer"] == gone["answer"]
                assert "wrote nothing within 5 seconds" in slow["degraded"]
            asked = len(model.requests)
            assert "left alone for a moment" in ask()["degraded"]
            assert len(model.requests) == asked
            model.script(writes)
            until(lambda: ask()["mode"] == "generative")


def test_a_locked_database_refuses_what_writes_and_works_again(tmp_path: Path) -> None:
    file = tmp_path / "kept.sqlite3"
    with closing(Storage(f"sqlite:///{file}", busy_seconds=0.2)) as storage:
        app = server.create_app(fake(SUPPORTED), (), storage)
        with serving_here(app) as url, httpx.Client(base_url=url, timeout=BOUND) as http:
            answer = http.post("/v1/ask", json={"question": "How much?"}).json()
            told = {"answer_id": answer["id"], "thumb": "up"}
            with closing(sqlite3.connect(file, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                assert " is locked: " in refused(http.post("/v1/feedback", json=told))
                assert http.post("/v1/ask", json={"question": "How much?"}).status_code == 200
                assert http.get(f"/v1/answers/{answer['id']}").status_code == 200  # reading goes on
                assert http.get("/readyz").status_code == 200
                other.execute("COMMIT")
            assert http.post("/v1/feedback", json=told).status_code == 201
