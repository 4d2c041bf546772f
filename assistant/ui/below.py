"""What stands below an answer: what changed since, what to do with it, what to think of it, what to ask next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from assistant.answers import Answer, Citation
from assistant.exports.footnotes import ORIGIN, footnoted
from assistant.storage.records import WRONGS, Feedback

from .html import Span, document_path
from .messages import say


@dataclass(frozen=True, slots=True)
class Standing:
    """How an answer stands today.

    `changed` are its citations whose paragraph has another text by now; `feedback` is what its reader thought of it;
    `unkept` says why it is not in the database, and is empty where it is.
    """

    changed: tuple[Citation, ...] = ()
    feedback: Feedback | None = None
    unkept: str = ""
    follow_ups: tuple[str, ...] = ()


def render_below(answer: Answer, standing: Standing) -> str:
    """All of it, as HTML."""
    return "".join(
        (
            _changed(standing.changed),
            _notice(say("not_kept", reason=standing.unkept)) if standing.unkept else "",
            _actions(answer, standing),
            "" if standing.unkept else _form(answer.id),
            render_asks(standing.follow_ups, say("follow_up")),
        )
    )


def render_asks(questions: Sequence[str], label: str) -> str:
    """Questions to ask with a click; empty where there are none."""
    if not questions:
        return ""
    items = "".join(
        f'<li><button type="button" data-example>{escape(each)}</button></li>' for each in questions
    )
    return f'<ul class="examples" aria-label="{escape(label)}">{items}</ul>'


def _notice(text: str) -> str:
    return f'<p class="notice">{escape(text)}</p>'


def _changed(citations: Sequence[Citation]) -> str:
    if not citations:
        return ""
    places = ", ".join(
        f'<a href="{escape(document_path(c.document_id, Span(c.paragraph, c.start, c.end), c.content_hash))}" '
        f'target="_blank">[{c.number}] {escape(c.title)} ¶ {c.paragraph}</a>'
        for c in citations
    )
    before, _, after = say("changed_since", places="\0").partition("\0")
    return f'<p class="notice changed">{escape(before)}{places}{escape(after)}</p>'


def _actions(answer: Answer, standing: Standing) -> str:
    thumb = standing.feedback.thumb if standing.feedback else None
    buttons = [_button("copy", say("copy_answer")), _button("again", say("ask_again"))]
    buttons.append(_button("edit", say("edit")))
    if not standing.unkept:
        buttons.append(_button("link", say("link")))
        buttons.append(_thumb("up", say("good_answer"), thumb == "up"))
        buttons.append(_thumb("down", say("bad_answer"), thumb == "down"))
    copied = f'<template data-copy data-origin="{ORIGIN}">{escape(footnoted(answer))}</template>'
    question = f"<template data-question>{escape(answer.question)}</template>"
    return f'<div class="actions">{"".join(buttons)}{copied}{question}</div>'


def _button(act: str, label: str) -> str:
    return f'<button type="button" data-act="{act}">{escape(label)}</button>'


def _thumb(thumb: str, label: str, pressed: bool) -> str:
    sign = "M2 9h3v9H2zM7 9l4-7 1.5 1-.8 5H18l-1.5 10H7z"
    turn = ' style="transform:rotate(180deg)"' if thumb == "down" else ""
    icon = f'<svg viewBox="0 0 20 20" aria-hidden="true"{turn}><path d="{sign}"/></svg>'
    state = "true" if pressed else "false"
    name = escape(label)
    return (
        f'<button type="button" class="thumb" data-act="{thumb}" aria-pressed="{state}" '
        f'aria-label="{name}" title="{name}">{icon}</button>'
    )


def _form(answer_id: str) -> str:
    place = escape(answer_id)
    choices = "".join(
        f'<label><input type="radio" name="wrong-{place}" value="{wrong}"> {escape(say(message_key(wrong)))}</label>'
        for wrong in WRONGS
    )
    return (
        f'<div class="feedback" role="group" aria-label="{escape(say("what_is_wrong"))}" hidden>'
        f"<p>{escape(say('what_is_wrong'))}</p>"
        f'<div class="choices">{choices}</div>'
        f'<label>{escape(say("right_answer"))}<input type="text" class="right" maxlength="4000"></label>'
        f'<label>{escape(say("comment"))}<textarea class="comment" rows="2" maxlength="4000"></textarea></label>'
        f'<p><button type="button" class="main" data-act="send">{escape(say("send"))}</button>'
        f'<button type="button" data-act="cancel">{escape(say("cancel"))}</button></p></div>'
        f'<p class="thanks"></p><template data-thanks>{escape(say("thanks"))}</template>'
    )


def message_key(wrong: str) -> str:
    """The key of the words for a kind of fault."""
    return "wrong_other" if wrong == "other" else wrong.replace("-", "_")
