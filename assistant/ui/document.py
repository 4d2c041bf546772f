"""A document as one self-contained page: no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from index.documents import Document, Paragraph

from .html import Span, asset, byline, marked, notes_list, web_link


def render_document(document: Document, paragraphs: Sequence[Paragraph], quote: Span | None = None) -> str:
    """The page of a document. Paragraph n has the anchor `p<n>`; `quote` is marked where it fits."""
    style = asset("palette.css") + asset("document.css")
    body = "".join(_section(paragraphs, position, quote) for position in range(len(paragraphs)))
    notice = ""
    if document.kind == "digest":
        notice = (
            '<p class="notice">This is a digest of the document, in other words than its publisher’s. '
            "What is quoted from it are the digest’s words.</p>"
        )
    original = (
        f"<p>{web_link(document.url, 'The document where it was published')}</p>" if document.url else ""
    )
    editor = f"edited by {document.editor}" if document.editor else None
    return f"""<!doctype html>
<html lang="{escape(document.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(document.display_title)}</title>
<style>{style}</style>
</head>
<body>
<header>
<nav lang="en"><a href="/">Footnote</a></nav>
<p class="kind" lang="en">{escape(document.kind)}</p>
<h1>{escape(document.display_title)}</h1>
<p class="byline">{byline(document.author, editor, document.publisher, date=document.date)}</p>
{notice}{original}
</header>
<main>
{body}
</main>
</body>
</html>
"""


def _section(paragraphs: Sequence[Paragraph], position: int, quote: Span | None) -> str:
    paragraph = paragraphs[position]
    before = paragraphs[position - 1].heading if position else None
    heading = ""
    if paragraph.heading and paragraph.heading != before:
        heading = f"<h2>{escape(paragraph.heading)}</h2>\n"
    number = paragraph.number
    span = quote if quote is not None and quote.paragraph == number else None
    label = "Front matter" if number == 0 else f"Paragraph {number}"
    page = f'<span class="page" title="Page of the file">p. {paragraph.page}</span>' if paragraph.page else ""
    front = ' class="front"' if number == 0 else ""
    return (
        f'{heading}<section id="p{number}"{front} aria-label="{label}">'
        f'<a class="number" href="#p{number}" aria-label="{label}, link to it">{number}</a>'
        f'<div class="text"><p>{marked(paragraph.text, span)}</p>{notes_list(paragraph.notes)}</div>{page}</section>\n'
    )
