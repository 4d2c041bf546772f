"""The span model's network at work: `SpanModel` for reading only, on `index/bert.py`.

Training needs transformers (see `model.py`), whose import takes several times as long as an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Encoding
from torch import Tensor
from torch.nn import functional

from assistant.errors import ReaderError
from assistant.reader.marks import token_marks
from assistant.reader.stored import stored_models
from assistant.reader.together import Together
from index.bert import Bert, end_to_end, load_config, load_tokenizer
from index.bert import load_weights as base_weights
from index.encoder import Precision, packaged_model
from index.precision import working_type

WINDOW = 320
"""Tokens of question and paragraph together that are read at once."""
STRIDE = 96
"""Tokens that two windows of one paragraph have in common."""
LONGEST_QUESTION = 2 * STRIDE
"""Tokens of a question that are read; a window has to hold more of the paragraph than two have in common."""
MOST = 32
"""Windows that are read at once, for all who ask."""
_BERT = "bert."
_OWN = frozenset({"head.weight", "head.bias", "marks.weight"})


@dataclass(frozen=True, slots=True)
class Window:
    """A question and as much of a text as is read at once: which text it is of, its tokens, and a mark for each."""

    text: int
    encoding: Encoding
    marks: Sequence[int]


@dataclass(frozen=True, slots=True)
class Read:
    """One window of a text: which text it is of, (tokens, 3) logits, (tokens, 2) places in the text, and which tokens
    are the paragraph's."""

    text: int
    logits: npt.NDArray[np.float32]
    offsets: npt.NDArray[np.int64]
    inside: npt.NDArray[np.bool_]


class _Member:
    """One model: BERT layers, marks and a linear head of three outputs a token."""

    def __init__(self, weights: Mapping[str, Tensor], folder: Path, kind: torch.dtype) -> None:
        base = base_weights(folder)
        changed = {name.removeprefix(_BERT): v for name, v in weights.items() if name.startswith(_BERT)}
        if not (weights.keys() >= _OWN and changed.keys() <= base.keys()):
            raise ReaderError("The reader's weights fit another model. Reinstall the program.")
        self._bert = Bert({**base, **changed}, load_config(folder), kind)
        self._marks = weights["marks.weight"]
        self._head = (weights["head.weight"], weights["head.bias"])

    def logits(self, ids: Tensor, marks: Tensor, types: Tensor, lengths: Sequence[int]) -> Tensor:
        """(tokens, 3) logits of texts that are laid end to end."""
        words = functional.embedding(ids, self._bert.words) + functional.embedding(marks, self._marks)
        return functional.linear(self._bert.hidden(words, lengths, types), *self._head)


class SpanNetwork:
    """Models of one kind that read the same windows; their logits are averaged."""

    def __init__(self, weights: Path, sha256: str | None = None, precision: Precision = "float32") -> None:
        """Put the stored weights into the packaged base, to compute in `precision`.

        Raises:
            ReaderError: the file is missing, is not the one that `sha256` names, or fits another model.
        """
        folder = packaged_model()
        kind = working_type(precision)
        self._members = [_Member(model, folder, kind) for model in stored_models(weights, sha256)]
        self._words = load_tokenizer(folder)
        self._tokenizer = load_tokenizer(folder)
        self._tokenizer.enable_truncation(WINDOW, stride=STRIDE, strategy="only_second")
        self._together = Together(self.logits, MOST)

    def read(self, questions: Sequence[str], texts: Sequence[str]) -> Iterator[Read]:
        """Each text beside its question, a long one in overlapping windows; threads that ask at once share a batch.

        Of a question, the first `LONGEST_QUESTION` tokens are read.
        """
        windows = self.windows(questions, texts)
        for window, logits in zip(windows, self._together(windows), strict=True):
            inside = np.array([part == 1 for part in window.encoding.sequence_ids])
            yield Read(window.text, logits, np.array(window.encoding.offsets), inside)

    def windows(self, questions: Sequence[str], texts: Sequence[str]) -> list[Window]:
        """Each text beside its question, as often as it takes to hold it whole."""
        cut = {question: self._cut(question) for question in set(questions)}
        questions = [cut[question] for question in questions]
        encoded = self._tokenizer.encode_batch(list(zip(questions, texts, strict=True)))
        return [
            Window(i, one, token_marks(questions[i], texts[i], one.offsets, one.sequence_ids))
            for i, each in enumerate(encoded)
            for one in (each, *each.overflowing)
        ]

    def _cut(self, question: str) -> str:
        offsets = self._words.encode(question, add_special_tokens=False).offsets
        return question if len(offsets) <= LONGEST_QUESTION else question[: offsets[LONGEST_QUESTION - 1][1]]

    def logits(self, windows: Sequence[Window]) -> list[npt.NDArray[np.float32]]:
        """For each window (tokens, 3) logits of beginning the answer, ending it, and (first token) of no answer."""
        order = sorted(range(len(windows)), key=lambda i: len(windows[i].encoding.ids))
        found: dict[int, npt.NDArray[np.float32]] = {}
        for at in range(0, len(order), MOST):
            rows = order[at : at + MOST]
            found |= zip(rows, self._batch([windows[i] for i in rows]), strict=True)
        return [found[i] for i in range(len(windows))]

    def _batch(self, windows: Sequence[Window]) -> list[npt.NDArray[np.float32]]:
        encoded = [window.encoding for window in windows]
        lengths = [len(one.ids) for one in encoded]
        types = torch.tensor([kind for one in encoded for kind in one.type_ids])
        marks = torch.tensor([mark for window in windows for mark in window.marks])
        ids = end_to_end(encoded)
        with torch.inference_mode():
            read = [member.logits(ids, marks, types, lengths) for member in self._members]
            logits = torch.stack(read).mean(dim=0)
        return [each.numpy() for each in logits.split(lengths)]
