"""The states of the chat page: from a question to its answer, and from a click to its source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from assistant.answers import Answer, Citation, Delta, Event, Final, Question, Retrieved, Turn
from index.documents import Document, Paragraph
from index.errors import FootnoteError

from .answer import (
    Nearby,
    render_answer,
    render_failure,
    render_question,
    render_waiting,
    spoken,
)
from .html import Span, count
from .source import render_documents, render_gone, render_source

Ask = Callable[[Question], Iterator[Event]]
FindParagraph = Callable[[str, int], Paragraph | None]
ListDocuments = Callable[[], Sequence[Document]]


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation so far: what was said, and how it looks."""

    turns: tuple[Turn, ...] = ()
    html: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What one step of an answer changes on the page; None leaves a part as it is."""

    log: str
    status: str
    pane: str | None = None
    talk: Talk | None = None


def answer_views(
    text: str, talk: Talk, ask: Ask, paragraph: FindParagraph, documents: ListDocuments
) -> Iterator[View]:
    """The page's states from a question to its answer."""
    question = Question(text, talk.turns)
    shown = talk.html + render_question(text)
    words, doing = "", "Searching the documents"
    yield View(shown + render_waiting(words, doing), doing)
    try:
        for event in ask(question):
            if isinstance(event, Final):
                yield _finished(event.answer, shown, talk, paragraph, documents)
                return
            if isinstance(event, Retrieved):
                doing = _reading(event)
            if isinstance(event, Delta):
                words += event.text
            yield View(shown + render_waiting(words, doing), doing)
    except FootnoteError as error:
        yield failed_view(str(error), shown, talk)


def failed_view(message: str, shown: str, talk: Talk) -> View:
    """A sentence in place of an answer; the failed question is shown but not part of the history."""
    html = shown + render_failure(message)
    return View(html, message, talk=Talk(talk.turns, html))


def _finished(
    answer: Answer, shown: str, talk: Talk, paragraph: FindParagraph, documents: ListDocuments
) -> View:
    known = {document.id: document for document in documents()}
    nearby = [
        Nearby(looked, known.get(looked.document_id), paragraph(looked.document_id, looked.paragraph))
        for looked in answer.looked_at
    ]
    html = shown + render_answer(answer, nearby)
    turns = (*talk.turns, Turn("user", answer.question), Turn("assistant", answer.answer))
    pane = render_documents(tuple(known.values()))
    if answer.citations:
        pane = _cited(answer.citations[0], known, paragraph)
    return View(html, spoken(answer), pane, Talk(turns, html))


def _reading(event: Retrieved) -> str:
    files = len({hit.paragraph.document_id for hit in event.hits})
    return f"Reading {count(len(event.hits), 'paragraph')} of {count(files, 'document')}"


def _cited(citation: Citation, known: dict[str, Document], paragraph: FindParagraph) -> str:
    span = Span(citation.paragraph, citation.start, citation.end)
    notes = frozenset(note.number for note in citation.notes)
    return _source(citation.document_id, span, citation.content_hash, notes, known, paragraph, chosen=False)


def _source(
    document_id: str,
    span: Span,
    content_hash: str,
    notes: frozenset[int],
    known: dict[str, Document],
    paragraph: FindParagraph,
    *,
    chosen: bool,
) -> str:
    document, found = known.get(document_id), paragraph(document_id, span.paragraph)
    if document is None or found is None:
        return render_gone(document_id, span.paragraph)
    return render_source(document, found, span, content_hash, notes, chosen=chosen)


def chosen_view(data: dict[str, Any], paragraph: FindParagraph, documents: ListDocuments) -> str:
    """The pane after a click. `data` comes from the browser: nothing in it is taken on trust."""
    found = documents()
    if "source" not in data:
        return render_documents(found)
    span = Span(*(_number(data.get(key)) for key in ("paragraph", "start", "end")))
    notes = frozenset(_number(word) for word in str(data.get("notes", "")).split())
    known = {document.id: document for document in found}
    content_hash = str(data.get("hash", ""))
    return _source(str(data["source"]), span, content_hash, notes, known, paragraph, chosen=True)


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def welcome(examples: Sequence[str]) -> str:
    """The first view: what this is, and questions to begin with."""
    buttons = "".join(
        f'<li><button type="button" data-example>{escape(each)}</button></li>' for each in examples
    )
    return (
        '<section class="welcome"><h2>Ask the documents</h2>'
        "<p>Every answer quotes the paragraph it rests on, and says so when the documents "
        f'do not answer.</p><ul class="examples" aria-label="Example questions">{buttons}</ul></section>'
    )
