"""Questions being answered: a bounded pool behind, a bounded queue before it in which owners take turns."""

from __future__ import annotations

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from assistant.answers import Event, Question

from .kinds import BUSY, STOPPING
from .problems import ProblemError
from .protocols import Assistant
from .run import ANYONE, CHAT, Run
from .turns import Turns

KEPT_SECONDS = 300
"""How long a finished run can still be followed, and so its stream resumed."""
KEPT_RUNS = 512
"""Finished runs that are kept at most."""
ONE_OWNER = 0.75
"""The share of the places that the questions of one key may wait in, so that others find a place."""

log = logging.getLogger("footnote.server")


class Runs:
    """The questions that are answered now, those that wait, and those answered a moment ago."""

    def __init__(self, opened: Callable[[], Assistant], *, parallel: int, waiting: int) -> None:
        """At most `parallel` are answered at a time, and `waiting` more wait for their turn."""
        self._opened = opened
        self._parallel = parallel
        self._waiting = waiting
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="answer")
        self._lock = Lock()
        self._turns = Turns()
        self._open: dict[str, Run] = {}
        self._kept: OrderedDict[str, Run] = OrderedDict()
        self._seconds = 1.0
        self._stopping = False
        self.new_id: Callable[[], str | None] = lambda: None
        """Gives a run its id, where not any will do."""
        self.observers: list[Callable[[Run], None]] = []
        """Called in the pool's thread with each run, before those who follow it hear of its end."""

    @property
    def waiting(self) -> int:
        """The questions whose turn has not come."""
        return max(0, len(self._open) - self._parallel)

    @property
    def running(self) -> int:
        """The questions that are being answered."""
        return min(len(self._open), self._parallel)

    def start(self, question: Question, owner: str, version: str | None = None) -> Run:
        """Begin to answer, on the corpus as it is or was at `version`, or let the question wait for its turn.

        Raises:
            ProblemError: too many wait already; it says after how many seconds to try again.
        """
        run = Run(question, owner, version, self.new_id())
        with self._lock:
            if self._stopping:
                raise ProblemError(
                    STOPPING, "The server is being stopped. Try again when it is back.", retry_after=5
                )
            self._refuse_crowds(owner)
            self._open[run.id] = run
            self._turns.add(run)
        self._pool.submit(self._work_on_next).add_done_callback(_report)
        return run

    def _refuse_crowds(self, owner: str) -> None:
        """Raise a problem where every place is taken, or an owner who is known has as many as one may have."""
        own = self._turns.of(owner) if owner != ANYONE else 0
        if len(self._open) >= self._parallel + self._waiting:
            crowd = f"{self.waiting} questions are waiting"
        elif self._waiting and own >= math.ceil(ONE_OWNER * self._waiting):
            crowd = f"{own} questions of this key are waiting"
        else:
            return
        seconds = max(1, math.ceil(len(self._open) / self._parallel * self._seconds))
        raise ProblemError(BUSY, f"{crowd} already. Try again in {seconds} seconds.", retry_after=seconds)

    def answered_here(self, question: Question) -> Iterator[Event]:
        """Answer in the caller's thread, for the chat, which stops a question by no longer asking for events.

        Those who observe runs hear of it as of any other, unless it was stopped.
        """
        run = Run(question, CHAT)
        failure: Exception | None = None
        try:
            for event in self._opened().stream(question):
                run.tell(event)
                yield event
        except Exception as error:
            failure = error
            raise
        finally:
            run.end(failure)
            if failure is not None or run.answer is not None:
                for observe in self.observers:
                    observe(run)

    def find(self, id: str, owner: str) -> Run | None:
        """The run with this id that `owner` started, if it is still kept."""
        with self._lock:
            self._forget()
            run = self._open.get(id) or self._kept.get(id)
        return run if run is not None and run.owner == owner else None

    def stop(self) -> None:
        """Take no more questions, and wait for the answers that have been begun or promised."""
        with self._lock:
            self._stopping = True
        self._pool.shutdown(wait=True)

    def _work_on_next(self) -> None:
        with self._lock:
            run = self._turns.next()
        self._work(run)

    def _work(self, run: Run) -> None:
        started = time.monotonic()
        failure: Exception | None = None
        try:
            assistant = self._opened()
            if run.version is not None:
                assistant = assistant.at(run.version)
            for event in assistant.stream(run.question):
                run.tell(event)
        except Exception as error:  # noqa: BLE001 - raised again to whoever follows the run
            failure = error
        with self._lock:
            self._seconds += 0.1 * (time.monotonic() - started - self._seconds)
            self._open.pop(run.id, None)
            self._kept[run.id] = run
            self._forget()
        run.failure = failure
        try:
            for observe in self.observers:
                observe(run)
        finally:
            run.end(failure)

    def _forget(self) -> None:
        """Let go of runs that ended long ago, and of the oldest where there are too many."""
        now = time.monotonic()
        while self._kept:
            oldest = next(iter(self._kept.values()))
            fresh = oldest.ended is None or now - oldest.ended < KEPT_SECONDS
            if fresh and len(self._kept) <= KEPT_RUNS:
                break
            self._kept.popitem(last=False)


def _report(done: Future[None]) -> None:
    """Log what went wrong beside the answer, such as keeping it."""
    if (error := done.exception()) is not None:
        log.error("A finished answer could not be recorded", exc_info=error)
