"""A conversation as one HTML file: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assistant.storage.records import Conversation, KeptAnswer
from assistant.ui.html import asset

from .footnotes import VERDICTS, address, given, source


def to_html(conversation: Conversation, answers: Sequence[KeptAnswer], origin: str) -> str:
    """The whole conversation, each answer with its notes below it."""
    title = escape(conversation.title)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{asset('palette.css')}{asset('document.css')}</style></head>\n"
        f"<body><header><h1>{title}</h1></header><main>\n"
        f"{''.join(_answer(kept, origin) for kept in answers)}</main></body></html>\n"
    )


def _answer(kept: KeptAnswer, origin: str) -> str:
    answer = kept.answer
    notes = "".join(
        f'<li value="{c.number}"><span class="note-number">{c.number}</span> <span>“{escape(c.quote)}” '
        f'<a href="{escape(address(c, origin))}">{escape(source(c))}</a></span></li>'
        for c in answer.citations
    )
    listed = f'<ol class="notes">{notes}</ol>' if notes else ""
    short = f"<p><strong>{escape(answer.short_answer)}</strong></p>" if answer.short_answer else ""
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in answer.answer.split("\n\n"))
    return (
        f"<article><h2>{escape(kept.question)}</h2>"
        f'<p class="byline">{escape(VERDICTS[answer.verdict])} · {escape(given(kept))}</p>{short}{paragraphs}'
        f"{listed}</article>\n"
    )
