"""Documents, paragraphs, hits and evidence by hand, and a reader with a queue."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.reader import Evidence, Reading
from assistant.reader.evidence import Weights
from assistant.reader.features import FEATURES
from assistant.reader.span import SpanFound
from index.documents import Document, Hit, Note, Paragraph, content_hash
from index.sentences import Span, sentence_spans


def document(
    id: str,
    *,
    title: str = "A title",
    author: str | None = None,
    editor: str | None = None,
    publisher: str | None = "The Gazette",
    date: str | None = None,
    kind: str = "document",
) -> Document:
    """A document; what is not given is unknown."""
    return Document(id, title, author, editor, publisher, date, None, kind, None, "en", f"{id}.md", "0" * 64)


def paragraph(place: str, text: str, *, heading: str | None = None, notes: Sequence[Note] = ()) -> Paragraph:
    """The paragraph at a place such as "harbour 3"."""
    id, number = place.split()
    return Paragraph(
        id, int(number), heading, text, None, 0, len(text), content_hash(text), notes=tuple(notes)
    )


def hit(place: str, text: str, score: float = 1.0, *, notes: Sequence[Note] = ()) -> Hit:
    """A hit on the paragraph at a place."""
    return Hit(paragraph(place, text, notes=notes), score, ())


def evidence(
    found: Hit,
    probability: float,
    *,
    sentence: int = 0,
    short: str | None = None,
    missing: Sequence[str] = (),
) -> Evidence:
    """A sentence of a hit as evidence; `short` is looked up in the sentence, so that its offsets are true."""
    text = found.paragraph.text
    start, end = sentence_spans(text)[sentence]
    at = None if short is None else text.index(short, start, end)
    return Evidence(
        found,
        start,
        end,
        probability,
        probability,
        None if at is None or short is None else (at, at + len(short)),
        tuple(missing),
    )


def reading(*found: Evidence) -> Reading:
    """A reading, best first."""
    ordered = tuple(sorted(found, key=lambda e: -e.answerable))
    return Reading(ordered, ordered[0].answerable if ordered else 0.0)


def weights(bias: float = 0.0, **by_name: float) -> Weights:
    """A logistic model with these weights, the rest 0, over features as they are."""
    return Weights(
        name="by-hand",
        mean=(0.0,) * len(FEATURES),
        scale=(1.0,) * len(FEATURES),
        weight=tuple(by_name.get(name, 0.0) for name in FEATURES),
        bias=bias,
        abstain_below=0.5,
    )


@dataclass
class QueueReader:
    """Answers each question with the sentence that holds the queued text, and keeps what it was asked.

    An entry is (text, probability); the text is looked up in the hits, and None finds nothing.
    """

    queue: deque[tuple[str, float] | None] = field(default_factory=deque)
    asked: list[tuple[str, list[Hit]]] = field(default_factory=list)
    name: str = "queue-1"

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        self.asked.append((question, list(hits)))
        wanted = self.queue.popleft() if self.queue else None
        if wanted is None:
            return Reading((), 0.0)
        found = [
            evidence(one, wanted[1] if wanted[0] in one.paragraph.text[start:end] else 0.01, sentence=i)
            for one in hits
            for i, (start, end) in enumerate(sentence_spans(one.paragraph.text))
        ]
        return reading(*found)


@dataclass
class MarkedSpans:
    """A span finder that knows the answers: a text in a sentence -> its margin; elsewhere -6 and no span."""

    margins: dict[str, float]
    asked: list[str] = field(default_factory=list)

    def find(
        self, question: str, texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[list[SpanFound]]:
        self.asked.append(question)
        return [
            [self._best(text, a, b) for a, b in spans] for text, spans in zip(texts, sentences, strict=True)
        ]

    def _best(self, text: str, a: int, b: int) -> SpanFound:
        for answer, margin in self.margins.items():
            match = re.compile(re.escape(answer)).search(text, a, b)
            if match:
                return SpanFound(margin, match.start(), match.end())
        return SpanFound(-6.0, a, a)
