"""Work that several threads ask for at once, done in common: whoever comes first does what has gathered for all.

The span model keeps every core busy with one batch. Questions of several people that each ran it by themselves would
take the cores from each other; so one thread runs it at a time, for all that wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Job(Generic[Item, Result]):
    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.results: Sequence[Result] | None = None
        self.failure: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.results is not None or self.failure is not None


class Together(Generic[Item, Result]):
    """Calls `work` with the items of all callers that wait, first come first served, one call at a time."""

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]], most: int) -> None:
        """`work` gives a result for each item; a call gets at most `most` items, or those of one caller."""
        self._work = work
        self._most = most
        self._turn = Condition()
        self._waiting: deque[_Job[Item, Result]] = deque()
        self._busy = False

    def __call__(self, items: Sequence[Item]) -> Sequence[Result]:
        """The results of `items`; raises what `work` raised for the call that they were in."""
        job = _Job[Item, Result](items)
        with self._turn:
            self._waiting.append(job)
        while True:
            with self._turn:
                self._turn.wait_for(lambda: job.done or not self._busy)
                if job.done:
                    break
                self._busy = True
                taken = self._next()
            self._do(taken)
        if job.failure is not None:
            raise job.failure
        assert job.results is not None
        return job.results

    def _next(self) -> list[_Job[Item, Result]]:
        taken = [self._waiting.popleft()]
        count = len(taken[0].items)
        while self._waiting and count + len(self._waiting[0].items) <= self._most:
            taken.append(self._waiting.popleft())
            count += len(taken[-1].items)
        return taken

    def _do(self, taken: Sequence[_Job[Item, Result]]) -> None:
        failure: BaseException | None = None
        found: Sequence[Result] = ()
        try:
            found = self._work([item for job in taken for item in job.items])
        except BaseException as error:  # noqa: BLE001 - raised again in the thread of each caller
            failure = error
        with self._turn:
            at = 0
            for job in taken:
                job.failure = failure
                job.results = None if failure else found[at : at + len(job.items)]
                at += len(job.items)
            self._busy = False
            self._turn.notify_all()
