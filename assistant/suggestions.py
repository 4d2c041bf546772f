"""The questions that the chat offers to begin with: only such as the documents answer.

They are asked in a thread of its own, and what was found is kept by corpus version: nothing waits for it at the start.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Condition, Thread
from typing import Protocol

from assistant.answers import Question
from assistant.suggest import READ_PARAGRAPHS, suggest
from index.documents import Document, Paragraph
from index.errors import FootnoteError

log = logging.getLogger("footnote.suggestions")

MOST = 5
_TRIED = 4 * MOST
"""Questions made from the corpus that are tried, where it offers none."""


class Library(Protocol):
    """The documents that questions are made from."""

    @property
    def version(self) -> str:
        """The short hash that names their state."""
        ...

    def documents(self) -> Sequence[Document]:
        """All documents."""
        ...

    def paragraphs(self, document_id: str, /) -> Sequence[Paragraph]:
        """A document's paragraphs in order."""
        ...


class Assistant(Protocol):
    """What tells whether a question is answered."""

    @property
    def library(self) -> Library:
        """The documents as they are now."""
        ...

    def answerable(self, question: Question, /) -> bool:
        """Whether the documents answer the question."""
        ...


class Suggestions:
    """The checked questions of a corpus. Safe to use from several threads."""

    def __init__(
        self, opened: Callable[[], Assistant], offered: Sequence[str] = (), kept: Path | None = None
    ) -> None:
        """`offered` are the corpus folder's own questions; `kept` is the file that what was found is kept in."""
        self._opened = opened
        self._offered = tuple(offered)
        self._kept = kept
        self._changed = Condition()
        self._version = ""
        self._found: tuple[str, ...] = ()
        self._thread: Thread | None = None
        self._stopped = False

    def begin(self) -> None:
        """Check the questions in the background, unless that is done or under way for the documents as they are now."""
        try:
            assistant = self._opened()
        except FootnoteError:
            return  # asking says why
        with self._changed:
            if self._stopped or self._thread is not None or self._version == assistant.library.version:
                return
            self._version, self._found = assistant.library.version, self._recalled(assistant.library.version)
            if self._found:
                return
            self._thread = Thread(target=self._check, args=(assistant,), name="suggestions", daemon=True)
            self._thread.start()

    def questions(self, wait: float = 0.0) -> tuple[str, ...]:
        """Those that were found to be answered so far; waits up to so many seconds for the rest."""
        self.begin()
        with self._changed:
            self._changed.wait_for(lambda: self._thread is None, wait)
            return self._found

    def stop(self) -> None:
        """Check no more, and wait until the question that is being checked is done."""
        with self._changed:
            self._stopped = True
            thread = self._thread
        if thread is not None:
            thread.join()

    def _check(self, assistant: Assistant) -> None:
        found: list[str] = []
        try:
            for question in self._offered or _made(assistant.library):
                if self._stopped or len(found) == MOST:
                    break
                if assistant.answerable(Question(question)):
                    found.append(question)
                    with self._changed:
                        self._found = tuple(found)
            if not self._stopped:
                self._keep(found)
        except FootnoteError as error:
            log.warning("The suggested questions could not be checked: %s", error)
        finally:
            with self._changed:
                self._thread = None
                self._changed.notify_all()

    def _recalled(self, version: str) -> tuple[str, ...]:
        if self._kept is None:
            return ()
        try:
            kept = json.loads(self._kept.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ()  # it is made anew
        if (kept.get("version"), kept.get("offered")) != (version, list(self._offered)):
            return ()
        return tuple(str(question) for question in kept.get("questions", ()))

    def _keep(self, found: Sequence[str]) -> None:
        if self._kept is None:
            return
        text = json.dumps({"version": self._version, "offered": self._offered, "questions": found})
        passing = self._kept.with_suffix(".part")
        try:
            passing.write_text(text, encoding="utf-8")
            passing.replace(self._kept)
        except OSError as error:
            log.warning(
                "'%s' cannot be written: %s. The next start checks again.", self._kept, error.strerror
            )


def _made(library: Library) -> tuple[str, ...]:
    paragraphs: list[Paragraph] = []
    for document in library.documents():
        paragraphs += library.paragraphs(document.id)
        if len(paragraphs) >= READ_PARAGRAPHS:
            break
    return suggest(paragraphs, _TRIED)
