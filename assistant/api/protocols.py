"""What the web surface needs of the assistant and its index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from assistant.answers import Answer, Event, Question
from index.builds import Build, DocumentChange, Standing
from index.documents import Document, Hit, Paragraph
from index.encoder import Encoder
from index.history import PastParagraph, Version
from index.timeline import CorpusVersion


class Library(Protocol):
    """The opened index, as the web surface reads it."""

    @property
    def version(self) -> str:
        """The short hash that names the state of the documents."""
        ...

    @property
    def encoder(self) -> Encoder:
        """What it was built with."""
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

    def versions(self, document_id: str, /) -> tuple[Version, ...]:
        """The versions that are known of a document, oldest first; the last is the present one."""
        ...

    def builds(self) -> tuple[Build, ...]:
        """The builds of the index that are kept, oldest first; the last is the present state."""
        ...

    def changes(self, build: int, /) -> tuple[DocumentChange, ...] | None:
        """What has changed since a build, by title; None where that build is not kept."""
        ...

    def standing(self) -> Standing:
        """When the folder was last looked through, and whether it is followed."""
        ...

    def past(self, document_id: str, content_hash: str, /) -> tuple[PastParagraph, ...]:
        """Where a text stands or stood in a document, by number."""
        ...

    def asked(self) -> tuple[CorpusVersion, ...]:
        """The versions of the corpus that can be asked, the latest first."""
        ...

    def check(self) -> None:
        """See whether it can be searched now; a StoreError says why it cannot."""
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

    def answerable(self, question: Question, /) -> bool:
        """Whether the documents answer a question, whatever a chat model would write."""
        ...

    def search(self, query: str, k: int = 8, documents: Sequence[str] = ()) -> list[Hit]:
        """The `k` best paragraphs, best first; within `documents` where some are named."""
        ...

    def renewed(self) -> Assistant:
        """The same over the index as it is now; itself where nothing has changed."""
        ...

    def at(self, version: str, /) -> Assistant:
        """The same over the corpus as it was at a version; a VersionGone says why there is none."""
        ...

    def close(self) -> None:
        """Let go of the index."""
        ...
