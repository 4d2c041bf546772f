"""The conversation on the page: what was said, how it looks, and how it is kept and found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from assistant.answers import Answer, Question, Turn
from assistant.errors import StorageError
from assistant.storage.records import Feedback, KeptAnswer
from assistant.suggest import follow_ups

from .answer import Nearby, render_answer, render_failure, render_question
from .below import Standing, render_asks, render_below
from .desk import Desk
from .messages import say


@dataclass(frozen=True, slots=True)
class Said:
    """A question with its answer, as HTML; `id` is the answer's, or empty where there was none."""

    id: str
    html: str
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation so far. `id` is empty until it is kept; `asking` is the question under way."""

    id: str = ""
    said: tuple[Said, ...] = ()
    asking: str = ""

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was said, for a follow-up to be understood from."""
        return tuple(turn for each in self.said for turn in each.turns)

    @property
    def html(self) -> str:
        """The conversation, with a mark that tells the page's script which one it is."""
        mark = f'<span hidden data-talk-id="{escape(self.id)}" data-asking="{escape(self.asking)}"></span>'
        return mark + "".join(each.html for each in self.said)

    def before(self, answer_id: str) -> Talk:
        """The conversation up to an answer, without it; the whole where it has none of this id."""
        ids = [each.id for each in self.said]
        return replace(self, said=self.said[: ids.index(answer_id)]) if answer_id in ids else self


def said(desk: Desk, question: Question, answer: Answer, standing: Standing) -> Said:
    """An answer as it is shown today."""
    library = desk.library()
    nearby = [
        Nearby(
            looked,
            library.document(looked.document_id) if library else None,
            library.paragraph(looked.document_id, looked.paragraph) if library else None,
        )
        for looked in answer.looked_at
    ]
    html = render_question(question.text, titles(desk, question.documents))
    html += render_answer(answer, nearby, render_below(answer, standing))
    return Said(answer.id, html, (Turn("user", question.text), Turn("assistant", answer.answer)))


def failed(question: str, message: str) -> Said:
    """A question with a sentence in place of its answer; no part of the history."""
    return Said("", render_question(question) + render_failure(message))


def titles(desk: Desk, documents: Sequence[str]) -> list[str]:
    """The titles of documents, or their ids where they are gone."""
    library = desk.library()
    found = [(id, library.document(id) if library else None) for id in documents]
    return [document.display_title if document else id for id, document in found]


def next_questions(desk: Desk, answer: Answer) -> tuple[str, ...]:
    """What to ask after an answer."""
    library = desk.library()
    places = dict.fromkeys((c.document_id, c.paragraph) for c in answer.citations)
    cited = [library.paragraph(*place) for place in places] if library else []
    return follow_ups(answer, (p for p in cited if p is not None))


def keep(desk: Desk, person: str | None, talk: Talk, question: Question, answer: Answer) -> tuple[str, str]:
    """Keep an answer; gives the id of its conversation, and the reason where it could not be kept."""
    if person is None:
        return talk.id, say("no_cookie")
    try:
        storage = desk.storage()
        id = talk.id or storage.start(person, question.text).id
        storage.keep(answer, question, person, id)
    except StorageError as error:
        return talk.id, str(error)
    return id, ""


def reopened(desk: Desk, person: str | None, id: str) -> Talk | None:
    """A conversation as it was kept, every answer with the citations that it was given with.

    Raises:
        StorageError: the database does not answer.
    """
    storage = desk.storage()
    if person is None or storage.conversation(person, id) is None:
        return None
    kept = storage.answers(person, id)
    thought = storage.feedback_on(person, [each.id for each in kept])
    last = kept[-1].id if kept else ""
    return Talk(id, tuple(_kept(desk, each, thought.get(each.id), each.id == last) for each in kept))


def _kept(desk: Desk, kept: KeptAnswer, feedback: Feedback | None, last: bool) -> Said:
    try:
        answer = kept.answer
    except StorageError as error:
        return failed(kept.question, f"{say('unreadable_answer')} {error}")
    library = desk.library()
    now = {
        c.number: library.paragraph(c.document_id, c.paragraph) if library else None for c in answer.citations
    }
    changed = tuple(
        c
        for c in answer.citations
        if library and ((paragraph := now[c.number]) is None or paragraph.content_hash != c.content_hash)
    )
    asks = next_questions(desk, answer) if last else ()
    question = Question(kept.question, kept.history, kept.documents)
    return said(desk, question, answer, Standing(changed, feedback, follow_ups=asks))


def render_welcome(desk: Desk, notice: str = "") -> str:
    """The first view: what this is, and questions to begin with."""
    questions = tuple(desk.examples())
    told = f'<p class="notice" role="alert">{escape(notice)}</p>' if notice else ""
    return (
        f'<span hidden data-talk-id="" data-asking=""></span><section class="welcome">{told}'
        f"<h2>{escape(say('welcome_title'))}</h2><p>{escape(say('welcome_text'))}</p>"
        f"{render_asks(questions, say('suggested'))}</section>"
    )
