"""What the chat page needs of the product: it knows no server, only this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from assistant.answers import Event, Question
from assistant.shelf import Shelf
from assistant.storage.repository import Storage
from index.builds import Build, DocumentChange, Standing
from index.documents import Document, Paragraph
from index.history import Version


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

    def versions(self, document_id: str, /) -> Sequence[Version]:
        """The versions that are known of a document, oldest first; the last is the present one."""
        ...

    def builds(self) -> Sequence[Build]:
        """The builds of the index that are kept, oldest first; the last is the present state."""
        ...

    def changes(self, build: int, /) -> Sequence[DocumentChange] | None:
        """What has changed since a build, by title; None where that build is not kept."""
        ...

    def standing(self) -> Standing:
        """When the folder was last looked through, and whether it is followed."""
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
        """Questions to begin with, which the documents answer."""
        ...
