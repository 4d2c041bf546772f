"""An answer as HTML: the verdict, the short answer, the sentences with their numbers, the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from assistant.answers import Answer, Citation, LookedAt
from index.documents import Document, Paragraph

from .html import Span, byline, clipped, count, document_path, shown_date
from .messages import say

MARKER = re.compile(r"\s*\[(\d+)\]")
PREVIEW = 220


@dataclass(frozen=True, slots=True)
class Nearby:
    """A paragraph that was read and not cited, with what is needed to show it."""

    looked: LookedAt
    document: Document | None
    paragraph: Paragraph | None


def render_question(text: str, within: Sequence[str] = ()) -> str:
    """The question as it was asked; `within` are the titles that it kept to."""
    keeping = f'<p class="within">{escape(say("within", titles="; ".join(within)))}</p>' if within else ""
    asked = f'<span class="sr-only">{escape(say("you_asked"))} </span>{escape(text)}'
    return f'<h2 class="question">{asked}</h2>{keeping}'


def render_waiting(text: str, status: str) -> str:
    """An answer that is on its way: the sentences so far, or what is being done."""
    words = MARKER.sub(lambda found: f'<sup class="cite waiting">{found[1]}</sup>', escape(text))
    body = f'<p class="words">{words}</p>' if text.strip() else ""
    stop = f'<button type="button" class="stop" data-act="stop">{escape(say("stop"))}</button>'
    working = f'<p class="working"><span class="pulse"></span><span>{escape(status)}</span>{stop}</p>'
    return f'<div class="answer waiting">{working}{body}</div>'


def render_failure(message: str) -> str:
    """A sentence in place of an answer."""
    verdict = f'<p class="verdict">{escape(say("no_answer"))}</p>'
    return f'<div class="answer failed">{verdict}<p>{escape(message)}</p></div>'


def render_answer(answer: Answer, nearby: Sequence[Nearby], below: str = "") -> str:
    """The whole answer. `nearby` are its `looked_at` paragraphs, in order; `below` is HTML for what comes after."""
    meaning = escape(say(f"{answer.verdict}_means"))
    parts = [
        f'<p class="verdict" title="{meaning}">{escape(say(answer.verdict))}</p>',
        _short(answer),
        "" if _is_quotes(answer) else f'<p class="words">{_linked(answer)}</p>',
        _sides(answer.citations) if answer.verdict == "conflicting" else "",
        _missing(answer),
        _nearest(answer, nearby),
        _quiet(answer),
        below,
    ]
    place = escape(answer.id)
    return f'<article class="answer {answer.verdict}" id="a-{place}" data-answer="{place}">{"".join(parts)}</article>'


def spoken(answer: Answer) -> str:
    """What a screen reader announces when the answer is there."""
    text = MARKER.sub("", answer.answer)
    return f"{say(answer.verdict)}. {answer.short_answer + '. ' if answer.short_answer else ''}{text}"


def _short(answer: Answer) -> str:
    if not answer.short_answer or answer.short_answer == answer.answer:
        return ""
    return f'<p class="short"><strong>{escape(answer.short_answer)}</strong></p>'


def _linked(answer: Answer) -> str:
    """The answer's text with its markers as links.

    Only what stands between the sentences is a marker: a sentence may itself quote "[1]".
    """
    cited = {citation.number: citation for citation in answer.citations}
    spans = sorted(
        {(c.answer_start, c.answer_end) for c in answer.citations if c.answer_start < c.answer_end}
    )
    unverified = {(c.answer_start, c.answer_end) for c in answer.citations if c.check == "unverified"}
    pieces, at = [], 0
    for start, end in spans:
        if start < at:
            continue
        pieces.append(_markers(answer.answer[at:start], cited))
        words = escape(answer.answer[start:end])
        pieces.append(f'<span class="unverified">{words}</span>' if (start, end) in unverified else words)
        at = end
    pieces.append(_markers(answer.answer[at:], cited))
    return "".join(pieces)


def _markers(text: str, cited: dict[int, Citation]) -> str:
    pieces, at = [], 0
    for found in MARKER.finditer(text):
        citation = cited.get(int(found[1]))
        if citation is None:
            continue
        pieces.append(escape(text[at : found.start()]))
        pieces.append(f"<sup>{source_link(citation)}</sup>")
        at = found.end()
    return "".join(pieces) + escape(text[at:])


def source_link(citation: Citation) -> str:
    """The citation's number as a link: it opens the source beside the chat, or else its page.

    With a card that shows title, date, paragraph and quote while the pointer or the focus is on the number.
    """
    span = Span(citation.paragraph, citation.start, citation.end)
    data = _data(citation.document_id, span, citation.content_hash, (note.number for note in citation.notes))
    href = escape(document_path(citation.document_id, span, citation.content_hash))
    label = escape(
        say("source_label", number=citation.number, title=citation.title, paragraph=citation.paragraph)
    )
    date = shown_date(citation.date) if citation.date else say("no_date")
    card = (
        f'<span class="card" aria-hidden="true"><strong>{escape(citation.title)}</strong>'
        f"<span>{escape(date)} · ¶ {citation.paragraph}</span>"
        f"<q>{escape(clipped(citation.quote, PREVIEW))}</q></span>"
    )
    link = f'<a class="cite" href="{href}" {data} aria-label="{label}">{citation.number}</a>'
    return f'<span class="ref">{link}{card}</span>'


def _data(document_id: str, span: Span, content_hash: str = "", notes: Iterable[int] = ()) -> str:
    return (
        f'data-source="{escape(document_id)}" data-paragraph="{span.paragraph}" data-start="{span.start}" '
        f'data-end="{span.end}" data-hash="{escape(content_hash)}" data-notes="{" ".join(map(str, notes))}"'
    )


def _is_quotes(answer: Answer) -> bool:
    """Whether the two sides of a conflict already say every word of the answer."""
    quoted = all(answer.answer[c.answer_start : c.answer_end].strip() == c.quote for c in answer.citations)
    return answer.verdict == "conflicting" and bool(answer.citations) and quoted


def _sides(citations: Sequence[Citation]) -> str:
    sides = "".join(
        f'<figure class="side"><figcaption><strong>{escape(c.title)}</strong>'
        f'<span class="byline">{byline(c.publisher, date=c.date)}</span></figcaption>'
        f"<blockquote>{escape(c.quote)}</blockquote>"
        f"<p>{source_link(c)} <span>¶ {c.paragraph}</span></p></figure>"
        for c in citations
    )
    return f'<div class="sides" role="group" aria-label="{escape(say("each_says"))}">{sides}</div>'


def _missing(answer: Answer) -> str:
    unverified = [c for c in answer.citations if c.check == "unverified"]
    items = "".join(f"<li>{source_link(c)} {_why_unverified(c)}</li>" for c in unverified)
    if items:
        return f'<ul class="missing" aria-label="{escape(say("not_verified"))}">{items}</ul>'
    if answer.verdict == "partly_supported":
        return f'<p class="missing">{escape(say("partly_supported_means"))}</p>'
    return ""


def _why_unverified(citation: Citation) -> str:
    if not citation.missing_facts:
        return escape(say("sentence_unverified"))
    facts = ", ".join(f"“{fact}”" for fact in citation.missing_facts)
    return escape(say("fact_unverified", facts=facts), quote=False)


def _nearest(answer: Answer, nearby: Sequence[Nearby]) -> str:
    if not nearby:
        return ""
    items = "".join(_near(each) for each in nearby)
    if answer.verdict == "not_in_corpus":
        return f'<h3 class="nearest-title">{escape(say("nearest"))}</h3><ol class="nearest">{items}</ol>'
    summary = escape(say("looked_at", paragraphs=count(len(nearby), "paragraph")))
    return f'<details class="also"><summary>{summary}</summary><ol class="nearest">{items}</ol></details>'


def _near(each: Nearby) -> str:
    looked = each.looked
    title = each.document.display_title if each.document else looked.document_id
    preview = clipped(each.paragraph.text if each.paragraph else "", PREVIEW)
    span = Span(looked.paragraph, 0, 0)
    data = _data(looked.document_id, span, each.paragraph.content_hash if each.paragraph else "")
    why = f'<span class="why">{escape(looked.why_not)}</span>' if looked.why_not else ""
    return (
        f'<li><a href="{escape(document_path(looked.document_id, span))}" {data}>'
        f'<span class="near-title">{escape(title)} <span class="near-number">¶ {looked.paragraph}</span></span>'
        f'<span class="near-text">{escape(preview)}</span>{why}</a></li>'
    )


def _quiet(answer: Answer) -> str:
    written = say("written_by", model=answer.model or say("a_model"))
    mode = say("quoted") if answer.mode == "extractive" else written
    seconds = sum(answer.timings_ms.values()) / 1000
    facts = [mode, say("corpus", version=answer.corpus_version), f"{seconds:.2f}\N{NO-BREAK SPACE}s"]
    line = '<span class="dot"> · </span>'.join(f"<span>{escape(fact)}</span>" for fact in facts)
    read_as = ""
    if answer.standalone_question.casefold() != answer.question.casefold():
        read_as = f'<p class="quiet">{escape(say("understood_as", question=answer.standalone_question))}</p>'
    degraded = f'<p class="notice">{escape(answer.degraded)}</p>' if answer.degraded else ""
    return f'{degraded}{read_as}<p class="quiet">{line}</p>'
