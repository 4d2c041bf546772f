"""The chat's desk over the service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.answers import Event, Question
from assistant.shelf import Shelf
from assistant.storage.repository import Storage
from assistant.suggestions import Suggestions
from index.errors import FootnoteError

from .protocols import Library
from .service import Service

PATIENCE_SECONDS = 1.5
"""How long a page that opens waits for suggestions that are being checked."""


class ServiceDesk:
    """What the page asks for, from what is open now: the page opens before the index does."""

    def __init__(self, service: Service, suggestions: Suggestions) -> None:
        self._service = service
        self._suggestions = suggestions

    def stream(self, question: Question, /) -> Iterator[Event]:
        """The answer as it comes."""
        return self._service.runs.answered_here(question)

    def library(self) -> Library | None:
        """The documents, or None where they cannot be opened; asking says why."""
        try:
            return self._service.opened().library
        except FootnoteError:
            return None

    def storage(self) -> Storage:
        """The database of conversations."""
        return self._service.opened_storage()

    def shelf(self) -> Shelf | None:
        """The corpus folder."""
        return self._service.shelf

    def examples(self) -> Sequence[str]:
        """The corpus folder's own questions, or such as were made from it; only those that the documents answer."""
        return self._suggestions.questions(PATIENCE_SECONDS)
