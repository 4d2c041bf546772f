"""The packaged encoder, run by `index/bert.py`: tokenised once, batched by length, vectors and tokens of one pass.

Imported where it is used, since torch takes seconds to import.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Encoding
from torch import Tensor
from torch.nn import functional

from index.bert import Bert, load_config, load_tokenizer, load_weights, padded
from index.encoder import TokenVectors, Vectors, token_vectors, whole_words

_MOST = 256
"""Tokens of a text that are read, as the model's own configuration says, special tokens counted."""
_BATCH = 64


class PackagedEncoder:
    """all-MiniLM-L6-v2: the mean of the tokens' vectors, made of length 1. It has no prompts."""

    window = _MOST - 2

    def __init__(self, name: str, folder: Path) -> None:
        """`folder` holds the model's files."""
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self.name = name
        self._bert = Bert(load_weights(folder), load_config(folder))
        self._whole = load_tokenizer(folder)
        self._cut = load_tokenizer(folder)
        self._cut.enable_truncation(_MOST)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), 384) vectors of texts to be found."""
        vectors = np.zeros((len(texts), self._bert.words.shape[1]), dtype=np.float32)

        def keep(rows: Sequence[int], batch: Sequence[Encoding], hidden: Tensor, mask: Tensor) -> None:
            vectors[list(rows)] = _pooled(hidden, mask)

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

        def keep(rows: Sequence[int], batch: Sequence[Encoding], hidden: Tensor, mask: Tensor) -> None:
            vectors[list(rows)] = _pooled(hidden, mask)
            for row, encoding, each in zip(rows, batch, hidden.numpy(), strict=True):
                tokens[row] = token_vectors(each[: len(encoding.offsets)], encoding.offsets)

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

    def _read(
        self,
        texts: Sequence[str],
        keep: Callable[[Sequence[int], Sequence[Encoding], Tensor, Tensor], None],
    ) -> None:
        """Run the model over all texts, texts of like length together, so that little of a batch is filling."""
        encoded = self._cut.encode_batch(list(texts))
        order = sorted(range(len(texts)), key=lambda row: -len(encoded[row].ids))
        with torch.inference_mode():
            for at in range(0, len(order), _BATCH):
                rows = order[at : at + _BATCH]
                batch = [encoded[row] for row in rows]
                ids, mask = padded(batch)
                keep(rows, batch, self._bert.hidden(self._bert.words[ids], mask), mask)


def _pooled(hidden: Tensor, mask: Tensor) -> Vectors:
    """(texts, 384): the mean over each text's tokens, of length 1."""
    there = mask.unsqueeze(-1).expand(hidden.size()).to(hidden.dtype)
    mean = torch.sum(hidden * there, 1) / torch.clamp(there.sum(1), min=1e-9)
    vectors: Vectors = functional.normalize(functional.normalize(mean, p=2, dim=1), p=2, dim=1).numpy()
    return vectors
