"""The span reader at work: for each sentence of each paragraph, its best answer span and how sure it is.

All paragraphs of a question are read in one batch. A paragraph longer than the window is read in
overlapping windows. What is given for a sentence is the margin of its best span over "no answer here", so that
sentences of different paragraphs can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index.encoder import Precision
from index.sentences import Span

if TYPE_CHECKING:
    from assistant.reader.network import SpanNetwork

LONGEST_ANSWER = 30
"""Tokens of a short answer."""
NOTHING = -1000.0
"""The margin of a sentence that no window holds whole; far below any that is read."""
VERIFIER = 2.0
"""What the verifier's logit weighs in the margin, beside the span's."""


@dataclass(frozen=True, slots=True)
class SpanFound:
    """A sentence's best answer span, in the paragraph's text, and its margin over no answer (a logit).

    The margin is made of `lead`, the span's logits over those of the first token, and of `nothing`, the verifier's
    logit that there is no answer. `peak` is the span's log-probability, were there an answer in the paragraph.
    """

    margin: float
    start: int
    end: int
    lead: float = NOTHING
    nothing: float = 0.0
    peak: float = NOTHING


class SpanFinder(Protocol):
    """What the evidence reader needs of a span model."""

    def find(
        self, question: str, texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[list[SpanFound]]:
        """For each text, for each of its sentences, the best span."""


class SpanReader:
    """The trained model, loaded on first use."""

    def __init__(self, weights: Path, sha256: str | None = None, precision: Precision = "float32") -> None:
        self._weights = weights
        self._sha256 = sha256
        self._precision = precision
        self._loaded: SpanNetwork | None = None

    def find(
        self, question: str, texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[list[SpanFound]]:
        """For each text, for each of its sentences, the best span.

        Args:
            question: the question.
            texts: the paragraphs.
            sentences: the sentence spans of each paragraph.
        """
        return self._best_within([question] * len(texts), texts, sentences)

    def answers(self, questions: Sequence[str], texts: Sequence[str]) -> list[SpanFound]:
        """The best span of each text for the question beside it, wherever it stands."""
        return self.within(questions, texts, [(0, len(text)) for text in texts])

    def within(
        self, questions: Sequence[str], texts: Sequence[str], places: Sequence[Span]
    ) -> list[SpanFound]:
        """The best span in one place of each text for the question beside it."""
        found = self._best_within(questions, texts, [[place] for place in places])
        return [spans[0] for spans in found]

    def _best_within(
        self, questions: Sequence[str], texts: Sequence[str], places: Sequence[Sequence[Span]]
    ) -> list[list[SpanFound]]:
        """For each text, read for the question beside it, the best span within each of its places."""
        found = [[SpanFound(NOTHING, a, a) for a, _ in spans] for spans in places]
        for window in self._windows(questions, texts):
            for i, (a, b) in enumerate(places[window.text]):
                span = window.best(a, b)
                if span is not None and span.margin > found[window.text][i].margin:
                    found[window.text][i] = span
        return found

    def _windows(self, questions: Sequence[str], texts: Sequence[str]) -> Iterator[_Window]:
        if not texts:
            return
        for read in self._network().read(questions, texts):
            yield _Window(read.text, read.logits, read.offsets, read.inside)

    def _network(self) -> SpanNetwork:
        if self._loaded is None:
            from assistant.reader.network import SpanNetwork

            self._loaded = SpanNetwork(self._weights, self._sha256, self._precision)
        return self._loaded


@dataclass(frozen=True, slots=True)
class _Window:
    """What the model made of one window: which text it is of, (tokens, 3) logits, (tokens, 2) offsets in the text,
    and which tokens are the paragraph's."""

    text: int
    logits: npt.NDArray[np.float32]
    offsets: npt.NDArray[np.int64]
    inside: npt.NDArray[np.bool_]

    def best(self, a: int, b: int) -> SpanFound | None:
        """The best span between two places of the text, or None where the window lacks them."""
        span = _best(self.logits, self.offsets, self.inside, a, b)
        if span is None:
            return None
        lead = span[0] - float(self.logits[0, :2].sum())
        nothing = float(self.logits[0, 2])
        whole = np.logaddexp.reduce(self.logits[self.inside, :2], axis=0).sum()
        return SpanFound(lead - VERIFIER * nothing, span[1], span[2], lead, nothing, span[0] - float(whole))


def _best(
    logits: npt.NDArray[np.float32],
    offsets: npt.NDArray[np.int64],
    inside: npt.NDArray[np.bool_],
    a: int,
    b: int,
) -> tuple[float, int, int] | None:
    """The best (score, start, end) of a span within a sentence, or None where the window lacks the sentence."""
    rows = np.flatnonzero(
        inside & (offsets[:, 0] >= a) & (offsets[:, 1] <= b) & (offsets[:, 1] > offsets[:, 0])
    )
    if not rows.size:
        return None
    starts, ends = logits[rows, 0], logits[rows, 1]
    scores = starts[:, None] + ends[None, :]
    length = np.arange(rows.size)[None, :] - np.arange(rows.size)[:, None]
    scores = np.where((length >= 0) & (length < LONGEST_ANSWER), scores, -np.inf)
    first, last = np.unravel_index(int(scores.argmax()), scores.shape)
    return float(scores[first, last]), int(offsets[rows[first], 0]), int(offsets[rows[last], 1])
