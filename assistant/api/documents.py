"""GET /v1/documents and /v1/corpus: what the corpus holds; documents, their paragraphs and their files."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from . import kinds
from .deps import KnownDocument, OpenLibrary
from .document_views import Corpus, DocumentList, DocumentText, ParagraphList, summary, text_of
from .jobs import OpenIngest
from .openapi import responses
from .problems import ProblemError

MAX_PAGE = 500
"""Documents or paragraphs of one page."""

router = APIRouter(tags=["documents"])


Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many at most.")]
IfNoneMatch = Annotated[
    str | None,
    Header(description="The ETag of an earlier response; where it still holds, the answer is 304."),
]
_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "As it was when `If-None-Match` was given."}
}


def _tagged(response: Response, sent: str | None, *state: object) -> None:
    """Put the ETag of a state on the response; raises where the client has what it would say."""
    quoted = f'"{hashlib.sha256(repr(state).encode()).hexdigest()[:32]}"'
    if sent is not None and (sent.strip() == "*" or quoted in re.findall(r'"[^"]*"', sent)):
        raise HTTPException(304, headers={"ETag": quoted})
    response.headers["ETag"] = quoted
    response.headers["Cache-Control"] = "private, no-cache"


@router.get("/v1/corpus", summary="What the corpus is", responses=responses(kinds.NOT_READY))
def corpus(library: OpenLibrary) -> Corpus:
    """Its version and counts. An answer names the version that it was given on."""
    documents = library.documents()
    paragraphs = [p for each in documents for p in library.paragraphs(each.id) if p.number]
    notes = sum(len(paragraph.notes) for paragraph in paragraphs)
    return Corpus(library.version, len(documents), len(paragraphs), notes, library.encoder.name)


@router.get(
    "/v1/documents",
    summary="List the documents",
    responses={**_UNCHANGED, **responses(kinds.UNKNOWN_DOCUMENT, kinds.INVALID_REQUEST, kinds.NOT_READY)},
)
def documents(
    library: OpenLibrary,
    response: Response,
    limit: Limit = 100,
    after: Annotated[str | None, Query(description="The id of the last document of the page before.")] = None,
    if_none_match: IfNoneMatch = None,
) -> DocumentList:
    """The documents of the corpus, without their texts, page by page; `next` is the address of the next page."""
    _tagged(response, if_none_match, library.version, limit, after)
    found = library.documents()
    ids = [document.id for document in found]
    if after is not None and after not in ids:
        raise ProblemError(kinds.UNKNOWN_DOCUMENT, f"The parameter 'after' names no document: {after!r}.")
    start = ids.index(after) + 1 if after is not None else 0
    page = found[start : start + limit]
    more = start + limit < len(found)
    following = f"/v1/documents?{urlencode({'limit': limit, 'after': page[-1].id})}" if more else None
    return DocumentList(library.version, tuple(map(summary, page)), following)


@router.get(
    "/v1/documents/{document_id}",
    summary="Read a document",
    responses={**_UNCHANGED, **responses(kinds.UNKNOWN_DOCUMENT, kinds.NOT_READY)},
)
def document(
    document: KnownDocument, library: OpenLibrary, response: Response, if_none_match: IfNoneMatch = None
) -> DocumentText:
    """One document with its numbered paragraphs and the notes behind each."""
    _tagged(response, if_none_match, library.version, document.id)
    paragraphs = tuple(map(text_of, library.paragraphs(document.id)))
    return DocumentText(library.version, summary(document), paragraphs)


@router.get(
    "/v1/documents/{document_id}/paragraphs",
    summary="Read a document's paragraphs",
    responses={**_UNCHANGED, **responses(kinds.UNKNOWN_DOCUMENT, kinds.INVALID_REQUEST, kinds.NOT_READY)},
)
def paragraphs(
    document: KnownDocument,
    library: OpenLibrary,
    response: Response,
    limit: Limit = 100,
    after: Annotated[
        int, Query(ge=-1, description="The number of the last paragraph of the page before.")
    ] = -1,
    if_none_match: IfNoneMatch = None,
) -> ParagraphList:
    """The numbered paragraphs in order, page by page; number 0 is the front matter."""
    _tagged(response, if_none_match, library.version, document.id, limit, after)
    found = [paragraph for paragraph in library.paragraphs(document.id) if paragraph.number > after]
    page = found[:limit]
    query = urlencode({"limit": limit, "after": page[-1].number if page else after})
    following = f"/v1/documents/{document.id}/paragraphs?{query}" if len(found) > limit else None
    return ParagraphList(library.version, tuple(map(text_of, page)), following)


@router.get(
    "/v1/documents/{document_id}/content",
    summary="Download a document's file",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **_UNCHANGED,
        **responses(kinds.UNKNOWN_DOCUMENT, kinds.NOT_READY),
    },
)
def content(document: KnownDocument, ingest: OpenIngest, if_none_match: IfNoneMatch = None) -> Response:
    """The file as it was put into the corpus folder."""
    path = ingest.shelf.content(document)
    if path is None:
        raise ProblemError(
            kinds.UNKNOWN_DOCUMENT, f"The file of '{document.id}' is no longer in the corpus folder."
        )
    headers = Response()
    _tagged(headers, if_none_match, document.sha256)
    kept = {name: headers.headers[name] for name in ("ETag", "Cache-Control")}
    return FileResponse(path, media_type="application/octet-stream", filename=path.name, headers=kept)
