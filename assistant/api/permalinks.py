"""Addresses of quotes for readers elsewhere: absolute, with the quote marked and the cited version named."""

from __future__ import annotations

from fastapi import Request

from assistant.answers import Citation
from index.addresses import address


def base_url(request: Request) -> str:
    """The address that readers reach this server at, without a slash at the end."""
    configured: str | None = request.app.state.service.public_url
    return (configured or str(request.base_url)).rstrip("/")


def quote_url(citation: Citation, request: Request) -> str:
    """The document's page at the cited paragraph, the quote marked; it says where the paragraph has changed since."""
    quoted = (citation.start, citation.end)
    return base_url(request) + address(
        citation.document_id, citation.paragraph, quoted, citation.content_hash
    )
