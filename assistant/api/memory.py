"""Memory that answers have freed goes back to the system.

glibc keeps what a thread has freed for that thread's next use, in pieces, so that a server grows until each of its
threads has had its largest answer: here to about twice what it uses. Giving it back takes 50 ms of a processor. Where
the C library is another one, nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock

from .run import Run

PAUSE_SECONDS = 10.0


class Trimmer:
    """Gives memory back at the end of an answer, at most once in a while."""

    def __init__(
        self, trim: Callable[[], object] | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`trim` does it; None does nothing."""
        self._trim = trim
        self._clock = clock
        self._last = clock()
        self._lock = Lock()

    def observe_run(self, run: Run) -> None:
        """An answer has ended."""
        if self._trim is None:
            return
        with self._lock:
            if self._clock() - self._last < PAUSE_SECONDS:
                return
            self._last = self._clock()
        self._trim()


def malloc_trim() -> Callable[[], object] | None:
    """glibc's function that gives back free memory; None where the C library has none."""
    if sys.platform != "linux":
        return None
    with suppress(OSError, AttributeError):
        trim = ctypes.CDLL(None).malloc_trim
        return lambda: trim(ctypes.c_size_t(0))
    return None
