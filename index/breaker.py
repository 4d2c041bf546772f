"""A circuit breaker: after some failures in a row a server is left alone for a while, then tried once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Breaker:
    """Counts failures in a row. Safe to use from several threads."""

    def __init__(
        self, failures: int = 3, rest: float = 30.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`rest`: seconds without a request after `failures` failures in a row."""
        self._most = failures
        self._rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._until = 0.0
        self._trying = False

    def allows(self) -> bool:
        """Whether a request may go out; after a rest only one at a time may, until one succeeds."""
        with self._lock:
            if self._failed < self._most:
                return True
            if self._clock() < self._until or self._trying:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        """A request went well: all is open again."""
        with self._lock:
            self._failed, self._trying = 0, False

    def failed(self) -> None:
        """A request failed; with enough of them in a row, or after a rest, the rest begins."""
        with self._lock:
            self._failed += 1
            self._trying = False
            if self._failed >= self._most:
                self._until = self._clock() + self._rest

    def given_up(self) -> None:
        """A request was left before it ended, which says nothing of the server."""
        with self._lock:
            self._trying = False
