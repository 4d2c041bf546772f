"""GET /documents/{id}: a document to read, where every paragraph has an address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from assistant.ui.document import render_document
from assistant.ui.former import Cited
from assistant.ui.html import Span

from . import kinds
from .deps import KnownDocument, OpenLibrary
from .openapi import responses

router = APIRouter(tags=["pages"])


@router.head("/documents/{document_id}", include_in_schema=False)
@router.get(
    "/documents/{document_id}",
    summary="A document as a page",
    response_class=HTMLResponse,
    responses=responses(kinds.UNKNOWN_DOCUMENT, kinds.INVALID_REQUEST, kinds.NOT_READY),
)
def page(
    document: KnownDocument,
    library: OpenLibrary,
    p: Annotated[int | None, Query(ge=0, description="The paragraph that holds the quote.")] = None,
    start: Annotated[int, Query(ge=0, description="Where the quote starts in its text.")] = 0,
    end: Annotated[int, Query(ge=0, description="Where it ends.")] = 0,
    h: Annotated[
        str | None,
        Query(pattern="^[0-9a-f]{16}$", description="The `content_hash` of the paragraph when it was cited."),
    ] = None,
) -> HTMLResponse:
    """The whole document; with `p`, `start` and `end` the quote in paragraph `p` is marked.

    With `h`, as in `/documents/{id}?h={content_hash}#p6`, a paragraph that has changed since it was cited says so,
    with its former text beside it.
    """
    paragraphs = library.paragraphs(document.id)
    quote = None if p is None else Span(p, start, end)
    cited = None if h is None else Cited(h, p, library.past(document.id, h))
    return HTMLResponse(render_document(document, paragraphs, quote, cited))
