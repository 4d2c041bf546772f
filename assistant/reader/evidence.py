"""The evidence reader: sentences scored by a span model, the encoder, word overlap and the kind of answer sought.

A logistic model over the features of `features.py`; the span model's margin is the strongest of them. Its
weights were fitted by `fit.py` and stand in `weights.json`, with what they were fitted on and what that gave.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np

from assistant.errors import ReaderError
from assistant.reader import Evidence, Reading
from assistant.reader.beside import lacking_beside
from assistant.reader.features import (
    FEATURES,
    Measured,
    Prepared,
    PreparedParagraph,
    Surroundings,
    measure,
    prepare_paragraphs,
    prepare_question,
)
from assistant.reader.lacks import lacking
from assistant.reader.short import Sentence, fits, short_answer
from assistant.reader.span import SpanFinder, SpanFound
from assistant.reader.told import Told
from assistant.words import Rarity
from index.documents import Hit
from index.encoder import Encoder

WEIGHTS = Path(__file__).with_name("weights.json")
SPAN_WEIGHTS = Path(__file__).with_name("span.safetensors")
SIGNALS = ("lead", "nothing", "peak", *FEATURES[2:], "logit", "capped_names", "unfit")
"""What the judge weighs: the span's lead over the first token, the verifier's logit that there is no answer, the span's
log-probability were there one, the other features, the first model's logit, how many names of the question the
paragraph lacks (three at most), and whether the short answer is not of the kind that is sought."""
UNJUDGED = tuple(float(name == "logit") for name in (*SIGNALS, "bias"))
"""The judge that leaves the first model's probability as it is."""
NOT_ANSWERING = 0.02
"""The most that a sentence can have which lacks what the question asks for."""
_CACHED = 2000
_MOST_MISSING = 3
_LEAST = -30.0


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted logistic model: standardise, weigh, add up, squash.

    `abstain_below` is the calibrated probability under which the documents are said not to answer;
    `span_sha256` names the span model that the weights were fitted with. `judge` weighs the `SIGNALS` and adds
    a bias: what the documents' own kind of question taught about the probability.
    """

    name: str
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    bias: float
    abstain_below: float
    span_sha256: str | None = None
    judge: tuple[float, ...] = UNJUDGED

    def probability(self, values: np.ndarray) -> float:
        """The probability that a sentence with these features answers the question."""
        standard = (values - np.array(self.mean)) / np.array(self.scale)
        return _squashed(float(standard @ np.array(self.weight)) + self.bias)

    def judged(self, signals: Sequence[float]) -> float:
        """The probability that a sentence with these `SIGNALS` answers the question."""
        *weights, bias = self.judge
        return _squashed(sum(w * s for w, s in zip(weights, signals, strict=True)) + bias)


def _squashed(logit: float) -> float:
    return float(1.0 / (1.0 + np.exp(-logit)))


@lru_cache(maxsize=4)
def load_weights(path: Path = WEIGHTS) -> Weights:
    """The weights that are shipped.

    Raises:
        ReaderError: they were fitted to other features than this version measures.
    """
    content = path.read_bytes()
    stored = json.loads(content)
    if tuple(stored["features"]) != FEATURES:
        raise ReaderError(f"{path.name} was fitted to other features; run: python -m assistant.reader.fit")
    return Weights(
        # Other weights are another reader, and so another corpus version.
        name=f"{stored['name']}-{hashlib.sha256(content).hexdigest()[:8]}",
        mean=tuple(stored["mean"]),
        scale=tuple(stored["scale"]),
        weight=tuple(stored["weight"]),
        bias=stored["bias"],
        abstain_below=stored["abstain_below"],
        span_sha256=stored.get("span_sha256"),
        judge=tuple(stored.get("judge", UNJUDGED)),
    )


class EvidenceReader:
    """Reads hits sentence by sentence. Keeps what it computed of a paragraph for the next question."""

    def __init__(
        self, encoder: Encoder, spans: SpanFinder, rarity: Rarity, titles: dict[str, str], weights: Weights
    ) -> None:
        """`titles` gives each document's title and publisher, whose words count as present in its paragraphs."""
        self._encoder = encoder
        self._spans = spans
        self._rarity = rarity
        self._titles = titles
        self._weights = weights
        self._prepared: OrderedDict[str, PreparedParagraph] = OrderedDict()
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The name that a corpus version carries."""
        return self._weights.name

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Score every sentence of `hits`, best first."""
        if not hits or not question.strip():
            return Reading((), 0.0)
        asked = prepare_question(question, self._encoder)
        paragraphs = self._paragraphs(hits)
        found = self._spans.find(
            question, [hit.paragraph.text for hit in hits], [prepared.spans for prepared in paragraphs]
        )
        best = max(hit.score for hit in hits)
        beside = lacking_beside(
            question,
            [hit.paragraph for hit in hits],
            [[fact for facts in prepared.facts for fact in facts] for prepared in paragraphs],
        )
        evidence = [
            self._evidence(asked, hit, prepared, i, measured, span, lack)
            for hit, prepared, spans, lack in zip(hits, paragraphs, found, beside, strict=True)
            for i, (measured, span) in enumerate(
                zip(self._measured(asked, hit, prepared, spans, best), spans, strict=True)
            )
        ]
        evidence.sort(
            key=lambda e: (-e.answerable, e.hit.paragraph.document_id, e.hit.paragraph.number, e.start)
        )
        return Reading(tuple(evidence), evidence[0].answerable if evidence else 0.0)

    def _context(self, hit: Hit) -> str:
        title = self._titles.get(hit.paragraph.document_id, "")
        return "\n".join(part for part in (title, hit.paragraph.heading) if part)

    def _measured(
        self,
        question: Prepared,
        hit: Hit,
        prepared: PreparedParagraph,
        spans: Sequence[SpanFound],
        best: float,
    ) -> list[Measured]:
        return measure(question, hit, prepared, spans, Surroundings(self._context(hit), best, self._rarity))

    def _evidence(
        self,
        question: Prepared,
        hit: Hit,
        prepared: PreparedParagraph,
        i: int,
        found: Measured,
        span: SpanFound,
        beside: str | None,
    ) -> Evidence:
        start, end = prepared.spans[i]
        probability = self._weights.probability(found.values)
        sentence = Sentence(hit.paragraph.text[start:end], start, prepared.tokens[i], found.sought)
        short = short_answer(question, sentence, span)
        signals = (
            max(span.lead, _LEAST),
            span.nothing,
            max(span.peak, _LEAST),
            *(float(value) for value in found.values[2:]),
            float(np.log(max(probability, 1e-6) / max(1 - probability, 1e-6))),
            float(min(len(found.missing_names), _MOST_MISSING)),
            float(question.asked.is_short and not fits(question, sentence, short)),
        )
        told = Told(
            sentence.text,
            found.facts,
            found.stated,
            hit.paragraph.text[slice(*short)] if short else None,
            hit.paragraph.text[:start],
        )
        lacks = beside or lacking(question.text, question.asked, told)
        judged = self._weights.judged(signals)
        return Evidence(
            hit=hit,
            start=start,
            end=end,
            score=probability,
            answerable=judged if lacks is None else min(judged, NOT_ANSWERING),
            short=short,
            missing=found.missing_names + found.missing_figures,
            peak=span.peak,
            signals=signals,
            lacks=lacks,
        )

    def _paragraphs(self, hits: Sequence[Hit]) -> list[PreparedParagraph]:
        with self._lock:
            return self._kept(hits)

    def _kept(self, hits: Sequence[Hit]) -> list[PreparedParagraph]:
        new = [hit.paragraph for hit in hits if hit.paragraph.content_hash not in self._prepared]
        prepared = prepare_paragraphs([paragraph.text for paragraph in new], self._encoder)
        for paragraph, one in zip(new, prepared, strict=True):
            self._prepared[paragraph.content_hash] = one
        wanted = []
        for hit in hits:
            self._prepared.move_to_end(hit.paragraph.content_hash)
            wanted.append(self._prepared[hit.paragraph.content_hash])
        while len(self._prepared) > _CACHED:
            self._prepared.popitem(last=False)
        return wanted
