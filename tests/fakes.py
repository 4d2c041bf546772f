"""An encoder whose similarities can be read by eye."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from index.encoder import TokenVectors, Vectors

WORDS = "harbour quay salt ferry bay bell winter bridge bakers mill barley breweries river"


class OneHotEncoder:
    """One axis for each word of a small vocabulary, and a last one for texts with none of them.

    Two texts with a and b words of the vocabulary, c of them in common, have the cosine c / sqrt(a * b).
    A token is a run of letters and figures. `embedded` and `asked` keep every text in order.
    """

    def __init__(self, words: str = WORDS, *, name: str = "one-hot", window: int = 64) -> None:
        self.name = name
        self.window = window
        self.embedded: list[str] = []
        self.asked: list[str] = []
        self._axes = {word: axis for axis, word in enumerate(words.split())}

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return self._vectors(texts)

    def queries(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return self._vectors(texts)

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        found = []
        for text in texts:
            spans = tuple(match.span() for match in re.finditer(r"\w+", text))
            found.append(TokenVectors(self._vectors([text[start:end] for start, end in spans]), spans))
        return found

    def sentences(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        return self.passages(texts), self.tokens(texts)

    def question(self, text: str) -> tuple[Vectors, TokenVectors]:
        return self.queries([text])[0], self.tokens([text])[0]

    def count_tokens(self, text: str) -> int:
        return len(re.findall(r"\w+", text))

    def words(self) -> frozenset[str]:
        return frozenset(self._axes)

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), len(self._axes) + 1), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            axes = {self._axes[word] for word in re.findall(r"\w+", text.lower()) if word in self._axes}
            row[list(axes) or [-1]] = 1.0
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
