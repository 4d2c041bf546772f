"""What the evidence reader measures of a sentence as an answer to a question.

Every feature is a plain number; `FEATURES` names them in the order of the weights. Similarities are
cosines of the encoder. "Soft" coverage matches each content word of the question with the nearest word of
the text by their contextual vectors (as BERTScore does, Zhang et al. 2020), weighted by rarity, so that
"ammo" meets "munitions"; "hard" coverage compares stems.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.amounts import Amount
from assistant.asking import Asked, what_is_asked
from assistant.facts import Fact, find_facts, supports
from assistant.naming import speaks_of
from assistant.reader.span import SpanFound
from assistant.words import Rarity, Word, content_words, coverage, stems
from index.documents import Hit
from index.encoder import Encoder, TokenVectors, Vectors
from index.sentences import sentence_spans

FEATURES = (
    "span_margin",
    "span_likely",
    "cosine_sentence",
    "cosine_best_neighbour",
    "rank_gap",
    "soft_sentence",
    "soft_paragraph",
    "soft_least",
    "hard_sentence",
    "hard_paragraph",
    "missing_names",
    "missing_figures",
    "has_sought",
    "lacks_sought",
    "short_sentence",
    "head_pronoun",
)

_ORDINAL = "th"
# With its capital at the question's head such a verb looks like a name.
_IMPERATIVES = frozenset(
    "collect compare contrast define describe explain find give identify list name outline please quote show state "
    "summarise summarize tell".split()
)
_HEAD_PRONOUN = re.compile(
    r"^\W*(?:He|She|It|They|This|That|These|Those|Such|His|Her|Its|Their|There|Here|Both|Other than that)\b"
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question with everything that is computed once."""

    text: str
    asked: Asked
    words: tuple[Word, ...]
    facts: tuple[Fact, ...]
    vector: Vectors
    tokens: TokenVectors


