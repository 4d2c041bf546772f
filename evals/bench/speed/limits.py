"""What searching and answering cost beside the physical limits: the encoder alone, the exact product, one reader batch.

Questions that are searched are others than those that are answered, since an encoder keeps its last questions'
vectors; the encoder that is timed alone is one by itself for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import zip_longest

import numpy as np

from assistant.answers import Question
from assistant.chat import HITS, Assistant
from assistant.reader.span import SpanReader
from assistant.settings import Settings
from assistant.wiring import open_encoder, open_spans
from evals.bench import seconds
from evals.bench.speed.figures import Figures, ratio, summary
from index.encoder import Encoder, Vectors
from index.sentences import sentence_spans

_RAW_TEXTS = 2048
_RAW_ROUNDS = 3


def answers_and_limits(
    assistant: Assistant, settings: Settings, asked: Sequence[str], vectors: int
) -> Figures:
    """Every second question is searched, beside its limits, and the others are answered.

    `vectors` is how many rows the exact product has: the paragraphs and sentences of the index.
    """
    encoder, spans = open_encoder(settings), open_spans(settings)
    _warm_up(encoder, spans)
    whole = _matrix(encoder, asked, vectors)
    answer, encode, search, exact, batch = [list[float]() for _ in range(5)]
    for searched, answered in zip_longest(asked[::2], asked[1::2]):
        if answered is not None:
            answer.append(1000 * seconds(partial(assistant.ask, Question(answered))))
        search.append(1000 * seconds(partial(assistant.library.search, searched, HITS)))
        encode.append(1000 * seconds(partial(encoder.question, searched)))
        exact.append(1000 * seconds(partial(_nearest, whole, encoder.question(searched)[0])))
        texts = [hit.paragraph.text for hit in assistant.library.search(searched, HITS)]
        places = [sentence_spans(text) for text in texts]
        batch.append(1000 * seconds(partial(spans.find, searched, texts, places)))
    both = (np.array(search) + np.array(batch)).tolist()
    return {
        "answer_ms": summary(answer),
        "search_ms": summary(search),
        "encode_query_ms": summary(encode),
        "exact_product_ms": summary(exact),
        "reader_batch_ms": summary(batch),
        "search_to_encoder": ratio(search, encode),
        "answer_to_limits": ratio(answer, both),
    }


def raw_encoder(encoder: Encoder, texts: Sequence[str]) -> list[float]:
    """Texts a second that the encoder embeds on its own, at each of a few tries.

    The texts are a sample of those that a build embedded, given at once, so that it may put those of like length
    together.
    """
    drawn = np.random.default_rng(0).permutation(len(texts))[:_RAW_TEXTS]
    sample = [texts[place] for place in drawn]
    return [len(sample) / seconds(partial(encoder.passages, sample)) for _ in range(_RAW_ROUNDS)]


def _warm_up(encoder: Encoder, spans: SpanReader) -> None:
    text = "What is loaded on first use is loaded now."
    for _ in range(2):
        encoder.question(text + text)
        spans.find("What is loaded?", [text] * HITS, [sentence_spans(text)] * HITS)


def _matrix(encoder: Encoder, texts: Sequence[str], rows: int) -> Vectors:
    """(rows, dimension) vectors, those of the texts again and again: what they are takes no time away."""
    some = encoder.passages(list(texts))
    return np.resize(some, (rows, some.shape[1]))


def _nearest(whole: Vectors, vector: Vectors) -> object:
    return np.argpartition(whole @ vector, -HITS)[-HITS:]
