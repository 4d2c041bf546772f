"""The pane beside the chat: the documents, or the document behind a citation with the quote marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from index.documents import Document, Paragraph

from .html import Span, byline, count, document_path, marked, notes_list, shown_date
from .messages import say

AROUND = 40
"""Paragraphs shown before and after the cited one; more come with a click."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a reader chose: a quote in a document, the paragraph's hash when it was cited, and the notes behind it."""

    quote: Span
    content_hash: str = ""
    notes: frozenset[int] = frozenset()


def close_button() -> str:
    """The button that closes the pane."""
    return f'<button type="button" class="close" data-close aria-label="{escape(say("close"))}">×</button>'


def render_documents(documents: Sequence[Document]) -> str:
    """What the answers are drawn from."""
    items = "".join(
        f'<li><a href="{escape(document_path(each.id))}" data-source="{escape(each.id)}" data-paragraph="0">'
        f"{escape(each.display_title)}</a>"
        f'<span class="byline">{byline(each.author, each.publisher, date=each.date)}</span></li>'
        for each in documents
    )
    listing = f'<ul class="library">{items}</ul>' if items else f"<p>{escape(say('no_documents'))}</p>"
    hint = escape(say("sources_from", documents=count(len(documents), "document")))
    return f'<div class="shelf"><h2>{escape(say("sources"))}</h2><p class="hint">{hint}</p>{listing}</div>'


def render_source(
    document: Document, paragraphs: Sequence[Paragraph], chosen: Chosen, *, asked_for: bool
) -> str:
    """The document around the cited paragraph, with the quote marked.

    `asked_for` says that the reader chose it, so that it takes the focus, and on a phone the screen.
    """
    at = next(i for i, paragraph in enumerate(paragraphs) if paragraph.number == chosen.quote.paragraph)
    cited = paragraphs[at]
    changed = bool(chosen.content_hash) and chosen.content_hash != cited.content_hash
    # Offsets belong to the text that they were taken from; in another text they would mark other words.
    span = None if changed else chosen.quote
    first, last = max(0, at - AROUND), min(len(paragraphs), at + AROUND + 1)
    shown = "".join(
        _paragraph(
            paragraphs, i, span if i == at else None, chosen.notes if i == at else frozenset(), i == at
        )
        for i in range(first, last)
    )
    notice = f'<p class="notice">{escape(say("changed_paragraph"))}</p>' if changed else ""
    return (
        f'<div class="source {"chosen" if asked_for else "offered"}"><header>{close_button()}'
        f'<h2 tabindex="-1">{escape(document.display_title)}</h2>'
        f'<p class="byline">{byline(document.author, document.publisher, date=document.date)}</p>'
        f"{_tools(document, cited, chosen)}{notice}</header>"
        f"{_more(document, paragraphs, first - 1, say('earlier'))}{shown}"
        f"{_more(document, paragraphs, last, say('later'))}</div>"
    )


def render_gone(document_id: str, number: int) -> str:
    """In place of a paragraph that the index no longer holds."""
    text = say("gone_text", number=number, document=document_id)
    return (
        f'<div class="source chosen"><header>{close_button()}<h2 tabindex="-1">{escape(say("gone_title"))}</h2>'
        f"</header><p>{escape(text)}</p></div>"
    )


def _tools(document: Document, cited: Paragraph, chosen: Chosen) -> str:
    path = escape(document_path(document.id, chosen.quote, chosen.content_hash or cited.content_hash))
    date = shown_date(document.date) if document.date else say("no_date")
    place = say("front_matter") if cited.number == 0 else f"¶ {cited.number}"
    quote = cited.text[chosen.quote.start : chosen.quote.end]
    said = f"“{quote}” " if quote else ""
    copied = f"{said}{', '.join(part for part in (document.display_title, document.publisher, date, place) if part)}"
    steps = "".join(
        f'<button type="button" data-step="{step}" aria-label="{label}" title="{label}">{sign}</button>'
        for step, label, sign in ((-1, escape(say("previous")), "↑"), (1, escape(say("next")), "↓"))
    )
    return (
        f'<p class="tools">{steps}<button type="button" data-copy-citation>{escape(say("copy_citation"))}</button>'
        f"<template>{escape(copied)}</template>"
        f'<a href="{path}" target="_blank">{escape(say("open_page"))}</a></p>'
    )


def _paragraph(
    paragraphs: Sequence[Paragraph], i: int, span: Span | None, notes: frozenset[int], cited: bool
) -> str:
    paragraph = paragraphs[i]
    before = paragraphs[i - 1].heading if i else None
    heading = ""
    if paragraph.heading and paragraph.heading != before:
        heading = f'<h3 class="heading">{escape(paragraph.heading)}</h3>'
    label = say("front_matter") if paragraph.number == 0 else say("paragraph_n", number=paragraph.number)
    page = (
        f'<span class="page">{escape(say("page_n", number=paragraph.page))}</span>'
        if paragraph.page and cited
        else ""
    )
    return (
        f'{heading}<section class="para{" at" if cited else ""}" aria-label="{escape(label)}">'
        f'<span class="number" aria-hidden="true">{paragraph.number}</span><div>'
        f'<p class="text">{marked(paragraph.text, span)}</p>{page}{notes_list(paragraph.notes, notes)}</div></section>'
    )


def _more(document: Document, paragraphs: Sequence[Paragraph], i: int, label: str) -> str:
    if not 0 <= i < len(paragraphs):
        return ""
    number = paragraphs[i].number
    href = escape(document_path(document.id, Span(number, 0, 0)))
    return (
        f'<p class="more"><a href="{href}" data-source="{escape(document.id)}" data-paragraph="{number}">'
        f"{escape(label)}</a></p>"
    )
