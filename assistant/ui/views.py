"""The states of the chat page: from a question to its answer, and from a click to what it shows.

What comes from the browser is taken on no trust: ids are looked up, numbers are read as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.answers import Answer, Citation, Delta, Final, Question, Retrieved
from assistant.errors import StorageError
from assistant.storage.records import WRONGS, Feedback
from index.errors import FootnoteError

from .answer import render_question, render_waiting, spoken
from .below import Standing
from .desk import Desk, Library
from .html import Span, count
from .messages import say
from .rail import render_rail, render_rail_notice
from .source import Chosen, render_documents, render_gone, render_source
from .talk import Talk, failed, keep, next_questions, render_welcome, reopened, said, titles

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """What one step changes on the page; None leaves a part as it is."""

    log: str | None = None
    status: str | None = None
    pane: str | None = None
    rail: str | None = None
    talk: Talk | None = None


def answer_views(
    desk: Desk, person: str | None, question: Question, talk: Talk, instead_of: str = ""
) -> Iterator[View]:
    """The page's states from a question to its answer.

    `instead_of` is the id of an answer that the question takes the place of, with all that follow it.
    """
    if instead_of:
        talk = _without(desk, person, talk, instead_of)
    question = replace(question, history=talk.turns)
    asking = replace(talk, asking=question.text)
    shown = asking.html + render_question(question.text, titles(desk, question.documents))
    words, doing = "", say("searching")
    yield View(shown + render_waiting(words, doing), doing, talk=asking)
    try:
        for event in desk.stream(question):
            if isinstance(event, Final):
                yield _finished(desk, person, talk, question, event.answer)
                return
            if isinstance(event, Retrieved):
                doing = _reading(event)
            if isinstance(event, Delta):
                words += event.text
            yield View(shown + render_waiting(words, doing), doing)
    except FootnoteError as error:
        yield failed_view(question.text, str(error), talk)


def failed_view(question: str, message: str, talk: Talk) -> View:
    """A sentence in place of an answer; the failed question is shown but not part of the history."""
    talk = replace(talk, said=(*talk.said, failed(question, message)), asking="")
    return View(talk.html, message, talk=talk)


def stopped_view(talk: Talk) -> View:
    """The question that was under way, without an answer."""
    return failed_view(talk.asking, say("stopped"), talk) if talk.asking else View()


def _without(desk: Desk, person: str | None, talk: Talk, answer_id: str) -> Talk:
    shorter = talk.before(answer_id)
    if shorter is not talk and person is not None and talk.id:
        try:
            desk.storage().cut(person, answer_id)
        except StorageError:
            return talk  # nothing is lost: the new answer comes behind the old one
    return shorter


def _finished(desk: Desk, person: str | None, talk: Talk, question: Question, answer: Answer) -> View:
    id, unkept = keep(desk, person, talk, question, answer)
    standing = Standing(unkept=unkept, follow_ups=next_questions(desk, answer))
    talk = Talk(id, (*talk.said, said(desk, question, answer, standing)))
    library = desk.library()
    pane = None
    if library and answer.citations:
        pane = _cited(answer.citations[0], library)
    return View(talk.html, spoken(answer), pane, rail_view(desk, person, id), talk)


def _reading(event: Retrieved) -> str:
    files = len({hit.paragraph.document_id for hit in event.hits})
    paragraphs, documents = count(len(event.hits), "paragraph"), count(files, "document")
    return say("reading", paragraphs=paragraphs, documents=documents)


def _cited(citation: Citation, library: Library) -> str:
    span = Span(citation.paragraph, citation.start, citation.end)
    notes = frozenset(note.number for note in citation.notes)
    return _source(citation.document_id, Chosen(span, citation.content_hash, notes), library, asked_for=False)


def _source(document_id: str, chosen: Chosen, library: Library | None, *, asked_for: bool) -> str:
    document = library.document(document_id) if library else None
    paragraphs = library.paragraphs(document_id) if library and document else ()
    if document is None or all(p.number != chosen.quote.paragraph for p in paragraphs):
        return render_gone(document_id, chosen.quote.paragraph)
    return render_source(document, paragraphs, chosen, asked_for=asked_for)


def pane_view(desk: Desk, data: Data) -> str:
    """The pane after a click: a source, or the list of documents."""
    library = desk.library()
    if "source" not in data:
        return render_documents(library.documents() if library else ())
    span = Span(*(number_of(data.get(key)) for key in ("paragraph", "start", "end")))
    notes = frozenset(number_of(word) for word in str(data.get("notes", "")).split())
    chosen = Chosen(span, str(data.get("hash", "")), notes)
    return _source(str(data["source"]), chosen, library, asked_for=True)


def rail_view(desk: Desk, person: str | None, current: str, search: str = "") -> str:
    """The list of a person's conversations."""
    if person is None:
        return render_rail_notice(say("no_cookie"))
    try:
        found = desk.storage().conversations(person, search)
    except StorageError as error:
        return render_rail_notice(say("not_keeping", reason=error))
    return render_rail(found, current, searched=bool(search.strip()))


def open_view(desk: Desk, person: str | None, id: str) -> View:
    """A kept conversation, or the first view."""
    notice = ""
    if id:
        try:
            talk = reopened(desk, person, id)
        except StorageError as error:
            return View(render_welcome(desk, str(error)), "", pane_view(desk, {}), None, Talk())
        if talk is not None:
            return View(talk.html, "", pane_view(desk, {}), rail_view(desk, person, id), talk)
        notice = say("gone_conversation")
    return View(
        render_welcome(desk, notice), notice, pane_view(desk, {}), rail_view(desk, person, ""), Talk()
    )


def change_view(desk: Desk, person: str | None, talk: Talk, data: Data) -> View:
    """After a conversation was renamed or deleted."""
    act, id = str(data.get("act", "")), str(data.get("id", ""))
    try:
        if person is not None and act == "delete":
            desk.storage().delete(person, id)
            if id == talk.id:
                return open_view(desk, person, "")
        title = str(data.get("title", "")).strip()
        if person is not None and act == "rename" and title:
            desk.storage().rename(person, id, title)
    except StorageError as error:
        return View(status=str(error))
    return View(rail=rail_view(desk, person, talk.id))


def feedback_view(desk: Desk, person: str | None, talk: Talk, data: Data) -> View:
    """After a thumb: what was thought is kept, and shown when the conversation is seen again."""
    thumb, wrong = str(data.get("thumb", "")), str(data.get("wrong", ""))
    if person is None or thumb not in ("up", "down"):
        return View()
    given = Feedback(
        "up" if thumb == "up" else "down",
        next((kind for kind in WRONGS if kind == wrong), "other") if thumb == "down" else None,
        str(data.get("right", "")),
        str(data.get("comment", "")),
    )
    try:
        kept = desk.storage().give_feedback(person, str(data.get("answer", "")), given)
        seen = reopened(desk, person, talk.id) if kept and talk.id else None
    except StorageError as error:
        return View(status=str(error))
    return View(status=say("thanks") if kept else None, talk=seen)


def question_of(data: Data) -> str:
    """The question that a click asks."""
    return str(data.get("question", ""))


def within(desk: Desk, chosen: Sequence[str]) -> tuple[str, ...]:
    """The documents that a question keeps to, those of them that are still there."""
    library = desk.library()
    return tuple(id for id in chosen if library and library.document(id))


def number_of(value: Any) -> int:
    """A number that the browser sent; 0 where it is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
