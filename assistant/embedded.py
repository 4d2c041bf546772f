"""The assistant for Python programs: `from assistant import Assistant`.

from assistant import Assistant
with Assistant("corpus") as assistant:
    print(assistant.ask("How many barrels may be imported in a year?").answer)
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

import anyio.to_thread

from assistant import chat
from assistant.answers import Answer, Event, Question, Turn
from assistant.settings import Settings, read_settings
from index.documents import Hit
from index.library import Library

History = Sequence[str | Turn]
"""Earlier messages, oldest first; a bare string is an earlier question."""


class Assistant:
    """Answers questions from a folder of documents, whose index it brings up to date when it is made.

    It answers from the index as it is at each question. Safe to use from several threads and tasks. Every method
    raises a `FootnoteError`, with one sentence that says what to do, where it cannot do its work.
    """

    def __init__(self, corpus: str | PathLike[str] | None = None, **settings: Any) -> None:
        """Over `corpus`, by default the folder of the settings.

        `settings` are fields of `assistant.settings.Settings`, such as `data` or `abstain_below`; what is not given
        comes from the environment.
        """
        from assistant.wiring import build

        chosen = read_settings()
        if corpus is not None:
            settings["corpus"] = Path(corpus)
        if settings:
            chosen = Settings(**{**chosen.model_dump(), **settings})
        self._assistant = build(chosen)

    @property
    def library(self) -> Library:
        """The index: documents, paragraphs, search."""
        return self._renewed().library

    def ask(self, question: str, *, history: History = (), documents: Sequence[str] = ()) -> Answer:
        """The checked answer, from all documents or from those of these ids."""
        return self._renewed().ask(_question(question, history, documents))

    def stream(
        self, question: str, *, history: History = (), documents: Sequence[str] = ()
    ) -> Iterator[Event]:
        """The same as it comes; the last event is `Final`, with the whole answer."""
        return self._renewed().stream(_question(question, history, documents))

    def search(self, query: str, *, k: int = 8, documents: Sequence[str] = ()) -> list[Hit]:
        """The `k` paragraphs nearest to `query`, best first."""
        return self._renewed().search(query, k, documents)

    async def ask_async(
        self, question: str, *, history: History = (), documents: Sequence[str] = ()
    ) -> Answer:
        """As `ask`, in a thread of its own."""
        return await anyio.to_thread.run_sync(
            lambda: self.ask(question, history=history, documents=documents)
        )

    async def stream_async(
        self, question: str, *, history: History = (), documents: Sequence[str] = ()
    ) -> AsyncIterator[Event]:
        """As `stream`, in a thread of its own, which ends at its next event where nobody listens any more."""
        events: asyncio.Queue[Event | Exception | None] = asyncio.Queue()
        loop, left = asyncio.get_running_loop(), threading.Event()

        def work() -> None:
            last: Exception | None = None
            try:
                for event in self.stream(question, history=history, documents=documents):
                    if left.is_set():
                        return
                    loop.call_soon_threadsafe(events.put_nowait, event)
            except Exception as error:  # noqa: BLE001 - raised again where the events are read
                last = error
            if not left.is_set():
                loop.call_soon_threadsafe(events.put_nowait, last)

        working = loop.run_in_executor(None, work)
        try:
            while (event := await events.get()) is not None:
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            left.set()
            await working

    async def search_async(self, query: str, *, k: int = 8, documents: Sequence[str] = ()) -> list[Hit]:
        """As `search`, in a thread of its own."""
        return await anyio.to_thread.run_sync(lambda: self.search(query, k=k, documents=documents))

    def close(self) -> None:
        """Let go of the index."""
        self._assistant.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Assistant:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await anyio.to_thread.run_sync(self.close)

    def _renewed(self) -> chat.Assistant:
        self._assistant = self._assistant.renewed()
        return self._assistant


def _question(text: str, history: History, documents: Sequence[str]) -> Question:
    turns = tuple(Turn("user", turn) if isinstance(turn, str) else turn for turn in history)
    return Question(text, turns, tuple(documents))
