"""GET /v1/search: the paragraphs nearest to a query, without an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query

from index.documents import Found

from . import kinds
from .ask import checked_question
from .deps import OpenAssistant, find_document
from .openapi import responses

MAX_HITS = 50

router = APIRouter(tags=["documents"])


@dataclass(frozen=True, slots=True)
class FoundParagraph:
    """A hit with the paragraph's text. `score` is fused; `found_by` is what each leg gave it."""

    document_id: str
    title: str
    paragraph: int
    heading: str | None
    page: int | None
    text: str
    permalink: str
    content_hash: str
    score: float
    found_by: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits, best first."""

    query: str
    corpus_version: str
    hits: tuple[FoundParagraph, ...]


@router.get(
    "/v1/search",
    summary="Find paragraphs",
    responses=responses(
        kinds.UNKNOWN_DOCUMENT,
        kinds.INVALID_REQUEST,
        kinds.EMPTY_QUESTION,
        kinds.QUESTION_TOO_LONG,
        kinds.NOT_READY,
    ),
)
def search(
    assistant: OpenAssistant,
    q: Annotated[str, Query(description="What to look for, in words.")],
    k: Annotated[int, Query(ge=1, le=MAX_HITS, description="How many paragraphs.")] = 8,
    document: Annotated[list[str] | None, Query(description="Keep to these documents.")] = None,
) -> SearchResult:
    """The `k` paragraphs nearest to `q`, by meaning and by words."""
    library = assistant.library
    query = checked_question(q)
    wanted = document or []
    for document_id in wanted:
        find_document(library, document_id)
    titles = {each.id: each.display_title for each in library.documents()}
    hits = tuple(
        FoundParagraph(
            document_id=hit.paragraph.document_id,
            title=titles[hit.paragraph.document_id],
            paragraph=hit.paragraph.number,
            heading=hit.paragraph.heading,
            page=hit.paragraph.page,
            text=hit.paragraph.text,
            permalink=hit.paragraph.permalink,
            content_hash=hit.paragraph.content_hash,
            score=hit.score,
            found_by=hit.found_by,
        )
        for hit in assistant.search(query, k=k, documents=wanted)
    )
    return SearchResult(query, library.version, hits)
