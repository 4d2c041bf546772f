"""Servers in processes of their own, for what is measured from outside: the product's, and Chroma's."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evals.errors import UsageError

START_SECONDS = 600.0
STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is ready, and its process."""

    url: str
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def memory(self) -> float:
        """Resident memory in MB, as Linux tells it.

        Raises:
            UsageError: the process is gone, or this is no Linux.
        """
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        except OSError as error:
            raise UsageError(
                "The server's memory cannot be read: it has ended, or this is no Linux."
            ) from error
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        if found is None:
            raise UsageError("The server has ended; it says why above.")
        return int(found[1]) * 1024 / 1e6

    def files(self) -> int:
        """How many files and connections the process has open.

        Raises:
            UsageError: as `memory`.
        """
        try:
            return len(os.listdir(f"/proc/{self.process.pid}/fd"))  # noqa: PTH208 - names alone, and many
        except OSError as error:
            raise UsageError(
                "The server's open files cannot be counted: it has ended, or this is no Linux."
            ) from error


@contextmanager
def serving(data: Path, log: Path | None = None, **settings: str) -> Iterator[Served]:
    """`python -m server` on loopback, ready, until the block ends.

    `settings` are fields of the settings by their names. What it says goes to the file `log`, or to the screen.

    Raises:
        UsageError: it does not start.
    """
    port = _free_port()
    named = {"data": str(data), "host": "127.0.0.1", "port": str(port), **settings}
    variables = {f"ASSISTANT_{name.upper()}": value for name, value in named.items()}
    with _running([sys.executable, "-m", "server"], variables, port, "/readyz", log) as served:
        yield served


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """`chroma run` over a folder, until the block ends; gives its address.

    Raises:
        UsageError: it does not start.
    """
    port = _free_port()
    program = Path(sys.executable).with_name("chroma")
    command: list[str | Path] = [program, "run", "--path", folder, "--host", "127.0.0.1", "--port", str(port)]
    with _running(command, {"NO_COLOR": "1"}, port, "/api/v2/heartbeat", Path(os.devnull)) as served:
        yield served.url


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _running(
    command: Sequence[str | Path], variables: Mapping[str, str], port: int, path: str, log: Path | None
) -> Iterator[Served]:
    """A process from when it answers at `path` until the block ends."""
    said = log.open("wb") if log else None
    try:
        process = subprocess.Popen(command, env={**os.environ, **variables}, stdout=said, stderr=said)
    finally:
        if said:
            said.close()  # the process has its own
    try:
        served = Served(f"http://127.0.0.1:{port}", process)
        _wait(served, path, "It says why above." if log is None else "Run it by itself to see why.")
        yield served
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(served: Served, path: str, why: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if served.process.poll() is not None:
            raise UsageError(f"The server ended before it was ready. {why}")
        try:
            with urllib.request.urlopen(f"{served.url}{path}"):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise UsageError(f"The server was not ready in {START_SECONDS:.0f} seconds.")
