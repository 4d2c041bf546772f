"""A person's conversations, as the list beside the chat."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from assistant.person import Visitor
from assistant.storage.records import Conversation

from .messages import say

FORMATS = {"md": "Markdown", "docx": "Word", "html": "HTML"}


def render_rail(conversations: Sequence[Conversation], current: str, *, searched: bool = False) -> str:
    """The list; `current` is the id of the open conversation."""
    if not conversations:
        return f'<p class="none">{escape(say("nothing_found" if searched else "no_conversations"))}</p>'
    items = "".join(_item(each, each.id == current) for each in conversations)
    return f'<ul class="talks">{items}</ul>'


def render_rail_notice(reason: str) -> str:
    """In place of the list where conversations cannot be kept."""
    return f'<p class="notice">{escape(reason)}</p>'


def render_visitor(visitor: Visitor) -> str:
    """Who is logged in, with a way out; empty where no key is needed."""
    if not visitor.name:
        return ""
    out = f'<button type="button" data-act="log-out">{escape(say("log_out"))}</button>'
    return f'<p class="visitor"><span>{escape(say("logged_in", name=visitor.name))}</span> {out}</p>'


def _item(conversation: Conversation, current: bool) -> str:
    place = quote(conversation.id, safe="")
    title = escape(conversation.title)
    here = ' aria-current="page"' if current else ""
    label = escape(say("actions_for", title=conversation.title))
    saves = "".join(
        f'<a href="/conversations/{place}.{suffix}" download>{escape(say("save_as", format=name))}</a>'
        for suffix, name in FORMATS.items()
    )
    return (
        f'<li data-talk="{escape(conversation.id)}"><a class="talk" href="/?c={place}"{here}><span>{title}</span></a>'
        f'<details class="menu"><summary aria-label="{label}">⋯</summary><div>'
        f'<button type="button" data-act="rename">{escape(say("rename"))}</button>{saves}'
        f'<button type="button" class="danger" data-act="delete">{escape(say("delete"))}</button></div></details></li>'
    )
