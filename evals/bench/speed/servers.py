"""The product's server and a Chroma server, each a process on loopback that ends with its block."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from evals.bench.speed.environments import ROOT
from evals.errors import RunError

START_SECONDS = 600.0


@contextmanager
def product_server(corpus: Path, data: Path) -> Iterator[str]:
    """`python -m server` over an index, until it says that it is ready; gives its address."""
    port = free_port()
    variables = {
        "ASSISTANT_CORPUS": str(corpus), "ASSISTANT_DATA": str(data), "ASSISTANT_PORT": str(port),
        "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1",
    }  # fmt: skip
    with _running([sys.executable, "-m", "server"], variables, port, "/readyz") as address:
        yield address


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """`chroma run` over a folder; gives its address."""
    port = free_port()
    program = Path(sys.executable).with_name("chroma")
    command: list[str | Path] = [program, "run", "--path", folder, "--host", "127.0.0.1", "--port", str(port)]
    with _running(command, {"NO_COLOR": "1"}, port, "/api/v2/heartbeat") as address:
        yield address


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _running(command: list[str | Path], variables: Mapping[str, str], port: int, path: str) -> Iterator[str]:
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **variables}
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port, path):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RunError(
                    f"'{' '.join(map(str, command))}' does not answer. Run it by itself to see why."
                )
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
