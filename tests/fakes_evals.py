"""A library of three paragraphs, answers to its questions, and a system that gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.answers import Answer, Citation, CitedNote, LookedAt, Verdict
from evals.cases import Label
from evals.invariants import Evidence
from evals.scores import Ranked
from index.documents import Note, Paragraph, content_hash

VERSION = "v1"
TEXTS = (
    "Title: The Harbour",
    "The harbour opened in 1931. It was closed for 54 days in 1987.",
    "Mira Holt ran the harbour.",
)


def contains(haystack: str, needle: str) -> bool:
    """Stands in for the fact-aware comparison: letters and figures as they are, but for case."""
    return needle.casefold() in haystack.casefold()


def paragraph(number: int) -> Paragraph:
    text = TEXTS[number]
    notes = (Note(1, "Harbour Gazette", None),) if number == 1 else ()
    return Paragraph("harbour", number, None, text, None, 0, len(text), content_hash(text), notes)


class FakeLibrary:
    """The three paragraphs of the document `harbour`."""

    version = VERSION

    def paragraph(self, document_id: str, number: int) -> Paragraph | None:
        return paragraph(number) if document_id == "harbour" and number < len(TEXTS) else None


def citation(number: int, paragraph_number: int, quote: str, answer_start: int) -> Citation:
    source = paragraph(paragraph_number)
    start = source.text.index(quote)
    return Citation(
        number=number,
        answer_start=answer_start,
        answer_end=answer_start + len(quote),
        document_id="harbour",
        title="The Harbour",
        publisher=None,
        date=None,
        paragraph=paragraph_number,
        heading=None,
        page=None,
        permalink=source.permalink,
        quote=quote,
        start=start,
        end=start + len(quote),
        content_hash=source.content_hash,
        score=0.9,
        check="verified",
        missing_facts=(),
        notes=tuple(CitedNote(note.number, note.text, note.url) for note in source.notes),
    )


def quoting(*quotes: tuple[int, str], short: str | None = None, verdict: Verdict = "supported") -> Answer:
    """An extractive answer of quotes, each with its marker: "Quote one. [1] Quote two. [2]"."""
    text, citations = "", []
    for number, (place, quote) in enumerate(quotes, 1):
        text += " " if text else ""
        citations.append(citation(number, place, quote, len(text)))
        text += f"{quote} [{number}]"
    return Answer(
        id="a",
        question="?",
        standalone_question="?",
        verdict=verdict,
        answer=text,
        short_answer=short,
        mode="extractive",
        degraded=None,
        model=None,
        confidence=0.9,
        citations=tuple(citations),
        looked_at=(),
        corpus_version=VERSION,
        timings_ms={},
    )


def refusing() -> Answer:
    """The documents do not say."""
    looked = (LookedAt("harbour", 1, 0.4, "it does not say how deep"),)
    return replace(
        quoting(verdict="not_in_corpus"), answer="The documents do not answer this.", looked_at=looked
    )


OPENED = (1, "The harbour opened in 1931.")
CLOSED = (1, "It was closed for 54 days in 1987.")
WARDEN = (2, "Mira Holt ran the harbour.")

RIGHT: dict[str, Answer] = {
    "When did the harbour open?": quoting(OPENED, short="1931"),
    "For how many days was it closed?": quoting(CLOSED, short="54 days"),
    "Who ran the harbour, and since when was it open?": quoting(WARDEN, OPENED),
    "How deep is the harbour?": refusing(),
    "Who ran this secret harbour?": quoting(WARDEN, short="Mira Holt"),
}


class FakeSystem:
    """Answers from a table, retrieves the paragraphs in the order of `places`, keeps what it was asked."""

    name = "footnote"
    version = VERSION

    def __init__(self, answers: dict[str, Answer] | None = None, places: Sequence[int] = (1, 2, 0)) -> None:
        self.answers = {**RIGHT, **(answers or {})}
        self.places = [f"harbour#p{number}" for number in places]
        self.evidence: Evidence | None = FakeLibrary()
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.about = {"encoder": "words", "reader": "table"}

    @property
    def labels(self) -> frozenset[Label]:
        return frozenset(f"harbour#p{number}" for number in range(len(TEXTS)))

    def retrieve(self, question: str, k: int) -> list[Ranked]:
        return [Ranked(place, frozenset({place})) for place in self.places[:k]]

    def answer(self, question: str, history: Sequence[str], documents: Sequence[str] = ()) -> Answer:
        self.asked.append((question, tuple(history)))
        return self.answers[question]
