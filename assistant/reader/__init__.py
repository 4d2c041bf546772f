"""Reading: which sentences of the hits answer the question, and whether any does.

`Reader` is the seam. Behind it stands a method that scores sentences with the encoder and word
overlap (`evidence.py`); a trained model takes its place without a change elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from index.documents import Hit


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that may answer the question.

    `start` and `end` are the sentence's span in the paragraph's text, `short` the span of the short
    answer in that text, where the question asks for something short and the sentence has it.
    `answerable` is the probability that this sentence answers the question; `missing` are the names and
    figures of the question that the paragraph does not have. `peak` is the log-probability of the best short answer in
    the sentence, were there an answer in its paragraph; `signals` are what the probability was judged from. `lacks`
    says what keeps the sentence from answering, whatever the models make of it ("gives no percentage").
    """

    hit: Hit
    start: int
    end: int
    score: float
    answerable: float
    short: tuple[int, int] | None = None
    missing: tuple[str, ...] = ()
    peak: float = float("-inf")
    signals: tuple[float, ...] = ()
    lacks: str | None = None

    @property
    def text(self) -> str:
        """The sentence, as it stands in the paragraph."""
        return self.hit.paragraph.text[self.start : self.end]

    @property
    def short_text(self) -> str | None:
        """The short answer, as it stands in the paragraph."""
        return None if self.short is None else self.hit.paragraph.text[slice(*self.short)]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of the hits: evidence, best first, and the best one's probability."""

    evidence: tuple[Evidence, ...]
    answerable: float


class Reader(Protocol):
    """A reading method."""

    @property
    def name(self) -> str:
        """The name that a corpus version carries: another reader is another version."""

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Score the sentences of `hits` as answers to a question that stands alone."""
