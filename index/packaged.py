"""The packaged encoder, run by `index/bert.py`: tokenised once, batched by length, vectors and tokens of one pass.

Imported where it is used, since torch takes seconds to import.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Encoding
from torch import Tensor
from torch.nn import functional

from index.bert import Bert, end_to_end, load_config, load_tokenizer, load_weights
from index.encoder import Precision, TokenVectors, Vectors, token_vectors, whole_words
from index.precision import working_type

_MOST = 256
"""Tokens of a text that are read, as the model's own configuration says, special tokens counted."""
_BATCH = 4096
"""Tokens that are computed at once: enough to keep the cores busy, few enough for the allocator to use memory again."""


class PackagedEncoder:
    """all-MiniLM-L6-v2: the mean of the tokens' vectors, made of length 1. It has no prompts."""

    window = _MOST - 2

    def __init__(self, name: str, folder: Path, precision: Precision = "float32") -> None:
        """`folder` holds the model's files."""
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self.name = name
        self._bert = Bert(load_weights(folder), load_config(folder), working_type(precision))
        self._whole = load_tokenizer(folder)
        self._cut = load_tokenizer(folder)
        self._cut.enable_truncation(_MOST)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), 384) vectors of texts to be found."""
        vectors = np.zeros((len(texts), self._bert.words.shape[1]), dtype=np.float32)

        def keep(row: int, encoding: Encoding, hidden: Tensor) -> None:
            vectors[row] = _pooled(hidden)

        self._read(texts, keep)
        return vectors

    def queries(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), 384) vectors of questions."""
        return self.passages(texts)

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Each text's token vectors."""
        return self.sentences(texts)[1]

    def sentences(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """(len(texts), 384) vectors of texts, and their token vectors."""
        vectors = np.zeros((len(texts), self._bert.words.shape[1]), dtype=np.float32)
        tokens: dict[int, TokenVectors] = {}

        def keep(row: int, encoding: Encoding, hidden: Tensor) -> None:
            vectors[row] = _pooled(hidden)
            tokens[row] = token_vectors(hidden.numpy(), encoding.offsets)

        self._read(texts, keep)
        return vectors, [tokens[row] for row in range(len(texts))]

    def question(self, text: str) -> tuple[Vectors, TokenVectors]:
        """The (384,) vector of a question, and its token vectors."""
        vectors, tokens = self.sentences([text])
        return vectors[0], tokens[0]

    def count_tokens(self, text: str) -> int:
        """The number of tokens of `text`."""
        return len(self._whole.encode(text, add_special_tokens=False).ids)

    def words(self) -> frozenset[str]:
        """The whole words of its vocabulary, lower case."""
        return whole_words(self._whole.get_vocab())

    def _read(self, texts: Sequence[str], keep: Callable[[int, Encoding, Tensor], None]) -> None:
        """Run the model over all texts, texts of like length together; `keep` gets each one's (tokens, 384) vectors."""
        encoded = self._cut.encode_batch(list(texts))
        order = sorted(range(len(texts)), key=lambda row: -len(encoded[row].ids))
        with torch.inference_mode():
            for rows in _batches(order, [len(each.ids) for each in encoded]):
                batch = [encoded[row] for row in rows]
                lengths = [len(each.ids) for each in batch]
                hidden = self._bert.hidden(self._bert.words[end_to_end(batch)], lengths)
                for row, encoding, one in zip(rows, batch, hidden.split(lengths), strict=True):
                    keep(row, encoding, one)


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """The rows in this order, as many at a time as have `_BATCH` tokens together."""
    batch: list[int] = []
    tokens = 0
    for row in order:
        if batch and tokens + lengths[row] > _BATCH:
            yield batch
            batch, tokens = [], 0
        batch.append(row)
        tokens += lengths[row]
    if batch:
        yield batch


def _pooled(hidden: Tensor) -> Vectors:
    """(384,): the mean over a text's tokens, of length 1."""
    vector: Vectors = functional.normalize(hidden.mean(0), dim=0).numpy()
    return vector
