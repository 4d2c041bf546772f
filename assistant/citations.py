"""A checked draft -> the answer's text with citation marks, and its citations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from assistant.answers import Answer, Citation, Cited, CitedNote, Delta, Event, Final, Verdict
from assistant.compose import Draft, Quote
from assistant.verify import Verified, verdict_of
from index.documents import Document, Paragraph

NOT_FOUND = "The documents do not answer this question."


def cite(
    draft: Draft, checks: Sequence[Verified], documents: Mapping[str, Document]
) -> tuple[str, tuple[Citation, ...]]:
    """The answer's text, each quote followed by its mark, and the citations in order of first use.

    Args:
        draft: the quotes.
        checks: what checking found, one for each quote.
        documents: id -> document.
    """
    if not draft.quotes:
        return NOT_FOUND, ()
    text = ""
    citations = []
    for number, (quote, check) in enumerate(zip(draft.quotes, checks, strict=True), 1):
        if text:
            text += "\n\n" if draft.conflict else " "
        start = len(text)
        text += quote.text
        document = documents[quote.paragraph.document_id]
        citations.append(citation(number, start, len(text), quote, check, document))
        text += f" [{number}]"
    return text, tuple(citations)


def verdict(draft: Draft, checks: Sequence[Verified]) -> Verdict:
    """What the answer is worth: its sentences' checks, lowered where a part is open or documents disagree."""
    found = verdict_of(checks)
    if found == "not_in_corpus":
        return found
    if draft.conflict:
        return "conflicting"
    return found if draft.complete else "partly_supported"


def told(answer: Answer) -> Iterator[Event]:
    """A finished answer in pieces: its words, each citation after its mark, and last the whole."""
    waiting = list(answer.citations)
    for piece in re.finditer(r"\S+\s*", answer.answer):
        yield Delta(piece.group())
        while waiting and f"[{waiting[0].number}]" in answer.answer[waiting[0].answer_end : piece.end()]:
            yield Cited(waiting.pop(0))
    yield from map(Cited, waiting)
    yield Final(answer)


def notes_behind(paragraph: Paragraph, start: int, end: int) -> tuple[CitedNote, ...]:
    """The notes whose markers stand in a slice; where none does, those that lost their marker."""
    marked = [note for note in paragraph.notes if note.at is not None and start < note.at <= end]
    behind = marked or [note for note in paragraph.notes if note.at is None]
    return tuple(CitedNote(note.number, note.text, note.url) for note in behind)


def citation(
    number: int, start: int, end: int, quote: Quote, check: Verified, document: Document
) -> Citation:
    """The citation of a quote for the sentence at `start` to `end` of the answer."""
    paragraph = quote.paragraph
    return Citation(
        number=number,
        answer_start=start,
        answer_end=end,
        document_id=document.id,
        title=document.display_title,
        publisher=document.publisher,
        date=document.date,
        paragraph=paragraph.number,
        heading=paragraph.heading,
        page=paragraph.page,
        permalink=paragraph.permalink,
        quote=quote.text,
        start=quote.start,
        end=quote.end,
        content_hash=paragraph.content_hash,
        score=round(quote.score, 4),
        check=check.check,
        missing_facts=check.missing_facts,
        notes=notes_behind(paragraph, quote.start, quote.end),
    )
