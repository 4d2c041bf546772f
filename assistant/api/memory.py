"""Memory that answers have freed goes back to the system.

glibc keeps what a thread has freed for that thread's next use, in pieces, so that a server grows until each of its
threads has had its largest answer: here to about twice what it uses. Giving it back takes 50 ms of a processor. Where
tcmalloc is preloaded, it is asked instead. With another allocator nothing is done.
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


def release() -> Callable[[], object] | None:
    """What gives free memory back: tcmalloc's function where it is loaded, else glibc's, else None."""
    if sys.platform != "linux":
        return None
    loaded = ctypes.CDLL(None)
    with suppress(AttributeError):
        give_back = loaded.MallocExtension_ReleaseFreeMemory
        give_back.restype = None
        return lambda: give_back()
    with suppress(AttributeError):
        trim = loaded.malloc_trim
        return lambda: trim(ctypes.c_size_t(0))
    return None
