"""The workers of a server: processes that listen on one port, begun, watched and ended by a parent."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import FootnoteError

from .peers import Seat

if TYPE_CHECKING:
    from assistant.settings import Settings

Work = Callable[[Seat, socket.socket, socket.socket], None]
"""What a worker does, with its seat, the server's socket, and one on which the other workers reach it."""

AGAIN_SECONDS = 5.0
"""A worker that ends within so many seconds of its start is begun again only after as many."""
_spawn = multiprocessing.get_context("spawn")
log = logging.getLogger("footnote.server")


class WorkersError(FootnoteError):
    """Several workers cannot serve as the settings say."""


def check(settings: Settings) -> None:
    """See that several workers can serve, where the settings ask for them.

    Raises:
        WorkersError: they cannot; it says what to set.
    """
    if settings.workers == 1:
        return
    if settings.chroma_url is None:
        raise WorkersError(
            f"{settings.workers} workers need a Chroma server, since the embedded one is for one process. "
            "Start it with: chroma run, and set ASSISTANT_CHROMA_URL, or set ASSISTANT_WORKERS=1."
        )
    if not hasattr(socket, "AF_UNIX"):
        raise WorkersError(
            "This system has no socket files, which several workers need. Set ASSISTANT_WORKERS=1."
        )


def in_a_process(work: Callable[[], None]) -> int:
    """Do `work` in a process that ends with it, and so holds no memory afterwards; its exit code."""
    process = _spawn.Process(target=work)
    process.start()
    try:
        process.join()
    except KeyboardInterrupt:  # it has come to the process, too
        process.join()
    return process.exitcode or 0


class Workers:
    """The processes, from `run` until it ends."""

    def __init__(self, count: int, listener: socket.socket, work: Work) -> None:
        """`work` is a function of a module, called in every process."""
        self._listener = listener
        self._work = work
        self._folder = tempfile.TemporaryDirectory(
            prefix="footnote-"
        )  # its user's alone, and short enough for sockets
        self._seats = [Seat(number, count, Path(self._folder.name)) for number in range(count)]
        self._private = [seat.listen() for seat in self._seats]
        self._stopping = threading.Event()

    def run(self, told: Callable[[], None]) -> None:
        """Serve until interrupted; `told` is called when every worker answers for the first time."""
        # Each computes with its share of the processors.
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // len(self._seats))))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stopping.set())
        begun = [time.monotonic()] * len(self._seats)
        processes = [self._begin(seat) for seat in self._seats]
        waiting = True
        while not self._stopping.wait(0.2):
            if waiting and all(seat.has_begun for seat in self._seats):
                waiting = False
                told()
            for seat, process in zip(self._seats, processes, strict=True):
                if process.is_alive() or time.monotonic() - begun[seat.number] < AGAIN_SECONDS:
                    continue
                log.error(
                    "Worker %d ended with exit code %s; it is begun again.", seat.number, process.exitcode
                )
                begun[seat.number] = time.monotonic()
                processes[seat.number] = self._begin(seat)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()

    def close(self) -> None:
        """Let go of the socket files."""
        for listener in self._private:
            listener.close()
        self._folder.cleanup()

    def _begin(self, seat: Seat) -> SpawnProcess:
        process = _spawn.Process(
            target=_begun, args=(self._work, seat, self._listener, self._private[seat.number])
        )
        process.start()
        return process


def _begun(work: Work, seat: Seat, listener: socket.socket, private: socket.socket) -> None:
    """Work, and end as a program does: the signal that ended the server is raised again behind it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the parent ends the others
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    work(seat, listener, private)


def _end_with_parent() -> None:
    """End this worker when its parent is gone, however that ended; nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
