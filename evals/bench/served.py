"""A server in a process of its own, for what is measured from outside."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
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
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    named = {"data": str(data), "host": "127.0.0.1", "port": str(port), **settings}
    environment = {f"ASSISTANT_{name.upper()}": value for name, value in named.items()}
    said = log.open("wb") if log else None
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "server"], env={**os.environ, **environment}, stdout=said, stderr=said
        )
    finally:
        if said:
            said.close()  # the process has its own
    try:
        served = Served(f"http://127.0.0.1:{port}", process)
        _wait(served)
        yield served
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(served: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if served.process.poll() is not None:
            raise UsageError("The server ended before it was ready; it says why above.")
        try:
            with urllib.request.urlopen(f"{served.url}/readyz"):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise UsageError(f"The server was not ready in {START_SECONDS:.0f} seconds.")
