"""Addresses of paragraphs for readers elsewhere: absolute, with the quote marked and the cited version named."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from fastapi import Request

from assistant.answers import Citation


def base_url(request: Request) -> str:
    """The address that readers reach this server at, without a slash at the end."""
    configured: str | None = request.app.state.service.public_url
    return (configured or str(request.base_url)).rstrip("/")


def quote_url(citation: Citation, request: Request) -> str:
    """The document's page at the cited paragraph, the quote marked; it says where the paragraph has changed since."""
    query = urlencode(
        {
            "p": citation.paragraph,
            "start": citation.start,
            "end": citation.end,
            "h": citation.content_hash,
        }
    )
    return f"{base_url(request)}/documents/{quote(citation.document_id)}?{query}#p{citation.paragraph}"


def paragraph_url(document_id: str, number: int, base: str) -> str:
    """The document's page at a paragraph."""
    return f"{base}/documents/{quote(document_id)}#p{number}"
