"""What a route can ask for in its signature, and the shapes of what it gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from assistant.answers import Answer, Event, Question
from index.documents import Document, Hit, Paragraph
from index.errors import IndexMissing
from index.history import PastParagraph

from .kinds import UNKNOWN_DOCUMENT
from .problems import ProblemError


class Library(Protocol):
    """The opened index, as the web surface reads it."""

    @property
    def version(self) -> str:
        """The short hash that names the state of the documents."""
        ...

    def documents(self) -> tuple[Document, ...]:
        """Every document, in the order of the corpus."""
        ...

    def document(self, id: str, /) -> Document | None:
        """One document, or None."""
        ...

    def paragraphs(self, document_id: str, /) -> tuple[Paragraph, ...]:
        """A document's paragraphs, the front matter (number 0) first."""
        ...

    def paragraph(self, document_id: str, number: int, /) -> Paragraph | None:
        """One paragraph, or None."""
        ...

    def past(self, document_id: str, content_hash: str, /) -> tuple[PastParagraph, ...]:
        """Where a text stands or stood in a document, by number."""
        ...


class Assistant(Protocol):
    """Answers questions; every method may block."""

    @property
    def library(self) -> Library:
        """The index that it answers from."""
        ...

    def ask(self, question: Question, /) -> Answer:
        """The checked answer."""
        ...

    def stream(self, question: Question, /) -> Iterator[Event]:
        """The same answer as it comes; the last event is `Final`."""
        ...

    def search(self, query: str, k: int = 8, documents: Sequence[str] = ()) -> list[Hit]:
        """The `k` best paragraphs, best first; within `documents` where some are named."""
        ...

    def close(self) -> None:
        """Let go of the index."""
        ...


@dataclass(slots=True)
class Service:
    """What the routes serve from: an open assistant, or a sentence that says why there is none."""

    assistant: Assistant | None = None
    failure: str = "The index is not open yet. Try again in a moment."

    def opened(self) -> Assistant:
        """The assistant.

        Raises:
            IndexMissing: while there is none.
        """
        if self.assistant is None:
            raise IndexMissing(self.failure)
        return self.assistant


def get_service(request: Request) -> Service:
    """The service of the app that handles this request."""
    service: Service = request.app.state.service
    return service


def get_assistant(service: Annotated[Service, Depends(get_service)]) -> Assistant:
    """The open assistant, else a 503 problem."""
    return service.opened()


def get_library(assistant: Annotated[Assistant, Depends(get_assistant)]) -> Library:
    """The open index, else a 503 problem."""
    return assistant.library


def find_document(library: Library, document_id: str) -> Document:
    """The document with this id, else a 404 problem."""
    document = library.document(document_id)
    if document is None:
        raise ProblemError(
            UNKNOWN_DOCUMENT,
            f"There is no document {document_id!r}. GET /v1/documents lists those there are.",
        )
    return document


def get_document(library: Annotated[Library, Depends(get_library)], document_id: str) -> Document:
    """The document that the path names, else a 404 problem."""
    return find_document(library, document_id)


OpenService = Annotated[Service, Depends(get_service)]
OpenAssistant = Annotated[Assistant, Depends(get_assistant)]
OpenLibrary = Annotated[Library, Depends(get_library)]
KnownDocument = Annotated[Document, Depends(get_document)]
