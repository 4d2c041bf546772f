"""Addresses: the one place that knows the path of a document's page, a paragraph or a quote on every surface, and how a
server's is told to people."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode


def address(
    document_id: str,
    paragraph: int | None = None,
    quoted: tuple[int, int] | None = None,
    content_hash: str = "",
) -> str:
    """The path of a document's page, of a paragraph on it, or of a quote in that paragraph, which the page marks.

    `quoted` are the quote's offsets into the paragraph's text, start and end, the same where there is none; with the
    text's `content_hash` the page says whether it has changed since.
    """
    path = f"/documents/{quote(document_id, safe='')}"
    if paragraph is None:
        return path
    query: dict[str, int | str] = {}
    if quoted is not None:
        query["p"] = paragraph
        query |= {"start": quoted[0], "end": quoted[1]} if quoted[0] < quoted[1] else {}
    if content_hash:
        query["h"] = content_hash
    return f"{path}{'?' if query else ''}{urlencode(query)}#p{paragraph}"


def without_password(url: str) -> str:
    """A server's URL as it may be told: without the user and the password that can stand before its host."""
    return re.sub(r"(?<=//)[^/?#]*@", "", url)
