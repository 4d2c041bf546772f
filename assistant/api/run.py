"""A question being answered: events that outlive a connection.

An answer is worked on in a thread and told into its run; whoever asked follows the run, and may go away and come
back. Nothing here is tied to an event loop or to a connection.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

import opentelemetry.context

from assistant.answers import Answer, Cited, Event, Final, Question

from .request_ids import request_id


@dataclass(frozen=True, slots=True)
class Lapse:
    """No event came for a while."""


ANYONE = "anyone"
"""Who asks where no keys are needed."""
CHAT = "chat"
"""The owner of questions that the chat asks: it keeps their answers itself, within their conversations."""


class Run:
    """One question on its way to its answer. Its events are numbered from 1."""

    def __init__(
        self, question: Question, owner: str, version: str | None = None, id: str | None = None
    ) -> None:
        """`owner` is the id of the key that asked; only it may follow. `version` is of the corpus, None the present."""
        self.id = id or uuid.uuid4().hex
        self.question = question
        self.owner = owner
        self.version = version
        self.request_id = request_id.get()
        self.trace = opentelemetry.context.get_current()
        self.asked_at = time.time()
        self.begun = time.monotonic()
        self.ended: float | None = None
        self.failure: Exception | None = None
        self._events: list[Event] = []
        self._lock = Lock()
        self._followers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    @property
    def seconds(self) -> float:
        """How long it has taken, the wait for its turn included."""
        return (time.monotonic() if self.ended is None else self.ended) - self.begun

    @property
    def answer(self) -> Answer | None:
        """The answer, once there is one."""
        last = self._events[-1] if self._events else None
        return last.answer if isinstance(last, Final) else None

    async def finished(self) -> Answer:
        """Wait for the answer; raises what ended the run without one."""
        async for _ in self.follow():
            pass
        assert self.answer is not None
        return self.answer

    async def follow(
        self, after: int = 0, lapse: float | None = None
    ) -> AsyncIterator[tuple[int, Event | Lapse]]:
        """The numbered events behind number `after`, as they come; then raises what ended the run, if anything did.

        With `lapse`, a `Lapse` with the last number comes whenever nothing else did for so many seconds.
        """
        follower = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._followers.add(follower)
        try:
            while True:
                follower[1].clear()
                ended = self.ended is not None  # looked at before the events: none comes after it
                for event in self._events[after:]:
                    after += 1
                    yield after, event
                if ended:
                    break
                try:
                    await asyncio.wait_for(follower[1].wait(), lapse)
                except TimeoutError:
                    yield after, Lapse()
        finally:
            with self._lock:
                self._followers.discard(follower)
        if self.failure is not None:
            raise self.failure

    def tell(self, event: Event) -> None:
        """Add an event; every citation is told once, those that were not before the answer is."""
        if isinstance(event, Final):
            told = {each.citation.number for each in self._events if isinstance(each, Cited)}
            self._events += [Cited(each) for each in event.answer.citations if each.number not in told]
        self._events.append(event)
        self._wake()

    def end(self, failure: Exception | None = None) -> None:
        """No event comes any more."""
        self.failure = failure
        self.ended = time.monotonic()
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            for loop, woken in self._followers:
                with suppress(RuntimeError):  # a loop that was closed without ending its tasks
                    loop.call_soon_threadsafe(woken.set)
