"""What the chat page needs of the product: it knows no server, only this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from assistant.answers import Event, Question
from assistant.shelf import Shelf
from assistant.storage.repository import Storage
from index.documents import Document, Paragraph


class Library(Protocol):
    """The documents as they are now."""

    @property
    def version(self) -> str:
        """The short hash that names their state."""
        ...

    def documents(self) -> Sequence[Document]:
        """All documents."""
        ...

    def document(self, id: str, /) -> Document | None:
        """One document, or None."""
        ...

    def paragraphs(self, document_id: str, /) -> Sequence[Paragraph]:
        """A document's paragraphs in order, its front matter (number 0) first."""
        ...

    def paragraph(self, document_id: str, number: int, /) -> Paragraph | None:
        """One paragraph, or None."""
        ...


class Desk(Protocol):
    """Where the chat page gets everything from."""

    def stream(self, question: Question, /) -> Iterator[Event]:
        """The answer to a question as it comes."""
        ...

    def library(self) -> Library | None:
        """The documents, or None while no index is open."""
        ...

    def storage(self) -> Storage:
        """The database of conversations; a StorageError says why there is none."""
        ...

    def shelf(self) -> Shelf | None:
        """The corpus folder, or None where it may not be changed from the page."""
        ...

    def examples(self) -> Sequence[str]:
        """Questions that the corpus offers to begin with."""
        ...
