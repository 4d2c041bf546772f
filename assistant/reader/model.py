"""The span reader's network: the packaged encoder's transformer with a span head.

A question and a paragraph go in as one sequence; for every token come out two logits, of beginning and of
ending the answer. The first token stands for "no answer here" (Devlin et al. 2019, as for SQuAD 2.0).
Only what training changed is stored: the transformer's layers and the head, in half precision. The
embeddings stay those of the package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoTokenizer, BertModel, PreTrainedTokenizerFast
from transformers.utils import logging

from assistant.errors import ReaderError
from index.encoder import packaged_model

WINDOW = 320
"""Tokens of question and paragraph together that are read at once."""


class SpanModel(nn.Module):
    """BERT layers and a linear head of two outputs a token."""

    def __init__(self, frozen: int = 0) -> None:
        """`frozen` lower layers keep the package's weights, as the embeddings do."""
        super().__init__()
        logging.set_verbosity_error()  # the report names the pooler, which is not used
        logging.disable_progress_bar()
        self.bert = BertModel.from_pretrained(str(packaged_model()), add_pooling_layer=False)
        self.bert.embeddings.requires_grad_(False)
        for layer in self.bert.encoder.layer[:frozen]:
            layer.requires_grad_(False)
        self._kept = ("embeddings", *(f"encoder.layer.{i}." for i in range(frozen)))
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(self.bert.config.hidden_size, 2)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """(batch, tokens, 2) logits of beginning and ending the answer."""
        hidden = self.bert(**inputs).last_hidden_state
        logits: Tensor = self.head(self.dropout(hidden))
        return logits

    def changed(self) -> dict[str, Tensor]:
        """What training may change: the layers that are not frozen, and the head."""
        return {
            name: value
            for name, value in self.state_dict().items()
            if not any(part in name for part in self._kept)
        }


def load_tokenizer() -> PreTrainedTokenizerFast:
    """The packaged encoder's tokenizer."""
    tokenizer: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(str(packaged_model()))
    return tokenizer


def save_weights(model: SpanModel, path: Path) -> str:
    """Store the changed weights in half precision; returns the file's SHA-256."""
    save_file({name: value.half().contiguous() for name, value in model.changed().items()}, str(path))
    return weights_hash(path)


def load_weights(path: Path, sha256: str | None = None) -> SpanModel:
    """The packaged base with the stored weights in it, ready to read.

    Raises:
        ReaderError: the file is missing or is not the one that `sha256` names.
    """
    if not path.is_file():
        raise ReaderError(f"The reader's weights '{path}' are missing. Reinstall the program.")
    if sha256 is not None and weights_hash(path) != sha256:
        raise ReaderError(f"The reader's weights '{path}' are damaged. Reinstall the program.")
    model = SpanModel()
    stored = {name: value.float() for name, value in load_file(str(path)).items()}
    missing, unexpected = model.load_state_dict(stored, strict=False)
    if unexpected or any(name.startswith("head") for name in missing):
        raise ReaderError(f"The reader's weights '{path}' fit another model. Reinstall the program.")
    model.eval()
    return model


def weights_hash(path: Path) -> str:
    """The SHA-256 of a weights file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
