"""What the routes serve from: the open assistant, the questions that it is answering, and the database."""

from __future__ import annotations

from threading import Lock

from assistant.errors import StorageError
from assistant.ingest import Ingest
from assistant.shelf import Shelf
from assistant.storage.repository import Storage
from index.errors import IndexMissing

from .protocols import Assistant
from .request_ids import request_id
from .run import CHAT, Run
from .runs import Runs

PARALLEL = 4
WAITING = 64


class Service:
    """An open assistant and database, or sentences that say why there is none."""

    def __init__(
        self,
        assistant: Assistant | None = None,
        storage: Storage | None = None,
        *,
        parallel: int = PARALLEL,
        waiting: int = WAITING,
        public_url: str | None = None,
    ) -> None:
        """`parallel` questions are answered at a time, and `waiting` more wait for their turn.

        `public_url` is where readers reach the server; without it, where a request reached it.
        """
        self.assistant = assistant
        self.failure = "The index is not open yet. Try again in a moment."
        self.storage = storage
        self.storage_failure = "No database is open, so conversations and answers are not kept."
        self.public_url = public_url
        self.shelf: Shelf | None = None
        self.ingest: Ingest | None = None
        self.tidies = True
        self.runs = Runs(self.opened, parallel=parallel, waiting=waiting)
        self._renewing = Lock()

    def opened(self) -> Assistant:
        """The assistant over the index as it is now; while that is being opened, over what it was before.

        Raises:
            IndexMissing: while there is none.
            FootnoteError: the index was changed into one that cannot be used; the message says why.
        """
        assistant = self.assistant
        if assistant is None:
            raise IndexMissing(self.failure)
        if self._renewing.acquire(blocking=False):
            try:
                assistant = self.assistant = assistant.renewed()
            finally:
                self._renewing.release()
        return assistant

    def keep(self, run: Run) -> None:
        """Keep an answer as it was given, where a database is open; the chat keeps its own."""
        if self.storage is not None and run.answer is not None and run.owner != CHAT:
            self.storage.keep(run.answer, run.question, run.owner)

    def note_of_chat(self, action: str, file: str) -> None:
        """Add what the chat did to a file to the audit log, where a database is open."""
        if self.storage is not None:
            self.storage.access.note(CHAT, action, file, request_id.get())

    def stop(self) -> None:
        """Finish the answers that were begun and the job that runs; take no more."""
        self.runs.stop()
        if self.ingest is not None:
            self.ingest.stop()

    def opened_storage(self) -> Storage:
        """The database of conversations, answers and feedback.

        Raises:
            StorageError: while there is none.
        """
        if self.storage is None:
            raise StorageError(self.storage_failure)
        return self.storage
