"""Nothing leaves the machine: build, ask, serve, chat and evals in a network that has loopback alone.

Where the system gives no such network, a guard in every Python process refuses and notes every other address; the
test's name says which of the two it was, and it never skips.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OWN_NETWORK = ["unshare", "--map-root-user", "--net", "sh", "-c"]
"""A network of its own for what it runs: no packet leaves it, whoever sends it, native code included."""
OUTSIDE = "192.0.2.1"  # kept free for documentation
SECONDS = 1500.0


def has_networks() -> bool:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    return (
        subprocess.run([*OWN_NETWORK, "ip link set lo up"], capture_output=True, check=False).returncode == 0
    )


WALL = "own network" if has_networks() else "guarded sockets"

# Beside a network of its own it names who tried; alone it is no wall for native code.
GUARD = """
import os, sys
PLACES = {
    "socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0
}
def guard(event, values):
    host = values[PLACES[event]] if event in PLACES else None
    host = host[0] if isinstance(host, tuple) else None if event.startswith(("socket.con", "socket.send")) else host
    host = host.decode() if isinstance(host, bytes) else host
    if host and not str(host).startswith(("127.", "::1", "localhost", "0.0.0.0")):
        with open(os.environ["TRIED"], "a") as file:
            print(host, " ".join(sys.argv), file=file)
        raise OSError(f"tried to reach {host}")
    if event == "pickle.find_class" and values[0].partition(".")[0] not in ("index", "pathlib"):
        with open(os.environ["UNPICKLED"], "a") as file:
            print(*values, file=file)
sys.addaudithook(guard)
"""

CHAT = """
import os, subprocess, sys, time
import httpx
server = subprocess.Popen([sys.executable, "-m", "server"], stdout=subprocess.PIPE, text=True)
try:
    url = server.stdout.readline().split()[-1]
    with httpx.Client(base_url=url, timeout=300) as client:
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
NOTHING_OUTSIDE = f"! python -c \"import socket; socket.create_connection(('{OUTSIDE}', 80), 3)\" 2>/dev/null"
LOOPBACK = (
    "python -c \"import socket; s = socket.create_server(('127.0.0.1', 0)); "
    'socket.create_connection(s.getsockname())"'
)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    (tmp_path / "chat.py").write_text(CHAT, encoding="utf-8")
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin:/usr/sbin:/sbin",
        "PYTHONPATH": f"{tmp_path / 'hook'}:{ROOT}",
        "TRIED": str(tmp_path / "tried"),
        "UNPICKLED": str(tmp_path / "unpickled"),
        "ASSISTANT_CORPUS": str(ROOT / "corpus"),
        "ASSISTANT_DATA": str(tmp_path / "data"),
        "ASSISTANT_PORT": "0",
        "QUESTION": "By what percentage did trade turnover grow in the first five months of 2024?",
        "HOME": str(tmp_path),
    }


def behind_the_wall(steps: list[str], environment: dict[str, str], wall: str) -> str:
    """What the steps print, one after the other; fails where one does, or where one asks for another address."""
    up = ["ip link set lo up"] if wall == "own network" else []
    shell = OWN_NETWORK if wall == "own network" else ["sh", "-c"]
    done = subprocess.run(
        [*shell, " && ".join([*up, LOOPBACK, NOTHING_OUTSIDE, *steps])],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    tried = Path(environment["TRIED"]).read_text(encoding="utf-8").splitlines()
    assert {line.split()[0] for line in tried} == {OUTSIDE}, tried  # the guard has seen ours, and no other
    # Of pickles, only the replies of workers are read, and only values of our own types are made of them.
    unpickled = Path(environment["UNPICKLED"])
    assert not unpickled.exists(), unpickled.read_text(encoding="utf-8")
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("wall", [WALL])
def test_build_serve_and_chat_need_loopback_alone(wall: str, environment: dict[str, str]) -> None:
    told = behind_the_wall(
        ["python -m index build", f"python {environment['HOME']}/chat.py", "python -m evals run provenance"],
        environment,
        wall,
    )
    assert "chatted" in told


@pytest.mark.long
@pytest.mark.parametrize("wall", [WALL])
def test_all_commands_need_loopback_alone(wall: str, environment: dict[str, str], tmp_path: Path) -> None:
    told = behind_the_wall(
        [
            "python -m index build",
            "python -m index status",
            "python -m index search 'trade turnover'",
            'python -m assistant ask "$QUESTION"',
            "python -m assistant doctor",
            f"python {tmp_path / 'chat.py'}",
            f"python -m assistant backup {tmp_path / 'backup.zip'}",
            "python -m assistant tidy",
            "python -m evals run provenance",
            "python -m evals run corpus --half dev",
            "python -m evals.supply sbom >/dev/null",
        ],
        environment,
        wall,
    )
    assert "chatted" in told


def test_the_guard_notes_what_is_unpickled(environment: dict[str, str]) -> None:
    deed = "import collections, pickle; pickle.loads(pickle.dumps(collections.OrderedDict()))"
    subprocess.run([sys.executable, "-c", deed], env=environment, timeout=60, check=True)
    assert Path(environment["UNPICKLED"]).read_text(encoding="utf-8") == "collections OrderedDict\n"


@pytest.mark.parametrize(
    "deed",
    [
        "socket.create_connection(('{0}', 80), 3)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('{0}', 53))",
        "socket.getaddrinfo('hub.example', 443)",
        "__import__('urllib.request').request.urlopen('http://{0}/', timeout=3)",
    ],
)
def test_the_guard_refuses_and_notes(deed: str, environment: dict[str, str]) -> None:
    """It is what counts where there is no network of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "import socket; " + deed.format(OUTSIDE)],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "tried to reach" in done.stderr
    assert Path(environment["TRIED"]).read_text(encoding="utf-8").split()[0] in (OUTSIDE, "hub.example")
