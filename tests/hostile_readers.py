"""File types that only tests have: their readers hang, crash, use all memory, fail, or print.

Imported by a worker process (`index.workers.PRELOAD`); the files' content says what happens.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from index import readers
from index.documents import Block
from index.errors import UnreadableFile
from index.readers import Contents, Reader

SUFFIX = ".odd"
# A native call that holds everything up: no Python code runs until it returns.
_HELD = 3600


def read(name: str, data: bytes) -> Contents:
    """A page of prose, after the deed that the first word names."""
    deed, _, argument = data.decode().partition(" ")
    deeds: dict[str, Callable[[], object]] = {
        "hang": lambda: time.sleep(_HELD),
        "spin": _spin,
        "segfault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
        "exit": lambda: os._exit(7),
        "hoard": lambda: bytearray(64 * 1024**3),
        "fault": lambda: [][1],
        "locked": lambda: _refuse(name),
        "chatter": _chatter,
        "note": lambda: _note(Path(argument)),
        "slow": lambda: time.sleep(1.2),
    }
    deeds.get(deed, lambda: None)()
    blocks = (Block("prose", f"It was read: {data.decode()}.", 0, len(data), page=1),)
    return Contents(blocks, {}, encoding=None, pages=3, tables=1, remarks=("Page 3 has no text.",))


def _spin() -> None:
    while True:
        pass


def _note(log: Path) -> None:
    with log.open("a") as lines:
        lines.write(f"{os.getpid()}\n")


def _refuse(name: str) -> None:
    raise UnreadableFile(f"{name}: it is locked with a password. Save it without one.")


def _chatter() -> None:
    """Print, as native libraries do, past Python."""
    print("a warning of a parser")
    os.write(1, b"another one\n")
    print("and one more", file=sys.stderr)


cast(dict[str, Reader], readers.READERS)[SUFFIX] = read
