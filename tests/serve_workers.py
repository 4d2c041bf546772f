"""Two workers with an assistant that echoes, as a process of its own: python serve_workers.py FOLDER."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from fakes_web import SUPPORTED, FakeAssistant

import server
from assistant.answers import Event, Question
from assistant.api.listen import serve, tell
from assistant.api.peers import Peers, Seat
from assistant.api.workers import Workers
from assistant.citations import told
from assistant.settings import Settings
from assistant.storage.repository import Storage

WORKERS = 2


class Echo(FakeAssistant):
    """Answers every question with itself."""

    def stream(self, question: Question, /) -> Iterator[Event]:
        answer = replace(SUPPORTED, question=question.text, answer=question.text, citations=())
        yield from told(answer)


def work(seat: Seat, listener: socket.socket, private: socket.socket) -> None:
    app = server.create_app(Echo(), (), Storage(f"sqlite:///{sys.argv[1]}/kept.sqlite3"))
    app.state.service.runs.new_id = seat.new_id
    app.add_middleware(Peers, seat=seat)
    serve(app, [listener, private], Settings())


def main() -> None:
    Storage(f"sqlite:///{Path(sys.argv[1])}/kept.sqlite3").close()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        contextlib.closing(Workers(WORKERS, listener, work)) as workers,
    ):
        workers.run(lambda: tell(listener, Settings()))


if __name__ == "__main__":
    main()