@dataclass(frozen=True, slots=True)
class PreparedParagraph:
    """A paragraph with everything that does not depend on the question."""

    spans: tuple[tuple[int, int], ...]
    vectors: Vectors
    tokens: tuple[TokenVectors, ...]
    stems: tuple[frozenset[str], ...]
    facts: tuple[tuple[Fact, ...], ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A sentence's features, its facts and those of the sought kind, and what of the question its paragraph lacks.

    `stated` are the facts of the paragraph and of what heads it.
    """

    values: npt.NDArray[np.float32]
    facts: tuple[Fact, ...]
    stated: tuple[Fact, ...]
    sought: tuple[Fact, ...]
    missing_names: tuple[str, ...]
    missing_figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a paragraph is measured against.

    `context` is what heads it (title, heading), whose words count as present; `best` the highest fused score among
    the hits; `rarity` how rare words are in the corpus.
    """

    context: str
    best: float
    rarity: Rarity


def prepare_question(question: str, encoder: Encoder) -> Prepared:
    """Everything of a question that its comparison with many sentences needs."""
    vector, tokens = encoder.question(question)
    return Prepared(
        text=question,
        asked=what_is_asked(question),
        words=tuple(content_words(question)),
        facts=tuple(fact for fact in find_facts(question) if fact.text.lower() not in _IMPERATIVES),
        vector=vector,
        tokens=tokens,
    )


def prepare_paragraphs(texts: Sequence[str], encoder: Encoder) -> list[PreparedParagraph]:
    """Sentences, vectors, stems and facts of each text, encoded in one batch."""
    spans = [tuple(sentence_spans(text)) for text in texts]
    sentences = [text[a:b] for text, found in zip(texts, spans, strict=True) for a, b in found]
    vectors, tokens = encoder.sentences(sentences)
    prepared = []
    at = 0
    for found in spans:
        end = at + len(found)
        prepared.append(
            PreparedParagraph(
                spans=found,
                vectors=vectors[at:end],
                tokens=tuple(tokens[at:end]),
                stems=tuple(stems(s) for s in sentences[at:end]),
                facts=tuple(find_facts(s) for s in sentences[at:end]),
            )
        )
        at = end
    return prepared


def measure(
    question: Prepared,
    hit: Hit,
    prepared: PreparedParagraph,
    spans: Sequence[SpanFound],
    surroundings: Surroundings,
) -> list[Measured]:
    """The features of each sentence of a paragraph.

    Args:
        question: the question.
        hit: the paragraph as it was found.
        prepared: the same paragraph, prepared.
        spans: the span model's best answer in each sentence.
        surroundings: what stands around the paragraph.
    """
    paragraph = hit.paragraph
    around = stems(surroundings.context)
    all_stems = frozenset().union(around, *prepared.stems)
    cosines = prepared.vectors @ question.vector
    soft = np.stack([_soft(question, tokens) for tokens in prepared.tokens]) if prepared.tokens else None
    if soft is None:
        return []
    weights = _weights(question, surroundings.rarity)
    stated = tuple(fact for facts in prepared.facts for fact in facts) + find_facts(surroundings.context)
    missing_names = _missing(question, stated, all_stems, names=True)
    missing_figures = _missing(question, stated, all_stems, names=False)
    soft_paragraph = soft.max(axis=0)
    measured = []
    for i, (start, end) in enumerate(prepared.spans):
        sought = _sought(question, prepared.facts[i], paragraph.text[start:end])
        neighbours = [cosines[j] for j in (i - 1, i + 1) if 0 <= j < len(cosines)]
        values = np.array(
            [
                max(spans[i].margin, -12.0),
                1.0 / (1.0 + np.exp(-spans[i].margin / 2)),
                cosines[i],
                max(neighbours, default=cosines[i]),
                hit.score - surroundings.best,
                float(soft[i] @ weights),
                float(soft_paragraph @ weights),
                float(soft_paragraph.min(initial=1.0)),
                coverage(question.words, prepared.stems[i], surroundings.rarity),
                coverage(question.words, all_stems, surroundings.rarity),
                float(len(missing_names)),
                float(len(missing_figures)),
                float(question.asked.is_short and bool(sought)),
                float(question.asked.is_short and not sought),
                float(end - start < 40),
                float(bool(_HEAD_PRONOUN.match(paragraph.text[start:end]))),
            ],
            dtype=np.float32,
        )
        measured.append(Measured(values, prepared.facts[i], stated, sought, missing_names, missing_figures))
    return measured


def leads_on(sentence: str) -> bool:
    """Whether a sentence opens with a pronoun, so that the one before it is needed to read it."""
    return bool(_HEAD_PRONOUN.match(sentence))


def _weights(question: Prepared, rarity: Rarity) -> npt.NDArray[np.float32]:
    raw = np.array([rarity(word.stem) for word in question.words], dtype=np.float32)
    return raw / raw.sum() if raw.size and raw.sum() else raw


def _soft(question: Prepared, tokens: TokenVectors) -> npt.NDArray[np.float32]:
    """(words,) the nearest cosine of each content word of the question among the text's tokens."""
    if not question.words or not len(tokens.vectors):
        return np.zeros(len(question.words), dtype=np.float32)
    rows = []
    for word in question.words:
        pieces = [i for i, (a, b) in enumerate(question.tokens.spans) if a < word.end and b > word.start]
        if not pieces:  # beyond the encoder's window
            rows.append(np.zeros(question.tokens.vectors.shape[1], dtype=np.float32))
            continue
        mean = question.tokens.vectors[pieces].mean(axis=0)
        rows.append(mean / max(float(np.linalg.norm(mean)), 1e-9))
    similar = np.stack(rows) @ tokens.vectors.T
    return np.asarray(similar.max(axis=1), dtype=np.float32)


def _missing(
    question: Prepared, stated: Sequence[Fact], present: frozenset[str], *, names: bool
) -> tuple[str, ...]:
    """The names, or the dates and figures, of the question that a paragraph does not state."""
    return tuple(
        fact.text
        for fact in question.facts
        if (fact.kind == "name") is names
        and not supports(stated, fact)
        and not (names and speaks_of(stated, fact))
        and not (names and stems(fact.text) and stems(fact.text) <= present)
    )


def _sought(question: Prepared, facts: Sequence[Fact], sentence: str) -> tuple[Fact, ...]:
    """The facts of a sentence that could be the short answer: of the right kind, and not in the question.

    "The first" counts nothing.
    """
    return tuple(
        fact
        for fact in facts
        if fact.kind in question.asked.facts
        and not supports(question.facts, fact)
        and not (isinstance(fact.value, Amount) and fact.value.unit == _ORDINAL)
    )
