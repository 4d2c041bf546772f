"""The pane beside the chat: the documents, or the paragraph behind a citation."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from index.documents import Document, Paragraph

from .html import Span, byline, count, document_path, marked, notes_list

CLOSE = '<button type="button" class="close" data-close aria-label="Close">×</button>'


def render_documents(documents: Sequence[Document], *, chosen: bool = False) -> str:
    """What the answers are drawn from; `chosen` as in `render_source`."""
    items = "".join(
        f'<li><a href="{escape(document_path(each.id))}" target="_blank">{escape(each.display_title)}</a>'
        f'<span class="byline">{byline(each.author, each.publisher, date=each.date)}</span></li>'
        for each in documents
    )
    listing = f'<ul class="library">{items}</ul>' if items else "<p>There are no documents yet.</p>"
    opening = f'<div class="shelf chosen">{CLOSE}' if chosen else '<div class="shelf">'
    return (
        f'{opening}<h2 tabindex="-1">Sources</h2>'
        f'<p class="hint">Answers come from {count(len(documents), "document")}. '
        f"Choose a number in an answer and its paragraph opens here.</p>{listing}</div>"
    )


def render_source(
    document: Document,
    paragraph: Paragraph,
    quote: Span,
    content_hash: str,
    cited_notes: frozenset[int],
    *,
    chosen: bool,
) -> str:
    """A paragraph with the quote marked.

    `content_hash` is the paragraph's when it was cited; `chosen` says that the reader asked for
    it, so that it takes the focus, and on a phone the screen.
    """
    changed = bool(content_hash) and content_hash != paragraph.content_hash
    # Offsets belong to the text that they were taken from; in another text they would mark other words.
    span = Span(paragraph.number, 0, 0) if changed else quote
    notice = (
        '<p class="notice">The paragraph has changed since it was cited; the page shows what it said.</p>'
        if changed
        else ""
    )
    heading = f'<p class="heading">{escape(paragraph.heading)}</p>' if paragraph.heading else ""
    page = f" · p. {paragraph.page}" if paragraph.page else ""
    number = "Front matter" if paragraph.number == 0 else f"¶ {paragraph.number}"
    notes = notes_list(paragraph.notes, cited_notes)
    page_path = document_path(document.id, quote, content_hash)
    return (
        f'<div class="source {"chosen" if chosen else "offered"}">{CLOSE}'
        f'<h2 tabindex="-1">{escape(document.display_title)}</h2>'
        f'<p class="byline">{byline(document.author, document.publisher, date=document.date)}</p>'
        f'{notice}<p class="place"><span class="number">{number}</span>{page}</p>{heading}'
        f'<p class="text">{marked(paragraph.text, span)}</p>'
        f"{'<h3>Notes</h3>' + notes if notes else ''}"
        f'<p class="open"><a href="{escape(page_path)}" target="_blank">Open in a page</a></p>'
        "</div>"
    )


def render_gone(document_id: str, number: int) -> str:
    """In place of a paragraph that the index no longer holds."""
    return (
        f'<div class="source chosen">{CLOSE}<h2 tabindex="-1">No longer there</h2>'
        f"<p>Paragraph {number} of “{escape(document_id)}” is no longer in the documents.</p></div>"
    )
