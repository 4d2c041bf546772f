"""What the routes serve from: the open assistant, which a sync may put another in place of, and its runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from index.errors import IndexMissing

from .protocols import Assistant
from .runs import Runs

PARALLEL = 4
WAITING = 64


class Service:
    """An open assistant, or a sentence that says why there is none."""

    def __init__(
        self,
        assistant: Assistant | None = None,
        *,
        parallel: int = PARALLEL,
        waiting: int = WAITING,
        public_url: str | None = None,
    ) -> None:
        """`parallel` questions are answered at a time, and `waiting` more wait for their turn.

        `public_url` is where readers reach the server; without it, where a request reached it.
        """
        self.assistant = assistant
        self.public_url = public_url
        self.failure = "The index is not open yet. Try again in a moment."
        self.runs = Runs(self.leased, parallel=parallel, waiting=waiting)
        self._lock = Lock()
        self._leases: dict[int, int] = {}
        self._outdated: dict[int, Assistant] = {}

    def opened(self) -> Assistant:
        """The assistant.

        Raises:
            IndexMissing: while there is none.
        """
        if self.assistant is None:
            raise IndexMissing(self.failure)
        return self.assistant

    @contextmanager
    def leased(self) -> Iterator[Assistant]:
        """The assistant, kept open until the block ends, also where another takes its place meanwhile.

        Raises:
            IndexMissing: while there is none.
        """
        with self._lock:
            assistant = self.opened()
            self._leases[id(assistant)] = self._leases.get(id(assistant), 0) + 1
        try:
            yield assistant
        finally:
            with self._lock:
                self._leases[id(assistant)] -= 1
            self._close_unused()

    def replace(self, assistant: Assistant) -> None:
        """Put another assistant in place; the former one is closed when its last question is answered."""
        with self._lock:
            former, self.assistant = self.assistant, assistant
            if former is not None:
                self._outdated[id(former)] = former
        self._close_unused()

    def _close_unused(self) -> None:
        with self._lock:
            unused = [key for key in self._outdated if not self._leases.get(key)]
            closing = [self._outdated.pop(key) for key in unused]
            for key in unused:
                self._leases.pop(key, None)
        for each in closing:
            each.close()
