"""Documents, paragraphs and the corpus as the API tells them."""

from __future__ import annotations

from dataclasses import dataclass

from index.addresses import address
from index.documents import Document, Note, Paragraph


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSummary:
    """A document without its text. `display_title` is what a citation prints."""

    id: str
    title: str
    display_title: str
    author: str | None
    editor: str | None
    publisher: str | None
    date: str | None
    url: str | None
    kind: str
    restates: str | None
    language: str
    sha256: str
    permalink: str


@dataclass(frozen=True, slots=True)
class ParagraphText:
    """A paragraph as it is cited; number 0 is the front matter."""

    number: int
    heading: str | None
    page: int | None
    text: str
    content_hash: str
    permalink: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class DocumentList:
    """Some of the documents, in the order of the corpus."""

    corpus_version: str
    documents: tuple[DocumentSummary, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class ParagraphList:
    """Some of a document's paragraphs, in reading order."""

    corpus_version: str
    paragraphs: tuple[ParagraphText, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Corpus:
    """The corpus as a whole; front matters are not counted."""

    corpus_version: str
    documents: int
    paragraphs: int
    notes: int
    encoder: str


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document with its paragraphs in reading order."""

    corpus_version: str
    document: DocumentSummary
    paragraphs: tuple[ParagraphText, ...]


def summary(document: Document) -> DocumentSummary:
    """The document without its text."""
    return DocumentSummary(
        id=document.id,
        title=document.title,
        display_title=document.display_title,
        author=document.author,
        editor=document.editor,
        publisher=document.publisher,
        date=document.date,
        url=document.url,
        kind=document.kind,
        restates=document.restates,
        language=document.language,
        sha256=document.sha256,
        permalink=address(document.id),
    )


def text_of(paragraph: Paragraph) -> ParagraphText:
    """The paragraph as it is cited."""
    return ParagraphText(
        number=paragraph.number,
        heading=paragraph.heading,
        page=paragraph.page,
        text=paragraph.text,
        content_hash=paragraph.content_hash,
        permalink=paragraph.permalink,
        notes=paragraph.notes,
    )
