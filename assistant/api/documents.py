"""GET /v1/documents: what the corpus holds, and one document with its paragraphs and notes."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from index.documents import Document, Note, Paragraph

from . import kinds
from .deps import KnownDocument, OpenLibrary
from .openapi import responses

router = APIRouter(prefix="/v1/documents", tags=["documents"])


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
    """All documents, in the order of the corpus."""

    corpus_version: str
    documents: tuple[DocumentSummary, ...]


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document with its paragraphs in reading order."""

    corpus_version: str
    document: DocumentSummary
    paragraphs: tuple[ParagraphText, ...]


def _summary(document: Document) -> DocumentSummary:
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
        permalink=f"/documents/{document.id}",
    )


def _text(paragraph: Paragraph) -> ParagraphText:
    return ParagraphText(
        number=paragraph.number,
        heading=paragraph.heading,
        page=paragraph.page,
        text=paragraph.text,
        content_hash=paragraph.content_hash,
        permalink=paragraph.permalink,
        notes=paragraph.notes,
    )


@router.get("", summary="List the documents", responses=responses(kinds.NOT_READY))
def documents(library: OpenLibrary) -> DocumentList:
    """Every document of the corpus, without its text."""
    return DocumentList(library.version, tuple(_summary(document) for document in library.documents()))


@router.get(
    "/{document_id}",
    summary="Read a document",
    responses=responses(kinds.UNKNOWN_DOCUMENT, kinds.NOT_READY),
)
def document(document: KnownDocument, library: OpenLibrary) -> DocumentText:
    """One document with its numbered paragraphs and the notes behind each."""
    paragraphs = tuple(_text(paragraph) for paragraph in library.paragraphs(document.id))
    return DocumentText(library.version, _summary(document), paragraphs)
