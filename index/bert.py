"""A BERT encoder for reading only: the packaged model's layers as plain matrix products.

Importing transformers and sentence_transformers takes several times as long as answering a question, so the packaged
model is run without them; tests hold it to their results (Devlin et al. 2019 for the model; pooling as in Reimers and
Gurevych 2019). Importing this takes torch's seconds, so it is imported where it is used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Encoding, Tokenizer
from torch import Tensor
from torch.nn import functional

PAD = 0
"""The id of the token that fills up a batch."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The weights of one layer, (out, in) matrices and their biases."""

    query: tuple[Tensor, Tensor]
    key: tuple[Tensor, Tensor]
    value: tuple[Tensor, Tensor]
    joined: tuple[Tensor, Tensor]
    after_attention: tuple[Tensor, Tensor]
    wide: tuple[Tensor, Tensor]
    narrow: tuple[Tensor, Tensor]
    after_layer: tuple[Tensor, Tensor]


class Bert:
    """Embeddings and layers of a BERT model, ready to read."""

    def __init__(self, weights: Mapping[str, Tensor], config: Mapping[str, Any]) -> None:
        """`weights` are named as transformers' BertModel names them."""
        self.words = weights["embeddings.word_embeddings.weight"]
        self._positions = weights["embeddings.position_embeddings.weight"]
        self._types = weights["embeddings.token_type_embeddings.weight"]
        self._first = (weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"])
        self._heads = int(config["num_attention_heads"])
        self._size = int(config["hidden_size"])
        self._epsilon = float(config["layer_norm_eps"])
        self._layers = [_layer(weights, n) for n in range(int(config["num_hidden_layers"]))]

    def hidden(self, words: Tensor, mask: Tensor, types: Tensor | None = None) -> Tensor:
        """(batch, tokens, size) vectors of the last layer.

        Args:
            words: (batch, tokens, size) vectors of the words.
            mask: (batch, tokens), 1 at tokens and 0 where the batch is filled up.
            types: (batch, tokens), which of two texts a token is of; without it all are of the first.
        """
        batch, count, _ = words.shape
        state = words + (self._types[types] if types is not None else self._types[0])
        state = self._normal(state + self._positions[:count], self._first)
        seen = None if bool(mask.all()) else mask.bool()[:, None, None, :].expand(batch, 1, count, count)
        for layer in self._layers:
            state = self._through(layer, state, seen)
        return state

    def _through(self, layer: Layer, state: Tensor, seen: Tensor | None) -> Tensor:
        batch, count, size = state.shape
        query, key, value = (
            functional.linear(state, *each).view(batch, count, self._heads, -1).transpose(1, 2)
            for each in (layer.query, layer.key, layer.value)
        )
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        attended = attended.transpose(1, 2).reshape(batch, count, size)
        state = self._normal(functional.linear(attended, *layer.joined) + state, layer.after_attention)
        wide = functional.gelu(functional.linear(state, *layer.wide))
        return self._normal(functional.linear(wide, *layer.narrow) + state, layer.after_layer)

    def _normal(self, state: Tensor, weights: tuple[Tensor, Tensor]) -> Tensor:
        return functional.layer_norm(state, (self._size,), *weights, self._epsilon)


def _layer(weights: Mapping[str, Tensor], n: int) -> Layer:
    def both(name: str) -> tuple[Tensor, Tensor]:
        return weights[f"encoder.layer.{n}.{name}.weight"], weights[f"encoder.layer.{n}.{name}.bias"]

    return Layer(
        query=both("attention.self.query"),
        key=both("attention.self.key"),
        value=both("attention.self.value"),
        joined=both("attention.output.dense"),
        after_attention=both("attention.output.LayerNorm"),
        wide=both("intermediate.dense"),
        narrow=both("output.dense"),
        after_layer=both("output.LayerNorm"),
    )


@lru_cache(maxsize=1)
def load_weights(folder: Path) -> dict[str, Tensor]:
    """The weights of a model's folder, by name; encoder and reader share those that both have."""
    weights: dict[str, Tensor] = load_file(str(folder / "model.safetensors"))
    return weights


def load_config(folder: Path) -> dict[str, Any]:
    """The sizes of the model in a folder."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return config


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model's folder; it neither cuts nor fills up."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def padded(encoded: Sequence[Encoding]) -> tuple[Tensor, Tensor]:
    """(texts, tokens) ids of a batch, and its mask."""
    longest = max(len(each.ids) for each in encoded)
    ids = torch.full((len(encoded), longest), PAD, dtype=torch.long)
    mask = torch.zeros((len(encoded), longest), dtype=torch.long)
    for row, each in enumerate(encoded):
        ids[row, : len(each.ids)] = torch.tensor(each.ids, dtype=torch.long)
        mask[row, : len(each.ids)] = 1
    return ids, mask
