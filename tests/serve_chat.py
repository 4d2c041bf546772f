"""A server of the chat as a process of its own, to be killed: python serve_chat.py PORT DATABASE."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import uvicorn
from fakes_web import FakeAssistant

import server
from assistant.answers import Event, Question
from assistant.storage.repository import Storage


class Slow(FakeAssistant):
    """Never comes to an answer where the question asks for that."""

    def stream(self, question: Question, /) -> Iterator[Event]:
        events = super().stream(question)
        yield next(events)
        while "slow" in question.text:
            time.sleep(0.1)
        yield from events


if __name__ == "__main__":
    app = server.create_app(Slow(), (), Storage(sys.argv[2]))
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", ws="none")
