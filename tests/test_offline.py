"""Nothing leaves the machine: build, serve, chat and evals in a network that has loopback alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NETWORK = ["unshare", "--map-root-user", "--net", "sh", "-c"]
"""A network of its own for what it runs: no packet leaves it, whoever sends it, native code included."""


def has_networks() -> bool:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    return subprocess.run([*NETWORK, "ip link set lo up"], capture_output=True, check=False).returncode == 0


# An audit hook beside it names who tried; it is no wall, as native code passes it.
WATCHED = """
import os, sys
def watch(event, values):
    host = None
    if event == "socket.connect" and isinstance(values[1], tuple):
        host = values[1][0]
    if event == "socket.getaddrinfo":
        host = values[0]
    host = host.decode() if isinstance(host, bytes) else host
    if host and not str(host).startswith(("127.", "::1", "localhost", "0.0.0.0")):
        with open(os.environ["TRIED"], "a") as file:
            print(host, file=file)
        raise OSError(f"tried to reach {host}")
sys.addaudithook(watch)
"""

CHAT = """
import os, subprocess, sys, time
import httpx
server = subprocess.Popen([sys.executable, "-m", "server"], stdout=subprocess.PIPE, text=True)
try:
    url = server.stdout.readline().split()[-1]
    with httpx.Client(base_url=url, timeout=120) as client:
        page = client.get("/")
        assert page.status_code == 200, page.text
        answer = client.post("/v1/ask", json={"question": os.environ["QUESTION"]}).json()
        assert answer["verdict"] == "supported", answer
        config = client.get("/config").json()
        box = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "box")
        at = next(n for n, each in enumerate(config["dependencies"]) if [box, "submit"] in each["targets"])
        body = {"data": [os.environ["QUESTION"], None, []], "fn_index": at, "session_hash": "abcdefgh"}
        assert client.post("/gradio_api/queue/join", json=body).status_code == 200
        with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": "abcdefgh"}) as stream:
            told = ""
            for line in stream.iter_lines():
                told += line
                if "process_completed" in line:
                    break
        assert answer["short_answer"] in told, told[-2000:]
    print("chatted")
finally:
    server.terminate()
    server.wait(60)
"""


@pytest.mark.slow
@pytest.mark.skipif("LONG_TESTS" not in os.environ, reason="It takes minutes: set LONG_TESTS=1.")
@pytest.mark.skipif(
    not has_networks(), reason="Networks of their own need unshare and ip, and the right to use them."
)
def test_build_serve_chat_and_evals_need_loopback_alone(tmp_path: Path) -> None:
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(WATCHED, encoding="utf-8")
    (tmp_path / "chat.py").write_text(CHAT, encoding="utf-8")
    tried = tmp_path / "tried"
    script = " && ".join(
        [
            "ip link set lo up",
            "! timeout 5 python -c \"import socket; socket.create_connection(('192.0.2.1', 80), 3)\" 2>/dev/null",
            "python -m index build",
            "python -m assistant doctor",
            f"python {tmp_path / 'chat.py'}",
            "python -m evals run provenance",
        ]
    )
    done = subprocess.run(
        [*NETWORK, script],
        cwd=ROOT,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin:/usr/sbin:/sbin",
            "PYTHONPATH": f"{tmp_path / 'hook'}:{ROOT}",
            "TRIED": str(tried),
            "ASSISTANT_CORPUS": str(ROOT / "corpus"),
            "ASSISTANT_DATA": str(tmp_path / "data"),
            "ASSISTANT_PORT": "0",
            "QUESTION": "By what percentage did trade turnover grow in the first five months of 2024?",
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "chatted" in done.stdout
    lines = set(tried.read_text(encoding="utf-8").split()) if tried.exists() else set()
    assert lines <= {"192.0.2.1"}, lines
