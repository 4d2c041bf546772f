"""The feedback tab: what people thought of answers, for who looks after the assistant."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from assistant.answers import Citation
from assistant.errors import StorageError
from assistant.storage.records import GivenFeedback, Thumb

from .below import message_key
from .desk import Desk
from .html import Span, document_path, moment
from .messages import say


def render_feedback(desk: Desk, data: Mapping[str, Any], *, administers: bool) -> str:
    """The list, the latest first; of thumbs down alone where `data` asks for them."""
    if not administers:
        return f'<p class="notice">{escape(say("not_admin"))}</p>'
    thumb: Thumb | None = "down" if data.get("thumb") == "down" else None
    try:
        found = desk.storage().feedback(thumb)
    except StorageError as error:
        return f'<p class="notice">{escape(str(error))}</p>'
    kinds = "".join(
        f'<button type="button" class="plain" data-thumb="{value}" aria-pressed="{_is(value == (thumb or ""))}">'
        f"{escape(say(key))}</button>"
        for value, key in (("", "feedback_all"), ("down", "feedback_down"))
    )
    export = f'<a class="plain" href="/feedback.jsonl" download>{escape(say("feedback_export"))}</a>'
    items = "".join(_item(each) for each in found) or f'<p class="none">{escape(say("feedback_none"))}</p>'
    return (
        f'<p class="hint">{escape(say("feedback_hint"))}</p><div class="kinds">{kinds}{export}</div>'
        f'<div class="given">{items}</div>'
    )


def _cited(citation: Citation) -> str:
    span = Span(citation.paragraph, citation.start, citation.end)
    path = escape(document_path(citation.document_id, span, citation.content_hash))
    place = escape(f"{citation.title} ¶ {citation.paragraph}")
    return f'<li><a href="{path}" target="_blank">[{citation.number}] {place}</a></li>'


def _is(state: bool) -> str:
    return "true" if state else "false"


def _item(each: GivenFeedback) -> str:
    feedback, kept = each.feedback, each.kept
    thought = say(message_key(feedback.wrong)) if feedback.wrong else say("good_answer")
    try:
        answer = kept.answer
        said = f'<p class="said">{escape(answer.short_answer or answer.answer)}</p>'
        verdict = escape(say(answer.verdict))
        cited = "".join(map(_cited, answer.citations))
    except StorageError:
        said, verdict, cited = f"<p>{escape(say('unreadable_answer'))}</p>", "", ""
    words = [
        say("right_answer_is", text=feedback.right_answer) if feedback.right_answer else "",
        say("comment_is", text=feedback.comment) if feedback.comment else "",
    ]
    told = "".join(f"<p>{escape(line)}</p>" for line in words if line)
    listed = f'<ul class="cited" aria-label="{escape(say("cited_as"))}">{cited}</ul>' if cited else ""
    place = escape(say("corpus", version=kept.corpus_version))
    return (
        f'<article class="thought {feedback.thumb}"><h3>{escape(kept.question)}</h3>'
        f'<p class="byline"><strong>{escape(thought)}</strong> · {verdict} · {moment(each.given_at)} · {place}</p>'
        f"{said}{listed}{told}</article>"
    )
