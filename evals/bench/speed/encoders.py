"""Encoders around the real one: what counts what it is asked to embed, and what moves real vectors in its place."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from assistant.settings import Settings
from evals.bench.speed.figures import SEED
from index.encoder import Encoder, TokenVectors, Vectors

NOISE = 0.25
"""The length of what is added to a vector of length 1."""
_MOVES = 4096


class Around:
    """The encoder that it stands around."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.name = encoder.name

    @property
    def window(self) -> int:
        """How many tokens of a text are read."""
        return self.encoder.window

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) vectors of texts to be found."""
        return self.encoder.passages(texts)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) vectors of questions."""
        return self.encoder.queries(texts)

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Each text's token vectors."""
        return self.encoder.tokens(texts)

    def sentences(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """`passages` and `tokens` of the same texts."""
        return self.encoder.sentences(texts)

    def question(self, text: str) -> tuple[Vectors, TokenVectors]:
        """The (dimension,) vector of a question, and its token vectors."""
        return self.encoder.question(text)

    def count_tokens(self, text: str) -> int:
        """The number of tokens of `text`."""
        return self.encoder.count_tokens(text)

    def words(self) -> frozenset[str]:
        """The whole words of its vocabulary."""
        return self.encoder.words()


class Recording(Around):
    """Keeps the texts that were embedded, so that the encoder alone can be timed on them."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self.texts: list[str] = []

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) vectors of texts to be found."""
        self.texts += texts
        return super().passages(texts)


class Perturbed(Around):
    """In place of embedding a text, gives the vector of some other one, moved at random; the same at every call.

    It has the name of the encoder that it stands around, whose questions find what was built with it.
    """

    def __init__(self, encoder: Encoder, texts: Sequence[str]) -> None:
        """`texts` are embedded for their vectors."""
        super().__init__(encoder)
        self._real = encoder.passages(list(texts))
        self._moves = moves(_MOVES, self._real.shape[1])

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) vectors that stand for the texts."""
        numbers = np.array(
            [int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "little") for text in texts],
            dtype=np.int64,
        )
        real, rest = numbers % len(self._real), numbers // len(self._real)
        by = self._moves[rest % _MOVES] + self._moves[rest // _MOVES % _MOVES]
        return moved(self._real[real], by / np.float32(2**0.5))


def precision() -> str:
    """What the product's models compute in here."""
    from index.precision import working_type

    return str(working_type(Settings().precision)).removeprefix("torch.")


def moves(count: int, dimension: int, seed: int = SEED) -> Vectors:
    """(count, dimension) random vectors of about the length NOISE."""
    drawn = np.random.default_rng(seed).standard_normal((count, dimension), dtype=np.float32)
    return np.asarray(drawn * np.float32(NOISE / dimension**0.5))


def moved(vectors: Vectors, by: Vectors) -> Vectors:
    """The sums, of length 1."""
    found = vectors + by
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)
