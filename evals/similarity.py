"""The method before there was a reader: the sentence nearest to the question, by the encoder's cosine.

Behind the same search, composing and checking, so that the difference is the reader's.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.asking import what_is_asked
from assistant.facts import find_facts
from assistant.reader import Evidence, Reading
from index.documents import Hit
from index.encoder import Encoder
from index.sentences import sentence_spans


class SimilarityReader:
    """Ranks sentences by cosine; the cosine is also the confidence."""

    name = "similarity"

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Score every sentence of `hits`, best first."""
        places = [(hit, a, b) for hit in hits for a, b in sentence_spans(hit.paragraph.text)]
        if not places or not question.strip():
            return Reading((), 0.0)
        asked = self._encoder.queries([question])[0]
        vectors = self._encoder.passages([hit.paragraph.text[a:b] for hit, a, b in places])
        evidence = [
            self._evidence(question, hit, a, b, min(1.0, max(0.0, float(vector @ asked))))
            for (hit, a, b), vector in zip(places, vectors, strict=True)
        ]
        evidence.sort(
            key=lambda e: (-e.answerable, e.hit.paragraph.document_id, e.hit.paragraph.number, e.start)
        )
        return Reading(tuple(evidence), evidence[0].answerable)

    def _evidence(self, question: str, hit: Hit, start: int, end: int, cosine: float) -> Evidence:
        kinds = what_is_asked(question).facts
        facts = [fact for fact in find_facts(hit.paragraph.text[start:end]) if fact.kind in kinds]
        short = (start + facts[0].start, start + facts[0].end) if facts else None
        return Evidence(hit, start, end, cosine, cosine, short)
