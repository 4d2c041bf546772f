"""An answer as text with footnotes, and the parts that every export shares."""

from __future__ import annotations

from assistant.answers import Answer, Citation
from assistant.storage.records import KeptAnswer
from assistant.ui.html import Span, document_path
from index.documents import NO_DATE
from index.paragraphs import readable_date

ORIGIN = "\ue000"
"""Stands for the server's address where only the browser knows it."""

VERDICTS = {
    "supported": "Supported by the documents",
    "partly_supported": "Partly supported by the documents",
    "conflicting": "The documents disagree",
    "not_in_corpus": "Not in the documents",
}


def footnoted(answer: Answer, origin: str = ORIGIN) -> str:
    """The answer's text, its footnotes, and the corpus version that it was given on."""
    notes = [f"[{citation.number}] {footnote(citation, origin)}" for citation in answer.citations]
    head = [answer.short_answer] if answer.short_answer else []
    said = f"{VERDICTS[answer.verdict]}. Corpus version {answer.corpus_version}."
    return "\n\n".join([*head, answer.answer, *(["\n".join(notes)] if notes else []), said])


def footnote(citation: Citation, origin: str = ORIGIN) -> str:
    """A citation as a line: quote, title, publisher, date, paragraph, link."""
    return f"“{citation.quote}” {source(citation)}. {address(citation, origin)}"


def source(citation: Citation) -> str:
    """Where a citation is from, as a line."""
    date = readable_date(citation.date) if citation.date else NO_DATE
    place = f"¶ {citation.paragraph}" if citation.paragraph else "front matter"
    return ", ".join(part for part in (citation.title, citation.publisher, date, place) if part)


def address(citation: Citation, origin: str = ORIGIN) -> str:
    """The link to the quote in its document, which also says if the paragraph has changed since."""
    span = Span(citation.paragraph, citation.start, citation.end)
    return f"{origin}{document_path(citation.document_id, span, citation.content_hash)}"


def given(kept: KeptAnswer) -> str:
    """When and on what an answer was given, as a line."""
    day, _, time = kept.asked_at.partition("T")
    return f"{readable_date(day)}, {time[:5]} UTC; corpus version {kept.corpus_version}"
