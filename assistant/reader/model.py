"""The span reader's network: the packaged encoder's transformer with a span head.

A question and a paragraph go in as one sequence; for every token come out three logits: of beginning and of ending
the answer, and, of use at the first token only, of there being none (Devlin et al. 2019; Zhang et al. 2021 for the
verifier beside the span). What a token's word looks like, and whether the other text has it, is added to its
embedding (see `marks`). Only what training changed is stored, in half precision. The word embeddings stay those of
the package.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import AttentionInterface, AutoTokenizer, BertModel, PreTrainedTokenizerFast
from transformers.masking_utils import AttentionMaskInterface, eager_mask
from transformers.utils import logging

from assistant.errors import ReaderError
from assistant.reader.marks import MARKS
from assistant.reader.stored import stored_models, weights_hash
from index.encoder import packaged_model

WINDOW = 320
"""Tokens of question and paragraph together that are read at once."""


class SpanModel(nn.Module):
    """BERT layers and a linear head of three outputs a token."""

    def __init__(self, frozen: int = 0, attention: str = "sdpa") -> None:
        """`frozen` lower layers keep the package's weights, as the embeddings do; `attention` names the
        implementation (`training_attention` is faster backwards)."""
        super().__init__()
        logging.set_verbosity_error()  # the report names the pooler, which is not used
        logging.disable_progress_bar()
        self.bert = BertModel.from_pretrained(
            str(packaged_model()), add_pooling_layer=False, attn_implementation=attention
        )
        self.bert.embeddings.requires_grad_(False)
        for layer in self.bert.encoder.layer[:frozen]:
            layer.requires_grad_(False)
        self._kept = ("embeddings", *(f"encoder.layer.{i}." for i in range(frozen)))
        size = self.bert.config.hidden_size
        self.marks = nn.Embedding(MARKS, size)
        nn.init.zeros_(self.marks.weight)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(size, 3)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """(batch, tokens, 3) logits of beginning the answer, ending it, and (first token) of no answer.

        Args:
            inputs: the tokenizer's (batch, tokens) tensors, and `marks` of the same shape.
        """
        words = self.bert.embeddings.word_embeddings(inputs["input_ids"])
        hidden = self.bert(
            inputs_embeds=words + self.marks(inputs["marks"]),
            attention_mask=inputs["attention_mask"],
            token_type_ids=inputs["token_type_ids"],
        ).last_hidden_state
        logits: Tensor = self.head(self.dropout(hidden))
        return logits

    def changed(self) -> dict[str, Tensor]:
        """What training may change: the layers that are not frozen, the marks and the head."""
        return {
            name: value
            for name, value in self.state_dict().items()
            if not any(part in name for part in self._kept)
        }

    def undropped(self) -> None:
        """Train the layers without dropout: on a processor its random numbers cost a third of the time."""
        for module in self.bert.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0


def training_attention() -> str:
    """Register attention as plain matrix products in the working precision and return its name.

    On a processor the backward pass of torch's fused attention takes several times as long.
    """

    def attend(
        module: nn.Module,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attention_mask: Tensor | None,
        scaling: float | None = None,
        **_: Any,
    ) -> tuple[Tensor, None]:
        scores = torch.matmul(query * (scaling or query.shape[-1] ** -0.5), key.transpose(-1, -2))
        if attention_mask is not None:
            scores = scores + attention_mask.to(scores.dtype)
        with torch.autocast("cpu", enabled=False):  # the softmax in the working precision, too
            weights = torch.softmax(scores, dim=-1)
        return torch.matmul(weights, value).transpose(1, 2).contiguous(), None

    AttentionInterface.register("plain", attend)
    AttentionMaskInterface.register("plain", eager_mask)
    return "plain"


def load_tokenizer() -> PreTrainedTokenizerFast:
    """The packaged encoder's tokenizer."""
    tokenizer: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(str(packaged_model()))
    return tokenizer


def save_weights(model: SpanModel, path: Path) -> str:
    """Store the changed weights in half precision; returns the file's SHA-256."""
    save_file({name: value.half().contiguous() for name, value in model.changed().items()}, str(path))
    return weights_hash(path)


def load_models(path: Path, sha256: str | None = None) -> list[SpanModel]:
    """The packaged base with the stored weights in it, ready to read: a model for each that the file has.

    Raises:
        ReaderError: the file is missing, is not the one that `sha256` names, or fits another model.
    """
    models = []
    for weights in stored_models(path, sha256):
        model = SpanModel()
        missing, unexpected = model.load_state_dict(weights, strict=False)
        if unexpected or any(name.startswith("head") for name in missing):
            raise ReaderError(f"The reader's weights '{path}' fit another model. Reinstall the program.")
        models.append(model.eval())
    return models


def load_weights(path: Path) -> SpanModel:
    """The first model of a file, which is all that a run of training stores; see `load_models`."""
    return load_models(path)[0]
