"""The span model's network at work: `SpanModel` for reading only, on `index/bert.py`.

Training needs transformers (see `model.py`), whose import takes several times as long as an answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from tokenizers import Encoding
from torch import Tensor
from torch.nn import functional

from assistant.errors import ReaderError
from assistant.reader.marks import token_marks
from index.bert import Bert, load_config, load_tokenizer, padded
from index.bert import load_weights as base_weights
from index.encoder import packaged_model

WINDOW = 320
"""Tokens of question and paragraph together that are read at once."""
STRIDE = 96
"""Tokens that two windows of one paragraph have in common."""
LONGEST_QUESTION = 2 * STRIDE
"""Tokens of a question that are read; a window has to hold more of the paragraph than two have in common."""
_BERT = "bert."


@dataclass(frozen=True, slots=True)
class Read:
    """One window of a text: which text it is of, (tokens, 3) logits, (tokens, 2) places in the text, and which tokens
    are the paragraph's."""

    text: int
    logits: npt.NDArray[np.float32]
    offsets: npt.NDArray[np.int64]
    inside: npt.NDArray[np.bool_]


class SpanNetwork:
    """BERT layers, marks and a linear head of three outputs a token."""

    def __init__(self, weights: Path, sha256: str | None = None) -> None:
        """Put the stored weights into the packaged base.

        Raises:
            ReaderError: the file is missing, is not the one that `sha256` names, or fits another model.
        """
        folder = packaged_model()
        stored = _stored(weights, sha256)
        base = base_weights(folder)
        changed = {
            name.removeprefix(_BERT): value for name, value in stored.items() if name.startswith(_BERT)
        }
        if not (
            {"head.weight", "head.bias", "marks.weight"} <= stored.keys() and changed.keys() <= base.keys()
        ):
            raise ReaderError(f"The reader's weights '{weights}' fit another model. Reinstall the program.")
        self._bert = Bert({**base, **changed}, load_config(folder))
        self._marks = stored["marks.weight"]
        self._head = (stored["head.weight"], stored["head.bias"])
        self._words = load_tokenizer(folder)
        self._tokenizer = load_tokenizer(folder)
        self._tokenizer.enable_truncation(WINDOW, stride=STRIDE, strategy="only_second")

    def read(self, questions: Sequence[str], texts: Sequence[str]) -> Iterator[Read]:
        """Each text beside its question, in one padded batch; a long text in overlapping windows.

        Of a question, the first `LONGEST_QUESTION` tokens are read.
        """
        windows: list[tuple[int, Encoding]] = []
        cut = {question: self._cut(question) for question in set(questions)}
        questions = [cut[question] for question in questions]
        pairs = list(zip(questions, texts, strict=True))
        for owner, encoded in enumerate(self._tokenizer.encode_batch(pairs)):
            windows += [(owner, window) for window in (encoded, *encoded.overflowing)]
        batch = [encoding for _, encoding in windows]
        ids, mask = padded(batch)
        types, marks = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, (owner, one) in enumerate(windows):
            count = len(one.ids)
            types[row, :count] = torch.tensor(one.type_ids)
            marks[row, :count] = torch.tensor(
                token_marks(questions[owner], texts[owner], one.offsets, one.sequence_ids)
            )
        logits = self.logits(ids, mask, types, marks)
        for row, (owner, one) in enumerate(windows):
            inside = np.array([part == 1 for part in one.sequence_ids])
            yield Read(owner, logits[row, : len(one.ids)], np.array(one.offsets), inside)

    def _cut(self, question: str) -> str:
        offsets = self._words.encode(question, add_special_tokens=False).offsets
        return question if len(offsets) <= LONGEST_QUESTION else question[: offsets[LONGEST_QUESTION - 1][1]]

    def logits(self, ids: Tensor, mask: Tensor, types: Tensor, marks: Tensor) -> npt.NDArray[np.float32]:
        """(batch, tokens, 3) logits of beginning the answer, ending it, and (first token) of no answer."""
        with torch.inference_mode():
            words = functional.embedding(ids, self._bert.words) + functional.embedding(marks, self._marks)
            found: npt.NDArray[np.float32] = functional.linear(
                self._bert.hidden(words, mask, types), *self._head
            ).numpy()
        return found


def _stored(path: Path, sha256: str | None) -> dict[str, Tensor]:
    if not path.is_file():
        raise ReaderError(f"The reader's weights '{path}' are missing. Reinstall the program.")
    if sha256 is not None:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            raise ReaderError(f"The reader's weights '{path}' are damaged. Reinstall the program.")
    return {name: value.float() for name, value in load_file(str(path)).items()}
